//! A figure and its reference in turns.
//!
//! Criterion measures row after row, seconds apart. A round trip between processes takes five
//! microseconds or seventy, as the scheduler puts the two on one processor or on two, and that
//! changes with whatever else the machine does. Turns of milliseconds meet the same moods.

use std::ops::RangeInclusive;
use std::time::{Duration, Instant};

use reports::Pair;

/// How long a turn lasts at least: long against the first run after somebody else's turn.
const TURN: Duration = Duration::from_millis(5);

/// How many turns each has: enough for an interval of a median, and no more than narrow it.
const TURNS: RangeInclusive<u32> = 6..=400;

/// Measures both in turns for about `span`. Each runs once and returns the time that it took.
pub(crate) fn in_turns(
    span: Duration,
    mut own: impl FnMut() -> Duration,
    mut reference: impl FnMut() -> Duration,
) -> Vec<Pair> {
    let (mut pairs, start) = (Vec::new(), Instant::now());
    for number in 0..*TURNS.end() {
        if number >= *TURNS.start() && start.elapsed() >= span {
            break;
        }
        // Who is first changes, so that nobody has the advantage of it.
        let own_first = number % 2 == 0;
        let before = own_first.then(|| turn(&mut own));
        let reference_ns = turn(&mut reference);
        let own_ns = before.unwrap_or_else(|| turn(&mut own));
        pairs.push(Pair {
            own_ns,
            reference_ns,
        });
    }
    pairs
}

/// The mean time of a run in nanoseconds, over one turn.
fn turn(run: &mut impl FnMut() -> Duration) -> f64 {
    let (mut runs, mut time) = (0_u32, Duration::ZERO);
    while time < TURN {
        time += run();
        runs += 1;
    }
    time.as_secs_f64() * 1e9 / f64::from(runs)
}

/// The times of one of so many equal parts of what was measured: tasks, increments.
pub(crate) fn of_one(pairs: Vec<Pair>, own: u64, reference: u64) -> Vec<Pair> {
    let one = |pair: Pair| Pair {
        own_ns: pair.own_ns / own as f64,
        reference_ns: pair.reference_ns / reference as f64,
    };
    pairs.into_iter().map(one).collect()
}

/// The time of a call.
pub(crate) fn timed(call: impl FnOnce()) -> Duration {
    let start = Instant::now();
    call();
    start.elapsed()
}
