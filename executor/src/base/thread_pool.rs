//! `ThreadPoolExecutor`: worker threads over one queue.

use std::fmt;

use super::admitted::{admit, give_back};
use super::aftermath::Aftermath;
use super::counters::Counters;
use super::deadlock::Deadlock;
use super::error::{BuildError, SubmitError};
use super::future::Future;
use super::queued_task::{Callable, QueuedTask};
use super::refused::Refused;
use super::room::{IfFull, Place};
use crate::sync::{self, Arc, Deadline, bug};

mod builder;
mod workers;

pub use builder::ThreadPoolBuilder;
use workers::Shared;

/// An executor whose workers are threads of this process.
///
/// A thread is started when a task is submitted and no other is free, up to `max_workers`; if the
/// system refuses one, those that there are do the work. Tasks start in the order of submission, but for
/// those that who waits for them runs itself ([`WhenStarved`](crate::WhenStarved), [`scope`](Self::scope)). A
/// task that panics fails its future and nothing else.
///
/// Dropping the executor is [`shutdown`](crate::Executor::shutdown) and wait, as the end of
/// Python's `with` block. A shutdown or drop from one of the pool's own tasks or callbacks does
/// not wait, for it would wait for itself.
///
/// # When the process ends
///
/// When `main` returns, or `exit` is called, nothing waits for a pool that is still there, because it
/// is in a static, was leaked, or is in the scope of a caller: tasks that run are cut off wherever they
/// are, and what is queued never runs. (Python waits for both.) Shut it down, or drop it, before.
///
/// # Forked copies
///
/// A copy of the process has none of the threads. There [`submit`](Self::submit) is an error
/// ([`SubmitError::Forked`]), and shutdown and drop do nothing, at once. A future that had not ended
/// when the process was forked never ends in the copy; a copy that was forked by a task is told so
/// ([`TaskError::Deadlock`](crate::TaskError::Deadlock)) where it waits for one that is pending in the same pool.
///
/// # Example
///
/// ```
/// # fn main() -> Result<(), executor::Error> {
/// let words = vec!["one", "two"];
/// let pool = executor::ThreadPoolExecutor::new(2)?;
/// let future = pool.submit(move || words.len(), ())?;
/// assert_eq!(*future.result()?, 2);
/// # Ok(())
/// # }
/// ```
#[doc(alias = "thread pool")]
pub struct ThreadPoolExecutor {
    shared: Arc<Shared>,
}

impl ThreadPoolExecutor {
    /// A pool of at most `max_workers` threads, the rest as the builder has it.
    ///
    /// # Errors
    ///
    /// [`BuildError::NoWorkers`] if `max_workers` is zero.
    ///
    /// # Example
    ///
    /// ```
    /// assert_eq!(executor::ThreadPoolExecutor::new(3)?.max_workers(), 3);
    /// assert!(executor::ThreadPoolExecutor::new(0).is_err());
    /// # Ok::<(), executor::Error>(())
    /// ```
    pub fn new(max_workers: usize) -> Result<ThreadPoolExecutor, BuildError> {
        Self::builder().max_workers(max_workers).build()
    }

    /// A builder with the default options.
    ///
    /// ```
    /// let pool = executor::ThreadPoolExecutor::builder().max_workers(2).queue_limit(100).build()?;
    /// # drop(pool);
    /// # Ok::<(), executor::Error>(())
    /// ```
    pub fn builder() -> ThreadPoolBuilder {
        ThreadPoolBuilder::new()
    }

    /// How many threads there are at most, but for spare ones for tasks that are stacked too deep; see
    /// [`WhenStarved`](crate::WhenStarved).
    ///
    /// ```
    /// assert_eq!(executor::ThreadPoolExecutor::new(2)?.max_workers(), 2);
    /// # Ok::<(), executor::Error>(())
    /// ```
    pub fn max_workers(&self) -> usize {
        self.shared.max_workers
    }

