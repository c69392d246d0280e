//! A task that waits for a worker: the writing end of its cell, its type forgotten.

use std::any::type_name;
use std::mem::needs_drop;

use super::cell::{Body, Cell};
use super::core::Callbacks;
use super::error::TaskError;
use super::future::Future;
use super::liveness;
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
    /// A task that is pending in the pool of this number, or in none if that is zero; and its future.
    pub(crate) fn new<F: Callable>(pool: u32, call: F) -> (QueuedTask, Future<F::Output>) {
        let cell = Cell::new(Call(call), (), pool);
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

/// What a task of this process calls.
pub(crate) trait Callable: Send + 'static {
    type Output: Send + 'static;

    fn call(self) -> Result<Self::Output, TaskError>;

    /// What the user knows it by.
    fn name() -> &'static str;
}

impl<T, F> Callable for F
where
    T: Send + 'static,
    F: FnOnce() -> Result<T, TaskError> + Send + 'static,
{
    type Output = T;

    fn call(self) -> Result<T, TaskError> {
        self()
    }

    fn name() -> &'static str {
        type_name::<F>()
    }
}

/// The body of a task that runs in this process.
pub(crate) struct Call<F>(F);

impl<F: Callable> Body<F::Output> for Call<F> {
    type Keeper = ();

    fn name() -> &'static str {
        F::name()
    }

    fn run_here(cell: Arc<Cell<F::Output, Self>>) {
        QueuedTask(Some(cell)).run(&());
    }

    fn release(self, callbacks: Callbacks<F::Output>) {
        // A panicking destructor of the user's must not keep the callbacks from running; the
        // panic hook has reported it.
        drop(sync::catch_unwind(move || drop(self.0)));
        callbacks.run();
    }
}

impl<F: Callable> Runnable for Cell<F::Output, Call<F>> {
    fn run(self: Arc<Self>, host: &dyn Host) {
        if let Some(Call(call)) = self.claim() {
            // Until its outcome is seen; the callbacks belong to the thread and not to the task.
            let running = liveness::running(self.address().addr(), F::name());
            let outcome = match sync::catch_unwind(|| call.call()) {
                Ok(outcome) => outcome,
                Err(panic) => Err(TaskError::Panicked(panic)),
            };
            drop(running);
            host.finishing();
            let callbacks = self.publish(outcome);
            if !callbacks.is_empty() {
                host.busy_again();
                callbacks.run();
            }
        }
        // If nobody else has the cell any more, what is left in it is dropped here.
        if let Some(Ok(unwanted)) = Arc::into_inner(self).and_then(Cell::into_outcome)
            && needs_drop::<F::Output>()
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
