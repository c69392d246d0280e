//! A task that waits for a worker: the writing end of its cell, its type forgotten.

use std::mem::needs_drop;

use super::cell::{Body, Cell};
use super::core::Callbacks;
use super::error::TaskError;
use super::future::Future;
use crate::sync::{self, Arc};

/// Who runs a task, told of what it is about to do.
pub(crate) trait Host {
    /// The task has run, and its outcome is about to be seen.
    fn finishing(&self) {}
    /// More code of the user's is about to run: callbacks, or the destructor of a result that
    /// nobody waits for any more.
    fn busy_again(&self) {}
}

/// A task that waits for a worker.
///
/// One that is dropped without having run leaves [`TaskError::Lost`].
pub(crate) struct QueuedTask(Option<Arc<dyn Runnable>>);

/// What a worker can do with a task.
trait Runnable: Send + Sync {
    fn run(self: Arc<Self>, host: &dyn Host);
    fn fail(&self, error: TaskError);
    fn cancel(&self);
}

impl QueuedTask {
    /// A pending task and its future.
    pub(crate) fn new<T, F>(call: F) -> (QueuedTask, Future<T>)
    where
        T: Send + 'static,
        F: FnOnce() -> Result<T, TaskError> + Send + 'static,
    {
        let cell = Cell::new(Call(call), ());
        let future = Future::from_handle(Cell::first_handle(&cell));
        (QueuedTask(Some(cell)), future)
    }

    /// Runs it, unless it was cancelled.
    pub(crate) fn run(mut self, host: &dyn Host) {
        if let Some(runnable) = self.0.take() {
            // The task's own panic is an outcome. What is caught here is a panicking destructor of
            // a result that nobody waits for; the panic hook has reported it.
            drop(sync::catch_unwind(move || runnable.run(host)));
        }
    }

    /// Ends it with an error, unless it was cancelled.
    pub(crate) fn fail(mut self, error: TaskError) {
        if let Some(runnable) = self.0.take() {
            drop(sync::catch_unwind(move || runnable.fail(error)));
        }
    }

    /// Cancels it.
    pub(crate) fn cancel(mut self) {
        if let Some(runnable) = self.0.take() {
            drop(sync::catch_unwind(move || runnable.cancel()));
        }
    }
}

impl Drop for QueuedTask {
    fn drop(&mut self) {
        if let Some(runnable) = self.0.take() {
            drop(sync::catch_unwind(move || runnable.fail(TaskError::Lost)));
        }
    }
}

/// A host that need not be told.
impl Host for () {}

/// The body of a task that runs in this process.
pub(crate) struct Call<F>(F);

impl<T, F> Body<T> for Call<F>
where
    T: Send + 'static,
    F: FnOnce() -> Result<T, TaskError> + Send + 'static,
{
    type Keeper = ();

    fn release(self, callbacks: Callbacks<T>) {
        // A panicking destructor of the user's must not keep the callbacks from running; the
        // panic hook has reported it.
        drop(sync::catch_unwind(move || drop(self.0)));
        callbacks.run();
    }
}

impl<T, F> Runnable for Cell<T, Call<F>>
where
    T: Send + 'static,
    F: FnOnce() -> Result<T, TaskError> + Send + 'static,
{
    fn run(self: Arc<Self>, host: &dyn Host) {
        if let Some(Call(call)) = self.claim() {
            let outcome = match sync::catch_unwind(call) {
                Ok(outcome) => outcome,
                Err(panic) => Err(TaskError::Panicked(panic)),
            };
            host.finishing();
            let callbacks = self.publish(outcome);
            if !callbacks.is_empty() {
                host.busy_again();
                callbacks.run();
            }
        }
        // If nobody else has the cell any more, what is left in it is dropped here.
        if let Some(Ok(unwanted)) = Arc::into_inner(self).and_then(Cell::into_outcome)
            && needs_drop::<T>()
        {
            host.busy_again();
            drop(unwanted);
        }
    }

    fn fail(&self, error: TaskError) {
        if let Some(body) = self.claim() {
            let callbacks = self.publish(Err(error));
            body.release(callbacks);
        }
    }

    fn cancel(&self) {
        Cell::cancel(self);
    }
}
