//! A chart with its caption and, folded away, the numbers it is drawn from.

use maud::{Markup, html};

use crate::chart::{Chart, Layout};
use crate::finding::finding;
use crate::number::significant;
use crate::{Report, Row, Variant};

pub(super) fn figure(report: &Report, variant: &Variant, id: &str, name: &str) -> Markup {
    let chart = Chart::new(report, variant);
    let title = format!("{}: {name}", chart.kind());
    let found = finding(variant);
    html! {
        figure {
            @for layout in Layout::BOTH {
                (chart.draw(layout, &format!("{id}-{}", layout.name()), &title, &found))
            }
            figcaption { (found) }
            details {
                summary { "The numbers behind the chart" }
                (data_table(&chart, variant, id, name))
            }
        }
    }
}

/// In the chart's own unit, with the spread of the samples, which the chart does not show.
fn data_table(chart: &Chart<'_>, variant: &Variant, id: &str, name: &str) -> Markup {
    let caption = format!("{id}-data");
    let unit = chart.unit;
    html! {
        div.scroll tabindex="0" role="region" aria-labelledby=(caption) {
            table.data {
                caption id=(caption) { span { "Chart data: " (name) ". Times of one run in " (unit.symbol()) "." } }
                thead {
                    tr {
                        th scope="col" { "Backend" }
                        @for head in ["Median", "Interval from", "Interval to", "Fastest sample", "Slowest sample"] {
                            th.n scope="col" { (head) }
                        }
                    }
                }
                tbody {
                    @for row in &variant.rows {
                        tr {
                            th scope="row" { (row.measurement.label()) }
                            @for value in numbers(row) {
                                td.n { (significant(value / unit.nanoseconds())) }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn numbers(row: &Row) -> [f64; 5] {
    let m = &row.measurement;
    let fastest = m.samples_ns.iter().copied().fold(f64::INFINITY, f64::min);
    let slowest = m.samples_ns.iter().copied().fold(0.0, f64::max);
    [
        m.median.point_ns,
        m.median.low_ns,
        m.median.high_ns,
        fastest,
        slowest,
    ]
}
