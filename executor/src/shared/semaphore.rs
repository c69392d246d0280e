//! Units in shared memory that are acquired and released.

use std::sync::Arc;
use std::time::Duration;

use super::error::SharedError;
use super::mapping::Mapping;
use super::object::{self, object};
use super::protocol::semaphore;
use super::word::{Deadline, Word};

/// A number of units that processes share: who acquires takes one, who releases puts one back.
///
/// ```
/// # fn main() -> Result<(), executor::Error> {
/// let connections = executor::shared::Semaphore::bounded(2)?;
/// connections.acquire();
/// assert!(connections.try_acquire());
/// assert!(!connections.try_acquire());
/// connections.release(2)?;
/// assert!(connections.release(1).is_err()); // it began with two
/// # Ok(())
/// # }
/// ```
///
/// A unit belongs to nobody, so anybody may release it, and **a process that dies with units takes them
/// along**: nobody can tell whose they were. Where that matters use a [`Lock`](super::Lock), or a
/// [`Value`](super::Value) that says who has what. Who is killed while it waits leaves nothing behind.
///
/// A release wakes all who wait, and so many as there are units take one. To wake one would be to lose the
/// unit if just that one is killed.
///
/// # Memory ordering
///
/// What came before a release happens before what comes after the acquisition of its unit.
pub struct Semaphore {
    mapping: Arc<Mapping>,
}

object!(Semaphore, Semaphore of ());

impl Semaphore {
    /// A new semaphore with so many units, in memory of its own: a page and a descriptor. There can be
    /// more later.
    ///
    /// # Errors
    ///
    /// [`SharedError::InvalidArgument`] if there are more than 2³¹ − 1 units; [`SharedError::System`] if
    /// the system has no memory, or this process no descriptor left.
    ///
    /// # Example
    ///
    /// ```
    /// assert_eq!(executor::shared::Semaphore::new(3)?.available(), 3);
    /// # Ok::<(), executor::Error>(())
    /// ```
    pub fn new(units: u32) -> Result<Semaphore, SharedError> {
        Semaphore::with_most(units, semaphore::MOST)
    }

    /// A new semaphore with so many units, which never has more: it is an error to release what was not
    /// acquired.
    ///
    /// # Errors
    ///
    /// As [`new`](Semaphore::new).
    ///
    /// # Example
    ///
    /// ```
    /// let permits = executor::shared::Semaphore::bounded(1)?;
    /// assert!(permits.release(1).is_err()); // it was not acquired
    /// # Ok::<(), executor::Error>(())
    /// ```
    pub fn bounded(units: u32) -> Result<Semaphore, SharedError> {
        Semaphore::with_most(units, units)
    }

    fn with_most(units: u32, most: u32) -> Result<Semaphore, SharedError> {
        if units > semaphore::MOST {
            return Err(SharedError::InvalidArgument {
                argument: "units",
                problem: format!("{units} are more than the {} that can be", semaphore::MOST),
            });
        }
        let this: Semaphore = object::create(1, u64::from(most))?;
        this.word().store(semaphore::with_units(units));
        Ok(this)
    }

    fn word(&self) -> &Word {
        &self.mapping.head().words[0]
    }

    fn most(&self) -> u32 {
        self.mapping.parameter().min(u64::from(semaphore::MOST)) as u32
    }

    /// Waits for a unit and takes it.
    ///
    /// ```
    /// let permits = executor::shared::Semaphore::new(2)?;
    /// permits.acquire();
    /// assert_eq!(permits.available(), 1);
    /// # Ok::<(), executor::Error>(())
    /// ```
    pub fn acquire(&self) {
        semaphore::acquire(self.word(), None);
    }

    /// Takes a unit if there is one; false if not.
    ///
    /// ```
    /// let permits = executor::shared::Semaphore::new(1)?;
    /// assert!(permits.try_acquire());
    /// assert!(!permits.try_acquire());
    /// # Ok::<(), executor::Error>(())
    /// ```
    #[must_use = "it may not have taken one"]
    pub fn try_acquire(&self) -> bool {
        semaphore::try_acquire(self.word())
    }

    /// Waits for a unit for so long at most, and takes it; false if there was none.
    ///
    /// ```
    /// let permits = executor::shared::Semaphore::new(0)?;
    /// assert!(!permits.acquire_timeout(std::time::Duration::from_millis(1)));
    /// # Ok::<(), executor::Error>(())
    /// ```
    #[must_use = "it may not have taken one"]
    pub fn acquire_timeout(&self, timeout: Duration) -> bool {
        semaphore::acquire(self.word(), Deadline::after(timeout))
    }

    /// Puts so many units there.
    ///
    /// # Errors
    ///
    /// [`SharedError::ReleasedTooOften`] if there were more then than it began with, for a bounded one, or
    /// than it can count; no unit is added then.
    ///
    /// # Example
    ///
    /// ```
    /// let permits = executor::shared::Semaphore::new(0)?;
    /// permits.release(2)?;
    /// assert_eq!(permits.available(), 2);
    /// # Ok::<(), executor::Error>(())
    /// ```
    pub fn release(&self, units: u32) -> Result<(), SharedError> {
        let most = self.most();
        if semaphore::release(self.word(), units, most) {
            Ok(())
        } else {
            Err(SharedError::ReleasedTooOften { most })
        }
    }

    /// How many units are there now. Another moment may have another answer.
    ///
    /// ```
    /// assert_eq!(executor::shared::Semaphore::new(3)?.available(), 3);
    /// # Ok::<(), executor::Error>(())
    /// ```
    pub fn available(&self) -> u32 {
        semaphore::units(self.word())
    }
}
