//! The verdicts as lines for a terminal.

use crate::number::{factor, factor_interval};
use crate::paired::{Compared, Purpose};
use crate::visible::visible;
use crate::{Conclusion, Grade, Ratio, Report, Variant, Verdict, Workload};

/// What is compared, with what, the ratio of their times with its interval, and the verdict: a line for each comparison
/// of the paired run, and one for the best of each variant of criterion's against its sequential row. Then the grade of the
/// run, if a control was measured, and what it all comes to.
///
/// # Example
///
/// ```
/// use reports::{Report, verdicts};
///
/// let lines = verdicts(&Report::new(Vec::new(), None));
/// assert!(lines.starts_with("Conclusion: inconclusive"));
/// ```
#[must_use]
pub fn verdicts(report: &Report) -> String {
    let paired = report.paired.iter().flat_map(|paired| &paired.compared);
    let mut lines: Vec<[String; 4]> = paired.map(of_paired).collect();
    for workload in &report.workloads {
        lines.extend(
            workload
                .variants
                .iter()
                .filter_map(|it| of_variant(workload, it)),
        );
    }
    if !lines.is_empty() {
        let heads = ["Time of", "by that of", "Ratio, interval", "Verdict"];
        lines.insert(0, heads.map(str::to_owned));
    }
    let floor = report.paired.as_ref().and_then(|paired| paired.floor);
    let grade = floor.map(|floor| {
        let letter = Grade::of(floor).letter();
        format!(
            "Grade {letter}: a thing differs from itself by {} at most.\n",
            factor(floor)
        )
    });
    let conclusion = Conclusion::of(report).words();
    aligned(&lines) + &grade.unwrap_or_default() + &format!("Conclusion: {conclusion}.\n")
}

fn of_paired(compared: &Compared) -> [String; 4] {
    let verdict = match compared.verdict {
        Verdict::CannotTell(doubt) => format!("{}: {doubt}", compared.verdict.words()),
        verdict => verdict.words().to_owned(),
    };
    let purpose = match compared.purpose {
        Purpose::Control => " (control)",
        Purpose::Confirmatory => "",
        Purpose::Exploratory => " (exploratory)",
    };
    [
        compared.own.label(),
        compared.reference.label(),
        compared
            .effect
            .map_or_else(|| "–".to_owned(), |effect| ratio(effect.ratio)),
        verdict + purpose,
    ]
}

fn of_variant(workload: &Workload, variant: &Variant) -> Option<[String; 4]> {
    let best = variant.best();
    let comparison = best.to_sequential?;
    let name = variant.name.iter().map(|name| format!("{name}: "));
    Some([
        format!(
            "{}, {}{}",
            workload.name,
            name.collect::<String>(),
            best.measurement.label()
        ),
        variant.sequential()?.measurement.label(),
        ratio(comparison.speed.inverse()),
        format!("{} (one launch)", comparison.verdict.words()),
    ])
}

fn ratio(ratio: Ratio) -> String {
    format!(
        "{} ({})",
        factor(ratio.point),
        factor_interval(ratio.low, ratio.high)
    )
}

/// The lines with their columns below each other, two spaces apart, and nothing in them that would steer a terminal.
pub(crate) fn aligned<const COLUMNS: usize>(lines: &[[String; COLUMNS]]) -> String {
    let shown = |line: &[String; COLUMNS]| line.each_ref().map(|text| visible(text));
    let lines: Vec<[String; COLUMNS]> = lines.iter().map(shown).collect();
    let width = |text: &String| text.chars().count();
    let widths: [usize; COLUMNS] = std::array::from_fn(|column| {
        let widths = lines.iter().map(|line| width(&line[column]));
        widths.max().unwrap_or(0)
    });
    let lines = lines.iter().map(|line| {
        let cells = line.iter().zip(widths);
        let padded: Vec<String> = cells
            .map(|(cell, width)| format!("{cell:width$}"))
            .collect();
        format!("{}\n", padded.join("  ").trim_end())
    });
    lines.collect()
}
