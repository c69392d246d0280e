//! What a check has seen CPython do.

use serde::{Deserialize, Serialize};

use super::Tested;
use crate::{Report, Standing};

/// What measures the cells of the paired run, and asks CPython before it does.
pub(super) const PAIRED: &str = "cargo bench -- paired";

/// What CPython does where tutorials claim a behaviour: the answer of `scripts/python_checks.py`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Behaviours {
    /// `CPython 3.13.1`.
    pub version: String,
    /// What was checked.
    pub checks: Vec<Behaviour>,
}

/// A claim that was checked by a program.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Behaviour {
    /// The number of the claim.
    pub claim: String,
    /// Whether it holds; `None` if the check can't tell.
    pub holds: Option<bool>,
    /// What was seen, without a full stop.
    pub says: String,
}

/// Tests the claim of this number by what was checked.
pub(super) fn settle(number: &str, report: &Report) -> Tested {
    let checked = report.environment.as_ref();
    let checked = checked.and_then(|run| run.behaviours.as_ref());
    let Some(Behaviours { version, checks }) = checked else {
        return Tested::missing("It was not checked on CPython.".to_owned(), Some(PAIRED));
    };
    let Some(check) = checks.iter().find(|check| check.claim == number) else {
        let says = format!("No check of it has run on {version}.");
        return Tested::missing(says, Some(PAIRED));
    };
    let standing = match check.holds {
        Some(true) => Standing::Confirmed,
        Some(false) => Standing::Refuted,
        None => Standing::NotConfirmed,
    };
    Tested::told(standing, None, format!("{version}: {}.", check.says))
}
