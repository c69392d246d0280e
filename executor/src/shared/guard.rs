//! What is had with a lock, and what is had instead when something is wrong with it.

use std::error::Error as StdError;
use std::fmt;
use std::ops::Deref;

use super::error::LockProblem;
use super::hold::{self, Hold, Patience};
use super::mapping::Mapping;
use crate::error::Error;

/// The guard of a lock in shared memory: what a [`Condition`](super::Condition) works with.
///
/// Dropping a guard releases its lock. It can't be sent to another thread, and not outlive the object.
/// One that is forgotten keeps the lock until its thread ends; then the next one is told that the
/// owner died.
///
/// ```
/// use executor::shared::{Condition, Guard};
///
/// fn change<G: Guard>(guard: G, changed: &Condition) -> G {
///     changed.notify_all();
///     guard
/// }
///
/// let value = executor::shared::Value::new(1)?;
/// *change(value.lock()?, &Condition::new()?) += 1;
/// assert_eq!(value.get()?, 2);
/// # Ok::<(), executor::Error>(())
/// ```
pub trait Guard: Sealed {}

impl<G: Sealed> Guard for G {}

pub(super) mod sealed {
    use super::Hold;

    /// Nobody else has guards.
    pub trait Sealed {
        /// The lock that it stands for.
        fn hold(&self) -> &Hold<'_>;
    }
}

use sealed::Sealed;

/// Why there is no guard, or none to be used without a thought.
///
/// `?` makes an [`executor::Error`](crate::Error) of it, by way of a [`LockProblem`], and drops the
/// guard that may be in it. So a program that does nothing but `?` loses the object for everybody once
/// a holder has died: nobody has seen to what the dead one left.
///
/// It borrows the object and belongs to the thread, as the guard does. `map_err(LockProblem::from)` makes an
/// error of it that goes anywhere.
///
/// ```
/// use executor::shared::{LockError, Value};
///
/// let value = Value::new(1)?;
/// let panicking = std::thread::spawn({
///     let value = value.clone();
///     move || {
///         let _guard = value.lock().unwrap();
///         panic!("with the lock");
///     }
/// });
/// assert!(panicking.join().is_err());
/// match value.lock() {
///     Err(LockError::Poisoned(found)) => *found.recover() = 0, // looked at, and mended
///     _ => unreachable!("it is poisoned"),
/// }
/// assert_eq!(value.get()?, 0);
/// # Ok::<(), executor::Error>(())
/// ```
#[non_exhaustive]
pub enum LockError<G> {
    /// The lock is the caller's; its last holder died while it had it.
    OwnerDied(Abandoned<G>),
    /// The lock is the caller's; a thread panicked while it had it.
    Poisoned(Abandoned<G>),
    /// A holder died, and the next one let go without having recovered.
    Unrecoverable,
    /// The calling thread has the lock already.
    HeldByCaller,
    /// Somebody else has the lock.
    WouldBlock,
    /// Somebody else had the lock until the time was over.
    TimedOut,
}

impl<G> LockError<G> {
    /// What is wrong. The guard that may be in here goes on to exist.
    ///
    /// ```
    /// use executor::LockProblem;
    ///
    /// let value = executor::shared::Value::new(1)?;
    /// let _guard = value.lock()?;
    /// let again = value.lock().unwrap_err();
    /// assert_eq!(again.problem(), LockProblem::HeldByCaller);
    /// # Ok::<(), executor::Error>(())
    /// ```
    pub fn problem(&self) -> LockProblem {
        match self {
            LockError::OwnerDied(_) => LockProblem::OwnerDied,
            LockError::Poisoned(_) => LockProblem::Poisoned,
            LockError::Unrecoverable => LockProblem::Unrecoverable,
            LockError::HeldByCaller => LockProblem::HeldByCaller,
            LockError::WouldBlock => LockProblem::WouldBlock,
            LockError::TimedOut => LockProblem::TimedOut,
        }
    }

