//! Ratios with their intervals on a logarithmic axis whose middle is 1, over the band in which two times are the same.

use maud::{Markup, html};

use super::marks::{Anchor, line, px, text};
use super::scale::LogScale;
use super::{Layout, cut, svg};
use crate::number::{factor, factor_interval, tick};
use crate::{Ratio, Verdict};

/// What is told of one comparison.
pub(crate) struct ForestRow {
    pub(crate) label: String,
    /// `None` where nothing was measured, or a wrong answer voids it.
    pub(crate) ratio: Option<Ratio>,
    pub(crate) verdict: Verdict,
    /// Whether it compares a thing with itself.
    pub(crate) is_control: bool,
}

/// The rows from top to bottom, and up to which factor two times are the same.
pub(crate) struct Forest {
    /// All that are told of; the first [`shown`](Forest::shown) are drawn.
    pub(crate) rows: Vec<ForestRow>,
    pub(crate) margin: f64,
}

/// So many rows are drawn: more say less, and fill a page that is to be mailed.
const DRAWN: usize = 24;

const TOP: f64 = 26.0;
const ROW: f64 = 40.0;
/// From the top of a row to its mark; the label stands above it.
const MARK: f64 = 27.0;
const LEFT: f64 = 8.0;
/// How far the axis reaches at least, and at most: what lies beyond is an arrow, so that five per cent still can be seen.
const LEAST: f64 = 1.1;
const MOST: f64 = 4.0;
const CHARACTER_PX: f64 = 6.8;

impl Forest {
    /// The rows that are drawn.
    pub(crate) fn shown(&self) -> &[ForestRow] {
        &self.rows[..self.rows.len().min(DRAWN)]
    }

    /// The drawing; `id` is unique on the page, `title` and `description` are its text alternative.
    pub(crate) fn draw(&self, layout: Layout, id: &str, title: &str, description: &str) -> Markup {
        let right = layout.width() - 76.0;
        let reach = self.reach();
        let scale = LogScale::exact(1.0 / reach, reach, LEFT, right);
        let bottom = TOP + ROW * self.shown().len() as f64;
        let place = |value: f64| scale.place(value.clamp(1.0 / reach, reach));
        let (from, to) = (place(1.0 / self.margin), place(self.margin));
        let content = html! {
            rect class="same" x=(px(from)) y=(px(TOP)) width=(px(to - from)) height=(px(bottom - TOP)) {}
            @for value in scale.ticks(1.0, 44.0) {
                (line("grid", (scale.place(value), TOP), (scale.place(value), bottom)))
                (text("tick", Anchor::Middle, scale.place(value), bottom + 12.0, &tick(value)))
            }
            (line("one", (scale.place(1.0), TOP), (scale.place(1.0), bottom)))
            (text("tick", Anchor::Middle, scale.place(1.0), TOP - 12.0, &format!("the same within {}", factor(self.margin))))
            (line("axis", (LEFT, bottom), (right, bottom)))
            (text("tick", Anchor::Start, LEFT, bottom + 32.0, "ratio of times (log scale, less is better)"))
            @for (index, row) in self.shown().iter().enumerate() {
                @let top = TOP + ROW * index as f64;
                (text("label", Anchor::Start, LEFT, top + 11.0, &cut(&row.label, (layout.width() / CHARACTER_PX) as usize - 3)))
                (draw_row(row, &scale, reach, top + MARK, layout))
            }
        };
        svg(layout, id, title, description, bottom + 42.0, &content)
    }

    /// How far the axis reaches to either side.
    fn reach(&self) -> f64 {
        let ends = self.shown().iter().filter_map(|row| row.ratio);
        let furthest = ends
            .map(|it| it.high.max(1.0 / it.low))
            .fold(self.margin, f64::max);
        // A little room beyond the furthest end.
        (furthest * furthest.powf(0.06)).clamp(LEAST, MOST)
    }
}

fn draw_row(row: &ForestRow, scale: &LogScale, reach: f64, y: f64, layout: Layout) -> Markup {
    let at_right = layout.width() - 2.0;
    let Some(ratio) = row.ratio else {
        return text("value", Anchor::End, at_right, y, row.verdict.words());
    };
    let place = |value: f64| scale.place(value.clamp(1.0 / reach, reach));
    let mark = match ratio.point {
        point if point > reach => arrow(place(point), y, 1.0),
        point if point < 1.0 / reach => arrow(place(point), y, -1.0),
        point if row.is_control => diamond(place(point), y),
        point => html! { circle cx=(px(place(point))) cy=(px(y)) r="5" {} },
    };
    html! {
        g class=(class(row.verdict)) {
            title { (row.label) ": " (factor(ratio.point)) " (" (factor_interval(ratio.low, ratio.high)) ")" }
            (line("range", (place(ratio.low), y), (place(ratio.high), y)))
            (mark)
        }
        (text("value", Anchor::End, at_right, y, &format!("{} {}", factor(ratio.point), row.verdict.shape())))
    }
}

/// The class that gives a verdict its colour; the shape beside the number says the same.
pub(super) fn class(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Faster => "k-faster",
        Verdict::Slower => "k-slower",
        Verdict::Equivalent | Verdict::CannotTell(_) => "k-level",
    }
}

/// It points to where the value is: beyond the end of the axis.
pub(super) fn arrow(x: f64, y: f64, direction: f64) -> Markup {
    let base = px(x - 10.0 * direction);
    let path = format!(
        "M{base} {}L{} {}L{base} {}Z",
        px(y - 6.0),
        px(x),
        px(y),
        px(y + 6.0)
    );
    html! { path d=(path) {} }
}

fn diamond(x: f64, y: f64) -> Markup {
    let (left, right, top, bottom) = (px(x - 6.0), px(x + 6.0), px(y - 6.0), px(y + 6.0));
    let path = format!(
        "M{} {top}L{right} {}L{} {bottom}L{left} {}Z",
        px(x),
        px(y),
        px(x),
        px(y)
    );
    html! { path d=(path) {} }
}
