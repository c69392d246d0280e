//! The paired runs: the verdicts that rest on launches, the control on top.

mod grain;

use maud::{Markup, html};

use super::counter::statement;
use super::fit::RowLimit;
use super::forest::figure;
use super::text::visible;
use super::verdict::{verdict, words};
use crate::Report;
use crate::agreement::{REGIMES, contradictions};
use crate::chart::{Forest, ForestRow};
use crate::number::{factor, factor_interval, significant, time};
use crate::paired::said::could_have_seen;
use crate::paired::{Analysis, Cell, CellSummary, Compared, Purpose};

pub(super) const HEADING: &str = "Paired runs";

/// The section; nothing if there was no paired run.
pub(super) fn section(report: &Report, limit: RowLimit) -> Markup {
    let Some(analysis) = &report.paired else {
        return html! {};
    };
    html! {
        section id="paired-runs" aria-labelledby="paired-runs-heading" {
            h2 id="paired-runs-heading" {
                (HEADING)
                @if report.paired_of_another_run().is_some() { " " span.badge { "another run" } }
            }
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
            (regimes(report))
            (verdicts(analysis))
            (grain::figure(&analysis.grains))
            (cells(analysis, limit))
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

/// The address of the row of a comparison, by its place.
pub(super) fn anchor(place: usize) -> String {
    format!("compared-{place}")
}

/// A cell without its workload: `threads (2 workers)`.
pub(super) fn short(cell: &Cell) -> String {
    let (label, workload) = (cell.label(), format!("{}, ", cell.workload));
    label.strip_prefix(&workload).unwrap_or(&label).to_owned()
}

/// `pi, processes ÷ threads (2 workers)`: what both have, a workload and how many workers, is named once.
pub(super) fn against(compared: &Compared) -> String {
    let own = compared.own.label();
    let reference = match compared.own.workload == compared.reference.workload {
        true => short(&compared.reference),
        false => compared.reference.label(),
    };
    let workers = reference.rfind(" (").map_or("", |from| &reference[from..]);
    let own = own.strip_suffix(workers).unwrap_or(&own);
    format!("{} ÷ {}", visible(own), visible(&reference))
}

/// Where criterion's rows say the opposite of the table below; nothing if they nowhere do.
fn regimes(report: &Report) -> Markup {
    let contradictions = contradictions(report);
    html! {
        @if !contradictions.is_empty() {
            div.notice {
                p { strong { "Another regime. " } "Criterion's rows say the opposite of some of these. " (REGIMES) }
                ul { @for it in &contradictions { li { (visible(&it.says)) } } }
            }
        }
    }
}

fn verdicts(analysis: &Analysis) -> Markup {
    let is_disturbed = analysis.disturbed.any > 0;
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
                        "and below it stands what it is corrected by, and for how many: those that were declared to be confirmed "
                        "are one family, the exploratory ones another, and a control's is its own."
                    }
                }
                thead {
                    tr {
                        th scope="col" { "Cell" }
                        th scope="col" { "Reference" }
                        th.n scope="col" { "Ratio" }
                        th.n scope="col" { "p" }
                        th.n scope="col" { "Serial fraction" }
                        th scope="col" { "Verdict" }
                        @if is_disturbed { th scope="col" { "Without disturbed visits" } }
                    }
                }
                tbody {
                    @for (place, compared) in analysis.compared.iter().enumerate() {
                        (comparison(compared, place, is_disturbed))
                    }
                }
            }
        }
    }
}

