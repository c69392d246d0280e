//! Spinning for a moment before sleeping.
//!
//! A sleeping thread costs 10 to 20 µs to wake on a virtual machine, a spinning one notices within
//! a fraction of one. But a thread that spins takes a core from one that could work. So:
//!
//! * no more threads spin at a time than there are cores, in the whole process, and on a single core
//!   none does. (One fewer would be too few: of two threads that hand work to and fro, both spin for
//!   a moment at each hand-over.)
//! * a turn of spinning that was in vain halves the thread's next budget, one that was not doubles
//!   it, up to about one wake-up. A thread that has come to the bottom does not spin at all, but for
//!   a probe now and then: where the other side has no core of its own, each turn keeps it waiting.

use std::cell::Cell;
use std::hint;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

/// Below this a budget is none.
const FEWEST_TURNS: u32 = 64;
const MOST_TURNS: u32 = 2_048;
const PROBE_TURNS: u32 = 512;

/// How often a thread without a budget goes without a probe.
const UNPROBED: u32 = 31;

static SPINNERS: AtomicUsize = AtomicUsize::new(0);

thread_local! {
    static BUDGET: Cell<u32> = const { Cell::new(MOST_TURNS) };
    static WITHOUT: Cell<u32> = const { Cell::new(0) };
}

/// Whether spinning is of any use on this machine.
pub(crate) fn may_spin() -> bool {
    most_spinners() > 0
}

/// Spins until `is_so`, for as long as the budget allows; whether it was so at the end.
pub(crate) fn spin_until(is_so: impl Fn() -> bool) -> bool {
    let budget = budget();
    if budget == 0 {
        return is_so();
    }
    // ORDERING: Relaxed, here and below: the count only limits, it orders nothing.
    if SPINNERS.fetch_add(1, Ordering::Relaxed) >= most_spinners() {
        SPINNERS.fetch_sub(1, Ordering::Relaxed);
        return is_so();
    }
    let was_so = (0..budget).any(|_| {
        hint::spin_loop();
        is_so()
    });
    SPINNERS.fetch_sub(1, Ordering::Relaxed);
    BUDGET.set(match budget {
        _ if was_so => (budget * 2).min(MOST_TURNS),
        _ if budget / 2 < FEWEST_TURNS => 0,
        _ => budget / 2,
    });
    was_so
}

/// How many turns this thread may spin now.
fn budget() -> u32 {
    match (BUDGET.get(), WITHOUT.get()) {
        (0, UNPROBED) => {
            WITHOUT.set(0);
            PROBE_TURNS
        }
        (0, without) => {
            WITHOUT.set(without + 1);
            0
        }
        (budget, _) => budget,
    }
}

fn most_spinners() -> usize {
    static MOST: OnceLock<usize> = OnceLock::new();
    *MOST.get_or_init(|| match thread::available_parallelism() {
        Ok(cores) if cores.get() > 1 => cores.get(),
        Ok(_) | Err(_) => 0,
    })
}
