//! Then and now: two dots for each thing, one where it was and one where it is, the gravest change on top.

use maud::{Markup, html};

use super::forest::{arrow, class};
use super::marks::{Anchor, line, px, text};
use super::scale::LogScale;
use super::{Layout, cut, svg};
use crate::number::{factor, factor_interval, signed_percent, tick};
use crate::{Ratio, Verdict};

/// What has become of one time.
pub(crate) struct DumbbellRow {
    pub(crate) label: String,
    /// The time now by the time then; `None` if a wrong answer voids it.
    pub(crate) ratio: Option<Ratio>,
    pub(crate) verdict: Verdict,
}

/// The rows from top to bottom, and up to which factor two times are the same.
pub(crate) struct Dumbbell {
    pub(crate) rows: Vec<DumbbellRow>,
    pub(crate) margin: f64,
}

const TOP: f64 = 26.0;
const ROW: f64 = 36.0;
/// From the top of a row to its marks; the label stands above them.
const MARK: f64 = 25.0;
const LEFT: f64 = 8.0;
/// How far the axis reaches at least, and at most: what lies beyond is an arrow.
const LEAST: f64 = 1.1;
const MOST: f64 = 4.0;
const CHARACTER_PX: f64 = 6.8;

impl Dumbbell {
    /// The drawing; `id` is unique on the page, `title` and `description` are its text alternative.
    pub(crate) fn draw(&self, layout: Layout, id: &str, title: &str, description: &str) -> Markup {
        let right = layout.width() - 82.0;
        let (low, high) = self.ends();
        let scale = LogScale::exact(low, high, LEFT, right);
        let bottom = TOP + ROW * self.rows.len() as f64;
        let inside = |value: f64| scale.place(value.clamp(low, high));
        let (from, to) = (inside(1.0 / self.margin), inside(self.margin));
        let limit = (layout.width() / CHARACTER_PX) as usize - 3;
        let content = html! {
            rect class="same" x=(px(from)) y=(px(TOP)) width=(px(to - from)) height=(px(bottom - TOP)) {}
            @for value in scale.ticks(1.0, 44.0) {
                (line("grid", (scale.place(value), TOP), (scale.place(value), bottom)))
                (text("tick", Anchor::Middle, scale.place(value), bottom + 12.0, &tick(value)))
            }
            (line("axis", (LEFT, bottom), (right, bottom)))
            (text("tick", Anchor::Start, 2.0, 10.0, "ring: then, dot: now"))
            (text("tick", Anchor::Start, LEFT, bottom + 32.0, "time, then = 1 (log scale, less is better)"))
            @for (index, row) in self.rows.iter().enumerate() {
                @let top = TOP + ROW * index as f64;
                (text("label", Anchor::Start, LEFT, top + 10.0, &cut(&row.label, limit)))
                (draw_row(row, inside, (low, high), top + MARK, layout))
            }
        };
        svg(layout, id, title, description, bottom + 42.0, &content)
    }

    /// The ends of the axis: all ratios with their intervals, then, and the margin, with a little room.
    fn ends(&self) -> (f64, f64) {
        let ratios = || self.rows.iter().filter_map(|row| row.ratio);
        let low = ratios().map(|it| it.low).fold(1.0 / self.margin, f64::min);
        let high = ratios().map(|it| it.high).fold(self.margin, f64::max);
        let room = (high / low).powf(0.04);
        (
            (low / room).clamp(1.0 / MOST, 1.0 / LEAST),
            (high * room).clamp(LEAST, MOST),
        )
    }
}

fn draw_row(
    row: &DumbbellRow,
    inside: impl Fn(f64) -> f64,
    (low, high): (f64, f64),
    y: f64,
    layout: Layout,
) -> Markup {
    let at_right = layout.width() - 2.0;
    let Some(ratio) = row.ratio else {
        return text("value", Anchor::End, at_right, y, row.verdict.words());
    };
    let (then, now) = (inside(1.0), inside(ratio.point));
    let mark = match ratio.point {
        point if point > high => arrow(now, y, 1.0),
        point if point < low => arrow(now, y, -1.0),
        _ => html! { circle cx=(px(now)) cy=(px(y)) r="5" {} },
    };
    let change = signed_percent(ratio.point);
    html! {
        g class=(class(row.verdict)) {
            title { (row.label) ": " (factor(ratio.point)) " (" (factor_interval(ratio.low, ratio.high)) ")" }
            (line("leader", (inside(ratio.low), y), (inside(ratio.high), y)))
            (line("range", (then, y), (now, y)))
            circle class="then" cx=(px(then)) cy=(px(y)) r="4" {}
            (mark)
        }
        (text("value", Anchor::End, at_right, y, &format!("{change} {}", row.verdict.shape())))
    }
}
