//! `Single`: a task of one argument, for items that are no tuples.

use std::any::Any;

use crate::base::TaskError;
use crate::task::TaskOnce;

/// A task of one argument, as [`map_with`](crate::Executor::map_with) runs it: on the item itself.
/// In the type of what that returns.
///
/// ```
/// use executor::{Executor, MapOptions, MapWith, Single, Task, ThreadPoolExecutor};
/// use std::ops::Range;
///
/// fn sum<F>(numbers: MapWith<'_, ThreadPoolExecutor, Single<F>, Range<u64>>) -> u64
/// where
///     F: Task<(u64,), Output = u64>,
/// {
///     numbers.flatten().sum()
/// }
///
/// let pool = ThreadPoolExecutor::new(2)?;
/// assert_eq!(sum(pool.map_with(|n: u64| n * n, 1..4, MapOptions::new())?), 14);
/// # Ok::<(), executor::Error>(())
/// ```
// The task is what is changed and not the items: so they are drawn by the iterator that the user
// gave, of which the standard library may know how to fill a vector fast, and a vector of plain
// numbers goes to another process as the bytes that it is.
#[derive(Clone, Copy, Debug)]
pub struct Single<F>(pub(crate) F);

impl<F, Item> TaskOnce<Item> for Single<F>
where
    F: TaskOnce<(Item,)>,
{
    type Output = F::Output;

    fn run(self, item: Item) -> Result<F::Output, TaskError> {
        self.0.run((item,))
    }

    fn run_each(
        calls: impl Iterator<Item = (Self, Item)>,
        values: &mut Vec<F::Output>,
    ) -> Result<(), TaskError> {
        F::run_each(calls.map(|(task, item)| (task.0, (item,))), values)
    }

    fn each_argument(item: &mut Item, visit: &mut dyn FnMut(&mut dyn Any))
    where
        Item: 'static,
    {
        visit(item);
    }
}
