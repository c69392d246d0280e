//! Any error of this crate as one.

use std::error::Error as StdError;
use std::fmt;

use crate::base::{BuildError, SubmitError, TaskError, TimedOut};

/// Any error of this crate, for programs that pass them all on with `?`.
///
/// Its `Debug` is its `Display`: that is what a `main` that returns it prints.
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
}

impl Error {
    fn inner(&self) -> &(dyn StdError + 'static) {
        match self {
            Error::Build(error) => error,
            Error::Submit(error) => error,
            Error::Task(error) => error,
            Error::TimedOut(error) => error,
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
