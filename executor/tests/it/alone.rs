//! A process of its own for a scenario that counts what belongs to a whole process.
//!
//! The harness runs the tests of one binary side by side in one process, so threads, descriptors
//! and children can't be counted there. A scenario given to [`alone`] is run by starting this very
//! binary again, for that one test, on one thread. (A binary without the harness would do as well,
//! but its scenarios could not be listed, filtered or named as the others are.)

use std::any::type_name_of_val;
use std::collections::BTreeMap;
use std::env;
use std::fs;
use std::process::{Command, Stdio};
use std::sync::mpsc::channel;
use std::thread;
use std::time::{Duration, Instant};

const MARK: &str = "EXECUTOR_TESTS_ALONE";
const LIMIT: Duration = Duration::from_secs(60);
/// How long a thread that was joined may take to leave `/proc`.
const PATIENCE: Duration = Duration::from_secs(20);

/// Runs `scenario` in a process of its own, and fails with what it said if it fails or hangs.
///
/// To be called by a test with nothing around it: the test's name is taken from the scenario's.
pub(crate) fn alone(scenario: impl FnOnce()) {
    alone_with(&[], LIMIT, scenario);
}

/// As [`alone`], with environment variables for the process and another limit.
pub(crate) fn alone_with(variables: &[(&str, &str)], limit: Duration, scenario: impl FnOnce()) {
    let mut command = Command::new(env::current_exe().expect("the path of this binary"));
    command.envs(variables.iter().copied());
    alone_as(command, limit, scenario);
}

/// As [`alone`], by a command that runs this binary with the arguments that are added to it.
pub(crate) fn alone_as(mut command: Command, limit: Duration, scenario: impl FnOnce()) {
    if env::var_os(MARK).is_some() {
        return scenario();
    }
    let name = type_name_of_val(&scenario);
    let test = name
        .split_once("::")
        .and_then(|(_crate, path)| path.strip_suffix("::{{closure}}"))
        .expect("the scenario is a closure of the test");
    let child = command
        .args([test, "--exact", "--include-ignored", "--nocapture"])
        .arg("--test-threads=1")
        .env(MARK, "1")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("a process for the scenario");
    let pid = child.id();
    let (ended, end) = channel();
    let waiter = thread::spawn(move || {
        let output = child.wait_with_output().expect("the scenario's output");
        let _ = ended.send(());
        output
    });
    let hangs = end.recv_timeout(limit).is_err();
    if hangs {
        // The shell's `kill`, for want of one in the standard library.
        drop(
            Command::new("kill")
                .args(["-KILL", &pid.to_string()])
                .status(),
        );
    }
    let output = waiter
        .join()
        .expect("the thread that waits for the scenario");
    let said = String::from_utf8_lossy(&output.stdout);
    let complained = String::from_utf8_lossy(&output.stderr);
    assert!(!hangs, "{test} hangs:\n{said}\n{complained}");
    assert!(
        output.status.success() && said.contains("1 passed"),
        "{test} alone: {}\n{said}\n{complained}",
        output.status
    );
}

/// What a process must give back.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Footprint {
    threads: usize,
    descriptors: BTreeMap<String, String>,
    children: usize,
}

impl Footprint {
    /// What is held after a first use of what is made once and kept; its threads are to be gone.
    pub(crate) fn after(first_use: impl FnOnce()) -> Footprint {
        let before = threads();
        first_use();
        let deadline = Instant::now() + PATIENCE;
        while threads() != before {
            assert!(
                Instant::now() < deadline,
                "before: {before}, after: {}",
                threads()
            );
            thread::yield_now();
        }
        Footprint::now()
    }

    pub(crate) fn now() -> Footprint {
        Footprint {
            threads: entries("/proc/self/task").len(),
            descriptors: descriptors(),
            children: children(),
        }
    }

    /// Waits until what is held is again what was held then; fails if it stays different.
    ///
    /// Looks again and again, because a thread that has been joined leaves `/proc` a moment later.
    pub(crate) fn assert_restored(&self) {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let now = Footprint::now();
            if now == *self {
                return;
            }
            assert!(
                Instant::now() < deadline,
                "before: {self:?}\nafter: {now:?}"
            );
            thread::yield_now();
        }
    }
}

/// How many threads the process has.
pub(crate) fn threads() -> usize {
    entries("/proc/self/task").len()
}

fn entries(folder: &str) -> Vec<String> {
    fs::read_dir(folder)
        .expect("a folder of /proc")
        .map(|entry| {
            let name = entry.expect("an entry of /proc").file_name();
            name.into_string().expect("a number")
        })
        .collect()
}

/// Each descriptor with what it leads to. The one that reads the folder is gone when it is looked
/// at, and so is left out.
fn descriptors() -> BTreeMap<String, String> {
    entries("/proc/self/fd")
        .into_iter()
        .filter_map(|number| {
            let target = fs::read_link(format!("/proc/self/fd/{number}")).ok()?;
            Some((number, target.to_string_lossy().into_owned()))
        })
        .collect()
}

/// How many children there are, those that have died and were not waited for included.
fn children() -> usize {
    entries("/proc/self/task")
        .iter()
        .filter_map(|thread| fs::read_to_string(format!("/proc/self/task/{thread}/children")).ok())
        .map(|list| list.split_whitespace().count())
        .sum()
}
