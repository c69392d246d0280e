//! The trait that makes threads, rayon and processes interchangeable.

use std::time::Duration;

use crate::base::{Counters, Future, Refused, SubmitError};
use crate::map::{Map, MapOptions, MapWith, Single};
use crate::shutdown::{Shutdown, ShutdownOutcome};
use crate::task::{Payload, Task};

mod by_reference;
mod on_threads;
mod own_submits;
mod what_captures;

pub(crate) use own_submits::own_submits;
pub(crate) use what_captures::takes_what_captures;

/// Accepts tasks, and answers each with a future.
///
/// The bounds are those of processes, so that a function over `&impl Executor` runs on every
/// executor: the task is a function or a closure that captures nothing, arguments and results are
/// owned and serialisable. [`ThreadPoolExecutor`](crate::ThreadPoolExecutor) and
/// [`RayonExecutor`](crate::RayonExecutor) also have a `submit`, a `map` and a `starmap` of their own
/// with looser bounds, which take closures that capture.
///
/// There is no `dyn Executor`; [`AnyExecutor`](crate::AnyExecutor) is what can be chosen at run time.
/// Which one for what, and what each costs: [`which_pool`](crate::which_pool). What differs from
/// Python's executors, and why: [a table](crate::coming_from_python#differences).
///
/// # Example
///
/// ```
/// use executor::{Executor, RayonExecutor, ThreadPoolExecutor};
///
/// fn square(n: u64) -> u64 { n * n }
///
/// fn sum_of_squares(executor: &impl Executor) -> Result<u64, executor::Error> {
///     let low = executor.submit(square, (3,))?;
///     let high = executor.submit(square, (4,))?;
///     Ok(low.result()? + high.result()?)
/// }
///
/// # fn main() -> Result<(), executor::Error> {
/// assert_eq!(sum_of_squares(&ThreadPoolExecutor::new(2)?)?, 25);
/// assert_eq!(sum_of_squares(&RayonExecutor::new(2)?)?, 25);
/// # Ok(())
/// # }
/// ```
pub trait Executor {
    /// Submits a task.
    ///
    /// What the task needs it takes as arguments. A closure that captures is refused, also with
    /// `move`, though for some only when the program is built; see [`Task`]. A task that returns a
    /// `Result` leaves the `Result` in its future; [`fallible`](crate::fallible) makes its error the
    /// future's.
    ///
    /// If the executor was built with a `queue_limit` and so many tasks wait for a worker, this waits
    /// until one of them has begun or was cancelled.
    ///
    /// # Errors
    ///
    /// [`Refused`] if the executor was shut down, is broken, or was built before this process was forked from
    /// another; or if it can't tell its workers which task is meant ([`SubmitError::NotInExecutable`]). The task
    /// never runs, and is given back with its arguments and the [`SubmitError`] that says why. A shutdown sends
    /// away those who wait for room; when all who could make room wait, the last of them is refused with
    /// [`SubmitError::Deadlock`]; and who may not wait for room, as in the middle of another submit, is with
    /// [`SubmitError::Full`].
    ///
    /// # Example
    ///
    /// ```
    /// use executor::{Executor, ThreadPoolExecutor};
    ///
    /// let pool = ThreadPoolExecutor::new(2)?;
    /// let future = Executor::submit(&pool, |text: String| text.len(), ("four".to_owned(),))?;
    /// assert_eq!(*future.result()?, 4);
    /// # Ok::<(), executor::Error>(())
    /// ```
    fn submit<F, Args>(&self, task: F, args: Args) -> Result<Future<F::Output>, Refused<F, Args>>
    where
        F: Task<Args>,
        Args: Payload,
        F::Output: Payload;

    /// As [`submit`](Executor::submit), but does not wait for room in a queue that is limited.
    ///
    /// # Errors
    ///
    /// As [`submit`](Executor::submit), and [`SubmitError::Full`] if the executor was built with a
    /// `queue_limit` and so many tasks wait.
    ///
    /// # Example
    ///
    /// ```
    /// use executor::{Executor, SubmitError, ThreadPoolExecutor};
    ///
    /// # fn main() -> Result<(), executor::Error> {
    /// let (promise, go) = executor::promise::<()>();
    /// let pool = ThreadPoolExecutor::builder().max_workers(1).queue_limit(1).build()?;
    /// let runs = pool.submit(move || go.result().is_ok(), ())?;
    /// while !runs.running() {} // until then it is the one that waits
    /// let waits = pool.submit(|| 2, ())?;
    /// let refused = pool.try_submit(|n: u64| n, (3,)).unwrap_err();
    /// assert!(matches!(refused.error(), SubmitError::Full));
    /// let (_, task, args) = refused.into_parts();
    /// promise.finish(Ok(()));
    /// assert_eq!(*pool.submit(task, args)?.result()?, 3); // it waits until there is room
    /// # assert_eq!(*waits.result()?, 2);
    /// # Ok(())
    /// # }
    /// ```
    fn try_submit<F, Args>(
        &self,
        task: F,
        args: Args,
    ) -> Result<Future<F::Output>, Refused<F, Args>>
    where
        F: Task<Args>,
        Args: Payload,
        F::Output: Payload;

