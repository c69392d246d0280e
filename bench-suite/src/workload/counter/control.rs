//! The control: a counter that nothing protects, and that must lose updates.
//!
//! Each increment is an atomic load and then an atomic store. That is sound, no data race, and it is
//! what goes wrong without a lock: whatever another task stores in between is overwritten.
//!
//! Two tasks of ten thousand increments are over before the second one has woken up, and lose
//! nothing (2 000 rounds of 2 000, when it was tried). So the tasks meet at a line, where they spin,
//! before each round. And where the two share a processor they take turns at the line, and lose
//! nothing either (6 000 rounds of 6 000): so each round is twice as long as the last, until one is
//! long enough for the system to change tasks in its midst. It ends with the first round that has lost
//! something, or when the time is up.

use std::hint::black_box;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use executor::shared::AtomicArray;
use executor::{Error, Future, ProcessPoolExecutor, SubmitError, ThreadPoolExecutor};

use super::line::meet;
use super::{INCREMENTS, TASKS};

/// How often a round is twice as long as the last: up to some five million increments of a task, or
/// ten milliseconds.
const DOUBLINGS: u64 = 9;

/// What the tasks share: the counter, and where they meet.
#[derive(Clone, Copy, Debug)]
pub struct Meeting<'a> {
    /// What is incremented.
    pub counter: &'a AtomicU64,
    /// How often a task has come to the line.
    pub arrivals: &'a AtomicU64,
    /// Not zero once the time is up.
    pub over: &'a AtomicU64,
}

/// What became of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unlocked {
    /// How many increments were made.
    pub expected: u64,
    /// What the counter showed.
    pub got: u64,
    /// How long it took, until the first loss or until the time was up.
    pub span: Duration,
}

impl Meeting<'_> {
    /// Takes part in rounds, of [`INCREMENTS`] at first, until one of them has lost some, or for
    /// `limit`; how many increments all tasks have made. Of the [`TASKS`] that meet, one `leads`: it
    /// looks at the time.
    ///
    /// # Panics
    ///
    /// If the other task does not come.
    pub fn take_part(self, leads: bool, limit: Duration) -> u64 {
        let start = Instant::now();
        let mut made = 0;
        for round in 0.. {
            let increments = INCREMENTS << DOUBLINGS.min(round);
            meet(self.arrivals);
            for _ in 0..increments {
                // ORDERING: Relaxed, a lock is what is missing here, and on purpose.
                let value = self.counter.load(Ordering::Relaxed);
                // Else the compiler makes one instruction of the two, which the system can't interrupt:
                // where the tasks share a processor, that lost nothing in a minute.
                let value = black_box(value);
                self.counter.store(value + 1, Ordering::Relaxed);
            }
            made += TASKS * increments;
            if leads && start.elapsed() >= limit {
                // ORDERING: Relaxed, the line that comes next says when it is to be seen.
                self.over.store(1, Ordering::Relaxed);
            }
            meet(self.arrivals);
            // Nobody writes before everybody has come to the next line: all see the same.
            // ORDERING: Relaxed, both are ordered by the line.
            let lost = self.counter.load(Ordering::Relaxed) < made;
            if lost || self.over.load(Ordering::Relaxed) != 0 {
                break;
            }
        }
        made
    }
}

/// Runs the control on a pool of as many processes as there are [`TASKS`], or more.
///
/// # Errors
///
/// A task was not accepted or failed.
pub fn on_processes(pool: &ProcessPoolExecutor, limit: Duration) -> Result<Unlocked, Error> {
    let words = AtomicArray::zeroed(3)?;
    let made = |words: AtomicArray<u64>, leads: bool, limit: Duration| {
        meeting(&words).take_part(leads, limit)
    };
    run(&words, |leads| {
        Ok(pool.submit(made, (words.clone(), leads, limit))?)
    })
}

/// Runs the control on a pool of as many threads as there are [`TASKS`], or more.
///
/// # Errors
///
/// A task was not accepted or failed.
pub fn on_threads(pool: &ThreadPoolExecutor, limit: Duration) -> Result<Unlocked, Error> {
    let words: Arc<[AtomicU64; 3]> = Arc::default();
    run(&*words, |leads| {
        let words = Arc::clone(&words);
        Ok(pool.submit(move || meeting(&*words).take_part(leads, limit), ())?)
    })
}

/// Submits the tasks, the first of which leads, and waits for them.
fn run(
    words: &[AtomicU64],
    submit: impl Fn(bool) -> Result<Future<u64>, SubmitError>,
) -> Result<Unlocked, Error> {
    let start = Instant::now();
    let tasks: Vec<_> = (0..TASKS)
        .map(|number| submit(number == 0))
        .collect::<Result<_, _>>()?;
    let mut expected = 0;
    for task in tasks {
        // All of them say the same.
        expected = *task.result()?;
    }
    Ok(Unlocked {
        expected,
        // ORDERING: Relaxed, who waits for the tasks sees what they did.
        got: meeting(words).counter.load(Ordering::Relaxed),
        span: start.elapsed(),
    })
}

/// The three words that the tasks share.
fn meeting(words: &[AtomicU64]) -> Meeting<'_> {
    let [counter, arrivals, over] = words else {
        panic!("three words are shared, not {}", words.len());
    };
    Meeting {
        counter,
        arrivals,
        over,
    }
}

#[cfg(test)]
mod tests {
    use std::thread;

    use super::super::EXPECTED;
    use super::*;

    /// Generous: a loss takes less than a millisecond on two processors, and ten on one.
    const LIMIT: Duration = Duration::from_secs(60);

    #[test]
    fn updates_are_lost_without_a_lock() -> Result<(), Error> {
        for run in [
            on_threads(&ThreadPoolExecutor::new(2)?, LIMIT)?,
            on_processes(&ProcessPoolExecutor::new(2)?, LIMIT)?,
        ] {
            assert!(run.got < run.expected, "nothing was lost: {run:?}");
            assert!(run.got > 0);
        }
        Ok(())
    }

    #[test]
    fn the_control_ends_when_its_time_is_up() -> Result<(), Error> {
        for run in [
            on_threads(&ThreadPoolExecutor::new(2)?, Duration::ZERO)?,
            on_processes(&ProcessPoolExecutor::new(2)?, Duration::ZERO)?,
        ] {
            assert_eq!(run.expected, EXPECTED);
            assert!(run.got <= run.expected);
        }
        Ok(())
    }

    #[test]
    fn each_round_starts_when_both_have_come() {
        // The second task never runs beside the first one's increments here: it comes late, and the
        // first one waits for it.
        let words: [AtomicU64; 3] = Default::default();
        thread::scope(|scope| {
            let first = scope.spawn(|| meeting(&words).take_part(true, Duration::ZERO));
            while words[1].load(Ordering::Acquire) == 0 {
                thread::yield_now();
            }
            assert_eq!(words[0].load(Ordering::Relaxed), 0, "it did not wait");
            let second = meeting(&words).take_part(false, Duration::ZERO);
            assert_eq!(first.join().expect("it ends"), second);
        });
    }
}
