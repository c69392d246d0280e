//! The `verify` command: runs lanes of the correctness suite and records what came of each.
//!
//! `lane.rs` is the table of lanes, `counting.rs` reads from what a lane printed how much it checked, `run.rs` runs one and
//! judges it, `tool.rs` asks for versions. The record itself is `reports::evidence`.
#![forbid(unsafe_code)]

mod counting;
mod lane;
mod run;
mod tool;

use std::path::Path;
use std::process::ExitCode;
use std::time::{SystemTime, UNIX_EPOCH};

use clap::Parser;
use clap::builder::PossibleValuesParser;
use reports::evidence::{Evidence, Lane as Entry, LaneResult, SCHEMA_VERSION};
use reports::{Error, Locations};

use lane::{ALL, Form, Lane};

/// Runs lanes of the correctness suite, all of them unless some are named, and records what came of each.
///
/// The record is target/reports/correctness.json, which the performance report shows; it is rewritten after each lane,
/// so an interrupted run keeps what it has. What a lane printed is in target/reports/verify. A lane whose tool is missing
/// is not run, and one that does not say how much it checked has failed. loom-tests/README.md has what each took.
///
/// Exit code: 0 no lane of the record has failed; 1 one has, or the record could not be written or added to; 2 wrong usage.
#[derive(Debug, Parser)]
#[command(name = "scripts/verify", max_term_width = 100)]
struct Options {
    /// The lanes to run [default: all]
    #[arg(value_name = "LANE", value_parser = PossibleValuesParser::new(ALL.iter().map(|lane| lane.name)))]
    lanes: Vec<String>,

    /// More cases and schedules, the models of the long form, and all edits instead of eight minutes of them
    #[arg(long)]
    long: bool,

    /// Keep what the record says of other lanes, which has to be of the same commit
    #[arg(long)]
    add: bool,

    /// Only list the lanes and their commands
    #[arg(long)]
    list: bool,
}

fn main() -> ExitCode {
    let options = Options::parse();
    let form = if options.long {
        Form::Long
    } else {
        Form::Short
    };
    if options.list {
        list(form);
        return ExitCode::SUCCESS;
    }
    let chosen =
        |lane: &Lane| options.lanes.is_empty() || options.lanes.iter().any(|it| it == lane.name);
    let record = Locations::find().evidence;
    let earlier = match options.add {
        true => earlier(&record, &tool::revision()),
        false => Ok(None),
    };
    match earlier.and_then(|earlier| Ok(verify(&ALL, chosen, form, earlier, &record)?)) {
        Ok(evidence) => {
            let count = |result| evidence.count(result);
            println!(
                "{} passed, {} failed, {} not run",
                count(LaneResult::Passed),
                count(LaneResult::Failed),
                count(LaneResult::NotRun)
            );
            ExitCode::from(u8::from(count(LaneResult::Failed) > 0))
        }
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::from(1)
        }
    }
}

fn list(form: Form) {
    for lane in &ALL {
        let command = lane.command(form);
        println!(
            "{:<12}{:<18}{}\n{:12}{command}",
            lane.name,
            lane.tool.name(),
            lane.checks,
            ""
        );
    }
}

/// The record that is to be added to, if there is one.
///
/// # Errors
///
/// It can't be read, or is not of this revision as it was committed: what is said of other sources is no evidence.
fn earlier(record: &Path, revision: &str) -> Result<Option<Evidence>, Box<dyn std::error::Error>> {
    let Some(earlier) = Evidence::load(record)? else {
        return Ok(None);
    };
    let is_committed = revision.chars().all(|digit| digit.is_ascii_hexdigit());
    if is_committed && earlier.revision == revision {
        return Ok(Some(earlier));
    }
    let (path, before) = (record.display(), &earlier.revision);
    let text = format!(
        "{path} is of {before} and this is {revision}; only a record of the same commit, without changes, can be \
         added to. Without --add a new one is begun"
    );
    Err(text.into())
}

/// Runs the chosen lanes one after another; the record is saved before the first and after each. Of lanes that are not
/// chosen it keeps what the earlier record says.
fn verify(
    lanes: &[Lane],
    chosen: impl Fn(&Lane) -> bool,
    form: Form,
    earlier: Option<Evidence>,
    record: &Path,
) -> Result<Evidence, Error> {
    let logs = record.with_file_name("verify");
    let kept = |lane: &Lane| {
        earlier
            .iter()
            .flat_map(|it| &it.lanes)
            .find(|it| it.lane == lane.name)
    };
    let pending = |lane| match (chosen(lane), kept(lane)) {
        (true, _) => run::not_run(lane, form, "the run was interrupted"),
        (false, Some(entry)) => entry.clone(),
        (false, None) => run::not_run(lane, form, "the lane was not chosen"),
    };
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    // A clock before 1970 is wrong anyway; zero says so.
    let now = now.map_or(0, |time| time.as_secs());
    let mut evidence = Evidence {
        schema_version: SCHEMA_VERSION,
        started_at: earlier.as_ref().map_or(now, |it| it.started_at),
        revision: tool::revision(),
        lanes: lanes.iter().map(pending).collect(),
    };
    evidence.save(record)?;
    for (place, lane) in lanes.iter().enumerate() {
        if !chosen(lane) {
            continue;
        }
        println!("== {}: {}", lane.name, lane.command(form));
        let entry = run::run(lane, form, &logs);
        println!("   {}", outcome(&entry));
        if entry.result == LaneResult::Failed {
            println!("   {} has what it printed", run::log(lane, &logs).display());
        }
        evidence.lanes[place] = entry;
        evidence.save(record)?;
    }
    Ok(evidence)
}

/// An entry as a line for the terminal.
fn outcome(entry: &Entry) -> String {
    let count = entry
        .count
        .map(|count| format!(", {count} {}", entry.counted.words()));
    let reason = entry.reason.as_ref().map(|reason| format!(": {reason}"));
    let seconds = entry.duration_ms as f64 / 1e3;
    format!(
        "{}{}{} ({seconds:.1} s)",
        entry.result,
        count.unwrap_or_default(),
        reason.unwrap_or_default()
    )
}

#[cfg(test)]
mod tests;
