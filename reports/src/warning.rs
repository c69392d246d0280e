//! What a reader must know before believing any number of a report.

use std::fmt;

use crate::agreement::{REGIMES, contradictions};
use crate::number::{counted, factor, utc};
use crate::visible::visible;
use crate::{Grade, MIN_SAMPLES, Report, Row};

/// A warning: what it is about, and the sentences that say it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Warning {
    /// In two or three words.
    pub about: &'static str,
    /// In whole sentences.
    pub text: String,
}

impl fmt::Display for Warning {
    /// In one line, in which nothing steers a terminal.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}. {}", self.about, visible(&self.text))
    }
}

impl Warning {
    /// The warnings of a report, the gravest first.
    #[must_use]
    pub fn all(report: &Report) -> Vec<Self> {
        let warnings = [
            indicative(report),
            interrupted(report),
            wrong_counts(report),
            wrong_answers(report),
            loud(report),
            disturbed(report),
            regimes(report),
            quick(report),
            another_paired_run(report),
            earlier(report),
        ];
        warnings.into_iter().flatten().collect()
    }

    fn some(about: &'static str, text: String) -> Option<Self> {
        Some(Self { about, text })
    }
}

fn indicative(report: &Report) -> Option<Warning> {
    let against = report.against.as_ref()?;
    if !against.is_indicative {
        return None;
    }
    let mut differences = against.differences.iter();
    let processor = match differences.find(|it| it.fact == "processor") {
        Some(it) => format!(
            "It was measured on another processor ({}, and now {})",
            it.then, it.now
        ),
        None => "One of the two processors is not known".to_owned(),
    };
    let text = format!(
        "The baseline is {}. {processor}, so no change is more than an indication.",
        against.name
    );
    Warning::some("Indicative", text)
}

fn interrupted(report: &Report) -> Option<Warning> {
    let run = report.environment.as_ref()?;
    if run.ended_at.is_some() {
        return None;
    }
    let made = report.rows().filter(|row| !row.earlier).count();
    let paired = match (&report.paired, report.paired_of_another_run()) {
        (Some(_), None) => "and a part of the paired run",
        _ => "and no paired run, on which the verdicts rest",
    };
    let text = format!(
        "The run did not come to its end. It has {} {paired}; what would have come after that is missing.",
        counted(
            made,
            "measurement of criterion's",
            "measurements of criterion's"
        ),
    );
    Warning::some("Interrupted", text)
}

fn wrong_counts(report: &Report) -> Option<Warning> {
    let rows = report.counted.iter().flat_map(|counted| &counted.rows);
    let wrong: Vec<String> = rows
        .filter(|row| row.count.is_wrong())
        .map(|row| row.count.row.label())
        .collect();
    if wrong.is_empty() {
        return None;
    }
    let text = format!(
        "A counter that may lose nothing shows a wrong number: {}.",
        wrong.join(", ")
    );
    Warning::some("Wrong counts", text)
}

fn wrong_answers(report: &Report) -> Option<Warning> {
    let cells = report.paired.iter().flat_map(|paired| &paired.cells);
    let mut void: Vec<String> = cells
        .filter(|cell| cell.is_void)
        .map(|cell| cell.cell.label())
        .collect();
    void.dedup();
    if void.is_empty() {
        return None;
    }
    let text = format!(
        "Void, with what is compared with them: {}.",
        void.join("; ")
    );
    Warning::some("Wrong answers", text)
}

fn loud(report: &Report) -> Option<Warning> {
    let floor = report.paired.as_ref()?.floor?;
    if Grade::of(floor) < Grade::D {
        return None;
    }
    let text = format!(
        "A thing differed from itself by up to {}, so that no smaller difference can be told.",
        factor(floor)
    );
    Warning::some("A loud machine", text)
}

fn disturbed(report: &Report) -> Option<Warning> {
    let paired = report.paired.as_ref()?;
    let disturbed = paired.disturbed;
    if disturbed.any == 0 {
        return None;
    }
    let swayed = paired.compared.iter().filter(|it| it.is_swayed()).count();
    let sways = match swayed {
        0 => "no verdict is another one".to_owned(),
        1 => "one verdict is another one, and marked".to_owned(),
        swayed => format!("{swayed} verdicts are others, and marked"),
    };
    let text = format!(
        "Something disturbed {} of {}: on {} the machine below took time or the control group was throttled, on {} threads \
         were taken off their processors far oftener than on the cell's others, and around {} the calibrators differ by more \
         than 5\u{a0}% and than is usual in this run. They are in the data; without them {sways}.",
        disturbed.any,
        counted(disturbed.visits, "visit", "visits"),
        disturbed.taken,
        disturbed.switched,
        disturbed.uneven,
    );
    Warning::some("Disturbed", text)
}

/// Criterion's rows and the paired run may say opposite things of the same work.
fn regimes(report: &Report) -> Option<Warning> {
    let contradictions = contradictions(report);
    let (number, verb) = match contradictions.len() {
        0 => return None,
        1 => ("One verdict".to_owned(), "is"),
        several => (format!("{several} verdicts"), "are"),
    };
    let says: Vec<String> = contradictions.into_iter().map(|it| it.says).collect();
    let text = format!(
        "{number} of the paired run {verb} the opposite of criterion's on the same work. {} {REGIMES}",
        says.join(" ")
    );
    Warning::some("Two regimes", text)
}

/// The paired run may be of another call of the program than what the environment describes.
fn another_paired_run(report: &Report) -> Option<Warning> {
    let when = report.paired_of_another_run()?;
    let environment = report.environment.as_ref()?;
    let text = format!(
        "The paired run is of {}, and not of the run that the environment describes ({}, {}). It may have run other code.",
        utc(when),
        environment.command,
        utc(environment.started_at),
    );
    Warning::some("Another paired run", text)
}

fn quick(report: &Report) -> Option<Warning> {
    let (rows, few) = count(report, |row| row.measurement.samples_ns.len() < MIN_SAMPLES)?;
    let text = format!(
        "{few} of {rows} have fewer than {MIN_SAMPLES} samples. Their times are a first impression; \
         no difference is claimed for them."
    );
    Warning::some("Quick run", text)
}

fn earlier(report: &Report) -> Option<Warning> {
    let (rows, earlier) = count(report, |row| row.earlier)?;
    let text = format!(
        "{earlier} of {rows} were made before the run that the environment describes. They are marked, and \
         compared only with each other; they may stem from several runs."
    );
    Warning::some("Earlier runs", text)
}

/// All rows in words, and how many are meant, if any are.
fn count(report: &Report, meant: impl Fn(&Row) -> bool) -> Option<(String, usize)> {
    let meant = report.rows().filter(|row| meant(row)).count();
    let rows = counted(report.rows().count(), "measurement", "measurements");
    (meant > 0).then_some((rows, meant))
}
