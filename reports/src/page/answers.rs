//! The short answers at the top, one for each variant.

use maud::{Markup, html};

use super::claims;
use super::text::{Ids, variant_name};
use crate::finding::finding;
use crate::{Report, Warning};

pub(super) fn section(report: &Report, ids: &Ids) -> Markup {
    html! {
        section id="answers" aria-labelledby="answers-heading" {
            h2 id="answers-heading" { "Answers" }
            (notices(report))
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

/// What a reader must know before believing any row.
fn notices(report: &Report) -> Markup {
    html! {
        @for warning in Warning::all(report) {
            p.notice { strong { (warning.about) ". " } (warning.text) }
        }
    }
}
