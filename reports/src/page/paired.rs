//! The paired runs: the verdicts that rest on launches, the control on top.

mod grain;

use maud::{Markup, html};

use super::counter::statement;
use super::forest::figure;
use super::text::visible;
use super::verdict::verdict;
use crate::Report;
use crate::chart::{Forest, ForestRow};
use crate::number::{factor, factor_interval, significant, time};
use crate::paired::{Analysis, CellSummary, Compared, Purpose};

pub(super) const HEADING: &str = "Paired runs";

/// The section; nothing if there was no paired run.
pub(super) fn section(report: &Report) -> Markup {
    let Some(analysis) = &report.paired else {
        return html! {};
    };
    html! {
        section id="paired-runs" aria-labelledby="paired-runs-heading" {
            h2 id="paired-runs-heading" { (HEADING) }
            @if analysis.has_wrong_answers() {
                p.notice { strong.slower { "Wrong answers. " } "The cells that gave them are void, and so is what is compared with them." }
            }
            @if !analysis.gaps.is_empty() {
                ul.notice { @for gap in &analysis.gaps { li { (visible(gap)) } } }
            }
            @if !analysis.statements.is_empty() {
                ul.answers { @for settled in &analysis.statements { (statement(settled)) } }
            }
            @for note in &analysis.notes { p { (visible(note)) } }
            (forest(analysis))
            (verdicts(analysis))
            (grain::figure(&analysis.grains))
            (cells(analysis))
        }
    }
}

/// The comparisons in the order of the table below: the control on top, as the ruler of the others.
fn forest(analysis: &Analysis) -> Markup {
    let rows = analysis.compared.iter().map(|compared| ForestRow {
        label: against(compared),
        ratio: compared.effect.map(|effect| effect.ratio),
        verdict: compared.verdict,
        is_control: compared.purpose == Purpose::Control,
    });
    let forest = Forest {
        rows: rows.collect(),
        margin: analysis.margin,
    };
    let said = match analysis.floor {
        Some(floor) => format!(
            "The control, a diamond, differs from itself by {} at most.",
            factor(floor)
        ),
        None => {
            "No control was measured, so nobody knows how far a thing is from itself.".to_owned()
        }
    };
    figure(&forest, "paired-forest", "Paired comparisons", &said)
}

/// `pi, processes (2 workers) ÷ threads (2 workers)`: a workload that both have is named once.
fn against(compared: &Compared) -> String {
    let (own, reference) = (compared.own.label(), compared.reference.label());
    let workload = format!("{}, ", compared.own.workload);
    let reference = reference.strip_prefix(&workload).unwrap_or(&reference);
    format!("{} ÷ {}", visible(&own), visible(reference))
}

fn verdicts(analysis: &Analysis) -> Markup {
    html! {
        div.scroll tabindex="0" role="region" aria-labelledby="paired-verdicts" {
            table.claims {
                caption id="paired-verdicts" {
                    span {
                        "Time by that of the reference, measured side by side in blocks whose order is mirrored, in "
                        (analysis.launches) " launches. The interval is the wider of a bootstrap of launches and blocks and "
                        "Student's. A control compares a thing with itself"
                        @if let Some(floor) = analysis.floor { ", and differs by " (factor(floor)) " at most" }
                        ". Equivalent is within " (factor(analysis.margin)) ". p is of the signed-rank test on launches, "
                        "corrected by Holm unless the comparison is exploratory."
                    }
                }
                thead {
                    tr {
                        th scope="col" { "Cell" }
                        th scope="col" { "Reference" }
                        th.number scope="col" { "Ratio" }
                        th.number scope="col" { "p" }
                        th.number scope="col" { "Serial fraction" }
                        th scope="col" { "Verdict" }
                    }
                }
                tbody { @for compared in &analysis.compared { (comparison(compared)) } }
            }
        }
    }
}

fn comparison(compared: &Compared) -> Markup {
    let purpose = match compared.purpose {
        Purpose::Control => Some("control"),
        Purpose::Confirmatory => None,
        Purpose::Exploratory => Some("exploratory"),
    };
    html! {
        tr {
            th scope="row" {
                (visible(&compared.own.label()))
                @if let Some(purpose) = purpose { " " span.badge { (purpose) } }
            }
            td { (visible(&compared.reference.label())) }
            td.number {
                @match compared.effect {
                    Some(effect) => {
                        (factor(effect.ratio.point))
                        span.interval { (factor_interval(effect.ratio.low, effect.ratio.high)) }
                    },
                    None => "–",
                }
            }
            td.number { (significant(compared.corrected_p)) }
            td.number { @match compared.serial_fraction { Some(fraction) => (significant(fraction)), None => "–" } }
            td { (verdict(compared.verdict)) }
        }
    }
}

fn cells(analysis: &Analysis) -> Markup {
    html! {
        div.scroll tabindex="0" role="region" aria-labelledby="paired-cells" {
            table.claims {
                caption id="paired-cells" {
                    span {
                        "The cells: median over launches of their medians, and means of one run. Disturbed are visits during "
                        "which the machine below took time or the control group was throttled; they are counted, not dropped."
                    }
                }
                thead {
                    tr {
                        th scope="col" { "Cell" }
                        th.number scope="col" { "Time of one run" }
                        th.number scope="col" { "CPU time" }
                        th.number scope="col" { "Involuntary switches" }
                        th.number scope="col" { "Disturbed" }
                        th.number scope="col" { "Visits" }
                    }
                }
                tbody { @for cell in &analysis.cells { (summary(cell)) } }
            }
        }
    }
}

fn summary(cell: &CellSummary) -> Markup {
    html! {
        tr {
            th scope="row" { (visible(&cell.cell.label())) }
            td.number {
                @match cell.median_ns {
                    _ if cell.is_void => span.verdict.slower { span aria-hidden="true" { "✗ " } "void: wrong answer" },
                    Some(median) => (time(median)),
                    None => "not measured",
                }
            }
            td.number { (time(cell.cpu_ns)) }
            td.number { (significant(cell.involuntary_switches)) }
            td.number { (cell.disturbed) }
            td.number { (cell.visits) }
        }
    }
}
