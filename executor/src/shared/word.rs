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

/// How many seconds a sleep lasts at most before the sleeper looks for itself.
///
/// Whoever makes way for others changes the word and then wakes them, and may be killed between the two; one that was
/// woken may be killed before it does what the others count on. Then nobody is left who would wake them. So nobody relies
/// on being woken: it is what makes a wait short, and not what makes it end.
const LONGEST_SLEEP: i64 = 1;

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

    /// When a sleep that has this deadline, or none, is to end, and whether that is the deadline.
    pub(super) fn of_a_sleep(deadline: Option<Deadline>) -> (Deadline, bool) {
        let mut longest = clock_gettime(ClockId::Monotonic);
        longest.tv_sec = longest.tv_sec.saturating_add(LONGEST_SLEEP);
        match deadline {
            Some(deadline) if deadline.0 <= longest => (deadline, true),
            _ => (Deadline(longest), false),
        }
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
    /// has. Wakes for no reason, too, after a second at the latest: the caller is to look, and sleep again.
    pub(crate) fn wait(&self, expected: u32, deadline: Option<Deadline>) -> bool {
        let (until, is_last) = Deadline::of_a_sleep(deadline);
        let any = NonZeroU32::MAX;
        let outcome = futex::wait_bitset(&self.0, Flags::empty(), expected, Some(&until.0), any);
        outcome != Err(Errno::TIMEDOUT) || !is_last
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

#[cfg(test)]
mod tests {
    use std::thread;

    use super::super::protocol::{condition, event, semaphore};
    use super::*;

    /// A word on which the other thread sleeps when it is changed, by somebody who is killed before they wake it.
    fn changed_by_who_is_killed(
        before: u32,
        after: u32,
        wait: impl FnOnce(&Word) -> bool + Send,
        sleeps: impl Fn(u32) -> bool,
    ) {
        let word = Word(AtomicU32::new(before));
        thread::scope(|scope| {
            let waiter = scope.spawn(|| wait(&word));
            while !sleeps(word.load()) {
                thread::yield_now();
            }
            // Perhaps it does not sleep yet; then it sees the change at once.
            thread::sleep(Duration::from_millis(20));
            word.store(after);
            assert!(waiter.join().expect("it does not panic"));
        });
    }

    #[test]
    fn who_waits_for_a_flag_sees_it_though_who_set_it_was_killed_before_the_wake() {
        let is_marked = |word| word == 2;
        changed_by_who_is_killed(0, 5, |word| event::wait(word, None), is_marked);
    }

    #[test]
    fn who_waits_for_a_unit_takes_it_though_who_released_it_was_killed_before_the_wake() {
        let is_marked = |word| word == 1;
        changed_by_who_is_killed(0, 2, |word| semaphore::acquire(word, None), is_marked);
    }

    #[test]
    fn who_waits_to_be_notified_is_though_who_did_was_killed_before_the_wake() {
        let sleepers = Word(AtomicU32::new(0));
        let wait = |word: &Word| {
            let announced = condition::announce(word, &sleepers);
            condition::sleep(word, &sleepers, announced, None)
        };
        changed_by_who_is_killed(7, 8, wait, |_| sleepers.load() == 1);
    }

    #[test]
    fn a_sleep_ends_at_its_deadline_or_after_a_second_and_says_which() {
        assert!(!Deadline::of_a_sleep(None).1);
        let far = Deadline::after(Duration::from_secs(9));
        assert!(!Deadline::of_a_sleep(far).1);
        let near = Deadline::after(Duration::from_millis(9));
        let (until, is_last) = Deadline::of_a_sleep(near);
        assert!(is_last && Some(until.0) == near.map(|it| it.0));
    }
}
