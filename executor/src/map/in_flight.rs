//! The chunks that were submitted and not yielded yet.

use std::collections::VecDeque;

use super::chunk::{Outcomes, Ready};
use crate::base::any_future::sealed::{Look, Sealed};
use crate::base::as_completed::Pending;
use crate::base::{AnyFuture, Future, State, TaskError};
use crate::sync::Deadline;

/// The chunks that were submitted and not yielded yet. Those that have not started are cancelled
/// when it is dropped.
pub(super) struct InFlight<R> {
    chunks: Chunks<R>,
    items: usize,
}

enum Chunks<R> {
    InOrder(VecDeque<Submitted<R>>),
    AsCompleted(Pending<Submitted<R>>),
}

struct Submitted<R> {
    items: usize,
    future: Future<Outcomes<R>>,
}

/// The deadline has passed and the next chunk has not ended.
pub(super) struct Late;

impl<R> InFlight<R> {
    /// Gives the chunks back in the order in which they were submitted.
    pub(super) fn in_order() -> InFlight<R> {
        InFlight {
            chunks: Chunks::InOrder(VecDeque::new()),
            items: 0,
        }
    }

    /// Gives the chunks back in the order in which they end.
    pub(super) fn as_completed() -> InFlight<R> {
        InFlight {
            chunks: Chunks::AsCompleted(Pending::new([])),
            items: 0,
        }
    }

    /// How many items the chunks have.
    pub(super) fn items(&self) -> usize {
        self.items
    }

    /// Whether the next chunk to be given back is there.
    pub(super) fn has_ended(&self) -> bool {
        match &self.chunks {
            Chunks::InOrder(chunks) => chunks.front().is_some_and(Submitted::has_ended),
            Chunks::AsCompleted(chunks) => chunks.iter().any(Submitted::has_ended),
        }
    }

    pub(super) fn push(&mut self, items: usize, future: Future<Outcomes<R>>) {
        self.items += items;
        let submitted = Submitted { items, future };
        match &mut self.chunks {
            Chunks::InOrder(chunks) => chunks.push_back(submitted),
            Chunks::AsCompleted(chunks) => chunks.push(submitted),
        }
    }

    /// Waits for the next chunk and gives what it left; `None` if there is none.
    pub(super) fn next(&mut self, deadline: Option<Deadline>) -> Result<Option<Ready<R>>, Late> {
        let next = match &mut self.chunks {
            Chunks::InOrder(chunks) => {
                if let Some(first) = chunks.front()
                    && let Ok(false) = first.look().0.block_until(deadline)
                {
                    return Err(Late);
                }
                chunks.pop_front()
            }
            Chunks::AsCompleted(chunks) => chunks.next(deadline).map_err(|_| Late)?,
        };
        Ok(next.map(|chunk| {
            self.items -= chunk.items;
            chunk.into_ready()
        }))
    }

    /// If the next chunk of those in order is not there, waits for the one halfway to the last, where what is behind
    /// that keeps so many workers busy meanwhile: a chunk to run and one to go on with for each. The clock is looked
    /// at only for that.
    pub(super) fn wait_halfway(&self, workers: usize, deadline: impl FnOnce() -> Option<Deadline>) {
        let Chunks::InOrder(chunks) = &self.chunks else {
            return;
        };
        let halfway = chunks.len() / 2;
        if halfway > workers.saturating_mul(2)
            && !self.has_ended()
            && let Some(halfway) = chunks.get(halfway)
        {
            // Whatever came of it, the next chunk is waited for after this.
            let _ = halfway.look().0.block_until(deadline());
        }
    }

    /// Cancels what has not started, and forgets all of it.
    pub(super) fn cancel(&mut self) {
        *self = InFlight::in_order();
    }
}

impl<R> Drop for Chunks<R> {
    fn drop(&mut self) {
        // In the order in which the workers take them, so that they find none meanwhile.
        match self {
            Chunks::InOrder(chunks) => chunks.iter().for_each(Submitted::cancel),
            Chunks::AsCompleted(chunks) => chunks.iter().for_each(Submitted::cancel),
        }
    }
}

impl<R> Submitted<R> {
    /// What it has left; or that it never will, and then it is not to run for nobody.
    fn into_ready(self) -> Ready<R> {
        if let Err(deadlock) = self.look().0.block_until(None) {
            self.cancel();
            return Ready::of(Err(TaskError::Deadlock(deadlock)), self.items);
        }
        match self.future.try_into_result() {
            Ok(outcome) => Ready::of(outcome, self.items),
            Err(_shared) => unreachable!("the futures of a map are never cloned"),
        }
    }

    fn has_ended(&self) -> bool {
        self.future.done()
    }

    fn cancel(&self) {
        self.future.cancel();
    }
}

impl<R> Sealed for Submitted<R> {
    fn look(&self) -> Look<'_> {
        self.future.look()
    }
}

/// Waited for as its future is.
impl<R> AnyFuture for Submitted<R> {
    fn state(&self) -> State {
        self.future.state()
    }

    fn failed(&self) -> bool {
        self.future.failed()
    }
}
