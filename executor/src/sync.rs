//! The one door to everything that synchronises, for the files of `base/` and the claims of
//! `process/`.
//!
//! `loom-tests` compiles those files against a module of this name that is made of loom's types;
//! so the list below is the whole of what they may use (besides padding, which synchronises nothing). `Arc` is the standard library's in both: it
//! carries no protocol of ours, and loom's has no unsized coercion.

use std::fmt;
#[cfg(all(feature = "process", target_os = "linux", target_env = "gnu"))]
use std::sync::TryLockError;
use std::sync::{LazyLock, PoisonError};
use std::time::{Duration, Instant};

pub(crate) use std::sync::Arc;
pub(crate) use std::sync::MutexGuard;
pub(crate) use std::sync::Weak;
use std::sync::atomic::AtomicUsize;
pub(crate) use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
pub(crate) use std::thread_local;

use crate::base::liveness::Graph;
#[cfg(unix)]
use crate::forked::OfEachProcess;
pub(crate) use crate::panics::{catch_unwind, note_places};
#[cfg(all(feature = "shared", target_os = "linux", target_env = "gnu"))]
pub(crate) use crate::spin::spin_until;
pub(crate) use crate::spin::{may_spin, spin_giving_way_until};

/// A mistake on purpose, by its name. Never made here: this is `false`, and what it marks is gone from the library.
/// In `loom-tests`, which lists them all, one of them can be made at a time, for models to find it.
macro_rules! bug {
    ($name:ident) => {
        false
    };
}
pub(crate) use bug;

/// A mutex that does not know poisoning: no code of the user's runs under one of ours, so a panic
/// under it is a bug of this crate and not a state to recover from.
#[derive(Debug, Default)]
pub(crate) struct Mutex<T>(std::sync::Mutex<T>);

impl<T> Mutex<T> {
    pub(crate) fn new(value: T) -> Mutex<T> {
        Mutex(std::sync::Mutex::new(value))
    }

    pub(crate) fn lock(&self) -> MutexGuard<'_, T> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The lock, if nobody has it.
    #[cfg(all(feature = "process", target_os = "linux", target_env = "gnu"))]
    pub(crate) fn try_lock(&self) -> Option<MutexGuard<'_, T>> {
        match self.0.try_lock() {
            Ok(guard) => Some(guard),
            Err(TryLockError::Poisoned(poisoned)) => Some(poisoned.into_inner()),
            Err(TryLockError::WouldBlock) => None,
        }
    }
}

/// A condition variable for [`Mutex`]. Spurious wake-ups happen: wait in a loop.
#[derive(Debug, Default)]
pub(crate) struct Condvar(std::sync::Condvar);

impl Condvar {
    pub(crate) fn new() -> Condvar {
        Condvar(std::sync::Condvar::new())
    }

    pub(crate) fn wait<'a, T>(&self, guard: MutexGuard<'a, T>) -> MutexGuard<'a, T> {
        self.0.wait(guard).unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until notified or the deadline has passed; whether it has passed.
    pub(crate) fn wait_until<'a, T>(
        &self,
        guard: MutexGuard<'a, T>,
        deadline: Deadline,
    ) -> (MutexGuard<'a, T>, bool) {
        let left = deadline.0.saturating_duration_since(Instant::now());
        let (guard, result) = self
            .0
            .wait_timeout(guard, left)
            .unwrap_or_else(PoisonError::into_inner);
        (guard, result.timed_out())
    }

    pub(crate) fn notify_one(&self) {
        self.0.notify_one();
    }

    pub(crate) fn notify_all(&self) {
        self.0.notify_all();
    }
}

/// A moment after which a wait is given up.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Deadline(Instant);

impl Deadline {
    /// `None` if it is too far away for the clock, which is to say never.
    pub(crate) fn after(timeout: Duration) -> Option<Deadline> {
        Instant::now().checked_add(timeout).map(Deadline)
    }

