//! What the figures of a paired run show, in sentences: the page, the Markdown and the terminal have the same.

use super::{Compared, Crossing, Grain, Growth, Queued, Scaling, ScalingPoint, SideBySide, Tail};
use crate::Verdict;
use crate::number::{factor, factor_interval, grouped, significant, time, time_interval};
use crate::statistics::LEAST_BEYOND;

/// A list in words: `a, b and c`.
pub(crate) fn listed(parts: &[String]) -> String {
    match parts.split_last() {
        None => String::new(),
        Some((only, [])) => only.clone(),
        Some((last, others)) => format!("{} and {last}", others.join(", ")),
    }
}

/// `threads (2 workers)`.
pub(crate) fn on(backend: &str, workers: u32) -> String {
    match workers {
        1 => format!("{backend} (1 worker)"),
        count => format!("{backend} ({count} workers)"),
    }
}

/// A length of tasks, as far as the lengths that were measured tell it.
pub(crate) fn length(grain: &Grain, task_ns: f64) -> String {
    let ends = grain.points.first().zip(grain.points.last());
    match ends {
        Some((shortest, _)) if task_ns <= 0.0 => format!("less than {}", time(shortest.task_ns)),
        Some((_, longest)) if task_ns.is_infinite() => {
            format!("more than {}", time(longest.task_ns))
        }
        _ => time(task_ns),
    }
}

/// The interval of such a length: `3.00 µs to 4.10 µs`; nothing if it is a point.
pub(crate) fn lengths(grain: &Grain, crossing: &Crossing) -> Option<String> {
    let [low, high] = [crossing.low, crossing.high].map(|end| length(grain, end));
    (crossing.low < crossing.high).then(|| format!("{low} to {high}"))
}

/// What the run could have seen of a comparison, where it has seen nothing; `None` where it has, or could not have at all.
pub(crate) fn could_have_seen(compared: &Compared) -> Option<String> {
    let is_open = matches!(compared.verdict, Verdict::CannotTell(_)) && !compared.verdict.is_void();
    let smallest = compared.detectable.filter(|_| is_open)?;
    Some(format!(
        "a difference of {} would have been found in 80 of 100 such runs",
        factor(smallest)
    ))
}

/// How long tasks wait; nothing if that was not measured.
pub(crate) fn waits(tails: &[Tail]) -> String {
    let sound: Vec<&Tail> = tails.iter().filter(|it| !it.is_void).collect();
    let Some(first) = sound.first() else {
        return String::new();
    };
    let loads = sound.iter().map(|tail| {
        let percent = significant(100.0 * tail.load);
        format!(
            "{percent}\u{a0}% of the time of {}",
            on(&tail.backend, tail.workers)
        )
    });
    let within = |share: f64| {
        let told = sound.iter().filter_map(|tail| {
            let percentile = tail.latency.percentile(share)?;
            Some(format!("{} on {}", time(percentile.point), tail.backend))
        });
        listed(&told.collect::<Vec<_>>())
    };
    let shares = [
        (0.5, "Half of the results were there within"),
        (0.99, "99 of 100 within"),
    ];
    let shares = shares.into_iter().filter_map(|(share, words)| {
        let within = within(share);
        (!within.is_empty()).then(|| format!(" {words} {within}."))
    });
    let suppressed = Tail::SHARES.into_iter().find(|&share| {
        sound
            .iter()
            .any(|tail| tail.latency.percentile(share).is_none())
    });
    let suppressed = suppressed.map(|share| {
        format!(
            " From {}\u{a0}% on fewer than {LEAST_BEYOND} tasks lie beyond on some backend, so that is not told there.",
            percent(share)
        )
    });
    format!(
        "At {} tasks a second, which by themselves would take {}, counted from when each was due.{}{}",
        grouped(&format!("{:.0}", first.per_second)),
        listed(&loads.collect::<Vec<_>>()),
        shares.collect::<String>(),
        suppressed.unwrap_or_default(),
    )
}

