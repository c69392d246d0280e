//! The workloads on CPython, as `scripts/python_baseline.py` runs them: a process that is told how many runs to do, and
//! says how long they took and what they gave. And what `scripts/python_checks.py` sees it do.

use std::fmt;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::mpsc::channel;
use std::thread;
use std::time::Duration;

use reports::tutorial::Behaviours;
use serde::Deserialize;
use serde::de::DeserializeOwned;

/// The scripts, where they were when this was built.
const SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../scripts/python_baseline.py");
const CHECKS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../scripts/python_checks.py");

/// How the name of a version begins.
pub(super) const CPYTHON: &str = "CPython ";

/// Why nothing was measured.
#[derive(Debug)]
pub enum PythonError {
    /// There is no such program.
    NotFound(PathBuf),
    /// The program is another implementation, or what it is can't be told.
    NotCPython(PathBuf, String),
    /// The program did not answer as the script does; it has said on the standard error why.
    NoAnswer(PathBuf, String),
}

/// A process of CPython that runs one workload.
#[derive(Debug)]
pub struct Python {
    program: PathBuf,
    child: Child,
    /// Taken by drop, which is how the process learns that it may go.
    input: Option<ChildStdin>,
    output: BufReader<ChildStdout>,
    processes: Vec<u32>,
    version: String,
}

/// Some runs.
#[derive(Debug, Deserialize)]
pub struct Runs {
    ns: u64,
    /// What each of them gave.
    pub answers: Vec<f64>,
}

#[derive(Deserialize)]
struct Greeting {
    version: String,
    processes: Vec<u32>,
}

/// Which CPython the program is.
///
/// # Errors
///
/// There is no such program, or it does not run the script, or it does not answer within `limit`. In that case it stays
/// until this process ends.
pub fn version(program: &Path, limit: Duration) -> Result<String, PythonError> {
    version_by(program, Path::new(SCRIPT), limit)
}

fn version_by(program: &Path, script: &Path, limit: Duration) -> Result<String, PythonError> {
    let script = script.to_owned();
    within(program, limit, move |program| {
        // The smallest run is the simplest way to ask.
        let python = Python::start_by(program, &script, &["pi", "sequential", "1", "1"])?;
        Ok(python.version.clone())
    })
}

/// What CPython does where tutorials claim a behaviour.
///
/// # Errors
///
/// As of [`version`].
pub fn behaviours(program: &Path, limit: Duration) -> Result<Behaviours, PythonError> {
    behaviours_by(program, Path::new(CHECKS), limit)
}

fn behaviours_by(
    program: &Path,
    script: &Path,
    limit: Duration,
) -> Result<Behaviours, PythonError> {
    let script = script.to_owned();
    within(program, limit, move |program| {
        let mut command = Command::new(program);
        command.arg(script).stdin(Stdio::null());
        let output = command.stderr(Stdio::inherit()).output();
        let output = output.map_err(|_| PythonError::NotFound(program.to_owned()))?;
        let behaviours: Behaviours = understood(program, &output.stdout)?;
        match behaviours.version.starts_with(CPYTHON) {
            true => Ok(behaviours),
            false => Err(PythonError::NotCPython(
                program.to_owned(),
                behaviours.version,
            )),
        }
    })
}

/// What the program answers within the limit.
fn within<T: Send + 'static>(
    program: &Path,
    limit: Duration,
    answer: impl FnOnce(&Path) -> Result<T, PythonError> + Send + 'static,
) -> Result<T, PythonError> {
    let (sender, receiver) = channel();
    let asked = program.to_owned();
    // Nobody may be waiting any more.
    thread::spawn(move || drop(sender.send(answer(&asked))));
    let silent = |_| no_answer(program, format!("it is silent for {limit:?}"));
    receiver.recv_timeout(limit).map_err(silent)?
}

fn understood<T: DeserializeOwned>(program: &Path, answer: &[u8]) -> Result<T, PythonError> {
    serde_json::from_slice(answer).map_err(|error| no_answer(program, error))
}

fn no_answer(program: &Path, reason: impl fmt::Display) -> PythonError {
    PythonError::NoAnswer(program.to_owned(), reason.to_string())
}

impl Python {
    /// Starts the script with these arguments, and waits until it has done a first run.
    ///
    /// # Errors
    ///
    /// There is no such program, or it does not do it.
    pub fn start(program: &Path, arguments: &[&str]) -> Result<Python, PythonError> {
        Python::start_by(program, Path::new(SCRIPT), arguments)
    }

    fn start_by(program: &Path, script: &Path, arguments: &[&str]) -> Result<Python, PythonError> {
        let mut command = Command::new(program);
        command.arg(script).args(arguments);
        let child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn();
        let mut child = child.map_err(|_| PythonError::NotFound(program.to_owned()))?;
        let output = BufReader::new(child.stdout.take().expect("it is piped"));
        let mut python = Python {
            program: program.to_owned(),
            input: child.stdin.take(),
            output,
            processes: vec![child.id()],
            child,
            version: String::new(),
        };
        let greeting: Greeting = python.answer()?;
        if !greeting.version.starts_with(CPYTHON) {
            return Err(PythonError::NotCPython(
                program.to_owned(),
                greeting.version,
            ));
        }
        python.processes.extend(greeting.processes);
        python.version = greeting.version;
        Ok(python)
    }

