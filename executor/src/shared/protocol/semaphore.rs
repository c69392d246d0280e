//! A count of units that are there for the taking.
//!
//! ```text
//! bit     0  somebody sleeps, or was about to, or was killed meanwhile; only while no unit is there
//!     1..32  how many units are there
//! ```
//!
//! A release wakes all who sleep, and one of them takes the unit. To wake one alone would be to rely on
//! it: if it was killed before it took the unit, the others would sleep beside it for ever.

use super::{Deadline, Word};
use crate::sync::{bug, spin_until};

const AWAITED: u32 = 1;
const UNIT: u32 = 2;

/// As many units as there can be.
pub(crate) const MOST: u32 = u32::MAX / UNIT;

/// The word of a semaphore with so many units.
pub(crate) fn with_units(units: u32) -> u32 {
    units * UNIT
}

/// How many units are there.
pub(crate) fn units(word: &Word) -> u32 {
    word.load() / UNIT
}

/// Takes a unit if there is one.
pub(crate) fn try_acquire(word: &Word) -> bool {
    loop {
        let now = word.load();
        if now < UNIT {
            return false;
        }
        if bug!(LooksAndThenTakes) {
            word.store(now - UNIT);
            return true;
        }
        if word.compare_exchange(now, now - UNIT) {
            return true;
        }
    }
}

/// Waits for a unit and takes it; false if the deadline passes before.
pub(crate) fn acquire(word: &Word, deadline: Option<Deadline>) -> bool {
    loop {
        if try_acquire(word) {
            return true;
        }
        if spin_until(|| word.load() >= UNIT) {
            continue;
        }
        let now = word.load();
        if now >= UNIT || now != AWAITED && !word.compare_exchange(now, AWAITED) {
            continue;
        }
        // Whoever releases from here on changes the word, so this does not begin to sleep, or finds
        // the mark, and wakes.
        if !word.wait(AWAITED, deadline) {
            return try_acquire(word);
        }
    }
}

/// Puts units there; false, and nothing is done, if there were more than `most` then.
pub(crate) fn release(word: &Word, units: u32, most: u32) -> bool {
    loop {
        let before = word.load();
        let Some(after) = (before / UNIT).checked_add(units) else {
            return false;
        };
        if after > most {
            return false;
        }
        if units == 0 {
            return true;
        }
        if word.compare_exchange(before, after * UNIT) {
            if before & AWAITED != 0 {
                if bug!(ReliesOnOneSleeper) {
                    word.wake(1);
                } else {
                    word.wake_all();
                }
            }
            return true;
        }
    }
}
