//! `MapOptions`: how a map hands out its items and gives back what they leave.

use std::time::Duration;

/// How a map hands out its items and gives back what they leave; for
/// [`map_with`](crate::Executor::map_with) and [`starmap_with`](crate::Executor::starmap_with).
///
/// The default is what [`map`](crate::Executor::map) does: one item to a task, all of them submitted
/// in the call, results in the order of the items, no hurry.
///
/// # Example
///
/// An input without end, of which eight items are read ahead, in whatever order they are done:
///
/// ```
/// use executor::{Executor, MapOptions, ThreadPoolExecutor};
///
/// # fn main() -> Result<(), executor::Error> {
/// let pool = ThreadPoolExecutor::new(2)?;
/// let options = MapOptions::new().buffersize(8).unordered();
/// for square in pool.map_with(|n: u64| n * n, 0.., options)?.take(20) {
///     println!("{}", square?);
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[must_use = "options do nothing until they are passed to a map"]
pub struct MapOptions {
    /// `None` if it is automatic.
    pub(super) chunksize: Option<usize>,
    pub(super) buffersize: Option<usize>,
    pub(super) timeout: Option<Duration>,
    pub(super) unordered: bool,
}

impl MapOptions {
    /// The default options.
    ///
    /// ```
    /// use executor::{Executor, MapOptions, ThreadPoolExecutor};
    ///
    /// let pool = ThreadPoolExecutor::new(2)?;
    /// let options = MapOptions::new();
    /// let squares = pool.map_with(|n: u32| n * n, 0..3, options)?;
    /// assert_eq!(squares.collect_values()?, [0, 1, 4]);
    /// # Ok::<(), executor::Error>(())
    /// ```
    pub const fn new() -> MapOptions {
        MapOptions {
            chunksize: Some(1),
            buffersize: None,
            timeout: None,
            unordered: false,
        }
    }

    /// How many items make a task, so that short items share the cost of one. By default 1.
    ///
    /// They also share its fate: a worker process that dies takes along the items of its chunk, and
    /// the first of a chunk is not there before the last. (An item that fails by itself, by a panic
    /// too, leaves its neighbours alone.) Unlike CPython's threads, which ignore it, every executor
    /// makes chunks. The last is as long as what is left.
    ///
    /// # Panics
    ///
    /// If it is zero, which is a mistake in the program and not of its input.
    ///
    /// # Example
    ///
    /// ```
    /// use executor::{Executor, MapOptions, ThreadPoolExecutor};
    ///
    /// let pool = ThreadPoolExecutor::new(2)?;
    /// let options = MapOptions::new().chunksize(100);
    /// let squares = pool.map_with(|n: u32| n * n, 0..1_000, options)?;
    /// assert_eq!(squares.collect_values()?.len(), 1_000); // by ten tasks
    /// # Ok::<(), executor::Error>(())
    /// ```
    #[track_caller]
    pub const fn chunksize(self, chunksize: usize) -> MapOptions {
        assert!(chunksize > 0, "chunksize is 0; it must be at least 1");
        MapOptions {
            chunksize: Some(chunksize),
            ..self
        }
    }

    /// As [`chunksize`](MapOptions::chunksize), from the number of items and workers.
    ///
    /// As many items as make four chunks for each worker, as in `multiprocessing.Pool`, but no more
    /// than a few thousand; where the iterator does not know how many items it has (its
    /// [`size_hint`](Iterator::size_hint) is not exact), chunks grow from one item to that as items
    /// come. With a [`buffersize`](MapOptions::buffersize), as many as make four chunks for each
    /// worker of the buffer.
    ///
    /// ```
    /// use executor::{Executor, MapOptions, ThreadPoolExecutor};
    ///
    /// let pool = ThreadPoolExecutor::new(2)?;
    /// let options = MapOptions::new().automatic_chunksize();
    /// let squares = pool.map_with(|n: u32| n * n, 0..1_000, options)?;
    /// assert_eq!(squares.collect_values()?.len(), 1_000); // by four tasks for each worker
    /// # Ok::<(), executor::Error>(())
    /// ```
    pub const fn automatic_chunksize(self) -> MapOptions {
        MapOptions {
            chunksize: None,
            ..self
        }
    }

