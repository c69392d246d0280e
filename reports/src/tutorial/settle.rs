//! Tests claims by what a report holds: the paired run, the counts, the record of the correctness suite.

use super::behaviours::{self, PAIRED};
use super::{CellName, Citation, Ground, Tested};
use crate::evidence::{Evidence, Lane, LaneResult};
use crate::number::{factor, factor_interval, grouped};
use crate::paired::{Cell, Compared, PairedRun, takes_longer};
use crate::{Doubt, Ratio, Report, Standing, Statement, Verdict};

/// What counts with and without a lock.
const COUNTER: &str = "cargo bench -- counter";
/// What runs every lane of the correctness suite.
const VERIFY: &str = "scripts/verify";

pub(super) fn settle(ground: Ground, report: &Report) -> Tested {
    match ground {
        Ground::Slower {
            own,
            reference,
            times,
        } => slower(own, reference, times, report),
        Ground::Level { own, reference } => level(own, reference, report),
        Ground::Loss => loss(report),
        Ground::Tests(cited) => tests(cited, report.evidence.as_ref()),
        Ground::Behaviour(number) => behaviours::settle(number, report),
    }
}

impl Tested {
    pub(super) fn missing(says: String, command: Option<&'static str>) -> Self {
        Self {
            standing: Standing::NotMeasured,
            ratio: None,
            says,
            command,
        }
    }

    pub(super) fn told(standing: Standing, ratio: Option<Ratio>, says: String) -> Self {
        Self {
            standing,
            ratio,
            says,
            command: None,
        }
    }
}

impl CellName {
    fn is(self, cell: &Cell) -> bool {
        (self.workload, self.backend, self.way.unwrap_or_default())
            == (
                cell.workload.as_str(),
                cell.backend.as_str(),
                cell.way.as_deref().unwrap_or_default(),
            )
    }

    fn label(self) -> String {
        let way = self.way.map(|way| format!(", {way}"));
        format!(
            "{}, {}{}",
            self.workload,
            self.backend,
            way.unwrap_or_default()
        )
    }
}

fn slower(own: CellName, reference: CellName, times: f64, report: &Report) -> Tested {
    let unknown = || not_compared(own, reference);
    let Some(run) = &report.run else {
        return unknown();
    };
    let Some(places) = declared(run, own, reference) else {
        return unknown();
    };
    if let Some(told) = takes_longer(run, places, times) {
        return Tested::told(told.standing, Some(told.ratio), told.numbers);
    }
    let [own, reference] = [places.0, places.1].map(|place| run.cells[place].label());
    if is_void(report, places) {
        let says = format!("A wrong answer has voided {own}, or {reference}.");
        return Tested::told(Standing::NotConfirmed, None, says);
    }
    let mut missing = run.missing.iter();
    let missing = missing.find(|it| it.cell == places.0 || it.cell == places.1);
    let why = missing.map_or_else(
        || "no launch has measured both".to_owned(),
        |it| it.reason.clone(),
    );
    let says = format!("{own} beside {reference}: {why}.");
    Tested::missing(says, Some(PAIRED))
}

fn not_compared(own: CellName, reference: CellName) -> Tested {
    let says = format!(
        "No paired run has {} beside {}.",
        own.label(),
        reference.label()
    );
    Tested::missing(says, Some(PAIRED))
}

/// The two cells, where the run declares anything about both: of several the ones with the most workers.
fn declared(run: &PairedRun, own: CellName, reference: CellName) -> Option<(usize, usize)> {
    let compared = run.comparisons.iter();
    let compared = compared.flat_map(|it| [(it.own, it.reference), (it.reference, it.own)]);
    let stated = run.statements.iter().map(|it| (it.own, it.reference));
    let both = compared.chain(stated);
    let both = both.filter(|(a, b)| own.is(&run.cells[*a]) && reference.is(&run.cells[*b]));
    both.max_by_key(|(a, _)| run.cells[*a].workers)
}

fn is_void(report: &Report, places: (usize, usize)) -> bool {
    let cells = report.paired.as_ref().map(|paired| &paired.cells);
    let is_void = |place: usize| cells.is_some_and(|cells| cells[place].is_void);
    is_void(places.0) || is_void(places.1)
}

