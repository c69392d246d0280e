//! The writing end of a future that no pool of this process runs.

use std::fmt;

use super::aftermath::Aftermath;
use super::cell::{Body, Cell};
use super::error::TaskError;
use super::future::Future;
use super::observers::Callbacks;
use super::state::{State, Word};
use crate::sync::{Arc, bug};

/// A promise and its future.
///
/// For results that come from elsewhere than a pool's task: an event loop, a callback, a test.
///
/// # Example
///
/// ```
/// # fn main() -> Result<(), executor::Error> {
/// let (promise, future) = executor::promise();
/// let thread = std::thread::spawn(move || promise.finish(Ok(42)));
/// assert_eq!(*future.result()?, 42);
/// assert!(thread.join().unwrap());
/// # Ok(())
/// # }
/// ```
pub fn promise<T: Send + 'static>() -> (Promise<T>, Future<T>) {
    let (writer, future) = Writer::new(Here, ());
    (Promise { writer }, future)
}

/// The writing end of a [`Future`].
///
/// One that is dropped without having finished its future leaves [`TaskError::Lost`].
///
/// ```
/// use executor::{State, TaskError, promise};
///
/// let (mut promise, future) = promise::<u32>();
/// assert!(promise.claim()); // as a worker that begins with it
/// assert_eq!(future.state(), State::Running);
/// assert!(!future.cancel());
/// assert!(promise.finish(Ok(7)));
/// assert_eq!(*future.result()?, 7);
///
/// let (promise, future) = executor::promise::<u32>();
/// future.cancel();
/// assert!(promise.cancelled()); // nobody needs it any more
///
/// let (promise, future) = executor::promise::<u32>();
/// drop(promise);
/// assert!(matches!(future.result(), Err(TaskError::Lost)));
/// # Ok::<(), executor::Error>(())
/// ```
pub struct Promise<T: Send + 'static> {
    writer: Writer<T, Here>,
}

impl<T: Send + 'static> Promise<T> {
    /// Moves the future from pending to running, after which it can't be cancelled; true if it is
    /// running now.
    ///
    /// ```
    /// let (mut promise, future) = executor::promise::<u32>();
    /// assert!(promise.claim());
    /// assert!(future.running() && !future.cancel());
    /// ```
    pub fn claim(&mut self) -> bool {
        self.writer.claim()
    }

    /// Leaves the outcome; true if it was accepted, false if the future had been cancelled.
    ///
    /// The callbacks of the future run in this call.
    ///
    /// A second outcome, which is an `InvalidStateError` in Python, is not compiled: the promise is gone.
    ///
    /// ```compile_fail,E0382
    /// let (promise, future) = executor::promise();
    /// promise.finish(Ok(1));
    /// promise.finish(Ok(2));
    /// ```
    pub fn finish(mut self, outcome: Result<T, TaskError>) -> bool {
        self.writer.finish(outcome)
    }

    /// Whether the future was cancelled, so that nobody needs its outcome.
    ///
    /// ```
    /// let (promise, future) = executor::promise::<u32>();
    /// future.cancel();
    /// assert!(promise.cancelled());
    /// ```
    pub fn cancelled(&self) -> bool {
        self.writer.state() == State::Cancelled
    }
}

impl<T: Send + 'static> fmt::Debug for Promise<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "<Promise state={}>", self.writer.state())
    }
}

/// A body of nothing: the callbacks run where the future ends.
struct Here;

impl<T: Send + 'static> Body<T> for Here {
    type Keeper = ();

    fn release(self, callbacks: Callbacks<T>, aftermath: &mut Aftermath) {
        callbacks.put_on(aftermath);
    }

    fn name() -> &'static str {
        "of a promise"
    }
}

/// The writing end of a cell whose body does not run but only knows where callbacks do.
pub(crate) struct Writer<T: Send + 'static, B: Body<T>> {
    /// Taken out by `into_unwanted` alone.
    cell: Option<Arc<Cell<T, B>>>,
    claimed: Option<B>,
    /// How the word was when it was marked as cancelled, until those who wait are told.
    cancelled: Option<Word>,
}

impl<T: Send + 'static, B: Body<T>> Writer<T, B> {
    pub(crate) fn new(body: B, keeper: B::Keeper) -> (Writer<T, B>, Future<T>) {
        // Whoever is to finish it may be anybody.
        let cell = Cell::new(body, keeper, 0);
        let future = Future::from_handle(Cell::first_handle(&cell));
        let writer = Writer {
            cell: Some(cell),
            claimed: None,
            cancelled: None,
        };
        (writer, future)
    }

    /// Where the cell is, as its futures say; zero if it has been given away.
    pub(crate) fn address(&self) -> usize {
        let cell = self.cell.as_ref();
        cell.map_or(0, |cell| cell.address().addr())
    }

    /// See [`Promise::claim`].
    pub(crate) fn claim(&mut self) -> bool {
        if self.claimed.is_none() {
            self.claimed = self.cell.as_ref().and_then(|cell| cell.claim());
        }
        self.claimed.is_some()
    }

    /// See [`Promise::finish`]. A second outcome is refused.
    pub(crate) fn finish(&mut self, outcome: Result<T, TaskError>) -> bool {
        let mut aftermath = Aftermath::new();
        let accepted = self.finish_into(outcome, &mut aftermath);
        aftermath.run();
        accepted
    }

    /// As `finish`, for a caller that runs the callbacks when their turn comes.
    pub(crate) fn finish_into(
        &mut self,
        outcome: Result<T, TaskError>,
        aftermath: &mut Aftermath,
    ) -> bool {
        self.claim();
        let (Some(body), Some(cell)) = (self.claimed.take(), &self.cell) else {
            return false;
        };
        let callbacks = cell.publish(outcome);
        body.release(callbacks, aftermath);
        true
    }

    /// Marks the future of a task that its keeper has given up as cancelled. Those who wait for it
    /// are told by [`Writer::tell_cancelled`].
    pub(crate) fn mark_cancelled(&mut self) {
        if let Some(cell) = &self.cell {
            self.cancelled = cell.leave_pending().ok();
        }
    }

    /// Tells those who wait for what [`Writer::mark_cancelled`] has marked.
    pub(crate) fn tell_cancelled(&mut self) {
        let mut aftermath = Aftermath::new();
        self.tell_cancelled_into(&mut aftermath);
        aftermath.run();
    }

    /// As `tell_cancelled`, for a caller that runs the callbacks when their turn comes.
    pub(crate) fn tell_cancelled_into(&mut self, aftermath: &mut Aftermath) {
        if let (Some(cell), Some(word)) = (&self.cell, self.cancelled.take()) {
            cell.cancel_by(Ok(word), aftermath);
        }
    }

    pub(crate) fn state(&self) -> State {
        self.cell
            .as_ref()
            .map_or(State::Finished, |cell| cell.state())
    }

    /// The outcome, if nobody has a future of it any more.
    pub(crate) fn into_unwanted(mut self) -> Option<Result<T, TaskError>> {
        Arc::into_inner(self.cell.take()?)?.into_outcome()
    }
}

impl<T: Send + 'static, B: Body<T>> Drop for Writer<T, B> {
    fn drop(&mut self) {
        self.tell_cancelled();
        if !bug!(ForgetsWhatItOwes) {
            self.finish(Err(TaskError::Lost));
        }
    }
}
