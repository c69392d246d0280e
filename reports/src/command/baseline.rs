//! Results under names: saved, listed, compared with.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Subcommand};
use reports::{Baselines, Conclusion, Error, Locations};

use super::source::Source;
use super::{Demand, EXIT_CODES, show, show_changes};

#[derive(Debug, Subcommand)]
pub(super) enum Baseline {
    /// Save the results under a name, with the machine and the run inside, and print the file's path
    ///
    /// A name that is taken is not overwritten, and a run that is invalid or too loud (grade D) is not saved, unless forced.
    #[command(after_help = EXIT_CODES)]
    Save(Save),
    /// List what was saved
    List(Folder),
    /// Print what has changed since a baseline
    #[command(after_help = EXIT_CODES)]
    Compare(Compare),
}

#[derive(Debug, Args)]
pub(super) struct Folder {
    /// Where baselines are kept [default: reports/baselines in the workspace]
    #[arg(long, value_name = "DIR")]
    baselines: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(super) struct Save {
    /// The name: letters, digits, `-`, `_` and `.`
    name: String,

    /// Overwrite a baseline of that name, and save a run that is no good
    #[arg(long)]
    force: bool,

    #[command(flatten)]
    folder: Folder,

    #[command(flatten)]
    source: Source,
}

#[derive(Debug, Args)]
pub(super) struct Compare {
    /// The name it was saved under
    name: String,

    #[command(flatten)]
    folder: Folder,

    #[command(flatten)]
    source: Source,

    #[command(flatten)]
    demand: Demand,
}

impl Baseline {
    pub(super) fn run(self) -> Result<ExitCode, Error> {
        match self {
            Self::Save(save) => save.run(),
            Self::List(folder) => folder.list(),
            Self::Compare(compare) => compare.run(),
        }
    }
}

impl Folder {
    fn open(self) -> Baselines {
        Baselines::in_folder(self.baselines.unwrap_or_else(Locations::baselines))
    }

    fn list(self) -> Result<ExitCode, Error> {
        let baselines = self.open().list()?;
        if baselines.is_empty() {
            eprintln!("no baselines; `reports baseline save NAME` saves one");
        }
        show(&reports::listed(&baselines))?;
        Ok(ExitCode::SUCCESS)
    }
}

impl Save {
    fn run(self) -> Result<ExitCode, Error> {
        let report = self.source.read(&Locations::find())?;
        let path = self.folder.open().save(&self.name, &report, self.force)?;
        show(&format!("{}\n", path.display()))?;
        Ok(ExitCode::SUCCESS)
    }
}

impl Compare {
    fn run(self) -> Result<ExitCode, Error> {
        let baseline = self.folder.open().load(&self.name)?;
        let report = self.source.read(&Locations::find())?;
        let report = report.with_baseline(&self.name, &baseline);
        show_changes(&report)?;
        Ok(self.demand.answer(Conclusion::of(&report)))
    }
}
