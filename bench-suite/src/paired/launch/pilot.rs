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

/// Reports how many runs of each cell, but those to skip, last as long as a visit is to. A cell whose run takes longer than
/// it may is left out.
pub(super) fn choose(
    family: &Family,
    (visit, longest): (Duration, Duration),
    skip: &[usize],
    watchdog: &Watchdog,
    report: Report<'_>,
) -> io::Result<()> {
    let cells = family.cells().len();
    let (mut runs, mut visits_ns) = (vec![0; cells], vec![0; cells]);
    for cell in (0..cells).filter(|cell| !skip.contains(cell)) {
        watchdog.turn_of(cell);
        let chosen = start(family, cell).map(|mut started| runs_for(&mut started, visit));
        match chosen {
            Ok((chosen, one)) if one <= longest => {
                runs[cell] = chosen;
                // A visit of several runs has one more that is not measured.
                let all = if chosen > 1 { chosen + 1 } else { 1 };
                let time = one.mul_f64(all as f64);
                visits_ns[cell] = u64::try_from(time.as_nanos()).unwrap_or(u64::MAX);
            }
            Ok(_) => {
                let reason = format!("a run of it takes longer than {longest:?}");
                report(&Message::Missing { cell, reason })?;
            }
            Err(reason) => report(&Message::Missing { cell, reason })?,
        }
    }
    report(&Message::Chosen { runs, visits_ns })
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

    const LONG: Duration = Duration::from_secs(3_600);

    fn chosen(family: &Family, times: (Duration, Duration), skip: &[usize]) -> Vec<Message> {
        let watchdog = Watchdog::start(Duration::from_secs(3_600), |_| ());
        let mut messages = Vec::new();
        let report = &mut |message: &Message| {
            messages.push(message.clone());
            Ok(())
        };
        choose(family, times, skip, &watchdog, report).expect("it is heard");
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
        let messages = chosen(&family, (Duration::from_millis(1), LONG), &[3]);
        let reason = "no such program".to_owned();
        assert_eq!(messages[0], Message::Missing { cell: 2, reason });
        let Message::Chosen { runs, .. } = &messages[1] else {
            panic!("{messages:?}");
        };
        assert!(runs[0] > 1, "{runs:?}");
        assert_eq!(runs[1..], [1, 0, 0]);
    }

    #[test]
    fn a_run_that_takes_longer_than_it_may_is_left_out_with_the_reason() {
        let mut family = Family::default();
        family.add(cell(0), || Ok(Started::new(|| Ok(7), equals(7))));
        family.add(cell(1), || {
            let run = || {
                std::thread::sleep(Duration::from_millis(3));
                Ok(7)
            };
            Ok(Started::new(run, equals(7)))
        });
        let messages = chosen(
            &family,
            (Duration::from_millis(1), Duration::from_millis(2)),
            &[],
        );
        let reason = "a run of it takes longer than 2ms".to_owned();
        assert_eq!(messages[0], Message::Missing { cell: 1, reason });
        let Message::Chosen { runs, visits_ns } = &messages[1] else {
            panic!("{messages:?}");
        };
        assert!(runs[0] > 1 && visits_ns[0] > 0, "{messages:?}");
        assert_eq!((runs[1], visits_ns[1]), (0, 0));
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
        let messages = chosen(&family, (Duration::from_millis(1), LONG), &[]);
        // It took no time, and so it gets the most.
        assert_eq!(
            messages,
            [Message::Chosen {
                runs: vec![MOST],
                visits_ns: vec![0]
            }]
        );
    }
}
