//! The comparison of a variant's rows: time, ratio to sequential, ratio to the best.

use maud::{Markup, html};

use crate::number::{factor, factor_interval, time, time_interval};
use crate::{Comparison, Parameter, Ratio, Row, RowVerdict, Variant};

pub(super) fn table(variant: &Variant, id: &str, name: &str) -> Markup {
    let caption = format!("{id}-table");
    let element = variant.best().measurement.element_name();
    let has = |test: fn(&Row) -> bool| variant.rows.iter().any(test);
    let columns = Columns {
        workers: has(|row| row.measurement.parameter != Parameter::None),
        are_counts: !has(|row| matches!(row.measurement.parameter, Parameter::Other(_))),
        per_element: has(|row| row.measurement.elements.is_some_and(|n| n > 1)),
        sequential: has(|row| row.measurement.is_sequential()),
    };
    html! {
        div.scroll tabindex="0" role="region" aria-labelledby=(caption) {
            table {
                caption id=(caption) { span { "Comparison: " (name) ". " (one_run(variant, element)) (level(variant)) } }
                thead {
                    tr {
                        th scope="col" { "Backend" }
                        @if columns.workers { th.n[columns.are_counts] scope="col" { (columns.parameter()) } }
                        th.n scope="col" { "Time of one run" }
                        @if columns.per_element { th.n scope="col" { "Per " (element) } }
                        @if columns.sequential { th.n scope="col" { "Speed, sequential = 1" } }
                        th.n scope="col" { "Time, best = 1" }
                        th.n scope="col" { "Samples" }
                    }
                }
                tbody { @for row in &variant.rows { (row_markup(row, &columns)) } }
            }
        }
    }
}

/// Columns that not every variant has.
struct Columns {
    workers: bool,
    /// Whether those are numbers of workers, and nothing else.
    are_counts: bool,
    per_element: bool,
    sequential: bool,
}

impl Columns {
    /// What tells the rows of a backend apart.
    fn parameter(&self) -> &'static str {
        match self.are_counts {
            true => "Workers",
            false => "Way",
        }
    }
}

fn row_markup(row: &Row, columns: &Columns) -> Markup {
    let m = &row.measurement;
    let median = m.median;
    html! {
        tr.best[row.to_best.is_none()] {
            th scope="row" {
                (m.backend)
                @if row.earlier { " " span.badge { "earlier run" } }
            }
            @if columns.workers { td.n[columns.are_counts] { (parameter(&m.parameter)) } }
            td.n {
                (time(median.point_ns))
                span.interval { (time_interval(median.point_ns, median.low_ns, median.high_ns)) }
            }
            @if columns.per_element {
                td.n {
                    @match m.elements {
                        Some(elements) => (time(median.point_ns / elements as f64)),
                        None => "–",
                    }
                }
            }
            @if columns.sequential {
                td.n {
                    @match row.to_sequential {
                        Some(comparison) => (ratio(comparison.speed, comparison)),
                        None => "1.00 (reference)",
                    }
                }
            }
            td.n {
                @match row.to_best {
                    Some(comparison) => (ratio(comparison.speed.inverse(), comparison)),
                    None => "1.00 (best)",
                }
            }
            td.n { (m.samples_ns.len()) }
        }
    }
}

fn parameter(parameter: &Parameter) -> String {
    match parameter {
        Parameter::None => "–".to_owned(),
        Parameter::Workers(count) => count.to_string(),
        Parameter::Other(text) => text.clone(),
    }
}

/// The ratio, the verdict in shape, word and colour, and the interval that decided it.
pub(super) fn ratio(shown: Ratio, comparison: Comparison) -> Markup {
    let verdict = comparison.verdict;
    let class = match verdict {
        RowVerdict::Faster => "faster",
        RowVerdict::Slower => "slower",
        RowVerdict::Level | RowVerdict::TooFewSamples | RowVerdict::DifferentRuns => "level",
    };
    html! {
        (factor(shown.point)) " "
        span class=(format!("verdict {class}")) { span aria-hidden="true" { (verdict.shape()) " " } (verdict.words()) }
        span.interval { (factor_interval(shown.low, shown.high)) }
    }
}

/// What "level" means, where a row says so: its interval may just miss 1.
fn level(variant: &Variant) -> &'static str {
    let comparisons = |row: &Row| [row.to_sequential, row.to_best];
    let is_level = |comparison: Comparison| comparison.verdict == RowVerdict::Level;
    let mut all = variant.rows.iter().flat_map(comparisons).flatten();
    if all.any(is_level) {
        " Level: the interval comes within half a per cent of 1."
    } else {
        ""
    }
}

fn one_run(variant: &Variant, element: &str) -> String {
    let mut elements: Vec<u64> = variant
        .rows
        .iter()
        .filter_map(|row| row.measurement.elements)
        .collect();
    elements.sort_unstable();
    elements.dedup();
    match elements.as_slice() {
        [] | [1] => String::new(),
        [count] => format!("One run is {count} {element}s."),
        _ => format!("Runs differ in their number of {element}s."),
    }
}
