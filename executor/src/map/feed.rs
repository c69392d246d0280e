//! Draws items, and submits them in chunks.

use super::chunk::{Chunk, Outcomes};
use super::chunksize::Chunksize;
use super::in_flight::InFlight;
use crate::base::{Future, Refused, SubmitError};
use crate::executor::Executor;
use crate::sync::Deadline;
use crate::task::{Payload, Task, TaskOnce};

/// Draws items, and submits them in chunks.
pub(super) struct Feed<'e, E: ?Sized, F, Items: Iterator> {
    executor: &'e E,
    task: F,
    items: Items,
    chunksize: Chunksize,
    drawn: usize,
    /// Nothing is drawn any more: the items have come to their end, or into a panic.
    has_drawn_all: bool,
    /// What was drawn last, if there was no room for it.
    waiting: Option<Vec<Items::Item>>,
    /// How many items were refused for good.
    refused: usize,
}

/// How long a chunk may wait for room in a queue of limited length.
#[derive(Clone, Copy)]
pub(super) enum Patience {
    /// As long as it takes.
    Endless,
    Until(Deadline),
    /// Not at all: there is something else to wait for.
    None,
}

impl Patience {
    pub(super) fn is_over(self) -> bool {
        match self {
            Patience::Endless => false,
            Patience::Until(deadline) => deadline.has_passed(),
            Patience::None => true,
        }
    }
}

type Submitted<F, Args> =
    Result<Future<Outcomes<<F as TaskOnce<Args>>::Output>>, Refused<Chunk<F>, (Vec<Args>,)>>;

impl<'e, E, F, Items> Feed<'e, E, F, Items>
where
    E: Executor + ?Sized,
    F: Task<Items::Item>,
    Items: Iterator<Item: Payload>,
    F::Output: Payload,
{
    pub(super) fn new(executor: &'e E, task: F, items: Items, chunksize: Chunksize) -> Self {
        Feed {
            executor,
            task,
            items,
            chunksize,
            drawn: 0,
            has_drawn_all: false,
            waiting: None,
            refused: 0,
        }
    }

    /// Submits the chunk that waits for room, or the next, if no more than `most` items have been drawn then;
    /// whether there may be more, and room for it.
    ///
    /// # Errors
    ///
    /// The chunk was not accepted. Nothing is drawn after that.
    pub(super) fn advance(
        &mut self,
        most: usize,
        patience: Patience,
        in_flight: &mut InFlight<F::Output>,
    ) -> Result<bool, SubmitError> {
        let Some(chunk) = self.waiting.take().or_else(|| self.draw(most)) else {
            return Ok(false);
        };
        let count = chunk.len();
        match self.submit(chunk, patience) {
            Ok(future) => {
                in_flight.push(count, future);
                Ok(!self.has_drawn_all)
            }
            Err(refused) => {
                let (error, _task, (chunk,)) = refused.into_parts();
                if matches!(error, SubmitError::Full) && !matches!(patience, Patience::Endless) {
                    self.waiting = Some(chunk);
                    return Ok(false);
                }
                self.has_drawn_all = true;
                self.refused = count;
                Err(error)
            }
        }
    }

    /// The next chunk, if there is one.
    fn draw(&mut self, most: usize) -> Option<Vec<Items::Item>> {
        let chunksize = self.chunksize.next(self.drawn);
        if self.has_drawn_all || most.saturating_sub(self.drawn) < chunksize {
            return None;
        }
        // Until it is known that there is more: the items may panic.
        self.has_drawn_all = true;
        let chunk: Vec<Items::Item> = self.items.by_ref().take(chunksize).collect();
        self.drawn += chunk.len();
        self.has_drawn_all = chunk.len() < chunksize;
        Some(chunk).filter(|chunk| !chunk.is_empty())
    }

    fn submit(&self, chunk: Vec<Items::Item>, patience: Patience) -> Submitted<F, Items::Item> {
        let task = Chunk::new(self.task);
        match patience {
            Patience::Endless => self.executor.submit(task, (chunk,)),
            Patience::Until(deadline) => {
                let timeout = deadline.left();
                self.executor.submit_timeout(task, (chunk,), timeout)
            }
            Patience::None => self.executor.try_submit(task, (chunk,)),
        }
    }

    /// How many of its tasks can run at a time.
    pub(super) fn workers(&self) -> usize {
        self.executor.max_workers()
    }

    /// How many items are still to be drawn, at least.
    pub(super) fn items_to_come(&self) -> usize {
        if self.has_drawn_all {
            0
        } else {
            self.items.size_hint().0
        }
    }
}

impl<E: ?Sized, F, Items: Iterator> Feed<'_, E, F, Items> {
    /// How many items were drawn.
    pub(super) fn drawn(&self) -> usize {
        self.drawn
    }

    /// How many of them were not submitted.
    pub(super) fn left_behind(&self) -> usize {
        self.refused + self.waiting.as_ref().map_or(0, Vec::len)
    }

    /// Whether a chunk was drawn for which there was no room.
    pub(super) fn waits_for_room(&self) -> bool {
        self.waiting.is_some()
    }

    /// The chunk for which there is no room is refused for good.
    pub(super) fn give_up(&mut self) -> SubmitError {
        self.has_drawn_all = true;
        self.refused = self.waiting.take().map_or(0, |chunk| chunk.len());
        SubmitError::Full
    }

    /// Whether nothing comes any more.
    pub(super) fn is_closed(&self) -> bool {
        self.has_drawn_all && self.waiting.is_none()
    }

    /// Draws and submits no more.
    pub(super) fn close(&mut self) {
        self.has_drawn_all = true;
        self.waiting = None;
    }
}
