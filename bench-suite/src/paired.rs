//! The paired run: launches of the bench program, one after another, each of which visits every cell in blocks.
//!
//! Criterion measures row after row, in one process. On a shared machine drift then lands on one side of every
//! comparison, and the samples of one process are not independent. Here what is compared is visited side by side, and
//! a launch, a fresh process with its own layout of memory, is the unit of evidence.
//!
//! ```text
//! driver ── starts a launch, gives it an Assignment ──> launch ── visits the cells of the Family in blocks
//!    │                                                    │
//!    └──── reads Messages, saves the record <─────────────┘
//! ```
//!
//! [`measure`] is the driver's side. [`serve_if_launched`] is the launch's, to be called first thing in `main`.

pub mod cells;
pub mod driver;
pub mod family;
pub mod launch;
pub mod message;
pub mod order;
pub mod plan;
mod progress;
pub mod usage;
mod watched;

use std::path::Path;
use std::process::{Command, ExitCode, Stdio};
use std::time::Duration;

use reports::paired::PairedRun;

use crate::peer::interpreters::{self, Found, Interpreter};
use message::Assignment;
use plan::Plan;

/// The argument that makes the program a launch; the assignment follows, and the versions of CPython, each as JSON.
const LAUNCH: &str = "--paired-launch";

/// Within this time a `python3` says which it is: far more than it takes to start.
const PYTHON_ANSWERS: Duration = Duration::from_secs(20);

/// Which versions of CPython there are, of those that were asked for. A quick run has time for those that the
/// environment asks for, and for no others: each launch would wait for their starts for as long as it measures.
#[must_use]
pub fn find_pythons(is_quick: bool) -> Found {
    let asked = std::env::var_os(interpreters::PYTHONS);
    if is_quick && asked.is_none() {
        let note = "A quick run measures CPython only if it is asked to: PYTHONS=python3.";
        return Found {
            notes: vec![note.to_owned()],
            ..Found::default()
        };
    }
    interpreters::find(&interpreters::asked_for(asked.as_deref()), PYTHON_ANSWERS)
}

/// Measures, with these versions of CPython, and saves the record after each launch.
///
/// # Errors
///
/// The record could not be written. What a launch or a cell lacks is no error here: the record says it.
///
/// # Panics
///
/// Never: the versions are JSON.
pub fn measure(record: &Path, plan: &Plan, pythons: Found) -> Result<PairedRun, reports::Error> {
    let mut family = cells::family(&pythons.interpreters);
    for note in pythons.notes {
        family.note(note);
    }
    let pythons = serde_json::to_string(&pythons.interpreters).expect("programs have names");
    driver::measure(record, plan, &family, |assignment| {
        // The program as it was started, even if it has been built again since.
        let mut command = Command::new("/proc/self/exe");
        command.arg(LAUNCH).arg(assignment.to_json()).arg(&pythons);
        command.stdin(Stdio::null());
        command
    })
}

/// Becomes a launch, if started as one.
pub fn serve_if_launched() -> Option<ExitCode> {
    let mut arguments = std::env::args().skip_while(|argument| argument != LAUNCH);
    arguments.next()?;
    let mut text = || arguments.next().unwrap_or_default();
    let assignment = Assignment::from_json(&text());
    let pythons: Result<Vec<Interpreter>, _> = serde_json::from_str(&text());
    let understood = assignment.and_then(|it| Ok((it, pythons.map_err(|it| it.to_string())?)));
    let code = match understood {
        Ok((assignment, pythons)) => launch::serve(&cells::family(&pythons), &assignment),
        Err(reason) => {
            eprintln!("error: {LAUNCH} takes an assignment and versions: {reason}");
            ExitCode::from(2)
        }
    };
    Some(code)
}
