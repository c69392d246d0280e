//! The verdict matrix: the declared comparisons at a glance, a row for each reference and a column for each backend.

use maud::{Markup, html};

use super::paired::{anchor, short};
use super::text::{Ids, visible};
use super::verdict::words;
use crate::advice::BACKENDS;
use crate::number::{factor, factor_interval};
use crate::paired::{Analysis, Cell, Compared, Purpose};
use crate::{Measurement, Report};

pub(super) const HEADING: &str = "Verdicts at a glance";

/// A comparison with its place among all of them.
type Placed<'a> = (usize, &'a Compared);

/// A row: what the reference is, and what was set against it.
struct Row<'a> {
    reference: &'a Cell,
    compared: Vec<Placed<'a>>,
}

/// Whether there is a section.
pub(super) fn is_known(report: &Report) -> bool {
    report
        .paired
        .as_ref()
        .is_some_and(|it| !rows(it).is_empty())
}

/// The section; nothing if none of the backends was compared.
pub(super) fn section(report: &Report, ids: &Ids) -> Markup {
    let rows = report.paired.as_ref().map(rows).unwrap_or_default();
    if rows.is_empty() {
        return html! {};
    }
    html! {
        section id="matrix" aria-labelledby="matrix-heading" {
            h2 id="matrix-heading" { (HEADING) }
            div.scroll tabindex="0" role="region" aria-labelledby="matrix-table" {
                table.claims {
                    caption id="matrix-table" {
                        span {
                            "What the paired run says of each backend: its time by that of the reference, with the 95 % interval. "
                            "A verdict leads to its row, with p and the reason where nothing can be told; a workload leads to its "
                            "section, where it has one. A dash is where nothing was declared to be compared."
                        }
                    }
                    thead {
                        tr {
                            th scope="col" { "Workload" }
                            th scope="col" { "Reference" }
                            @for backend in BACKENDS { th scope="col" { (backend) } }
                        }
                    }
                    tbody { @for row in &rows { (markup(row, report, ids)) } }
                }
            }
        }
    }
}

/// The comparisons of our own backends by their references, in the order of the first of each; other libraries' pools are
/// in the table of all.
fn rows(analysis: &Analysis) -> Vec<Row<'_>> {
    let mut rows: Vec<Row> = Vec::new();
    for (place, compared) in analysis.compared.iter().enumerate() {
        let is_backend = |cell: &Cell| BACKENDS.contains(&cell.backend.as_str());
        let is_loop = compared.reference.backend == Measurement::SEQUENTIAL;
        let is_ours = is_backend(&compared.own) && (is_backend(&compared.reference) || is_loop);
        if compared.purpose == Purpose::Control || !is_ours {
            continue;
        }
        let known = rows
            .iter_mut()
            .find(|row| *row.reference == compared.reference);
        match known {
            Some(row) => row.compared.push((place, compared)),
            None => rows.push(Row {
                reference: &compared.reference,
                compared: vec![(place, compared)],
            }),
        }
    }
    rows
}

fn markup(row: &Row, report: &Report, ids: &Ids) -> Markup {
    let workload = &row.reference.workload;
    let section = report.workloads.iter().position(|it| it.name == *workload);
    html! {
        tr {
            th scope="row" {
                @match section {
                    Some(index) => a href=(format!("#{}", ids.workload(index))) { (visible(workload)) },
                    None => (visible(workload)),
                }
            }
            td { (visible(&short(row.reference))) }
            @for backend in BACKENDS {
                @let here = row.compared.iter().filter(|(_, it)| it.own.backend == backend);
                @let here: Vec<&Placed> = here.collect();
                td {
                    @if here.is_empty() { "–" }
                    @for (number, placed) in here.iter().enumerate() {
                        @if number > 0 { br; }
                        (entry(placed))
                    }
                }
            }
        }
    }
}

/// The verdict, the ratio, and what tells the cell from its reference beside the backend.
fn entry((place, compared): &Placed) -> Markup {
    let way = compared
        .own
        .way
        .iter()
        .filter(|_| compared.own.way != compared.reference.way);
    let is_exploratory = compared.purpose == Purpose::Exploratory;
    let notes = way
        .cloned()
        .chain(is_exploratory.then(|| "exploratory".to_owned()));
    let notes: Vec<String> = notes.map(|note| visible(&note)).collect();
    html! {
        a href=(format!("#{}", anchor(*place))) { (words(compared.verdict)) }
        @if let Some(effect) = compared.effect {
            " " (factor(effect.ratio.point))
            span.interval { (factor_interval(effect.ratio.low, effect.ratio.high)) }
        }
        @if !notes.is_empty() { span.interval { (notes.join(", ")) } }
    }
}
