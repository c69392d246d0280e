//! Why a map with options yields no value.

use std::error::Error as StdError;
use std::fmt;

use crate::base::{SubmitError, TaskError, TimedOut};

/// Why a map with options yields no value: an item's own failure, or the end of the whole.
///
/// [`Error`](crate::Error) has the same kinds, so `?` makes one of it.
///
/// ```
/// use executor::{Executor, MapError, MapOptions, ThreadPoolExecutor};
///
/// let pool = ThreadPoolExecutor::new(2)?;
/// let quotients = pool.map_with(|n: u32| 6 / n, [3, 0, 2], MapOptions::new())?;
/// let quotients: Vec<Result<u32, MapError>> = quotients.collect();
/// assert!(matches!(quotients[..], [Ok(2), Err(MapError::Task(_)), Ok(3)]));
/// # Ok::<(), executor::Error>(())
/// ```
#[derive(Clone)]
pub enum MapError {
    /// The item failed. The iteration goes on behind it.
    Task(TaskError),
    /// The time was over before all results were there. Nothing comes after it.
    ///
    /// The numbers are those of items: drawn, and of these not yielded.
    TimedOut(TimedOut),
    /// The executor did not accept an item that was drawn while iterating: it was shut down or broke
    /// meanwhile, or its queue was full and room could never come. It comes after the results of all that were accepted, and nothing comes after it.
    Submit(SubmitError),
}

impl fmt::Display for MapError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            MapError::Task(error) => error.fmt(f),
            MapError::TimedOut(TimedOut { unfinished, total }) => write!(
                f,
                "the map timed out with {unfinished} of the {total} items drawn not yielded; those \
                 that had not started are cancelled"
            ),
            MapError::Submit(error) => write!(f, "the map ends before its items: {error}"),
        }
    }
}

/// The same as its `Display`.
impl fmt::Debug for MapError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl StdError for MapError {}

impl From<MapError> for crate::Error {
    fn from(error: MapError) -> crate::Error {
        match error {
            MapError::Task(error) => error.into(),
            MapError::TimedOut(error) => error.into(),
            MapError::Submit(error) => error.into(),
        }
    }
}