fn comparison(compared: &Compared, place: usize, is_disturbed: bool) -> Markup {
    let purpose = match compared.purpose {
        Purpose::Control => Some("control"),
        Purpose::Confirmatory => None,
        Purpose::Exploratory => Some("exploratory"),
    };
    html! {
        tr id=(anchor(place)) {
            th scope="row" {
                (visible(&compared.own.label()))
                @if let Some(purpose) = purpose { " " span.badge { (purpose) } }
            }
            td { (visible(&compared.reference.label())) }
            td.n {
                @match compared.effect {
                    Some(effect) => {
                        (factor(effect.ratio.point))
                        span.interval { (factor_interval(effect.ratio.low, effect.ratio.high)) }
                    },
                    None => "–",
                }
            }
            td.n {
                (significant(compared.corrected.p))
                @if let Some(by) = compared.corrected.by { span.interval { (by.words()) ", of " (compared.corrected.family) } }
            }
            td.n { @match compared.serial_fraction { Some(fraction) => (significant(fraction)), None => "–" } }
            td {
                (verdict(compared.verdict))
                @if let Some(seen) = could_have_seen(compared) { span.interval { (seen) } }
                @if compared.is_swayed() { " " span.badge { "swayed" } }
            }
            @if is_disturbed { td { (undisturbed(compared)) } }
        }
    }
}

fn undisturbed(compared: &Compared) -> Markup {
    let Some(undisturbed) = compared.undisturbed else {
        return html! { "–" };
    };
    html! {
        (words(undisturbed.verdict))
        @if let Some(ratio) = undisturbed.ratio {
            span.interval { (factor(ratio.point)) " (" (factor_interval(ratio.low, ratio.high)) ")" }
        }
    }
}

fn cells(analysis: &Analysis, limit: RowLimit) -> Markup {
    let shown = limit.shown(&analysis.cells, |cell| cell.is_void);
    let left_out = limit.said(analysis.cells.len(), "the void ones, and then the first");
    let has_faults = analysis.cells.iter().any(|it| it.minor_faults.is_some());
    html! {
        div.scroll tabindex="0" role="region" aria-labelledby="paired-cells" {
            table.claims {
                caption id="paired-cells" {
                    span {
                        "The cells: median over launches of their medians, and means of one run. Disturbed visits are counted, "
                        "not dropped."
                        @if has_faults {
                            " Faults are of pages: in memory, and on a disk. Pressure is how long something in the whole machine "
                            "waited for a processor."
                        }
                        (left_out)
                    }
                }
                thead {
                    tr {
                        th scope="col" { "Cell" }
                        th.n scope="col" { "Time of one run" }
                        th.n scope="col" { "CPU time" }
                        th.n scope="col" { "Involuntary switches" }
                        @if has_faults {
                            th.n scope="col" { "Page faults" }
                            th.n scope="col" { "CPU pressure" }
                        }
                        th.n scope="col" { "Disturbed" }
                        th.n scope="col" { "Visits" }
                    }
                }
                tbody { @for cell in shown { (summary(cell, has_faults)) } }
            }
        }
    }
}

fn summary(cell: &CellSummary, has_faults: bool) -> Markup {
    html! {
        tr {
            th scope="row" {
                (visible(&cell.cell.label()))
                @if cell.is_in_order() { " " span.badge { "order matters" } }
                @if cell.several_modes().is_some() { " " span.badge { "several modes" } }
            }
            td.n {
                @match cell.median_ns {
                    _ if cell.is_void => span.verdict.slower { span aria-hidden="true" { "✗ " } "void: wrong answer" },
                    Some(median) => (time(median)),
                    None => "not measured",
                }
            }
            td.n { (time(cell.cpu_ns)) }
            td.n { (significant(cell.involuntary_switches)) }
            @if has_faults {
                td.n {
                    (known(cell.minor_faults, significant))
                    @if cell.major_faults.is_some_and(|it| it > 0.0) {
                        span.interval { (known(cell.major_faults, significant)) " on a disk" }
                    }
                }
                td.n { (known(cell.cpu_pressure_ns, time)) }
            }
            td.n { (cell.disturbed) }
            td.n { (cell.visits) }
        }
    }
}

fn known(value: Option<f64>, shown: fn(f64) -> String) -> String {
    value.map_or_else(|| "–".to_owned(), shown)
}
