//! `ScopedFuture`: the future of a task that borrows.

use std::fmt;
use std::marker::PhantomData;
use std::sync::OnceLock;
use std::time::Duration;

use super::erased::erase;
use crate::base::any_future::Observed;
use crate::base::any_future::sealed::{Look, Sealed};
use crate::base::liveness::Watched;
use crate::base::scoped::ScopedTasks;
use crate::base::waiter::{Token, Waiter};
use crate::base::{AnyFuture, Deadlock, Future, State, TaskError, TimedOut};
use crate::sync::{Arc, Deadline, Mutex};

/// A scoped task's result, now or later: what a [`Future`] is for other tasks.
///
/// It can't leave its scope. It is no shared handle, since its value may borrow: to have it in several
/// tasks, put it in an [`Arc`].
///
/// ```
/// let pool = executor::ThreadPoolExecutor::new(1)?;
/// let text = String::from("borrowed");
/// pool.scope(|scope| {
///     let length = scope.submit(|| text.len())?;
///     assert_eq!(*length.result()?, 8);
///     Ok::<_, executor::Error>(())
/// })?;
/// # Ok::<(), executor::Error>(())
/// ```
pub struct ScopedFuture<'scope, T> {
    /// Says how the task ended; its value is in `place`.
    end: Future<()>,
    tasks: Arc<ScopedTasks>,
    /// Where the task leaves its value.
    place: Arc<Mutex<Option<T>>>,
    /// Where the value is from when it is asked for on.
    value: OnceLock<T>,
    scope: PhantomData<&'scope mut &'scope ()>,
}

impl<'scope, T> ScopedFuture<'scope, T> {
    pub(super) fn new(
        end: Future<()>,
        tasks: Arc<ScopedTasks>,
        place: Arc<Mutex<Option<T>>>,
    ) -> ScopedFuture<'scope, T> {
        ScopedFuture {
            end,
            tasks,
            place,
            value: OnceLock::new(),
            scope: PhantomData,
        }
    }

    /// Where the task stands.
    ///
    /// ```
    /// let pool = executor::ThreadPoolExecutor::new(1)?;
    /// let text = String::from("borrowed");
    /// pool.scope(|scope| {
    ///     let length = scope.submit(|| text.len())?;
    ///     length.result()?;
    ///     assert_eq!(length.state(), executor::State::Finished);
    ///     Ok::<_, executor::Error>(())
    /// })?;
    /// # Ok::<(), executor::Error>(())
    /// ```
    pub fn state(&self) -> State {
        self.end.state()
    }

    /// Whether the task has finished or was cancelled.
    ///
    /// ```
    /// let pool = executor::ThreadPoolExecutor::new(1)?;
    /// let text = String::from("borrowed");
    /// pool.scope(|scope| {
    ///     let length = scope.submit(|| text.len())?;
    ///     length.result()?;
    ///     assert!(length.done());
    ///     Ok::<_, executor::Error>(())
    /// })?;
    /// # Ok::<(), executor::Error>(())
    /// ```
    pub fn done(&self) -> bool {
        self.end.done()
    }

    /// Whether somebody has begun the task and it has not finished yet.
    ///
    /// ```
    /// let pool = executor::ThreadPoolExecutor::new(1)?;
    /// let text = String::from("borrowed");
    /// pool.scope(|scope| {
    ///     let length = scope.submit(|| text.len())?;
    ///     length.result()?;
    ///     assert!(!length.running());
    ///     Ok::<_, executor::Error>(())
    /// })?;
    /// # Ok::<(), executor::Error>(())
    /// ```
    pub fn running(&self) -> bool {
        self.end.running()
    }

    /// Whether the task was cancelled.
    ///
    /// ```
    /// let pool = executor::ThreadPoolExecutor::new(1)?;
    /// let text = String::from("borrowed");
    /// pool.scope(|scope| {
    ///     let length = scope.submit(|| text.len())?;
    ///     assert_eq!(length.cancel(), length.cancelled());
    ///     Ok::<_, executor::Error>(())
    /// })?;
    /// # Ok::<(), executor::Error>(())
    /// ```
    pub fn cancelled(&self) -> bool {
        self.end.cancelled()
    }

    /// Cancels the task if nobody has begun it; true if it is cancelled now.
    ///
    /// As [`Future::cancel`].
    ///
    /// ```
    /// let pool = executor::ThreadPoolExecutor::new(1)?;
    /// let text = String::from("borrowed");
    /// pool.scope(|scope| {
    ///     let length = scope.submit(|| text.len())?;
    ///     if length.cancel() {
    ///         assert!(length.result().is_err()); // nobody had begun it, and nobody will
    ///     }
    ///     Ok::<_, executor::Error>(())
    /// })?;
    /// # Ok::<(), executor::Error>(())
    /// ```
    pub fn cancel(&self) -> bool {
        self.end.cancel()
    }

    /// Waits for the task and lends its value.
    ///
    /// If no worker has begun the task, it runs in this very call: on this thread's stack, which bounds how
    /// deep scoped tasks may wait for each other.
    ///
    /// # Errors
    ///
    /// What kept the task from leaving a value; see [`TaskError`].
    ///
    /// # Example
    ///
    /// ```
    /// let pool = executor::ThreadPoolExecutor::new(1)?;
    /// let text = String::from("borrowed");
    /// pool.scope(|scope| {
    ///     let word = scope.submit(|| &text[..6])?;
    ///     assert_eq!(*word.result()?, "borrow");
    ///     Ok::<_, executor::Error>(())
    /// })?;
    /// # Ok::<(), executor::Error>(())
    /// ```
    pub fn result(&self) -> Result<&T, TaskError> {
        self.run_if_pending();
        self.end.result()?;
        Ok(self.lend())
    }

    /// Waits for the task for at most `timeout`, and lends its value. Does not run it.
    ///
    /// # Errors
    ///
    /// Outside, [`TimedOut`]: the task goes on and can be waited for again. Inside, what kept the
    /// task from leaving a value.
    ///
    /// # Example
    ///
    /// ```
    /// let pool = executor::ThreadPoolExecutor::new(1)?;
    /// let text = String::from("borrowed");
    /// pool.scope(|scope| {
    ///     let length = scope.submit(|| text.len())?;
    ///     match length.result_timeout(std::time::Duration::from_secs(1)) {
    ///         Ok(outcome) => assert_eq!(*outcome?, 8),
    ///         Err(timed_out) => println!("{timed_out}"), // it can be waited for again
    ///     }
    ///     Ok::<_, executor::Error>(())
    /// })?;
    /// # Ok::<(), executor::Error>(())
    /// ```
    pub fn result_timeout(&self, timeout: Duration) -> Result<Result<&T, TaskError>, TimedOut> {
        let ended = self.end.result_timeout(timeout)?;
        Ok(ended.map(|()| self.lend()))
    }

    /// Waits for the task and gives its value.
    ///
    /// If no worker has begun the task, it runs in this very call.
    ///
    /// # Errors
    ///
    /// What kept the task from leaving a value; see [`TaskError`].
    ///
    /// # Example
    ///
    /// ```
    /// let pool = executor::ThreadPoolExecutor::new(1)?;
    /// let text = String::from("borrowed");
    /// pool.scope(|scope| {
    ///     let upper = scope.submit(|| text.to_uppercase())?;
    ///     assert_eq!(upper.into_result()?, "BORROWED");
    ///     Ok::<_, executor::Error>(())
    /// })?;
    /// # Ok::<(), executor::Error>(())
    /// ```
    pub fn into_result(self) -> Result<T, TaskError> {
        self.run_if_pending();
        self.end.result()?;
        let value = self.value.into_inner();
        Ok(value.unwrap_or_else(|| take(&self.place)))
    }

    /// Waits for the task and gives its error, if it left one.
    ///
    /// ```
    /// let pool = executor::ThreadPoolExecutor::new(1)?;
    /// let text = String::from("borrowed");
    /// pool.scope(|scope| {
    ///     let length = scope.submit(|| text.len())?;
    ///     assert!(length.error().is_none());
    ///     Ok::<_, executor::Error>(())
    /// })?;
    /// # Ok::<(), executor::Error>(())
    /// ```
    pub fn error(&self) -> Option<TaskError> {
        self.result().err()
    }

    /// Has `callback` called when the task has ended, with its error if it has left one.
    ///
    /// It may borrow as a task does, and the scope waits for it too. Otherwise as
    /// [`Future::add_done_callback`].
    ///
    /// ```
    /// use std::sync::atomic::{AtomicUsize, Ordering};
    ///
    /// let pool = executor::ThreadPoolExecutor::new(1)?;
    /// let ended = AtomicUsize::new(0);
    /// pool.scope(|scope| {
    ///     for _ in 0..3 {
    ///         let future = scope.submit(|| ())?;
    ///         future.add_done_callback(|_| drop(ended.fetch_add(1, Ordering::Relaxed)));
    ///     }
    ///     Ok::<_, executor::Error>(())
    /// })?;
    /// assert_eq!(ended.into_inner(), 3);
    /// # Ok::<(), executor::Error>(())
    /// ```
    pub fn add_done_callback(&self, callback: impl FnOnce(Option<TaskError>) + Send + 'scope) {
        let erased = erase(Box::new(callback), self.tasks.token());
        // A future of its own, so that it is seen who runs it if it waits: the scope waits for it.
        let callback = self.end.then(move |end| {
            erased.call(end.err());
            Ok(())
        });
        self.tasks.follow(&callback.watched());
    }

    fn run_if_pending(&self) {
        if !self.end.done() {
            self.end.watched().run_here();
        }
    }

    /// The value of a task that has ended without an error.
    fn lend(&self) -> &T {
        self.value.get_or_init(|| take(&self.place))
    }
}

