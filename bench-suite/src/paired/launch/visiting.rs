//! Blocks of visits.

use std::collections::BTreeMap;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};

use reports::paired::{Observation, Observations};

use super::watchdog::Watchdog;
use super::{Report, calibrator};
use crate::paired::family::{Family, Started, Visited};
use crate::paired::message::Message;
use crate::paired::order::orders;
use crate::paired::usage::Usage;

/// The blocks of a launch.
pub(super) struct Blocks<'a> {
    pub(super) launch: u32,
    pub(super) blocks: u32,
    pub(super) seed: u64,
    /// How many runs a visit to each cell has; a cell with none is not visited.
    pub(super) runs: &'a [u64],
}

/// A cell that is visited, and whether all its answers were right.
struct Visitable {
    started: Started,
    is_right: bool,
}

impl Blocks<'_> {
    /// Starts the cells and visits them, block after block, of which each is reported.
    pub(super) fn visit(
        &self,
        family: &Family,
        watchdog: &Watchdog,
        report: Report<'_>,
    ) -> io::Result<()> {
        let mut cells = self.start(family, watchdog, report)?;
        let places: Vec<usize> = cells.keys().copied().collect();
        for (block, order) in (0..).zip(orders(&places, self.launch, self.blocks, self.seed)) {
            let before = calibrator::now_ns();
            let mut visits = Vec::new();
            let visited = order
                .into_iter()
                .filter(|cell| block < family.blocks_of(*cell, self.blocks));
            for (position, cell) in (0..).zip(visited) {
                watchdog.turn_of(cell);
                let visitable = cells.get_mut(&cell).expect("the order has no others");
                let seen = visit(visitable, self.runs[cell], &family.cells()[cell].label());
                visits.push(Observation {
                    launch: self.launch,
                    block,
                    position,
                    cell,
                    ..seen
                });
            }
            let after = calibrator::now_ns();
            let mut seen = Observations::default();
            for visit in visits {
                seen.push(Observation {
                    calibrator_ns: u64::midpoint(before, after),
                    calibrator_before_ns: Some(before),
                    calibrator_after_ns: Some(after),
                    ..visit
                });
            }
            report(&Message::Block(Box::new(seen)))?;
        }
        Ok(())
    }

    /// All cells that are visited, each warmed by a run; those that can't be are reported.
    fn start(
        &self,
        family: &Family,
        watchdog: &Watchdog,
        report: Report<'_>,
    ) -> io::Result<BTreeMap<usize, Visitable>> {
        let mut cells = BTreeMap::new();
        for (cell, _) in self.runs.iter().enumerate().filter(|(_, runs)| **runs > 0) {
            watchdog.turn_of(cell);
            match start(family, cell) {
                Ok(mut started) => {
                    let wrong = visited(&mut started, 1).wrong;
                    complain(&family.cells()[cell].label(), wrong.as_deref());
                    cells.insert(
                        cell,
                        Visitable {
                            started,
                            is_right: wrong.is_none(),
                        },
                    );
                }
                Err(reason) => report(&Message::Missing { cell, reason })?,
            }
        }
        Ok(cells)
    }
}

/// Starts a cell.
///
/// # Errors
///
/// Why it can't be measured, in words. A panic is one reason.
pub(super) fn start(family: &Family, cell: usize) -> Result<Started, String> {
    match catch_unwind(AssertUnwindSafe(|| family.start(cell))) {
        Ok(started) => started.map_err(|error| error.to_string()),
        Err(panic) => Err(panicked(&*panic)),
    }
}

/// So many runs. A panic is a wrong answer.
pub(super) fn visited(started: &mut Started, runs: u64) -> Visited {
    let visited = catch_unwind(AssertUnwindSafe(|| started.visit(runs)));
    visited.unwrap_or_else(|panic| Visited {
        time: std::time::Duration::ZERO,
        wrong: Some(panicked(&*panic)),
    })
}

fn panicked(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    let text = text.or_else(|| panic.downcast_ref::<&str>().copied());
    format!("it panicked: {}", text.unwrap_or("without a message"))
}

/// A visit. Where it was and the calibrator are for the caller to fill in.
fn visit(cell: &mut Visitable, runs: u64, label: &str) -> Observation {
    // The caches are somebody else's. Where a run is as long as a visit, that is lost in it.
    let warm = (runs > 1)
        .then(|| visited(&mut cell.started, 1))
        .and_then(|warm| warm.wrong);
    let before = Usage::now(&cell.started.processes);
    let measured = visited(&mut cell.started, runs);
    let used = Usage::now(&cell.started.processes).since(&before);
    let wrong = warm.or(measured.wrong);
    complain(label, wrong.as_deref().filter(|_| cell.is_right));
    cell.is_right &= wrong.is_none();
    Observation {
        runs,
        // No time at all would be a clock's mistake, or a panic's.
        wall_ns: (measured.time.as_nanos() as u64).max(1),
        user_ns: used.own.user_ns,
        system_ns: used.own.system_ns,
        children_user_ns: used.children.user_ns,
        children_system_ns: used.children.system_ns,
        voluntary_switches: used.own.voluntary + used.children.voluntary,
        involuntary_switches: used.own.involuntary + used.children.involuntary,
        steal_ticks: used.steal_ticks,
        throttled_ns: used.throttled_ns,
        minor_faults: Some(used.own.minor_faults + used.children.minor_faults),
        major_faults: Some(used.own.major_faults + used.children.major_faults),
        cpu_pressure_ns: used.cpu_pressure_ns,
        ok: cell.is_right,
        ..Observation::default()
    }
}

