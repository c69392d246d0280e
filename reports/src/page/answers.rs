//! The short answers at the top, one for each variant.

use maud::{Markup, html};

use super::claims;
use super::text::{Ids, variant_name};
use crate::finding::finding;
use crate::{MIN_SAMPLES, Report};

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
    let rows = report.rows().count();
    let quick = report
        .rows()
        .filter(|row| row.measurement.samples_ns.len() < MIN_SAMPLES)
        .count();
    let earlier = report.rows().filter(|row| row.earlier).count();
    html! {
        @if quick > 0 {
            p.notice {
                strong { "Quick run. " }
                (quick) " of " (rows) " measurements have fewer than " (MIN_SAMPLES)
                " samples. Their times are a first impression; no difference is claimed for them."
            }
        }
        @if earlier > 0 {
            p.notice {
                strong { "Earlier runs. " }
                (earlier) " of " (rows) " measurements were made before the run that the environment below describes. "
                "They are marked, and compared only with each other; they may stem from several runs."
            }
        }
    }
}