/// As [`wait`](crate::wait) and [`as_completed`](crate::as_completed) take them. A `wait` for all, without
/// a timeout, runs what no worker has begun; the others don't.
impl<T> AnyFuture for ScopedFuture<'_, T> {
    fn state(&self) -> State {
        self.end.state()
    }

    fn failed(&self) -> bool {
        self.end.failed()
    }
}

impl<T> Sealed for ScopedFuture<'_, T> {
    fn look(&self) -> Look<'_> {
        Look(self)
    }
}

impl<T> Observed for ScopedFuture<'_, T> {
    fn address(&self) -> *const () {
        self.end.address()
    }

    fn done(&self) -> bool {
        self.end.done()
    }

    fn watched(&self) -> Arc<dyn Watched> {
        self.end.watched()
    }

    fn block_until(&self, deadline: Option<Deadline>) -> Result<bool, Arc<Deadlock>> {
        if deadline.is_none() {
            self.run_if_pending();
        }
        Observed::block_until(&self.end, deadline)
    }

    fn run_if_scoped(&self) {
        self.run_if_pending();
    }

    fn register_waiter(&self, waiter: &Arc<Waiter>, token: Token) -> bool {
        self.end.register_waiter(waiter, token)
    }

    fn unregister_waiter(&self, waiter: &Arc<Waiter>) {
        self.end.unregister_waiter(waiter);
    }
}

fn take<T>(place: &Mutex<Option<T>>) -> T {
    place
        .lock()
        .take()
        .expect("a task that ends without an error has left its value")
}

impl<T> fmt::Debug for ScopedFuture<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "<ScopedFuture state={}>", self.state())
    }
}
