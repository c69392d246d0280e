//! Mapping a task over items, in chunks: the results as an iterator.
//!
//! A [`Feed`] draws the items and submits them in chunks; what is [`InFlight`] comes back chunk by
//! chunk, and is yielded item by item.

mod chunk;
mod chunksize;
mod error;
mod feed;
mod in_flight;
mod map_with;
mod options;
mod single;

use std::fmt;
use std::iter::FusedIterator;

use crate::base::{Future, SubmitError, TaskError};
use crate::executor::Executor;
use crate::task::{Payload, Task, TaskOnce};
use chunk::{Chunk, Outcomes, Ready};
use chunksize::Chunksize;
use feed::{Feed, Patience};
use in_flight::InFlight;

pub use error::MapError;
pub use map_with::MapWith;
pub use options::MapOptions;
pub use single::Single;

/// The results of [`map`](Executor::map) and [`starmap`](Executor::starmap), in the order of the
/// items.
///
/// Dropping it cancels the items that have not started; those that run run to their end. It does not
/// hold what it has yielded.
///
/// ```
/// use executor::{Executor, ThreadPoolExecutor};
///
/// let pool = ThreadPoolExecutor::new(2)?;
/// let mut quotients = pool.map(|n: u32| 12 / n, [3, 0, 4])?;
/// assert_eq!(quotients.next().unwrap()?, 4);
/// assert!(quotients.next().unwrap().is_err()); // at its position
/// assert_eq!(quotients.next().unwrap()?, 3);
/// # Ok::<(), executor::Error>(())
/// ```
#[must_use = "dropping it cancels the items that have not started"]
pub struct Map<R> {
    in_flight: InFlight<R>,
    /// The rest of the chunk that is being yielded.
    ready: Ready<R>,
}

impl<R: Payload> Map<R> {
    /// Submits a task for each item.
    pub(crate) fn new<E, F, Items>(
        executor: &E,
        task: F,
        items: Items,
    ) -> Result<Map<R>, SubmitError>
    where
        E: Executor + ?Sized,
        F: Task<Items::Item, Output = R>,
        Items: Iterator<Item: Payload>,
    {
        let mut in_flight = InFlight::in_order();
        let chunksize = Chunksize::fixed(1, usize::MAX);
        let mut feed = Feed::new(executor, task, items, chunksize);
        while feed.advance(usize::MAX, Patience::Endless, &mut in_flight)? {}
        Ok(Map {
            in_flight,
            ready: Ready::none(),
        })
    }
}

impl<R> Map<R> {
    /// Submits a task for each item, by whichever `submit` takes it.
    pub(crate) fn by<F, Items, Refusal>(
        task: F,
        items: Items,
        submit: impl Fn(Chunk<F>, (Vec<Items::Item>,)) -> Result<Future<Outcomes<R>>, Refusal>,
    ) -> Result<Map<R>, SubmitError>
    where
        F: TaskOnce<Items::Item, Output = R> + Clone,
        Items: IntoIterator,
        SubmitError: From<Refusal>,
    {
        let mut in_flight = InFlight::in_order();
        for item in items {
            let future = submit(Chunk::new(task.clone()), (vec![item],))?;
            in_flight.push(1, future);
        }
        Ok(Map {
            in_flight,
            ready: Ready::none(),
        })
    }

    /// Waits for a result if none is there.
    fn wait(&mut self) -> Option<Result<R, TaskError>> {
        loop {
            if let Some(result) = self.ready.next() {
                return Some(result);
            }
            // Without a deadline nothing is late.
            self.ready = self.in_flight.next(None).ok().flatten()?;
        }
    }
}

impl<R> Iterator for Map<R> {
    type Item = Result<R, TaskError>;

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        match self.ready.next_value() {
            Some(value) => Some(Ok(value)),
            None => self.wait(),
        }
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let left = self.in_flight.items() + self.ready.len();
        (left, Some(left))
    }
}

impl<R> ExactSizeIterator for Map<R> {}

impl<R> FusedIterator for Map<R> {}

impl<R> fmt::Debug for Map<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Map({} items left)", self.len())
    }
}
