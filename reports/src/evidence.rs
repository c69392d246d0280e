//! The record of a run of the correctness suite: which lanes ran, how far, and what came of them.
//!
//! A *lane* is one tool with one command. The record names every lane there is, so that one which did not run is seen
//! to be missing, with the reason.

use std::collections::BTreeSet;
use std::fmt;
use std::fs;
use std::io;
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::{Error, write};

/// The layout that is written and read.
pub const SCHEMA_VERSION: u32 = 1;

/// A run of the correctness suite as it is saved, whole or interrupted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Evidence {
    /// [`SCHEMA_VERSION`].
    pub schema_version: u32,
    /// Start of the run, in unix seconds.
    pub started_at: u64,
    /// The revision that was checked, with a mark if files differed from it.
    pub revision: String,
    /// Every lane, in the order of the run.
    pub lanes: Vec<Lane>,
}

/// One tool with one command, and what came of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Lane {
    /// Its name.
    pub lane: String,
    /// The tool that checks.
    pub tool: String,
    /// The tool's version; `None` if it could not be found out.
    pub version: Option<String>,
    /// What a reader should type to repeat it.
    pub command: String,
    /// The seed of what is random in it; `None` if nothing is, or every run takes another.
    pub seed: Option<u64>,
    /// How many there were of what is counted; `None` if it did not run, or did not say.
    pub count: Option<u64>,
    /// What is counted.
    pub counted: Counted,
    /// How far it went, where that is less than all there is.
    pub bound: Option<String>,
    /// Whether all there is was gone through. What has a bound is never exhaustive.
    pub exhaustive: bool,
    /// How long it took.
    pub duration_ms: u64,
    /// What came of it.
    pub result: LaneResult,
    /// Why it failed or did not run.
    pub reason: Option<String>,
}

/// What the number of a lane is a number of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Counted {
    /// Scenarios or generated inputs.
    Cases,
    /// Orders of steps that a model checker went through.
    Interleavings,
    /// Orders of steps that were sampled.
    Schedules,
    /// Test functions.
    Tests,
    /// Edits made by a tool.
    Mutants,
    /// Edits made by hand, to be found.
    #[serde(rename = "seeded bugs")]
    SeededBugs,
}

/// What came of a lane.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LaneResult {
    /// It ran, said how much it checked, and found nothing.
    Passed,
    /// It found something, or could not say how much it checked.
    Failed,
    /// It did not run; nothing is known.
    NotRun,
}

impl Counted {
    /// In the plural, as it stands behind the number.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::Cases => "cases",
            Self::Interleavings => "interleavings",
            Self::Schedules => "schedules",
            Self::Tests => "tests",
            Self::Mutants => "mutants",
            Self::SeededBugs => "seeded bugs",
        }
    }
}

impl fmt::Display for LaneResult {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Passed => "passed",
            Self::Failed => "failed",
            Self::NotRun => "not run",
        })
    }
}

impl Evidence {
    /// Reads a record; `None` if there is no file.
    ///
    /// # Errors
    ///
    /// [`Error::Unreadable`]; [`Error::MalformedEvidence`] says what is wrong.
    pub fn load(path: &Path) -> Result<Option<Self>, Error> {
        let text = match fs::read_to_string(path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(Error::unreadable(path, error)),
        };
        let malformed = |reason| Error::MalformedEvidence {
            path: path.to_owned(),
            reason,
        };
        let evidence: Self =
            serde_json::from_str(&text).map_err(|error| malformed(error.to_string()))?;
        evidence.validate().map_err(malformed)?;
        Ok(Some(evidence))
    }

    /// Saves the record, and replaces a former one whole or not at all.
    ///
    /// # Errors
    ///
    /// [`Error::Unwritable`]; then the former record is as it was.
    ///
    /// # Panics
    ///
    /// Never: every record is JSON.
    pub fn save(&self, path: &Path) -> Result<(), Error> {
        let mut text = serde_json::to_string_pretty(self).expect("a record has no keys but texts");
        text.push('\n');
        write::replace(path, text.as_bytes())
    }

    /// How many lanes came to this.
    #[must_use]
    pub fn count(&self, result: LaneResult) -> usize {
        let lanes = self.lanes.iter();
        lanes.filter(|lane| lane.result == result).count()
    }

    /// Says what is wrong with the record, if anything is.
    ///
    /// # Errors
    ///
    /// The first thing that is wrong, in words.
    pub fn validate(&self) -> Result<(), String> {
        if self.schema_version != SCHEMA_VERSION {
            return Err(format!(
                "schema_version is {}, and this version reads {SCHEMA_VERSION}",
                self.schema_version
            ));
        }
        let mut names = BTreeSet::new();
        for lane in &self.lanes {
            if !names.insert(&lane.lane) {
                return Err(format!("the lane {} is there twice", lane.lane));
            }
            lane.validate()
                .map_err(|reason| format!("the lane {} {reason}", lane.lane))?;
        }
        Ok(())
    }
}

impl Lane {
    fn validate(&self) -> Result<(), String> {
        let has_reason = self.reason.as_ref().is_some_and(|text| !text.is_empty());
        match self.result {
            LaneResult::Passed if self.count.unwrap_or(0) == 0 => {
                Err("passed, and has counted nothing".to_owned())
            }
            LaneResult::NotRun if self.count.is_some() => {
                Err("did not run, and has a count".to_owned())
            }
            LaneResult::Failed | LaneResult::NotRun if !has_reason => {
                Err(format!("is {}, and says no reason", self.result))
            }
            _ if self.exhaustive && self.bound.is_some() => {
                Err("is called exhaustive, and has a bound".to_owned())
            }
            _ if self.exhaustive && self.result == LaneResult::NotRun => {
                Err("is called exhaustive, and did not run".to_owned())
            }
            _ => Ok(()),
        }
    }
}
