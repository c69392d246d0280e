//! Mapping a task over items, in chunks, with the results in order.

use std::collections::VecDeque;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::base::{Future, TaskError};
use crate::panics::catch_unwind;
use crate::task::{Task, TaskOnce};

/// The results of [`map`](crate::Executor::map), in the order of the items.
///
/// Dropping it cancels the items that have not started; it does not hold what it has yielded.
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
    /// The chunks that were not yielded yet.
    chunks: VecDeque<Pending<R>>,
    /// The rest of the chunk that is being yielded.
    ready: std::vec::IntoIter<Result<R, TaskError>>,
}

struct Pending<R> {
    items: usize,
    future: Future<Outcomes<R>>,
}

impl<R> Map<R> {
    pub(crate) fn new() -> Map<R> {
        Map {
            chunks: VecDeque::new(),
            ready: Vec::new().into_iter(),
        }
    }

    pub(crate) fn push(&mut self, items: usize, future: Future<Outcomes<R>>) {
        self.chunks.push_back(Pending { items, future });
    }
}

impl<R> Iterator for Map<R> {
    type Item = Result<R, TaskError>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if let Some(result) = self.ready.next() {
                return Some(result);
            }
            let Pending { items, future } = self.chunks.pop_front()?;
            let outcomes = match future.try_into_result() {
                Ok(Ok(Outcomes(outcomes))) => outcomes,
                // The chunk as a whole failed: so did each of its items.
                Ok(Err(error)) => (0..items).map(|_| Err(error.clone())).collect(),
                Err(_shared) => unreachable!("the futures of a map are never cloned"),
            };
            self.ready = outcomes.into_iter();
        }
    }
}

impl<R> Drop for Map<R> {
    fn drop(&mut self) {
        for chunk in &self.chunks {
            chunk.future.cancel();
        }
    }
}

impl<R> fmt::Debug for Map<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let waiting: usize = self.chunks.iter().map(|chunk| chunk.items).sum();
        write!(f, "Map({} items left)", waiting + self.ready.len())
    }
}

/// What a chunk leaves: an outcome for each of its items.
#[derive(Serialize, Deserialize)]
pub(crate) struct Outcomes<R>(Vec<Result<R, TaskError>>);

/// The task that runs another one for each item of a chunk.
#[derive(Clone, Copy)]
pub(crate) struct Chunk<F>(F);

impl<F> Chunk<F> {
    pub(crate) fn new(task: F) -> Chunk<F> {
        Chunk(task)
    }
}

impl<F, Item> TaskOnce<(Vec<Item>,)> for Chunk<F>
where
    F: Task<(Item,)>,
{
    type Output = Outcomes<F::Output>;

    fn run(self, (items,): (Vec<Item>,)) -> Result<Outcomes<F::Output>, TaskError> {
        let outcomes = items.into_iter().map(|item| {
            // An item that panics must not take its neighbours along.
            catch_unwind(|| self.0.run((item,)))
                .unwrap_or_else(|panic| Err(TaskError::Panicked(panic)))
        });
        Ok(Outcomes(outcomes.collect()))
    }
}
