//! What rayon is as an executor, and what else it accepts: tasks that capture.

use std::time::Duration;

use super::RayonExecutor;
use crate::base::{Counters, Future, Refused, SubmitError};
use crate::executor::{Executor, own_submits, takes_what_captures};
use crate::shutdown::{Shutdown, ShutdownOutcome};
use crate::task::{Payload, Task, TaskOnce, must_capture_nothing};

takes_what_captures!(
    RayonExecutor,
    RayonBuilder,
    /// let pool = executor::RayonExecutor::new(2)?;
    /// let halves = pool.submit(|| rayon::join(|| 1, || 2), ())?; // both on this executor's threads
    /// assert_eq!(*halves.result()?, (1, 2));
);

impl Executor for RayonExecutor {
    own_submits!();

    fn shutdown(&self, how: Shutdown) -> ShutdownOutcome {
        how.run(
            || self.close(how.cancel_pending),
            || self.shared.is_elsewhere() || self.runs_this_thread(),
            |deadline| self.shared.has_ended_by(deadline),
        )
    }

    fn counters(&self) -> Counters {
        Self::counters(self)
    }

    fn max_workers(&self) -> usize {
        Self::max_workers(self)
    }
}
