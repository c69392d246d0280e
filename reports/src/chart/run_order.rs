//! A time against the order of the run: a mark for each block, a line for each launch.

use maud::{Markup, html};

use super::marks::{Anchor, line, px, series, text};
use super::scale::LogScale;
use super::{Layout, svg};
use crate::mood::{BlockMood, Mood};
use crate::number::{TimeUnit, tick};

const TOP: f64 = 26.0;
const BOTTOM: f64 = TOP + 150.0;
const LEFT: f64 = 46.0;

/// What is drawn.
pub(crate) struct RunOrder {
    pub(crate) blocks: Vec<BlockMood>,
    /// The unit of its axis and of the table behind it.
    pub(crate) unit: TimeUnit,
}

impl RunOrder {
    /// At most so many blocks of the mood.
    pub(crate) fn of(mood: &Mood, most: usize) -> Self {
        let [shortest, _, longest] = mood.range_ns();
        Self {
            blocks: mood.shown(most),
            unit: TimeUnit::shared(shortest, longest),
        }
    }

    /// The drawing; `id` is unique on the page, `title` and `description` are its text alternative.
    pub(crate) fn draw(&self, layout: Layout, id: &str, title: &str, description: &str) -> Markup {
        let right = layout.width() - 10.0;
        let y = LogScale::around(self.blocks.iter().map(|it| it.calibrator_ns), BOTTOM, TOP);
        let step = (right - LEFT - 16.0) / self.blocks.len() as f64;
        let x = |index: usize| LEFT + 8.0 + step * (index as f64 + 0.5);
        let unit = self.unit;
        let axis = format!("time of the calibrator, {} (log scale)", unit.symbol());
        let content = html! {
            (text("tick", Anchor::Start, 2.0, 10.0, &axis))
            @for value in y.ticks(unit.nanoseconds(), 36.0) {
                (line("grid", (LEFT, y.place(value)), (right, y.place(value))))
                (text("tick", Anchor::End, LEFT - 7.0, y.place(value), &tick(value / unit.nanoseconds())))
            }
            (line("axis", (LEFT, BOTTOM), (right, BOTTOM)))
            @for (number, (first, launch)) in self.launches().iter().enumerate() {
                @if *first > 0 { (line("grid", (x(*first) - step / 2.0, TOP), (x(*first) - step / 2.0, BOTTOM))) }
                @let middle = f64::midpoint(x(*first), x(first + launch.len() - 1));
                (text("tick", Anchor::Middle, middle, BOTTOM + 14.0, &(launch[0].launch + 1).to_string()))
                (draw_launch(launch, |index| (x(first + index), y.place(launch[index].calibrator_ns)), number))
            }
            (text("tick", Anchor::Middle, f64::midpoint(LEFT, right), BOTTOM + 34.0, "launches, in the order of the run"))
        };
        svg(layout, id, title, description, BOTTOM + 46.0, &content)
    }

    /// The blocks of each launch, and the place of the first of them.
    fn launches(&self) -> Vec<(usize, &[BlockMood])> {
        let mut first = 0;
        let launches = self
            .blocks
            .chunk_by(|a, b| a.launch == b.launch)
            .map(|launch| {
                let place = first;
                first += launch.len();
                (place, launch)
            });
        launches.collect()
    }
}

/// Launches next to each other differ in colour. The marks of a launch are one path, or two: with an element and a text
/// for each, hundreds of them would be a fifth of the page, which has them in the table.
fn draw_launch(launch: &[BlockMood], place: impl Fn(usize) -> (f64, f64), number: usize) -> Markup {
    let all = || (0..launch.len()).map(&place);
    let points = all().map(|(x, y)| format!("{},{}", px(x), px(y)));
    let marks = |is_disturbed: bool, mark: fn((f64, f64)) -> String| {
        let marks = all().zip(launch);
        let marks = marks.filter(|(_, block)| block.is_disturbed == is_disturbed);
        marks.map(|(place, _)| mark(place)).collect::<String>()
    };
    let (dots, crosses) = (marks(false, dot), marks(true, cross));
    html! {
        g class=(series(1 + number % 2)) {
            polyline class="thin" points=(points.collect::<Vec<_>>().join(" ")) {}
            @if !dots.is_empty() { path class="dots" d=(dots) {} }
            @if !crosses.is_empty() { path class="cross" d=(crosses) {} }
        }
    }
}

/// A line of no length, whose round ends are a dot.
fn dot((x, y): (f64, f64)) -> String {
    format!("M{} {}h0", px(x), px(y))
}

fn cross((x, y): (f64, f64)) -> String {
    format!("M{} {}l8 8m0-8l-8 8", px(x - 4.0), px(y - 4.0))
}
