//! The `reports` command: criterion's data in, one HTML page out.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;
use reports::{Locations, write_page};

/// Turns the data of the last `cargo bench` into one self-contained HTML page and prints its path.
///
/// The page needs no network and no script. It shows, for each workload, the time of every backend with its interval,
/// and its ratio to the sequential run and to the best.
///
/// Exit code: 0 the page was written; 2 it was not, the message says why, and a former page is as it was.
#[derive(Debug, Parser)]
#[command(version, max_term_width = 100)]
struct Options {
    /// Criterion's data [default: $CRITERION_HOME, else criterion in the target directory]
    #[arg(long, value_name = "DIR")]
    criterion: Option<PathBuf>,

    /// Record of the machine and the run; if it is missing, the page says so [default: reports/environment.json in the
    /// target directory]
    #[arg(long, value_name = "FILE")]
    environment: Option<PathBuf>,

    /// Where to write the page [default: reports/index.html in the target directory]
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

fn main() -> ExitCode {
    let options = Options::parse();
    let found = Locations::find();
    let written = write_page(
        &options.criterion.unwrap_or(found.criterion),
        &options.environment.unwrap_or(found.environment),
        &options.out.unwrap_or(found.page),
    );
    match written {
        Ok(page) => {
            println!("{}", page.display());
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::from(2)
        }
    }
}
