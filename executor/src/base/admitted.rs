//! A call with its place in a queue of limited length.

use super::error::TaskError;
use super::future::Future;
use super::queued_task::{Callable, QueuedTask};
use super::room::Place;

/// A call with its place in the queue, which it gives up when it is claimed or cancelled.
pub(crate) struct Admitted<C> {
    /// Before the call, so that it is dropped before it: the destructors of what a cancelled task has
    /// captured may take long.
    place: Place,
    call: C,
}

impl<C: Callable> Callable for Admitted<C> {
    type Output = C::Output;

    fn call(self) -> Result<C::Output, TaskError> {
        drop(self.place);
        self.call.call()
    }

    fn name() -> &'static str {
        C::name()
    }
}

/// A task that is pending in the pool of this number, and its future. One that has a place keeps it until it
/// is claimed or cancelled.
pub(crate) fn admit<C: Callable>(
    pool: u32,
    place: Option<Place>,
    call: C,
) -> (QueuedTask, Future<C::Output>) {
    // Two kinds of cells, so that those of a queue without a limit have no room for a place.
    match place {
        None => QueuedTask::new(pool, call),
        Some(place) => QueuedTask::new(pool, Admitted { place, call }),
    }
}

/// What a task was made of by [`admit`] that nobody has accepted and nobody has a future of.
pub(crate) fn give_back<C: Callable>(had_place: bool, refused: QueuedTask) -> C {
    const UNTOUCHED: &str = "nobody else has had the task";
    if had_place {
        refused.into_call::<Admitted<C>>().expect(UNTOUCHED).call
    } else {
        refused.into_call().expect(UNTOUCHED)
    }
}
