//! Any error of this crate as one.

use std::error::Error as StdError;
use std::fmt;

use crate::base::{BuildError, Refused, SubmitError, TaskError, TimedOut};
#[cfg(all(feature = "manager", target_os = "linux", target_env = "gnu"))]
use crate::manager::{AcquireError, Exclusive, ManagerError};
#[cfg(all(feature = "shared", target_os = "linux", target_env = "gnu"))]
use crate::shared::{LockProblem, SharedError};

/// Any error of this crate, for programs that pass them all on with `?`.
///
/// Its `Debug` is its `Display`: that is what a `main` that returns it prints.
///
/// ```
/// use executor::{Error, TaskError, ThreadPoolExecutor};
///
/// fn answer(workers: usize) -> Result<u32, Error> {
///     Ok(ThreadPoolExecutor::new(workers)?.submit(|| 42, ())?.into_result()?)
/// }
///
/// assert_eq!(answer(1)?, 42);
/// assert!(matches!(answer(0), Err(Error::Build(_))));
/// # Ok::<(), executor::Error>(())
/// ```
#[non_exhaustive]
pub enum Error {
    /// A pool could not be built.
    Build(BuildError),
    /// A task was not accepted.
    Submit(SubmitError),
    /// A task left no value.
    Task(TaskError),
    /// A wait ran out of time.
    TimedOut(TimedOut),
    /// Something that was asked of a manager was not done.
    #[cfg(all(feature = "manager", target_os = "linux", target_env = "gnu"))]
    Manager(ManagerError),
    /// A lock in shared memory could not be had.
    #[cfg(all(feature = "shared", target_os = "linux", target_env = "gnu"))]
    Lock(LockProblem),
    /// An object in shared memory could not be made, or did not do what it was asked to.
    #[cfg(all(feature = "shared", target_os = "linux", target_env = "gnu"))]
    Shared(SharedError),
}

impl Error {
    fn inner(&self) -> &(dyn StdError + 'static) {
        match self {
            Error::Build(error) => error,
            Error::Submit(error) => error,
            Error::Task(error) => error,
            Error::TimedOut(error) => error,
            #[cfg(all(feature = "manager", target_os = "linux", target_env = "gnu"))]
            Error::Manager(error) => error,
            #[cfg(all(feature = "shared", target_os = "linux", target_env = "gnu"))]
            Error::Lock(problem) => problem,
            #[cfg(all(feature = "shared", target_os = "linux", target_env = "gnu"))]
            Error::Shared(error) => error,
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self.inner(), f)
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.inner().source()
    }
}

macro_rules! from {
    ($($Kind:ident($Source:ty),)*) => {
        $(impl From<$Source> for Error {
            fn from(error: $Source) -> Error {
                Error::$Kind(error)
            }
        })*
    };
}

from! {
    Build(BuildError),
    Submit(SubmitError),
    Task(TaskError),
    TimedOut(TimedOut),
}

/// Without the task and its arguments, which are dropped.
impl<F, Args> From<Refused<F, Args>> for Error {
    fn from(refused: Refused<F, Args>) -> Error {
        Error::Submit(refused.into())
    }
}

#[cfg(all(feature = "manager", target_os = "linux", target_env = "gnu"))]
from! {
    Manager(ManagerError),
}

/// Without the lock, which is released.
#[cfg(all(feature = "manager", target_os = "linux", target_env = "gnu"))]
impl<L: Exclusive> From<AcquireError<L>> for Error {
    fn from(error: AcquireError<L>) -> Error {
        Error::Manager(error.into())
    }
}

#[cfg(all(feature = "shared", target_os = "linux", target_env = "gnu"))]
from! {
    Lock(LockProblem),
    Shared(SharedError),
}
