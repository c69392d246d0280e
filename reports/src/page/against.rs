//! What has changed since a baseline.

use maud::{Markup, html};

use super::forest::figure;
use super::verdict::verdict;
use crate::chart::{Forest, ForestRow};
use crate::number::{factor, factor_interval, signed_percent, significant, utc};
use crate::paired::Purpose;
use crate::{Against, Report, Shift};

pub(super) const HEADING: &str = "Against the baseline";

/// The section; nothing without a baseline.
pub(super) fn section(report: &Report) -> Markup {
    let Some(against) = &report.against else {
        return html! {};
    };
    html! {
        section id="against" aria-labelledby="against-heading" {
            h2 id="against-heading" { (HEADING) }
            (forest(against))
            (table(against))
            @if !against.differences.is_empty() { (differences(against)) }
            (only("Only the baseline has", &against.gone))
            (only("The baseline has not", &against.new))
        }
    }
}

/// What launches can tell, the gravest change on top.
fn forest(against: &Against) -> Markup {
    let rows = against.family().map(|shift| ForestRow {
        label: shift.label.clone(),
        ratio: shift.effect.map(|effect| effect.ratio),
        verdict: shift.verdict,
        is_control: false,
    });
    let forest = Forest {
        rows: rows.collect(),
        margin: against.margin,
    };
    let title = format!("Time now by the time then, in {}", against.name);
    let said = match against.is_indicative {
        true => "All of it is indicative: the two were not made on the same processor.",
        false => "The gravest stands on top.",
    };
    figure(&forest, "against-forest", &title, said)
}

fn table(against: &Against) -> Markup {
    html! {
        div.scroll tabindex="0" role="region" aria-labelledby="against-table" {
            table.claims {
                caption id="against-table" {
                    span {
                        "The time now by the time then, in " (against.name)
                        @if let Some(time) = against.measured_at { ", measured " (utc(time)) }
                        ". The two runs were not made side by side: what else has changed between them is in the ratios. Equivalent "
                        "is within " (factor(against.margin)) ". p is of the rank-sum test on launches, corrected by Holm. A row "
                        "of criterion's is of one launch, and gets no verdict."
                    }
                }
                thead {
                    tr {
                        th scope="col" { "Measured then and now" }
                        th.number scope="col" { "Change" }
                        th.number scope="col" { "Ratio" }
                        th.number scope="col" { "p" }
                        th scope="col" { "Verdict" }
                    }
                }
                tbody { @for shift in &against.shifts { (row(shift)) } }
            }
        }
    }
}

fn row(shift: &Shift) -> Markup {
    html! {
        tr {
            th scope="row" {
                (shift.label)
                @if shift.purpose == Purpose::Exploratory { " " span.badge { "one launch" } }
            }
            td.number { @match shift.effect { Some(effect) => (signed_percent(effect.ratio.point)), None => "–" } }
            td.number {
                @match shift.effect {
                    Some(effect) => {
                        (factor(effect.ratio.point))
                        span.interval { (factor_interval(effect.ratio.low, effect.ratio.high)) }
                    },
                    None => "–",
                }
            }
            td.number { (significant(shift.corrected_p)) }
            td { (verdict(shift.verdict)) }
        }
    }
}

fn differences(against: &Against) -> Markup {
    html! {
        p { "What differs between the two runs:" }
        dl.facts {
            @for it in &against.differences { div { dt { (it.fact) } dd { (it.then) " → " (it.now) } } }
        }
    }
}

fn only(whose: &str, labels: &[String]) -> Markup {
    html! {
        @if !labels.is_empty() { p { (whose) ": " (labels.join("; ")) "." } }
    }
}