    /// How much there is to do, and what was done, at this moment.
    ///
    /// ```
    /// let pool = executor::ThreadPoolExecutor::new(2)?;
    /// pool.submit(|| 42, ())?.result()?;
    /// assert!(pool.counters().workers <= 2);
    /// # Ok::<(), executor::Error>(())
    /// ```
    pub fn counters(&self) -> Counters {
        if self.shared.is_elsewhere() {
            return Counters::default();
        }
        let (queued, workers, replaced) = self.shared.queue.counts();
        let (running, finished) = self.shared.tallies.sum();
        Counters {
            queued,
            running,
            finished,
            workers,
            replaced,
        }
    }

    /// Submits what is to be called, whatever it captures; gives it back if it is not accepted.
    pub(crate) fn spawn<C: Callable>(&self, call: C) -> Result<Future<C::Output>, Refused<C, ()>> {
        self.spawn_or(IfFull::Wait(None), call)
    }

    /// As [`spawn`](Self::spawn), with what to do if there is no room.
    pub(crate) fn spawn_or<C: Callable>(
        &self,
        if_full: IfFull,
        call: C,
    ) -> Result<Future<C::Output>, Refused<C, ()>> {
        if self.shared.is_elsewhere() {
            return Err(Refused::new(SubmitError::Forked, call, ()));
        }
        let place = match self.shared.take_place(if_full) {
            Ok(place) => place,
            Err(error) => return Err(Refused::new(error, call, ())),
        };
        let has_place = place.is_some();
        let (task, future) = admit(self.shared.number, place, call);
        match self.shared.queue.push(task) {
            Ok(start) => {
                self.shared.follow(start);
                Ok(future)
            }
            Err(refused) => {
                drop(future);
                let call = give_back(has_place, refused);
                Err(Refused::new(self.shared.refusal(), call, ()))
            }
        }
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
        let place = self.shared.take_place(IfFull::Wait(None))?;
        let start = self.shared.queue.push_made(|| make(place));
        let start = start.ok_or_else(|| self.shared.refusal())?;
        self.shared.follow(start);
        Ok(())
    }

    /// Accepts nothing any more, and cancels what has not started if `cancel_pending`.
    pub(crate) fn close(&self, cancel_pending: bool) {
        if self.shared.is_elsewhere() {
            return;
        }
        let queue = &self.shared.queue;
        let mut aftermath = Aftermath::new();
        if cancel_pending {
            let pending = queue.close_and_drain();
            pending.end_each(|task| task.cancel_into(&mut aftermath));
        } else {
            queue.close();
        }
        self.shared.close_room();
        aftermath.run();
    }

    /// Waits until the workers of a closed pool have left; false if the deadline passed first. Joins
    /// their threads if there is none: their thread-local destructors may take any time.
    ///
    /// # Errors
    ///
    /// It would wait for ever; then it does not.
    pub(crate) fn has_ended_by(&self, deadline: Option<Deadline>) -> Result<bool, Arc<Deadlock>> {
        if bug!(AnEmptyQueueWillDo) && self.shared.queue.counts().0 == 0 {
            return Ok(true);
        }
        let has_ended = self.shared.queue.has_been_left_by(&self.shared, deadline)?;
        if has_ended && deadline.is_none() {
            self.shared.join();
        }
        Ok(has_ended)
    }

    /// Whether this thread must not wait for the pool's: it is one of them, or they are in the process
    /// that this one was forked from.
    pub(crate) fn must_not_wait(&self) -> bool {
        self.shared.is_elsewhere() || self.shared.runs_this_thread()
    }

    /// Closes the pool; waits for its end, unless that would be a wait for itself.
    pub(crate) fn shut_down(&self, wait: bool, cancel_pending: bool) {
        self.close(cancel_pending);
        if wait && !self.must_not_wait() {
            // One whose end could never come is left to itself.
            let _ = self.has_ended_by(None);
        }
    }
}

impl Drop for ThreadPoolExecutor {
    fn drop(&mut self) {
        if !sync::abandon() {
            self.shut_down(true, false);
        }
    }
}

impl fmt::Debug for ThreadPoolExecutor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ThreadPoolExecutor")
            .field("name", &self.shared.name_prefix)
            .field("max_workers", &self.shared.max_workers)
            .finish_non_exhaustive()
    }
}
