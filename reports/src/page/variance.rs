//! Where the variance of the declared comparisons is, and what would narrow their intervals.

use maud::{Markup, html};

use super::paired::against;
use crate::number::{counted, significant};
use crate::paired::{Analysis, Compared, Purpose};
use crate::statistics::{VarianceSplit, median};

/// To this share of its width, or hardly less, twice the blocks do not narrow an interval.
const IN_VAIN: f64 = 0.95;

/// To this share or less twice the blocks narrow an interval nearly as much as twice the launches, which is to 0.71.
const AS_GOOD: f64 = 0.8;

/// The advice and the table; nothing if no declared comparison was repeated.
pub(super) fn part(analysis: &Analysis) -> Markup {
    let declared = analysis.compared.iter();
    let declared = declared.filter(|it| it.purpose != Purpose::Exploratory);
    let splits = declared.filter_map(|it| Some((it, it.variance?)));
    let splits: Vec<(&Compared, VarianceSplit)> = splits.collect();
    let Some(advice) = advice(&splits) else {
        return html! {};
    };
    html! {
        h3 { "What would narrow the intervals" }
        p { (advice) }
        (table(&splits))
    }
}

fn advice(splits: &[(&Compared, VarianceSplit)]) -> Option<String> {
    let middle = |of: fn(&VarianceSplit) -> f64| {
        median(
            &mut splits
                .iter()
                .map(|(_, split)| of(split))
                .collect::<Vec<f64>>(),
        )
    };
    let share = middle(VarianceSplit::launch_share)?;
    let narrowed = middle(VarianceSplit::with_twice_the_blocks)?;
    let advice = match narrowed {
        IN_VAIN.. => "more launches would help, more blocks would not",
        ..=AS_GOOD => "more blocks would help nearly as much as more launches, and cost less",
        _ => "more launches would help, more blocks would help less",
    };
    Some(format!(
        "Of the variance of a launch's mean {}\u{a0}% is between launches, at the median of {}. Twice the launches narrow an \
         interval to 70.7\u{a0}% of its width, and twice the blocks to {}\u{a0}%: {advice}.",
        significant(100.0 * share),
        counted(splits.len(), "declared comparison", "declared comparisons"),
        significant(100.0 * narrowed),
    ))
}

fn table(splits: &[(&Compared, VarianceSplit)]) -> Markup {
    html! {
        div.scroll tabindex="0" role="region" aria-labelledby="variance" {
            table.claims {
                caption id="variance" {
                    span {
                        "The variance of the log ratios of the declared comparisons, split between launches and the blocks of one. "
                        "The deviations are those of the ratio, in per cent."
                    }
                }
                thead {
                    tr {
                        th scope="col" { "Comparison" }
                        @for head in [
                            "Deviation between launches", "Deviation between blocks", "Launches' share",
                            "Width with twice the blocks",
                        ] { th.n scope="col" { (head) } }
                    }
                }
                tbody {
                    @for (compared, split) in splits {
                        tr {
                            th scope="row" {
                                (against(compared))
                                @if compared.purpose == Purpose::Control { " " span.badge { "control" } }
                            }
                            @for share in [
                                split.launches.sqrt(), split.blocks.sqrt(), split.launch_share(), split.with_twice_the_blocks(),
                            ] { td.n { (significant(100.0 * share)) " %" } }
                        }
                    }
                }
            }
        }
    }
}
