//! A row for each measurement: its median as a mark, its interval as a line, on a logarithmic time axis.

use maud::{Markup, html};

use super::marks::{Anchor, line, series, shape, text};
use super::scale::LogScale;
use super::{Chart, Layout, cut, mark_text};
use crate::number::{tick, time};

/// Pixels a character takes, at 12-pixel text, rather too many than too few.
const CHARACTER_PX: f64 = 6.8;

/// How rows are laid out: with the label beside the plot, or above each row where it would not fit beside it.
struct Rows {
    left: f64,
    right: f64,
    row_height: f64,
    /// From the top of a row to its mark.
    mark: f64,
    labels_above: bool,
    label_limit: usize,
}

impl Rows {
    fn new(chart: &Chart<'_>, layout: Layout) -> Self {
        let right = layout.width() - 68.0;
        let labels = chart.variant.rows.iter().map(|row| row.measurement.label());
        let longest = labels.map(|label| label.chars().count()).max().unwrap_or(0);
        let beside = longest as f64 * CHARACTER_PX + 20.0;
        if layout == Layout::Narrow || beside > 0.42 * layout.width() {
            return Self {
                left: 8.0,
                right,
                row_height: 40.0,
                mark: 26.0,
                labels_above: true,
                label_limit: (layout.width() / CHARACTER_PX) as usize - 3,
            };
        }
        Self {
            left: beside,
            right,
            row_height: 28.0,
            mark: 14.0,
            labels_above: false,
            label_limit: longest,
        }
    }
}

/// The drawing and its height.
pub(super) fn draw(chart: &Chart<'_>, layout: Layout) -> (f64, Markup) {
    const TOP: f64 = 8.0;
    let rows = Rows::new(chart, layout);
    let scale = LogScale::around(chart.ends(), rows.left, rows.right);
    let bottom = TOP + rows.row_height * chart.variant.rows.len() as f64;
    let unit = chart.unit;
    let content = html! {
        @for value in scale.ticks(unit.nanoseconds(), 48.0) {
            @let x = scale.place(value);
            (line("grid", (x, TOP), (x, bottom)))
            (text("tick", Anchor::Middle, x, bottom + 12.0, &tick(value / unit.nanoseconds())))
        }
        (line("axis", (rows.left, bottom), (rows.right, bottom)))
        (text("tick", Anchor::Start, rows.left, bottom + 32.0, &chart.axis_title()))
        @for (index, row) in chart.variant.rows.iter().enumerate() {
            @let median = row.measurement.median;
            @let top = TOP + rows.row_height * index as f64;
            @let y = top + rows.mark;
            @let slot = chart.report.slot(&row.measurement);
            @let label = cut(&row.measurement.label(), rows.label_limit);
            @match rows.labels_above {
                true => (text("label", Anchor::Start, rows.left, top + 10.0, &label)),
                false => (text("label", Anchor::End, rows.left - 12.0, y, &label)),
            }
            g class=(series(slot)) {
                title { (mark_text(row)) }
                (line("range", (scale.place(median.low_ns), y), (scale.place(median.high_ns), y)))
                (shape(slot, scale.place(median.point_ns), y))
            }
            (text("value", Anchor::End, layout.width() - 2.0, y, &time(median.point_ns)))
        }
    };
    (bottom + 42.0, content)
}
