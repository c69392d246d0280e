//! A task that was not accepted, given back.

use std::error::Error as StdError;
use std::fmt;

use super::error::SubmitError;

/// A task that was not accepted, with its arguments and the reason.
///
/// It will not run. `?` makes a [`SubmitError`] or an [`Error`](crate::Error) of it, and drops the
/// task and its arguments; [`into_parts`](Refused::into_parts) gives them back as they were passed
/// to `submit`, to be submitted elsewhere or run here. (In Python they are the caller's anyway.)
///
/// # Example
///
/// ```
/// use executor::{Executor, Shutdown, ThreadPoolExecutor};
///
/// # fn main() -> Result<(), executor::Error> {
/// let (closed, open) = (ThreadPoolExecutor::new(1)?, ThreadPoolExecutor::new(1)?);
/// closed.shutdown(Shutdown::wait());
/// let length = match closed.submit(|text: String| text.len(), ("elsewhere".to_owned(),)) {
///     Ok(future) => future.into_result()?,
///     Err(refused) => {
///         let (error, task, args) = refused.into_parts();
///         assert!(error.to_string().contains("shut down"));
///         open.submit(task, args)?.into_result()?
///     }
/// };
/// assert_eq!(length, 9);
/// # Ok(())
/// # }
/// ```
pub struct Refused<F, Args>(Box<Parts<F, Args>>);

/// In a box, so that a `Result` that holds them is no larger than without.
struct Parts<F, Args> {
    error: SubmitError,
    task: F,
    args: Args,
}

impl<F, Args> Refused<F, Args> {
    pub(crate) fn new(error: SubmitError, task: F, args: Args) -> Refused<F, Args> {
        Refused(Box::new(Parts { error, task, args }))
    }

    /// Why it was not accepted.
    ///
    /// ```
    /// use executor::{Executor, Shutdown, SubmitError, ThreadPoolExecutor};
    ///
    /// let pool = ThreadPoolExecutor::new(1)?;
    /// pool.shutdown(Shutdown::wait());
    /// let refused = pool.submit(str::len, ("four",)).expect_err("the pool is closed");
    /// assert!(matches!(refused.error(), SubmitError::ShutDown));
    /// # Ok::<(), executor::Error>(())
    /// ```
    pub fn error(&self) -> &SubmitError {
        &self.0.error
    }

    /// The reason, the task and its arguments.
    ///
    /// ```
    /// use executor::{Executor, Shutdown, ThreadPoolExecutor};
    ///
    /// let pool = ThreadPoolExecutor::new(1)?;
    /// pool.shutdown(Shutdown::wait());
    /// let refused = pool.submit(str::len, ("four",)).expect_err("the pool is closed");
    /// let (_error, length, (text,)) = refused.into_parts();
    /// assert_eq!(length(text), 4);
    /// # Ok::<(), executor::Error>(())
    /// ```
    pub fn into_parts(self) -> (SubmitError, F, Args) {
        let Parts { error, task, args } = *self.0;
        (error, task, args)
    }
}

/// The reason.
impl<F, Args> fmt::Display for Refused<F, Args> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self.error(), f)
    }
}

/// The same as its `Display`.
impl<F, Args> fmt::Debug for Refused<F, Args> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self.error(), f)
    }
}

impl<F, Args> StdError for Refused<F, Args> {}

/// Drops the task and its arguments.
impl<F, Args> From<Refused<F, Args>> for SubmitError {
    fn from(refused: Refused<F, Args>) -> SubmitError {
        refused.into_parts().0
    }
}
