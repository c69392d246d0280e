//! What a pool has to have to be put under the scenarios: the adapter.

use std::time::Duration;

/// A pool of workers.
///
/// What a pool does not offer, its adapter leaves as it is here; the scenarios that need it then say so.
pub trait Pool: Send + Sync + 'static {
    /// What is left in the hands of who submits a task.
    type Handle<T: Send + 'static>: Handle<T>;

    /// A pool with so many workers.
    fn start(workers: usize) -> Self;

    /// Has a worker run the task.
    ///
    /// # Errors
    ///
    /// [`Refused`] if it never will, since the pool was shut down.
    fn submit<T, F>(&self, task: F) -> Result<Self::Handle<T>, Refused>
    where
        T: Send + 'static,
        F: FnOnce() -> T + Send + 'static;

    /// Refuses all tasks from now on, and returns when those that were accepted have ended.
    ///
    /// `None` if the pool has no such thing.
    fn shut_down(&self) -> Option<()> {
        None
    }
}

/// The way to the result of a task.
pub trait Handle<T>: Sized + Send + 'static {
    /// Waits for the task, and takes its result.
    ///
    /// # Errors
    ///
    /// What kept the task from leaving one.
    fn join(self) -> Result<T, Failure>;

    /// As `join`, but gives up after `limit`.
    fn join_within(self, limit: Duration) -> Within<T, Self> {
        let _ = limit;
        Within::Lacking
    }

    /// Keeps the task from running, if it has not begun; says whether it did. `None` if the pool has no such thing.
    fn cancel(&self) -> Option<bool> {
        None
    }
}

/// What comes of a wait with a limit.
#[derive(Debug)]
pub enum Within<T, H> {
    /// The task has ended.
    Ended(Result<T, Failure>),
    /// It has not; here is the handle back.
    NotYet(H),
    /// The pool has no such wait.
    Lacking,
}

/// Why a task left no result.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Failure {
    /// It panicked, with this message.
    Panicked(String),
    /// It was cancelled before it began.
    Cancelled,
    /// The wait could never have ended; who waits for whom, in words.
    Deadlock(String),
    /// Nothing is known, but that no result will come.
    Lost,
}

/// A task was not accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Refused;
