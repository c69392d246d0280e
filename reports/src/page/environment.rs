//! The machine and the run, as a list of facts.

use maud::{Markup, html};

use crate::number::{bytes, span, tick, utc};
use crate::{Environment, LoadAverage, Report};

pub(super) fn section(report: &Report) -> Markup {
    html! {
        section id="environment" aria-labelledby="environment-heading" {
            h2 id="environment-heading" { "Environment" }
            @match &report.environment {
                None => p.notice {
                    strong { "Not recorded. " }
                    "There is no record of the machine, the toolchain and the time of these measurements. "
                    "Whatever they show may not hold elsewhere."
                },
                Some(run) => {
                    @let facts = facts(run);
                    dl.facts { @for (name, value) in &facts { div { dt { (name) } dd { (value) } } } }
                    (pasteable(&facts))
                },
            }
        }
    }
}

/// Start of the run, and how long it took if that is known.
pub(super) fn when(run: &Environment) -> String {
    let started = utc(run.started_at);
    match run.ended_at.and_then(|end| end.checked_sub(run.started_at)) {
        Some(seconds) => format!("{started}, in {}", span(seconds)),
        None => started,
    }
}

/// The facts as plain text, to select and paste where people ask on what it was measured.
fn pasteable(facts: &[(&str, String)]) -> Markup {
    let lines: Vec<String> = facts
        .iter()
        .map(|(name, value)| format!("{name}: {value}"))
        .collect();
    html! {
        details.paste {
            summary { "The same as text, to paste" }
            pre { (lines.join("\n")) }
        }
    }
}

fn facts(run: &Environment) -> Vec<(&str, String)> {
    let unknown = || "unknown".to_owned();
    let cores = match (run.logical_cores, run.available_cores) {
        (Some(all), Some(available)) => format!("{all} logical, {available} available to the run"),
        (Some(all), None) => format!("{all} logical"),
        (None, Some(available)) => format!("{available} available to the run"),
        (None, None) => unknown(),
    };
    let revision = match run.dirty {
        Some(true) => format!("{}, with uncommitted changes", run.revision),
        Some(false) => format!("{}, nothing uncommitted", run.revision),
        None => run.revision.clone(),
    };
    let load = match (run.load_at_start, run.load_at_end) {
        (Some(start), Some(end)) => {
            format!("{} at the start, {} at the end", load(start), load(end))
        }
        (Some(start), None) => format!("{} at the start", load(start)),
        (None, Some(end)) => format!("{} at the end", load(end)),
        (None, None) => unknown(),
    };
    let known = [
        ("Processor", run.cpu.clone()),
        ("Cores", cores),
        ("Memory", run.memory_bytes.map_or_else(unknown, bytes)),
        ("Kernel", run.kernel.clone()),
        ("System", run.os.clone()),
        ("Toolchain", run.toolchain.clone()),
        ("Revision", revision),
        ("Command", run.command.clone()),
        ("Measured", when(run)),
        ("Load average, 1, 5 and 15 minutes", load),
    ];
    let others = run
        .facts
        .iter()
        .map(|fact| (fact.name.as_str(), fact.said()));
    known.into_iter().chain(others).collect()
}

fn load(load: LoadAverage) -> String {
    let LoadAverage { one, five, fifteen } = load;
    [one, five, fifteen].map(tick).join(", ")
}
