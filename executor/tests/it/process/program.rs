//! A program of its own, whose output, signals and end a scenario observes from outside.
//!
//! As `alone`, this starts the very test binary again for the one test; but there the scenario runs
//! inside, and here it stands beside the program.

use std::any::type_name_of_val;
use std::env;
use std::io::{BufRead, BufReader, Read};
use std::os::unix::process::CommandExt;
use std::process::{Child, ChildStdout, Command, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use super::deaths::kill;
use crate::watchdog::watch_as;

const MARK: &str = "EXECUTOR_TESTS_PROGRAM";
const GATE: &str = "EXECUTOR_TESTS_PROGRAM_GATE";

/// How long a process may take to go that has every reason to.
const PATIENCE: Duration = Duration::from_secs(20);

/// Runs `program` in a process of its own, beside the scenario that observes it.
///
/// To be called by a test with nothing around it: the test's name is taken from the scenario's.
pub(crate) fn observe(
    program: impl FnOnce() + Send + 'static,
    scenario: impl FnOnce(Program) + Send + 'static,
) {
    let name = type_name_of_val(&scenario);
    if env::var_os(MARK).is_some() {
        watch_as(name, program);
    } else {
        watch_as(name, move || scenario(Program::new(name)));
    }
}

/// The key of the gate that [`Program::with_gate`] gave this program.
pub(crate) fn gate() -> String {
    env::var(GATE).expect("the scenario gives its program a gate")
}

/// The program of a scenario, to be started.
pub(crate) struct Program {
    command: Command,
}

impl Program {
    fn new(scenario: &str) -> Program {
        let test = scenario
            .split_once("::")
            .and_then(|(_crate, path)| path.split_once("::{{closure}}"))
            .expect("the scenario is a closure of the test")
            .0;
        let mut command = Command::new(env::current_exe().expect("the path of this binary"));
        command
            .args([test, "--exact", "--include-ignored", "--nocapture"])
            .arg("--test-threads=1")
            .env(MARK, "1")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            // What a terminal's Ctrl-C would reach: the program and its workers, and not the tests.
            .process_group(0);
        Program { command }
    }

    /// Gives the program a gate of the scenario's, by its key.
    pub(crate) fn with_gate(mut self, key: &str) -> Program {
        self.command.env(GATE, key);
        self
    }

    /// Starts the program. Its errors go where those of the tests go.
    pub(crate) fn start(mut self) -> Running {
        self.command.stderr(Stdio::inherit());
        let mut child = self.command.spawn().expect("a process for the program");
        let output = BufReader::new(child.stdout.take().expect("its output"));
        Running {
            child,
            output,
            others: Vec::new(),
        }
    }

    /// Starts the program, lets it read `input`, and waits for its end: what it wrote to its two
    /// outputs.
    pub(crate) fn run(mut self, input: impl Into<Stdio>) -> (String, String) {
        let output = self.command.stdin(input).output().expect("a program");
        let said = String::from_utf8(output.stdout).expect("text");
        let complained = String::from_utf8(output.stderr).expect("text");
        assert!(
            output.status.success() && said.contains("1 passed"),
            "{}\n{said}\n{complained}",
            output.status
        );
        (said, complained)
    }
}

/// A program that runs. Dropped, it leaves nothing behind.
pub(crate) struct Running {
    child: Child,
    output: BufReader<ChildStdout>,
    /// Processes that the program has named, which may outlive it.
    others: Vec<u32>,
}

impl Running {
    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Waits until the program or a worker of it has printed `<what> <pid>`.
    pub(crate) fn await_pid(&mut self, what: &str) -> u32 {
        let mut line = String::new();
        loop {
            line.clear();
            let count = self.output.read_line(&mut line).expect("text");
            assert_ne!(count, 0, "the program ended without a word of {what}");
            // The test harness writes the name of the test before it, with no end of a line.
            let words = line.rsplit_once(&format!("{what} "));
            if let Some(pid) = words.and_then(|(_, pid)| pid.trim_end().parse().ok()) {
                self.others.push(pid);
                return pid;
            }
        }
    }

    /// Sends what Ctrl-C sends: an interrupt for the program and all of its workers.
    pub(crate) fn interrupt(&self) {
        let group = format!("-{}", self.pid());
        let status = Command::new("kill").args(["-INT", "--", &group]).status();
        assert!(status.is_ok_and(|status| status.success()));
    }

    /// Kills the program itself, and waits until it has ended.
    pub(crate) fn kill(&mut self) {
        self.child.kill().expect("it is our child");
        self.child.wait().expect("it is our child");
    }

    /// Waits for the program's end; how it ended, and what it had still to say.
    pub(crate) fn end(mut self) -> (ExitStatus, String) {
        let mut said = String::new();
        self.output.read_to_string(&mut said).expect("text");
        (self.child.wait().expect("it is our child"), said)
    }

    /// How the program ended, which it is about to.
    pub(crate) fn status(&mut self) -> ExitStatus {
        self.child.wait().expect("it is our child")
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
        for &pid in &self.others {
            if !has_ended(pid) {
                kill(pid, "-KILL");
            }
        }
    }
}

/// Waits until the processes have ended; says how long they have outlived `cause` if they don't.
pub(crate) fn await_ends(pids: &[u32], cause: &str) {
    let start = Instant::now();
    for &pid in pids {
        while !has_ended(pid) {
            let time = start.elapsed();
            assert!(
                time < PATIENCE,
                "process {pid} lives {time:?} after {cause}"
            );
            thread::yield_now();
        }
    }
}

/// Whether a process has ended. Not whether it is gone: reaping it may be somebody else's affair.
pub(crate) fn has_ended(pid: u32) -> bool {
    matches!(state(pid), None | Some('Z' | 'X'))
}

/// The letter of a process's state; none if it is gone.
pub(crate) fn state(pid: u32) -> Option<char> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // Behind the name, which may hold anything but ends with the last bracket.
    stat.rsplit_once(") ")?.1.chars().next()
}
