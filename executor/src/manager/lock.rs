//! Locks. Who has one is a connection, which is a thread of some process; if it ends without having
//! released the lock, the lock is released, and the next one is told.

mod guard;

use std::marker::PhantomData;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::acquire_error::AcquireError;
use super::error::ManagerError;
use super::operation::{Caller, Operation, Outcome};
use super::proxy::Proxy;

pub use guard::LockGuard;

/// A lock in a manager; made by [`Manager::lock`](super::Manager::lock).
///
/// ```
/// let manager = executor::Manager::start()?;
/// let lock = manager.lock()?;
/// let held = lock.acquire()?;
/// assert!(lock.locked()?);
/// held.release()?;
/// assert!(!lock.locked()?);
/// # Ok::<(), executor::Error>(())
/// ```
#[derive(Debug, Default)]
pub struct Lock(Holding);

/// A lock in a manager that who has it can acquire again; made by
/// [`Manager::rlock`](super::Manager::rlock).
///
/// ```
/// let manager = executor::Manager::start()?;
/// let lock = manager.rlock()?;
/// let (outer, inner) = (lock.acquire()?, lock.acquire()?);
/// drop(outer);
/// assert!(lock.locked()?);
/// drop(inner);
/// # Ok::<(), executor::Error>(())
/// ```
#[derive(Debug, Default)]
pub struct RLock(Holding);

/// A proxy of a lock.
///
/// ```
/// # let manager = executor::Manager::start()?;
/// use executor::manager::LockProxy;
///
/// let lock: LockProxy = manager.lock()?;
/// {
///     let _held = lock.acquire()?;
///     assert!(lock.locked()?);
/// } // released
/// # Ok::<(), executor::Error>(())
/// ```
pub type LockProxy = Proxy<Lock>;

/// A proxy of a lock that who has it can acquire again.
///
/// ```
/// use executor::manager::RLockProxy;
///
/// let manager = executor::Manager::start()?;
/// let lock: RLockProxy = manager.rlock()?;
/// # drop(lock);
/// # Ok::<(), executor::Error>(())
/// ```
pub type RLockProxy = Proxy<RLock>;

/// What one thread at a time can have: a [`Lock`], an [`RLock`], or the lock of a
/// [`Condition`](super::Condition).
///
/// ```
/// use executor::manager::{Exclusive, Proxy};
///
/// fn with<L: Exclusive, R>(lock: &Proxy<L>, body: impl FnOnce() -> R) -> Result<R, executor::Error> {
///     let _held = lock.acquire()?;
///     Ok(body())
/// }
///
/// let manager = executor::Manager::start()?;
/// assert_eq!(with(&manager.lock()?, || 1)? + with(&manager.rlock()?, || 2)?, 3);
/// # Ok::<(), executor::Error>(())
/// ```
pub trait Exclusive: Sealed + Send + 'static {}

pub(super) use sealed::Sealed;

mod sealed {
    use super::Holding;

    /// What only this crate implements.
    pub trait Sealed {
        /// Whether who has it can acquire it again.
        #[doc(hidden)]
        const RECURSIVE: bool;

        #[doc(hidden)]
        fn holding(&mut self) -> &mut Holding;
    }
}

#[cfg(any(test, fuzzing))]
impl Lock {
    pub(super) fn is_at_rest(&self) -> bool {
        self.0.is_at_rest()
    }
}

#[cfg(any(test, fuzzing))]
impl RLock {
    pub(super) fn is_at_rest(&self) -> bool {
        self.0.is_at_rest()
    }
}

impl Exclusive for Lock {}

impl Sealed for Lock {
    const RECURSIVE: bool = false;

    fn holding(&mut self) -> &mut Holding {
        &mut self.0
    }
}

impl Exclusive for RLock {}

impl Sealed for RLock {
    const RECURSIVE: bool = true;

    fn holding(&mut self) -> &mut Holding {
        &mut self.0
    }
}

/// Who has a lock.
#[doc(hidden)]
#[derive(Debug, Default)]
pub struct Holding {
    /// The connection that has it, and how often.
    holder: Option<(u64, u32)>,
    /// Whether the last one that had it ended without having released it.
    was_abandoned: bool,
}

impl Holding {
    /// Whether nobody has it.
    #[cfg(any(test, fuzzing))]
    pub(super) fn is_at_rest(&self) -> bool {
        self.holder.is_none()
    }

    pub(super) fn is_of(&self, connection: u64) -> bool {
        self.holder.is_some_and(|(holder, _)| holder == connection)
    }

    /// Gives it to a connection, if nobody has it.
    pub(super) fn take(&mut self, connection: u64) -> Option<Acquired> {
        self.holder.is_none().then(|| {
            self.holder = Some((connection, 1));
            match std::mem::take(&mut self.was_abandoned) {
                true => Acquired::Abandoned,
                false => Acquired::InOrder,
            }
        })
    }

    /// Takes it from a connection, however often that has it.
    pub(super) fn let_go(&mut self, connection: u64) -> Outcome<()> {
        match self.is_of(connection) {
            true => {
                self.holder = None;
                Ok(())
            }
            false => Err(ManagerError::NotHeld),
        }
    }

    pub(super) fn leave(&mut self, connection: u64) {
        if self.is_of(connection) {
            self.holder = None;
            self.was_abandoned = true;
        }
    }
}

/// How the lock was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Acquired {
    InOrder,
    /// The last one that had it ended without having released it.
    Abandoned,
}

