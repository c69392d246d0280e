//! Runs every scenario on a pool, each in a process of its own.

use std::env;
use std::io::Read;
use std::process::{Command, ExitStatus, Stdio};
use std::sync::mpsc::channel;
use std::thread;
use std::time::Duration;

use crate::pool::Pool;
use crate::scenario::{self, Scenario, Verdict};
use crate::table::Row;

/// Names the scenario that a process is to run.
const SCENARIO: &str = "CONFORMANCE_SCENARIO";

/// A scenario takes milliseconds; what has not ended by now, on however busy a machine, hangs.
const LIMIT: Duration = Duration::from_secs(20);

/// Runs every scenario on the pool `P` and says what came of each.
///
/// To be called by a test, whose name as the harness shows it is `test`: for each scenario the executable of the tests is
/// started again, for that one test, and there this function does not return. Scenarios run side by side; one that has
/// not ended after twenty seconds is killed and said to hang.
///
/// # Panics
///
/// If the executable can't be started again.
pub fn check<P: Pool>(test: &str) -> Row {
    let scenarios = scenario::all::<P>();
    if let Ok(name) = env::var(SCENARIO) {
        run_here(&scenarios, &name);
    }
    let children: Vec<_> = scenarios
        .iter()
        .map(|scenario| {
            let (test, name) = (test.to_owned(), scenario.name);
            thread::spawn(move || run_apart(&test, name))
        })
        .collect();
    let verdicts = children.into_iter().map(thread::JoinHandle::join);
    let verdicts = verdicts.map(|it| it.expect("the executable can be started again"));
    Row::new(scenarios.iter().map(|it| (it.group, it.name)).zip(verdicts))
}

fn run_here(scenarios: &[Scenario], name: &str) -> ! {
    let mut scenarios = scenarios.iter();
    let Some(scenario) = scenarios.find(|it| it.name == name) else {
        scenario::fail(format!("there is no scenario {name}"));
    };
    (scenario.run)();
    Verdict::Passed.conclude()
}

fn run_apart(test: &str, name: &str) -> Verdict {
    let executable = env::current_exe().expect("the executable has a path");
    let mut child = Command::new(executable)
        .args([
            test,
            "--exact",
            "--include-ignored",
            "--nocapture",
            "--test-threads=1",
        ])
        .env(SCENARIO, name)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        // Panics on purpose, and those that abort.
        .stderr(Stdio::null())
        .spawn()
        .expect("a process can be started");
    let mut stdout = child.stdout.take().expect("it is piped");
    let (tell, told) = channel();
    let reader = thread::spawn(move || {
        let mut output = String::new();
        let read = stdout.read_to_string(&mut output);
        // Nobody listens if the time is up.
        let _ = tell.send(());
        read.map(|_| output)
    });
    let is_late = told.recv_timeout(LIMIT).is_err();
    if is_late {
        // It may have ended just now.
        drop(child.kill());
    }
    let status = child.wait().expect("a child can be waited for");
    let output = reader.join().expect("the reader does not panic");
    judge(is_late, status, &output.unwrap_or_default())
}

fn judge(is_late: bool, status: ExitStatus, output: &str) -> Verdict {
    match Verdict::in_output(output) {
        // What was said counts, even if the process did not get out after it.
        Some(verdict) => verdict,
        None if is_late => Verdict::Hung,
        None if status.code().is_none() => Verdict::Aborted,
        None => Verdict::Failed(format!("the process ended without a word: {status}")),
    }
}
