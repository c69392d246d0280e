//! What rayon is as an executor, and what else it accepts: tasks that capture.

use std::time::Duration;

use super::RayonExecutor;
use crate::base::room::IfFull;
use crate::base::{Counters, Future, Refused, SubmitError};
use crate::executor::Executor;
use crate::map::{Map, Single, map_what_captures};
use crate::shutdown::{Shutdown, ShutdownOutcome};
use crate::task::{Payload, Submission, Task, TaskOnce, must_capture_nothing};

impl RayonExecutor {
    /// Submits a task, also one that captures, with arguments and results that need not be
    /// serialisable.
    ///
    /// If the executor was built with a [`queue_limit`](crate::RayonBuilder::queue_limit) and so many
    /// tasks wait for a worker, this waits until one of them has begun or was cancelled.
    ///
    /// # Errors
    ///
    /// [`Refused`] if the executor was shut down, or if the room it waits for could never come
    /// ([`SubmitError::Deadlock`]): the task never runs, and is given back with its arguments.
    ///
    /// # Example
    ///
    /// ```
    /// let pool = executor::RayonExecutor::new(2)?;
    /// let halves = pool.submit(|| rayon::join(|| 1, || 2), ())?; // both on this executor's threads
    /// assert_eq!(*halves.result()?, (1, 2));
    /// # Ok::<(), executor::Error>(())
    /// ```
    pub fn submit<F, Args>(
        &self,
        task: F,
        args: Args,
    ) -> Result<Future<F::Output>, Refused<F, Args>>
    where
        F: TaskOnce<Args> + Send + 'static,
        Args: Send + 'static,
        F::Output: Send + 'static,
    {
        self.spawn_or(IfFull::Wait(None), Submission::new(task, args))
            .map_err(Submission::refused)
    }

    /// As [`submit`](Self::submit), but does not wait for room in a queue that is limited.
    ///
    /// # Errors
    ///
    /// As [`submit`](Self::submit), and [`SubmitError::Full`] if as many tasks wait as
    /// [`queue_limit`](crate::RayonBuilder::queue_limit) lets.
    ///
    /// # Example
    ///
    /// ```
    /// use executor::{RayonExecutor, SubmitError};
    ///
    /// let pool = RayonExecutor::builder().max_workers(1).queue_limit(1).build()?;
    /// let refused = (0..).find_map(|_| {
    ///     pool.try_submit(|| std::thread::sleep(std::time::Duration::from_millis(10)), ()).err()
    /// });
    /// assert!(matches!(refused.expect("it is full").error(), SubmitError::Full));
    /// # Ok::<(), executor::Error>(())
    /// ```
    pub fn try_submit<F, Args>(
        &self,
        task: F,
        args: Args,
    ) -> Result<Future<F::Output>, Refused<F, Args>>
    where
        F: TaskOnce<Args> + Send + 'static,
        Args: Send + 'static,
        F::Output: Send + 'static,
    {
        self.spawn_or(IfFull::Refuse, Submission::new(task, args))
            .map_err(Submission::refused)
    }

    /// As [`submit`](Self::submit), but waits for room in a queue that is limited for at most `timeout`.
    ///
    /// # Errors
    ///
    /// As [`try_submit`](Self::try_submit), when the time is over.
    ///
    /// # Example
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// let pool = executor::RayonExecutor::builder().max_workers(1).queue_limit(1).build()?;
    /// let futures = [1, 2, 3].map(|n: u32| pool.submit_timeout(move || n * n, (), Duration::from_secs(9)));
    /// for future in futures {
    ///     println!("{}", future?.result()?);
    /// }
    /// # Ok::<(), executor::Error>(())
    /// ```
    pub fn submit_timeout<F, Args>(
        &self,
        task: F,
        args: Args,
        timeout: Duration,
    ) -> Result<Future<F::Output>, Refused<F, Args>>
    where
        F: TaskOnce<Args> + Send + 'static,
        Args: Send + 'static,
        F::Output: Send + 'static,
    {
        self.spawn_or(IfFull::wait_for(timeout), Submission::new(task, args))
            .map_err(Submission::refused)
    }
}

map_what_captures!(RayonExecutor);

impl Executor for RayonExecutor {
    fn submit<F, Args>(&self, task: F, args: Args) -> Result<Future<F::Output>, Refused<F, Args>>
    where
        F: Task<Args>,
        Args: Payload,
        F::Output: Payload,
    {
        must_capture_nothing!(F);
        Self::submit(self, task, args)
    }

    fn try_submit<F, Args>(
        &self,
        task: F,
        args: Args,
    ) -> Result<Future<F::Output>, Refused<F, Args>>
    where
        F: Task<Args>,
        Args: Payload,
        F::Output: Payload,
    {
        must_capture_nothing!(F);
        Self::try_submit(self, task, args)
    }

    fn submit_timeout<F, Args>(
        &self,
        task: F,
        args: Args,
        timeout: Duration,
    ) -> Result<Future<F::Output>, Refused<F, Args>>
    where
        F: Task<Args>,
        Args: Payload,
        F::Output: Payload,
    {
        must_capture_nothing!(F);
        Self::submit_timeout(self, task, args, timeout)
    }

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
