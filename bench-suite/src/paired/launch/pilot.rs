//! The pilot: how many runs a visit to each cell needs. They are chosen once and then the same in all launches, so that
//! a launch on a slower moment does not do less.

use std::io;
use std::time::Duration;

use super::Report;
use super::visiting::{start, visited};
use super::watchdog::Watchdog;
use crate::paired::family::{Family, Started};
use crate::paired::message::Message;

/// The most runs of a visit, for a cell whose run takes no time that the clock could see.
const MOST: u64 = 1 << 20;

/// Reports how many runs of each cell, but those to skip, last as long as a visit is to.
pub(super) fn choose(
    family: &Family,
    visit: Duration,
    skip: &[usize],
    watchdog: &Watchdog,
    report: Report<'_>,
) -> io::Result<()> {
    let (mut runs, mut block) = (Vec::new(), Duration::ZERO);
    for cell in 0..family.cells().len() {
        if skip.contains(&cell) {
            runs.push(0);
            continue;
        }
        watchdog.turn_of(cell);
        match start(family, cell) {
            Ok(mut started) => {
                let (chosen, one) = runs_for(&mut started, visit);
                runs.push(chosen);
                // A visit of several runs has one more that is not measured.
                let all = if chosen > 1 { chosen + 1 } else { 1 };
                block += one.mul_f64(all as f64);
            }
            Err(reason) => {
                runs.push(0);
                report(&Message::Missing { cell, reason })?;
            }
        }
    }
    let block_ns = u64::try_from(block.as_nanos()).unwrap_or(u64::MAX);
    report(&Message::Chosen { runs, block_ns })
}

/// How many runs last as long as a visit, and how long one of them takes.
fn runs_for(started: &mut Started, visit: Duration) -> (u64, Duration) {
    visited(started, 1);
    let mut runs = 1;
    loop {
        let seen = visited(started, runs);
        if seen.time * 2 >= visit || runs >= MOST || seen.wrong.is_some() {
            let one = seen.time.as_secs_f64() / runs as f64;
            let chosen = (visit.as_secs_f64() / one).ceil() as u64;
            return (chosen.clamp(1, MOST), Duration::from_secs_f64(one));
        }
        runs *= 2;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::paired::family::equals;
    use crate::paired::family::tests::cell;

    fn chosen(family: &Family, visit: Duration, skip: &[usize]) -> Vec<Message> {
        let watchdog = Watchdog::start(Duration::from_secs(3_600), |_| ());
        let mut messages = Vec::new();
        let report = &mut |message: &Message| {
            messages.push(message.clone());
            Ok(())
        };
        choose(family, visit, skip, &watchdog, report).expect("it is heard");
        messages
    }

    #[test]
    fn a_short_run_is_repeated_and_a_long_one_is_not() {
        let mut family = Family::default();
        family.add(cell(0), || Ok(Started::new(|| Ok(7), equals(7))));
        family.add(cell(1), || {
            let run = || {
                std::thread::sleep(Duration::from_micros(1_100));
                Ok(7)
            };
            Ok(Started::new(run, equals(7)))
        });
        family.add(cell(2), || Err("no such program".into()));
        family.add(cell(3), || panic!("it is skipped"));
        let messages = chosen(&family, Duration::from_millis(1), &[3]);
        let reason = "no such program".to_owned();
        assert_eq!(messages[0], Message::Missing { cell: 2, reason });
        let Message::Chosen { runs, .. } = &messages[1] else {
            panic!("{messages:?}");
        };
        assert!(runs[0] > 1, "{runs:?}");
        assert_eq!(runs[1..], [1, 0, 0]);
    }

    #[test]
    fn wrong_answers_do_not_keep_it_for_long() {
        let mut family = Family::default();
        family.add(cell(0), || {
            Ok(Started::new(
                || -> Result<u32, _> { panic!("no") },
                equals(7),
            ))
        });
        let messages = chosen(&family, Duration::from_millis(1), &[]);
        // It took no time, and so it gets the most.
        assert_eq!(
            messages,
            [Message::Chosen {
                runs: vec![MOST],
                block_ns: 0
            }]
        );
    }
}
