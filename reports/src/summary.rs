//! The figures to reach, and the statements, as lines for a terminal.

use crate::number::{factor, factor_interval, tick, time, time_interval};
use crate::terminal::aligned;
use crate::{Judged, MIN_SAMPLES, Outcome, Reach, Report, Settled, Standing};

const HEADS: [&str; 6] = [
    "Figure to reach",
    "Median, interval",
    "Reference",
    "Ratio, interval",
    "Reach",
    "",
];

/// The figures that the recorded run has measured, a line each under a line of heads, and the statements that it was to
/// settle, a line each; empty if it measured none of either.
///
/// # Example
///
/// ```
/// assert_eq!(reports::summary(&reports::Report::new(Vec::new(), None)), "");
/// ```
#[must_use]
pub fn summary(report: &Report) -> String {
    let settled = report
        .counted
        .iter()
        .flat_map(|counted| &counted.statements);
    let settled: String = settled.map(statement).collect();
    figures(report) + &settled
}

pub(crate) fn statement(settled: &Settled) -> String {
    let text = format!(
        "{}: {}. {}",
        settled.text,
        standing(settled.standing).1,
        settled.numbers
    );
    format!("{}\n", text.trim_end())
}

fn figures(report: &Report) -> String {
    let judged = report.claims.iter().filter(|judged| !judged.earlier);
    let mut lines: Vec<[String; 6]> = judged.map(line).collect();
    if lines.is_empty() {
        return String::new();
    }
    lines.insert(0, HEADS.map(str::to_owned));
    aligned(&lines)
}

fn line(judged: &Judged) -> [String; 6] {
    let (median, none) = (judged.median, || "–".to_owned());
    let reference = match (&judged.claim.reference, judged.reference) {
        (Some(name), Some(reference)) => {
            format!("{} {}", name.label(), time(reference.point_ns))
        }
        _ => none(),
    };
    let ratio = judged.ratio.map_or_else(none, |ratio| {
        format!(
            "{} ({})",
            factor(ratio.point),
            factor_interval(ratio.low, ratio.high)
        )
    });
    let interval = time_interval(median.point_ns, median.low_ns, median.high_ns);
    [
        judged.claim.figure.clone(),
        format!("{} ({interval})", time(median.point_ns)),
        reference,
        ratio,
        reach(judged.claim.reach),
        outcome(judged.outcome).1,
    ]
}

/// `≤ 3 ms`, `≤ 0.8×`.
pub(crate) fn reach(reach: Reach) -> String {
    match reach {
        Reach::Run(at_most_ns) | Reach::Element(at_most_ns) => format!("≤ {}", time(at_most_ns)),
        Reach::Ratio(at_most) => format!("≤ {}×", tick(at_most)),
    }
}

/// The outcome in shape and words.
pub(crate) fn outcome(outcome: Outcome) -> (&'static str, String) {
    match outcome {
        Outcome::Reached => ("✓", "reached".to_owned()),
        Outcome::NotReached => ("✗", "not reached".to_owned()),
        Outcome::CannotTell => ("?", "can't tell".to_owned()),
        Outcome::TooFewSamples => ("?", format!("can't tell: fewer than {MIN_SAMPLES} samples")),
        Outcome::DifferentRuns => ("?", "can't tell: different runs".to_owned()),
    }
}

/// The standing in shape and words.
pub(crate) fn standing(standing: Standing) -> (&'static str, &'static str) {
    match standing {
        Standing::Confirmed => ("✓", "confirmed"),
        Standing::Refuted => ("✗", "refuted"),
        Standing::NotConfirmed => ("?", "not confirmed"),
        Standing::NotMeasured => ("?", "not measured"),
    }
}
