//! How long tasks wait for their results at a fixed offered load.

use maud::{Markup, html};

use super::plot;
use super::text::visible;
use crate::chart::{Axis, Curve, CurveMark, Curves, Tick};
use crate::number::{counted, grouped, significant, time, time_interval};
use crate::paired::said::{on, percent, waits};
use crate::paired::{Spread, Tail};
use crate::report::slots;
use crate::{Estimate, Report};

pub(super) const HEADING: &str = "Latency";

/// So many steps has a line on its way through the percentiles.
const STEPS: u32 = 24;

fn tails(report: &Report) -> &[Tail] {
    report.paired.as_ref().map_or(&[], |paired| &paired.tails)
}

/// Whether there is a section.
pub(super) fn is_known(report: &Report) -> bool {
    !tails(report).is_empty()
}

/// The section; nothing if no waits were measured.
pub(super) fn section(report: &Report) -> Markup {
    let tails = tails(report);
    if tails.is_empty() {
        return html! {};
    }
    html! {
        section id="latency" aria-labelledby="latency-heading" {
            h2 id="latency-heading" { (HEADING) }
            p {
                "Tasks are due at random moments at a fixed rate, whether or not those before are done, and a wait is counted "
                "from when its task was due: what a stall delays is seen in all the waits that it has caused. Beside it is how "
                "long the tasks ran by themselves; what is between the two is waiting and the way."
            }
            @if let Some(curves) = curves(tails) {
                (plot::curves(&curves, "latency-percentiles", "Waits by percentile", &visible(&waits(tails))))
            }
            (table(tails))
        }
    }
}

/// A line for each backend from due to result, and a thin one for the tasks by themselves; `None` if nothing can be told.
fn curves(tails: &[Tail]) -> Option<Curves> {
    let sound = || tails.iter().filter(|it| !it.is_void);
    let slots = slots(sound().map(|it| it.backend.as_str()));
    let both = sound().zip(slots).flat_map(|(tail, slot)| {
        let name = visible(&tail.backend);
        let alone = format!("{name}, by itself");
        [
            curve(name, slot, false, &tail.latency),
            curve(alone, slot, true, &tail.service),
        ]
    });
    let curves: Vec<Curve> = both.filter(|it| !it.marks.is_empty()).collect();
    let ticks = Tail::SHARES.into_iter().filter_map(|share| {
        let beyond = sound().filter_map(|tail| Some(tail.latency.percentile(share)?.beyond));
        Some(Tick {
            at: place(share),
            text: format!("{}\u{a0}%", percent(share)),
            note: grouped(&beyond.min()?.to_string()),
        })
    });
    let ticks: Vec<Tick> = ticks.collect();
    (!curves.is_empty() && !ticks.is_empty()).then(|| Curves {
        unit: Curves::unit_of(&curves),
        curves,
        axis: Axis {
            title: "percentile (by what is left), samples beyond",
            ticks,
            beyond: None,
        },
        of: "time",
    })
}

/// Where a share stands: its axis is by what is left, so that 99.9 % is as far from 99 % as that is from 90 %.
fn place(share: f64) -> f64 {
    1.0 / (1.0 - share)
}

fn curve(name: String, slot: usize, is_thin: bool, spread: &Spread) -> Curve {
    let marks = Tail::SHARES.into_iter().filter_map(|share| {
        let told = spread.percentile(share)?;
        Some(CurveMark {
            label: format!(
                "{name}, {}\u{a0}%, {} beyond",
                percent(share),
                grouped(&told.beyond.to_string())
            ),
            at: place(share),
            estimate: Estimate {
                point_ns: told.point,
                low_ns: told.interval.low,
                high_ns: told.interval.high,
                level: 0.95,
            },
        })
    });
    let marks: Vec<CurveMark> = marks.collect();
    let path = marks
        .first()
        .zip(marks.last())
        .into_iter()
        .flat_map(|(first, last)| {
            let (from, to) = (first.at.ln(), last.at.ln());
            (0..=STEPS).filter_map(move |step| {
                let at = (from + (to - from) * f64::from(step) / f64::from(STEPS)).exp();
                Some((at, spread.value(1.0 - 1.0 / at)?))
            })
        });
    Curve {
        name,
        slot,
        is_thin,
        path: path.collect(),
        marks,
    }
}

fn table(tails: &[Tail]) -> Markup {
    html! {
        div.scroll tabindex="0" role="region" aria-labelledby="latency-table" {
            table.claims {
                caption id="latency-table" {
                    span {
                        "Percentiles of all launches together, which are not averaged, with 95 % intervals by order "
                        "statistics, as if tasks were independent; tasks of one launch are less so than that. A percentile with "
                        "too few tasks beyond it is not told. The longest is what was seen, and no estimate."
                    }
                }
                thead {
                    tr {
                        th scope="col" { "Backend" }
                        @for share in Tail::SHARES { th.n scope="col" { (percent(share)) "\u{a0}%" } }
                        th.n scope="col" { "Longest" }
                        th.n scope="col" { "Tasks" }
                    }
                }
                tbody { @for tail in tails { (rows(tail)) } }
            }
        }
        @for tail in tails.iter().filter(|it| !it.is_void) { p { (visible(&submitted(tail))) } }
    }
}

fn rows(tail: &Tail) -> Markup {
    let name = visible(&on(&tail.backend, tail.workers));
    if tail.is_void {
        return html! {
            tr {
                th scope="row" { (name) }
                td { span.verdict.slower { span aria-hidden="true" { "✗ " } "void: wrong answer" } }
                @for _ in 1..Tail::SHARES.len() + 2 { td.n { "–" } }
            }
        };
    }
    html! {
        @for (what, spread) in [("from due to result", &tail.latency), ("by itself", &tail.service)] {
            tr {
                th scope="row" { (name) ", " (what) }
                @for share in Tail::SHARES {
                    td.n {
                        @match spread.percentile(share) {
                            Some(told) => {
                                (time(told.point))
                                span.interval { (time_interval(told.point, told.interval.low, told.interval.high)) }
                            },
                            None => "too few beyond",
                        }
                    }
                }
                td.n { (spread.longest().map_or_else(|| "–".to_owned(), time)) }
                td.n { (grouped(&spread.count().to_string())) }
            }
        }
    }
}

/// How punctual whoever submits was, without which a wait can't be judged.
fn submitted(tail: &Tail) -> String {
    format!(
        "On {}: {} tasks in {}, {}\u{a0}% of the workers' time; submitted later than due by {} at the median of the worst \
         launch, which is part of the waits.",
        on(&tail.backend, tail.workers),
        grouped(&tail.latency.count().to_string()),
        counted(tail.launches, "launch", "launches"),
        significant(100.0 * tail.load),
        time(tail.late_ns),
    )
}
