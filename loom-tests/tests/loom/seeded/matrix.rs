//! Runs every bug against the models that are to find it, and writes down who did.

use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::Instant;

use super::Bug;
use super::list::{self, Seeded};
use super::run::{End, Run};

#[test]
fn every_bug_is_found_by_its_killers() {
    let start = Instant::now();
    assert!(list::all().map(|it| it.bug.number()).eq(1..=36));
    assert!(list::all().all(|it| it.killers.len() > 1));
    let runs = run_all(planned());
    let rows: Vec<Row> = list::all().map(|it| Row::of(it, &runs)).collect();
    let wrong: Vec<String> = rows.iter().flat_map(|row| row.wrong.clone()).collect();
    let killed = rows.iter().filter(|row| row.wrong.is_empty()).count();
    let controls = runs.iter().filter(|run| run.bug.is_none());
    let table = markdown(&rows, controls.count());
    println!("{table}");
    write(&table_path(), &table);
    write(&json_path(), &json(&rows, &runs));
    println!(
        "{killed} of {} bugs found as expected, {} runs, {:.0} s",
        rows.len(),
        runs.len(),
        start.elapsed().as_secs_f64()
    );
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What is to be run: each bug with its killers and with the one that must not notice, and all of those
/// models without a bug.
fn planned() -> Vec<(Option<Bug>, &'static str)> {
    let mut planned = Vec::new();
    for seeded in list::all() {
        let killers = seeded.killers.iter().map(|(test, _)| *test);
        for test in killers.chain([seeded.unaware]) {
            planned.push((Some(seeded.bug), test));
            if !planned.contains(&(None, test)) {
                planned.push((None, test));
            }
        }
    }
    planned
}

/// Runs them all, as many at a time as there are processors.
fn run_all(planned: Vec<(Option<Bug>, &'static str)>) -> Vec<Run> {
    let left = Mutex::new(planned.into_iter());
    let next = || left.lock().unwrap_or_else(PoisonError::into_inner).next();
    let processors = thread::available_parallelism().map_or(1, usize::from);
    thread::scope(|scope| {
        let work = || {
            let mut runs = Vec::new();
            while let Some((bug, test)) = next() {
                runs.push(Run::of(bug, test));
            }
            runs
        };
        let threads: Vec<_> = (0..processors).map(|_| scope.spawn(work)).collect();
        let runs = threads.into_iter().map(thread::ScopedJoinHandle::join);
        runs.flat_map(|runs| runs.expect("a run does not panic"))
            .collect()
    })
}

/// A bug and what came of it.
struct Row {
    seeded: &'static Seeded,
    /// The killers by their names, with how they failed.
    killers: Vec<(String, String)>,
    unaware: String,
    /// What is not as it should be.
    wrong: Vec<String>,
}

impl Row {
    fn of(seeded: &'static Seeded, runs: &[Run]) -> Row {
        let find = |bug: Option<Bug>, test: &str| {
            let mut runs = runs.iter();
            let run = runs.find(|run| run.bug == bug && run.test == test);
            run.expect("it was planned")
        };
        let mut wrong = Vec::new();
        let mut expect_to_pass = |run: &Run, why: &str| {
            if !run.passed() {
                wrong.push(format!(
                    "{}: {} {why}: {:?}",
                    seeded.number(),
                    run.test,
                    run.end
                ));
            }
        };
        for (test, _) in seeded.killers {
            expect_to_pass(find(None, test), "fails without a bug");
        }
        let unaware = find(Some(seeded.bug), seeded.unaware);
        expect_to_pass(unaware, "should not notice");
        let mut killers = Vec::new();
        for (test, kind) in seeded.killers {
            let run = find(Some(seeded.bug), test);
            let came = match &run.end {
                End::Failed { panic, .. } if kind.is_told_by(panic) => kind.text(),
                other => {
                    let expected = kind.text();
                    wrong.push(format!(
                        "{}: {test} should have failed by {expected}: {other:?}",
                        seeded.number()
                    ));
                    format!("NOT {expected}")
                }
            };
            killers.push((run.model().to_owned(), came));
        }
        Row {
            seeded,
            killers,
            unaware: unaware.model().to_owned(),
            wrong,
        }
    }
}

impl Seeded {
    fn number(&self) -> String {
        format!("B{}", self.bug.number())
    }
}

fn markdown(rows: &[Row], controls: usize) -> String {
    let killed = rows.iter().filter(|row| row.wrong.is_empty()).count();
    let mut text = format!(
        "# Kill matrix\n\n\
         Written by `scripts/kill-matrix`; the README says how to read it. {killed} of {} bugs are found by \
         all their killers, each as expected; the {controls} models of this table pass without a bug.\n\n\
         | Bug | What goes wrong | Edit | Family | Killers | Does not notice |\n|---|---|---|---|---|---|\n",
        rows.len(),
    );
    for row in rows {
        let seeded = row.seeded;
        let killers = row.killers.iter();
        let killers: Vec<_> = killers
            .map(|(model, came)| format!("{model}: {came}"))
            .collect();
        writeln!(
            text,
            "| {} `{:?}` | {} | {} | {} | {} | {} |",
            seeded.number(),
            seeded.bug,
            seeded.sentence,
            seeded.edit,
            seeded.family,
            killers.join("<br>"),
            row.unaware
        )
        .expect("a string takes everything");
    }
    text
}

fn json(rows: &[Row], runs: &[Run]) -> String {
    let bugs = rows.iter().map(|row| {
        let seeded = row.seeded;
        format!(
            "{{\"bug\":\"{}\",\"name\":\"{:?}\",\"sentence\":{},\"edit\":{},\"family\":{},\"found\":{}}}",
            seeded.number(),
            seeded.bug,
            quoted(seeded.sentence),
            quoted(seeded.edit),
            quoted(seeded.family),
            row.wrong.is_empty()
        )
    });
    let runs = runs.iter().map(|run| {
        let (bug, model) = (run.bug.map(Bug::number), quoted(run.model()));
        let bug = bug.map_or_else(|| "null".to_owned(), |number| format!("\"B{number}\""));
        let end = match &run.end {
            End::Passed { .. } => "\"end\":\"passed\"".to_owned(),
            End::Broken(why) => format!("\"end\":\"broken\",\"why\":{}", quoted(why)),
            End::Failed {
                interleaving,
                panic,
                ..
            } => format!(
                "\"end\":\"failed\",\"interleaving\":{interleaving},\"panic\":{}",
                quoted(panic)
            ),
        };
        let seconds = run.seconds;
        format!("{{\"bug\":{bug},\"model\":{model},\"seconds\":{seconds:.2},{end}}}")
    });
    let (bugs, runs): (Vec<_>, Vec<_>) = (bugs.collect(), runs.collect());
    format!(
        "{{\"bugs\":[\n{}\n],\"runs\":[\n{}\n]}}\n",
        bugs.join(",\n"),
        runs.join(",\n")
    )
}

fn quoted(text: &str) -> String {
    let mut quoted = String::from('"');
    for char in text.chars() {
        match char {
            '"' | '\\' => quoted.extend(['\\', char]),
            '\n' => quoted.push_str("\\n"),
            control if control.is_control() => quoted.push(' '),
            other => quoted.push(other),
        }
    }
    quoted + "\""
}

fn table_path() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("kill-matrix.md")
}

/// In the target folder, three above the test binary.
fn json_path() -> PathBuf {
    let binary = std::env::current_exe().expect("a test binary has a path");
    let target = binary
        .ancestors()
        .nth(3)
        .expect("it lies in target/debug/deps");
    target.join("kill-matrix.json")
}

fn write(path: &Path, text: &str) {
    std::fs::write(path, text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
}
