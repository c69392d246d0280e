//! Times against a number, both logarithmic: a line for each thing, with marks where there is an interval.

use maud::{Markup, html};

use super::marks::{Anchor, line, px, series, shape, text};
use super::names::{LINE, Name, below, beside};
use super::scale::LogScale;
use super::{Layout, mark_text, svg};
use crate::Estimate;
use crate::number::{TimeUnit, tick};

const TOP: f64 = 34.0;
const BOTTOM: f64 = TOP + 230.0;
const LEFT: f64 = 46.0;
/// Lines are set apart sideways by this much, so that equal times do not hide each other.
const DODGE: f64 = 4.0;

/// What is drawn; there is at least one mark.
pub(crate) struct Curves {
    pub(crate) curves: Vec<Curve>,
    pub(crate) axis: Axis,
    /// What the times are of.
    pub(crate) of: &'static str,
    /// The unit of the times, in the table behind the chart too.
    pub(crate) unit: TimeUnit,
}

/// One thing's times.
pub(crate) struct Curve {
    pub(crate) name: String,
    pub(crate) slot: usize,
    /// Whether it only accompanies another.
    pub(crate) is_thin: bool,
    /// Where its line goes, by the axis's numbers and in nanoseconds.
    pub(crate) path: Vec<(f64, f64)>,
    pub(crate) marks: Vec<CurveMark>,
}

/// A point that has an interval.
pub(crate) struct CurveMark {
    pub(crate) label: String,
    pub(crate) at: f64,
    pub(crate) estimate: Estimate,
}

/// The numbers that the times are set against.
pub(crate) struct Axis {
    pub(crate) title: &'static str,
    /// The first is the axis's beginning, the last its end.
    pub(crate) ticks: Vec<Tick>,
    /// From where on it is another matter, and what that is.
    pub(crate) beyond: Option<(f64, &'static str)>,
}

/// A number of the axis.
pub(crate) struct Tick {
    pub(crate) at: f64,
    pub(crate) text: String,
    /// What stands below it.
    pub(crate) note: String,
}

struct Plot {
    right: f64,
    x: LogScale,
    y: LogScale,
}

impl Curves {
    /// The one unit of all these times.
    pub(crate) fn unit_of(curves: &[Curve]) -> TimeUnit {
        let points = || curves.iter().flat_map(|curve| curve.marks.iter());
        let points = || points().map(|mark| mark.estimate.point_ns);
        let smallest = points().fold(f64::INFINITY, f64::min);
        TimeUnit::shared(smallest, points().fold(0.0, f64::max))
    }

    /// The drawing; `id` is unique on the page, `title` and `description` are its text alternative.
    pub(crate) fn draw(&self, layout: Layout, id: &str, title: &str, description: &str) -> Markup {
        let plot = self.plot(layout);
        let names: Vec<Name<'_>> = self.curves.iter().map(|it| it.name(&plot)).collect();
        let notes = if self.has_notes() { 14.0 } else { 0.0 };
        let below_axis = BOTTOM + 48.0 + notes;
        let content = html! {
            (self.axes(&plot, notes))
            @for (index, curve) in self.curves.iter().enumerate() {
                @let aside = DODGE * (index as f64 - (self.curves.len() as f64 - 1.0) / 2.0);
                (curve.draw(&plot, aside))
            }
            @match layout {
                Layout::Wide => (beside(&names, plot.right, layout.width(), (TOP, BOTTOM))),
                Layout::Narrow => (below(&names, below_axis + 6.0)),
            }
        };
        let height = match layout {
            Layout::Wide => below_axis,
            Layout::Narrow => below_axis + LINE * names.len() as f64 + 6.0,
        };
        svg(layout, id, title, description, height, &content)
    }

