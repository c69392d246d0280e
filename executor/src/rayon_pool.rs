//! `RayonExecutor`: the same futures over a rayon pool.
//!
//! rayon runs what it is given in no promised order and can't take it back. So the tasks wait in a
//! queue of ours, and what rayon is given, once per task, is the errand to run the next of them.

use std::fmt;
use std::thread::JoinHandle;

use crate::base::admitted::{admit, give_back};
use crate::base::aftermath::Aftermath;
use crate::base::counters;
use crate::base::liveness;
use crate::base::queue::Queued;
use crate::base::queued_task::{Callable, QueuedTask};
use crate::base::room::{IfFull, NoPlace, Place};
use crate::base::{BuildError, Counters, Future, Refused, SubmitError};
use crate::executor::Executor;
use crate::shutdown::{Shutdown, ShutdownOutcome};
use crate::sync::{Arc, MutexGuard};

mod accepted;
mod builder;
mod errands;

pub use builder::RayonBuilder;
use errands::{Shared, Tasks};

/// An executor whose workers are the threads of a rayon pool of its own.
///
/// For programs that use rayon inside their tasks: a task's `par_iter` and `join` run on the same
/// threads. Tasks start in the order of submission, but for those that who waits for them runs itself
/// ([`WhenStarved`](crate::WhenStarved), [`scope`](Self::scope)). Dropping the executor is shutdown and wait.
///
/// While a task waits inside rayon, in `join` say, rayon may run another task of this executor on
/// the same thread, on top of the first. A task that holds a lock across such a call can so come to
/// wait for itself; let go of it before.
///
/// At the end of the process, and in copies of it that are forked, it fares as a
/// [`ThreadPoolExecutor`](crate::ThreadPoolExecutor#when-the-process-ends).
///
/// # Example
///
/// ```
/// # fn main() -> Result<(), executor::Error> {
/// let pool = executor::RayonExecutor::new(2)?;
/// let future = pool.submit(|n: u64| n * n, (12,))?;
/// assert_eq!(*future.result()?, 144);
/// # Ok(())
/// # }
/// ```
pub struct RayonExecutor {
    /// Taken out by `drop` alone.
    pool: Option<rayon::ThreadPool>,
    threads: Vec<JoinHandle<()>>,
    shared: Arc<Shared>,
    max_workers: usize,
}

impl RayonExecutor {
    /// A rayon pool of `max_workers` threads.
    ///
    /// # Errors
    ///
    /// As [`RayonBuilder::build`].
    ///
    /// # Example
    ///
    /// ```
    /// let pool = executor::RayonExecutor::new(2)?;
    /// assert_eq!(*pool.submit(|n: u32| n + 1, (41,))?.result()?, 42);
    /// # Ok::<(), executor::Error>(())
    /// ```
    pub fn new(max_workers: usize) -> Result<RayonExecutor, BuildError> {
        Self::builder().max_workers(max_workers).build()
    }

    /// A builder with the default options.
    ///
    /// ```
    /// let pool = executor::RayonExecutor::builder().max_workers(2).queue_limit(100).build()?;
    /// # drop(pool);
    /// # Ok::<(), executor::Error>(())
    /// ```
    pub fn builder() -> RayonBuilder {
        RayonBuilder::new()
    }

    /// How many threads there are.
    ///
    /// ```
    /// assert_eq!(executor::RayonExecutor::new(2)?.max_workers(), 2);
    /// # Ok::<(), executor::Error>(())
    /// ```
    pub fn max_workers(&self) -> usize {
        self.max_workers
    }

    /// How much there is to do, and what was done, at this moment.
    ///
    /// ```
    /// let pool = executor::RayonExecutor::new(2)?;
    /// pool.submit(|| 42, ())?.result()?;
    /// assert!(pool.counters().workers <= 2);
    /// # Ok::<(), executor::Error>(())
    /// ```
    pub fn counters(&self) -> Counters {
        if self.shared.is_elsewhere() {
            return Counters::default();
        }
        let (running, finished) = counters::sum(self.shared.tallies.iter().map(|tally| &**tally));
        Counters {
            queued: self.shared.tasks.lock().queued.len(),
            running,
            finished,
            workers: self.max_workers,
            replaced: 0,
        }
    }

    /// Submits what is to be called; gives it back if it is not accepted.
    fn spawn<C: Callable>(&self, call: C) -> Result<Future<C::Output>, Refused<C, ()>> {
        self.spawn_or(IfFull::Wait(None), call)
    }

