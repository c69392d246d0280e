//! The figures to reach, in a table of their own at the end of the answers.

use maud::{Markup, html};

use crate::number::{factor, factor_interval, time, time_interval};
use crate::summary::{outcome, reach};
use crate::{Estimate, Judged, Outcome, Ratio, Report};

/// The table; nothing if no claim was measured.
pub(super) fn table(report: &Report) -> Markup {
    if report.claims.is_empty() {
        return html! {};
    }
    html! {
        p.group { "Figures to reach" }
        div.scroll tabindex="0" role="region" aria-labelledby="claims-table" {
            table.claims {
                caption id="claims-table" {
                    span {
                        "Reached, or not, is said only when the whole interval lies on one side of the figure to reach. "
                        "A ratio is the time by that of the reference. Where the two were measured in turns, all "
                        "times are medians of the turns, not those of the tables below, and the ratio is the median of "
                        "the turns' own."
                    }
                }
                thead {
                    tr {
                        th scope="col" { "Figure" }
                        th.n scope="col" { "Time" }
                        th.n scope="col" { "Reference" }
                        th.n scope="col" { "Ratio" }
                        th.n scope="col" { "To reach" }
                        th scope="col" { "Outcome" }
                    }
                }
                tbody { @for judged in &report.claims { (row(judged)) } }
            }
        }
    }
}

fn row(judged: &Judged) -> Markup {
    let claim = &judged.claim;
    let (shape, words) = outcome(judged.outcome);
    let class = match judged.outcome {
        Outcome::Reached => "faster",
        Outcome::NotReached => "slower",
        Outcome::CannotTell | Outcome::TooFewSamples | Outcome::DifferentRuns => "level",
    };
    html! {
        tr {
            th scope="row" {
                (claim.figure)
                @if judged.earlier { " " span.badge { "earlier run" } }
            }
            td.n { (estimate(judged.median)) }
            td.n {
                @match (&claim.reference, judged.reference) {
                    (Some(name), Some(reference)) => {
                        (estimate(reference))
                        span.interval { (name.label()) }
                    },
                    _ => "–",
                }
            }
            td.n {
                @match judged.ratio { Some(ratio) => (factors(ratio)), None => "–" }
            }
            td.n { (reach(claim.reach)) }
            td { span class=(format!("verdict {class}")) { span aria-hidden="true" { (shape) " " } (words) } }
        }
    }
}

fn estimate(estimate: Estimate) -> Markup {
    let Estimate {
        point_ns,
        low_ns,
        high_ns,
        ..
    } = estimate;
    html! {
        (time(point_ns))
        span.interval { (time_interval(point_ns, low_ns, high_ns)) }
    }
}

fn factors(ratio: Ratio) -> Markup {
    html! {
        (factor(ratio.point))
        span.interval { (factor_interval(ratio.low, ratio.high)) }
    }
}