    fn plot(&self, layout: Layout) -> Plot {
        let right = layout.width() - if layout == Layout::Wide { 200.0 } else { 10.0 };
        let inset = 16.0 + DODGE * self.curves.len() as f64 / 2.0;
        let ticks = &self.axis.ticks;
        let (first, last) = ticks
            .first()
            .zip(ticks.last())
            .map_or((1.0, 1.0), |(a, b)| (a.at, b.at));
        let marks = self.curves.iter().flat_map(|curve| &curve.marks);
        let ends = marks.flat_map(|mark| {
            let it = mark.estimate;
            [it.low_ns, it.point_ns, it.high_ns]
        });
        let paths = self.curves.iter().flat_map(|curve| &curve.path);
        let all = ends.chain(paths.map(|(_, time_ns)| *time_ns));
        Plot {
            right,
            x: LogScale::exact(first, last, LEFT + inset, right - inset),
            y: LogScale::around(all, BOTTOM, TOP),
        }
    }

    fn has_notes(&self) -> bool {
        self.axis.ticks.iter().any(|tick| !tick.note.is_empty())
    }

    fn axes(&self, plot: &Plot, notes: f64) -> Markup {
        let unit = self.unit.nanoseconds();
        let title = format!(
            "{}, {} (log scale, less is better)",
            self.of,
            self.unit.symbol()
        );
        html! {
            @if let Some((from, what)) = self.axis.beyond {
                @let x = plot.x.place(from);
                rect class="same" x=(px(x)) y=(px(TOP)) width=(px(plot.right - x)) height=(px(BOTTOM - TOP)) {}
                (line("cores", (x, TOP), (x, BOTTOM)))
                (text("tick", Anchor::End, plot.right, TOP - 6.0, what))
            }
            (text("tick", Anchor::Start, 2.0, 10.0, &title))
            @for value in plot.y.ticks(unit, 36.0) {
                @let y = plot.y.place(value);
                (line("grid", (LEFT, y), (plot.right, y)))
                (text("tick", Anchor::End, LEFT - 7.0, y, &tick(value / unit)))
            }
            (line("axis", (LEFT, BOTTOM), (plot.right, BOTTOM)))
            @for one in &self.axis.ticks {
                @let x = plot.x.place(one.at);
                (line("axis", (x, BOTTOM), (x, BOTTOM + 4.0)))
                (text("tick", Anchor::Middle, x, BOTTOM + 14.0, &one.text))
                @if !one.note.is_empty() { (text("tick", Anchor::Middle, x, BOTTOM + 28.0, &one.note)) }
            }
            (text("tick", Anchor::Middle, f64::midpoint(LEFT, plot.right), BOTTOM + 34.0 + notes, self.axis.title))
        }
    }
}

impl Curve {
    fn name(&self, plot: &Plot) -> Name<'_> {
        let end = self.path.last().map(|(_, time_ns)| *time_ns);
        Name {
            text: &self.name,
            slot: self.slot,
            y: end.map_or(BOTTOM, |end| plot.y.place(end)),
        }
    }

    fn draw(&self, plot: &Plot, aside: f64) -> Markup {
        let points = self.path.iter().map(|&(at, time_ns)| {
            let (x, y) = (plot.x.place(at) + aside, plot.y.place(time_ns));
            format!("{},{}", px(x), px(y))
        });
        let points: Vec<String> = points.collect();
        html! {
            g class=(series(self.slot)) {
                @if points.len() > 1 { polyline class=[self.is_thin.then_some("thin")] points=(points.join(" ")) {} }
                @for mark in &self.marks {
                    @let (x, estimate) = (plot.x.place(mark.at) + aside, mark.estimate);
                    @let y = plot.y.place(estimate.point_ns);
                    g {
                        title { (mark_text(&mark.label, estimate)) }
                        (line("range", (x, plot.y.place(estimate.low_ns)), (x, plot.y.place(estimate.high_ns))))
                        @if self.is_thin { circle cx=(px(x)) cy=(px(y)) r="3" {} } @else { (shape(self.slot, x, y)) }
                    }
                }
            }
        }
    }
}