    /// As [`submit`](Executor::submit), but waits for room in a queue that is limited for at most `timeout`.
    /// (Python has no such thing, as it has no limit.)
    ///
    /// A wait that is limited in time is not looked at as a [deadlock](SubmitError::Deadlock): in a task of the only
    /// worker its time passes. In the middle of another submit to the same process pool it does not wait.
    ///
    /// # Errors
    ///
    /// As [`try_submit`](Executor::try_submit), when the time is over.
    ///
    /// # Example
    ///
    /// ```
    /// use executor::{Executor, SubmitError};
    /// use std::time::Duration;
    ///
    /// fn submit_soon(executor: &impl Executor, text: String) -> Result<usize, executor::Error> {
    ///     match executor.submit_timeout(|text: String| text.len(), (text,), Duration::from_secs(1)) {
    ///         Ok(future) => Ok(future.into_result()?),
    ///         Err(refused) => {
    ///             let (error, task, (text,)) = refused.into_parts();
    ///             println!("{error}; so it runs here");
    ///             Ok(task(text))
    ///         }
    ///     }
    /// }
    /// # let pool = executor::ThreadPoolExecutor::new(1)?;
    /// # assert_eq!(submit_soon(&pool, "four".to_owned())?, 4);
    /// # Ok::<(), executor::Error>(())
    /// ```
    fn submit_timeout<F, Args>(
        &self,
        task: F,
        args: Args,
        timeout: Duration,
    ) -> Result<Future<F::Output>, Refused<F, Args>>
    where
        F: Task<Args>,
        Args: Payload,
        F::Output: Payload;

    /// Submits a task for each item, and yields the results in the order of the items.
    ///
    /// All items are drawn and submitted in this call, each as a task of its own;
    /// [`map_with`](Executor::map_with) has options for many short items, endless inputs, a limit of
    /// time, and results as they come. An item that fails yields its error at its position, and the
    /// iteration goes on (in CPython it ends there; but what an error means is the caller's to decide).
    /// Dropping the iterator cancels what has not started (in CPython only if it was advanced before, which
    /// nobody would rely on).
    ///
    /// # Errors
    ///
    /// [`SubmitError`] if a task was not accepted; those before it are cancelled where they have
    /// not started. No item, no error.
    ///
    /// # Panics
    ///
    /// As the iterator of the items does. What was submitted before is cancelled where it has not
    /// started (in CPython it runs).
    ///
    /// # Example
    ///
    /// ```
    /// use executor::{Executor, ThreadPoolExecutor};
    ///
    /// # fn main() -> Result<(), executor::Error> {
    /// let pool = ThreadPoolExecutor::new(2)?;
    /// let squares: Result<Vec<u64>, _> = pool.map(|n: u64| n * n, 1..=3)?.collect();
    /// assert_eq!(squares?, [1, 4, 9]);
    /// # Ok(())
    /// # }
    /// ```
    fn map<F, Item, Items>(&self, task: F, items: Items) -> Result<Map<F::Output>, SubmitError>
    where
        F: Task<(Item,)>,
        Item: Payload,
        Items: IntoIterator<Item = Item>,
        F::Output: Payload,
    {
        Map::new(self, Single(task), items.into_iter())
    }

    /// As [`map`](Executor::map), for a task of several arguments: each item is the tuple of them.
    ///
    /// Inputs that come apart are put together by [`zip`](Iterator::zip), which stops at the shorter
    /// one; that is Python's `map(f, xs, ys)`.
    ///
    /// # Errors
    ///
    /// As [`map`](Executor::map).
    ///
    /// # Panics
    ///
    /// As [`map`](Executor::map).
    ///
    /// # Example
    ///
    /// ```
    /// use executor::{Executor, ThreadPoolExecutor};
    ///
    /// # fn main() -> Result<(), executor::Error> {
    /// let pool = ThreadPoolExecutor::new(2)?;
    /// let (bases, exponents) = ([2_u64, 3, 10], [5, 2, 3]);
    /// let powers = pool.starmap(u64::pow, bases.into_iter().zip(exponents))?;
    /// assert_eq!(powers.collect::<Result<Vec<u64>, _>>()?, [32, 9, 1000]);
    /// # Ok(())
    /// # }
    /// ```
    fn starmap<F, Args, Items>(&self, task: F, items: Items) -> Result<Map<F::Output>, SubmitError>
    where
        F: Task<Args>,
        Args: Payload,
        Items: IntoIterator<Item = Args>,
        F::Output: Payload,
    {
        Map::new(self, task, items.into_iter())
    }

