//! The verdicts as lines for a terminal.

use crate::advice::advice;
use crate::number::{factor, factor_interval, signed_percent, utc};
use crate::paired::{Compared, Purpose};
use crate::visible::visible;
use crate::{
    Against, Baseline, Conclusion, Grade, Ratio, Report, Shift, Variant, Verdict, Workload,
};

/// What is compared, with what, the ratio of their times with its interval, and the verdict: a line for each comparison
/// of the paired run, and one for the best of each variant of criterion's against its sequential row. Then what to take, as
/// far as a paired run tells it, the grade of the run, if a control was measured, and what it all comes to. What has
/// changed since a baseline stands before those.
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
    let changes = report.against.as_ref().map(changes);
    let advice = report.paired.iter().flat_map(|_| advice(report));
    let advice: String = advice
        .map(|it| format!("{}: {}\n", it.about, visible(&it.says)))
        .collect();
    let floor = report.paired.as_ref().and_then(|paired| paired.floor);
    let grade = floor.map(|floor| {
        let letter = Grade::of(floor).letter();
        format!(
            "Grade {letter}: a thing differs from itself by {} at most.\n",
            factor(floor)
        )
    });
    let conclusion = Conclusion::of(report).words();
    aligned(&lines)
        + &changes.unwrap_or_default()
        + &advice
        + &grade.unwrap_or_default()
        + &format!("Conclusion: {conclusion}.\n")
}

/// What has changed since a baseline, a line for each thing that both have measured, the gravest first; then what differs
/// besides, and what only one of them has.
#[must_use]
pub fn changes(against: &Against) -> String {
    let name = &against.name;
    let heads = [
        "Changed".to_owned(),
        format!("since {name}"),
        "Ratio, interval".to_owned(),
        "Verdict".to_owned(),
    ];
    let mut lines = vec![heads];
    lines.extend(against.shifts.iter().map(of_shift));
    let differences = against.differences.iter();
    let differences =
        differences.map(|it| format!("{}: {}, and now {}\n", it.fact, it.then, it.now));
    let only = |labels: &[String], here: &str| match labels {
        [] => String::new(),
        labels => format!("Only in {here}: {}.\n", labels.join("; ")),
    };
    let besides = differences.collect::<String>()
        + &only(&against.gone, name)
        + &only(&against.new, "this run");
    let besides: String = besides.lines().map(|line| visible(line) + "\n").collect();
    format!(
        "{}{besides}Not measured side by side; the same is within {}.\n",
        aligned(&lines),
        factor(against.margin)
    )
}

/// Baselines, a line each: when, on what and of which revision they were measured, by how many launches, and how quietly.
#[must_use]
pub fn listed(baselines: &[Baseline]) -> String {
    let mut lines: Vec<[String; 6]> = baselines.iter().map(of_baseline).collect();
    if !lines.is_empty() {
        let heads = [
            "Baseline",
            "Measured",
            "Revision",
            "Launches",
            "Grade",
            "Processor",
        ];
        lines.insert(0, heads.map(str::to_owned));
    }
    aligned(&lines)
}

fn of_baseline(baseline: &Baseline) -> [String; 6] {
    let none = || "–".to_owned();
    let [measured, revision, launches, grade, processor] = match &baseline.report {
        Err(error) => [error.to_string(), none(), none(), none(), none()],
        Ok(report) => {
            let run = report.environment.as_ref();
            let paired = report.paired.as_ref();
            let floor = paired.and_then(|paired| paired.floor);
            [
                run.map_or_else(none, |run| utc(run.started_at)),
                run.map_or_else(none, |run| run.revision.clone()),
                paired.map_or_else(none, |paired| paired.launches.to_string()),
                floor.map_or_else(none, |floor| Grade::of(floor).letter().to_string()),
                run.map_or_else(none, |run| run.cpu.clone()),
            ]
        }
    };
    [
        baseline.name.clone(),
        measured,
        revision,
        launches,
        grade,
        processor,
    ]
}

fn of_shift(shift: &Shift) -> [String; 4] {
    let verdict = match shift.verdict {
        // The same for each row of criterion's, and there are many.
        verdict if shift.purpose == Purpose::Exploratory => {
            format!("{}: one launch", verdict.words())
        }
        Verdict::CannotTell(doubt) => format!("{}: {doubt}", shift.verdict.words()),
        verdict => verdict.words().to_owned(),
    };
    let percent = shift.effect.map(|it| signed_percent(it.ratio.point));
    [
        shift.label.clone(),
        percent.unwrap_or_else(|| "–".to_owned()),
        shift
            .effect
            .map_or_else(|| "–".to_owned(), |effect| ratio(effect.ratio)),
        verdict,
    ]
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
