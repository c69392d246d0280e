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
                Some(run) => dl.facts {
                    @for (name, value) in facts(run) {
                        div { dt { (name) } dd { (value) } }
                    }
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

fn facts(run: &Environment) -> [(&'static str, String); 10] {
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
    [
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
    ]
}

fn load(load: LoadAverage) -> String {
    let LoadAverage { one, five, fifteen } = load;
    [one, five, fifteen].map(tick).join(", ")
}
