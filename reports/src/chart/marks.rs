//! The marks charts are made of: shapes, intervals, text.

use maud::{Markup, html};

use crate::palette::SERIES;

/// A coordinate with at most one decimal.
pub(super) fn px(value: f64) -> String {
    let text = format!("{value:.1}");
    text.strip_suffix(".0").unwrap_or(&text).to_owned()
}

/// The class that gives a backend its colour and dash.
pub(super) fn series(slot: usize) -> String {
    format!("s{}", slot % SERIES)
}

/// The backend's shape around a point. Beyond eight backends colours repeat, but with another shape.
pub(super) fn shape(slot: usize, x: f64, y: f64) -> Markup {
    let form = (slot + slot / SERIES) % SERIES;
    let path = |points: &[(f64, f64)]| {
        let points = points.iter().enumerate().map(|(index, (dx, dy))| {
            let command = if index == 0 { 'M' } else { 'L' };
            format!("{command}{} {}", px(x + dx), px(y + dy))
        });
        points.collect::<String>() + "Z"
    };
    let points: &[(f64, f64)] = match form {
        0 => return html! { circle cx=(px(x)) cy=(px(y)) r="5" {} },
        1 => &[(-4.5, -4.5), (4.5, -4.5), (4.5, 4.5), (-4.5, 4.5)],
        2 => &[(0.0, -6.0), (5.6, 4.2), (-5.6, 4.2)],
        3 => &[(0.0, -6.2), (6.2, 0.0), (0.0, 6.2), (-6.2, 0.0)],
        4 => &[(0.0, 6.0), (5.6, -4.2), (-5.6, -4.2)],
        5 => &[(-6.5, -2.6), (6.5, -2.6), (6.5, 2.6), (-6.5, 2.6)],
        6 => &[(-2.6, -6.5), (2.6, -6.5), (2.6, 6.5), (-2.6, 6.5)],
        _ => &[
            (-6.0, 0.0),
            (-3.0, -5.2),
            (3.0, -5.2),
            (6.0, 0.0),
            (3.0, 5.2),
            (-3.0, 5.2),
        ],
    };
    html! { path d=(path(points)) {} }
}

/// A straight line.
pub(super) fn line(class: &str, from: (f64, f64), to: (f64, f64)) -> Markup {
    html! { line class=(class) x1=(px(from.0)) y1=(px(from.1)) x2=(px(to.0)) y2=(px(to.1)) {} }
}

/// Which part of a text stands at its coordinate.
#[derive(Debug, Clone, Copy)]
pub(super) enum Anchor {
    Start,
    Middle,
    End,
}

/// A text whose vertical middle is at `y`.
pub(super) fn text(class: &str, anchor: Anchor, x: f64, y: f64, content: &str) -> Markup {
    // By a class of the style sheet, which is a fifth of the attribute: a page has hundreds of these.
    let class = match anchor {
        Anchor::Start => class.to_owned(),
        Anchor::Middle => format!("{class} m"),
        Anchor::End => format!("{class} e"),
    };
    // The shift by a third of the size is the same in every browser; `dominant-baseline` is not.
    html! { text class=(class) x=(px(x)) y=(px(y + 4.0)) { (content) } }
}
