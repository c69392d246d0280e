//! The reading end: a task's result, now or later.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::task::Waker;
use std::time::Duration;

use super::aftermath::Aftermath;
use super::cell::Handle;
use super::deadlock::Deadlock;
use super::error::{TaskError, TimedOut};
use super::liveness::{self, Wait};
use super::observers::Callback;
use super::source::Source;
use super::state::State;
use super::waiter::Waiter;
use crate::sync::{Arc, Deadline};

/// A task's result, now or later.
///
/// A future is a shared handle: clones lead to the same task, and two futures are equal if they
/// do, whatever the values. Dropping one neither cancels the task nor waits for it.
///
/// Cloning asks for `T: Sync`, because it lets several threads read the value together. A future
/// that is never cloned only needs `T: Send`.
///
/// A future does not travel to another process. So a task that may run in one gets none as an
/// argument, and tasks there can't wait for each other in a circle:
///
/// ```compile_fail,E0277
/// use executor::{Executor, Future, ThreadPoolExecutor};
///
/// let pool = ThreadPoolExecutor::new(2).unwrap();
/// let six: Future<u32> = pool.submit(|| 6, ()).unwrap();
/// Executor::submit(&pool, |six: Future<u32>| *six.result().unwrap(), (six,)).unwrap();
/// ```
///
/// # Memory ordering
///
/// What the task did happens before any call here that finds it finished returns.
///
/// # Example
///
/// ```
/// # fn main() -> Result<(), executor::Error> {
/// let pool = executor::ThreadPoolExecutor::new(2)?;
/// let future = pool.submit(|a: i32, b: i32| a * b, (6, 7))?;
/// assert_eq!(*future.result()?, 42);
/// assert!(future.done() && !future.running() && !future.cancelled());
/// assert_eq!(future.state(), executor::State::Finished);
/// # Ok(())
/// # }
/// ```
pub struct Future<T> {
    pub(super) handle: Handle<T>,
}

impl<T> Future<T> {
    pub(crate) fn from_handle(handle: Handle<T>) -> Future<T> {
        Future { handle }
    }

    /// Where the task stands.
    ///
    /// ```
    /// let (_promise, future) = executor::promise::<i32>();
    /// assert_eq!(future.state(), executor::State::Pending);
    /// ```
    pub fn state(&self) -> State {
        self.handle.state()
    }

    /// Whether the task has finished or was cancelled.
    ///
    /// ```
    /// let (promise, future) = executor::promise();
    /// assert!(!future.done());
    /// promise.finish(Ok(42));
    /// assert!(future.done());
    /// ```
    pub fn done(&self) -> bool {
        self.handle.done()
    }

    /// Whether the task was claimed for a worker and has not finished yet.
    ///
    /// A running task can't be cancelled. It is one that a worker has begun, also in a process pool (in
    /// Python's, what waits in front of the workers is running, too).
    ///
    /// ```
    /// let (mut promise, future) = executor::promise::<i32>();
    /// promise.claim(); // as a worker does that begins with the task
    /// assert!(future.running() && !future.cancel());
    /// ```
    pub fn running(&self) -> bool {
        self.state() == State::Running
    }

    /// Whether the task was cancelled.
    ///
    /// ```
    /// let (_promise, future) = executor::promise::<i32>();
    /// future.cancel();
    /// assert!(future.cancelled());
    /// ```
    pub fn cancelled(&self) -> bool {
        self.state() == State::Cancelled
    }

    /// Cancels the task if no worker has claimed it yet; true if it is cancelled now.
    ///
    /// A cancelled task never runs, and what it held is dropped before the call that cancels it returns.
    /// Everybody who waits for it is told by this very call (in Python, those who wait with `wait` or
    /// `as_completed` learn of it when a worker comes across the task, which may be never), and its
    /// callbacks run as [`add_done_callback`](Future::add_done_callback) says. Cancelling again gives
    /// true again.
    ///
    /// ```
    /// let (promise, future) = executor::promise::<i32>();
    /// assert!(future.cancel() && future.cancelled());
    /// assert!(!promise.finish(Ok(42))); // too late
    /// assert!(future.result().is_err());
    /// ```
    pub fn cancel(&self) -> bool {
        self.handle.cancel()
    }

