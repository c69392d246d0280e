//! A flag that is waited for.
//!
//! ```text
//! bit     0  the flag is set
//!         1  somebody sleeps, or was about to, or was killed meanwhile
//!     2..32  how often the flag was set
//! ```
//!
//! The count tells a sleeper that the flag was set, even if it was cleared before the sleeper looked.
//! (One that sleeps through 2³⁰ of those and sees the same count again would sleep on.)

use super::{Deadline, Word};
use crate::sync::spin_until;

const SET: u32 = 1;
const AWAITED: u32 = 2;
const ONCE: u32 = 4;

/// Whether the flag is set.
pub(crate) fn is_set(word: &Word) -> bool {
    word.load() & SET != 0
}

/// Sets the flag, and wakes all who wait for it.
pub(crate) fn set(word: &Word) {
    loop {
        let before = word.load();
        if before & SET != 0 {
            return;
        }
        let count = (before & !(SET | AWAITED)).wrapping_add(ONCE);
        if word.compare_exchange(before, count | SET) {
            if before & AWAITED != 0 {
                word.wake_all();
            }
            return;
        }
    }
}

/// Clears the flag.
pub(crate) fn clear(word: &Word) {
    loop {
        let before = word.load();
        if before & SET == 0 || word.compare_exchange(before, before & !SET) {
            return;
        }
    }
}

/// Waits until the flag is set, or has been meanwhile; false if the deadline passes before.
pub(crate) fn wait(word: &Word, deadline: Option<Deadline>) -> bool {
    let first = word.load();
    // The flag is set now, or was since the first look.
    let is_over = |now: u32| now & SET != 0 || (now ^ first) & !(SET | AWAITED) != 0;
    if is_over(first) || spin_until(|| is_over(word.load())) {
        return true;
    }
    loop {
        let now = word.load();
        if is_over(now) {
            return true;
        }
        let announced = now | AWAITED;
        if now != announced && !word.compare_exchange(now, announced) {
            continue;
        }
        // Whoever sets the flag from here on changes the word, so this does not begin to sleep, or
        // finds the mark, and wakes.
        if !word.wait(announced, deadline) {
            return is_over(word.load());
        }
    }
}