    /// The process, and those that it has started.
    #[must_use]
    pub fn processes(&self) -> &[u32] {
        &self.processes
    }

    /// Has it do so many runs.
    ///
    /// # Errors
    ///
    /// It has ended, or says what nobody understands.
    pub fn run(&mut self, runs: u64) -> Result<Runs, PythonError> {
        let input = self.input.as_mut().expect("taken by drop alone");
        let told = writeln!(input, "{runs}").and_then(|()| input.flush());
        told.map_err(|error| no_answer(&self.program, error))?;
        self.answer()
    }

    /// The next line.
    fn answer<T: DeserializeOwned>(&mut self) -> Result<T, PythonError> {
        let mut line = String::new();
        let read = self.output.read_line(&mut line);
        read.map_err(|error| no_answer(&self.program, error))?;
        if line.is_empty() {
            return Err(no_answer(&self.program, "it has ended"));
        }
        understood(&self.program, line.as_bytes())
    }
}

impl Runs {
    /// How long they took, all together.
    #[must_use]
    pub fn time(&self) -> Duration {
        Duration::from_nanos(self.ns)
    }
}

impl Drop for Python {
    fn drop(&mut self) {
        self.input = None;
        // It ends by itself, and ends its own. If it did not start well, it may not even read.
        if self.version.is_empty() {
            drop(self.child.kill());
        }
        drop(self.child.wait());
    }
}

impl fmt::Display for PythonError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            PythonError::NotFound(program) => write!(f, "no {} was found", program.display()),
            PythonError::NotCPython(program, version) => {
                write!(f, "{} is {version}, and not CPython", program.display())
            }
            PythonError::NoAnswer(program, reason) => {
                write!(f, "{} does not do it: {reason}", program.display())
            }
        }
    }
}

impl std::error::Error for PythonError {}

#[cfg(test)]
mod tests {
    use reports::tutorial::{CLAIMS, Ground};

    use super::*;
    use crate::peer::interpreters::Interpreter;

    #[test]
    fn without_python_that_is_said() {
        let error = Python::start(Path::new("no-such-python"), &[]).expect_err("none");
        assert_eq!(error.to_string(), "no no-such-python was found");
    }

    #[test]
    fn a_program_that_is_silent_is_not_waited_for() {
        // A shell whose script is its standard input, which says nothing.
        let limit = Duration::from_millis(10);
        let silent = version_by(Path::new("sh"), Path::new("/dev/stdin"), limit).expect_err("none");
        assert!(silent.to_string().contains("silent for 10ms"), "{silent}");
    }

    #[test]
    fn checks_of_another_python_or_of_none_are_not_taken_for_those_of_cpython() {
        let asked = |program, text| {
            let [program, script] = [program, text].map(Path::new);
            behaviours_by(program, script, Duration::from_secs(60)).expect_err("none")
        };
        let other = asked("echo", r#"{"version": "PyPy 3.10.1", "checks": []}"#);
        assert_eq!(other.to_string(), "echo is PyPy 3.10.1, and not CPython");
        assert!(matches!(asked("echo", "what?"), PythonError::NoAnswer(..)));
        assert!(matches!(
            asked("no-such-python", ""),
            PythonError::NotFound(_)
        ));
    }

    #[test]
    fn every_claim_that_needs_it_is_checked_where_there_is_a_cpython() {
        let python = Interpreter::usual().program;
        let Ok(Behaviours { checks, .. }) = behaviours(&python, Duration::from_secs(60)) else {
            return;
        };
        for claim in CLAIMS {
            if let Ground::Behaviour(number) = claim.on_cpython {
                assert_eq!(number, claim.number);
                let check = checks.iter().find(|check| check.claim == number);
                let check = check.unwrap_or_else(|| panic!("{number}"));
                // On one processor nothing need be lost.
                let may_be_unknown = number == "C3";
                assert!(check.holds.unwrap_or(may_be_unknown), "{check:?}");
            }
        }
    }

    #[test]
    fn a_program_that_is_no_python_is_no_baseline() {
        let script =
            |text| Python::start_by(Path::new("echo"), Path::new(text), &[]).expect_err("none");
        let other = script(r#"{"version": "PyPy 3.10.1", "processes": []}"#);
        assert_eq!(other.to_string(), "echo is PyPy 3.10.1, and not CPython");
        assert!(matches!(script("what?"), PythonError::NoAnswer(..)));
        let ended = Python::start(Path::new("true"), &[]).expect_err("none");
        assert!(ended.to_string().ends_with("it has ended"), "{ended}");
    }
}
