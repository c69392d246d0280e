//! What has changed since a baseline.

use maud::{Markup, html};

use super::fit::RowLimit;
use super::verdict::{verdict, words};
use crate::chart::{Dumbbell, DumbbellRow, Layout};
use crate::number::{counted, factor, factor_interval, signed_percent, significant, time, utc};
use crate::paired::Purpose;
use crate::{Against, Report, Shift, Verdict};

pub(super) const HEADING: &str = "Against the baseline";

/// The section; nothing without a baseline.
pub(super) fn section(report: &Report, limit: RowLimit) -> Markup {
    let Some(against) = &report.against else {
        return html! {};
    };
    html! {
        section id="against" aria-labelledby="against-heading" {
            h2 id="against-heading" { (HEADING) }
            (figure(against, limit))
            (table(against, limit))
            @if !against.differences.is_empty() { (differences(against)) }
            (only("Only the baseline has", &against.gone, limit))
            (only("The baseline has not", &against.new, limit))
        }
    }
}

/// So many changes are drawn at most; the table has more.
const SHOWN: usize = 24;

/// What launches can tell, the gravest change on top; nothing if nothing can be told.
fn figure(against: &Against, limit: RowLimit) -> Markup {
    let family: Vec<&Shift> = against.family().collect();
    if family.is_empty() {
        return html! {};
    }
    let shown = &family[..limit.of(family.len().min(SHOWN))];
    let rows = shown.iter().map(|shift| DumbbellRow {
        label: shift.label.clone(),
        ratio: shift.effect.map(|effect| effect.ratio),
        verdict: shift.verdict,
    });
    let chart = Dumbbell {
        rows: rows.collect(),
        margin: against.margin,
    };
    let title = format!("Times now beside those of {}", against.name);
    let found = finding(against, &family, shown.len());
    html! {
        figure.dumbbell {
            @for layout in Layout::BOTH {
                (chart.draw(layout, &format!("against-{}", layout.name()), &title, &found))
            }
            figcaption { (found) }
            details {
                summary { "The numbers behind the chart" }
                (data_table(shown, &title))
            }
        }
    }
}

/// How many have changed, and which has changed the most.
fn finding(against: &Against, family: &[&Shift], shown: usize) -> String {
    let all = counted(family.len(), "comparison", "comparisons");
    let count = |verdict| family.iter().filter(|it| it.verdict == verdict).count();
    let (slower, faster) = (count(Verdict::Slower), count(Verdict::Faster));
    let gravest = family.first().map(|shift| match shift.effect {
        Some(effect) => format!(
            " The gravest change is on top: {}, {}, {} times its noise.",
            shift.label,
            signed_percent(effect.ratio.point),
            significant(shift.severity())
        ),
        None => format!(" On top is what a wrong answer voids: {}.", shift.label),
    });
    let thinned = match shown < family.len() {
        true => format!(" The chart shows {shown} of {all}."),
        false => String::new(),
    };
    let indicative = match against.is_indicative {
        true => " All of it is indicative: the two were not made on the same processor.",
        false => "",
    };
    format!(
        "Of {all} {slower} became slower and {faster} faster.{}{thinned}{indicative}",
        gravest.unwrap_or_default()
    )
}

fn data_table(shown: &[&Shift], title: &str) -> Markup {
    html! {
        div.scroll tabindex="0" role="region" aria-labelledby="against-data" {
            table.data {
                caption id="against-data" {
                    span {
                        "Chart data: " (title) ". The ratio is the time now by the time then, with its 95 % interval; the noise is "
                        "half of that, and the severity is the change by the noise, both as logarithms."
                    }
                }
                thead {
                    tr {
                        th scope="col" { "Measured then and now" }
                        @for head in ["Ratio", "Interval from", "Interval to", "Then", "Now", "Noise", "Severity"] {
                            th.n scope="col" { (head) }
                        }
                        th scope="col" { "Verdict" }
                    }
                }
                tbody { @for shift in shown { (data_row(shift)) } }
            }
        }
    }
}

