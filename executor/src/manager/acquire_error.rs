//! Why a lock was not had, or not simply.

use std::error::Error as StdError;
use std::fmt;

use super::error::ManagerError;
use super::lock::{Exclusive, LockGuard};

/// Why [`acquire`](super::Proxy::acquire) gave no lock, or not simply the lock.
///
/// ```
/// # let manager = executor::Manager::start()?;
/// use executor::manager::AcquireError;
///
/// let (lock, total) = (manager.lock()?, manager.value(7)?);
/// let forgetful = lock.clone();
/// std::thread::spawn(move || forgetful.acquire().map(std::mem::forget).is_ok()).join().unwrap();
/// let held = match lock.acquire() {
///     Err(AcquireError::OwnerDied(held)) => {
///         total.set_value(0)?; // what it protects may be half changed: made anew
///         held
///     }
///     other => other?,
/// };
/// assert_eq!(total.value()?, 0);
/// # drop(held);
/// # Ok::<(), executor::Error>(())
/// ```
#[must_use]
pub enum AcquireError<L: Exclusive> {
    /// Here is the lock, but the last one that had it ended without having released it: what the lock
    /// protects may be half changed. To drop the guard, as `?` does, releases it.
    OwnerDied(LockGuard<L>),
    /// There is no lock.
    Failed(ManagerError),
}

impl<L: Exclusive> fmt::Display for AcquireError<L> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            AcquireError::OwnerDied(_) => fmt::Display::fmt(&ManagerError::OwnerDied, f),
            AcquireError::Failed(error) => fmt::Display::fmt(error, f),
        }
    }
}

/// The same as its `Display`.
impl<L: Exclusive> fmt::Debug for AcquireError<L> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl<L: Exclusive> StdError for AcquireError<L> {}

/// Without the lock.
impl<L: Exclusive> From<AcquireError<L>> for ManagerError {
    fn from(error: AcquireError<L>) -> ManagerError {
        match error {
            AcquireError::OwnerDied(_) => ManagerError::OwnerDied,
            AcquireError::Failed(error) => error,
        }
    }
}
