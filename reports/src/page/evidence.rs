//! Correctness evidence: which lanes of the correctness suite ran, how far, and what came of them.

use maud::{Markup, html};

use super::text::visible;
use crate::evidence::{Evidence, Lane, LaneResult};
use crate::number::{grouped, time, utc};

pub(super) const HEADING: &str = "Correctness evidence";

/// The section. Without a record it says that nothing ran.
pub(super) fn section(evidence: Option<&Evidence>) -> Markup {
    html! {
        section id="correctness-evidence" aria-labelledby="correctness-evidence-heading" {
            h2 id="correctness-evidence-heading" { (HEADING) }
            @match evidence {
                None => p { "The correctness suite was not run here: " code { "scripts/verify" } " runs it and leaves its record." },
                Some(evidence) => {
                    p { (summary(evidence)) }
                    (table(evidence))
                },
            }
        }
    }
}

fn summary(evidence: &Evidence) -> String {
    let count = |result| evidence.count(result);
    format!(
        "Of {} lanes {} passed, {} failed and {} did not run. Started {}, at revision {}.",
        evidence.lanes.len(),
        count(LaneResult::Passed),
        count(LaneResult::Failed),
        count(LaneResult::NotRun),
        utc(evidence.started_at),
        visible(&evidence.revision),
    )
}

fn table(evidence: &Evidence) -> Markup {
    html! {
        div.scroll tabindex="0" role="region" aria-labelledby="evidence-lanes" {
            table.claims {
                caption id="evidence-lanes" {
                    span {
                        "A lane is one tool with one command. Exhaustive means that everything there is was gone through; a "
                        "bound says how far a lane went otherwise. Of a lane that did not run nothing is known."
                    }
                }
                thead {
                    tr {
                        th scope="col" { "Lane" }
                        th scope="col" { "Result" }
                        th.n scope="col" { "Counted" }
                        th scope="col" { "How far" }
                        th scope="col" { "Tool" }
                        th.n scope="col" { "Time" }
                        th scope="col" { "Command" }
                    }
                }
                tbody { @for lane in &evidence.lanes { (row(lane)) } }
            }
        }
    }
}

fn row(lane: &Lane) -> Markup {
    let ran = lane.result != LaneResult::NotRun;
    html! {
        tr {
            th scope="row" { (visible(&lane.lane)) }
            td { (result(lane)) }
            td.n {
                @match lane.count {
                    Some(count) => { (grouped(&count.to_string())) " " (lane.counted.words()) },
                    None => "–",
                }
            }
            td {
                @if !ran { "–" }
                @else if lane.exhaustive { "exhaustive" }
                @else if let Some(bound) = &lane.bound { (visible(bound)) }
                @else { "not exhaustive" }
                @if let Some(seed) = lane.seed { span.interval { "seed " (seed) } }
            }
            td {
                (visible(&lane.tool))
                @if let Some(version) = &lane.version { " " (visible(version)) }
            }
            td.n { @if ran { (time(lane.duration_ms as f64 * 1e6)) } @else { "–" } }
            td { code { (visible(&lane.command)) } }
        }
    }
}

fn result(lane: &Lane) -> Markup {
    let (class, shape) = match lane.result {
        LaneResult::Passed => ("faster", "✓"),
        LaneResult::Failed => ("slower", "✗"),
        LaneResult::NotRun => ("level", "○"),
    };
    html! {
        span class=(format!("verdict {class}")) { span aria-hidden="true" { (shape) " " } (lane.result) }
        @if let Some(reason) = &lane.reason { span.interval { (visible(reason)) } }
    }
}
