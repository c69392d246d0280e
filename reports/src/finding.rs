//! The finding of a variant in words: who is the fastest, by which ratio, or that it cannot be told.

use crate::number::{factor, factor_interval, time};
use crate::{MIN_SAMPLES, Ratio, Row, RowVerdict, Variant};

/// One or two sentences, built from the verdicts alone: they claim what the table's words claim, and no more.
pub(crate) fn finding(variant: &Variant) -> String {
    let sentence = sentence(variant);
    match variant.rows.iter().all(|row| row.earlier) {
        true => format!("{sentence} Measured in an earlier run."),
        false => sentence,
    }
}

fn sentence(variant: &Variant) -> String {
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
    let why = if withheld(RowVerdict::DifferentRuns) {
        "but the rows come from different runs, so no difference is claimed".to_owned()
    } else if withheld(RowVerdict::TooFewSamples) {
        format!("but fewer than {MIN_SAMPLES} samples a row show no difference")
    } else {
        return verdict(variant, &name, &best_time);
    };
    format!("{name} has the shortest median, {best_time}, {why}.")
}

fn verdict(variant: &Variant, name: &str, best_time: &str) -> String {
    let best = variant.best();
    // Level is no equivalence: two rows that are level with the best need not be level with each other.
    let beside: Vec<&Row> = variant
        .front()
        .filter(|row| !std::ptr::eq(*row, best))
        .collect();
    let lead = match beside.is_empty() {
        true => format!("{name} is the fastest: {best_time}"),
        false => format!(
            "{name} has the shortest median, {best_time}, level with {}",
            listed(&beside)
        ),
    };
    format!("{lead}{}.", against_sequential(variant))
}

/// How the front stands to sequential, or, where sequential is the best or missing, who comes next.
fn against_sequential(variant: &Variant) -> String {
    let Some(sequential) = variant.sequential() else {
        return format!("; no sequential row was measured{}", next(variant));
    };
    // Not always the best: a slower row with a narrower interval may be told from sequential where the best is not.
    let gains = variant.front().filter_map(|row| {
        let comparison = row.to_sequential?;
        (comparison.verdict == RowVerdict::Faster).then_some((row, comparison.speed))
    });
    let time = |row: &Row| row.measurement.median.point_ns;
    match gains.min_by(|a, b| time(a.0).total_cmp(&time(b.0))) {
        Some((row, speed)) if std::ptr::eq(row, variant.best()) => {
            format!("; it is {} as fast as sequential", with_interval(speed))
        }
        Some((row, speed)) => format!(
            "; {} is {} as fast as sequential",
            row.measurement.label(),
            with_interval(speed)
        ),
        None if variant.front().all(|row| std::ptr::eq(row, sequential)) => next(variant),
        None => format!("; no gain over sequential is shown{}", next(variant)),
    }
}

/// The fastest row behind the front.
fn next(variant: &Variant) -> String {
    let time = |row: &&Row| row.measurement.median.point_ns;
    let in_front = |row: &Row| variant.front().any(|other| std::ptr::eq(other, row));
    let behind = variant.rows.iter().filter(|row| !in_front(row));
    let next = behind.min_by(|a, b| time(a).total_cmp(&time(b)));
    match next.and_then(|row| Some((row, row.to_best?))) {
        Some((row, to_best)) => format!(
            "; the next, {}, takes {} the time",
            row.measurement.label(),
            with_interval(to_best.speed.inverse())
        ),
        None => String::new(),
    }
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
