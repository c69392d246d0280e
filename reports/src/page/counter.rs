//! The shared counter: what each row should have shown, what it did, and what that says.

use maud::{Markup, html};

use super::table::ratio;
use crate::number::{grouped, time, time_interval};
use crate::summary::standing;
use crate::{Counted, CountedRow, Report, Settled, Standing};

pub(super) const HEADING: &str = "The shared counter";

/// The section; nothing if nothing was counted.
pub(super) fn section(report: &Report) -> Markup {
    let Some(counted) = &report.counted else {
        return html! {};
    };
    html! {
        section id="shared-counter" aria-labelledby="shared-counter-heading" {
            h2 id="shared-counter-heading" { (HEADING) }
            @if !counted.statements.is_empty() {
                ul.answers { @for settled in &counted.statements { (statement(settled)) } }
            }
            (table(counted))
        }
    }
}

pub(super) fn statement(settled: &Settled) -> Markup {
    let (shape, words) = standing(settled.standing);
    let class = match settled.standing {
        Standing::Confirmed => "faster",
        Standing::Refuted => "slower",
        Standing::NotConfirmed | Standing::NotMeasured => "level",
    };
    html! {
        li {
            (settled.text) ": "
            span class=(format!("verdict {class}")) { span aria-hidden="true" { (shape) " " } (words) }
            "."
            @if !settled.numbers.is_empty() { " " (settled.numbers) }
        }
    }
}

fn table(counted: &Counted) -> Markup {
    let has_reference = counted.has_reference();
    let reference = counted.reference.label();
    html! {
        div.scroll tabindex="0" role="region" aria-labelledby="shared-counter-table" {
            table.claims {
                caption id="shared-counter-table" {
                    span {
                        "Increments made, and what the counters showed, in all runs of a row together, warm-up and all. "
                        "Only a control, which nothing protects, may lose any; it stops at the first round that has. "
                        "The time of one increment is the median by criterion, below."
                        @if !has_reference { " There is no ratio: " (reference) " was not measured." }
                    }
                }
                thead {
                    tr {
                        th scope="col" { "Counter" }
                        th.n scope="col" { "Expected" }
                        th.n scope="col" { "Got" }
                        th.n scope="col" { "Lost" }
                        th.n scope="col" { "One increment" }
                        @if has_reference { th.n scope="col" { "Time, " (reference) " = 1" } }
                    }
                }
                tbody { @for row in &counted.rows { (row_markup(row, counted, has_reference)) } }
            }
        }
    }
}

fn row_markup(row: &CountedRow, counted: &Counted, has_reference: bool) -> Markup {
    let count = &row.count;
    html! {
        tr {
            th scope="row" { (count.row.label()) }
            td.n { (grouped(&count.expected.to_string())) }
            td.n { (grouped(&count.got.to_string())) }
            td.n { (lost(row)) }
            td.n {
                @match row.increment {
                    Some(one) => {
                        (time(one.point_ns))
                        span.interval { (time_interval(one.point_ns, one.low_ns, one.high_ns)) }
                    },
                    None => "–",
                }
            }
            @if has_reference {
                td.n {
                    @match row.to_reference {
                        Some(comparison) => (ratio(comparison.speed.inverse(), comparison)),
                        None if count.row == counted.reference => "1.00 (reference)",
                        None => "–",
                    }
                }
            }
        }
    }
}

/// How many, and what is wrong with that, or where it stopped.
fn lost(row: &CountedRow) -> Markup {
    let count = &row.count;
    let lost = count.lost();
    let number = grouped(&lost.unsigned_abs().to_string());
    html! {
        @if lost < 0 { "−" }
        (number)
        @if count.is_wrong() {
            " " span.verdict.slower { span aria-hidden="true" { "✗ " } "wrong" }
        }
        @if let Some(span) = count.span_ns { span.interval { "after " (time(span)) } }
    }
}
