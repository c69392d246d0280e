//! How the numbers came about, how to get them again, and what the words mean.

use maud::{Markup, html};

use super::statistics;
use crate::number::significant;
use crate::{MIN_SAMPLES, Report};

pub(super) fn section(report: &Report) -> Markup {
    let level = levels(report);
    let command = report
        .environment
        .as_ref()
        .map_or("cargo bench", |run| &run.command);
    html! {
        section.method id="method" aria-labelledby="method-heading" {
            h2 id="method-heading" { "Method" }
            ul {
                li {
                    strong { "Time. " }
                    "Criterion runs each benchmark many times and keeps samples. The time shown is the median of criterion's "
                    "samples with its " (level) " bootstrap interval, both per run."
                }
                li {
                    strong { "Ratios. " }
                    "A ratio is the quotient of two medians. Its interval holds every ratio that the two intervals allow: the "
                    "lower end of one over the upper end of the other, and the other way round. That is wider than it need be, "
                    "so it errs towards calling things level."
                }
                li {
                    strong { "Verdicts. " }
                    "Faster or slower is said only when the whole interval of the ratio lies on one side of 1, at least half a "
                    "per cent away. Otherwise the row says level: these data cannot tell the two apart, "
                    "which is not a proof that they are equal. With fewer than " (MIN_SAMPLES) " samples no interval of a "
                    "median reaches 95 %, so no verdict is given."
                }
                li {
                    strong { "What the intervals do not cover. " }
                    "All samples of one of criterion's rows come from one launch of one program, and rows were measured one after another. "
                    "Whatever else the machine did meanwhile, and whatever changes from launch to launch, is not in the "
                    "intervals. A difference of a few per cent deserves a second run before it is believed."
                }
                li {
                    strong { "Earlier runs. " }
                    "Criterion keeps the last samples of each benchmark. Those written before the recorded run started are "
                    "marked, and compared only with each other."
                }
            }
            (statistics::list(report))
            p { "To repeat the measurements: " code { (command) } ". To make this page again from the same data: "
                code { "cargo run -p reports" } ", or from its results alone: "
                code { "cargo run -p reports -- --results results.json" } "." }
        }
    }
}

fn levels(report: &Report) -> String {
    let mut levels: Vec<String> = report
        .rows()
        .map(|row| significant(row.measurement.median.level * 100.0))
        .map(|level| {
            format!(
                "{}\u{a0}%",
                level.trim_end_matches('0').trim_end_matches('.')
            )
        })
        .collect();
    levels.sort();
    levels.dedup();
    levels.join(" or ")
}

/// The page's words, each in a sentence.
pub(super) fn glossary() -> Markup {
    const WORDS: [(&str, &str); 15] = [
        (
            "Backend",
            "The way the work is run: sequential, threads, processes, rayon, or another library's pool.",
        ),
        (
            "Baseline",
            "Results that were saved under a name, to be compared with later ones.",
        ),
        ("Best", "The row of its table with the shortest median."),
        (
            "Block",
            "One visit to every cell of a paired run, in random order. The next block is its mirror, so that drift cancels.",
        ),
        (
            "Cell",
            "A workload on a backend with so many workers at one size: what a paired run visits.",
        ),
        (
            "Control",
            "A counter that nothing protects. It has to lose increments, or else the others prove nothing.",
        ),
        (
            "Interval",
            "The range in which the true median of these samples plausibly lies. The narrower, the surer.",
        ),
        (
            "Launch",
            "A fresh process with its blocks. Launches differ more than the samples of one do, so they are the evidence.",
        ),
        (
            "Level",
            "The interval of the ratio contains 1 or nearly does, so the data cannot tell which of the two is faster.",
        ),
        (
            "Log scale",
            "Equal distances are equal ratios: from 1 to 10 is as far as from 10 to 100.",
        ),
        (
            "Margin",
            "Up to which ratio two times are the same for practical purposes.",
        ),
        (
            "Median",
            "The middle sample: half are faster, half are slower. A few disturbed samples do not move it.",
        ),
        (
            "Sequential",
            "The same work done by one thread in a plain loop, without any pool. The reference.",
        ),
        (
            "Worker",
            "A thread or a process that runs tasks one after another.",
        ),
        (
            "Workload",
            "A named computation with a checkable answer, measured at one or more settings.",
        ),
    ];
    html! {
        section id="glossary" aria-labelledby="glossary-heading" {
            h2 id="glossary-heading" { "Glossary" }
            dl.facts { @for (word, meaning) in WORDS { div { dt { (word) } dd { (meaning) } } } }
        }
    }
}
