//! The names of lines: beside the plot, at their ends, or where there is no room for that below it.

use maud::{Markup, html};

use super::cut;
use super::marks::{Anchor, line, series, shape, text};

/// Height of a line of text.
pub(super) const LINE: f64 = 18.0;

/// How many characters fit below a plot on a narrow screen.
const BELOW_LIMIT: usize = 42;

/// The name of a line.
pub(super) struct Name<'a> {
    pub(super) text: &'a str,
    pub(super) slot: usize,
    /// The height at which it would like to stand: that of its line's last point.
    pub(super) y: f64,
}

/// Names at the ends of the lines, right of `right`, pushed apart where they would overlap.
pub(super) fn beside(names: &[Name<'_>], right: f64, width: f64, ends: (f64, f64)) -> Markup {
    let mut wanted: Vec<&Name<'_>> = names.iter().collect();
    wanted.sort_by(|a, b| a.y.total_cmp(&b.y));
    let heights = spread(&wanted.iter().map(|name| name.y).collect::<Vec<_>>(), ends);
    let limit = ((width - right - 40.0) / 6.8) as usize;
    html! {
        @for (name, y) in wanted.iter().zip(heights) {
            g class=(series(name.slot)) {
                (line("leader", (right + 2.0, name.y), (right + 16.0, y)))
                (shape(name.slot, right + 23.0, y))
            }
            (text("label", Anchor::Start, right + 34.0, y, &cut(name.text, limit)))
        }
    }
}

/// Names below each other, the first at this height.
pub(super) fn below(names: &[Name<'_>], first: f64) -> Markup {
    html! {
        @for (index, name) in names.iter().enumerate() {
            @let y = first + LINE * index as f64;
            g class=(series(name.slot)) { (shape(name.slot, 14.0, y)) }
            (text("label", Anchor::Start, 28.0, y, &cut(name.text, BELOW_LIMIT)))
        }
    }
}

/// Heights in ascending order, moved so that neighbours are a line apart and all stay near the plot.
fn spread(wanted: &[f64], (top, bottom): (f64, f64)) -> Vec<f64> {
    let mut heights: Vec<f64> = Vec::with_capacity(wanted.len());
    for &height in wanted {
        let least = heights.last().map_or(top, |last| last + LINE);
        heights.push(height.max(least));
    }
    let mut most = bottom;
    for height in heights.iter_mut().rev() {
        *height = height.min(most);
        most = *height - LINE;
    }
    heights
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_a_line_apart_and_in_order() {
        let (top, bottom) = (34.0, 264.0);
        let heights = spread(&[100.0, 101.0, 102.0, bottom, bottom], (top, bottom));
        assert!(
            heights
                .windows(2)
                .all(|pair| pair[1] - pair[0] >= LINE - 1e-9)
        );
        assert!(heights.iter().all(|height| *height <= bottom));
        assert_eq!(heights[0], 100.0);
    }
}
