//! From which length of its tasks each backend pays.

use maud::{Markup, html};

use crate::chart::{Efficiency, Layout};
use crate::number::{significant, time};
use crate::page::text::visible;
use crate::paired::said::{length, lengths, on};
use crate::paired::{Crossing, Grain};
use crate::report::slots;

/// The chart over its table; nothing if no equal tasks were measured.
pub(super) fn figure(grains: &[Grain]) -> Markup {
    let shown = grains.iter().map(|grain| Grain {
        backend: visible(&grain.backend),
        ..grain.clone()
    });
    let shown: Vec<Grain> = shown.collect();
    let Some(first) = shown.first() else {
        return html! {};
    };
    let slots = slots(shown.iter().map(|it| it.backend.as_str()));
    let chart = Efficiency {
        grains: slots.into_iter().zip(&shown).collect(),
    };
    let title = "Efficiency against the length of a task";
    let found = finding(&shown);
    html! {
        figure.grain {
            @for layout in Layout::BOTH {
                (chart.draw(layout, &format!("paired-grain-{}", layout.name()), title, &found))
            }
            figcaption { (found) }
            details {
                summary { "The numbers behind the chart" }
                (table(first, &shown))
            }
        }
    }
}

/// `threads (2 workers) pay from 3.00 µs, and have nine tenths of the ideal from 40.0 µs.`
fn finding(grains: &[Grain]) -> String {
    let of_one = |grain: &Grain| {
        format!(
            "{} takes less time than a loop from {} a task, and has nine tenths of the ideal from {}.",
            on(&grain.backend, grain.workers),
            length(grain, grain.pays.at),
            length(grain, grain.is_efficient.at)
        )
    };
    grains.iter().map(of_one).collect::<Vec<_>>().join(" ")
}

fn table(first: &Grain, grains: &[Grain]) -> Markup {
    html! {
        div.scroll tabindex="0" role="region" aria-labelledby="paired-grain" {
            table.claims {
                caption id="paired-grain" {
                    span {
                        "From which length of its tasks a backend pays. Efficiency is the loop's time divided by the workers, by "
                        "the time it takes; below it, by how much a task is longer than ideal. It pays where it is faster than "
                        "the loop, from there on; lengths between those measured are interpolated, the intervals (95 %) are "
                        "drawn from the launches."
                    }
                }
                thead {
                    tr {
                        th scope="col" { "Backend" }
                        @for point in &first.points { th.n scope="col" { (time(point.task_ns)) } }
                        th.n scope="col" { "Pays from" }
                        th.n scope="col" { "90 % efficient from" }
                    }
                }
                tbody { @for grain in grains { (row(grain)) } }
            }
        }
    }
}

fn row(grain: &Grain) -> Markup {
    html! {
        tr {
            th scope="row" { (on(&grain.backend, grain.workers)) }
            @for point in &grain.points {
                td.n {
                    (significant(100.0 * point.efficiency)) " %"
                    span.interval { (overhead(point.overhead_ns)) }
                }
            }
            td.n { (crossing(grain, &grain.pays)) }
            td.n { (crossing(grain, &grain.is_efficient)) }
        }
    }
}

/// What is lost; a gain is what chance can give.
fn overhead(overhead_ns: f64) -> String {
    match overhead_ns > 0.0 {
        true => format!("+{}", time(overhead_ns)),
        false => format!("−{}", time(-overhead_ns)),
    }
}

fn crossing(grain: &Grain, crossing: &Crossing) -> Markup {
    html! {
        (length(grain, crossing.at))
        @if let Some(interval) = lengths(grain, crossing) { span.interval { (interval) } }
    }
}
