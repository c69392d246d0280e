//! The verdicts as they stand in `results.json`. Nothing reads them back.

use serde::Serialize;

use crate::paired::{Cell, CellOrder, CellSummary, Compared, Correction, Purpose};
use crate::statistics::{Mode, Modes, Order};
use crate::summary::{outcome, standing};
use crate::tutorial::{Answer, Tested, words};
use crate::{
    Against, Comparison, CountedRow, Effect, Estimate, Judged, Measurement, Ratio, Reach, Row,
    Settled, Shift, Verdict,
};

/// A comparison of the paired run.
#[derive(Serialize)]
pub(super) struct ComparisonRecord<'a> {
    own: &'a Cell,
    reference: &'a Cell,
    purpose: Purpose,
    #[serde(flatten)]
    effect: EffectRecord,
    corrected_p: f64,
    correction: Option<&'static str>,
    family: usize,
    detectable: Option<f64>,
    serial_fraction: Option<f64>,
    launch_share: Option<f64>,
    verdict: &'static str,
    reason: Option<String>,
    undisturbed: Option<UndisturbedRecord>,
}

/// What a comparison would be without the disturbed visits.
#[derive(Serialize)]
struct UndisturbedRecord {
    ratio: Option<Ratio>,
    verdict: &'static str,
}

/// The time by that of the reference, and what it rests on.
#[derive(Serialize)]
struct EffectRecord {
    ratio: Option<Ratio>,
    launches: usize,
    blocks: usize,
    p: Option<f64>,
    wins: Option<f64>,
}

impl<'a> ComparisonRecord<'a> {
    pub(super) fn of(compared: &'a Compared) -> Self {
        Self {
            own: &compared.own,
            reference: &compared.reference,
            purpose: compared.purpose,
            effect: EffectRecord::of(compared.effect.as_ref()),
            corrected_p: compared.corrected.p,
            correction: compared.corrected.by.map(Correction::key),
            family: compared.corrected.family,
            detectable: compared.detectable,
            serial_fraction: compared.serial_fraction,
            launch_share: compared.variance.map(|it| it.launch_share()),
            verdict: compared.verdict.words(),
            reason: reason(compared.verdict),
            undisturbed: compared.undisturbed.map(|it| UndisturbedRecord {
                ratio: it.ratio,
                verdict: it.verdict.words(),
            }),
        }
    }
}

impl EffectRecord {
    fn of(effect: Option<&Effect>) -> Self {
        Self {
            ratio: effect.map(|it| it.ratio),
            launches: effect.map_or(0, |it| it.launches),
            blocks: effect.map_or(0, |it| it.blocks),
            p: effect.map(|it| it.p),
            wins: effect.map(|it| it.wins),
        }
    }
}

/// Why nothing can be told, if so.
fn reason(verdict: Verdict) -> Option<String> {
    match verdict {
        Verdict::CannotTell(doubt) => Some(doubt.to_string()),
        Verdict::Faster | Verdict::Slower | Verdict::Equivalent => None,
    }
}

/// What has changed since a baseline.
#[derive(Serialize)]
pub(super) struct BaselineRecord<'a> {
    name: &'a str,
    measured_at: Option<u64>,
    is_indicative: bool,
    is_invalid: bool,
    margin: f64,
    differences: Vec<DifferenceRecord<'a>>,
    shifts: Vec<ShiftRecord<'a>>,
}

#[derive(Serialize)]
struct DifferenceRecord<'a> {
    fact: &'a str,
    then: &'a str,
    now: &'a str,
}

#[derive(Serialize)]
struct ShiftRecord<'a> {
    label: &'a str,
    purpose: Purpose,
    then_ns: Option<f64>,
    now_ns: Option<f64>,
    #[serde(flatten)]
    effect: EffectRecord,
    severity: Option<f64>,
    corrected_p: f64,
    verdict: &'static str,
    reason: Option<String>,
}

impl<'a> BaselineRecord<'a> {
    pub(super) fn of(against: &'a Against) -> Self {
        let differences = against.differences.iter();
        Self {
            name: &against.name,
            measured_at: against.measured_at,
            is_indicative: against.is_indicative,
            is_invalid: against.is_invalid,
            margin: against.margin,
            differences: differences
                .map(|it| DifferenceRecord {
                    fact: &it.fact,
                    then: &it.then,
                    now: &it.now,
                })
                .collect(),
            shifts: against.shifts.iter().map(ShiftRecord::of).collect(),
        }
    }
}

impl<'a> ShiftRecord<'a> {
    fn of(shift: &'a Shift) -> Self {
        Self {
            label: &shift.label,
            purpose: shift.purpose,
            then_ns: shift.then_ns,
            now_ns: shift.now_ns,
            effect: EffectRecord::of(shift.effect.as_ref()),
            severity: Some(shift.severity()).filter(|it| it.is_finite()),
            corrected_p: shift.corrected_p,
            verdict: shift.verdict.words(),
            reason: reason(shift.verdict),
        }
    }
}

/// What a cell of the paired run took.
#[derive(Serialize)]
pub(super) struct SummaryRecord<'a> {
    #[serde(flatten)]
    cell: &'a Cell,
    is_void: bool,
    median_ns: Option<f64>,
    cpu_ns: f64,
    involuntary_switches: f64,
    minor_faults: Option<f64>,
    major_faults: Option<f64>,
    cpu_pressure_ns: Option<f64>,
    order: Option<OrderRecord>,
    modes: Option<ModesRecord>,
    disturbed: usize,
    visits: usize,
}

