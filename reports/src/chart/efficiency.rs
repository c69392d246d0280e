//! Efficiency against the length of a task: a line for each backend, and where it crosses what is asked of it.

use maud::{Markup, html};

use super::marks::{Anchor, line, px, series, shape, text};
use super::names::{LINE, Name, below, beside};
use super::scale::LogScale;
use super::{Layout, svg};
use crate::number::{TimeUnit, significant, tick, time};
use crate::paired::{Crossing, Grain, GrainPoint};

const TOP: f64 = 34.0;
const BOTTOM: f64 = TOP + 230.0;
const LEFT: f64 = 46.0;
/// The share of the ideal that counts as efficient, as a line across.
const EFFICIENT: f64 = 0.9;

/// What is drawn: at least one backend, each with the slot that gives it its colour, dash and shape.
pub(crate) struct Efficiency<'a> {
    pub(crate) grains: Vec<(usize, &'a Grain)>,
}

/// Where things are.
struct Plot {
    right: f64,
    x: LogScale,
    /// The efficiency at the top.
    most: f64,
    unit: TimeUnit,
}

impl Efficiency<'_> {
    /// The drawing; `id` is unique on the page, `title` and `description` are its text alternative.
    pub(crate) fn draw(&self, layout: Layout, id: &str, title: &str, description: &str) -> Markup {
        let plot = self.plot(layout);
        let names: Vec<Name<'_>> = self.grains.iter().map(|it| plot.name(it)).collect();
        let key_height = match layout {
            Layout::Wide => 0.0,
            Layout::Narrow => LINE * names.len() as f64 + 6.0,
        };
        let content = html! {
            (axes(&plot))
            @for asked in self.asked() { (rule(&plot, asked)) }
            @for (slot, grain) in &self.grains { (draw_grain(&plot, *slot, grain)) }
            @match layout {
                Layout::Wide => (beside(&names, plot.right, layout.width(), (TOP, BOTTOM))),
                Layout::Narrow => (below(&names, BOTTOM + 54.0)),
            }
        };
        svg(
            layout,
            id,
            title,
            description,
            BOTTOM + 48.0 + key_height,
            &content,
        )
    }

    fn points(&self) -> impl Iterator<Item = &GrainPoint> {
        self.grains.iter().flat_map(|(_, grain)| &grain.points)
    }

    /// What is asked: that a backend takes no longer than the loop, and that it has nine tenths of the ideal.
    fn asked(&self) -> Vec<f64> {
        let even = self.grains.iter().map(|(_, grain)| even(grain));
        let mut asked: Vec<f64> = even.chain([EFFICIENT]).collect();
        asked.sort_unstable_by(f64::total_cmp);
        asked.dedup();
        asked
    }

    fn plot(&self, layout: Layout) -> Plot {
        let right = layout.width() - if layout == Layout::Wide { 190.0 } else { 10.0 };
        let lengths = || self.points().map(|point| point.task_ns);
        let (shortest, longest) = (
            lengths().fold(f64::INFINITY, f64::min),
            lengths().fold(0.0, f64::max),
        );
        Plot {
            right,
            x: LogScale::exact(shortest, longest, LEFT + 16.0, right - 16.0),
            most: self.points().map(|it| it.efficiency).fold(1.0, f64::max) * 1.04,
            unit: TimeUnit::shared(shortest, longest),
        }
    }
}

/// The efficiency at which a backend takes as long as the loop.
fn even(grain: &Grain) -> f64 {
    1.0 / f64::from(grain.workers.max(1))
}

impl Plot {
    fn y(&self, efficiency: f64) -> f64 {
        BOTTOM - (BOTTOM - TOP) * efficiency.max(0.0) / self.most
    }

    fn name<'a>(&self, (slot, grain): &(usize, &'a Grain)) -> Name<'a> {
        let end = grain.points.last().map_or(0.0, |point| point.efficiency);
        Name {
            text: &grain.backend,
            slot: *slot,
            y: self.y(end),
        }
    }
}

fn axes(plot: &Plot) -> Markup {
    let unit = plot.unit.nanoseconds();
    let title = format!("length of a task, {} (log scale)", plot.unit.symbol());
    html! {
        (text("tick", Anchor::Start, 2.0, 10.0, "efficiency, % of the ideal (more is better)"))
        @for percent in [0, 25, 50, 75, 100] {
            @let y = plot.y(f64::from(percent) / 100.0);
            (line("grid", (LEFT, y), (plot.right, y)))
            (text("tick", Anchor::End, LEFT - 7.0, y, &percent.to_string()))
        }
        (line("axis", (LEFT, BOTTOM), (plot.right, BOTTOM)))
        @for value in plot.x.ticks(unit, 44.0) {
            @let x = plot.x.place(value);
            (line("axis", (x, BOTTOM), (x, BOTTOM + 4.0)))
            (text("tick", Anchor::Middle, x, BOTTOM + 14.0, &tick(value / unit)))
        }
        (text("tick", Anchor::Middle, f64::midpoint(LEFT, plot.right), BOTTOM + 34.0, &title))
    }
}

/// A line across at what is asked.
fn rule(plot: &Plot, asked: f64) -> Markup {
    let y = plot.y(asked);
    let says = format!("{}\u{a0}%", tick(100.0 * asked));
    html! {
        (line("cores", (LEFT, y), (plot.right, y)))
        (text("tick", Anchor::Start, LEFT + 3.0, y - 9.0, &says))
    }
}

fn draw_grain(plot: &Plot, slot: usize, grain: &Grain) -> Markup {
    let place = |point: &GrainPoint| (plot.x.place(point.task_ns), plot.y(point.efficiency));
    let points = grain.points.iter().map(|point| {
        let (x, y) = place(point);
        format!("{},{}", px(x), px(y))
    });
    html! {
        g class=(series(slot)) {
            polyline points=(points.collect::<Vec<_>>().join(" ")) {}
            @for point in &grain.points {
                @let (x, y) = place(point);
                g {
                    title {
                        (grain.backend) ", tasks of " (time(point.task_ns)) ": "
                        (significant(100.0 * point.efficiency)) " % of the ideal"
                    }
                    (shape(slot, x, y))
                }
            }
            (mark(plot, grain, &grain.pays, even(grain), "pays from"))
            (mark(plot, grain, &grain.is_efficient, EFFICIENT, "has nine tenths of the ideal from"))
        }
    }
}

/// Where the backend crosses what is asked: a line down to the axis, and the interval across. Nothing if it does so
/// outside of what was measured.
fn mark(plot: &Plot, grain: &Grain, crossing: &Crossing, asked: f64, says: &str) -> Markup {
    let ends = grain.points.first().zip(grain.points.last());
    let inside = |(first, last): &(&GrainPoint, &GrainPoint)| {
        (first.task_ns..=last.task_ns).contains(&crossing.at)
    };
    let Some((first, last)) = ends.filter(inside) else {
        return html! {};
    };
    let place = |at: f64| plot.x.place(at.clamp(first.task_ns, last.task_ns));
    let (x, y) = (place(crossing.at), plot.y(asked));
    html! {
        g class="crossing" {
            title { (grain.backend) " " (says) " " (time(crossing.at)) }
            (line("leader", (x, y), (x, BOTTOM)))
            (line("range", (place(crossing.low), y), (place(crossing.high), y)))
            (line("range", (x, y - 6.0), (x, y + 6.0)))
        }
    }
}
