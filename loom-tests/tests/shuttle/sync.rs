//! The one door to everything that synchronises, as `executor/src/sync.rs`, made of shuttle's types.
//!
//! What differs from the names there, and why:
//!
//! * Nothing catches panics: a worker that caught what its task throws would swallow a scenario's own assertions. A
//!   failing task is modelled as a value.
//! * A timed wait ends after a few turns, which the schedule chooses; shuttle's own never times out.
//! * A wait is now and then ended for nothing, which shuttle never does.
//! * A worker looks once more before it sleeps, or does not, as the schedule has it.
//! * `Arc` is the standard library's in both. Its count is no step of the schedule.

use std::cell::{Cell, RefCell};
use std::ops::{Deref, DerefMut};
use std::sync::PoisonError;
use std::time::Duration;

use shuttle::rand::{Rng, thread_rng};

use crate::base::Panic;
use crate::base::liveness::Graph;

pub(crate) use shuttle::sync::atomic::{AtomicBool, AtomicU32, Ordering};
pub(crate) use shuttle::thread_local;
pub(crate) use std::sync::{Arc, Weak};

/// Whether this mistake is to be made: the models of loom make them, the scenarios here none.
macro_rules! bug {
    ($name:ident) => {
        false
    };
}
pub(crate) use bug;

// Shuttle runs the threads of a scenario one at a time on the operating-system thread of its test, so what belongs to
// an execution can be kept here, where shuttle does not see it.
std::thread_local! {
    static GRAPH: RefCell<Option<Arc<Graph>>> = const { RefCell::new(None) };
    static NUMBERS: Cell<usize> = const { Cell::new(0) };
    static CELLS: Cell<usize> = const { Cell::new(0) };
    static WORKERS: Cell<usize> = const { Cell::new(0) };
}

/// Forgets what belongs to the execution before.
pub(crate) fn start_execution() {
    GRAPH.set(None);
    NUMBERS.set(0);
    CELLS.set(0);
    WORKERS.set(0);
}

/// How many cells of this execution are still there.
pub(crate) fn cells() -> usize {
    CELLS.get()
}

/// How many threads the pools of this execution have started.
pub(crate) fn workers() -> usize {
    WORKERS.get()
}

/// A mutex. Nothing that is poisoned is looked at: the panic has ended the scenario.
#[derive(Debug, Default)]
pub(crate) struct Mutex<T>(shuttle::sync::Mutex<T>);

impl<T> Mutex<T> {
    pub(crate) fn new(value: T) -> Mutex<T> {
        Mutex(shuttle::sync::Mutex::new(value))
    }

    pub(crate) fn lock(&self) -> MutexGuard<'_, T> {
        MutexGuard::lock(&self.0)
    }
}

/// A guard that can be given back and taken again.
#[derive(Debug)]
pub(crate) struct MutexGuard<'a, T> {
    mutex: &'a shuttle::sync::Mutex<T>,
    guard: shuttle::sync::MutexGuard<'a, T>,
}

impl<'a, T> MutexGuard<'a, T> {
    fn lock(mutex: &'a shuttle::sync::Mutex<T>) -> MutexGuard<'a, T> {
        let guard = mutex.lock().unwrap_or_else(PoisonError::into_inner);
        MutexGuard { mutex, guard }
    }

    /// Gives the mutex back and takes it again.
    fn let_others_run(self) -> MutexGuard<'a, T> {
        let MutexGuard { mutex, guard } = self;
        drop(guard);
        shuttle::thread::yield_now();
        MutexGuard::lock(mutex)
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

/// A condition variable, of whose sleepers a notification wakes any.
#[derive(Debug)]
pub(crate) struct Condvar {
    condvar: shuttle::sync::Condvar,
}

/// One wait in so many is ended for nothing.
const SPURIOUS_ONE_IN: u32 = 16;

/// How many turns of others a timed wait lasts at most.
const MOST_TURNS: u32 = 8;

impl Condvar {
    pub(crate) fn new() -> Condvar {
        Condvar {
            condvar: shuttle::sync::Condvar::new(),
        }
    }

    pub(crate) fn wait<'a, T>(&self, guard: MutexGuard<'a, T>) -> MutexGuard<'a, T> {
        if thread_rng().gen_ratio(1, SPURIOUS_ONE_IN) {
            return guard.let_others_run();
        }
        let MutexGuard { mutex, guard } = guard;
        let guard = self.condvar.wait(guard);
        let guard = guard.unwrap_or_else(PoisonError::into_inner);
        MutexGuard { mutex, guard }
    }

