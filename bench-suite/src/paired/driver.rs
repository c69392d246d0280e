//! The driver's side: starts launches, one after another, gathers what they say, and saves the record after each.

use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use reports::Terms;
use reports::paired::{FailedLaunch, Missing, Observations, PairedRun, SCHEMA_VERSION};

use super::family::Family;
use super::message::{Assignment, Message};
use super::plan::Plan;
use super::progress::{about, time_left};
use super::watched::watch;

/// How often the pilot is tried: each time without the cell that it hung in.
const PILOTS: u32 = 3;

/// After so many launches in a row that gave nothing the others are not tried.
const HOPELESS: u32 = 3;

/// A run while it is made.
struct Driver<'a, C> {
    plan: &'a Plan,
    record: &'a Path,
    run: PairedRun,
    /// Of how many tasks the launches to come measure the waits; none when that has hung.
    waits: usize,
    command: C,
}

/// Measures, and saves the record after each launch. `command` makes of an assignment the launch that does it.
///
/// # Errors
///
/// The record could not be written. What a launch or a cell lacks is no error here: the record says it.
pub fn measure(
    record: &Path,
    plan: &Plan,
    family: &Family,
    command: impl Fn(&Assignment) -> Command,
) -> Result<PairedRun, reports::Error> {
    let run = PairedRun {
        schema_version: SCHEMA_VERSION,
        started_at: now(),
        ended_at: None,
        seed: plan.seed,
        launches: plan.launches,
        blocks: plan.blocks,
        margin: Terms::MARGIN,
        cells: family.cells().to_vec(),
        runs: Vec::new(),
        missing: Vec::new(),
        notes: family.notes().to_vec(),
        failed: Vec::new(),
        comparisons: family.comparisons().to_vec(),
        statements: family.statements().to_vec(),
        series: family.series().to_vec(),
        observations: Observations::default(),
        latencies: Vec::new(),
    };
    let mut driver = Driver {
        plan,
        record,
        run,
        waits: plan.waits,
        command,
    };
    // From here on the former record is gone: figures of two runs must not be mixed.
    driver.run.save(record)?;
    if let Some(visits) = driver.pilot() {
        let visits = (0..).zip(visits);
        let launch = visits.map(|(cell, visit)| visit * family.blocks_of(cell, plan.blocks));
        driver.launches(launch.sum())?;
    }
    driver.run.ended_at = Some(now());
    driver.run.save(record)?;
    Ok(driver.run)
}

