//! Tasks that are due by a schedule, whether or not those before are done: what is measured is how long each waits for its
//! result, from when it was due.
//!
//! Whoever submits a task only when the last one is done hides every stall, since during it nothing is due.

use std::num::NonZero;
use std::sync::mpsc::channel;
use std::thread;
use std::time::{Duration, Instant};

use executor::{Error, Executor};
use reports::statistics::Generator;
use rustix::thread::set_current_timer_slack;

use super::pi;

/// How many tasks a second are due.
pub const PER_SECOND: u32 = 4_000;

/// Between two workers there is a choice, and what is late on one can be made up by the other.
pub const WORKERS: u32 = 2;

/// Terms of pi of a task: about two tenths of a millisecond, so that two workers are busy for less than half of the time
/// and whoever submits has a share of the processors too.
pub const TERMS: u64 = 150_000;

/// What became of a task.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wait {
    /// From when it was due to when its result was there.
    pub latency: Duration,
    /// How long it ran.
    pub service: Duration,
    /// By how much it was submitted later than it was due.
    pub late: Duration,
    /// The bits of its sum.
    pub answer: u64,
}

/// When each of so many tasks is due, from the beginning: at random, independently of each other, as if many callers had
/// them. The same seed gives the same schedule.
#[must_use]
pub fn schedule(tasks: usize, per_second: u32, seed: u64) -> Vec<Duration> {
    let mut generator = Generator::new(seed);
    let mut due = 0.0;
    let next = |_| {
        // The gaps of events that happen at a constant rate.
        due -= (1.0 - generator.unit()).ln() / f64::from(per_second);
        Duration::from_secs_f64(due)
    };
    (0..tasks).map(next).collect()
}

/// The task: how long it has taken, in nanoseconds, and the bits of its sum.
pub fn timed(terms: u64) -> (u64, u64) {
    let start = Instant::now();
    let sum = pi::partial(1, terms);
    (start.elapsed().as_nanos() as u64, sum.to_bits())
}

/// Submits a task whenever one is due, and waits for all of them; what became of each, in the order of the schedule.
///
/// # Errors
///
/// A task was not accepted or failed.
pub fn run(
    executor: &impl Executor,
    schedule: &[Duration],
    terms: u64,
) -> Result<Vec<Wait>, Error> {
    let (sender, done) = channel();
    let (mut submitted, mut futures) = (Vec::new(), Vec::new());
    let _punctual = Punctual::new();
    let start = Instant::now();
    for (task, &due) in schedule.iter().enumerate() {
        thread::sleep(due.saturating_sub(start.elapsed()));
        submitted.push(start.elapsed());
        let future = executor.submit(timed, (terms,))?;
        let sender = sender.clone();
        // Whoever waits for one future after another would be told late of those behind the first.
        future.add_done_callback(move |_| {
            // It is heard: the other end waits until all callbacks are gone.
            let _ = sender.send((task, start.elapsed()));
        });
        futures.push(future);
    }
    drop(sender);
    let mut ended = vec![Duration::ZERO; schedule.len()];
    for (task, at) in done {
        ended[task] = at;
    }
    let mut waits = Vec::with_capacity(schedule.len());
    for (task, future) in futures.iter().enumerate() {
        let &(service_ns, answer) = future.result()?;
        waits.push(Wait {
            latency: ended[task].saturating_sub(schedule[task]),
            service: Duration::from_nanos(service_ns),
            late: submitted[task].saturating_sub(schedule[task]),
            answer,
        });
    }
    Ok(waits)
}

/// While it lives, this thread is woken when it wants to be, and not when that suits the kernel.
struct Punctual;

impl Punctual {
    fn new() -> Punctual {
        // Where it is refused, tasks are submitted a little later, which the record says.
        let _ = set_current_timer_slack(NonZero::new(1));
        Punctual
    }
}

impl Drop for Punctual {
    fn drop(&mut self) {
        // None is the default.
        let _ = set_current_timer_slack(None);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::backend::Backend;

    #[test]
    fn a_schedule_has_its_rate_and_no_rhythm() {
        let schedule = schedule(10_000, 4_000, 3);
        let last = schedule[9_999].as_secs_f64();
        assert!((last - 2.5).abs() < 0.1, "{last}");
        assert!(schedule.is_sorted());
        let gaps = schedule
            .windows(2)
            .map(|pair| (pair[1] - pair[0]).as_secs_f64());
        // Of gaps that are exponential the share beyond twice their mean is e⁻², about one in seven.
        let long = gaps.filter(|gap| *gap > 2.0 / 4_000.0).count();
        assert!((1_200..1_500).contains(&long), "{long}");
    }

    #[test]
    fn the_seed_decides() {
        assert_eq!(schedule(9, 4_000, 1), schedule(9, 4_000, 1));
        assert_ne!(schedule(9, 4_000, 1), schedule(9, 4_000, 2));
    }

    #[test]
    fn every_task_is_done_and_none_waits_less_than_it_runs() -> Result<(), Error> {
        for backend in Backend::ALL {
            let pool = backend.pool(2)?;
            let waits = run(&pool, &schedule(50, 100_000, 1), 1_000)?;
            assert_eq!(waits.len(), 50);
            for wait in waits {
                assert_eq!(wait.answer, pi::partial(1, 1_000).to_bits());
                assert!(
                    wait.latency >= wait.service + wait.late,
                    "{backend:?}: {wait:?}"
                );
            }
        }
        Ok(())
    }

    #[test]
    fn a_wait_is_counted_from_when_its_task_was_due() -> Result<(), Error> {
        // All of them are due at once, on one worker: each waits for all that are before it.
        let pool = Backend::Threads.pool(1)?;
        let waits = run(&pool, &[Duration::ZERO; 20], 100_000)?;
        let all: Duration = waits.iter().map(|wait| wait.service).sum();
        assert!(waits[19].latency >= all, "{waits:?}");
        Ok(())
    }
}
