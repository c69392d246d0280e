//! What the command line asks for, and the exit code that answers it.

mod source;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};
use reports::{Conclusion, Error, Locations};
use source::Source;

/// What the exit codes mean, below each help text.
const EXIT_CODES: &str = "\
Exit codes:
  0  fine
  2  no result: wrong usage, or data that can't be read or written; or, with --require-verdict, no verdict
  3  invalid run: a wrong answer or a wrong count";

/// Turns the data of the last `cargo bench` into one self-contained HTML page, and answers questions about it.
///
/// Without a command it renders the page. The page needs no network and no script. It shows, for each workload, the time
/// of every backend with its interval, and its ratio to the sequential run and to the best. Beside it are its twins,
/// results.json, observations.csv and summary.md.
#[derive(Debug, Parser)]
#[command(
    version,
    max_term_width = 100,
    args_conflicts_with_subcommands = true,
    after_help = EXIT_CODES
)]
struct Options {
    #[command(subcommand)]
    action: Option<Action>,

    #[command(flatten)]
    render: Render,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Write the page and its twins beside it, and print its path
    ///
    /// The twins say the same to programs, spreadsheets and discussions: results.json, observations.csv (if there was a
    /// paired run) and summary.md. Those of a page that is not index.html have its name before theirs.
    #[command(after_help = EXIT_CODES)]
    Render(Render),
    /// Print the verdicts as a table, the figures to reach, and what they come to
    #[command(after_help = EXIT_CODES)]
    Summary(Summary),
}

#[derive(Debug, Args)]
struct Render {
    #[command(flatten)]
    source: Source,

    /// Where to write the page [default: reports/index.html in the target directory]
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,

    #[command(flatten)]
    demand: Demand,
}

#[derive(Debug, Args)]
struct Summary {
    #[command(flatten)]
    source: Source,

    #[command(flatten)]
    demand: Demand,
}

#[derive(Debug, Args)]
struct Demand {
    /// Fail with exit code 2 if a declared comparison has no verdict
    #[arg(long)]
    require_verdict: bool,
}

impl Demand {
    fn answer(&self, conclusion: Conclusion) -> ExitCode {
        ExitCode::from(conclusion.exit_code(self.require_verdict))
    }
}

/// Does what the command line asks for.
pub(crate) fn run() -> ExitCode {
    let options = Options::parse();
    let done = match options.action.unwrap_or(Action::Render(options.render)) {
        Action::Render(render) => render.run(),
        Action::Summary(summary) => summary.run(),
    };
    done.unwrap_or_else(|error| {
        eprintln!("error: {error}");
        ExitCode::from(2)
    })
}

impl Render {
    fn run(self) -> Result<ExitCode, Error> {
        let found = Locations::find();
        let report = self.source.read(&found)?;
        let page = self.out.unwrap_or(found.page);
        report.write(&page)?;
        println!("{}", page.display());
        Ok(self.demand.answer(Conclusion::of(&report)))
    }
}

impl Summary {
    fn run(self) -> Result<ExitCode, Error> {
        let report = self.source.read(&Locations::find())?;
        print!(
            "{}{}",
            reports::summary(&report),
            reports::verdicts(&report)
        );
        Ok(self.demand.answer(Conclusion::of(&report)))
    }
}