    /// As [`spawn`](Self::spawn), with what to do if there is no room.
    fn spawn_or<C: Callable>(
        &self,
        if_full: IfFull,
        call: C,
    ) -> Result<Future<C::Output>, Refused<C, ()>> {
        if self.shared.is_elsewhere() {
            return Err(Refused::new(SubmitError::Forked, call, ()));
        }
        let Some(pool) = &self.pool else {
            return Err(Refused::new(SubmitError::ShutDown, call, ()));
        };
        let place = match self.take_place(if_full) {
            Ok(place) => place,
            Err(error) => return Err(Refused::new(error, call, ())),
        };
        let has_place = place.is_some();
        let (queued, future) = admit(self.shared.number, place, call);
        match self.push(pool, queued) {
            Ok(()) => Ok(future),
            Err(refused) => {
                drop(future);
                let call = give_back(has_place, refused);
                Err(Refused::new(SubmitError::ShutDown, call, ()))
            }
        }
    }

    /// Queues a task; gives it back if the executor was shut down.
    fn push(&self, pool: &rayon::ThreadPool, task: QueuedTask) -> Result<(), QueuedTask> {
        match self.shared.open_tasks() {
            Some(tasks) => {
                self.push_into(tasks, pool, task);
                Ok(())
            }
            None => Err(task),
        }
    }

    fn push_into(
        &self,
        mut tasks: MutexGuard<'_, Tasks>,
        pool: &rayon::ThreadPool,
        task: QueuedTask,
    ) {
        let ended = tasks.push(task);
        drop(tasks);
        let shared = Arc::clone(&self.shared);
        pool.spawn(move || shared.run_next());
        ended.into_iter().for_each(QueuedTask::let_go);
    }

    /// What its tasks' words say.
    pub(crate) fn number(&self) -> u32 {
        self.shared.number
    }

    /// Queues what is made with a place for it, if tasks need one; nothing is made if it is not accepted.
    ///
    /// It is made under the queue's lock, so `make` is no code of the user's and takes no lock of the pool's.
    pub(crate) fn accept(
        &self,
        make: impl FnOnce(Option<Place>) -> QueuedTask,
    ) -> Result<(), SubmitError> {
        if self.shared.is_elsewhere() {
            return Err(SubmitError::Forked);
        }
        let Some(pool) = &self.pool else {
            return Err(SubmitError::ShutDown);
        };
        let place = self.take_place(IfFull::Wait(None))?;
        let tasks = self.shared.open_tasks().ok_or(SubmitError::ShutDown)?;
        self.push_into(tasks, pool, make(place));
        Ok(())
    }

    /// A place for a task, if tasks need one.
    fn take_place(&self, if_full: IfFull) -> Result<Option<Place>, SubmitError> {
        let Some(room) = &self.shared.room else {
            return Ok(None);
        };
        let pool: Arc<dyn liveness::Pool> = self.shared.clone();
        let place = room.take(if_full, &pool);
        place.map(Some).map_err(|why| match why {
            NoPlace::Full => SubmitError::Full,
            NoPlace::Deadlock(deadlock) => SubmitError::Deadlock(deadlock),
            NoPlace::Closed => SubmitError::ShutDown,
        })
    }

    fn runs_this_thread(&self) -> bool {
        let pool = self.pool.as_ref();
        pool.is_some_and(|pool| pool.current_thread_index().is_some())
    }
}

impl RayonExecutor {
    /// Accepts nothing any more, and cancels what has not started if `cancel_pending`.
    fn close(&self, cancel_pending: bool) {
        if self.shared.is_elsewhere() {
            return;
        }
        let pending = self.shared.close(cancel_pending);
        if let Some(room) = &self.shared.room {
            room.close();
        }
        let mut aftermath = Aftermath::new();
        if let Some(pending) = pending {
            pending.end_each(|task| task.cancel_into(&mut aftermath));
        }
        aftermath.run();
    }
}

impl Drop for RayonExecutor {
    fn drop(&mut self) {
        if self.shared.is_elsewhere() {
            // Their ends would touch what the threads share, which is held for good if it was held
            // when the process was forked.
            std::mem::forget((self.pool.take(), std::mem::take(&mut self.threads)));
            return;
        }
        let outcome = self.shutdown(Shutdown::wait());
        drop(self.pool.take());
        // Otherwise this is one of the threads, or one of them waits for the task that this is in.
        if outcome == ShutdownOutcome::Complete {
            for thread in self.threads.drain(..) {
                // rayon's threads pass no panic on: our errands catch what tasks throw.
                drop(thread.join());
            }
        }
    }
}

impl fmt::Debug for RayonExecutor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RayonExecutor")
            .field("max_workers", &self.max_workers)
            .finish_non_exhaustive()
    }
}
