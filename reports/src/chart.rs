//! Charts as SVG, drawn by hand so that colours follow the theme and every mark has a text.
//!
//! A chart is drawn twice, for wide and for narrow screens; the style shows one. Shrinking a wide chart to a phone
//! would shrink its text below what can be read.

mod curves;
mod dots;
mod dumbbell;
mod efficiency;
mod forest;
mod lines;
mod marks;
mod names;
mod run_order;
mod scale;

pub(crate) use curves::{Axis, Curve, CurveMark, Curves, Tick};
pub(crate) use dots::{Dot, Dots};
pub(crate) use dumbbell::{Dumbbell, DumbbellRow};
pub(crate) use efficiency::Efficiency;
pub(crate) use forest::{Forest, ForestRow};
use maud::{Markup, html};
pub(crate) use run_order::RunOrder;

use crate::number::{TimeUnit, time, time_interval};
use crate::report::is_scaling;
use crate::{Estimate, Report, Variant};

/// For which screens a chart is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Layout {
    Wide,
    Narrow,
}

impl Layout {
    pub(crate) const BOTH: [Self; 2] = [Self::Wide, Self::Narrow];

    /// Width of the drawing in its own units, which are pixels at the narrowest screen it is shown on.
    fn width(self) -> f64 {
        match self {
            Self::Wide => 720.0,
            Self::Narrow => 320.0,
        }
    }

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Wide => "wide",
            Self::Narrow => "narrow",
        }
    }
}

/// What a chart is drawn from.
pub(crate) struct Chart<'a> {
    pub(crate) report: &'a Report,
    pub(crate) variant: &'a Variant,
    /// The one unit of its axis and of the table behind it.
    pub(crate) unit: TimeUnit,
}

impl<'a> Chart<'a> {
    pub(crate) fn new(report: &'a Report, variant: &'a Variant) -> Self {
        let medians = || variant.rows.iter().map(|row| row.measurement.median);
        let smallest = medians().map(|m| m.point_ns).fold(f64::INFINITY, f64::min);
        let largest = medians().map(|m| m.point_ns).fold(0.0, f64::max);
        Self {
            report,
            variant,
            unit: TimeUnit::shared(smallest, largest),
        }
    }

    /// What kind of chart it is, in words.
    pub(crate) fn kind(&self) -> &'static str {
        match is_scaling(self.variant) {
            true => "Time of one run against the number of workers",
            false => "Time of one run by backend",
        }
    }

    /// The drawing; `id` is unique on the page, `title` and `description` are its text alternative.
    pub(crate) fn draw(&self, layout: Layout, id: &str, title: &str, description: &str) -> Markup {
        if !is_scaling(self.variant) {
            return self.dots().draw(layout, id, title, description);
        }
        let (height, content) = lines::draw(self, layout);
        svg(layout, id, title, description, height, &content)
    }

    fn dots(&self) -> Dots {
        let rows = self.variant.rows.iter().map(|row| Dot {
            label: row.measurement.label(),
            slot: self.report.slot(&row.measurement),
            estimate: row.measurement.median,
        });
        Dots {
            rows: rows.collect(),
            of: "time of one run",
            unit: self.unit,
        }
    }

    /// The axis's range: every end of every interval.
    fn ends(&self) -> impl Iterator<Item = f64> {
        let medians = self.variant.rows.iter().map(|row| row.measurement.median);
        medians.flat_map(|m| [m.low_ns, m.point_ns, m.high_ns])
    }

    fn axis_title(&self) -> String {
        format!(
            "time of one run, {} (log scale, less is better)",
            self.unit.symbol()
        )
    }
}

/// A drawing of that height with its text alternative.
fn svg(
    layout: Layout,
    id: &str,
    title: &str,
    description: &str,
    height: f64,
    content: &Markup,
) -> Markup {
    let (title_id, description_id) = (format!("{id}-title"), format!("{id}-desc"));
    html! {
        svg class=(format!("chart {}", layout.name())) role="img"
            aria-labelledby=(format!("{title_id} {description_id}"))
            viewBox=(format!("0 0 {} {}", marks::px(layout.width()), marks::px(height))) {
            title id=(title_id) { (title) }
            desc id=(description_id) { (description) }
            (content)
        }
    }
}

/// The text of one mark, shown by browsers on hovering.
fn mark_text(label: &str, estimate: Estimate) -> String {
    let Estimate {
        point_ns,
        low_ns,
        high_ns,
        ..
    } = estimate;
    let interval = time_interval(point_ns, low_ns, high_ns);
    format!("{label}: {} ({interval})", time(point_ns))
}

/// The text cut to so many characters, with an ellipsis; the full text stands in the table behind the chart.
fn cut(text: &str, limit: usize) -> String {
    if text.chars().count() <= limit {
        return text.to_owned();
    }
    let kept: String = text.chars().take(limit.saturating_sub(1)).collect();
    format!("{}…", kept.trim_end())
}