    /// The error of a lock that is not the caller's.
    pub(super) fn without_guard(problem: LockProblem) -> LockError<G> {
        match problem {
            LockProblem::HeldByCaller => LockError::HeldByCaller,
            LockProblem::WouldBlock => LockError::WouldBlock,
            LockProblem::TimedOut => LockError::TimedOut,
            LockProblem::OwnerDied | LockProblem::Poisoned | LockProblem::Unrecoverable => {
                LockError::Unrecoverable
            }
        }
    }

    /// The error of a lock that is the caller's.
    pub(super) fn with_guard(problem: LockProblem, guard: G) -> LockError<G> {
        match problem {
            LockProblem::Poisoned => LockError::Poisoned(Abandoned { guard }),
            _ => LockError::OwnerDied(Abandoned { guard }),
        }
    }
}

impl<G> fmt::Display for LockError<G> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.problem().fmt(f)
    }
}

/// The same as its `Display`.
impl<G> fmt::Debug for LockError<G> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl<G> StdError for LockError<G> {}

impl<G> From<LockError<G>> for LockProblem {
    fn from(error: LockError<G>) -> LockProblem {
        error.problem()
    }
}

impl<G> From<LockError<G>> for Error {
    fn from(error: LockError<G>) -> Error {
        Error::Lock(error.problem())
    }
}

/// The guard of a lock whose last holder died or panicked, so that what the lock protects may be half
/// done.
///
/// Look, then mend and [`recover`](Abandoned::recover), or drop it: then a lock whose holder died is
/// unrecoverable, for everybody and for good, and one whose holder panicked stays poisoned. (A thread
/// that has an [`RLock`](super::RLock) more than once has several of these. As long as one is left, that
/// one can still recover what it lost by dropping another.)
///
/// ```
/// use executor::shared::{LockError, Value};
///
/// let value = Value::new(1)?;
/// let forgetful = value.clone();
/// std::thread::spawn(move || std::mem::forget(forgetful.lock())).join().expect("no panic");
/// match value.lock() {
///     Err(LockError::OwnerDied(abandoned)) => *abandoned.recover() = 0,
///     _ => unreachable!("its holder has ended"),
/// }
/// assert_eq!(value.get()?, 0);
/// # Ok::<(), executor::Error>(())
/// ```
#[must_use = "dropped, it leaves the lock unrecoverable or poisoned"]
pub struct Abandoned<G> {
    guard: G,
}

impl<G: Guard> Abandoned<G> {
    /// Declares what the lock protects to be sound: nobody else is told of what happened.
    ///
    /// Mend it afterwards, by the guard. Who dies or panics at that leaves the lock to be recovered once
    /// more.
    ///
    /// ```
    /// # use executor::shared::{LockError, Value};
    /// # let value = Value::new(7)?;
    /// # let clone = value.clone();
    /// # let _ = std::thread::spawn(move || { let _guard = clone.lock(); panic!("with the lock") }).join();
    /// let guard = match value.lock() {
    ///     Ok(guard) => guard,
    ///     Err(LockError::OwnerDied(found) | LockError::Poisoned(found)) => found.recover(),
    ///     Err(other) => return Err(other.into()),
    /// };
    /// assert_eq!(*guard, 7);
    /// # Ok::<(), executor::Error>(())
    /// ```
    pub fn recover(self) -> G {
        self.guard.hold().recover();
        self.guard
    }
}

/// What the lock protects, as it was left.
impl<G: Deref> Deref for Abandoned<G> {
    type Target = G::Target;

    fn deref(&self) -> &G::Target {
        &self.guard
    }
}

impl<G> fmt::Debug for Abandoned<G> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Abandoned")
    }
}

/// Takes a lock, and makes a guard of that.
pub(super) fn take<'a, G>(
    mapping: &'a Mapping,
    patience: Patience,
    guard: impl FnOnce(Hold<'a>) -> G,
) -> Result<G, LockError<G>> {
    match hold::take(mapping, patience) {
        (Some(hold), None) => Ok(guard(hold)),
        (Some(hold), Some(problem)) => Err(LockError::with_guard(problem, guard(hold))),
        (None, Some(problem)) => Err(LockError::without_guard(problem)),
        (None, None) => Err(LockError::Unrecoverable),
    }
}
