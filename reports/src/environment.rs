//! The machine and the run behind the measurements, as a record that is saved beside them.

mod capture;
mod facts;

use std::fs;
use std::io;
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::tutorial::Behaviours;
use crate::{Claim, Counts, Error, write};
pub use facts::Fact;

/// On which machine, when and how measurements were made, and what they were to show.
///
/// A piece that could not be found out is the word `unknown`, or `None`; nothing is guessed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Environment {
    /// Model of the processor.
    pub cpu: String,
    /// Logical cores that are online in the machine.
    pub logical_cores: Option<usize>,
    /// Cores this process may use, after affinity and container limits.
    pub available_cores: Option<usize>,
    /// Physical memory in bytes.
    pub memory_bytes: Option<u64>,
    /// Name and release of the kernel.
    pub kernel: String,
    /// Name of the operating system's distribution.
    pub os: String,
    /// What `rustc -V` says.
    pub toolchain: String,
    /// Short revision of the repository.
    pub revision: String,
    /// Whether files differed from that revision.
    pub dirty: Option<bool>,
    /// The command that measured.
    pub command: String,
    /// Start of the run, in unix seconds.
    pub started_at: u64,
    /// End of the run, in unix seconds; `None` if it never ended or did not say.
    pub ended_at: Option<u64>,
    /// Load when the run started.
    pub load_at_start: Option<LoadAverage>,
    /// Load when the run ended.
    pub load_at_end: Option<LoadAverage>,
    /// What else about the machine and the process can move a time; empty in records of before it was asked.
    #[serde(default)]
    pub facts: Vec<Fact>,
    /// The figures to reach, as the bench states them.
    #[serde(default)]
    pub claims: Vec<Claim>,
    /// What a shared counter showed, if the run counted.
    #[serde(default)]
    pub counts: Option<Counts>,
    /// What CPython was seen to do, if there was one to ask.
    #[serde(default)]
    pub behaviours: Option<Behaviours>,
}

/// Threads that wanted to run, on average over the last minutes.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct LoadAverage {
    /// Over one minute.
    pub one: f64,
    /// Over five minutes.
    pub five: f64,
    /// Over fifteen minutes.
    pub fifteen: f64,
}

impl Environment {
    /// Captures the environment of this process as a run starts.
    ///
    /// `command` is what a reader should type to repeat the run.
    ///
    /// # Example
    ///
    /// ```
    /// let mut environment = reports::Environment::capture("cargo bench -- pi");
    /// // ... measure ...
    /// environment.finish();
    /// assert!(environment.ended_at >= Some(environment.started_at));
    /// ```
    #[must_use]
    pub fn capture(command: impl Into<String>) -> Self {
        capture::environment(command.into())
    }

    /// Notes the time and the load as the run ends.
    pub fn finish(&mut self) {
        self.ended_at = Some(capture::now());
        self.load_at_end = capture::load_average();
    }

    /// Saves the record as JSON, creating the directory, and replaces a former record whole or not at all.
    ///
    /// # Errors
    ///
    /// [`Error::Unwritable`] if the system refuses.
    pub fn save(&self, path: &Path) -> Result<(), Error> {
        let mut json = serde_json::to_string_pretty(self)
            .map_err(|error| Error::unwritable(path, error.into()))?;
        json.push('\n');
        write::replace(path, json.as_bytes())
    }

    /// Loads a saved record; `None` if there is none.
    ///
    /// # Errors
    ///
    /// [`Error::Unreadable`] if it is there and cannot be read, [`Error::Malformed`] if it is no such record.
    pub fn load(path: &Path) -> Result<Option<Self>, Error> {
        match fs::read(path) {
            Ok(json) => serde_json::from_slice(&json)
                .map(Some)
                .map_err(|error| Error::malformed(path, error.to_string())),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(Error::unreadable(path, error)),
        }
    }
}