impl<C: Fn(&Assignment) -> Command> Driver<'_, C> {
    /// Has the pilot choose the runs; how long a visit to each cell takes, if it could.
    fn pilot(&mut self) -> Option<Vec<Duration>> {
        eprintln!("paired: a pilot chooses how many runs a visit has");
        for _ in 0..PILOTS {
            let skip = self
                .run
                .missing
                .iter()
                .map(|missing| missing.cell)
                .collect();
            let assignment = Assignment::Pilot {
                visit_ns: self.plan.visit.as_nanos() as u64,
                run_ns: self.plan.longest_run.as_nanos() as u64,
                skip,
            };
            let (missing, mut chosen) = (self.run.missing.len(), None);
            let failed = self.watch(None, &assignment, |message| {
                if let Message::Chosen { runs, visits_ns } = message {
                    chosen = Some((runs, visits_ns));
                }
            });
            if let Some((runs, visits_ns)) = chosen {
                self.run.runs = runs;
                let visits = visits_ns.into_iter().map(Duration::from_nanos);
                return Some(visits.collect());
            }
            // Only without what it failed at may it do better.
            if self.run.missing.len() == missing {
                let reason = failed.unwrap_or_else(|| "it has not said what it chose".to_owned());
                self.failed(None, reason);
                return None;
            }
        }
        self.failed(None, format!("{PILOTS} cells hung"));
        None
    }

    fn launches(&mut self, pilots_launch: Duration) -> Result<(), reports::Error> {
        let (start, mut in_vain) = (Instant::now(), 0);
        let Plan {
            launches,
            blocks,
            seed,
            ..
        } = *self.plan;
        for launch in 0..launches {
            let left = time_left(launch, launches, start.elapsed(), pilots_launch);
            let (number, left) = (launch + 1, about(left));
            eprintln!("paired: launch {number} of {launches}, {blocks} blocks; {left} left");
            let runs = self.run.runs.clone();
            let assignment = Assignment::Launch {
                launch,
                blocks,
                seed,
                runs,
                waits: self.waits,
            };
            let mut seen = 0;
            let failed = self.watch(Some(launch), &assignment, |message| {
                seen += u32::from(matches!(message, Message::Block(_)));
            });
            let early = (seen < blocks).then(|| "it ended early".to_owned());
            if let Some(reason) = failed.or(early) {
                self.failed(Some(launch), reason);
            }
            self.run.save(self.record)?;
            in_vain = if seen == 0 { in_vain + 1 } else { 0 };
            if in_vain == HOPELESS && number < launches {
                let reason = format!("not tried, since {HOPELESS} in a row gave nothing");
                (number..launches).for_each(|launch| self.failed(Some(launch), reason.clone()));
                break;
            }
        }
        Ok(())
    }

    /// Has a launch do what is assigned, and takes what it says; why it did not end well, if it did not.
    fn watch(
        &mut self,
        launch: Option<u32>,
        assignment: &Assignment,
        mut on_message: impl FnMut(Message),
    ) -> Option<String> {
        let command = (self.command)(assignment);
        let mut hung = None;
        let (run, waits) = (&mut self.run, &mut self.waits);
        let in_launch = launch.map_or("the pilot".to_owned(), |it| format!("launch {}", it + 1));
        let ended = watch(command, self.plan.silence, |message| match message {
            Message::Missing { cell, reason } => leave_out(run, cell, reason),
            Message::Waits(seen) => run.latencies.push(*seen),
            Message::NoWaits { backend, reason } => {
                run.notes.push(format!(
                    "Waits on {backend} were not measured in {in_launch}: {reason}."
                ));
            }
            Message::Hung { cell } if cell >= run.cells.len() => {
                hung = Some("it hung when it measured waits".to_owned());
                *waits = 0;
                run.notes.push(format!(
                    "Waits were not measured after {in_launch}, which hung in them."
                ));
            }
            Message::Hung { cell } => {
                hung = Some(format!("it hung in a cell: {}", label(run, cell)));
                leave_out(
                    run,
                    cell,
                    format!("it hung in {in_launch} and was left out from there on"),
                );
            }
            message => {
                if let Message::Block(seen) = &message {
                    run.observations.append(seen);
                }
                on_message(message);
            }
        });
        // A launch that has seen that it hangs gives up by itself; this is then all there is to say.
        ended
            .err()
            .map(|failure| hung.unwrap_or_else(|| failure.to_string()))
    }

    fn failed(&mut self, launch: Option<u32>, reason: String) {
        match launch {
            Some(launch) => eprintln!("error: paired: launch {}: {reason}", launch + 1),
            None => eprintln!("error: paired: the pilot: {reason}"),
        }
        self.run.failed.push(FailedLaunch { launch, reason });
    }
}

/// Notes that a cell is missing; the launches to come do without it.
fn leave_out(run: &mut PairedRun, cell: usize, reason: String) {
    if let Some(runs) = run.runs.get_mut(cell) {
        *runs = 0;
    }
    eprintln!("paired: not measured: {}: {reason}", label(run, cell));
    if run.missing.iter().all(|missing| missing.cell != cell) {
        run.missing.push(Missing { cell, reason });
    }
}

fn label(run: &PairedRun, cell: usize) -> String {
    let cell = run.cells.get(cell);
    cell.map_or_else(
        || "no cell of this run".to_owned(),
        reports::paired::Cell::label,
    )
}

fn now() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0, |time| time.as_secs())
}

#[cfg(test)]
mod tests;