    /// As [`map`](Executor::map), with options: `chunksize`, `buffersize`, `timeout`, and results in
    /// the order in which they come. See [`MapOptions`].
    ///
    /// # Errors
    ///
    /// As [`map`](Executor::map). What is only drawn later, because of a
    /// [`buffersize`](MapOptions::buffersize), and not accepted then, yields a
    /// [`MapError::Submit`](crate::MapError::Submit) behind the results of all that was: a map never
    /// ends as if there had been no more items when there were.
    ///
    /// # Panics
    ///
    /// As the iterator of the items does: in this call, or in the `next` that draws from it, after
    /// which no more items are drawn.
    ///
    /// # Example
    ///
    /// ```
    /// use executor::{Executor, MapOptions, ThreadPoolExecutor};
    ///
    /// # fn main() -> Result<(), executor::Error> {
    /// let pool = ThreadPoolExecutor::new(2)?;
    /// let options = MapOptions::new().automatic_chunksize();
    /// let squares = pool.map_with(|n: u64| n * n, 0..10_000, options)?;
    /// assert_eq!(squares.sum::<Result<u64, _>>()?, 333_283_335_000);
    /// # Ok(())
    /// # }
    /// ```
    fn map_with<F, Item, Items>(
        &self,
        task: F,
        items: Items,
        options: MapOptions,
    ) -> Result<MapWith<'_, Self, Single<F>, Items::IntoIter>, SubmitError>
    where
        F: Task<(Item,)>,
        Item: Payload,
        Items: IntoIterator<Item = Item>,
        F::Output: Payload,
    {
        MapWith::new(self, Single(task), items.into_iter(), options)
    }

    /// As [`starmap`](Executor::starmap), with the options of [`map_with`](Executor::map_with).
    ///
    /// # Errors
    ///
    /// As [`map_with`](Executor::map_with).
    ///
    /// # Panics
    ///
    /// As [`map_with`](Executor::map_with).
    ///
    /// # Example
    ///
    /// ```
    /// use executor::{Executor, MapOptions, ThreadPoolExecutor};
    ///
    /// # fn main() -> Result<(), executor::Error> {
    /// let pool = ThreadPoolExecutor::new(2)?;
    /// let numbered = (1..).zip(["one", "two"].map(str::to_owned));
    /// let options = MapOptions::new().chunksize(2);
    /// let lines = pool.starmap_with(|n: u32, word: String| format!("{n} {word}"), numbered, options)?;
    /// assert_eq!(lines.collect::<Result<Vec<String>, _>>()?, ["1 one", "2 two"]);
    /// # Ok(())
    /// # }
    /// ```
    fn starmap_with<F, Args, Items>(
        &self,
        task: F,
        items: Items,
        options: MapOptions,
    ) -> Result<MapWith<'_, Self, F, Items::IntoIter>, SubmitError>
    where
        F: Task<Args>,
        Args: Payload,
        Items: IntoIterator<Item = Args>,
        F::Output: Payload,
    {
        MapWith::new(self, task, items.into_iter(), options)
    }

    /// Ends the executor: nothing is accepted any more.
    ///
    /// What is running runs to its end. Calling it again is fine, also from several threads at once;
    /// a later call may still cancel and wait. From one of the executor's own tasks or callbacks it
    /// does not wait, for it would wait for itself, nor from a task of another one where the wait could never
    /// end. What it returns says how far it has come.
    ///
    /// ```
    /// use executor::{Executor, Shutdown, ThreadPoolExecutor};
    ///
    /// let pool = ThreadPoolExecutor::new(2)?;
    /// let future = pool.submit(|| 42, ())?;
    /// pool.shutdown(Shutdown::wait());
    /// assert!(future.done());
    /// # Ok::<(), executor::Error>(())
    /// ```
    fn shutdown(&self, how: Shutdown) -> ShutdownOutcome;

    /// How much there is to do, and what was done, at this moment. It costs the tasks nothing that
    /// could be measured. (Python has no such thing.)
    ///
    /// ```
    /// use executor::{Executor, ThreadPoolExecutor};
    ///
    /// fn is_idle(executor: &impl Executor) -> bool {
    ///     let counters = executor.counters();
    ///     counters.queued == 0 && counters.running == 0
    /// }
    /// assert!(is_idle(&ThreadPoolExecutor::new(1)?));
    /// # Ok::<(), executor::Error>(())
    /// ```
    fn counters(&self) -> Counters;

    /// How many workers it has at most, and so how many tasks run at a time; not counting
    /// [spare ones](crate::WhenStarved::Help).
    ///
    /// ```
    /// use executor::{Executor, ThreadPoolExecutor};
    ///
    /// /// As many parts as can be worked on side by side.
    /// fn parts(executor: &impl Executor, items: usize) -> usize {
    ///     items.div_ceil(executor.max_workers())
    /// }
    /// assert_eq!(parts(&ThreadPoolExecutor::new(4)?, 10), 3);
    /// # Ok::<(), executor::Error>(())
    /// ```
    fn max_workers(&self) -> usize;
}
