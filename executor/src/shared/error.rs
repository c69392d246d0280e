//! What can go wrong with shared memory, as values.

use std::error::Error as StdError;
use std::fmt;

/// Why a lock in shared memory could not be had, or not without more ado: `shared::LockError` without
/// the guard.
///
/// ```
/// use executor::LockProblem;
/// use executor::shared::Value;
///
/// fn increment(counter: &Value<u64>) -> Result<(), LockProblem> {
///     *counter.lock()? += 1; // without the guard that may be in the error
///     Ok(())
/// }
/// # let counter = Value::new(0)?;
/// # increment(&counter)?;
/// # assert_eq!(counter.get()?, 1);
/// # Ok::<(), executor::Error>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum LockProblem {
    /// A process or thread died while it held the lock, and nobody has looked at what it left yet.
    OwnerDied,
    /// A thread panicked while it held the lock.
    Poisoned,
    /// A holder died, and whoever had the lock next let go of it without having recovered it.
    Unrecoverable,
    /// The calling thread holds the lock already, so it would wait for itself.
    HeldByCaller,
    /// Somebody else holds the lock, and the call was not to wait.
    WouldBlock,
    /// Somebody else held the lock until the time was over.
    TimedOut,
}

impl fmt::Display for LockProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            LockProblem::OwnerDied => {
                "the holder of the lock died while it held it: take the guard out of \
                 `LockError::OwnerDied`, mend what it protects and call `recover`"
            }
            LockProblem::Poisoned => {
                "a thread panicked while it held the lock: take the guard out of \
                 `LockError::Poisoned`, mend what it protects and call `recover`"
            }
            LockProblem::Unrecoverable => {
                "a holder of the lock died, and the next one let go of it without `recover`: what it \
                 protects is lost, make a new object"
            }
            LockProblem::HeldByCaller => {
                "this thread holds the lock already and would wait for itself: drop the first guard \
                 before, or use an `RLock`"
            }
            LockProblem::WouldBlock => {
                "somebody else holds the lock: try again later, or wait for it"
            }
            LockProblem::TimedOut => {
                "somebody else held the lock until the time was over: try again, or wait for longer"
            }
        })
    }
}

/// The same as its `Display`: it is what an `unwrap` in a test prints.
impl fmt::Debug for LockProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl StdError for LockProblem {}

/// Why an object in shared memory could not be made, or did not do what it was asked to.
///
/// ```
/// use executor::SharedError;
/// use executor::shared::Array;
///
/// let none = Array::<u8>::zeroed(0);
/// assert!(matches!(none, Err(SharedError::InvalidArgument { .. })));
/// ```
#[non_exhaustive]
pub enum SharedError {
    /// It was to be made with a value that can't be.
    InvalidArgument {
        /// The name of the argument.
        argument: &'static str,
        /// What is wrong with it.
        problem: String,
    },
    /// The operating system refused something that it needs.
    System {
        /// What was asked for.
        wanted: &'static str,
        /// Its answer.
        source: std::io::Error,
    },
    /// A semaphore was to be released beyond what it can count, or, if it is bounded, beyond what it
    /// began with.
    ReleasedTooOften {
        /// What it can have at most.
        most: u32,
    },
    /// A barrier is broken: a party gave up, timed out, or died at the wrong moment; or it was reset
    /// while parties waited.
    BarrierBroken,
}

impl fmt::Display for SharedError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            SharedError::InvalidArgument { argument, problem } => write!(f, "{argument}: {problem}"),
            SharedError::System { wanted, source } => {
                write!(f, "the system refused {wanted}: {source}")
            }
            SharedError::ReleasedTooOften { most } => write!(
                f,
                "the semaphore can have {most} units at most: release only what was acquired"
            ),
            SharedError::BarrierBroken => f.write_str(
                "the barrier is broken: a party gave up, timed out or died, or it was reset; once no \
                 party waits any more, `reset` mends it",
            ),
        }
    }
}

/// The same as its `Display`.
impl fmt::Debug for SharedError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl StdError for SharedError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        match self {
            SharedError::System { source, .. } => Some(source),
            SharedError::InvalidArgument { .. }
            | SharedError::ReleasedTooOften { .. }
            | SharedError::BarrierBroken => None,
        }
    }
}
