//! The short answers at the top: what to take, what the declared comparisons say, and the finding of each variant.

use maud::{Markup, html};

use super::claims;
use super::text::{Ids, variant_name, visible};
use super::verdict::words;
use crate::advice::advice;
use crate::finding::finding;
use crate::number::{factor, factor_interval};
use crate::paired::{Compared, Purpose};
use crate::{Conclusion, Grade, Report, Warning};

pub(super) fn section(report: &Report, ids: &Ids) -> Markup {
    html! {
        section id="answers" aria-labelledby="answers-heading" {
            h2 id="answers-heading" { "Answers" }
            (notices(report))
            (conclusion(report))
            p.group { "What to take" }
            ul.answers {
                @for it in advice(report) { li { strong { (it.about) } ": " (visible(&it.says)) } }
            }
            (declared(report))
            @for (index, workload) in report.workloads.iter().enumerate() {
                p.group { (workload.name) }
                ul.answers {
                    @for (place, variant) in workload.variants.iter().enumerate() {
                        @let href = format!("#{}", ids.variant(index, place));
                        li {
                            @match &variant.name {
                                Some(name) => a href=(href) { (variant_name(name)) },
                                None => a href=(href) { "all settings" },
                            }
                            ": " (finding(variant))
                        }
                    }
                }
            }
            (claims::table(report))
        }
    }
}

/// What it all comes to; nothing without a paired run.
fn conclusion(report: &Report) -> Markup {
    let Some(paired) = &report.paired else {
        return html! {};
    };
    html! {
        p.conclusion {
            strong { "Conclusion: " (Conclusion::of(report).words()) "." }
            @if let Some(floor) = paired.floor {
                " Grade " (Grade::of(floor).letter()) ": a thing differs from itself by " (factor(floor)) " at most."
            }
        }
    }
}

/// What the declared comparisons say; nothing without a paired run.
fn declared(report: &Report) -> Markup {
    let Some(paired) = &report.paired else {
        return html! {};
    };
    let declared = paired.compared.iter();
    let declared = declared.filter(|compared| compared.purpose == Purpose::Confirmatory);
    html! {
        p.group {
            a href="#paired-runs" { "Paired runs" }
            @if report.paired_of_another_run().is_some() { " " span.badge { "another run" } }
        }
        ul.answers { @for compared in declared { li { (sentence(compared)) } } }
    }
}

fn sentence(compared: &Compared) -> Markup {
    html! {
        (compared.own.label()) ": "
        (words(compared.verdict)) ", "
        @if let Some(effect) = compared.effect {
            (factor(effect.ratio.point)) " (" (factor_interval(effect.ratio.low, effect.ratio.high)) ") the time of "
            (compared.reference.label()) "."
        } @else { "set against " (compared.reference.label()) "." }
        @if compared.is_swayed() {
            " " span.badge { "swayed" } " Without the disturbed visits: "
            @if let Some(undisturbed) = compared.undisturbed {
                (words(undisturbed.verdict))
                @if let Some(ratio) = undisturbed.ratio { ", " (factor(ratio.point)) }
                "."
            }
        }
    }
}

/// What a reader must know before believing any row.
fn notices(report: &Report) -> Markup {
    html! {
        @for warning in Warning::all(report) {
            p.notice { strong { (warning.about) ". " } (warning.text) }
        }
    }
}
