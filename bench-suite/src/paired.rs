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

use crate::peer::python;
use message::Assignment;
use plan::Plan;

/// The argument that makes the program a launch; the assignment follows, as JSON.
const LAUNCH: &str = "--paired-launch";

/// Within this time a `python3` says which it is: far more than it takes to start.
const PYTHON_ANSWERS: Duration = Duration::from_secs(20);

/// Measures, and saves the record after each launch.
///
/// # Errors
///
/// The record could not be written. What a launch or a cell lacks is no error here: the record says it.
pub fn measure(record: &Path, plan: &Plan) -> Result<PairedRun, reports::Error> {
    let mut family = cells::family();
    if let Ok(version) = python::version(PYTHON_ANSWERS) {
        family.note(format!("The backends named CPython are {version}."));
    }
    driver::measure(record, plan, &family, |assignment| {
        // The program as it was started, even if it has been built again since.
        let mut command = Command::new("/proc/self/exe");
        command.arg(LAUNCH).arg(assignment.to_json());
        command.stdin(Stdio::null());
        command
    })
}

/// Becomes a launch, if started as one.
pub fn serve_if_launched() -> Option<ExitCode> {
    let mut arguments = std::env::args().skip_while(|argument| argument != LAUNCH);
    arguments.next()?;
    let text = arguments.next().unwrap_or_default();
    let code = match Assignment::from_json(&text) {
        Ok(assignment) => launch::serve(&cells::family(), &assignment),
        Err(reason) => {
            eprintln!("error: {LAUNCH} takes an assignment: {reason}");
            ExitCode::from(2)
        }
    };
    Some(code)
}