impl<'a> SummaryRecord<'a> {
    pub(super) fn of(summary: &'a CellSummary) -> Self {
        Self {
            cell: &summary.cell,
            is_void: summary.is_void,
            median_ns: summary.median_ns,
            cpu_ns: summary.cpu_ns,
            involuntary_switches: summary.involuntary_switches,
            minor_faults: summary.minor_faults,
            major_faults: summary.major_faults,
            cpu_pressure_ns: summary.cpu_pressure_ns,
            order: summary.order.as_ref().map(OrderRecord::of),
            modes: summary.modes.as_ref().map(ModesRecord::of),
            disturbed: summary.disturbed,
            visits: summary.visits,
        }
    }
}

/// Whether a cell's times depend on when they were measured.
#[derive(Serialize)]
struct OrderRecord {
    p: Option<f64>,
    is_marked: bool,
    launches: Option<SeriesRecord>,
    blocks: Option<SeriesRecord>,
}

#[derive(Serialize)]
struct SeriesRecord {
    autocorrelation: f64,
    runs: usize,
}

impl OrderRecord {
    fn of(order: &CellOrder) -> Self {
        let record = |order: Order| SeriesRecord {
            autocorrelation: order.autocorrelation,
            runs: order.runs,
        };
        Self {
            p: order.p(),
            is_marked: order.is_marked(),
            launches: order.launches.map(record),
            blocks: order.blocks.map(record),
        }
    }
}

/// The two groups of a cell's times.
#[derive(Serialize)]
struct ModesRecord {
    excess: f64,
    is_marked: bool,
    low: ModeRecord,
    high: ModeRecord,
}

#[derive(Serialize)]
struct ModeRecord {
    median_ns: f64,
    share: f64,
}

impl ModesRecord {
    fn of(modes: &Modes) -> Self {
        let record = |mode: Mode| ModeRecord {
            median_ns: mode.median,
            share: mode.share,
        };
        Self {
            excess: modes.excess,
            is_marked: modes.is_marked(),
            low: record(modes.low),
            high: record(modes.high),
        }
    }
}

/// A figure to reach.
#[derive(Serialize)]
pub(super) struct ClaimRecord<'a> {
    figure: &'a str,
    median: Estimate,
    reference: Option<Estimate>,
    ratio: Option<Ratio>,
    reach: Reach,
    outcome: String,
    earlier: bool,
}

impl<'a> ClaimRecord<'a> {
    pub(super) fn of(judged: &'a Judged) -> Self {
        Self {
            figure: &judged.claim.figure,
            median: judged.median,
            reference: judged.reference,
            ratio: judged.ratio,
            reach: judged.claim.reach,
            outcome: outcome(judged.outcome).1,
            earlier: judged.earlier,
        }
    }
}

/// What a counter showed.
#[derive(Serialize)]
pub(super) struct CountRecord {
    row: String,
    is_control: bool,
    expected: u64,
    got: u64,
    is_wrong: bool,
    increment: Option<Estimate>,
}

impl CountRecord {
    pub(super) fn of(row: &CountedRow) -> Self {
        let count = &row.count;
        Self {
            row: count.row.label(),
            is_control: count.is_control,
            expected: count.expected,
            got: count.got,
            is_wrong: count.is_wrong(),
            increment: row.increment,
        }
    }
}

/// A statement about the counter.
#[derive(Serialize)]
pub(super) struct StatementRecord<'a> {
    text: &'a str,
    standing: &'static str,
    numbers: &'a str,
}

impl<'a> StatementRecord<'a> {
    pub(super) fn of(settled: &'a Settled) -> Self {
        Self {
            text: &settled.text,
            standing: standing(settled.standing).1,
            numbers: &settled.numbers,
        }
    }
}

/// A claim of the tutorials.
#[derive(Serialize)]
pub(super) struct TutorialRecord<'a> {
    number: &'a str,
    text: &'a str,
    verdict: &'static str,
    on_cpython: TestedRecord<'a>,
    in_rust: TestedRecord<'a>,
}

#[derive(Serialize)]
struct TestedRecord<'a> {
    verdict: &'static str,
    ratio: Option<Ratio>,
    says: &'a str,
    command: Option<&'a str>,
}

impl<'a> TutorialRecord<'a> {
    pub(super) fn of(answer: &'a Answer) -> Self {
        Self {
            number: answer.claim.number,
            text: answer.claim.text,
            verdict: words(answer.standing()).1,
            on_cpython: TestedRecord::of(&answer.on_cpython),
            in_rust: TestedRecord::of(&answer.in_rust),
        }
    }
}

impl<'a> TestedRecord<'a> {
    fn of(tested: &'a Tested) -> Self {
        Self {
            verdict: words(tested.standing).1,
            ratio: tested.ratio,
            says: &tested.says,
            command: tested.command,
        }
    }
}

/// A measurement of criterion's with its verdicts.
#[derive(Serialize)]
pub(super) struct RowRecord<'a> {
    #[serde(flatten)]
    measurement: &'a Measurement,
    earlier: bool,
    to_sequential: Option<RowComparison>,
    to_best: Option<RowComparison>,
}

#[derive(Serialize)]
struct RowComparison {
    speed: Ratio,
    verdict: &'static str,
}

impl RowComparison {
    fn of(comparison: Comparison) -> Self {
        Self {
            speed: comparison.speed,
            verdict: comparison.verdict.words(),
        }
    }
}

impl<'a> RowRecord<'a> {
    pub(super) fn of(row: &'a Row) -> Self {
        Self {
            measurement: &row.measurement,
            earlier: row.earlier,
            to_sequential: row.to_sequential.map(RowComparison::of),
            to_best: row.to_best.map(RowComparison::of),
        }
    }
}
