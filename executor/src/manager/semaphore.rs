//! A semaphore whose units come back when those who have them die.

use std::cell::Cell;
use std::collections::HashMap;
use std::fmt;
use std::marker::PhantomData;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::error::ManagerError;
use super::operation::{Caller, Operation, Outcome};
use super::proxy::Proxy;

/// A number of units that can be had, in a manager; made by
/// [`Manager::semaphore`](super::Manager::semaphore).
///
/// ```
/// let manager = executor::Manager::start()?;
/// let connections = manager.semaphore(2)?;
/// let (one, other) = (connections.acquire()?, connections.acquire()?);
/// assert!(connections.try_acquire().is_err());
/// drop((one, other));
/// assert_eq!(connections.units()?, 2);
/// # Ok::<(), executor::Error>(())
/// ```
#[derive(Debug)]
pub struct Semaphore {
    units: u32,
    /// How many there may be at most.
    most: u32,
    /// How many permits each connection has.
    permits: HashMap<u64, u32>,
}

/// A proxy of a semaphore.
///
/// ```
/// # let manager = executor::Manager::start()?;
/// use executor::manager::SemaphoreProxy;
///
/// let connections: SemaphoreProxy = manager.semaphore(2)?;
/// let one = connections.acquire()?;
/// let _two = connections.acquire()?;
/// assert!(connections.try_acquire().is_err());
/// drop(one);
/// assert!(connections.try_acquire().is_ok());
/// # Ok::<(), executor::Error>(())
/// ```
pub type SemaphoreProxy = Proxy<Semaphore>;

impl Semaphore {
    pub(super) fn new(units: u32, is_bounded: bool) -> Semaphore {
        Semaphore {
            units,
            most: if is_bounded { units } else { u32::MAX },
            permits: HashMap::new(),
        }
    }

    /// Whether nobody has a permit, and there are not more units than there may be.
    #[cfg(any(test, fuzzing))]
    pub(super) fn is_at_rest(&self) -> bool {
        self.permits.is_empty() && self.units <= self.most
    }

    /// Takes a permit from those that a connection has; whether it had one.
    fn forget_permit(&mut self, connection: u64) -> bool {
        let Some(count) = self.permits.get_mut(&connection) else {
            return false;
        };
        *count -= 1;
        if *count == 0 {
            self.permits.remove(&connection);
        }
        true
    }
}

#[derive(Serialize, Deserialize)]
pub(super) struct Acquire {
    pub(super) waits: bool,
}

impl Operation for Acquire {
    type Object = Semaphore;
    type Output = ();

    const NOTES: bool = true;

    fn attempt(&mut self, semaphore: &mut Semaphore, caller: Caller) -> Option<Outcome<()>> {
        if semaphore.units == 0 {
            return (!self.waits).then_some(Err(ManagerError::TimedOut));
        }
        semaphore.units -= 1;
        *semaphore.permits.entry(caller.connection).or_default() += 1;
        Some(Ok(()))
    }

    fn leave(semaphore: &mut Semaphore, connection: u64) {
        let count = semaphore.permits.remove(&connection).unwrap_or(0);
        semaphore.units = semaphore.units.saturating_add(count).min(semaphore.most);
    }
}

/// What becomes of a unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
enum Release {
    /// A permit ends, and its unit comes back.
    Permit,
    /// A permit ends, and its unit does not come back.
    Kept,
    /// A unit is added.
    Unit,
}

impl Operation for Release {
    type Object = Semaphore;
    type Output = ();

    const EVEN_POISONED: bool = true;

    fn attempt(&mut self, semaphore: &mut Semaphore, caller: Caller) -> Option<Outcome<()>> {
        let had_one = *self == Release::Unit || semaphore.forget_permit(caller.connection);
        Some(match self {
            _ if !had_one => Err(ManagerError::NotHeld),
            Release::Kept => Ok(()),
            Release::Permit | Release::Unit if semaphore.units >= semaphore.most => {
                Err(ManagerError::TooManyReleases)
            }
            Release::Permit | Release::Unit => {
                semaphore.units += 1;
                Ok(())
            }
        })
    }
}

/// A semaphore. The unit of a [`Permit`] comes back when the permit is dropped, and when the thread or
/// the process that has it ends.
impl Proxy<Semaphore> {
    /// Waits for a unit, and takes it.
    ///
    /// # Errors
    ///
    /// See [`Proxy`], here and for the others.
    ///
    /// # Example
    ///
    /// ```
    /// # let manager = executor::Manager::start()?;
    /// let connections = manager.semaphore(1)?;
    /// let _permit = connections.acquire()?;
    /// assert_eq!(connections.units()?, 0);
    /// # Ok::<(), executor::Error>(())
    /// ```
    pub fn acquire(&self) -> Result<Permit, ManagerError> {
        self.permit(self.ask(Acquire { waits: true }))
    }

