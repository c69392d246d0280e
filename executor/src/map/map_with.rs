//! `MapWith`: the results of a map with options.

use std::fmt;
use std::iter::FusedIterator;
use std::time::Duration;

use super::chunk::Ready;
use super::chunksize::Chunksize;
use super::error::MapError;
use super::feed::{Feed, Patience};
use super::in_flight::{InFlight, Late};
use super::options::MapOptions;
use crate::base::liveness;
use crate::base::{SubmitError, TimedOut};
use crate::executor::Executor;
use crate::sync::Deadline;
use crate::task::{Payload, Task};

/// How long one who waits for something else goes without a look at whether there is a result meanwhile.
const LOOK: Duration = Duration::from_millis(2);

/// The results of [`map_with`](Executor::map_with) and [`starmap_with`](Executor::starmap_with).
///
/// Dropping it cancels the items that have not started; those that run run to their end. It does not
/// hold what it has yielded.
///
/// ```
/// use executor::{Executor, MapOptions, ThreadPoolExecutor};
///
/// let pool = ThreadPoolExecutor::new(2)?;
/// let mut squares = pool.map_with(|n: u32| n * n, 0..10, MapOptions::new().chunksize(3))?;
/// assert_eq!(squares.nth(4).expect("ten of them")?, 16);
/// assert_eq!(squares.count(), 5);
/// # Ok::<(), executor::Error>(())
/// ```
#[must_use = "dropping it cancels the items that have not started"]
pub struct MapWith<'e, E, F, Items>
where
    E: ?Sized,
    F: Task<Items::Item>,
    Items: Iterator,
{
    // First, so that the tasks are cancelled before the items are dropped, which is the user's code.
    in_flight: InFlight<F::Output>,
    /// The rest of the chunk that is being yielded.
    ready: Ready<F::Output>,
    feed: Feed<'e, E, F, Items>,
    buffersize: usize,
    /// Counted as long as there is something to draw.
    yielded: usize,
    deadline: Option<Deadline>,
    /// What the executor answered to the last chunk that was drawn, if it refused it.
    refused: Option<SubmitError>,
}

