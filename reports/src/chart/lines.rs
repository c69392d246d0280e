//! Time against the number of workers: a line for each backend, and the sequential reference as a level.

use maud::{Markup, html};

use super::marks::{Anchor, line, px, series, shape, text};
use super::names::{LINE, Name, below, beside};
use super::scale::LogScale;
use super::{Chart, Layout, mark_text};
use crate::number::tick;
use crate::{Parameter, Row};

const TOP: f64 = 34.0;
const PLOT_HEIGHT: f64 = 230.0;
const BOTTOM: f64 = TOP + PLOT_HEIGHT;
/// Backends are set apart sideways by this much, so that equal times do not hide each other.
const DODGE: f64 = 5.0;

/// The rows of one backend; its worker counts ascend.
struct Series<'a> {
    backend: &'a str,
    slot: usize,
    rows: Vec<&'a Row>,
}

impl Series<'_> {
    fn name(&self, plot: &Plot) -> Name<'_> {
        let last = self.rows.last();
        let end_ns = last.map_or(1.0, |row| row.measurement.median.point_ns);
        Name {
            text: self.backend,
            slot: self.slot,
            y: plot.y.place(end_ns),
        }
    }
}

/// Where things are; shared by everything drawn below.
struct Plot {
    left: f64,
    right: f64,
    width: f64,
    x: LogScale,
    y: LogScale,
}

/// The drawing and its height.
pub(super) fn draw(chart: &Chart<'_>, layout: Layout) -> (f64, Markup) {
    let all = all_series(chart);
    let counts = worker_counts(chart);
    let plot = Plot::new(chart, layout, &counts, all.len());
    let key_height = match layout {
        Layout::Wide => 0.0,
        Layout::Narrow => LINE * all.len() as f64 + 6.0,
    };
    let names: Vec<Name<'_>> = all.iter().map(|one| one.name(&plot)).collect();
    let content = html! {
        (axes(chart, &plot, &counts))
        @for (index, one) in all.iter().enumerate() {
            @let aside = DODGE * (index as f64 - (all.len() as f64 - 1.0) / 2.0);
            (draw_series(one, &plot, aside))
        }
        @match layout {
            Layout::Wide => (beside(&names, plot.right, plot.width, (TOP, BOTTOM))),
            Layout::Narrow => (below(&names, BOTTOM + 54.0)),
        }
    };
    (BOTTOM + 48.0 + key_height, content)
}

impl Plot {
    fn new(chart: &Chart<'_>, layout: Layout, counts: &[u32], series: usize) -> Self {
        let width = layout.width();
        let left = 46.0;
        let right = width - if layout == Layout::Wide { 190.0 } else { 10.0 };
        let inset = 16.0 + DODGE * series as f64 / 2.0;
        let (low, high) = (
            counts.first().copied().unwrap_or(1),
            counts.last().copied().unwrap_or(1),
        );
        Self {
            left,
            right,
            width,
            x: LogScale::exact(low.into(), high.into(), left + inset, right - inset),
            y: LogScale::around(chart.ends(), BOTTOM, TOP),
        }
    }
}

fn all_series<'a>(chart: &Chart<'a>) -> Vec<Series<'a>> {
    let groups = chart
        .variant
        .rows
        .chunk_by(|a, b| a.measurement.backend == b.measurement.backend);
    groups
        .map(|rows| Series {
            backend: &rows[0].measurement.backend,
            slot: chart.report.slot(&rows[0].measurement),
            rows: rows.iter().collect(),
        })
        .collect()
}

fn worker_counts(chart: &Chart<'_>) -> Vec<u32> {
    let rows = chart.variant.rows.iter();
    let mut counts: Vec<u32> = rows.filter_map(workers).collect();
    counts.sort_unstable();
    counts.dedup();
    counts
}

fn workers(row: &Row) -> Option<u32> {
    match row.measurement.parameter {
        Parameter::Workers(count @ 1..) => Some(count),
        Parameter::Workers(0) | Parameter::None | Parameter::Other(_) => None,
    }
}

fn axes(chart: &Chart<'_>, plot: &Plot, counts: &[u32]) -> Markup {
    let unit = chart.unit.nanoseconds();
    let cores = chart
        .report
        .environment
        .as_ref()
        .and_then(|run| run.available_cores);
    let beyond = cores.and_then(|cores| x_beyond(cores, counts, &plot.x));
    html! {
        (text("tick", Anchor::Start, 2.0, 10.0, &chart.axis_title()))
        @for value in plot.y.ticks(unit, 36.0) {
            @let y = plot.y.place(value);
            (line("grid", (plot.left, y), (plot.right, y)))
            (text("tick", Anchor::End, plot.left - 7.0, y, &tick(value / unit)))
        }
        (line("axis", (plot.left, BOTTOM), (plot.right, BOTTOM)))
        @for &count in counts {
            @let x = plot.x.place(count.into());
            (line("axis", (x, BOTTOM), (x, BOTTOM + 4.0)))
            (text("tick", Anchor::Middle, x, BOTTOM + 14.0, &count.to_string()))
        }
        (text("tick", Anchor::Middle, f64::midpoint(plot.left, plot.right), BOTTOM + 34.0, "workers (log scale)"))
        @if let Some(x) = beyond {
            (line("cores", (x, TOP), (x, BOTTOM)))
            (text("tick", Anchor::End, plot.right, TOP - 6.0, "more workers than cores →"))
        }
    }
}

/// Where the counts pass the cores: half-way between the two counts, and nowhere if they do not.
fn x_beyond(cores: usize, counts: &[u32], x: &LogScale) -> Option<f64> {
    let first = counts.iter().position(|count| *count as usize > cores)?;
    let last_within = counts.get(first.checked_sub(1)?)?;
    Some(f64::midpoint(
        x.place((*last_within).into()),
        x.place(counts[first].into()),
    ))
}

fn draw_series(one: &Series<'_>, plot: &Plot, aside: f64) -> Markup {
    let place = |row: &Row| {
        let x = workers(row).map(|count| plot.x.place(count.into()) + aside);
        (x, plot.y.place(row.measurement.median.point_ns))
    };
    let points: Vec<String> = one
        .rows
        .iter()
        .filter_map(|row| match place(row) {
            (Some(x), y) => Some(format!("{},{}", px(x), px(y))),
            (None, _) => None,
        })
        .collect();
    html! {
        g class=(series(one.slot)) {
            @if points.len() > 1 { polyline points=(points.join(" ")) {} }
            @for row in &one.rows {
                @let (x, y) = place(row);
                @let median = row.measurement.median;
                g {
                    title { (mark_text(&row.measurement.label(), median)) }
                    @match x {
                        Some(x) => {
                            (line("range", (x, plot.y.place(median.low_ns)), (x, plot.y.place(median.high_ns))))
                            (shape(one.slot, x, y))
                        }
                        None => (level(one.slot, plot, row)),
                    }
                }
            }
        }
    }
}

/// A measurement without a worker count: a line across, its interval as a band.
fn level(slot: usize, plot: &Plot, row: &Row) -> Markup {
    let median = row.measurement.median;
    let (top, bottom) = (plot.y.place(median.high_ns), plot.y.place(median.low_ns));
    let y = plot.y.place(median.point_ns);
    html! {
        rect class="band" x=(px(plot.left)) y=(px(top)) width=(px(plot.right - plot.left))
            height=(px((bottom - top).max(0.5))) {}
        (line("level", (plot.left, y), (plot.right, y)))
        (shape(slot, plot.left, y))
    }
}
