//! Where criterion's rows and the paired run have done the same work, and say opposite things of it.
//!
//! Neither is wrong then: they are of different regimes, which [`REGIMES`] tells. A reader who has met one of the two
//! verdicts is to hear of the other, so both tables and the top of the page say it.

use crate::number::{self, factor, factor_interval, grouped};
use crate::paired::{Analysis, Cell, CellSummary, Compared};
use crate::{Comparison, Measurement, Parameter, Ratio, Report, Row, RowVerdict, Variant, Verdict};

/// In what the two ways to measure differ.
pub(crate) const REGIMES: &str = "Both can be so at once, for the regimes differ: criterion measures in one warm process, \
    run after run of one row back to back; the paired run starts fresh processes and visits its cells in turns, in \
    blocks of which every other one is mirrored. Believe the one that is closer to what your program does.";

/// A workload of the paired run, and criterion's rows that do the same.
struct Same {
    /// The paired run's workload.
    paired: &'static str,
    /// Criterion's.
    workload: &'static str,
    /// How the names of criterion's variants begin that are meant; `{size}` is the size of the paired cell.
    variant: &'static str,
}

/// What is the same work. Backends, ways and workers have the same names in both. Work that only resembles, as equal
/// tasks and pi in 64 parts, is not here.
const SAME: [Same; 8] = [
    Same::new("pi", "pi", "{size} terms/one part per worker"),
    Same::new("counter", "counter", ""),
    Same::new("short counter", "counter", ""),
    Same::new("burst of tasks", "overhead", "burst of "),
    Same::new("one task at a time", "overhead", "one task at a time"),
    Same::new("burst of tasks in processes", "process pool", "burst of "),
    Same::new(
        "one task in a process at a time",
        "process pool",
        "one task at a time",
    ),
    Same::new(
        "start of a pool, one task, its end",
        "process pool",
        "start of 2 workers, one task, shutdown",
    ),
];

impl Same {
    const fn new(paired: &'static str, workload: &'static str, variant: &'static str) -> Self {
        Self {
            paired,
            workload,
            variant,
        }
    }

    /// Whether the variant is of the same work as the cell.
    fn is_of(&self, workload: &str, variant: Option<&str>, cell: &Cell) -> bool {
        let begins = self.variant.replace("{size}", &cell.size.to_string());
        let named = variant.unwrap_or_default();
        (self.paired, self.workload) == (cell.workload.as_str(), workload)
            && named.starts_with(&begins)
    }
}

/// Two verdicts on the same two things, one faster and one slower.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Contradiction {
    /// Criterion's workload.
    pub(crate) workload: String,
    /// Its variant.
    pub(crate) variant: Option<String>,
    /// Both in words, with their intervals.
    pub(crate) says: String,
}

/// The contradictions, in the order of the paired run's comparisons.
pub(crate) fn contradictions(report: &Report) -> Vec<Contradiction> {
    let compared = report.paired.iter();
    let compared = compared.flat_map(|paired| paired.compared.iter().map(move |it| (paired, it)));
    let variants = || {
        let workloads = report.workloads.iter();
        workloads.flat_map(|workload| workload.variants.iter().map(move |it| (&workload.name, it)))
    };
    let all = compared.flat_map(|(paired, compared)| {
        variants().filter_map(move |(workload, variant)| {
            let mut found = contradiction(compared, workload, variant)?;
            found.says += &modes(paired, compared);
            Some(found)
        })
    });
    all.collect()
}

/// That one of the two has times of several modes, which may be all the reason there is.
fn modes(paired: &Analysis, compared: &Compared) -> String {
    let is_meant = |it: &&CellSummary| it.cell == compared.own || it.cell == compared.reference;
    let cells = paired.cells.iter().filter(is_meant);
    let said = cells.filter_map(|it| {
        let modes = number::modes(it.several_modes()?);
        Some(format!(
            " In the paired run {} took {modes}; criterion may have met the one or the other.",
            it.cell.label()
        ))
    });
    said.collect()
}

fn contradiction(compared: &Compared, workload: &str, variant: &Variant) -> Option<Contradiction> {
    let row = |cell: &Cell| {
        let is_same = |it: &Same| it.is_of(workload, variant.name.as_deref(), cell);
        let is_meant = |row: &&Row| is_named(&row.measurement, cell);
        SAME.iter()
            .any(is_same)
            .then(|| variant.rows.iter().find(is_meant))?
    };
    let (own, reference) = (row(&compared.own)?, row(&compared.reference)?);
    let is_same_run = own.earlier == reference.earlier;
    let (own, reference) = (&own.measurement, &reference.measurement);
    let by_criterion = Comparison::new(own, reference, is_same_run);
    let are_opposite = matches!(
        (compared.verdict, by_criterion.verdict),
        (Verdict::Faster, RowVerdict::Slower) | (Verdict::Slower, RowVerdict::Faster)
    );
    let paired = compared.effect.filter(|_| are_opposite)?.ratio;
    let says = format!(
        "{} takes {} the time of {} in the paired run, and {} by criterion.{}",
        compared.own.label(),
        told(paired),
        compared.reference.label(),
        told(by_criterion.speed.inverse()),
        sizes(&compared.own, own),
    );
    Some(Contradiction {
        workload: workload.to_owned(),
        variant: variant.name.clone(),
        says,
    })
}

/// Whether a row of criterion's is the cell's by its backend and its way, or its workers where it has no way.
fn is_named(measurement: &Measurement, cell: &Cell) -> bool {
    let is_meant = match &measurement.parameter {
        Parameter::Other(way) => cell.way.as_ref() == Some(way),
        Parameter::Workers(workers) => cell.way.is_none() && cell.workers == Some(*workers),
        Parameter::None => cell.way.is_none() && cell.workers.is_none(),
    };
    measurement.backend == cell.backend && is_meant
}

fn told(ratio: Ratio) -> String {
    format!(
        "{} ({})",
        factor(ratio.point),
        factor_interval(ratio.low, ratio.high)
    )
}

/// How much a run is on either side, where criterion counts it.
fn sizes(cell: &Cell, measurement: &Measurement) -> String {
    let Some(elements) = measurement.elements else {
        return String::new();
    };
    let (there, here) = (
        grouped(&cell.size.to_string()),
        grouped(&elements.to_string()),
    );
    let name = measurement.element_name();
    match cell.size == elements {
        true => format!(" A run is {here} {name}s in both."),
        false => format!(" A run is {there} {name}s there and {here} here."),
    }
}
