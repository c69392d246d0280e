//! A word in shared memory that threads of several processes can sleep on, and for how long.
//!
//! The one door to the kernel for the files of `protocol/`; `loom-tests` compiles those against a
//! module of this name that is made of loom's types.

use std::num::NonZeroU32;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use rustix::io::Errno;
use rustix::thread::futex::{self, Flags};
use rustix::time::{ClockId, Timespec, clock_gettime};

/// A moment of the monotonic clock, which is the same for all processes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Deadline(pub(super) Timespec);

impl Deadline {
    /// `None` if it is too far away for the clock, which is to say never.
    pub(crate) fn after(timeout: Duration) -> Option<Deadline> {
        let timeout = Timespec::try_from(timeout).ok()?;
        clock_gettime(ClockId::Monotonic)
            .checked_add(timeout)
            .map(Deadline)
    }
}

/// A number that threads of several processes change and sleep on.
///
/// Who dies while asleep on it leaves nothing behind.
#[derive(Debug)]
#[repr(transparent)]
pub(crate) struct Word(AtomicU32);

// ORDERING: SeqCst for each operation on a word. A sleeper says that it is there and then looks, a
// waker changes what is looked at and then asks who is there: of the two at least one must see the
// other. What else they protect is never a matter of nanoseconds.
const ORDER: Ordering = Ordering::SeqCst;

impl Word {
    pub(crate) fn load(&self) -> u32 {
        // ORDERING: see `ORDER`, here and in the others.
        self.0.load(ORDER)
    }

    pub(crate) fn store(&self, value: u32) {
        self.0.store(value, ORDER);
    }

    /// Whether it was `current`, and is `new` now.
    pub(crate) fn compare_exchange(&self, current: u32, new: u32) -> bool {
        self.0.compare_exchange(current, new, ORDER, ORDER).is_ok()
    }

    /// Adds, and goes on at zero after the greatest number.
    pub(crate) fn fetch_add(&self, value: u32) -> u32 {
        self.0.fetch_add(value, ORDER)
    }

    /// Takes away, the reverse of adding.
    pub(crate) fn fetch_sub(&self, value: u32) -> u32 {
        self.0.fetch_sub(value, ORDER)
    }

    /// Sleeps if the word is `expected`, until it is woken or the deadline has passed; false if that
    /// has. May wake for no reason.
    pub(crate) fn wait(&self, expected: u32, deadline: Option<Deadline>) -> bool {
        let until = deadline.as_ref().map(|deadline| &deadline.0);
        let any = NonZeroU32::MAX;
        let outcome = futex::wait_bitset(&self.0, Flags::empty(), expected, until, any);
        outcome != Err(Errno::TIMEDOUT)
    }

    /// Wakes so many of those who sleep on it, those first who have slept for longest.
    pub(crate) fn wake(&self, count: u32) {
        let count = count.min(i32::MAX as u32);
        // It fails only for memory that is not there.
        let _ = futex::wake(&self.0, Flags::empty(), count);
    }

    /// Wakes all who sleep on it.
    pub(crate) fn wake_all(&self) {
        self.wake(u32::MAX);
    }
}
