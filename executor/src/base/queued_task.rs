//! A task that waits for a worker: the writing end of its cell, its type forgotten.

use std::any::{Any, type_name};
use std::mem::needs_drop;

use super::aftermath::{Aftermath, Consequence};
use super::cell::{Body, Cell};
use super::counters::Tally;
use super::error::TaskError;
use super::future::Future;
use super::liveness;
use super::observers::Callbacks;
use super::queue::Queued;
use super::state::State;
use crate::sync::{self, Arc, bug};

/// Who runs a task, told of what it is about to do.
pub(crate) trait Host {
    /// The task was claimed, and is about to run.
    fn starting(&self) {}
    /// The task has run, and its outcome is about to be seen.
    fn finishing(&self) {}
    /// More code of the user's is about to run: callbacks, or the destructor of a result that
    /// nobody waits for any more.
    fn busy_again(&self) {}
}

/// What a task does when it runs: a closure, or a function with its arguments, which can be given
/// back as they were.
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

/// A task that waits for a worker.
///
/// One that is dropped without having run leaves [`TaskError::Lost`].
pub(crate) struct QueuedTask(Option<Arc<dyn Runnable>>);

/// What a worker can do with a task.
trait Runnable: Send + Sync {
    /// Whether nobody has begun or cancelled it.
    fn is_pending(&self) -> bool;
    /// Runs it, unless it was cancelled or begun by another.
    fn run(self: Arc<Self>, host: &dyn Host);
    /// Ends it, and leaves what runs code of the user's to the aftermath.
    fn fail(&self, error: TaskError, aftermath: &mut Aftermath);
    /// As `fail`.
    fn cancel(&self, aftermath: &mut Aftermath);
    /// Puts what would have been called into `place`, an `Option` of its type.
    fn give_back(&self, place: &mut dyn Any);
}

impl QueuedTask {
    /// A task that is pending in the pool of this number, or in none if that is zero; and its future.
    pub(crate) fn new<C: Callable>(pool: u32, call: C) -> (QueuedTask, Future<C::Output>) {
        let cell = Cell::new(Call(call), (), pool);
        let future = Future::from_handle(Cell::first_handle(&cell));
        (QueuedTask(Some(cell)), future)
    }

    /// What a task was made of that nobody has accepted and nobody has a future of.
    pub(crate) fn into_call<C: Callable>(mut self) -> Option<C> {
        let mut call: Option<C> = None;
        self.0.take()?.give_back(&mut call);
        call
    }

    /// The same task, for another who may run it: one of the two has it, and the other finds it begun.
    pub(crate) fn also(&self) -> QueuedTask {
        QueuedTask(self.0.clone())
    }

    /// Runs it, unless it was cancelled.
    pub(crate) fn run(mut self, host: &dyn Host) {
        if let Some(runnable) = self.0.take() {
            // The task's own panic is an outcome. What is caught here is a panicking destructor of
            // a result that nobody waits for; the panic hook has reported it.
            drop(sync::catch_unwind(move || runnable.run(host)));
        }
    }

    /// Runs it for who waits for it, on top of whatever this thread does, unless it was begun or cancelled; a
    /// worker counts it.
    pub(crate) fn run_here(self) {
        let _helping = liveness::helping();
        match liveness::tally_here() {
            Some(tally) => self.run(&*tally),
            None => self.run(&()),
        }
    }

    /// Ends it with an error, unless it was cancelled; callbacks run when their turn comes. Of several tasks
    /// all are to be ended first: a callback of one may wait for another.
    pub(crate) fn fail_into(mut self, error: TaskError, aftermath: &mut Aftermath) {
        self.end(aftermath, |runnable, aftermath| {
            runnable.fail(error, aftermath);
        });
    }

    /// Cancels it; as [`fail_into`](Self::fail_into).
    pub(crate) fn cancel_into(mut self, aftermath: &mut Aftermath) {
        self.end(aftermath, |runnable, aftermath| runnable.cancel(aftermath));
    }

    fn end(&mut self, aftermath: &mut Aftermath, end: impl FnOnce(&dyn Runnable, &mut Aftermath)) {
        if let Some(runnable) = self.0.take() {
            end(&*runnable, aftermath);
            aftermath.push(Box::new(Ended(runnable)));
        }
    }
}

