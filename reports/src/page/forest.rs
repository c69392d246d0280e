//! The forest plot of a list of comparisons, with its caption and the numbers behind it.

use maud::{Markup, html};

use super::verdict::verdict;
use crate::chart::{Forest, Layout};
use crate::number::{counted, significant};

/// The figure; nothing without comparisons. What is `said` besides follows the count of verdicts.
pub(super) fn figure(forest: &Forest, id: &str, title: &str, said: &str) -> Markup {
    if forest.rows.is_empty() {
        return html! {};
    }
    let found = [counts(forest), said.to_owned(), thinned(forest)].join(" ");
    let found = found.trim_end();
    html! {
        figure.forest {
            @for layout in Layout::BOTH {
                (forest.draw(layout, &format!("{id}-{}", layout.name()), title, found))
            }
            figcaption { (found) }
            details {
                summary { "The numbers behind the chart" }
                (data_table(forest, id, title))
            }
        }
    }
}

/// `Of 3 comparisons 2 are slower and 1 is equivalent.` Controls are no comparisons.
fn counts(forest: &Forest) -> String {
    let verdicts = || {
        forest
            .rows
            .iter()
            .filter(|row| !row.is_control)
            .map(|row| row.verdict)
    };
    let phrases = [
        ("faster", "faster"),
        ("slower", "slower"),
        ("equivalent", "equivalent"),
        ("void", "void"),
        ("can't tell", "not to be told"),
    ];
    let parts = phrases.iter().filter_map(|(verdict, words)| {
        let count = verdicts().filter(|it| it.words() == *verdict).count();
        let are = if count == 1 { "is" } else { "are" };
        (count > 0).then(|| format!("{count} {are} {words}"))
    });
    let parts: Vec<String> = parts.collect();
    match parts.split_last() {
        None => String::new(),
        Some((last, others)) => {
            let all = counted(verdicts().count(), "comparison", "comparisons");
            let and = if others.is_empty() { "" } else { " and " };
            format!("Of {all} {}{and}{last}.", others.join(", "))
        }
    }
}

/// The first are drawn, and the list is in the order in which they matter.
fn thinned(forest: &Forest) -> String {
    let (shown, all) = (forest.shown().len(), forest.rows.len());
    match shown < all {
        true => format!(
            "The chart shows the first {shown} of {all} rows, controls included, and the table below all."
        ),
        false => String::new(),
    }
}

fn data_table(forest: &Forest, id: &str, title: &str) -> Markup {
    let caption = format!("{id}-data");
    html! {
        div.scroll tabindex="0" role="region" aria-labelledby=(caption) {
            table.data {
                caption id=(caption) { span { "Chart data: " (title) ". Time by that of the reference, with its 95 % interval." } }
                thead {
                    tr {
                        th scope="col" { "Comparison" }
                        @for head in ["Ratio", "Interval from", "Interval to"] { th.n scope="col" { (head) } }
                        th scope="col" { "Verdict" }
                    }
                }
                tbody {
                    @for row in forest.shown() {
                        tr {
                            th scope="row" { (row.label) @if row.is_control { " " span.badge { "control" } } }
                            @for value in row.ratio.map_or([None; 3], |it| [it.point, it.low, it.high].map(Some)) {
                                td.n { (value.map_or_else(|| "–".to_owned(), significant)) }
                            }
                            td { (verdict(row.verdict)) }
                        }
                    }
                }
            }
        }
    }
}
