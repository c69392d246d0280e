//! The finding of a variant in words: who is the fastest, by which ratio, or that it cannot be told.

use crate::number::{factor, factor_interval, time};
use crate::{MIN_SAMPLES, Ratio, Row, Variant, Verdict};

/// One or two sentences, built from the verdicts alone: they claim what the table's words claim, and no more.
pub(crate) fn finding(variant: &Variant) -> String {
    let best = &variant.best().measurement;
    let (name, best_time) = (best.label(), time(best.median.point_ns));
    if variant.rows.len() == 1 {
        return format!(
            "Only {name} was measured, {best_time}, so there is nothing to compare it with."
        );
    }
    let withheld = |verdict| {
        let mut comparisons = variant.rows.iter().filter_map(|row| row.to_best);
        comparisons.any(|comparison| comparison.verdict == verdict)
    };
    let why = if withheld(Verdict::DifferentRuns) {
        "but the rows come from different runs, so no difference is claimed".to_owned()
    } else if withheld(Verdict::TooFewSamples) {
        format!(
            "but some rows have fewer than {MIN_SAMPLES} samples (a quick run), so no difference is claimed"
        )
    } else {
        return verdict(variant, &name, &best_time);
    };
    format!("{name} has the shortest median, {best_time}, {why}.")
}

fn verdict(variant: &Variant, name: &str, best_time: &str) -> String {
    let front: Vec<&Row> = variant.front().collect();
    let beside = against_sequential(variant, &front).unwrap_or_else(|| next(variant, &front));
    match front.as_slice() {
        [_] => format!("{name} is the fastest: {best_time}{beside}."),
        _ => format!(
            "{} cannot be told apart, at about {best_time}{beside}.",
            listed(&front)
        ),
    }
}

/// How the best stands to sequential, if sequential was measured and is not itself at the front.
fn against_sequential(variant: &Variant, front: &[&Row]) -> Option<String> {
    let best = variant.best();
    let speed = best.to_sequential?.speed;
    if front.iter().any(|row| row.measurement.is_sequential()) {
        return None;
    }
    let speed = with_interval(speed);
    Some(match front {
        [_] => format!(", {speed} as fast as sequential"),
        _ => format!(
            "; {} is {speed} as fast as sequential",
            best.measurement.label()
        ),
    })
}

/// What is behind the front, where sequential cannot be the measure.
fn next(variant: &Variant, front: &[&Row]) -> String {
    let time = |row: &&Row| row.measurement.median.point_ns;
    let behind = variant
        .rows
        .iter()
        .filter(|row| !front.iter().any(|other| std::ptr::eq(*other, *row)))
        .min_by(|a, b| time(a).total_cmp(&time(b)));
    let mut text = match variant.sequential() {
        Some(_) if front.len() > 1 => "; nothing here beats sequential",
        Some(_) => "",
        None => "; no sequential row was measured",
    }
    .to_owned();
    if let Some((row, to_best)) = behind.and_then(|row| Some((row, row.to_best?))) {
        let label = row.measurement.label();
        let slower = with_interval(to_best.speed.inverse());
        text.push_str(&format!("; the next, {label}, takes {slower} the time"));
    }
    text
}

fn with_interval(ratio: Ratio) -> String {
    let Ratio { point, low, high } = ratio;
    format!("{} ({})", factor(point), factor_interval(low, high))
}

/// `a, b and c`.
fn listed(rows: &[&Row]) -> String {
    let names: Vec<String> = rows.iter().map(|row| row.measurement.label()).collect();
    match names.split_last() {
        Some((last, others)) if !others.is_empty() => format!("{} and {last}", others.join(", ")),
        _ => names.concat(),
    }
}
