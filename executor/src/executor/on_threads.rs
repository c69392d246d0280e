//! What threads are as an executor, and what else they accept: tasks that capture.

use std::time::Duration;

use super::{Executor, own_submits, takes_what_captures};
use crate::base::{Counters, Future, Refused, SubmitError, ThreadPoolExecutor};
use crate::shutdown::{Shutdown, ShutdownOutcome};
use crate::task::{Payload, Task, TaskOnce, must_capture_nothing};

takes_what_captures!(
    ThreadPoolExecutor,
    ThreadPoolBuilder,
    /// let pool = executor::ThreadPoolExecutor::new(2)?;
    /// let words = std::sync::Arc::new(vec!["one", "two"]);
    /// let captured = words.clone();
    /// let longest = pool.submit(move || captured.iter().map(|word| word.len()).max(), ())?;
    /// assert_eq!(*longest.result()?, Some(3));
);

impl Executor for ThreadPoolExecutor {
    own_submits!();

    fn shutdown(&self, how: Shutdown) -> ShutdownOutcome {
        how.run(
            || self.close(how.cancel_pending),
            || self.must_not_wait(),
            |deadline| self.has_ended_by(deadline),
        )
    }

    fn counters(&self) -> Counters {
        Self::counters(self)
    }

    fn max_workers(&self) -> usize {
        Self::max_workers(self)
    }
}