fn data_row(shift: &Shift) -> Markup {
    let ratio = shift.effect.map(|effect| effect.ratio);
    let of = |value: Option<f64>, shown: fn(f64) -> String| value.map_or_else(none, shown);
    html! {
        tr {
            th scope="row" { (shift.label) }
            @for value in ratio.map_or([None; 3], |it| [it.point, it.low, it.high].map(Some)) {
                td.n { (of(value, significant)) }
            }
            td.n { (of(shift.then_ns, time)) }
            td.n { (of(shift.now_ns, time)) }
            td.n { (of(shift.noise(), within)) }
            td.n { (of(ratio.map(|_| shift.severity()), significant)) }
            td { (words(shift.verdict)) }
        }
    }
}

/// A factor to either side, as a share.
fn within(noise: f64) -> String {
    format!("±{}\u{a0}%", significant(100.0 * (noise - 1.0)))
}

fn none() -> String {
    "–".to_owned()
}

fn table(against: &Against, limit: RowLimit) -> Markup {
    // A change that decides the exit code is on the page, however small it is beside its noise.
    let is_told = |shift: &Shift| {
        matches!(shift.verdict, Verdict::Slower | Verdict::Faster) || shift.verdict.is_void()
    };
    let shown = limit.shown(&against.shifts, is_told);
    let left_out = limit.said(
        against.shifts.len(),
        "what became slower, faster or void, and then the gravest",
    );
    html! {
        div.scroll tabindex="0" role="region" aria-labelledby="against-table" {
            table.claims {
                caption id="against-table" {
                    span {
                        "The time now by the time then, in " (against.name)
                        @if let Some(when) = against.measured_at { ", measured " (utc(when)) }
                        ". The two runs were not made side by side: what else has changed between them is in the ratios. The "
                        "severity is the change by its own noise, and the gravest stands on top. Equivalent "
                        "is within " (factor(against.margin)) ". p is of the rank-sum test on launches, corrected by Holm. A row "
                        "of criterion's is of one launch, and gets no verdict."
                        (left_out)
                    }
                }
                thead {
                    tr {
                        th scope="col" { "Measured then and now" }
                        th.n scope="col" { "Severity" }
                        th.n scope="col" { "Change" }
                        th.n scope="col" { "Ratio" }
                        th.n scope="col" { "p" }
                        th scope="col" { "Verdict" }
                    }
                }
                tbody { @for shift in shown { (row(shift)) } }
            }
        }
    }
}

fn row(shift: &Shift) -> Markup {
    html! {
        tr {
            th scope="row" {
                (shift.label)
                @if shift.purpose == Purpose::Exploratory { " " span.badge { "one launch" } }
            }
            td.n { @match shift.effect { Some(_) => (significant(shift.severity())), None => "–" } }
            td.n { @match shift.effect { Some(effect) => (signed_percent(effect.ratio.point)), None => "–" } }
            td.n {
                @match shift.effect {
                    Some(effect) => {
                        (factor(effect.ratio.point))
                        span.interval { (factor_interval(effect.ratio.low, effect.ratio.high)) }
                    },
                    None => "–",
                }
            }
            td.n { (significant(shift.corrected_p)) }
            td { (verdict(shift.verdict)) }
        }
    }
}

fn differences(against: &Against) -> Markup {
    html! {
        p { "What differs between the two runs:" }
        dl.facts {
            @for it in &against.differences { div { dt { (it.fact) } dd { (it.then) " → " (it.now) } } }
        }
    }
}

fn only(whose: &str, labels: &[String], limit: RowLimit) -> Markup {
    let shown = limit.of(labels.len());
    html! {
        @if !labels.is_empty() {
            p {
                (whose) ": " (labels[..shown].join("; "))
                @if shown < labels.len() { "; and " (labels.len() - shown) " more" }
                "."
            }
        }
    }
}
