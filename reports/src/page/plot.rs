//! A chart of times with its caption and, folded away, the numbers it is drawn from.

use maud::{Markup, html};

use crate::Estimate;
use crate::chart::{Curves, Dots, Layout};
use crate::number::{TimeUnit, significant};

/// The figure of curves; `title` names it, `found` says what it shows.
pub(super) fn curves(curves: &Curves, id: &str, title: &str, found: &str) -> Markup {
    let marks = curves.curves.iter().flat_map(|curve| &curve.marks);
    let marks = marks.map(|mark| (mark.label.as_str(), mark.estimate));
    let table = data_table(marks, curves.unit, id, title);
    let draw = |layout, id: &str| curves.draw(layout, id, title, found);
    figure(draw, id, found, &table)
}

/// The figure of a row for each thing.
pub(super) fn dots(dots: &Dots, id: &str, title: &str, found: &str) -> Markup {
    let rows = dots
        .rows
        .iter()
        .map(|row| (row.label.as_str(), row.estimate));
    let table = data_table(rows, dots.unit, id, title);
    let draw = |layout, id: &str| dots.draw(layout, id, title, found);
    figure(draw, id, found, &table)
}

fn figure(draw: impl Fn(Layout, &str) -> Markup, id: &str, found: &str, table: &Markup) -> Markup {
    html! {
        figure {
            @for layout in Layout::BOTH { (draw(layout, &format!("{id}-{}", layout.name()))) }
            figcaption { (found) }
            details {
                summary { "The numbers behind the chart" }
                (table)
            }
        }
    }
}

fn data_table<'a>(
    rows: impl Iterator<Item = (&'a str, Estimate)>,
    unit: TimeUnit,
    id: &str,
    title: &str,
) -> Markup {
    let caption = format!("{id}-data");
    html! {
        div.scroll tabindex="0" role="region" aria-labelledby=(caption) {
            table.data {
                caption id=(caption) { span { "Chart data: " (title) ", 95 % intervals. Times in " (unit.symbol()) "." } }
                thead {
                    tr {
                        th scope="col" { "Mark" }
                        @for head in ["Time", "Interval from", "Interval to"] { th.n scope="col" { (head) } }
                    }
                }
                tbody {
                    @for (label, it) in rows {
                        tr {
                            th scope="row" { (label) }
                            @for value in [it.point_ns, it.low_ns, it.high_ns] {
                                td.n { (significant(value / unit.nanoseconds())) }
                            }
                        }
                    }
                }
            }
        }
    }
}
