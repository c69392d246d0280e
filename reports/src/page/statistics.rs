//! Each statistic of the paired runs and of baselines, in two plain sentences.

use maud::{Markup, html};

use crate::{LEAST_LAUNCHES, Report};

/// What it is called, what it says, and what to make of it.
const STATISTICS: [(&str, &str, &str); 23] = [
    (
        "Ratio",
        "The time of the cell by that of its reference, block by block, averaged in each launch by logarithms.",
        "Shown is the pseudo-median of the launches: the middle of the means of all pairs of them.",
    ),
    (
        "95 % interval",
        "The wider of two: a bootstrap that draws launches and then their blocks, and Student's on the launches' means.",
        "Of a hundred such intervals about ninety-five hold the true ratio; the bootstrap alone is too narrow for ten launches.",
    ),
    (
        "p",
        "How often launches that lie on either side of 1 by chance would lean as far to one side, by the exact signed-rank test.",
        "Small is surprising; it says nothing about how large the difference is.",
    ),
    (
        "Smallest p",
        "With n launches no p can be below 2 to the power of 1 − n, however clear the difference.",
        "So six launches are the least that can show one at five per cent, and many comparisons need more.",
    ),
    (
        "Holm's correction",
        "Whoever asks often is misled by chance once in a while, so the p of the declared comparisons are raised together.",
        "With it the chance of even one false alarm among them stays below five per cent.",
    ),
    (
        "Benjamini and Hochberg's correction",
        "What was not declared before the run is exploratory, and its p are raised together, too, but less: the largest not at all.",
        "Of those that are then called faster or slower, one in twenty is expected to be neither.",
    ),
    (
        "Control and floor",
        "A thing is measured twice under two names, and should not differ from itself.",
        "By how much it may, going by its interval, is the floor: no smaller difference is believed.",
    ),
    (
        "Difference that would have been found",
        "The smallest that simulated runs with the same deviation between launches, p that is needed and floor find in 80 of 100.",
        "Where a verdict can't be told, a difference well beyond it is unlikely, and a smaller one may be there unseen.",
    ),
    (
        "Grade",
        "A is a floor below 2 %, B below 5 %, C below 10 %, and D is above that.",
        "A run of grade D can only tell large differences.",
    ),
    (
        "Equivalent",
        "The whole 90 % interval lies within the margin, which is five per cent or the floor, whichever is more.",
        "A difference that matters is ruled out, which is more than not having found one.",
    ),
    (
        "Serial fraction",
        "The share of the work that seems to run on one worker only, by Karp and Flatt, from the speed-up.",
        "If it grows with the workers, it is overhead and no serial work.",
    ),
    (
        "Calibrator",
        "A fixed loop of whole numbers on one thread, timed at both ends of each block.",
        "It does the same work each time, so what changes is the machine.",
    ),
    (
        "Disturbed",
        "The machine below took time, the group was throttled, switches were five deviations above the cell's median, or the calibrators on either side differ by more than 5 % and by five deviations more than the median of the run.",
        "Such visits stand out and are counted, but stay in the data, because to drop what looks bad is to choose the result; that a machine is loud as a whole is for the grade and the calibrator's figure to say.",
    ),
    (
        "Order matters",
        "The times of a cell resemble those before them more than in random orders of the same times, by their correlation and their runs.",
        "Then something changed while the run lasted, and launches or blocks are not as independent as an interval takes them to be.",
    ),
    (
        "Several modes",
        "The times of sixty visits or more fall into two groups, of which one is at least a quarter longer, by the excess mass of a second interval, which is twice the dip.",
        "The median is of one group, and which one that is may change from run to run, so a ratio to such a cell tells what was usual in this one.",
    ),
    (
        "Launches' share",
        "How much of the variance of a launch's mean is between launches, after Kalibera and Jones, rather than between its blocks.",
        "Where it is large more blocks do not help, and more launches do.",
    ),
    (
        "Percentile of waits",
        "The wait that so many of a hundred tasks did not exceed, of the tasks of all launches together.",
        "It is told only where ten tasks or more lie beyond it, with an interval by order statistics.",
    ),
    (
        "Open load",
        "Tasks are due when a schedule says so, at random moments of a fixed rate, whether or not the others are done.",
        "A wait is counted from then, so a stall shows in all the tasks that it has kept waiting.",
    ),
    (
        "Fixed and marginal cost",
        "Where the line through the times of more and more tasks begins, and how steep it is, each error relative to its time.",
        "The first is what it costs to queue any, the second what each one costs.",
    ),
    (
        "Efficiency",
        "The ideal time by the time it takes, where the ideal is made from what one worker of the same backend takes.",
        "It can't stay high where there are more workers than cores.",
    ),
    (
        "Universal Scalability Law",
        "A curve through the times on at least six worker counts, by the share that waits and by what each pair costs to agree.",
        "Its intervals are of fits to launches drawn with replacement; with fewer counts it would fit whatever was measured, and is not fitted.",
    ),
    (
        "Change since a baseline",
        "The middle of all ratios of a launch now to a launch then, with the wider of a bootstrap's and Welch's interval.",
        "The two runs were not made side by side, so whatever else has changed between them is in it.",
    ),
    (
        "p of a change",
        "How often two lists of launches that are alike would lie as far apart, by the exact rank-sum test, raised as Holm has it.",
        "It is asked of launches and not of criterion's samples, which all come from one.",
    ),
];

/// The statistics; nothing if the page shows none of them.
pub(super) fn list(report: &Report) -> Markup {
    if report.paired.is_none() && report.against.is_none() {
        return html! {};
    }
    html! {
        h3 { "The statistics of paired runs" }
        p {
            "A verdict takes " (LEAST_LAUNCHES) " launches at least, fresh processes each, in which the cells are visited block by "
            "block, in random order and then in its mirror. It is faster or slower if the interval lies on one side of 1, the "
            "raised p is at most 5 %, and the ratio is beyond the floor; equivalent if it is; and otherwise it can't be told."
        }
        dl.facts {
            @for (name, says, means) in STATISTICS { div { dt { (name) } dd { (says) " " (means) } } }
        }
        @if let Some(run) = &report.run {
            p { "The seed of the orders and of the bootstrap is " (run.seed) ". " (run.launches) " launches of " (run.blocks)
                " blocks were meant to be." }
        }
    }
}
