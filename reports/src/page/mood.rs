//! Whether the machine was steady while a paired run lasted.

use maud::{Markup, html};

use super::fit::RowLimit;
use super::paired::against;
use super::text::visible;
use super::variance;
use crate::chart::{Layout, RunOrder};
use crate::mood::Mood;
use crate::number::{self, counted, factor, significant, time};
use crate::paired::{CellOrder, CellSummary, Compared, MARKED};
use crate::statistics::{Modes, Order};
use crate::{Grade, Report};

pub(super) const HEADING: &str = "The machine's mood";

/// So many cells whose times depend on when they were measured are named; the table of cells marks all.
const NAMED: usize = 5;

/// Whether there is a section.
pub(super) fn is_known(report: &Report) -> bool {
    report.run.as_ref().and_then(Mood::of).is_some()
}

/// The section; nothing if there was no paired run, or none with a calibrator.
pub(super) fn section(report: &Report, limit: RowLimit) -> Markup {
    let Some(mood) = report.run.as_ref().and_then(Mood::of) else {
        return html! {};
    };
    let title = "Time of the calibrator against the order of the run";
    let chart = RunOrder::of(&mood, limit.of(Mood::MOST));
    let found = finding(report, &mood, chart.blocks.len());
    html! {
        section id="mood" aria-labelledby="mood-heading" {
            h2 id="mood-heading" { (HEADING) }
            (sensitivity(report))
            (order(report))
            (modes(report))
            @if let Some(paired) = &report.paired { (variance::part(paired)) }
            figure.run-order {
                @for layout in Layout::BOTH {
                    (chart.draw(layout, &format!("mood-{}", layout.name()), title, &found))
                }
                figcaption { (found) }
                details {
                    summary { "The numbers behind the chart" }
                    (data_table(&chart))
                }
            }
        }
    }
}

/// Whether the disturbed visits sway a verdict; nothing if there were none.
fn sensitivity(report: &Report) -> Markup {
    let paired = report.paired.as_ref();
    let Some(paired) = paired.filter(|paired| paired.disturbed.any > 0) else {
        return html! {};
    };
    let swayed: Vec<&Compared> = paired.compared.iter().filter(|it| it.is_swayed()).collect();
    html! {
        @if swayed.is_empty() {
            p { "Without the disturbed visits every verdict would be the same." }
        } @else {
            p.notice {
                strong { "Swayed. " }
                "Without the disturbed visits another verdict would be given of: "
                @for (place, it) in swayed.iter().enumerate() {
                    @if place > 0 { "; " }
                    (against(it)) ", " (it.verdict.words()) " with them and "
                    (it.undisturbed.map_or("", |it| it.verdict.words())) " without"
                }
                "."
            }
        }
    }
}

/// Which cells' times depend on when they were measured; nothing if it could be told of none.
fn order(report: &Report) -> Markup {
    let cells = report.paired.iter().flat_map(|paired| &paired.cells);
    let told: Vec<&CellSummary> = cells.filter(|cell| cell.order.is_some()).collect();
    if told.is_empty() {
        return html! {};
    }
    let marked: Vec<(&CellSummary, CellOrder)> = told
        .iter()
        .filter(|cell| cell.is_in_order())
        .filter_map(|cell| Some((*cell, cell.order?)))
        .collect();
    let by_chance = significant(MARKED * told.len() as f64);
    html! {
        p {
            "The times of " (marked.len()) " of " (counted(told.len(), "cell", "cells")) " depend on when they were measured, by "
            "their lag-1 autocorrelation and their runs from launch to launch and from block to block. Of as many that do not, "
            (by_chance) " would be marked by chance. What is compared was measured side by side, so that what both have in "
            "common cancels."
            @for (place, (cell, order)) in marked.iter().take(NAMED).enumerate() {
                @if place == 0 { " Marked are " } @else { "; " }
                (visible(&cell.cell.label())) ", " (correlations(order))
            }
            @if let Some(more @ 1..) = marked.len().checked_sub(NAMED) { "; and " (more) " more in the table of cells" }
            @if !marked.is_empty() { "." }
        }
    }
}

/// Which cells' times fall into two groups; nothing if it could be told of none.
fn modes(report: &Report) -> Markup {
    let cells = report.paired.iter().flat_map(|paired| &paired.cells);
    let told: Vec<&CellSummary> = cells.filter(|cell| cell.modes.is_some()).collect();
    if told.is_empty() {
        return html! {};
    }
    let marked = told
        .iter()
        .filter_map(|cell| Some((*cell, cell.several_modes()?)));
    let marked: Vec<(&CellSummary, Modes)> = marked.collect();
    let is_are = if marked.len() == 1 { "has" } else { "have" };
    html! {
        p {
            (marked.len()) " of the " (counted(told.len(), "cell", "cells")) " with enough visits to tell " (is_are)
            " times of several modes, fast or slow and seldom in between"
            @for (place, (cell, modes)) in marked.iter().enumerate() {
                @if place == 0 { ": " } @else { "; " }
                (visible(&cell.cell.label())) ", " (number::modes(*modes))
            }
            "."
            @if !marked.is_empty() {
                " What the median shows is the mode that was more frequent in this run, and in another one it may be the other."
            }
        }
    }
}

/// `0.71 from launch to launch, 0.10 from block to block`.
fn correlations(order: &CellOrder) -> String {
    let said = |order: Option<Order>, of: &str| {
        let order = order?;
        Some(format!("{} {of}", significant(order.autocorrelation)))
    };
    let both = [
        said(order.launches, "from launch to launch"),
        said(order.blocks, "from block to block"),
    ];
    both.into_iter().flatten().collect::<Vec<_>>().join(", ")
}

fn finding(report: &Report, mood: &Mood, shown: usize) -> String {
    let [shortest, middle, longest] = mood.range_ns();
    let blocks = mood.blocks.len();
    let all = counted(blocks, "block", "blocks");
    let grade = report.paired.as_ref().and_then(|paired| paired.floor);
    let grade = grade.map(|floor| {
        let letter = Grade::of(floor).letter();
        format!(
            " The run has grade {letter}: a thing differs from itself by {} at most.",
            factor(floor)
        )
    });
    let thinned = match shown < blocks {
        true => format!(" The chart shows {shown} of {all}."),
        false => String::new(),
    };
    format!(
        "A fixed loop took {} at the median, from {} to {}, so the loudest block was {} as slow as the quietest. \
         Disturbed were {} of {all}, drawn as crosses.{}{thinned}",
        time(middle),
        time(shortest),
        time(longest),
        factor(longest / shortest),
        mood.disturbed(),
        grade.unwrap_or_default(),
    )
}

fn data_table(chart: &RunOrder) -> Markup {
    let unit = chart.unit;
    html! {
        div.scroll tabindex="0" role="region" aria-labelledby="mood-data" {
            table.data {
                caption id="mood-data" { span { "Chart data: the calibrator's times, block by block, in " (unit.symbol()) "." } }
                thead {
                    tr {
                        @for head in ["Launch", "Block", "Calibrator"] { th.n scope="col" { (head) } }
                        th scope="col" { "Disturbed" }
                    }
                }
                tbody {
                    @for block in &chart.blocks {
                        tr {
                            th.n scope="row" { (block.launch + 1) }
                            td.n { (block.block + 1) }
                            td.n { (significant(block.calibrator_ns / unit.nanoseconds())) }
                            td { @if block.is_disturbed { "disturbed" } @else { "–" } }
                        }
                    }
                }
            }
        }
    }
}
