//! The guard of a lock that this thread has.

use std::cell::Cell;
use std::fmt;
use std::marker::PhantomData;

use super::{Exclusive, Release};
use crate::manager::error::ManagerError;
use crate::manager::proxy::Proxy;

/// A lock that this thread has. Dropped, it is released; a forgotten one is released when the thread
/// ends, and counts as abandoned. (So may one that is kept in a thread-local: it is dropped when the thread's
/// connection has perhaps ended.)
///
/// ```
/// let manager = executor::Manager::start()?;
/// let lock = manager.lock()?;
/// {
///     let _held = lock.acquire()?;
///     assert!(lock.locked()?);
/// }
/// assert!(!lock.locked()?);
/// # Ok::<(), executor::Error>(())
/// ```
#[must_use = "the lock is released when the guard is dropped"]
pub struct LockGuard<L: Exclusive> {
    proxy: Proxy<L>,
    /// Then drop has nothing to do.
    is_released: Cell<bool>,
    /// The lock is the connection's, and that is this thread's.
    of_this_thread: PhantomData<*const ()>,
}

impl<L: Exclusive> LockGuard<L> {
    /// Of a lock that this thread has just acquired.
    pub(super) fn of(proxy: Proxy<L>) -> LockGuard<L> {
        LockGuard {
            proxy,
            is_released: Cell::new(false),
            of_this_thread: PhantomData,
        }
    }

    /// Releases the lock, waits for the manager to say so, and tells if something was wrong. To drop
    /// the guard tells nothing and does not wait; what this thread asks of the manager next comes
    /// after it all the same.
    ///
    /// # Errors
    ///
    /// [`ManagerError::NotHeld`] if the connection has broken meanwhile, and the lock with it. See
    /// [`Proxy`].
    ///
    /// # Example
    ///
    /// ```
    /// # let manager = executor::Manager::start()?;
    /// let lock = manager.lock()?;
    /// lock.acquire()?.release()?;
    /// assert!(!lock.locked()?);
    /// # Ok::<(), executor::Error>(())
    /// ```
    pub fn release(self) -> Result<(), ManagerError> {
        let released = self.proxy.ask(Release::<L>(PhantomData));
        self.is_released.set(true);
        released
    }

    pub(in crate::manager) fn proxy(&self) -> &Proxy<L> {
        &self.proxy
    }
}

impl<L: Exclusive> Drop for LockGuard<L> {
    fn drop(&mut self) {
        if !self.is_released.get() {
            // If it fails, the connection is gone, and with it the lock.
            drop(self.proxy.tell(Release::<L>(PhantomData)));
        }
    }
}

impl<L: Exclusive> fmt::Debug for LockGuard<L> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "LockGuard({:?})", self.proxy)
    }
}