/// What queued tasks cost on a backend.
pub(crate) fn costs(queued: &Queued) -> String {
    let on = on(&queued.backend, queued.workers);
    let line = queued.costs.map_or_else(String::new, |costs| {
        let (fixed, marginal) = (costs.fixed, costs.marginal);
        let each = time_interval(marginal.point_ns, marginal.low_ns, marginal.high_ns);
        let fixed = match fixed.low_ns > 0.0 {
            true => format!(
                "{} ({}) to queue any",
                time(fixed.point_ns),
                time_interval(fixed.point_ns, fixed.low_ns, fixed.high_ns)
            ),
            false => "no fixed cost that can be told from none".to_owned(),
        };
        format!(
            ": {} ({each}) for each task, and {fixed}",
            time(marginal.point_ns)
        )
    });
    let growth = queued.growth.as_ref().map(grown).unwrap_or_default();
    format!("On {on}{line}.{growth}")
}

/// Whether tasks cost more where there are many.
fn grown(growth: &Growth) -> String {
    let ratio = growth.effect.ratio;
    let numbers = format!(
        "{} ({})",
        factor(ratio.point),
        factor_interval(ratio.low, ratio.high)
    );
    let words = match growth.verdict {
        Verdict::Slower => "the cost of a task grows",
        Verdict::Faster => "the cost of a task falls",
        Verdict::Equivalent => "the cost of a task stays the same",
        Verdict::CannotTell(_) => "whether the cost of a task grows can't be told",
    };
    format!(
        " From {} tasks to {} {words}: {numbers}.",
        grouped(&growth.few.to_string()),
        grouped(&growth.many.to_string()),
    )
}

/// How backends do on this many workers, or on the most that were measured if they are fewer.
pub(crate) fn scaled(scalings: &[Scaling], is_weak: bool, most: u32) -> String {
    let of = scalings.iter().filter(|it| it.is_weak == is_weak);
    let told = of.filter_map(|scaling| {
        let within = |point: &&ScalingPoint| point.workers <= most;
        let point = scaling.points.iter().rev().find(within)?;
        let efficiency = point.efficiency?;
        Some(format!(
            "{} have {}\u{a0}% ({}–{}) of the ideal speed",
            on(&scaling.backend, point.workers),
            significant(100.0 * efficiency.point),
            significant(100.0 * efficiency.low),
            significant(100.0 * efficiency.high),
        ))
    });
    let told = listed(&told.collect::<Vec<_>>());
    match (told.is_empty(), is_weak) {
        (true, _) => String::new(),
        (false, false) => format!("When they share the work, {told}."),
        (false, true) => format!("When each has the same work, {told}."),
    }
}

/// What stands side by side, the quickest first.
pub(crate) fn ranked(side_by_side: &SideBySide) -> String {
    let mut rows: Vec<_> = side_by_side.rows.iter().collect();
    rows.sort_by(|a, b| a.1.point_ns.total_cmp(&b.1.point_ns));
    let told = rows.into_iter().map(|(cell, estimate)| {
        let label = match cell.workers {
            Some(workers) => on(&cell.backend, workers),
            None => cell.backend.clone(),
        };
        format!("{} on {label}", time(estimate.point_ns))
    });
    format!("From the quickest: {}.", listed(&told.collect::<Vec<_>>()))
}

/// A share in per cent, with the digits that it has: `99.9`.
pub(crate) fn percent(share: f64) -> String {
    let text = format!("{:.1}", 100.0 * share);
    text.strip_suffix(".0").map_or(text.clone(), str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_and_shares_are_said_as_people_do() {
        let parts = |count: usize| -> Vec<String> {
            ["a", "b", "c"][..count]
                .iter()
                .map(|it| (*it).to_owned())
                .collect()
        };
        assert_eq!(listed(&parts(1)), "a");
        assert_eq!(listed(&parts(3)), "a, b and c");
        assert_eq!(Tail::SHARES.map(percent), ["50", "90", "99", "99.9"]);
    }
}
