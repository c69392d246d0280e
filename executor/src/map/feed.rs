//! Draws items, and submits them in chunks.

use super::chunk::Chunk;
use super::chunksize::Chunksize;
use super::in_flight::InFlight;
use crate::base::SubmitError;
use crate::executor::Executor;
use crate::task::{Payload, Task};

/// Draws items, and submits them in chunks.
pub(super) struct Feed<'e, E: ?Sized, F, Items> {
    executor: &'e E,
    task: F,
    items: Items,
    chunksize: Chunksize,
    drawn: usize,
    /// Nothing is drawn any more: the items have come to their end, or into a panic.
    is_closed: bool,
}

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
            is_closed: false,
        }
    }

    /// Draws the next chunk and submits it, if no more than `most` have been drawn then; whether there
    /// may be more.
    ///
    /// # Errors
    ///
    /// The chunk was not accepted. Nothing is drawn after that.
    pub(super) fn advance(
        &mut self,
        most: usize,
        in_flight: &mut InFlight<F::Output>,
    ) -> Result<bool, SubmitError> {
        let chunksize = self.chunksize.next(self.drawn);
        if self.is_closed || most.saturating_sub(self.drawn) < chunksize {
            return Ok(false);
        }
        // Until it is known that there is more: the items may panic, or the chunk be refused.
        self.is_closed = true;
        let chunk: Vec<Items::Item> = self.items.by_ref().take(chunksize).collect();
        let count = chunk.len();
        self.drawn += count;
        if count > 0 {
            let future = self.executor.submit(Chunk::new(self.task), (chunk,))?;
            in_flight.push(count, future);
        }
        self.is_closed = count < chunksize;
        Ok(!self.is_closed)
    }

    /// How many items are still to be drawn, at least.
    pub(super) fn items_to_come(&self) -> usize {
        if self.is_closed {
            0
        } else {
            self.items.size_hint().0
        }
    }
}

impl<E: ?Sized, F, Items> Feed<'_, E, F, Items> {
    /// How many items were drawn.
    pub(super) fn drawn(&self) -> usize {
        self.drawn
    }

    pub(super) fn is_closed(&self) -> bool {
        self.is_closed
    }

    /// Draws no more.
    pub(super) fn close(&mut self) {
        self.is_closed = true;
    }
}