    /// Takes a unit, if there is one.
    ///
    /// # Errors
    ///
    /// [`ManagerError::TimedOut`] if there is none.
    ///
    /// # Example
    ///
    /// ```
    /// # let manager = executor::Manager::start()?;
    /// assert_eq!(manager.semaphore(0)?.try_acquire().unwrap_err(), executor::ManagerError::TimedOut);
    /// # Ok::<(), executor::Error>(())
    /// ```
    pub fn try_acquire(&self) -> Result<Permit, ManagerError> {
        self.permit(self.ask(Acquire { waits: false }))
    }

    /// Waits for a unit for so long at most, and takes it.
    ///
    /// # Errors
    ///
    /// [`ManagerError::TimedOut`] if there was none.
    ///
    /// # Example
    ///
    /// ```
    /// # let manager = executor::Manager::start()?;
    /// let connections = manager.semaphore(1)?;
    /// let _permit = connections.acquire_timeout(std::time::Duration::from_secs(1))?;
    /// # Ok::<(), executor::Error>(())
    /// ```
    pub fn acquire_timeout(&self, timeout: Duration) -> Result<Permit, ManagerError> {
        self.permit(self.ask_within(Acquire { waits: true }, timeout))
    }

    /// Adds a unit that is nobody's permit.
    ///
    /// # Errors
    ///
    /// [`ManagerError::TooManyReleases`] if the semaphore is bounded and has them all.
    ///
    /// # Example
    ///
    /// ```
    /// # let manager = executor::Manager::start()?;
    /// let connections = manager.semaphore(0)?;
    /// connections.release()?;
    /// assert_eq!(connections.units()?, 1);
    /// # Ok::<(), executor::Error>(())
    /// ```
    pub fn release(&self) -> Result<(), ManagerError> {
        self.ask(Release::Unit)
    }

    /// How many units can be had just now.
    ///
    /// # Errors
    ///
    /// See [`Proxy`].
    ///
    /// # Example
    ///
    /// ```
    /// # let manager = executor::Manager::start()?;
    /// assert_eq!(manager.semaphore(2)?.units()?, 2);
    /// # Ok::<(), executor::Error>(())
    /// ```
    pub fn units(&self) -> Result<u32, ManagerError> {
        self.call(|semaphore: &mut Semaphore| semaphore.units, ())
    }

    fn permit(&self, acquired: Result<(), ManagerError>) -> Result<Permit, ManagerError> {
        acquired.map(|()| Permit {
            proxy: self.clone(),
            is_over: Cell::new(false),
            of_this_thread: PhantomData,
        })
    }
}

/// A unit of a semaphore that this thread has. Dropped, it comes back.
///
/// ```
/// let manager = executor::Manager::start()?;
/// let units = manager.semaphore(1)?;
/// {
///     let _permit = units.acquire()?;
///     assert_eq!(units.units()?, 0);
/// }
/// assert_eq!(units.units()?, 1);
/// # Ok::<(), executor::Error>(())
/// ```
#[must_use = "the unit comes back when the permit is dropped"]
pub struct Permit {
    proxy: SemaphoreProxy,
    /// Then drop has nothing to do.
    is_over: Cell<bool>,
    /// The unit is the connection's, and that is this thread's.
    of_this_thread: PhantomData<*const ()>,
}

impl Permit {
    /// Keeps the unit from coming back: somebody else is to [release](Proxy::release) it.
    ///
    /// # Errors
    ///
    /// [`ManagerError::NotHeld`] if the connection has broken meanwhile, and the unit has come back.
    /// See [`Proxy`].
    ///
    /// # Example
    ///
    /// ```
    /// # let manager = executor::Manager::start()?;
    /// let connections = manager.semaphore(1)?;
    /// connections.acquire()?.keep()?;
    /// assert_eq!(connections.units()?, 0); // until somebody releases it
    /// connections.release()?;
    /// # Ok::<(), executor::Error>(())
    /// ```
    pub fn keep(self) -> Result<(), ManagerError> {
        self.is_over.set(true);
        self.proxy.ask(Release::Kept)
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        if !self.is_over.get() {
            // If it fails, the connection is gone, and the unit has come back.
            drop(self.proxy.tell(Release::Permit));
        }
    }
}

impl fmt::Debug for Permit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Permit({:?})", self.proxy)
    }
}
