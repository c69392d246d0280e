//! A deadlock, as an error with names in it.

use std::error::Error as StdError;
use std::fmt;

/// A wait that could never have ended, and the waits that it would have waited for.
///
/// Found out by the one of them that was about to sleep last. The others go on waiting for it, and its task
/// may end well or badly now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deadlock {
    /// Who waits for whom, beginning with the wait that failed. Each of the others is one that an earlier
    /// one depends on.
    pub waits: Vec<DeadlockedWait>,
}

/// One of the waits of a [`Deadlock`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeadlockedWait {
    /// The task that waits, by the name of its function and the address that its future shows.
    pub task: String,
    /// The tasks, or the pool, that it waits for.
    pub waits_for: String,
}

/// How many waits are told.
const TOLD: usize = 8;

impl fmt::Display for Deadlock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, DeadlockedWait { task, waits_for }) in self.waits.iter().take(TOLD).enumerate()
        {
            let then = if place == 0 { "" } else { "; " };
            write!(f, "{then}{task} waits for {waits_for}")?;
        }
        match self.waits.len().saturating_sub(TOLD) {
            0 => Ok(()),
            more => write!(f, "; and {more} more wait in the same way"),
        }
    }
}

impl StdError for Deadlock {}
