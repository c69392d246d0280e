//! A report against an earlier one, its baseline: the two were not made side by side, so less can be told.

use crate::paired::{Analysis, Cell, Observation, PairedRun, Purpose};
use crate::statistics::{Bootstrap, holm, median};
use crate::{Conclusion, Effect, Environment, Measurement, Report, Row, Terms, Verdict, judge};

/// What has changed since a baseline.
#[derive(Debug, Clone, PartialEq)]
pub struct Against {
    /// What the baseline is called.
    pub name: String,
    /// When it was measured, in unix seconds, if that is known.
    pub measured_at: Option<u64>,
    /// What differs between the two environments.
    pub differences: Vec<Difference>,
    /// Whether the processor is another one or not known, so that every verdict is indicative.
    pub is_indicative: bool,
    /// Whether the baseline is invalid itself.
    pub is_invalid: bool,
    /// Up to which factor two times are the same.
    pub margin: f64,
    /// What both have measured: by severity, the cells of paired runs first.
    pub shifts: Vec<Shift>,
    /// What only the baseline has measured.
    pub gone: Vec<String>,
    /// What the baseline has not measured.
    pub new: Vec<String>,
}

/// A fact about the machine or the toolchain that is not the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// What it is about.
    pub fact: String,
    /// What it was.
    pub then: String,
    /// What it is.
    pub now: String,
}

/// What has become of one time.
#[derive(Debug, Clone, PartialEq)]
pub struct Shift {
    /// What was measured.
    pub label: String,
    /// Confirmatory if launches tell it; a row of criterion's has one launch, and is exploratory.
    pub purpose: Purpose,
    /// The median time of one run then, in nanoseconds: of its launches' medians; `None` if it was not measured, or an
    /// answer was wrong.
    pub then_ns: Option<f64>,
    /// The same now.
    pub now_ns: Option<f64>,
    /// The time now by the time then; `None` if a wrong answer voids it.
    pub effect: Option<Effect>,
    /// The p, corrected if it is confirmatory.
    pub corrected_p: f64,
    /// What may be said.
    pub verdict: Verdict,
}

impl Shift {
    /// The change's own noise, as a factor: half the width of its interval. `None` if a wrong answer voids it.
    #[must_use]
    pub fn noise(&self) -> Option<f64> {
        let ratio = self.effect?.ratio;
        Some((ratio.high / ratio.low).sqrt())
    }

    /// How large the change is beside its own noise: the logarithm of the ratio by that of the noise. What a wrong answer
    /// voids is graver than any change.
    #[must_use]
    pub fn severity(&self) -> f64 {
        let (Some(effect), Some(noise)) = (&self.effect, self.noise()) else {
            return f64::INFINITY;
        };
        let (ratio, noise) = (effect.ratio, noise.ln());
        // Not a number only where there is neither change nor noise.
        let severity = ratio.point.ln().abs() / noise;
        if severity.is_nan() { 0.0 } else { severity }
    }
}

impl Report {
    /// The report with what has changed since a baseline of that name in it.
    #[must_use]
    pub fn with_baseline(mut self, name: &str, baseline: &Self) -> Self {
        self.against = Some(Against::new(&self, name, baseline));
        self
    }
}

impl Against {
    fn new(report: &Report, name: &str, baseline: &Report) -> Self {
        let environments = (report.environment.as_ref(), baseline.environment.as_ref());
        let floor = [report, baseline].map(|report| report.paired.as_ref()?.floor);
        let margins = [report, baseline].map(|report| Some(report.paired.as_ref()?.margin));
        let terms = Terms {
            margin: margins.into_iter().flatten().fold(Terms::MARGIN, f64::max),
            floor: floor.into_iter().flatten().fold(1.0, f64::max),
            corrected_p: 1.0,
            compared: 1,
        };
        let (now, then) = (Cells::of(report), Cells::of(baseline));
        let mut shifts = cells(&now, &then, terms);
        shifts.extend(rows(report, baseline, terms));
        shifts.sort_by(|a, b| {
            let purpose = (a.purpose as u8).cmp(&(b.purpose as u8));
            purpose.then_with(|| b.severity().total_cmp(&a.severity()))
        });
        let (now, then) = (labels(&now, report), labels(&then, baseline));
        let without = |some: &[String], others: &[String]| {
            let some = some.iter().filter(|label| !others.contains(label));
            some.cloned().collect()
        };
        Self {
            name: name.to_owned(),
            measured_at: baseline.environment.as_ref().map(|run| run.started_at),
            differences: differences(environments),
            is_indicative: is_indicative(environments),
            is_invalid: Conclusion::of(baseline) == Conclusion::Invalid,
            margin: terms.margin(),
            shifts,
            gone: without(&then, &now),
            new: without(&now, &then),
        }
    }

    /// The shifts that launches can tell.
    pub fn family(&self) -> impl Iterator<Item = &Shift> {
        let is_confirmatory = |shift: &&Shift| shift.purpose == Purpose::Confirmatory;
        self.shifts.iter().filter(is_confirmatory)
    }
}

/// The cells of a paired run, each once, with what its launches took.
struct Cells<'a>(Vec<(&'a Cell, Option<Vec<f64>>)>);

impl<'a> Cells<'a> {
    fn of(report: &'a Report) -> Self {
        let run = report.run.as_ref();
        let analysis = report.paired.as_ref();
        let mut cells: Vec<(&Cell, Option<Vec<f64>>)> = Vec::new();
        for (number, cell) in run.iter().flat_map(|run| run.cells.iter().enumerate()) {
            // A control lists its cell twice; the first one will do.
            if cells.iter().all(|(other, _)| *other != cell) {
                let times = run
                    .zip(analysis)
                    .and_then(|(run, it)| medians(run, it, number));
                cells.push((cell, times));
            }
        }
        Self(cells)
    }

