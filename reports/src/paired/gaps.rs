//! What a run was to have and has not, in sentences: whoever reads a figure must know what it rests on.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::PairedRun;

/// A cell that was not measured, or not in all launches.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Missing {
    /// The cell, by its place in the list.
    pub cell: usize,
    /// Why, in words.
    pub reason: String,
}

/// A launch that gave less than it was to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FailedLaunch {
    /// The launch; `None` is the pilot, which chooses how many runs a visit has.
    pub launch: Option<u32>,
    /// What became of it, in words.
    pub reason: String,
}

impl PairedRun {
    /// What the run was to have and has not, a sentence each; none if it is whole.
    #[must_use]
    pub fn gaps(&self) -> Vec<String> {
        let interrupted = self.ended_at.is_none().then(|| self.interrupted());
        let failed = self.failed.iter().map(|failed| match failed.launch {
            Some(launch) => {
                let (number, launches) = (launch + 1, self.launches);
                let blocks = self.blocks_of(launch);
                let reason = &failed.reason;
                format!(
                    "Launch {number} of {launches} has {blocks} of {} blocks: {reason}.",
                    self.blocks
                )
            }
            None => format!(
                "The pilot, without which nothing is measured: {}.",
                failed.reason
            ),
        });
        interrupted
            .into_iter()
            .chain(failed)
            .chain(self.missing_cells())
            .collect()
    }

    fn interrupted(&self) -> String {
        let begun = self.observations.rows().map(|row| row.launch + 1).max();
        let (begun, launches) = (begun.unwrap_or(0), self.launches);
        format!("The run was interrupted: it has {begun} of {launches} launches.")
    }

    /// How many blocks of a launch there are.
    fn blocks_of(&self, launch: u32) -> u32 {
        let rows = self.observations.rows().filter(|row| row.launch == launch);
        rows.map(|row| row.block + 1).max().unwrap_or(0)
    }

    /// The cells that are missing, those of one reason together.
    fn missing_cells(&self) -> impl Iterator<Item = String> {
        let mut by_reason: BTreeMap<&str, Vec<String>> = BTreeMap::new();
        for Missing { cell, reason } in &self.missing {
            let label = self.cells.get(*cell).map(super::Cell::label);
            by_reason.entry(reason).or_default().extend(label);
        }
        by_reason
            .into_iter()
            .map(|(reason, cells)| format!("Not measured: {}: {reason}.", cells.join("; ")))
    }
}
