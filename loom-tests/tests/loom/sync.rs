//! The one door to everything that synchronises, as `executor/src/sync.rs`, made of loom's types.
//!
//! What differs from the names there, and why:
//!
//! * Nothing catches panics: a worker that caught what its task throws would swallow loom's own
//!   findings. A failing task is modelled as a value.
//! * A timed wait lets others run and then says that it timed out, so that every order of the
//!   timeout and the end is explored; loom's own never times out.
//! * Nobody spins, unless the model calls [`spin`]: then a spin is a single look.
//! * [`fail_starts`] keeps threads from being started.
//! * [`ask_for_no_deadlocks`] leaves tasks that wait for each other to hang.
//! * [`wake_everybody`] wakes for no reason, which loom never does.
//! * [`bug`] makes the mistake that was chosen, in a build that has them; see `seeded`.
//! * `Arc` is the standard library's in both. Its count is no step of the schedule.

use std::cell::{Cell, RefCell};
use std::ops::{Deref, DerefMut};
use std::time::Duration;

use crate::base::Panic;
use crate::base::liveness::Graph;

mod atomic;

pub(crate) use atomic::{AtomicBool, AtomicU32};
pub(crate) use loom::cell::UnsafeCell;
pub(crate) use loom::sync::atomic::Ordering;
pub(crate) use loom::thread_local;
pub(crate) use std::sync::{Arc, Weak};

/// Whether this mistake is to be made.
#[cfg(seeded_bugs)]
macro_rules! bug {
    ($name:ident) => {
        $crate::seeded::is_made($crate::seeded::Bug::$name)
    };
}
/// Whether this mistake is to be made: none is in this build.
#[cfg(not(seeded_bugs))]
macro_rules! bug {
    ($name:ident) => {
        false
    };
}
pub(crate) use bug;

// Loom runs the threads of a model one at a time on the operating-system thread of its test, so
// what belongs to an execution can be kept here, where loom does not see it.
std::thread_local! {
    static CONDVARS: RefCell<Vec<Arc<loom::sync::Condvar>>> = const { RefCell::new(Vec::new()) };
    static SLEEPS: Cell<usize> = const { Cell::new(0) };
    static THREADS: Cell<usize> = const { Cell::new(1) };
    static FAILING_STARTS: Cell<usize> = const { Cell::new(0) };
    static SPINNING: Cell<bool> = const { Cell::new(false) };
    static GRAPH: RefCell<Option<Arc<Graph>>> = const { RefCell::new(None) };
    static ASKING: Cell<bool> = const { Cell::new(true) };
    static NUMBERS: Cell<usize> = const { Cell::new(0) };
}

/// Forgets what belongs to the execution before.
pub(crate) fn start_execution() {
    CONDVARS.with_borrow_mut(Vec::clear);
    SLEEPS.set(0);
    THREADS.set(1);
    FAILING_STARTS.set(0);
    SPINNING.set(false);
    GRAPH.set(None);
    ASKING.set(true);
    NUMBERS.set(0);
}

/// How often a thread of this execution has gone to sleep in an untimed wait.
pub(crate) fn sleeps() -> usize {
    SLEEPS.get()
}

/// How many threads this execution has had so far, the main one included.
pub(crate) fn threads() -> usize {
    THREADS.get()
}

/// How many of this execution's condition variables are still there.
pub(crate) fn condvars() -> usize {
    CONDVARS.with_borrow(|condvars| {
        let live = condvars
            .iter()
            .filter(|condvar| Arc::strong_count(condvar) > 1);
        live.count()
    })
}

/// Lets the next `count` starts of threads fail, for the rest of this execution.
pub(crate) fn fail_starts(count: usize) {
    FAILING_STARTS.set(count);
}

/// Has threads look once more before they sleep, for the rest of this execution.
pub(crate) fn spin() {
    SPINNING.set(true);
}

/// Has nobody ask whether a wait can end, for the rest of this execution: the raw form of a deadlock.
pub(crate) fn ask_for_no_deadlocks() {
    ASKING.set(false);
}

/// Those who sleep inside tasks of this execution.
pub(crate) fn graph() -> Arc<Graph> {
    GRAPH.with_borrow_mut(|graph| Arc::clone(graph.get_or_insert_default()))
}

pub(crate) fn asks_for_deadlocks() -> bool {
    ASKING.get()
}

/// Wakes all that sleep on any [`Condvar`], for no reason at all.
pub(crate) fn wake_everybody() {
    let condvars = CONDVARS.with_borrow(Clone::clone);
    for condvar in condvars {
        condvar.notify_all();
    }
}

/// A mutex; loom's knows no poisoning.
#[derive(Debug, Default)]
pub(crate) struct Mutex<T>(loom::sync::Mutex<T>);

impl<T> Mutex<T> {
    pub(crate) fn new(value: T) -> Mutex<T> {
        Mutex(loom::sync::Mutex::new(value))
    }

    pub(crate) fn lock(&self) -> MutexGuard<'_, T> {
        MutexGuard::lock(&self.0)
    }
}

/// A guard that can be given back and taken again, for a wait that times out.
#[derive(Debug)]
pub(crate) struct MutexGuard<'a, T> {
    mutex: &'a loom::sync::Mutex<T>,
    guard: loom::sync::MutexGuard<'a, T>,
}