    fn find(&self, cell: &Cell) -> Option<&Option<Vec<f64>>> {
        let found = self.0.iter().find(|(other, _)| *other == cell);
        found.map(|(_, times)| times)
    }
}

/// The median time of one run of a cell in each launch; `None` if an answer was wrong.
fn medians(run: &PairedRun, analysis: &Analysis, cell: usize) -> Option<Vec<f64>> {
    if analysis.cells.get(cell)?.is_void {
        return None;
    }
    let mut rows: Vec<Observation> = run
        .observations
        .rows()
        .filter(|row| row.cell == cell)
        .collect();
    rows.sort_by_key(|row| row.launch);
    let launches = rows
        .chunk_by(|a, b| a.launch == b.launch)
        .filter_map(|rows| {
            let times = rows.iter().map(|row| row.wall_ns as f64 / row.runs as f64);
            median(&mut times.collect::<Vec<f64>>())
        });
    Some(launches.collect())
}

/// The shifts of the cells of two paired runs: a family whose p are corrected together.
fn cells(now: &Cells<'_>, then: &Cells<'_>, terms: Terms) -> Vec<Shift> {
    let both = now
        .0
        .iter()
        .filter_map(|(cell, own)| Some((*cell, [then.find(cell)?.as_ref(), own.as_ref()])));
    let both: Vec<(&Cell, [Option<&Vec<f64>>; 2])> = both.collect();
    let bootstrap = Bootstrap {
        draws: Bootstrap::DRAWS,
        seed: 1,
    };
    let effect = |[then, now]: [Option<&Vec<f64>>; 2]| Effect::unpaired(now?, then?, bootstrap);
    let effects: Vec<Option<Effect>> = both.iter().map(|(_, times)| effect(*times)).collect();
    let ps: Vec<f64> = effects.iter().map(|it| it.map_or(1.0, |it| it.p)).collect();
    let all = both.iter().zip(&effects).zip(holm(&ps));
    let shifts = all.map(|(((cell, times), effect), corrected_p)| {
        let terms = Terms {
            corrected_p,
            compared: ps.len(),
            ..terms
        };
        let [then_ns, now_ns] = times.map(|times| median(&mut times?.clone()));
        Shift {
            label: cell.label(),
            purpose: Purpose::Confirmatory,
            then_ns,
            now_ns,
            effect: *effect,
            corrected_p,
            verdict: match times.contains(&None) {
                true => Verdict::VOID,
                false => judge(effect.as_ref(), &terms),
            },
        }
    });
    shifts.collect()
}

/// The shifts of criterion's rows, one launch each.
fn rows(report: &Report, baseline: &Report, terms: Terms) -> Vec<Shift> {
    let shifts = current(report).filter_map(|own| {
        let reference =
            current(baseline).find(|row| is_same(&row.measurement, &own.measurement))?;
        let effect = Effect::of_one_launch(&own.measurement.median, &reference.measurement.median);
        Some(Shift {
            label: label(own),
            purpose: Purpose::Exploratory,
            then_ns: Some(reference.measurement.median.point_ns),
            now_ns: Some(own.measurement.median.point_ns),
            effect: Some(effect),
            corrected_p: effect.p,
            verdict: judge(Some(&effect), &terms),
        })
    });
    shifts.collect()
}

/// The rows that the recorded run has measured.
fn current(report: &Report) -> impl Iterator<Item = &Row> {
    report.rows().filter(|row| !row.earlier)
}

fn is_same(a: &Measurement, b: &Measurement) -> bool {
    a.group() == b.group() && a.backend == b.backend && a.parameter == b.parameter
}

fn label(row: &Row) -> String {
    format!(
        "{}, {}",
        row.measurement.group().replace('/', ", "),
        row.measurement.label()
    )
}

fn labels(cells: &Cells<'_>, report: &Report) -> Vec<String> {
    let cells = cells.0.iter().map(|(cell, _)| cell.label());
    cells.chain(current(report).map(label)).collect()
}

/// Whether the two are of different processors, or of ones that nobody knows.
fn is_indicative(environments: (Option<&Environment>, Option<&Environment>)) -> bool {
    match environments {
        (Some(now), Some(then)) => now.cpu != then.cpu || now.cpu == "unknown",
        _ => true,
    }
}

fn differences(environments: (Option<&Environment>, Option<&Environment>)) -> Vec<Difference> {
    let (Some(now), Some(then)) = environments else {
        return Vec::new();
    };
    let then = facts(then);
    let differences = facts(now).into_iter().filter_map(|(fact, now)| {
        // What a record of before did not ask is no difference.
        let (_, then) = then.iter().find(|(name, _)| *name == fact)?;
        let then = then.clone();
        (then != now).then_some(Difference { fact, then, now })
    });
    differences.collect()
}

fn facts(run: &Environment) -> Vec<(String, String)> {
    let number =
        |value: Option<u64>| value.map_or_else(|| "unknown".to_owned(), |it| it.to_string());
    let cores = |count: Option<usize>| number(count.map(|count| count as u64));
    let known = [
        ("processor", run.cpu.clone()),
        ("logical cores", cores(run.logical_cores)),
        ("available cores", cores(run.available_cores)),
        ("memory in bytes", number(run.memory_bytes)),
        ("kernel", run.kernel.clone()),
        ("system", run.os.clone()),
        ("toolchain", run.toolchain.clone()),
        ("revision", run.revision.clone()),
    ];
    let known = known.map(|(name, value)| (name.to_owned(), value));
    let others = run
        .facts
        .iter()
        .map(|fact| (fact.name.clone(), fact.said()));
    known.into_iter().chain(others).collect()
}
