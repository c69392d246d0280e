//! The record of a paired run: which cells, in which launches and blocks, and what every visit to a cell took.
//!
//! A *cell* is a workload on a backend with so many workers at one size. A *block* visits every cell once, in random
//! order, and the next block is its mirror, so that drift cancels. A *launch* is a fresh process with its blocks.

mod analysis;
mod between;
mod calibrator;
mod disturbed;
mod family;
mod gaps;
mod grain;
mod latency;
mod observations;
mod order;
mod queued;
mod redrawn;
pub(crate) mod said;
mod scaling;
mod series;
mod stated;
mod table;

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::Path;

use serde::{Deserialize, Serialize};

pub use analysis::{Analysis, CellSummary, Compared, Undisturbed};
pub use disturbed::Disturbed;
pub(crate) use disturbed::disturbances;
pub use family::{Corrected, Correction};
pub use gaps::{FailedLaunch, Missing};
pub use grain::{Crossing, Grain, GrainPoint};
pub use latency::{Latency, Spread, Tail};
pub use observations::{Observation, Observations};
pub use order::CellOrder;
pub(crate) use order::MARKED;
pub use queued::{Costs, Growth, Queued};
pub use scaling::{Law, Scaling, ScalingPoint};
pub use series::{Figure, Series, SideBySide};
pub use stated::Stated;
pub(crate) use stated::takes_longer;

use crate::{Error, write};

/// The layout that is written and read.
pub const SCHEMA_VERSION: u32 = 1;

/// A paired run as it is saved, whole or interrupted.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PairedRun {
    /// [`SCHEMA_VERSION`].
    pub schema_version: u32,
    /// Start of the run, in unix seconds.
    pub started_at: u64,
    /// Its end; `None` while it runs, and for good if it was interrupted.
    #[serde(default)]
    pub ended_at: Option<u64>,
    /// The seed of the orders, and of the bootstrap.
    pub seed: u64,
    /// How many launches were meant to be; an interrupted run has fewer.
    pub launches: u32,
    /// How many blocks a launch has.
    pub blocks: u32,
    /// Up to which factor two times are the same for practical purposes.
    pub margin: f64,
    /// What was measured. A control's cell stands here twice.
    pub cells: Vec<Cell>,
    /// How many runs a visit to each cell has, chosen once and then the same in all launches; zero for a cell that is
    /// not visited. Empty before they are chosen.
    #[serde(default)]
    pub runs: Vec<u64>,
    /// Cells that are not measured, or not in all launches, and why.
    #[serde(default)]
    pub missing: Vec<Missing>,
    /// What was measured that the cells do not name, such as the version of another program, a sentence each.
    #[serde(default)]
    pub notes: Vec<String>,
    /// Launches that gave less than they were to, and why.
    #[serde(default)]
    pub failed: Vec<FailedLaunch>,
    /// What is compared, declared before anything was measured.
    pub comparisons: Vec<Declared>,
    /// What is said of the cells where the programs come from.
    #[serde(default)]
    pub statements: Vec<Stated>,
    /// Which cells a figure shows together.
    #[serde(default)]
    pub series: Vec<Series>,
    /// What was seen.
    pub observations: Observations,
    /// What was seen of waits at a fixed offered load.
    #[serde(default)]
    pub latencies: Vec<Latency>,
}

/// A workload on a backend with so many workers at one size.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cell {
    /// The workload.
    pub workload: String,
    /// What runs it.
    pub backend: String,
    /// In which way, where there are several.
    pub way: Option<String>,
    /// With how many workers; `None` if it has none.
    pub workers: Option<u32>,
    /// How large: terms, increments.
    pub size: u64,
    /// Into how many equal tasks that is cut, where the length of a task is the point.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tasks: Option<u64>,
}

/// A comparison of two cells, by their places in the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Declared {
    /// The cell that is judged.
    pub own: usize,
    /// The cell it is set against.
    pub reference: usize,
    /// What it is for.
    pub purpose: Purpose,
}

