//! How backends do with more and more workers: on the same work, and on the same work for each.

use maud::{Markup, html};

use super::plot;
use super::text::visible;
use crate::chart::{Axis, Curve, CurveMark, Curves, Tick};
use crate::number::{significant, time, time_interval};
use crate::paired::said::{on, scaled};
use crate::paired::{Scaling, ScalingPoint};
use crate::report::slots;
use crate::statistics::LEAST_COUNTS;
use crate::{Ratio, Report};

pub(super) const HEADING: &str = "Scaling";

fn scalings(report: &Report) -> &[Scaling] {
    report.paired.as_ref().map_or(&[], |it| &it.scalings)
}

/// Whether there is a section.
pub(super) fn is_known(report: &Report) -> bool {
    !scalings(report).is_empty()
}

/// The section; nothing if no backend was measured on more and more workers.
pub(super) fn section(report: &Report) -> Markup {
    let scalings = scalings(report);
    if scalings.is_empty() {
        return html! {};
    }
    let environment = report.environment.as_ref();
    let cores = environment.and_then(|run| run.available_cores);
    let cores = cores.and_then(|cores| u32::try_from(cores).ok());
    html! {
        section id="scaling" aria-labelledby="scaling-heading" {
            h2 id="scaling-heading" { (HEADING) }
            (figure(scalings, false, cores))
            (figure(scalings, true, cores))
            (table(scalings, cores))
            @for scaling in scalings.iter().filter(|it| !it.is_weak) { p { (visible(&law(scaling))) } }
        }
    }
}

fn figure(scalings: &[Scaling], is_weak: bool, cores: Option<u32>) -> Markup {
    let shown: Vec<&Scaling> = scalings.iter().filter(|it| it.is_weak == is_weak).collect();
    if shown.is_empty() {
        return html! {};
    }
    let (id, title) = match is_weak {
        false => (
            "scaling-strong",
            "Strong scaling: the same work on more and more workers",
        ),
        true => (
            "scaling-weak",
            "Weak scaling: the same work for each of more and more workers",
        ),
    };
    let ideal = match is_weak {
        false => "Ideal is a line that falls by half for each doubling.",
        true => "Ideal is a level line.",
    };
    let found = scaled(scalings, is_weak, cores.unwrap_or(u32::MAX));
    let found = visible(&format!("{found} {ideal}"));
    html! { (plot::curves(&curves(&shown, cores), id, title, found.trim_start())) }
}

fn curves(scalings: &[&Scaling], cores: Option<u32>) -> Curves {
    let slots = slots(scalings.iter().map(|it| it.backend.as_str()));
    let curves = scalings.iter().zip(slots).map(|(scaling, slot)| {
        let marks = scaling.points.iter().map(|point| CurveMark {
            label: visible(&on(&scaling.backend, point.workers)),
            at: point.workers.into(),
            estimate: point.time,
        });
        let path = scaling.points.iter();
        Curve {
            name: visible(&scaling.backend),
            slot,
            is_thin: false,
            path: path
                .map(|it| (it.workers.into(), it.time.point_ns))
                .collect(),
            marks: marks.collect(),
        }
    });
    let curves: Vec<Curve> = curves.collect();
    let mut counts: Vec<u32> = scalings
        .iter()
        .flat_map(|it| it.points.iter().map(|point| point.workers))
        .collect();
    counts.sort_unstable();
    counts.dedup();
    Curves {
        unit: Curves::unit_of(&curves),
        curves,
        axis: Axis {
            title: "workers (log scale)",
            beyond: cores.and_then(|cores| beyond(cores, &counts)),
            ticks: counts
                .into_iter()
                .map(|count| Tick {
                    at: count.into(),
                    text: count.to_string(),
                    note: String::new(),
                })
                .collect(),
        },
        of: "time of one run",
    }
}

/// Where the workers pass the cores: half-way between two counts, and nowhere if they do not.
fn beyond(cores: u32, counts: &[u32]) -> Option<(f64, &'static str)> {
    let first = counts.iter().position(|count| *count > cores)?;
    let within = counts.get(first.checked_sub(1)?)?;
    let half_way = (f64::from(*within) * f64::from(counts[first])).sqrt();
    Some((half_way, "more workers than cores →"))
}

fn table(scalings: &[Scaling], cores: Option<u32>) -> Markup {
    html! {
        div.scroll tabindex="0" role="region" aria-labelledby="scaling-table" {
            table.claims {
                caption id="scaling-table" {
                    span {
                        "Efficiency is the ideal time by the time it takes, where the ideal is what the same backend takes with "
                        "one worker, divided by the workers if they share the work. The serial fraction is Karp and Flatt's, which "
                        "beyond the cores would only count the cores."
                    }
                }
                thead {
                    tr {
                        th scope="col" { "Backend" }
                        th scope="col" { "Work" }
                        th.n scope="col" { "Time of one run" }
                        th.n scope="col" { "Efficiency" }
                        th.n scope="col" { "Serial fraction" }
                    }
                }
                tbody {
                    @for scaling in scalings {
                        @for point in &scaling.points { (row(scaling, point, cores)) }
                    }
                }
            }
        }
    }
}

fn row(scaling: &Scaling, point: &ScalingPoint, cores: Option<u32>) -> Markup {
    let it = point.time;
    let within = cores.is_none_or(|cores| point.workers <= cores);
    let percent = |share: f64| significant(100.0 * share);
    html! {
        tr {
            th scope="row" { (visible(&on(&scaling.backend, point.workers))) }
            td { @if scaling.is_weak { "the same for each" } @else { "shared" } }
            td.n {
                (time(it.point_ns))
                span.interval { (time_interval(it.point_ns, it.low_ns, it.high_ns)) }
            }
            td.n {
                @match point.efficiency {
                    Some(share) => {
                        (percent(share.point)) "\u{a0}%"
                        span.interval { (percent(share.low)) "–" (percent(share.high)) "\u{a0}%" }
                    },
                    None => "–",
                }
            }
            td.n {
                (point.serial_fraction.filter(|_| within).map_or_else(|| "–".to_owned(), significant))
            }
        }
    }
}

/// What the Universal Scalability Law makes of it.
fn law(scaling: &Scaling) -> String {
    let counts = scaling.points.len();
    let named = format!("The Universal Scalability Law on {}", scaling.backend);
    if counts < LEAST_COUNTS {
        return format!(
            "{named}: {counts} are too few worker counts to fit; it takes {LEAST_COUNTS}."
        );
    }
    let Some(law) = scaling.law else {
        return format!("{named}: no law fits these times.");
    };
    let with_interval = |it: Ratio| {
        let [point, low, high] = [it.point, it.low, it.high].map(significant);
        format!("{point} ({low} to {high})")
    };
    let peak = match law.peak {
        Some(peak) if peak.high.is_finite() => format!(
            ", so that more than {} workers would be of no use",
            with_interval(peak)
        ),
        Some(peak) => format!(
            ", so that more than {} workers, or {} at least, would be of no use",
            significant(peak.point),
            significant(peak.low)
        ),
        None => ", so whether there is a number of workers beyond which more are of no use can't be told".to_owned(),
    };
    format!(
        "{named}: a contention of {} and a coherency of {}{peak}. The intervals are of 95\u{a0}%, from launches drawn with \
         replacement.",
        with_interval(law.contention),
        with_interval(law.coherency),
    )
}
