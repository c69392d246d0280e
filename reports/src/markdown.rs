//! `summary.md`: the report's verdicts as Markdown, to paste into a discussion.

use crate::advice::{Advice, advice};
use crate::finding::finding;
use crate::number::{factor, factor_interval, time, utc};
use crate::paired::said::scaled;
use crate::summary::{outcome, reach, standing};
use crate::tutorial::{Answer, Tested, words};
use crate::visible::visible;
use crate::{
    Against, Conclusion, Environment, Grade, Judged, Ratio, Report, Settled, Verdict, Warning,
    Workload,
};

/// The report in Markdown: what it comes to, the warnings, what to take, the machine, the paired verdicts, the figures to
/// reach, the statements, and the finding of each workload.
///
/// # Example
///
/// ```
/// use reports::{Report, markdown};
///
/// assert!(markdown(&Report::new(Vec::new(), None)).starts_with("# Performance report\n"));
/// ```
#[must_use]
pub fn markdown(report: &Report) -> String {
    let mut parts = vec![
        "# Performance report".to_owned(),
        format!("Conclusion: {}.", Conclusion::of(report).words()),
    ];
    let floor = report.paired.as_ref().and_then(|paired| paired.floor);
    parts.extend(floor.map(|floor| {
        let letter = Grade::of(floor).letter();
        format!(
            "Grade {letter}: a thing differs from itself by {} at most.",
            factor(floor)
        )
    }));
    let warnings = Warning::all(report);
    parts.extend(
        warnings
            .iter()
            .map(|it| format!("**{}.** {}", it.about, text(&it.text))),
    );
    parts.push(section(
        "What to take",
        advice(report).iter().map(advised).collect(),
    ));
    parts.extend(report.environment.as_ref().map(machine));
    parts.extend(
        report
            .paired
            .as_ref()
            .map(|paired| section("Paired runs", paired.markdown())),
    );
    parts.push(section("Scaling", scaling(report)));
    parts.extend(report.against.as_ref().map(changes));
    let claims: String = report.claims.iter().map(claim).collect();
    parts.push(section("Figures to reach", under(
        "| Figure | Time | Ratio to the reference | To reach | Outcome |\n|---|---|---|---|---|\n",
        claims,
    )));
    let settled = report
        .counted
        .iter()
        .flat_map(|counted| &counted.statements);
    parts.push(section(
        "The shared counter",
        settled.map(statement).collect(),
    ));
    parts.push(section(
        "What the tutorials claim",
        under(
            "| Claim | Verdict | On CPython | In Rust |\n|---|---|---|---|\n",
            report.tutorial().iter().map(answer).collect(),
        ),
    ));
    parts.push(section(
        "Criterion's rows",
        report.workloads.iter().map(workload).collect(),
    ));
    parts.retain(|part| !part.is_empty());
    parts.join("\n\n") + "\n"
}

/// A name in which nothing is Markdown, and nothing can end its cell or its line.
pub(crate) fn text(name: &str) -> String {
    let mut shown = String::with_capacity(name.len());
    for character in visible(name).chars() {
        if "\\`*_<>[]|#~".contains(character) {
            shown.push('\\');
        }
        shown.push(character);
    }
    shown
}

fn section(heading: &str, content: String) -> String {
    match content.trim_end() {
        "" => String::new(),
        content => format!("## {heading}\n\n{content}"),
    }
}

fn advised(advice: &Advice) -> String {
    format!("* {}: {}\n", advice.about, text(&advice.says))
}

fn under(heads: &str, lines: String) -> String {
    match lines.is_empty() {
        true => lines,
        false => heads.to_owned() + &lines,
    }
}

fn machine(run: &Environment) -> String {
    let cores = run
        .available_cores
        .map(|cores| format!(", {cores} cores available"));
    let changes = if run.dirty == Some(true) {
        " with uncommitted changes"
    } else {
        ""
    };
    format!(
        "{}{}; {}; {}; revision {}{changes}; measured {} by {}",
        text(&run.cpu),
        cores.unwrap_or_default(),
        text(&run.kernel),
        text(&run.toolchain),
        text(&run.revision),
        utc(run.started_at),
        text(&run.command),
    )
}

/// How backends do on as many workers as there are cores.
fn scaling(report: &Report) -> String {
    let cores = report
        .environment
        .as_ref()
        .and_then(|run| run.available_cores);
    let most = cores.and_then(|cores| u32::try_from(cores).ok());
    let scalings = report.paired.as_ref().map_or(&[][..], |it| &it.scalings);
    let said = [false, true].map(|is_weak| scaled(scalings, is_weak, most.unwrap_or(u32::MAX)));
    let said = said.iter().filter(|it| !it.is_empty());
    said.map(|it| format!("* {}\n", text(it))).collect()
}

fn changes(against: &Against) -> String {
    let lines = against.shifts.iter().map(|shift| {
        let ratio = shift
            .effect
            .map_or_else(|| "–".to_owned(), |effect| ratio(effect.ratio));
        let words = match shift.verdict {
            Verdict::CannotTell(doubt) => format!("{}: {doubt}", shift.verdict.words()),
            verdict => verdict.words().to_owned(),
        };
        format!("| {} | {ratio} | {words} |\n", text(&shift.label))
    });
    let heads = "| Measured then and now | Time now by the time then | Verdict |\n|---|---|---|\n";
    let heading = format!("Against the baseline {}", text(&against.name));
    section(&heading, under(heads, lines.collect()))
}

fn ratio(ratio: Ratio) -> String {
    format!(
        "{} ({})",
        factor(ratio.point),
        factor_interval(ratio.low, ratio.high)
    )
}

fn claim(judged: &Judged) -> String {
    let median = judged.median;
    let ratio = judged.ratio.map_or_else(|| "–".to_owned(), ratio);
    let earlier = if judged.earlier { " (earlier run)" } else { "" };
    let (shape, words) = outcome(judged.outcome);
    format!(
        "| {}{earlier} | {} | {ratio} | {} | {shape} {words} |\n",
        text(&judged.claim.figure),
        time(median.point_ns),
        reach(judged.claim.reach),
    )
}

fn statement(settled: &Settled) -> String {
    let (shape, words) = standing(settled.standing);
    let line = format!(
        "{}: {shape} {words}. {}",
        text(&settled.text),
        text(&settled.numbers)
    );
    format!("* {}\n", line.trim_end())
}

fn answer(answer: &Answer) -> String {
    let of = |standing| {
        let (shape, words) = words(standing);
        format!("{shape} {words}")
    };
    let side = |tested: &Tested| format!("{}. {}", of(tested.standing), text(&tested.says));
    let claim = format!("{}: {}", answer.claim.number, answer.claim.text);
    format!(
        "| {} | {} | {} | {} |\n",
        text(&claim),
        of(answer.standing()),
        side(&answer.on_cpython),
        side(&answer.in_rust)
    )
}

fn workload(workload: &Workload) -> String {
    let variants = workload.variants.iter().map(|variant| {
        let name = variant
            .name
            .iter()
            .map(|name| format!(", {}", name.replace('/', ", ")));
        let name = workload.name.clone() + &name.collect::<String>();
        format!("* {}: {}\n", text(&name), text(&finding(variant)))
    });
    variants.collect()
}
