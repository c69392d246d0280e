//! Where a report is read from.

use std::fs;
use std::path::{Path, PathBuf};

use clap::Args;
use reports::{Error, Locations, Report, results};

#[derive(Debug, Args)]
pub(super) struct Source {
    /// Criterion's data [default: $CRITERION_HOME, else criterion in the target directory]
    #[arg(long, value_name = "DIR")]
    criterion: Option<PathBuf>,

    /// Record of the machine and the run; if it is missing, the page says so. The record of a paired run is read beside
    /// it, as paired.json [default: reports/environment.json in the target directory]
    #[arg(long, value_name = "FILE")]
    environment: Option<PathBuf>,

    /// Read everything from a results.json instead, as it was written beside a page
    #[arg(long, value_name = "FILE", conflicts_with_all = ["criterion", "environment"])]
    results: Option<PathBuf>,
}

impl Source {
    /// Whether it is read from this very file.
    pub(super) fn is(&self, path: &Path) -> bool {
        is_same(self.results.as_deref(), path)
    }

    pub(super) fn read(&self, found: &Locations) -> Result<Report, Error> {
        if let Some(results) = &self.results {
            return results::read(results);
        }
        Report::read(
            self.criterion.as_ref().unwrap_or(&found.criterion),
            self.environment.as_ref().unwrap_or(&found.environment),
        )
    }
}

/// Whether both lead to one file.
pub(super) fn is_same(one: Option<&Path>, other: &Path) -> bool {
    let place = one.and_then(|one| fs::canonicalize(one).ok());
    place.is_some() && place == fs::canonicalize(other).ok()
}
