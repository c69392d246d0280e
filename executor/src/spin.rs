//! Spinning for a moment before sleeping.
//!
//! A sleeping thread costs 10 to 40 µs to wake on a virtual machine, a spinning one notices within a
//! fraction of one. But a thread that spins takes a core from one that could work. So:
//!
//! * no more threads spin at a time than there are cores, in the whole process, and on a single core
//!   none does. (One fewer would be too few: of two threads that hand work to and fro, both spin for
//!   a moment at each hand-over.)
//! * a thread that has spun in vain spins less often: after one failure every second time, after two
//!   every fourth, down to every 32nd. After a success it spins each time.
//!
//! Less often, but never for less long: of two threads that hand work to and fro and both sleep, one
//! that spins for longer than the other takes to wake finds it awake, and then the other finds it so.
//! Short spins would never get them out of it.

use std::cell::Cell;
use std::hint;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

/// How long a spin lasts at most: about twice what it takes to wake a thread.
const LONGEST: Duration = Duration::from_micros(64);

/// How many turns pass between two looks at the clock.
const TURNS: u32 = 64;

/// After so many failures in a row no more turns are passed over than after one fewer.
const MOST_FAILURES: u32 = 5;

static SPINNERS: AtomicUsize = AtomicUsize::new(0);

thread_local! {
    /// How often this thread has spun in vain since it last did not.
    static FAILURES: Cell<u32> = const { Cell::new(0) };
    /// How often it has passed over a spin since the last one.
    static PASSED_OVER: Cell<u32> = const { Cell::new(0) };
}

/// Whether spinning is of any use on this machine.
pub(crate) fn may_spin() -> bool {
    most_spinners() > 0
}

/// Spins for a moment until `is_so`, if it is this thread's turn to; whether it was so at the end.
#[cfg(all(feature = "process", target_os = "linux", target_env = "gnu"))]
pub(crate) fn spin_until(is_so: impl Fn() -> bool) -> bool {
    spin_in_turn(is_so, || {})
}

/// As [`spin_until`], but lets others have the processor now and then: those that are waited for may be
/// waiting for this very processor. Maps on two threads, one after the other, take 0.87 of the time so: a
/// worker that finds nothing to do hands the processor back to the thread that brings the tasks. It is
/// for waits within a process: between processes an increment through a manager takes 1.17 times as long
/// so.
pub(crate) fn spin_giving_way_until(is_so: impl Fn() -> bool) -> bool {
    spin_in_turn(is_so, thread::yield_now)
}

fn spin_in_turn(is_so: impl Fn() -> bool, between_rounds: impl Fn()) -> bool {
    let passed_over = PASSED_OVER.get();
    if passed_over + 1 < 1 << FAILURES.get() {
        PASSED_OVER.set(passed_over + 1);
        return is_so();
    }
    PASSED_OVER.set(0);
    // ORDERING: Relaxed, here and below: the count only limits, it orders nothing.
    if SPINNERS.fetch_add(1, Ordering::Relaxed) >= most_spinners() {
        SPINNERS.fetch_sub(1, Ordering::Relaxed);
        return is_so();
    }
    let was_so = spin(is_so, between_rounds);
    SPINNERS.fetch_sub(1, Ordering::Relaxed);
    FAILURES.set(match FAILURES.get() {
        _ if was_so => 0,
        failures => (failures + 1).min(MOST_FAILURES),
    });
    was_so
}

fn spin(is_so: impl Fn() -> bool, between_rounds: impl Fn()) -> bool {
    let mut end = None;
    loop {
        for _ in 0..TURNS {
            hint::spin_loop();
            if is_so() {
                return true;
            }
        }
        let now = Instant::now();
        if now >= *end.get_or_insert(now + LONGEST) {
            return false;
        }
        between_rounds();
    }
}

fn most_spinners() -> usize {
    static MOST: OnceLock<usize> = OnceLock::new();
    *MOST.get_or_init(|| match thread::available_parallelism() {
        Ok(cores) if cores.get() > 1 => cores.get(),
        Ok(_) | Err(_) => 0,
    })
}
