//! Having the lock of a shared object: taking it, what is found, letting go.
//!
//! Under the lock, beside the data, is how things stand:
//!
//! ```text
//! Sound -> OwnerDied           the kernel says so to the next one who takes the lock
//!          OwnerDied -> Sound           that one recovers
//!          OwnerDied -> Unrecoverable   it lets go without; then nobody gets the lock any more
//! Sound -> Poisoned            a thread panics under the lock
//!          Poisoned -> Sound            somebody recovers
//!          Poisoned -> OwnerDied        somebody dies who had a look at it
//! ```
//!
//! That a holder died is written there and then the C library's lock is mended at once, so that a mere
//! look (`Value::get`) can leave things as they are.
//!
//! # Forgotten guards
//!
//! The C library keeps the list of a thread's locks in the locks themselves, so it writes to one lock
//! when it takes or releases another. A guard borrows its object, so the memory stays mapped while there
//! is one; but a guard that is forgotten (`mem::forget`) borrows nothing any more, and its lock
//! stays on the list. So each mapping counts how often its lock is held by a thread of this process,
//! and one that ends while that is not zero stays mapped for good. The count is written under the lock
//! only, by plain stores:
//!
//! * a thread that takes the lock sets it to 1, whatever it was: who had it before has let go, or is
//!   dead and has no list any more;
//! * a thread that takes it once more (`RLock`) adds 1;
//! * a thread that lets go subtracts 1, and releases the lock at 0.
//!
//! So it is not zero if a living thread of this process has the lock on its list by this mapping: that is
//! the address on the list, and all that must stay. A mapping whose lock was forgotten is in the
//! registry no more when its object is gone, so the same memory may arrive and be mapped a second time,
//! with a count of 0. Nothing is on a list by that address, so it may be unmapped. The count may be too
//! high: after a thread that forgot a guard has ended, until this process takes the lock again. Then
//! memory is leaked without need, which is harmless.
//!
//! # Namesakes
//!
//! The C library knows a holder by the kernel's number of its thread. When a thread ends, the kernel marks
//! 2048 of its locks; the others keep its number, and a later thread may get it. To that one the C library
//! says that it holds the lock already. If it took it once more and let go, it would write to a list
//! that is on a stack which is gone. So each mapping has a number of ours too, of the thread that took
//! the lock by it: no other thread of the process ever has that. Who is said to hold the lock does so
//! if that number is its own and the count is not zero, for it alone writes either while it has the
//! lock. If it does not (or only by another mapping of the memory, where it has forgotten a guard), it
//! does not get the lock, and changes nothing.
//!
//! # Copies of the process
//!
//! A copy that was forked under the lock has a guard but not the lock, and a count of its own. What it
//! does when it drops the guard does not reach the memory: the C library refuses to unlock, and before
//! anything is written about a panic or a recovery, the lock is asked who holds it. Its count stays too
//! high. (Its one thread has our number of the original, but not the kernel's.)

use std::cell::Cell;
use std::fmt;
use std::marker::PhantomData;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

use super::error::LockProblem;
use super::mapping::{Kind, Mapping};
use super::mutex::Attempt;
use super::word::Deadline;

const SOUND: u32 = 0;
const OWNER_DIED: u32 = 1;
const POISONED: u32 = 2;
const UNRECOVERABLE: u32 = 3;

thread_local! {
    /// What no other thread of this process has or had; 0 until it is needed.
    static NUMBER: Cell<u64> = const { Cell::new(0) };
}

fn number() -> u64 {
    match NUMBER.get() {
        0 => draw_number(),
        number => number,
    }
}

#[cold]
fn draw_number() -> u64 {
    static LAST: AtomicU64 = AtomicU64::new(0);
    // ORDERING: Relaxed: they differ, in whatever order they are drawn.
    let number = LAST.fetch_add(1, Ordering::Relaxed) + 1;
    NUMBER.set(number);
    number
}

/// For how long to wait for a lock.
#[derive(Clone, Copy, Debug)]
pub(super) enum Patience {
    /// Not at all.
    None,
    /// Until then; `None` is never.
    Until(Option<Deadline>),
}

/// That the calling thread holds the lock of some memory.
pub struct Hold<'a> {
    mapping: &'a Mapping,
    /// Then a panic of this thread is none that began under the lock.
    was_panicking: bool,
    /// What the lock's last holder left is to be recovered yet.
    is_abandoned: Cell<bool>,
    /// A lock belongs to a thread, so this can't be sent to another.
    _thread: PhantomData<*const ()>,
}

impl fmt::Debug for Hold<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Hold({:08x})", self.mapping.id() as u32)
    }
}

/// What taking a lock comes to: the hold, if there is one, and what is wrong, if something is.
pub(super) type Taken<'a> = (Option<Hold<'a>>, Option<LockProblem>);

/// Takes the lock of some memory.
pub(super) fn take(mapping: &Mapping, patience: Patience) -> Taken<'_> {
    let problem = match attempt(mapping, patience) {
        Ok(problem) => problem,
        Err(problem) => return (None, Some(problem)),
    };
    let hold = Hold {
        mapping,
        was_panicking: thread::panicking(),
        is_abandoned: Cell::new(problem.is_some()),
        _thread: PhantomData,
    };
    (Some(hold), problem)
}