impl Queued for QueuedTask {
    fn is_pending(&self) -> bool {
        self.0
            .as_ref()
            .is_some_and(|runnable| runnable.is_pending())
    }

    fn let_go(mut self) {
        if let Some(runnable) = self.0.take() {
            drop_what_is_left(runnable);
        }
    }
}

/// What is left of a task that has ended: its value, if a waiter has run it and nobody else has it any more.
struct Ended(Arc<dyn Runnable>);

impl Consequence for Ended {
    fn happen(self: Box<Self>, _aftermath: &mut Aftermath) {
        drop_what_is_left(self.0);
    }
}

fn drop_what_is_left(task: Arc<dyn Runnable>) {
    // A value's destructor is the user's, too, and may panic; the panic hook has reported it.
    drop(sync::catch_unwind(move || drop(task)));
}

impl Drop for QueuedTask {
    fn drop(&mut self) {
        // Nearly always it has run.
        if self.0.is_none() {
            return;
        }
        let mut aftermath = Aftermath::new();
        self.end(&mut aftermath, |runnable, aftermath| {
            runnable.fail(TaskError::Lost, aftermath);
        });
        aftermath.run();
    }
}

/// A host that need not be told.
impl Host for () {}

/// A thread that only counts what it runs.
impl Host for Tally {
    fn starting(&self) {
        self.begin();
    }

    fn finishing(&self) {
        self.finish();
    }
}

/// The body of a task that runs in this process.
pub(crate) struct Call<C>(C);

impl<C: Callable> Body<C::Output> for Call<C> {
    type Keeper = ();

    fn name() -> &'static str {
        C::name()
    }

    fn run_here(cell: Arc<Cell<C::Output, Self>>) {
        QueuedTask(Some(cell)).run_here();
    }

    fn release(self, callbacks: Callbacks<C::Output>, aftermath: &mut Aftermath) {
        if needs_drop::<C>() {
            aftermath.push_release(Box::new(self));
        }
        callbacks.put_on(aftermath);
    }
}

/// Dropped when its turn comes: the destructor of what the task has captured is the user's, and may wait for
/// whatever is being ended with this task.
impl<C: Callable> Consequence for Call<C> {
    fn happen(self: Box<Self>, _aftermath: &mut Aftermath) {
        // A panicking one must not keep the callbacks from running; the panic hook has reported it.
        drop(sync::catch_unwind(move || drop(self)));
    }
}

impl<C: Callable> Runnable for Cell<C::Output, Call<C>> {
    fn is_pending(&self) -> bool {
        self.state() == State::Pending
    }

    fn run(self: Arc<Self>, host: &dyn Host) {
        if let Some(Call(call)) = self.claim() {
            // Until its outcome is seen; the callbacks belong to the thread and not to the task.
            let running = liveness::running(self.address().addr(), C::name());
            host.starting();
            let outcome = match sync::catch_unwind(|| call.call()) {
                Ok(outcome) => outcome,
                Err(panic) => Err(TaskError::Panicked(panic)),
            };
            drop(running);
            host.finishing();
            let callbacks = self.publish(outcome);
            if !callbacks.is_empty() {
                callbacks.run_after(|| host.busy_again());
            }
        }
        // If nobody else has the cell any more, what is left in it is dropped here.
        if let Some(Ok(unwanted)) = Arc::into_inner(self).and_then(Cell::into_outcome)
            && needs_drop::<C::Output>()
        {
            host.busy_again();
            drop(unwanted);
        }
    }

    fn fail(&self, error: TaskError, aftermath: &mut Aftermath) {
        if let Some(body) = self.claim() {
            let callbacks = self.publish(Err(error));
            body.release(callbacks, aftermath);
        }
    }

    fn cancel(&self, aftermath: &mut Aftermath) {
        if bug!(CancelsInSilence) && self.leave_pending().is_ok() {
            return;
        }
        Cell::cancel(self, aftermath);
    }

    fn give_back(&self, place: &mut dyn Any) {
        if let Some(Call(call)) = self.claim()
            && let Some(place) = place.downcast_mut()
        {
            *place = Some(call);
        }
    }
}