    pub(crate) fn has_passed(self) -> bool {
        self.0 <= Instant::now()
    }

    /// How long it is until then.
    pub(crate) fn left(self) -> Duration {
        self.0.saturating_duration_since(Instant::now())
    }
}

/// A cell whose accesses a model checks for races.
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

    /// Whoever owns the cell owns what is in it: in a model, no access that could race.
    pub(crate) fn into_inner(self) -> T {
        self.0.into_inner()
    }
}

/// Nothing; in a model, a thing that must not be leaked.
#[derive(Clone, Copy)]
pub(crate) struct Tracked;

impl Tracked {
    pub(crate) fn new() -> Tracked {
        Tracked
    }
}

impl fmt::Debug for Tracked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Tracked")
    }
}

/// Threads.
pub(crate) mod thread {
    pub(crate) use std::thread::{JoinHandle, ThreadId};

    /// Starts a thread with a name, and so many bytes of stack.
    pub(crate) fn spawn(
        name: String,
        stack_size: usize,
        main: impl FnOnce() + Send + 'static,
    ) -> std::io::Result<JoinHandle<()>> {
        let builder = std::thread::Builder::new().name(name);
        builder.stack_size(stack_size).spawn(main)
    }

    /// The calling thread.
    pub(crate) fn current_id() -> ThreadId {
        std::thread::current().id()
    }
}

/// How many bytes of stack a worker has by default: what a process's main thread mostly has, and tasks in worker
/// processes do, unless the environment says what threads have.
pub(crate) fn default_stack_size() -> usize {
    static SIZE: LazyLock<usize> = LazyLock::new(|| {
        let asked = std::env::var("RUST_MIN_STACK").ok();
        let asked = asked.and_then(|bytes| bytes.parse().ok());
        asked.unwrap_or(8 << 20)
    });
    *SIZE
}

/// An address on the stack of the calling thread, near where it has come to.
pub(crate) fn stack_address() -> usize {
    let local = 0_u8;
    std::ptr::from_ref(std::hint::black_box(&local)).addr()
}

/// Whether a destructor should leave at once instead of waiting. Never here: a scope waits even
/// while it unwinds. In a model that has failed nobody would end the wait.
pub(crate) fn abandon() -> bool {
    false
}

/// Those who sleep inside tasks of this process; see [`liveness`](crate::base::liveness).
pub(crate) fn graph() -> &'static Graph {
    // In a copy nobody sleeps who did in the original, and who held the list's lock there lets it go in vain.
    #[cfg(unix)]
    static GRAPH: OfEachProcess<Graph> = OfEachProcess::new();
    #[cfg(unix)]
    let graph = GRAPH.get();
    #[cfg(not(unix))]
    static GRAPH: LazyLock<Graph> = LazyLock::new(Graph::default);
    #[cfg(not(unix))]
    let graph = &*GRAPH;
    graph
}

/// Whether one who is about to sleep in a task asks whether the wait can end. Always here; in a model that is
/// to show what happens otherwise, nobody does.
pub(crate) fn asks_for_deadlocks() -> bool {
    true
}

/// A number that is another one in a copy of this process that was forked after the first call.
pub(crate) fn process_generation() -> u32 {
    #[cfg(unix)]
    let generation = crate::forked::generation();
    // There are no copies of processes elsewhere.
    #[cfg(not(unix))]
    let generation = 0;
    generation
}

/// How many workers a pool has by default: the processors available.
pub(crate) fn available_workers() -> usize {
    std::thread::available_parallelism().map_or(1, std::num::NonZero::get)
}

/// A number that this process has not given out before.
pub(crate) fn next_number() -> usize {
    static NEXT: AtomicUsize = AtomicUsize::new(0);
    // ORDERING: Relaxed, all that matters is that the numbers differ.
    NEXT.fetch_add(1, Ordering::Relaxed)
}
