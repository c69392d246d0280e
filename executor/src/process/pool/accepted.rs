//! What worker processes are as an executor, and a task's way in.

use std::thread;
use std::time::Duration;

use super::ProcessPoolExecutor;
use crate::base::room::IfFull;
use crate::base::{Counters, Future, Refused, SubmitError};
use crate::executor::{Executor, own_submits};
use crate::map::Map;
use crate::process::invocation;
use crate::process::kept::KeptByPool;
use crate::process::place::Place;
use crate::process::remote::{Remote, RemoteTask};
use crate::process::roster::Queued;
use crate::process::wire::{Kind, Parcel};
use crate::shutdown::{Shutdown, ShutdownOutcome};
use crate::sync::Arc;
use crate::task::{Payload, Task, must_capture_nothing};
use crate::trace::TaskSpan;

impl ProcessPoolExecutor {
    /// Submits a task.
    ///
    /// The arguments are encoded in this call. If that fails the future is finished with
    /// [`TaskError::Encode`](crate::TaskError::Encode), and the pool goes on. If the pool was built with a
    /// [`queue_limit`](crate::ProcessPoolBuilder::queue_limit) and so many tasks wait for a worker, this waits
    /// until one of them has begun or was cancelled.
    ///
    /// # Errors
    ///
    /// [`Refused`] if the pool was shut down, is broken, or was built before this process was forked from
    /// another, or if the task's code is not part of the main executable: the task never runs, and is given back
    /// with its arguments, of which nothing has been encoded. So it is, with
    /// [`SubmitError::Full`], if there is no room in a queue with a limit and the
    /// caller may not wait: while the arguments of another task of this pool are encoded, or on the thread that
    /// starts the pool's workers.
    ///
    /// # Example
    ///
    /// ```
    /// let pool = executor::ProcessPoolExecutor::new(1)?;
    /// let pid = pool.submit(std::process::id, ())?;
    /// assert_ne!(*pid.result()?, std::process::id());
    /// # Ok::<(), executor::Error>(())
    /// ```
    pub fn submit<F, Args>(
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
        self.submit_or(IfFull::Wait(None), task, args)
    }

    /// As [`submit`](Self::submit), but does not wait for room in a queue that is limited.
    ///
    /// # Errors
    ///
    /// As [`submit`](Self::submit), and [`SubmitError::Full`] if as many tasks wait as
    /// [`queue_limit`](crate::ProcessPoolBuilder::queue_limit) lets.
    ///
    /// # Example
    ///
    /// ```
    /// use executor::{ProcessPoolExecutor, SubmitError};
    ///
    /// let pool = ProcessPoolExecutor::builder().max_workers(1).queue_limit(1).build()?;
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
        F: Task<Args>,
        Args: Payload,
        F::Output: Payload,
    {
        must_capture_nothing!(F);
        self.submit_or(IfFull::Refuse, task, args)
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
    /// let pool = executor::ProcessPoolExecutor::builder().max_workers(1).queue_limit(1).build()?;
    /// let futures = [1, 2, 3].map(|n: u32| pool.submit_timeout(|n: u32| n * n, (n,), Duration::from_secs(9)));
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
        F: Task<Args>,
        Args: Payload,
        F::Output: Payload,
    {
        must_capture_nothing!(F);
        self.submit_or(IfFull::wait_for(timeout), task, args)
    }

    /// As [`Executor::map`], which need not be in scope for it.
    ///
    /// # Errors
    ///
    /// As [`Executor::map`].
    ///
    /// # Panics
    ///
    /// As [`Executor::map`].
    ///
    /// # Example
    ///
    /// ```
    /// let pool = executor::ProcessPoolExecutor::new(2)?;
    /// let squares = pool.map(|n: u64| n * n, 1..=3)?;
    /// assert_eq!(squares.collect::<Result<Vec<u64>, _>>()?, [1, 4, 9]);
    /// # Ok::<(), executor::Error>(())
    /// ```
    pub fn map<F, Item, Items>(&self, task: F, items: Items) -> Result<Map<F::Output>, SubmitError>
    where
        F: Task<(Item,)>,
        Item: Payload,
        Items: IntoIterator<Item = Item>,
        F::Output: Payload,
    {
        Executor::map(self, task, items)
    }

    /// As [`Executor::starmap`], which need not be in scope for it.
    ///
    /// # Errors
    ///
    /// As [`Executor::map`].
    ///
    /// # Panics
    ///
    /// As [`Executor::map`].
    ///
    /// # Example
    ///
    /// ```
    /// let pool = executor::ProcessPoolExecutor::new(2)?;
    /// let factor = 3; // an argument, since a task for another process captures nothing
    /// let products = pool.starmap(|n: u64, factor: u64| n * factor, (1..=3).map(|n| (n, factor)))?;
    /// assert_eq!(products.collect::<Result<Vec<u64>, _>>()?, [3, 6, 9]);
    /// # Ok::<(), executor::Error>(())
    /// ```
    pub fn starmap<F, Args, Items>(
        &self,
        task: F,
        items: Items,
    ) -> Result<Map<F::Output>, SubmitError>
    where
        F: Task<Args>,
        Args: Payload,
        Items: IntoIterator<Item = Args>,
        F::Output: Payload,
    {
        Executor::starmap(self, task, items)
    }

    fn submit_or<F, Args>(
        &self,
        if_full: IfFull,
        task: F,
        mut args: Args,
    ) -> Result<Future<F::Output>, Refused<F, Args>>
    where
        F: Task<Args>,
        Args: Payload,
        F::Output: Payload,
    {
        let Some(name) = invocation::name::<F, Args>() else {
            let error = SubmitError::NotInExecutable(std::any::type_name::<F>());
            return Err(Refused::new(error, task, args));
        };
        if self.shared.is_elsewhere() {
            return Err(Refused::new(SubmitError::Forked, task, args));
        }
        // The supervisor makes room, and so does not wait for any.
        let if_full = match thread::current().id() {
            me if me == self.thread_ids[1] => IfFull::Refuse,
            _ => if_full,
        };
        let (place, callback_thread) = match Place::keep(&self.shared, if_full) {
            Ok(kept) => kept,
            Err(error) => return Err(Refused::new(error, task, args)),
        };
        // The type of the task says it all; a worker makes a value of it anew.
        let draft = invocation::draft::<F, Args>(name, &mut args, self.shared.options.frame_limit);
        let id = self.shared.next_id();
        let keeper = KeptByPool::new(&self.shared, id);
        let span = TaskSpan::new::<F>();
        span.submitted();
        let (task, future) = RemoteTask::new(callback_thread, keeper, span);
        let task = Box::new(task);
        match draft {
            Err(error) => {
                task.finish(Err(error));
                self.shared.state.lock().finished += 1;
            }
            Ok(draft) => {
                let parcel = Parcel::new(Kind::Task, id, draft, || self.shared.lender.lend());
                let parcel = Arc::new(parcel);
                place.fill(Queued { id, parcel, task });
            }
        }
        Ok(future)
    }
}

impl Executor for ProcessPoolExecutor {
    own_submits!();

    fn shutdown(&self, how: Shutdown) -> ShutdownOutcome {
        how.run(
            || self.shared.close(how.cancel_pending),
            || self.shared.is_elsewhere() || self.runs_this_thread(),
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
