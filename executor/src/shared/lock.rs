//! Locks in shared memory that protect something elsewhere.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use super::error::SharedError;
use super::guard::sealed::Sealed;
use super::guard::{self, LockError};
use super::hold::{Hold, Patience};
use super::mapping::Mapping;
use super::object::{self, object};
use super::word::Deadline;

/// A lock that processes share, for something that lies elsewhere: a file, a device, an
/// [`AtomicArray`](super::AtomicArray).
///
/// What lies in shared memory is better protected by the lock of a [`Value`](super::Value) or an
/// [`Array`](super::Array), which can't be forgotten.
///
/// ```
/// # fn main() -> Result<(), executor::Error> {
/// let terminal = executor::shared::Lock::new()?;
/// {
///     let _guard = terminal.acquire()?;
///     println!("a line");
///     println!("and the next one");
/// }
/// assert!(terminal.try_acquire().is_ok());
/// let _guard = terminal.acquire_timeout(std::time::Duration::from_secs(1))?;
/// # Ok(())
/// # }
/// ```
///
/// # Memory ordering
///
/// Taking the lock synchronises with every release of it before, as a mutex does.
pub struct Lock {
    mapping: Arc<Mapping>,
}

/// A lock that processes share, and that the thread that has it can take again.
///
/// It is free when all of that thread's guards are gone. As it may be taken twice, it is no proof that
/// nobody is in the middle of something; so it protects no data of its own.
///
/// ```
/// # fn main() -> Result<(), executor::Error> {
/// let lock = executor::shared::RLock::new()?;
/// let outer = lock.acquire()?;
/// let inner = lock.try_acquire()?;
/// drop(outer);
/// drop(inner); // free now
/// let _guard = lock.acquire_timeout(std::time::Duration::from_secs(1))?;
/// # Ok(())
/// # }
/// ```
///
/// # Memory ordering
///
/// As [`Lock`].
pub struct RLock {
    mapping: Arc<Mapping>,
}

object!(Lock, Lock of ());
object!(RLock, RLock of ());

macro_rules! lock {
    ($Lock:ident, $Guard:ident) => {
        impl $Lock {
            /// A new lock, in memory of its own: a page and a descriptor.
            ///
            /// # Errors
            ///
            /// [`SharedError::System`] if the system has no memory, or this process no descriptor left.
            ///
            /// # Example
            ///
            /// ```
            /// let lock = executor::shared::Lock::new()?; // an `RLock` in the same way
            /// assert!(lock.try_acquire().is_ok());
            /// # Ok::<(), executor::Error>(())
            /// ```
            pub fn new() -> Result<$Lock, SharedError> {
                object::create(1, 0)
            }

            /// Waits for the lock.
            ///
            /// # Errors
            ///
            /// [`LockError::OwnerDied`] and [`Poisoned`](LockError::Poisoned) have the guard in them: a
            /// holder died or panicked. [`Unrecoverable`](LockError::Unrecoverable) if nobody saw to
            /// that; [`HeldByCaller`](LockError::HeldByCaller), for a [`Lock`], if this thread has it.
            ///
            /// # Example
            ///
            /// ```
            /// let lock = executor::shared::Lock::new()?; // an `RLock` in the same way
            /// let _guard = lock.acquire()?;
            /// # Ok::<(), executor::Error>(())
            /// ```
            pub fn acquire(&self) -> Result<$Guard<'_>, LockError<$Guard<'_>>> {
                self.take(Patience::Until(None))
            }

            /// Takes the lock if it is free.
            ///
            /// # Errors
            ///
            /// As for `acquire`, and [`LockError::WouldBlock`] if somebody else has it.
            ///
            /// # Example
            ///
            /// ```
            /// let lock = executor::shared::Lock::new()?; // an `RLock` in the same way
            /// if let Ok(_guard) = lock.try_acquire() {
            ///     // nobody else is here
            /// }
            /// # Ok::<(), executor::Error>(())
            /// ```
            pub fn try_acquire(&self) -> Result<$Guard<'_>, LockError<$Guard<'_>>> {
                self.take(Patience::None)
            }

            /// Waits for the lock, for so long at most.
            ///
            /// # Errors
            ///
            /// As for `acquire`, and [`LockError::TimedOut`].
            ///
            /// # Example
            ///
            /// ```
            /// let lock = executor::shared::Lock::new()?; // an `RLock` in the same way
            /// let _guard = lock.acquire_timeout(std::time::Duration::from_secs(1))?;
            /// # Ok::<(), executor::Error>(())
            /// ```
            pub fn acquire_timeout(
                &self,
                timeout: Duration,
            ) -> Result<$Guard<'_>, LockError<$Guard<'_>>> {
                self.take(Patience::Until(Deadline::after(timeout)))
            }

            fn take(&self, patience: Patience) -> Result<$Guard<'_>, LockError<$Guard<'_>>> {
                guard::take(&self.mapping, patience, |hold| $Guard { hold })
            }
        }

        impl Sealed for $Guard<'_> {
            fn hold(&self) -> &Hold<'_> {
                &self.hold
            }
        }

        impl fmt::Debug for $Guard<'_> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(stringify!($Guard))
            }
        }
    };
}

lock!(Lock, LockGuard);
lock!(RLock, RLockGuard);

/// That the calling thread has a [`Lock`].
///
/// ```
/// let lock = executor::shared::Lock::new()?;
/// let guard = lock.acquire()?;
/// drop(guard);
/// assert!(lock.try_acquire().is_ok());
/// # Ok::<(), executor::Error>(())
/// ```
#[must_use = "dropped at once, it protects nothing"]
pub struct LockGuard<'a> {
    hold: Hold<'a>,
}

/// That the calling thread has an [`RLock`], once more or for the first time.
///
/// ```
/// let lock = executor::shared::RLock::new()?;
/// let guard = lock.acquire()?;
/// drop(guard);
/// assert!(lock.try_acquire().is_ok());
/// # Ok::<(), executor::Error>(())
/// ```
#[must_use = "dropped at once, it protects nothing"]
pub struct RLockGuard<'a> {
    hold: Hold<'a>,
}
