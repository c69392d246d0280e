//! The four states of a future, and the word that holds one.

use std::fmt;

use crate::sync::bug;

/// Where a task stands.
///
/// ```text
/// Pending -> Running -> Finished
/// Pending -> Cancelled
/// ```
///
/// `Finished` and `Cancelled` are final. Python has a fifth state, cancelled but not yet told to
/// the waiters; here [`cancel`](crate::Future::cancel) itself tells them.
///
/// ```
/// use executor::State;
///
/// let (mut promise, future) = executor::promise::<i32>();
/// assert_eq!(future.state(), State::Pending);
/// promise.claim();
/// assert_eq!(future.state(), State::Running);
/// promise.finish(Ok(42));
/// assert_eq!(future.state(), State::Finished);
/// assert!(future.state().is_final());
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum State {
    /// Accepted, and no worker has claimed it: it can still be cancelled.
    Pending,
    /// It was claimed for a worker, which will leave an outcome.
    Running,
    /// It has left an outcome: a value or an error.
    Finished,
    /// It was cancelled before any worker claimed it, and never ran.
    Cancelled,
}

impl State {
    /// Whether nothing can change any more.
    ///
    /// ```
    /// use executor::State;
    ///
    /// assert!(State::Finished.is_final() && State::Cancelled.is_final());
    /// assert!(!State::Running.is_final());
    /// ```
    pub fn is_final(self) -> bool {
        if bug!(OverlooksCancelled) && self == State::Cancelled {
            return false;
        }
        matches!(self, State::Finished | State::Cancelled)
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            State::Pending => "pending",
            State::Running => "running",
            State::Finished => "finished",
            State::Cancelled => "cancelled",
        })
    }
}

/// A state, the mark that somebody wants to be told of the end, and the number of the pool that a
/// pending task waits in, in one atomic word.
///
/// The mark shares the word with the state so that the one who ends the task learns by the same
/// operation that ends it whether there is anybody to tell. The pool's number matters until the task leaves
/// the state Pending, and is gone after that; here it takes no room of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Word(u32);

const STATE_MASK: u32 = 0b011;
const OBSERVED: u32 = 0b100;
const POOL_SHIFT: u32 = 3;

impl Word {
    /// The bits that, added to a word by "or", mark it as observed.
    pub(crate) const OBSERVED_BITS: u32 = OBSERVED;

    pub(crate) fn new(state: State) -> Word {
        Word(match state {
            State::Pending => 0,
            State::Running => 1,
            State::Finished => 2,
            State::Cancelled => 3,
        })
    }

    /// Pending in a pool; zero for a task that is in none.
    pub(crate) fn pending_in(pool: u32) -> Word {
        Word(Word::new(State::Pending).0 | pool << POOL_SHIFT)
    }

    /// The largest number that a pool may have.
    pub(crate) const LAST_POOL: u32 = u32::MAX >> POOL_SHIFT;

    /// The pool that a pending task waits in; zero if it is in none.
    pub(crate) fn pool(self) -> u32 {
        self.0 >> POOL_SHIFT
    }

    pub(crate) fn from_bits(bits: u32) -> Word {
        Word(bits)
    }

    pub(crate) fn bits(self) -> u32 {
        self.0
    }

    pub(crate) fn state(self) -> State {
        match self.0 & STATE_MASK {
            0 => State::Pending,
            1 => State::Running,
            2 => State::Finished,
            _ => State::Cancelled,
        }
    }

    pub(crate) fn is_observed(self) -> bool {
        self.0 & OBSERVED != 0
    }

    /// The same word in another state; the mark stays, and the pool does not.
    pub(crate) fn moved_to(self, state: State) -> Word {
        Word(Word::new(state).0 | (self.0 & OBSERVED))
    }
}
