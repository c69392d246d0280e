//! Where the tasks of a run meet before their first increment.
//!
//! Ten thousand atomic increments take about as long as a sleeping worker takes to wake up. Without a line the first
//! task is now over before the second one begins, and now is not, and what is measured is which of the two it was: a
//! warm loop of runs and a run from time to time gave opposite verdicts on the same pair. With it all increments are
//! made while both tasks are at it. What takes a message for each increment is a thousand times as long, and has none.

use std::hint::spin_loop;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use super::TASKS;

/// How long to spin for the other task before the processor is offered to it: it may need this one.
const SPINS: u32 = 1_000;

/// How long the other task may take to come to the line.
const PATIENCE: Duration = Duration::from_secs(10);

/// Comes to the line and waits until all [`TASKS`] have come, then as often again as they like. The word starts at
/// zero and counts how often a task has come.
///
/// # Panics
///
/// If the other task does not come.
pub fn meet(arrivals: &AtomicU64) {
    // ORDERING: AcqRel, pairs with the others' loads: what was done before the line is seen after it.
    let earlier = arrivals.fetch_add(1, Ordering::AcqRel);
    let all = earlier - earlier % TASKS + TASKS;
    let start = Instant::now();
    let mut spins = 0;
    // ORDERING: Acquire, pairs with the additions.
    while arrivals.load(Ordering::Acquire) < all {
        if spins < SPINS {
            spins += 1;
            spin_loop();
            continue;
        }
        assert!(
            start.elapsed() < PATIENCE,
            "the other task did not come to the line"
        );
        thread::yield_now();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_passes_before_all_have_come() {
        let (arrivals, passed) = (AtomicU64::new(0), AtomicU64::new(0));
        thread::scope(|scope| {
            for round in 0..1_000 {
                let first = scope.spawn(|| {
                    meet(&arrivals);
                    passed.fetch_add(1, Ordering::Relaxed);
                });
                while arrivals.load(Ordering::Acquire) % TASKS == 0 {
                    thread::yield_now();
                }
                assert_eq!(passed.load(Ordering::Relaxed), round, "it did not wait");
                meet(&arrivals);
                first.join().expect("it passes");
            }
        });
    }
}