/// What a comparison is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Purpose {
    /// A thing against itself: the floor of all other verdicts.
    Control,
    /// One of those that the run is made for; their p are corrected together, by Holm.
    Confirmatory,
    /// Worth a look, and marked; their p are corrected together, by Benjamini and Hochberg.
    Exploratory,
}

impl Cell {
    /// The cell in words: `pi, threads (2 workers)`.
    #[must_use]
    pub fn label(&self) -> String {
        let way = self.way.iter().map(|way| format!(", {way}"));
        let workers = self.workers.iter().map(|count| match count {
            1 => " (1 worker)".to_owned(),
            count => format!(" ({count} workers)"),
        });
        let rest: String = way.chain(workers).collect();
        format!("{}, {}{rest}", self.workload, self.backend)
    }
}

impl PairedRun {
    /// Reads a record; `None` if there is no file.
    ///
    /// # Errors
    ///
    /// [`Error::Unreadable`]; [`Error::Malformed`] says what is wrong.
    pub fn load(path: &Path) -> Result<Option<Self>, Error> {
        let text = match fs::read_to_string(path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(Error::unreadable(path, error)),
        };
        let run: Self = serde_json::from_str(&text)
            .map_err(|error| Error::malformed(path, error.to_string()))?;
        run.validate()
            .map_err(|reason| Error::malformed(path, reason))?;
        Ok(Some(run))
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
        let text = serde_json::to_string(self).expect("a record has no keys but texts");
        write::replace(path, text.as_bytes())
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
        if !(self.margin.is_finite() && self.margin >= 1.0) {
            return Err(format!(
                "margin is {}, and has to be 1 or more",
                self.margin
            ));
        }
        let cells = self.cells.len();
        for (number, declared) in self.comparisons.iter().enumerate() {
            let Declared { own, reference, .. } = *declared;
            if own >= cells || reference >= cells {
                return Err(format!(
                    "comparison {number} is of cells {own} and {reference}, and there are {cells}"
                ));
            }
            if own == reference {
                return Err(format!(
                    "comparison {number} is of cell {own} with itself; a control lists its cell twice"
                ));
            }
        }
        if !self.runs.is_empty() && self.runs.len() != cells {
            let runs = self.runs.len();
            return Err(format!("runs are of {runs} cells, and there are {cells}"));
        }
        for Missing { cell, .. } in &self.missing {
            if *cell >= cells {
                return Err(format!("cell {cell} is missing, and there are {cells}"));
            }
        }
        for Stated {
            text,
            own,
            reference,
            times,
        } in &self.statements
        {
            if *own >= cells || *reference >= cells || !times.is_finite() {
                return Err(format!(
                    "{text:?} is said of cells {own} and {reference} and {times} times, and there are {cells}"
                ));
            }
        }
        self.series.iter().try_for_each(|it| it.validate(cells))?;
        self.observations.validate()?;
        let mut latencies = self.latencies.iter();
        latencies.try_for_each(|it| it.validate(self.launches))?;
        let mut seen = BTreeSet::new();
        for (number, row) in self.observations.rows().enumerate() {
            let Observation {
                launch,
                block,
                cell,
                ..
            } = row;
            if cell >= cells {
                return Err(format!(
                    "observation {number} is of cell {cell}, and there are {cells}"
                ));
            }
            if launch >= self.launches || block >= self.blocks {
                return Err(format!(
                    "observation {number} is of launch {launch}, block {block}, and there are {} of {}",
                    self.launches, self.blocks
                ));
            }
            if row.wall_ns == 0 || row.runs == 0 {
                return Err(format!("observation {number} has taken no time, or no run"));
            }
            if !seen.insert((launch, block, cell)) {
                return Err(format!(
                    "cell {cell} is twice in block {block} of launch {launch}"
                ));
            }
        }
        Ok(())
    }
}