impl<'a, T> MutexGuard<'a, T> {
    fn lock(mutex: &'a loom::sync::Mutex<T>) -> MutexGuard<'a, T> {
        let guard = mutex.lock().expect("loom's mutex knows no poisoning");
        MutexGuard { mutex, guard }
    }
}

impl<T> Deref for MutexGuard<'_, T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.guard
    }
}

impl<T> DerefMut for MutexGuard<'_, T> {
    fn deref_mut(&mut self) -> &mut T {
        &mut self.guard
    }
}

/// A condition variable that is known to [`wake_everybody`].
#[derive(Debug)]
pub(crate) struct Condvar(Arc<loom::sync::Condvar>);

impl Condvar {
    pub(crate) fn new() -> Condvar {
        let condvar = Arc::new(loom::sync::Condvar::new());
        CONDVARS.with_borrow_mut(|condvars| condvars.push(Arc::clone(&condvar)));
        Condvar(condvar)
    }

    pub(crate) fn wait<'a, T>(&self, guard: MutexGuard<'a, T>) -> MutexGuard<'a, T> {
        let MutexGuard { mutex, guard } = guard;
        SLEEPS.set(SLEEPS.get() + 1);
        let guard = self.0.wait(guard);
        let guard = guard.expect("loom's mutex knows no poisoning");
        MutexGuard { mutex, guard }
    }

    /// Gives the mutex back, takes it again and says that it timed out. Others run in between as long
    /// as the search likes. (No yield: loom resumes a thread that yields only after a step of another,
    /// which would leave out the timeout that comes right before that step.)
    pub(crate) fn wait_until<'a, T>(
        &self,
        guard: MutexGuard<'a, T>,
        _deadline: Deadline,
    ) -> (MutexGuard<'a, T>, bool) {
        let MutexGuard { mutex, guard } = guard;
        drop(guard);
        (MutexGuard::lock(mutex), true)
    }

    pub(crate) fn notify_one(&self) {
        self.0.notify_one();
    }

    pub(crate) fn notify_all(&self) {
        self.0.notify_all();
    }
}

/// A moment that comes when the search wants it to.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Deadline;

impl Deadline {
    pub(crate) fn after(_timeout: Duration) -> Option<Deadline> {
        Some(Deadline)
    }

    pub(crate) fn has_passed(self) -> bool {
        false
    }
}

/// What makes a leaked cell an error: loom looks for these at the end of each execution.
#[derive(Debug)]
pub(crate) struct Tracked {
    _tracked: loom::alloc::Track<()>,
}

impl Tracked {
    pub(crate) fn new() -> Tracked {
        Tracked {
            _tracked: loom::alloc::Track::new(()),
        }
    }
}

/// Threads.
pub(crate) mod thread {
    pub(crate) use loom::thread::{JoinHandle, ThreadId};

    use super::{FAILING_STARTS, THREADS};

    /// In words. Loom's default of 4096 leaves too little for a failing assertion's message.
    const STACK_SIZE: usize = 0x4000;

    /// Starts a thread with a name, unless [`fail_starts`](super::fail_starts) is against it.
    pub(crate) fn spawn(
        name: String,
        _stack_size: usize,
        main: impl FnOnce() + Send + 'static,
    ) -> std::io::Result<JoinHandle<()>> {
        if let Some(left) = FAILING_STARTS.get().checked_sub(1) {
            FAILING_STARTS.set(left);
            return Err(std::io::Error::other("the model wants no thread"));
        }
        start(name, main)
    }

    /// Starts a thread that belongs to the model itself.
    pub(crate) fn start(
        name: String,
        main: impl FnOnce() + Send + 'static,
    ) -> std::io::Result<JoinHandle<()>> {
        THREADS.set(THREADS.get() + 1);
        loom::thread::Builder::new()
            .name(name)
            .stack_size(STACK_SIZE)
            .spawn(main)
    }

    /// The calling thread.
    pub(crate) fn current_id() -> ThreadId {
        loom::thread::current().id()
    }
}

/// Does not catch: see the head of this file.
pub(crate) fn catch_unwind<R>(f: impl FnOnce() -> R) -> Result<R, Arc<Panic>> {
    Ok(f())
}

pub(crate) fn note_places() {}

pub(crate) fn may_spin() -> bool {
    SPINNING.get()
}

/// One turn, if any: what happens between two turns may as well happen before the first.
pub(crate) fn spin_until(is_so: impl Fn() -> bool) -> bool {
    SPINNING.get() && is_so()
}

pub(crate) use spin_until as spin_giving_way_until;

/// Models don't go deep.
pub(crate) fn default_stack_size() -> usize {
    1
}

/// Here all are in one place.
pub(crate) fn stack_address() -> usize {
    0
}

/// Whether a destructor should leave at once: in a model that has failed nobody would end its wait.
pub(crate) fn abandon() -> bool {
    std::thread::panicking()
}

/// No model forks.
pub(crate) fn process_generation() -> u32 {
    0
}

pub(crate) fn available_workers() -> usize {
    2
}

pub(crate) fn next_number() -> usize {
    NUMBERS.set(NUMBERS.get() + 1);
    NUMBERS.get()
}