    /// Waits for the task and lends its value.
    ///
    /// Any number of times, from any thread.
    ///
    /// # Errors
    ///
    /// What kept the task from leaving a value; see [`TaskError`]. From within a task or a callback it is
    /// [`TaskError::Deadlock`], at once, if this wait could never end.
    ///
    /// # Example
    ///
    /// ```
    /// let pool = executor::ThreadPoolExecutor::new(1)?;
    /// let future = pool.submit(|| "forty-two".to_owned(), ())?;
    /// assert_eq!(future.result()?, "forty-two");
    /// # Ok::<(), executor::Error>(())
    /// ```
    pub fn result(&self) -> Result<&T, TaskError> {
        self.block_until(None).map_err(TaskError::Deadlock)?;
        self.outcome()
    }

    /// Waits for the task for at most `timeout`, and lends its value.
    ///
    /// A zero timeout looks and does not wait. Inside a task, whose pool may have no other worker for what is
    /// waited for, the thread does not run that itself, as [`result`](Future::result) does: it could not
    /// stop when the time is over.
    ///
    /// # Errors
    ///
    /// Outside, [`TimedOut`]: the task goes on and can be waited for again. Inside, what kept the
    /// task from leaving a value. (In Python both can be a `TimeoutError`, and nobody can tell which.)
    ///
    /// # Example
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// # fn main() -> Result<(), executor::Error> {
    /// let (promise, future) = executor::promise::<i32>();
    /// assert!(future.result_timeout(Duration::ZERO).is_err());
    /// promise.finish(Ok(42));
    /// assert_eq!(*future.result_timeout(Duration::ZERO)??, 42);
    /// # Ok(())
    /// # }
    /// ```
    pub fn result_timeout(&self, timeout: Duration) -> Result<Result<&T, TaskError>, TimedOut> {
        match self.block_until(Deadline::after(timeout)) {
            Ok(true) => Ok(self.outcome()),
            Ok(false) => Err(TimedOut {
                unfinished: 1,
                total: 1,
            }),
            Err(deadlock) => Ok(Err(TaskError::Deadlock(deadlock))),
        }
    }

    /// Waits for the task and gives its value.
    ///
    /// Moves the value out if this is the last future of the task, and clones it otherwise. While
    /// callbacks of the task run they hold one too.
    ///
    /// # Errors
    ///
    /// What kept the task from leaving a value; see [`TaskError`].
    ///
    /// # Example
    ///
    /// ```
    /// let pool = executor::ThreadPoolExecutor::new(1)?;
    /// let words: Vec<&str> = pool.submit(|| vec!["forty", "two"], ())?.into_result()?;
    /// assert_eq!(words.concat(), "fortytwo");
    /// # Ok::<(), executor::Error>(())
    /// ```
    pub fn into_result(self) -> Result<T, TaskError>
    where
        T: Clone,
    {
        self.try_into_result()
            .unwrap_or_else(|shared| shared.result().cloned())
    }

    /// Waits for the task and moves its value out, if this is the last future of the task.
    ///
    /// For values that can't be cloned. While callbacks of the task run they hold a future too.
    ///
    /// # Errors
    ///
    /// Outside, the future itself, if there are others. Inside, what kept the task from leaving a
    /// value.
    ///
    /// # Example
    ///
    /// ```
    /// let pool = executor::ThreadPoolExecutor::new(1)?;
    /// let future = pool.submit(|| std::sync::Mutex::new(42), ())?; // which can't be cloned
    /// let value = future.try_into_result().expect("there is no other future of it")?;
    /// assert_eq!(value.into_inner().unwrap(), 42);
    /// # Ok::<(), executor::Error>(())
    /// ```
    pub fn try_into_result(self) -> Result<Result<T, TaskError>, Future<T>> {
        if let Err(deadlock) = self.block_until(None) {
            return Ok(Err(TaskError::Deadlock(deadlock)));
        }
        self.handle.try_take().map_err(|handle| Future { handle })
    }

    /// Waits for the task and gives its error, if it left one.
    ///
    /// A cancelled task's error is [`TaskError::Cancelled`] (which Python's `exception` raises): whatever kept
    /// the task from leaving a value is found in the same place.
    ///
    /// ```
    /// let pool = executor::ThreadPoolExecutor::new(1)?;
    /// assert!(pool.submit(|| 42, ())?.error().is_none());
    /// let error = pool.submit(|| panic!("no answer"), ())?.error().expect("it panicked");
    /// assert!(error.to_string().starts_with("the task panicked: no answer"));
    /// # Ok::<(), executor::Error>(())
    /// ```
    pub fn error(&self) -> Option<TaskError> {
        self.result().err()
    }

