//! Sleeping until somebody says that what a lock protects has changed.
//!
//! ```text
//! sequence  how often somebody said so
//! sleepers  how many sleep, or are about to, or were killed meanwhile
//! ```
//!
//! A sleeper reads the sequence under the lock, lets go of the lock, and sleeps only if the sequence is
//! still what it was. So whoever changes something under the lock and then says so wakes it, or keeps it
//! from sleeping. (One that is held up between the two through exactly 2³² notifications would sleep.)

use super::{Deadline, Word};
use crate::sync::bug;

/// Says under the lock that the caller is going to sleep; what it is to pass to [`sleep`], once it has
/// let go of the lock.
pub(crate) fn announce(sequence: &Word, sleepers: &Word) -> u32 {
    sleepers.fetch_add(1);
    sequence.load()
}

/// Sleeps until notified after [`announce`]; false if the deadline passes before.
pub(crate) fn sleep(
    sequence: &Word,
    sleepers: &Word,
    announced: u32,
    deadline: Option<Deadline>,
) -> bool {
    // No spinning before: a notification for one would be seen by all who spin.
    let mut is_in_time = true;
    while is_in_time && sequence.load() == announced {
        is_in_time = sequence.wait(announced, deadline);
    }
    if bug!(CountsInTwoSteps) {
        sleepers.store(sleepers.load() - 1);
    } else {
        sleepers.fetch_sub(1);
    }
    is_in_time
}

/// Wakes so many of those who sleep; besides, those who have announced themselves and don't sleep yet.
pub(crate) fn notify(sequence: &Word, sleepers: &Word, count: u32) {
    if count == 0 {
        return;
    }
    sequence.fetch_add(1);
    // Whoever announces itself from here on finds what the caller has changed, for it has the lock.
    if sleepers.load() != 0 {
        sequence.wake(count);
    }
}