impl<'e, E, F, Items> MapWith<'e, E, F, Items>
where
    E: Executor + ?Sized,
    F: Task<Items::Item>,
    Items: Iterator<Item: Payload>,
    F::Output: Payload,
{
    pub(crate) fn new(
        executor: &'e E,
        task: F,
        items: Items,
        options: MapOptions,
    ) -> Result<Self, SubmitError> {
        let deadline = options.timeout.and_then(Deadline::after);
        let buffersize = options.buffersize.unwrap_or(usize::MAX);
        let chunksize = match options.chunksize {
            Some(chunksize) => Chunksize::fixed(chunksize, buffersize),
            None => {
                let bytes = size_of::<Items::Item>().max(size_of::<F::Output>());
                Chunksize::automatic(items.size_hint(), executor.max_workers(), buffersize, bytes)
            }
        };
        let mut map = MapWith {
            in_flight: if options.unordered {
                InFlight::as_completed()
            } else {
                InFlight::in_order()
            },
            ready: Ready::none(),
            feed: Feed::new(executor, task, items, chunksize),
            buffersize,
            yielded: 0,
            deadline,
            refused: None,
        };
        map.read_ahead(0, |map| Some(map.patience()))?;
        Ok(map)
    }

    /// All results, or the first error, after which what has not started is cancelled.
    ///
    /// The same as `collect::<Result<Vec<_>, _>>()`, but a chunk at a time: for many items of little
    /// work each, where it counts how often one is looked at.
    ///
    /// # Errors
    ///
    /// The first [`MapError`] that the iterator yields.
    ///
    /// # Panics
    ///
    /// As `next` does.
    ///
    /// # Example
    ///
    /// ```
    /// use executor::{Executor, MapOptions, ThreadPoolExecutor};
    ///
    /// # fn main() -> Result<(), executor::Error> {
    /// let pool = ThreadPoolExecutor::new(2)?;
    /// let options = MapOptions::new().automatic_chunksize();
    /// let squares = pool.map_with(|n: u64| n * n, 0..10_000, options)?.collect_values()?;
    /// assert_eq!(squares[9_999], 99_980_001);
    /// # Ok(())
    /// # }
    /// ```
    pub fn collect_values(mut self) -> Result<Vec<F::Output>, MapError> {
        let mut all = Vec::new();
        // As the items say, which may be more than there is memory for: then it grows as they come.
        let _ = all.try_reserve(self.size_hint().0.saturating_add(self.feed.items_to_come()));
        loop {
            self.wait_for_many();
            let Some(result) = self.next() else {
                return Ok(all);
            };
            all.push(result?);
            self.yielded += self.ready.append_values(&mut all);
        }
    }

    /// Of a map in order, waits for half of what is in flight where the next chunk is not there. Nobody looks at
    /// single items here, and one who woke for each chunk would take the processor from those that work each time: a
    /// million small items on two threads and processors take 0.87 of the time so.
    ///
    /// Only for a moment: chunks that take longer are worth waking for, and the next may be an error, after which
    /// the others are not to go on. And not in a task, where a wait for the next is one that can be helped with and
    /// that others see.
    fn wait_for_many(&self) {
        if !self.feed.waits_for_room() && !liveness::concerns_this_thread() {
            let moment = || Deadline::after(self.deadline.map_or(LOOK, Deadline::left).min(LOOK));
            self.in_flight.wait_halfway(self.feed.workers(), moment);
        }
    }

    /// Draws and submits what may be read ahead of the `next` with this number, unless the time is
    /// over. A chunk for which there is no room waits if `patience` says so.
    fn read_ahead(
        &mut self,
        next: usize,
        patience: impl Fn(&Self) -> Option<Patience>,
    ) -> Result<(), SubmitError> {
        let most = self.buffersize.saturating_add(next);
        while !self.is_late() {
            if self
                .feed
                .advance(most, Patience::None, &mut self.in_flight)?
            {
                continue;
            }
            if !self.feed.waits_for_room() {
                break;
            }
            let Some(patience) = patience(self) else {
                break;
            };
            self.feed.advance(most, patience, &mut self.in_flight)?;
            if self.feed.waits_for_room() && !patience.is_over() {
                // This thread is not to wait for room now, whatever time there is.
                if self.in_flight.items() > 0 {
                    break;
                }
                return Err(self.feed.give_up());
            }
        }
        Ok(())
    }

    /// How long the call waits for room.
    fn patience(&self) -> Patience {
        self.deadline.map_or(Patience::Endless, Patience::Until)
    }

    /// How long a `next` waits for room: no longer than there is no result, of which it takes a look now and then.
    /// Where it has one to wait for in a task, that wait comes first: only there it is seen whether the result
    /// can come.
    fn patience_for_next(&self) -> Option<Patience> {
        if self.ready.len() > 0 || self.in_flight.has_ended() {
            None
        } else if self.in_flight.items() == 0 {
            Some(self.patience())
        } else if liveness::concerns_this_thread() {
            None
        } else {
            Deadline::after(LOOK).map(Patience::Until)
        }
    }

    /// Draws what may be drawn now, and waits for a result if none is there.
    fn draw_and_wait(&mut self) -> Option<Result<F::Output, MapError>> {
        loop {
            // Drawn before the wait, so that the workers have something to do meanwhile.
            if !self.feed.is_closed()
                && let Err(error) = self.read_ahead(self.yielded + 1, Self::patience_for_next)
            {
                self.refused = Some(error);
            }
            if let Some(result) = self.ready.next() {
                self.yielded += 1;
                return Some(result.map_err(MapError::Task));
            }
            match self.in_flight.next(self.deadline) {
                Ok(Some(ready)) => self.ready = ready,
                // What was not drawn is missing too, whether or not there is any.
                Ok(None) if !self.feed.is_closed() => return Some(Err(self.time_out())),
                Ok(None) => return self.refused.take().map(MapError::Submit).map(Err),
                Err(Late) => return Some(Err(self.time_out())),
            }
        }
    }

    fn is_late(&self) -> bool {
        self.deadline.is_some_and(Deadline::has_passed)
    }

    /// Ends the iteration for want of time.
    fn time_out(&mut self) -> MapError {
        let unfinished = self.in_flight.items() + self.feed.left_behind();
        // Before items are dropped, which is the user's code.
        self.in_flight.cancel();
        self.feed.close();
        self.refused = None;
        MapError::TimedOut(TimedOut {
            unfinished,
            total: self.feed.drawn(),
        })
    }
}

impl<E, F, Items> Iterator for MapWith<'_, E, F, Items>
where
    E: Executor + ?Sized,
    F: Task<Items::Item>,
    Items: Iterator<Item: Payload>,
    F::Output: Payload,
{
    type Item = Result<F::Output, MapError>;

    // Small enough to become part of the loop around it, as what an item costs is made here.
    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        if self.feed.is_closed()
            && let Some(value) = self.ready.next_value()
        {
            return Some(Ok(value));
        }
        self.draw_and_wait()
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let (here, ahead) = (self.ready.len(), self.in_flight.items());
        let sure = match self.deadline {
            None => here + ahead,
            Some(_) => here,
        };
        // One more for the error that it may end with.
        let most = (here + ahead)
            .checked_add(1)
            .filter(|_| self.feed.is_closed());
        (sure, most)
    }
}

impl<E, F, Items> FusedIterator for MapWith<'_, E, F, Items>
where
    E: Executor + ?Sized,
    F: Task<Items::Item>,
    Items: Iterator<Item: Payload>,
    F::Output: Payload,
{
}

impl<E, F, Items> fmt::Debug for MapWith<'_, E, F, Items>
where
    E: ?Sized,
    F: Task<Items::Item>,
    Items: Iterator,
{
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let left = self.ready.len() + self.in_flight.items();
        let more = if self.feed.is_closed() {
            ""
        } else {
            " and more to draw"
        };
        write!(f, "MapWith({left} items left{more})")
    }
}