/// The verdict is that of the comparison, which is given in one place.
fn level(own: CellName, reference: CellName, report: &Report) -> Tested {
    let is_one = |it: &&Compared| {
        own.is(&it.own) && reference.is(&it.reference)
            || own.is(&it.reference) && reference.is(&it.own)
    };
    let Some(paired) = &report.paired else {
        return not_compared(own, reference);
    };
    let compared = paired.compared.iter().filter(is_one);
    let Some(compared) = compared.max_by_key(|it| it.own.workers) else {
        return not_compared(own, reference);
    };
    let (a, b) = (compared.own.label(), compared.reference.label());
    let standing = match compared.verdict {
        Verdict::Equivalent => Standing::Confirmed,
        Verdict::Faster | Verdict::Slower => Standing::Refuted,
        Verdict::CannotTell(Doubt::NotMeasured) => {
            return Tested::missing(
                format!("{a} beside {b}: no launch has measured both."),
                Some(PAIRED),
            );
        }
        Verdict::CannotTell(_) => Standing::NotConfirmed,
    };
    let ratio = compared.effect.map(|effect| effect.ratio);
    let takes = ratio.map_or_else(
        || format!("{a} beside {b}"),
        |it| {
            format!(
                "{a} takes {} ({}) the time of {b}",
                factor(it.point),
                factor_interval(it.low, it.high)
            )
        },
    );
    let verdict = compared.verdict.words();
    let says = format!(
        "{takes}: {verdict}, where {} and less is the same.",
        factor(paired.margin)
    );
    Tested::told(standing, ratio, says)
}

fn loss(report: &Report) -> Tested {
    let counts = report
        .environment
        .iter()
        .flat_map(|run| &run.counts)
        .flat_map(|counts| &counts.rows);
    let counts: Vec<_> = counts.cloned().collect();
    let statement = Statement {
        text: String::new(),
        evidence: crate::Evidence::Loss,
    };
    let settled = statement.settle(&counts);
    match settled.standing {
        Standing::NotMeasured => Tested::missing(
            "No counter without a lock was counted.".to_owned(),
            Some(COUNTER),
        ),
        standing => Tested::told(standing, None, settled.numbers),
    }
}

/// Tests are as good as the lanes that ran them: what did not run has shown nothing.
fn tests(cited: &[Citation], evidence: Option<&Evidence>) -> Tested {
    let by = cited.iter().flat_map(|it| it.tests);
    let by: Vec<&str> = by.copied().collect();
    let by = format!("Shown by {}.", by.join(", "));
    let Some(evidence) = evidence else {
        let says = format!("{by} The correctness suite was not run here.");
        return Tested::missing(says, Some(VERIFY));
    };
    let lanes = cited.iter().map(|it| {
        let mut lanes = evidence.lanes.iter();
        (it.lane, lanes.find(|lane| lane.lane == it.lane))
    });
    let lanes: Vec<(&str, Option<&Lane>)> = lanes.collect();
    let came_to = |result| {
        lanes
            .iter()
            .any(|(_, lane)| lane.map_or(LaneResult::NotRun, |lane| lane.result) == result)
    };
    let standing = if came_to(LaneResult::Failed) {
        // Which of its tests has failed the record does not say.
        Standing::NotConfirmed
    } else if came_to(LaneResult::NotRun) {
        Standing::NotMeasured
    } else {
        Standing::Confirmed
    };
    let said: Vec<String> = lanes.iter().map(|(name, lane)| said(name, *lane)).collect();
    let says = format!(
        "{by} At revision {}: {}.",
        evidence.revision,
        said.join("; ")
    );
    Tested {
        command: (standing == Standing::NotMeasured).then_some(VERIFY),
        ..Tested::told(standing, None, says)
    }
}

/// `lane loom passed, 1 234 567 interleavings`.
fn said(name: &str, lane: Option<&Lane>) -> String {
    let Some(lane) = lane else {
        return format!("the record has no lane {name}");
    };
    let count = lane.count.map(|count| {
        let count = grouped(&count.to_string());
        format!(", {count} {}", lane.counted.words())
    });
    let bound = lane.bound.as_ref().map(|bound| format!(", up to {bound}"));
    let rest = [count, bound].into_iter().flatten().collect::<String>();
    format!("lane {name} {}{rest}", lane.result)
}