    /// Lets others run for a few turns. What it says of the time is right either way: a wait that is not late was
    /// ended for nothing, and its caller looks and comes again.
    pub(crate) fn wait_until<'a, T>(
        &self,
        mut guard: MutexGuard<'a, T>,
        _deadline: Deadline,
    ) -> (MutexGuard<'a, T>, bool) {
        for _ in 0..thread_rng().gen_range(1..=MOST_TURNS) {
            guard = guard.let_others_run();
        }
        (guard, thread_rng().gen_bool(0.5))
    }

    pub(crate) fn notify_one(&self) {
        self.condvar.notify_one();
    }

    pub(crate) fn notify_all(&self) {
        self.condvar.notify_all();
    }
}

/// A moment that comes when the schedule wants it to.
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

/// A cell. Its accesses are no steps, and races are loom's to find.
pub(crate) struct UnsafeCell<T>(std::cell::UnsafeCell<T>);

impl<T> UnsafeCell<T> {
    pub(crate) fn new(value: T) -> UnsafeCell<T> {
        UnsafeCell(std::cell::UnsafeCell::new(value))
    }

    pub(crate) fn with<R>(&self, read: impl FnOnce(*const T) -> R) -> R {
        read(self.0.get().cast_const())
    }

    pub(crate) fn with_mut<R>(&self, write: impl FnOnce(*mut T) -> R) -> R {
        write(self.0.get())
    }

    pub(crate) fn into_inner(self) -> T {
        self.0.into_inner()
    }
}

/// What makes a leaked cell an error: the harness counts these at the end of each execution.
#[derive(Debug)]
pub(crate) struct Tracked;

impl Tracked {
    pub(crate) fn new() -> Tracked {
        CELLS.set(CELLS.get() + 1);
        Tracked
    }
}

impl Drop for Tracked {
    fn drop(&mut self) {
        // A scenario that has failed may drop what an earlier execution left.
        CELLS.set(CELLS.get().saturating_sub(1));
    }
}

/// Threads.
pub(crate) mod thread {
    pub(crate) use shuttle::thread::{JoinHandle, ThreadId};

    use super::WORKERS;

    /// Starts a thread with a name.
    pub(crate) fn spawn(
        name: String,
        _stack_size: usize,
        main: impl FnOnce() + Send + 'static,
    ) -> std::io::Result<JoinHandle<()>> {
        WORKERS.set(WORKERS.get() + 1);
        shuttle::thread::Builder::new().name(name).spawn(main)
    }

    /// The calling thread.
    pub(crate) fn current_id() -> ThreadId {
        shuttle::thread::current().id()
    }
}

/// Does not catch: see the head of this file.
pub(crate) fn catch_unwind<R>(f: impl FnOnce() -> R) -> Result<R, Arc<Panic>> {
    Ok(f())
}

pub(crate) fn note_places() {}

pub(crate) fn may_spin() -> bool {
    thread_rng().gen_bool(0.5)
}

/// One turn: what happens between two turns may as well happen before the first.
pub(crate) fn spin_until(is_so: impl Fn() -> bool) -> bool {
    is_so()
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

/// Whether a destructor should leave at once: in a scenario that has failed nobody would end its wait.
pub(crate) fn abandon() -> bool {
    std::thread::panicking()
}

/// Those who sleep inside tasks of this execution.
pub(crate) fn graph() -> Arc<Graph> {
    GRAPH.with_borrow_mut(|graph| Arc::clone(graph.get_or_insert_default()))
}

pub(crate) fn asks_for_deadlocks() -> bool {
    true
}

/// No scenario forks.
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