/// Once for each cell: a thousand wrong answers say no more than the first.
fn complain(label: &str, wrong: Option<&str>) {
    if let Some(wrong) = wrong {
        eprintln!("error: {label}: {wrong}");
    }
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;
    use std::rc::Rc;
    use std::time::Duration;

    use reports::paired::Purpose;

    use super::*;
    use crate::paired::family::equals;
    use crate::paired::family::tests::cell;

    /// What a launch of two blocks reports of these cells.
    fn observe(family: &Family, runs: &[u64]) -> Vec<Message> {
        observe_blocks(family, runs, 2)
    }

    fn observe_blocks(family: &Family, runs: &[u64], count: u32) -> Vec<Message> {
        let watchdog = Watchdog::start(Duration::from_secs(3_600), |_| ());
        let blocks = Blocks {
            launch: 1,
            blocks: count,
            seed: 5,
            runs,
        };
        let mut messages = Vec::new();
        let report = &mut |message: &Message| {
            messages.push(message.clone());
            Ok(())
        };
        blocks
            .visit(family, &watchdog, report)
            .expect("it is heard");
        messages
    }

    fn blocks(messages: &[Message]) -> Vec<Observation> {
        let blocks = messages.iter().filter_map(|message| match message {
            Message::Block(seen) => Some(seen.rows().collect::<Vec<_>>()),
            _ => None,
        });
        blocks.flatten().collect()
    }

    #[test]
    fn what_is_visited_is_what_is_observed() {
        let visits = Rc::new(RefCell::new(Vec::new()));
        let mut family = Family::default();
        for number in 0..4 {
            let visits = Rc::clone(&visits);
            family.add(cell(number), move || {
                let visits = Rc::clone(&visits);
                let run = move || {
                    visits.borrow_mut().push(number);
                    Ok(())
                };
                Ok(Started::new(run, equals(())))
            });
        }
        // The third is left out.
        let messages = observe(&family, &[1, 1, 0, 2]);
        let seen = blocks(&messages);
        let observed = seen.iter().flat_map(|row| {
            // With a run that is not measured before those that are, if there are several.
            vec![row.cell as u64; if row.cell == 3 { 3 } else { 1 }]
        });
        let mut expected = vec![0, 1, 3];
        expected.extend(observed);
        assert_eq!(*visits.borrow(), expected);
        let places: Vec<_> = seen
            .iter()
            .map(|row| (row.launch, row.block, row.position))
            .collect();
        let both = [0, 1].map(|block| [0, 1, 2].map(|position| (1, block, position)));
        assert_eq!(places, both.concat());
        assert!(
            seen.iter()
                .all(|row| row.ok && row.calibrator_ns > 0 && row.wall_ns > 0)
        );
        assert!(
            seen.iter()
                .all(|row| row.minor_faults.is_some() && row.calibrator_after_ns > Some(0))
        );
    }

    #[test]
    fn what_is_only_explored_is_in_a_block_and_in_its_mirror() {
        let mut family = Family::default();
        for number in 0..3 {
            family.add(cell(number), || Ok(Started::new(|| Ok(7), equals(7))));
        }
        family.compare(0, 2, Purpose::Confirmatory);
        family.compare(0, 1, Purpose::Exploratory);
        let seen = blocks(&observe_blocks(&family, &[1, 1, 1], 4));
        let of = |cell| {
            let rows = seen.iter().filter(move |row| row.cell == cell);
            rows.map(|row| row.block).collect::<Vec<_>>()
        };
        assert_eq!((of(0), of(1)), (vec![0, 1, 2, 3], vec![0, 1]));
        // Without it the others stand closer.
        assert!(seen.iter().all(|row| row.block < 2 || row.position < 2));
    }

    #[test]
    fn a_wrong_answer_voids_the_visits_from_there_on() {
        let mut family = Family::default();
        family.add(cell(0), || {
            // That of warming up, that of the first block, that of the second.
            let mut answers = [7, 7, 8].into_iter();
            Ok(Started::new(
                move || Ok(answers.next().unwrap_or(7)),
                equals(7),
            ))
        });
        family.add(cell(1), || Ok(Started::new(|| Ok(7), equals(7))));
        family.add(cell(2), || {
            Ok(Started::new(
                || -> Result<u32, _> { panic!("no") },
                equals(7),
            ))
        });
        let ok = blocks(&observe(&family, &[1, 1, 1]))
            .into_iter()
            .map(|row| (row.cell, row.ok));
        let ok: BTreeMap<usize, Vec<bool>> = ok.fold(BTreeMap::new(), |mut all, (cell, ok)| {
            all.entry(cell).or_insert_with(Vec::new).push(ok);
            all
        });
        assert_eq!(ok[&0], [true, false]);
        assert_eq!(ok[&1], [true, true]);
        assert_eq!(ok[&2], [false, false]);
    }

    #[test]
    fn a_cell_that_does_not_start_is_missing_and_the_others_are_measured() {
        let mut family = Family::default();
        family.add(cell(0), || Err("no such program".into()));
        family.add(cell(1), || Ok(Started::new(|| Ok(7), equals(7))));
        family.add(cell(2), || panic!("no such machine"));
        let messages = observe(&family, &[1, 1, 1]);
        let missing = |cell, reason: &str| Message::Missing {
            cell,
            reason: reason.to_owned(),
        };
        assert_eq!(messages[0], missing(0, "no such program"));
        assert_eq!(messages[1], missing(2, "it panicked: no such machine"));
        let seen = blocks(&messages);
        assert_eq!(seen.iter().map(|row| row.cell).collect::<Vec<_>>(), [1, 1]);
    }
}