#[derive(Serialize, Deserialize)]
#[serde(bound = "")]
pub(super) struct Acquire<L> {
    waits: bool,
    #[serde(skip)]
    lock: PhantomData<fn(L)>,
}

impl<L: Exclusive> Operation for Acquire<L> {
    type Object = L;
    type Output = Acquired;

    const NOTES: bool = true;

    fn attempt(&mut self, lock: &mut L, caller: Caller) -> Option<Outcome<Acquired>> {
        let holding = lock.holding();
        if let Some((holder, count)) = &mut holding.holder
            && *holder == caller.connection
        {
            if !L::RECURSIVE {
                return Some(Err(ManagerError::Deadlock(
                    "this thread has the lock that it waits for".to_owned(),
                )));
            }
            *count += 1;
            return Some(Ok(Acquired::InOrder));
        }
        match holding.take(caller.connection) {
            Some(acquired) => Some(Ok(acquired)),
            None => (!self.waits).then_some(Err(ManagerError::TimedOut)),
        }
    }

    fn leave(lock: &mut L, connection: u64) {
        lock.holding().leave(connection);
    }
}

#[derive(Serialize, Deserialize)]
#[serde(bound = "")]
struct Release<L>(#[serde(skip)] PhantomData<fn(L)>);

impl<L: Exclusive> Operation for Release<L> {
    type Object = L;
    type Output = ();

    const EVEN_POISONED: bool = true;

    fn attempt(&mut self, lock: &mut L, caller: Caller) -> Option<Outcome<()>> {
        let holding = lock.holding();
        Some(match &mut holding.holder {
            Some((holder, count)) if *holder == caller.connection => {
                *count -= 1;
                if *count == 0 {
                    holding.holder = None;
                }
                Ok(())
            }
            _ => Err(ManagerError::NotHeld),
        })
    }
}

/// A lock. It belongs to the thread that acquired it, and is released when that, or its process, ends.
impl<L: Exclusive> Proxy<L> {
    /// Waits for the lock and takes it, until the guard is dropped or
    /// [released](LockGuard::release).
    ///
    /// # Errors
    ///
    /// [`AcquireError::OwnerDied`], with the lock, if the last one that had it ended without having
    /// released it. [`ManagerError::Deadlock`] if this thread has it and it is no [`RLock`].
    ///
    /// # Example
    ///
    /// ```
    /// # let manager = executor::Manager::start()?;
    /// let lock = manager.lock()?;
    /// let held = lock.acquire()?;
    /// assert!(lock.acquire().is_err()); // this thread has it
    /// drop(held);
    /// # Ok::<(), executor::Error>(())
    /// ```
    pub fn acquire(&self) -> Result<LockGuard<L>, AcquireError<L>> {
        self.guard(self.ask(Acquire::new(true)))
    }

    /// Takes the lock, if nobody has it.
    ///
    /// # Errors
    ///
    /// [`ManagerError::TimedOut`] if somebody has it; else as [`acquire`](Proxy::acquire).
    ///
    /// # Example
    ///
    /// ```
    /// # let manager = executor::Manager::start()?;
    /// let lock = manager.lock()?;
    /// let _held = lock.try_acquire()?;
    /// std::thread::scope(|scope| {
    ///     scope.spawn(|| assert!(lock.try_acquire().is_err()));
    /// });
    /// # Ok::<(), executor::Error>(())
    /// ```
    pub fn try_acquire(&self) -> Result<LockGuard<L>, AcquireError<L>> {
        self.guard(self.ask(Acquire::new(false)))
    }

    /// Waits for the lock for so long at most, and takes it.
    ///
    /// # Errors
    ///
    /// [`ManagerError::TimedOut`] if somebody has it for longer; else as [`acquire`](Proxy::acquire).
    ///
    /// # Example
    ///
    /// ```
    /// # let manager = executor::Manager::start()?;
    /// let lock = manager.lock()?;
    /// let _held = lock.acquire_timeout(std::time::Duration::from_secs(1))?;
    /// # Ok::<(), executor::Error>(())
    /// ```
    pub fn acquire_timeout(&self, timeout: Duration) -> Result<LockGuard<L>, AcquireError<L>> {
        self.guard(self.ask_within(Acquire::new(true), timeout))
    }

    /// Whether somebody has the lock just now.
    ///
    /// # Errors
    ///
    /// See [`Proxy`].
    ///
    /// # Example
    ///
    /// ```
    /// # let manager = executor::Manager::start()?;
    /// assert!(!manager.lock()?.locked()?);
    /// # Ok::<(), executor::Error>(())
    /// ```
    pub fn locked(&self) -> Result<bool, ManagerError> {
        self.call(|lock: &mut L| lock.holding().holder.is_some(), ())
    }

    fn guard(
        &self,
        acquired: Result<Acquired, ManagerError>,
    ) -> Result<LockGuard<L>, AcquireError<L>> {
        let acquired = acquired.map_err(AcquireError::Failed)?;
        let guard = LockGuard::of(self.clone());
        match acquired {
            Acquired::InOrder => Ok(guard),
            Acquired::Abandoned => Err(AcquireError::OwnerDied(guard)),
        }
    }
}

impl<L> Acquire<L> {
    pub(super) fn new(waits: bool) -> Acquire<L> {
        Acquire {
            waits,
            lock: PhantomData,
        }
    }
}
