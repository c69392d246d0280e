//! What can go wrong with a manager and its objects.

use std::error::Error as StdError;
use std::fmt;

use serde::{Deserialize, Serialize};

/// Why something that was asked of a manager was not done.
///
/// Failures in the manager's process arrive as what they are: who asks an empty queue learns that it
/// is [`Empty`](ManagerError::Empty), here as there. After each of them but
/// [`Gone`](ManagerError::Gone) the proxy can be used as before.
///
/// ```
/// # let manager = executor::Manager::start()?;
/// use executor::ManagerError;
///
/// let orders = manager.queue::<String>(10)?;
/// match orders.try_get() {
///     Ok(order) => println!("{order}"),
///     Err(ManagerError::Empty) => println!("nothing to do"),
///     Err(other) => return Err(other.into()),
/// }
/// # Ok::<(), executor::Error>(())
/// ```
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum ManagerError {
    /// The manager is shut down, dead, or has closed the connection; the text says what was seen.
    Gone(String),
    /// The manager can't be talked to: a wrong key, another user's, another program's.
    Refused(String),
    /// The operating system refused something; the text says what and why.
    System(String),
    /// The manager has no such object: the proxy is forged, or of another manager.
    UnknownObject,
    /// Nothing was published by this name.
    UnknownName(String),
    /// The object, or what is stored under a name, is of another type.
    WrongType {
        /// The type that was asked for.
        expected: String,
        /// The type that is there.
        found: String,
    },
    /// What was called on the object, or made it, panicked; the text is the panic's, with its place.
    /// The object is poisoned.
    Panicked(String),
    /// An earlier call on the object panicked, and may have left it half changed; the text is that
    /// panic's. See [`Proxy::clear_poison`](super::Proxy::clear_poison).
    Poisoned(String),
    /// What made the object failed: the error of a [`fallible`](crate::fallible) constructor.
    Failed(String),
    /// To wait would be to wait for ever: for a lock that the caller has itself, or, in a call inside the
    /// manager, for calls that wait for this one. Two clients that each wait for the other's lock are not
    /// told. The text says for what.
    Deadlock(String),
    /// An argument or a result could not be encoded. If it was an argument, nothing has happened.
    Encode(String),
    /// An argument or a result could not be decoded.
    Decode(String),
    /// It did not happen in the time given.
    TimedOut,
    /// The queue, or the container, is empty.
    Empty,
    /// The queue is full.
    Full,
    /// The dictionary, the set or the namespace has no such key.
    MissingKey,
    /// The list is not as long as that.
    IndexOutOfRange {
        /// The index that was asked for.
        index: usize,
        /// The length of the list.
        length: usize,
    },
    /// The barrier is broken: somebody gave up waiting, died, aborted or reset it.
    BrokenBarrier,
    /// The caller does not have the lock: it never acquired it, or has released it.
    NotHeld,
    /// The last one that had the lock ended without having released it; see
    /// [`AcquireError::OwnerDied`](super::AcquireError::OwnerDied), which has the lock with it.
    OwnerDied,
    /// The semaphore is bounded, and would have more units than at its start.
    TooManyReleases,
    /// The argument can't be; the text says why.
    InvalidArgument(String),
    /// This manager was only connected to; who started it can shut it down.
    NotTheOwner,
}

impl fmt::Display for ManagerError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        use ManagerError as E;
        match self {
            E::Gone(why) => write!(f, "the manager can't be reached any more: {why}"),
            E::Refused(why) => write!(f, "the manager can't be talked to: {why}"),
            E::System(why) => f.write_str(why),
            E::UnknownObject => f.write_str("the manager has no such object"),
            E::UnknownName(name) => write!(f, "nothing is published as {name:?}"),
            E::WrongType { expected, found } => {
                write!(f, "it is of type {found}, and not {expected}")
            }
            E::Panicked(panic) => write!(f, "in the manager, the call {panic}"),
            E::Poisoned(panic) => write!(
                f,
                "an earlier call on the object {panic}; it may be half changed: look at it after \
                 `clear_poison`, or make a new one"
            ),
            E::Failed(why) => write!(f, "the object could not be made: {why}"),
            E::Deadlock(why) => write!(f, "this would never end: {why}"),
            E::Encode(why) => write!(f, "could not encode: {why}"),
            E::Decode(why) => write!(f, "could not decode: {why}"),
            E::TimedOut => f.write_str("it did not happen in the time given"),
            E::Empty => f.write_str("it is empty"),
            E::Full => f.write_str("the queue is full"),
            E::MissingKey => f.write_str("there is no such key"),
            E::IndexOutOfRange { index, length } => {
                write!(f, "there is no item {index} in a list of {length}")
            }
            E::BrokenBarrier => {
                f.write_str("the barrier is broken; `reset` makes it as good as new")
            }
            E::NotHeld => f.write_str("the caller does not have the lock"),
            E::OwnerDied => f.write_str(
                "the last one that had the lock ended without having released it; what it protects \
                 may be half changed",
            ),
            E::TooManyReleases => {
                f.write_str("the semaphore would have more units than at its start")
            }
            E::InvalidArgument(why) => f.write_str(why),
            E::NotTheOwner => f.write_str("only who started the manager can shut it down"),
        }
    }
}

/// The same as its `Display`: it is what an `unwrap` in a test prints.
impl fmt::Debug for ManagerError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl StdError for ManagerError {}