/// Takes the lock. The error is why the caller does not have it, the value what is wrong although it has.
fn attempt(mapping: &Mapping, patience: Patience) -> Result<Option<LockProblem>, LockProblem> {
    let head = mapping.head();
    let attempt = match patience {
        Patience::None => head.mutex.try_lock(),
        Patience::Until(None) => head.mutex.lock(),
        Patience::Until(Some(deadline)) => head.mutex.lock_until(deadline),
    };
    // ORDERING: Relaxed for the count, the holder and the state, here and in all of this file: they are
    // written under the lock, which orders them. Without it the count is read in the destructor of a
    // mapping: see there; and both by `is_held`, which looks for what its own thread wrote.
    let order = Ordering::Relaxed;
    match attempt {
        Attempt::Taken => begin(mapping),
        Attempt::OwnerDied => {
            begin(mapping);
            if head.state.load(order) != UNRECOVERABLE {
                head.state.store(OWNER_DIED, order);
            }
            // After that: who dies in between leaves the lock as it was found.
            head.mutex.mend();
        }
        Attempt::HeldByCaller if mapping.kind() != Kind::RLock => {
            return Err(LockProblem::HeldByCaller);
        }
        Attempt::HeldByCaller if is_held(mapping) => {
            let before = mapping.held.load(order);
            mapping.held.store(before + 1, order);
        }
        // A dead thread's, whose number this one has: so it stays.
        Attempt::HeldByCaller => return Err(LockProblem::Unrecoverable),
        Attempt::Busy => return Err(LockProblem::WouldBlock),
        Attempt::TimedOut => return Err(LockProblem::TimedOut),
        Attempt::Broken => return Err(LockProblem::Unrecoverable),
    }
    match head.state.load(order) {
        SOUND => Ok(None),
        OWNER_DIED => Ok(Some(LockProblem::OwnerDied)),
        POISONED => Ok(Some(LockProblem::Poisoned)),
        _ => {
            release(mapping);
            Err(LockProblem::Unrecoverable)
        }
    }
}

/// Writes that this thread has the lock, once.
fn begin(mapping: &Mapping) {
    mapping.holder.store(number(), Ordering::Relaxed);
    mapping.held.store(1, Ordering::Relaxed);
}

/// Whether this thread has taken the lock by this mapping, if the C library says that it has it.
fn is_held(mapping: &Mapping) -> bool {
    let holder = mapping.holder.load(Ordering::Relaxed);
    holder == number() && mapping.held.load(Ordering::Relaxed) != 0
}

/// Undoes one [`attempt`] that was successful.
fn release(mapping: &Mapping) {
    let held = mapping.held.load(Ordering::Relaxed);
    if held > 1 {
        mapping.held.store(held - 1, Ordering::Relaxed);
    } else {
        release_entirely(mapping);
    }
}

/// Lets go of the lock, however often this thread has it.
fn release_entirely(mapping: &Mapping) {
    let held = mapping.held.load(Ordering::Relaxed);
    // While this thread still has the lock.
    mapping.held.store(0, Ordering::Relaxed);
    if !mapping.head().mutex.unlock() {
        // In a copy of the process the lock may be another thread's. Too much is harmless.
        mapping.held.store(held, Ordering::Relaxed);
    }
}

impl Hold<'_> {
    /// The memory whose lock it is.
    pub(super) fn mapping(&self) -> &Mapping {
        self.mapping
    }

    /// What the last holder left is sound again.
    pub(super) fn recover(&self) {
        self.is_abandoned.set(false);
        self.set_state(SOUND);
    }

    /// What the last holder left is for somebody else to recover.
    pub(super) fn leave_as_found(self) {
        self.is_abandoned.set(false);
    }

    /// Lets go of the lock, however often this thread has taken it, and says how often that was.
    pub(super) fn interrupt(&self) -> usize {
        let held = self.mapping.held.load(Ordering::Relaxed);
        release_entirely(self.mapping);
        held
    }

    /// Takes the lock again after [`Hold::interrupt`]. The error is why the caller does not have it: then
    /// the hold is to be forgotten.
    pub(super) fn resume(&self, held: usize) -> Result<Option<LockProblem>, LockProblem> {
        let problem = attempt(self.mapping, Patience::Until(None))?;
        self.mapping.held.store(held, Ordering::Relaxed);
        self.is_abandoned.set(problem.is_some());
        Ok(problem)
    }

    /// Writes how things stand, unless this thread does not have the lock: in a copy of the process.
    fn set_state(&self, state: u32) {
        let head = self.mapping.head();
        match head.mutex.try_lock() {
            Attempt::HeldByCaller if is_held(self.mapping) => {
                head.state.store(state, Ordering::Relaxed);
            }
            // The lock has become free meanwhile.
            Attempt::Taken => drop(head.mutex.unlock()),
            Attempt::OwnerDied => {
                head.state.store(OWNER_DIED, Ordering::Relaxed);
                head.mutex.mend();
                head.mutex.unlock();
            }
            Attempt::HeldByCaller | Attempt::Busy | Attempt::TimedOut | Attempt::Broken => {}
        }
    }
}

impl Drop for Hold<'_> {
    fn drop(&mut self) {
        if self.is_abandoned.get() {
            // ORDERING: see `attempt`.
            if self.mapping.head().state.load(Ordering::Relaxed) == OWNER_DIED {
                self.set_state(UNRECOVERABLE);
            }
        } else if !self.was_panicking && thread::panicking() {
            self.set_state(POISONED);
        }
        release(self.mapping);
    }
}

#[cfg(test)]
mod tests;