    /// How many items are read ahead, so that the input may be long or endless. By default all of
    /// them are drawn and submitted before the map is there to be iterated over.
    ///
    /// So many items are drawn and submitted in the call, and with each `next` another. (In CPython
    /// it counts tasks, which are as many times more items as there are in a chunk.) A chunk that is
    /// larger is cut to this size.
    ///
    /// If there is no room for an item in the executor's [queue](crate::ThreadPoolBuilder::queue_limit) the call waits for
    /// it, as [`submit`](crate::Executor::submit) does, and so does a `next`, but for no longer than there is no result.
    ///
    /// Many small items take less time too, on threads, if those in flight are few enough to stay in
    /// a core's cache: a million numbers about three quarters of it with a buffer of 160 000, or a megabyte.
    ///
    /// # Panics
    ///
    /// If it is zero, as [`chunksize`](MapOptions::chunksize) does.
    ///
    /// # Example
    ///
    /// ```
    /// use executor::{Executor, MapOptions, ThreadPoolExecutor};
    ///
    /// let pool = ThreadPoolExecutor::new(2)?;
    /// let options = MapOptions::new().buffersize(4);
    /// let mut squares = pool.map_with(|n: u64| n * n, 0.., options)?;
    /// assert_eq!(squares.nth(5).expect("there is no end to it")?, 25);
    /// # Ok::<(), executor::Error>(())
    /// ```
    #[track_caller]
    pub const fn buffersize(self, buffersize: usize) -> MapOptions {
        assert!(buffersize > 0, "buffersize is 0; it must be at least 1");
        MapOptions {
            buffersize: Some(buffersize),
            ..self
        }
    }

    /// For how long, from the call on, results are waited for. By default without end.
    ///
    /// When the time is over no more chunks are drawn. What has been done by then is still yielded, up to
    /// the first that is not there. A `next` that would have to wait, or to draw an item, yields
    /// [`MapError::TimedOut`](crate::MapError::TimedOut) instead and cancels what has not started,
    /// also the item that it would have waited for; after that the iterator ends.
    ///
    /// The clock is not looked at while a chunk is drawn. Inside a task, where a map without a
    /// timeout runs items itself for which no worker is left, the time passes.
    ///
    /// ```
    /// use executor::{Executor, MapError, MapOptions, ThreadPoolExecutor};
    /// use std::time::Duration;
    ///
    /// let pool = ThreadPoolExecutor::new(1)?;
    /// let options = MapOptions::new().timeout(Duration::ZERO);
    /// let task = |millis: u64| std::thread::sleep(Duration::from_millis(millis));
    /// let mut slept = pool.map_with(task, [50, 50], options)?;
    /// assert!(matches!(slept.next(), Some(Err(MapError::TimedOut(_)))));
    /// assert!(slept.next().is_none());
    /// # Ok::<(), executor::Error>(())
    /// ```
    pub const fn timeout(self, timeout: Duration) -> MapOptions {
        MapOptions {
            timeout: Some(timeout),
            ..self
        }
    }

    /// Results are yielded as they come, and not in the order of the items; those of one chunk
    /// together.
    ///
    /// Which result is whose only the results themselves can tell: let the task return what it was
    /// given along with what it made of it.
    ///
    /// ```
    /// use executor::{Executor, MapOptions, ThreadPoolExecutor};
    ///
    /// let pool = ThreadPoolExecutor::new(2)?;
    /// let options = MapOptions::new().unordered();
    /// let mut squares = pool.map_with(|n: u32| (n, n * n), 0..3, options)?.collect_values()?;
    /// squares.sort();
    /// assert_eq!(squares, [(0, 0), (1, 1), (2, 4)]);
    /// # Ok::<(), executor::Error>(())
    /// ```
    pub const fn unordered(self) -> MapOptions {
        MapOptions {
            unordered: true,
            ..self
        }
    }
}

impl Default for MapOptions {
    fn default() -> MapOptions {
        MapOptions::new()
    }
}
