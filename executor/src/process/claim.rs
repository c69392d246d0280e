//! Who has a task that was sent to a worker: the worker, to run it, or the pool, to take it back.
//!
//! Parent and worker share a word for each task that is on its way. One operation on that word
//! decides, so a task is run or taken back, never both, whenever the worker dies.
//!
//! ```text
//! Offered -> Claimed   by the worker, before it does anything with the task
//! Offered -> Revoked   by the pool: to cancel it, to give it to another worker, or because the
//!                      worker is dead
//! ```
//!
//! The word also holds the number of the task among those that this worker was sent, so that one
//! that is left over from an earlier task decides nothing.

use crate::sync::{AtomicU32, Ordering, bug};

const STATE_BITS: u32 = 2;
const OFFERED: u32 = 1;
const CLAIMED: u32 = 2;
const REVOKED: u32 = 3;

fn word(number: u32, state: u32) -> u32 {
    // The number's upper bits are lost; a word is used again after a few hundred tasks, not after
    // a thousand million.
    let number = if bug!(MatchesByPlace) { 0 } else { number };
    number << STATE_BITS | state
}

/// The pool offers the task. To be called before the task is sent.
pub(crate) fn offer(place: &AtomicU32, number: u32) {
    // ORDERING: Release, as any claim; what makes it seen is the frame that follows.
    place.store(word(number, OFFERED), Ordering::Release);
}

/// The worker claims the task; false if it was revoked.
pub(crate) fn claim(place: &AtomicU32, number: u32) -> bool {
    leave_offered(place, number, CLAIMED)
}

/// The pool takes the task back; false if the worker has claimed it, or has written something else
/// there, after which it is believed to have run it.
pub(crate) fn revoke(place: &AtomicU32, number: u32) -> bool {
    leave_offered(place, number, REVOKED)
}

/// Whether the task is the worker's.
pub(crate) fn is_claimed(place: &AtomicU32, number: u32) -> bool {
    // ORDERING: Acquire, pairs with the Release of the claim.
    let now = place.load(Ordering::Acquire);
    now != word(number, OFFERED) && now != word(number, REVOKED)
}

fn leave_offered(place: &AtomicU32, number: u32, state: u32) -> bool {
    if bug!(OverwritesTheWinner) {
        place.swap(word(number, state), Ordering::AcqRel);
        return true;
    }
    // ORDERING: AcqRel, so that whoever loses sees what the winner did before; Acquire to lose.
    let order = if bug!(ReleasesNothing) {
        Ordering::Acquire
    } else {
        Ordering::AcqRel
    };
    place
        .compare_exchange(
            word(number, OFFERED),
            word(number, state),
            order,
            Ordering::Acquire,
        )
        .is_ok()
}
