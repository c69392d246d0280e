//! What queued tasks, and pools themselves, cost.

use maud::{Markup, html};

use super::plot;
use super::text::visible;
use super::verdict::verdict;
use crate::chart::{Axis, Curve, CurveMark, Curves, Dot, Dots, Tick};
use crate::number::{TimeUnit, factor, factor_interval, grouped, time, time_interval};
use crate::paired::said::{costs, on, ranked};
use crate::paired::{Analysis, Figure, Queued, SideBySide};
use crate::report::slots;
use crate::{Estimate, Report};

pub(super) const HEADING: &str = "What tasks and pools cost";

fn analysis(report: &Report) -> Option<&Analysis> {
    let analysis = report.paired.as_ref()?;
    let has_any = !analysis.queued.is_empty() || !analysis.side_by_side.is_empty();
    has_any.then_some(analysis)
}

/// Whether there is a section.
pub(super) fn is_known(report: &Report) -> bool {
    analysis(report).is_some()
}

/// The section; nothing if none of it was measured.
pub(super) fn section(report: &Report) -> Markup {
    let Some(analysis) = analysis(report) else {
        return html! {};
    };
    html! {
        section id="costs" aria-labelledby="costs-heading" {
            h2 id="costs-heading" { (HEADING) }
            @if !analysis.queued.is_empty() { (queued(&analysis.queued)) }
            @for (number, it) in analysis.side_by_side.iter().enumerate() { (side_by_side(it, number)) }
        }
    }
}

fn queued(all: &[Queued]) -> Markup {
    let found: Vec<String> = all.iter().map(costs).collect();
    html! {
        h3 { "More and more tasks that do nothing" }
        (plot::curves(&curves(all), "costs-queued", "Time of a task by how many are queued", &visible(&found.join(" "))))
        (table(all))
    }
}

fn curves(all: &[Queued]) -> Curves {
    let slots = slots(all.iter().map(|it| it.backend.as_str()));
    let curves = all.iter().zip(slots).map(|(queued, slot)| {
        let name = visible(&on(&queued.backend, queued.workers));
        let marks = queued.points.iter().map(|(tasks, estimate)| CurveMark {
            label: format!("{name}, {} tasks", grouped(&tasks.to_string())),
            at: *tasks as f64,
            estimate: *estimate,
        });
        let path = queued.points.iter();
        Curve {
            slot,
            is_thin: false,
            path: path
                .map(|(tasks, it)| (*tasks as f64, it.point_ns))
                .collect(),
            marks: marks.collect(),
            name,
        }
    });
    let curves: Vec<Curve> = curves.collect();
    let mut counts: Vec<u64> = all
        .iter()
        .flat_map(|it| it.points.iter().map(|(tasks, _)| *tasks))
        .collect();
    counts.sort_unstable();
    counts.dedup();
    let tick = |tasks: u64| Tick {
        at: tasks as f64,
        text: grouped(&tasks.to_string()),
        note: String::new(),
    };
    Curves {
        unit: Curves::unit_of(&curves),
        curves,
        axis: Axis {
            title: "tasks that are queued (log scale)",
            ticks: counts.into_iter().map(tick).collect(),
            beyond: None,
        },
        of: "time of one task",
    }
}

fn table(all: &[Queued]) -> Markup {
    html! {
        div.scroll tabindex="0" role="region" aria-labelledby="costs-table" {
            table.claims {
                caption id="costs-table" {
                    span {
                        "The line through the times of all numbers of tasks, each error by its own time; what it costs to queue any "
                        "is where the line begins, which by chance can be below zero. Its 95 % intervals are drawn from the launches. "
                        "Growth is the time of a task among the most by that among the fewer, judged as every comparison is; "
                        "slower means that it grows. It is exploratory, and its p are corrected by Benjamini and Hochberg for all backends."
                    }
                }
                thead {
                    tr {
                        th scope="col" { "Backend" }
                        th.n scope="col" { "To queue any" }
                        th.n scope="col" { "Each task" }
                        th.n scope="col" { "Growth" }
                        th scope="col" { "From, to" }
                        th scope="col" { "Verdict" }
                    }
                }
                tbody { @for queued in all { (row(queued)) } }
            }
        }
    }
}

fn row(queued: &Queued) -> Markup {
    let growth = queued.growth.as_ref();
    html! {
        tr {
            th scope="row" { (visible(&on(&queued.backend, queued.workers))) }
            td.n { (cost(queued.costs.map(|it| it.fixed))) }
            td.n { (cost(queued.costs.map(|it| it.marginal))) }
            td.n {
                @match growth {
                    Some(growth) => {
                        (factor(growth.effect.ratio.point))
                        span.interval { (factor_interval(growth.effect.ratio.low, growth.effect.ratio.high)) }
                    },
                    None => "–",
                }
            }
            td {
                @match growth {
                    Some(growth) => { (grouped(&growth.few.to_string())) ", " (grouped(&growth.many.to_string())) },
                    None => "–",
                }
            }
            td { @match growth { Some(growth) => (verdict(growth.verdict)), None => "–" } }
        }
    }
}

fn cost(estimate: Option<Estimate>) -> Markup {
    html! {
        @match estimate {
            Some(it) if it.point_ns > 0.0 => {
                (time(it.point_ns))
                span.interval { (time_interval(it.point_ns, it.low_ns, it.high_ns)) }
            },
            Some(it) => { "below zero" span.interval { "to " (time(it.high_ns.max(0.0))) } },
            None => "–",
        }
    }
}

fn side_by_side(it: &SideBySide, number: usize) -> Markup {
    let slots = slots(it.rows.iter().map(|(cell, _)| cell.backend.as_str()));
    let rows = it.rows.iter().zip(slots);
    let rows = rows.map(|((cell, estimate), slot)| Dot {
        label: visible(&match cell.workers {
            Some(workers) => on(&cell.backend, workers),
            None => cell.backend.clone(),
        }),
        slot,
        estimate: *estimate,
    });
    let rows: Vec<Dot> = rows.collect();
    let points = || rows.iter().map(|row| row.estimate.point_ns);
    let unit = TimeUnit::shared(
        points().fold(f64::INFINITY, f64::min),
        points().fold(0.0, f64::max),
    );
    let of = match it.figure {
        Figure::Peers => "time of one task",
        _ => "time of one run",
    };
    let (workload, found) = (visible(&it.workload), visible(&ranked(it)));
    let dots = Dots { rows, of, unit };
    html! {
        h3 { (workload) }
        (plot::dots(&dots, &format!("costs-{number}"), &workload, &found))
    }
}
