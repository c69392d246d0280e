//! A row for each thing: its time as a mark, the interval of that as a line, on a logarithmic axis.

use maud::{Markup, html};

use super::marks::{Anchor, line, series, shape, text};
use super::scale::LogScale;
use super::{Layout, cut, mark_text, svg};
use crate::Estimate;
use crate::number::{TimeUnit, tick, time};

/// Pixels a character takes, at 12-pixel text, rather too many than too few.
const CHARACTER_PX: f64 = 6.8;

/// What is drawn; there is at least one row.
pub(crate) struct Dots {
    pub(crate) rows: Vec<Dot>,
    /// What the times are of.
    pub(crate) of: &'static str,
    /// The unit of the times, in the table behind the chart too.
    pub(crate) unit: TimeUnit,
}

/// One thing's time.
pub(crate) struct Dot {
    pub(crate) label: String,
    pub(crate) slot: usize,
    pub(crate) estimate: Estimate,
}

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
    fn new(dots: &Dots, layout: Layout) -> Self {
        let right = layout.width() - 68.0;
        let labels = dots.rows.iter().map(|row| row.label.chars().count());
        let longest = labels.max().unwrap_or(0);
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

impl Dots {
    /// The drawing; `id` is unique on the page, `title` and `description` are its text alternative.
    pub(crate) fn draw(&self, layout: Layout, id: &str, title: &str, description: &str) -> Markup {
        const TOP: f64 = 8.0;
        let rows = Rows::new(self, layout);
        let ends = self.rows.iter().flat_map(|row| {
            let it = row.estimate;
            [it.low_ns, it.point_ns, it.high_ns]
        });
        let scale = LogScale::around(ends, rows.left, rows.right);
        let bottom = TOP + rows.row_height * self.rows.len() as f64;
        let unit = self.unit;
        let axis = format!("{}, {} (log scale, less is better)", self.of, unit.symbol());
        let content = html! {
            @for value in scale.ticks(unit.nanoseconds(), 48.0) {
                @let x = scale.place(value);
                (line("grid", (x, TOP), (x, bottom)))
                (text("tick", Anchor::Middle, x, bottom + 12.0, &tick(value / unit.nanoseconds())))
            }
            (line("axis", (rows.left, bottom), (rows.right, bottom)))
            (text("tick", Anchor::Start, rows.left, bottom + 32.0, &axis))
            @for (index, row) in self.rows.iter().enumerate() {
                @let it = row.estimate;
                @let top = TOP + rows.row_height * index as f64;
                @let y = top + rows.mark;
                @let label = cut(&row.label, rows.label_limit);
                @match rows.labels_above {
                    true => (text("label", Anchor::Start, rows.left, top + 10.0, &label)),
                    false => (text("label", Anchor::End, rows.left - 12.0, y, &label)),
                }
                g class=(series(row.slot)) {
                    title { (mark_text(&row.label, it)) }
                    (line("range", (scale.place(it.low_ns), y), (scale.place(it.high_ns), y)))
                    (shape(row.slot, scale.place(it.point_ns), y))
                }
                (text("value", Anchor::End, layout.width() - 2.0, y, &time(it.point_ns)))
            }
        };
        svg(layout, id, title, description, bottom + 42.0, &content)
    }
}