    /// Has `callback` called with this future when the task has ended.
    ///
    /// Once, after the waiters were told, in the order of adding, with no lock held; at once, in
    /// this very call, if the task has ended. A callback that panics is reported by the program's
    /// [panic hook](std::panic::set_hook), as any panic is, and the rest still run.
    ///
    /// On threads and rayon it runs on the thread that finishes or cancels the task; on processes,
    /// on a thread of the pool that does nothing else.
    ///
    /// ```
    /// let (promise, future) = executor::promise();
    /// future.add_done_callback(|future| assert_eq!(*future.result().unwrap(), 42));
    /// promise.finish(Ok(42));
    /// ```
    pub fn add_done_callback(&self, callback: impl FnOnce(&Future<T>) + Send + 'static)
    where
        T: Send + Sync,
    {
        let mut aftermath = Aftermath::new();
        let callback = Callback::new(None, |future, _| callback(future));
        self.when_ended(callback, &mut aftermath);
        aftermath.run();
    }

    /// As `add_done_callback`, for a callback of this crate's, which brings more about. What it brings
    /// about at once is put on this list.
    pub(super) fn when_ended(&self, callback: Callback<T>, aftermath: &mut Aftermath)
    where
        T: Send + Sync,
    {
        if let Err(callback) = self.handle.register_callback(callback) {
            callback.call(self, aftermath);
        }
    }

    /// As `cancel`, for a caller that runs the callbacks when their turn comes.
    pub(super) fn cancel_into(&self, aftermath: &mut Aftermath) -> bool {
        self.handle.cancel_into(aftermath)
    }

    /// This future as another one depends on it.
    pub(super) fn source(&self) -> Source {
        Source::of(&self.handle.watched())
    }

    /// Has `waker` woken at the end, in the place of the one that this number stands for; false if
    /// the task has ended.
    pub(super) fn register_waker(&self, number: &mut Option<u64>, waker: &Waker) -> bool {
        // Cloned under no lock: the code is the user's.
        !self.done() && self.handle.register_waker(number, waker.clone())
    }

    /// Takes a waker off the list, if it is still on it.
    pub(super) fn unregister_waker(&self, number: u64) {
        self.handle.unregister_waker(number);
    }

    /// The outcome of a future that has ended.
    pub(super) fn outcome(&self) -> Result<&T, TaskError> {
        self.handle
            .outcome()
            .expect("the outcome is asked for when the wait has ended")
    }

    /// Waits until the task has ended; false if the deadline passed first.
    ///
    /// # Errors
    ///
    /// It would wait for ever.
    pub(super) fn block_until(&self, deadline: Option<Deadline>) -> Result<bool, Arc<Deadlock>> {
        if self.done() {
            return Ok(true);
        }
        if deadline.is_none() && liveness::run_if_starved(|| self.handle.watched()) && self.done() {
            return Ok(true);
        }
        let in_time = deadline.is_none_or(|deadline| !deadline.has_passed());
        if in_time && self.handle.watch(deadline) {
            return Ok(true);
        }
        let waiter = Arc::new(Waiter::new());
        if !self.handle.register_waiter(&waiter, 0) {
            return Ok(true);
        }
        let wait = || Wait::All(vec![self.handle.watched()]);
        let outcome = liveness::next(&waiter, deadline, wait);
        if let Ok(Some(_)) = outcome {
            return Ok(true);
        }
        self.handle.unregister_waiter(&waiter);
        match outcome {
            Err(deadlock) if !self.done() => Err(deadlock),
            _ => Ok(self.done()),
        }
    }
}

impl<T: Sync> Clone for Future<T> {
    fn clone(&self) -> Self {
        Future {
            handle: self.handle.clone(),
        }
    }
}

impl<T> PartialEq for Future<T> {
    fn eq(&self, other: &Self) -> bool {
        self.handle.address() == other.handle.address()
    }
}

impl<T> Eq for Future<T> {}

impl<T> Hash for Future<T> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.handle.address().hash(state);
    }
}

/// Shows the state, and what a finished task left: `<Future at 0x… state=finished returned i32>`.
impl<T> fmt::Debug for Future<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let outcome = self.handle.outcome();
        // Asked for after the outcome: a state that is final with no outcome shown is at worst late.
        let state = self.state();
        write!(f, "<Future at {:p} state={state}", self.handle.address())?;
        match outcome {
            Some(Ok(_)) => write!(f, " returned {}>", std::any::type_name::<T>()),
            Some(Err(error)) if state == State::Finished => write!(f, " raised {error}>"),
            _ => f.write_str(">"),
        }
    }
}
