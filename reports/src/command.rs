//! What the command line asks for, and the exit code that answers it.

mod baseline;
mod source;

use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use baseline::Baseline;
use clap::{Args, Parser, Subcommand};
use reports::{Conclusion, Error, Locations, Report, Warning, results};
use source::{Source, is_same};

/// What the exit codes mean, below each help text.
const EXIT_CODES: &str = "\
Exit codes:
  0  fine
  1  regression: a declared comparison is slower than in the baseline
  2  no result: wrong usage, or data that can't be read or written; or, with --require-verdict, no verdict
  3  invalid run: a wrong answer or a wrong count, or a baseline of another processor";

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
    /// Print the verdicts as a table, what to take, the figures to reach, and what it all comes to
    #[command(after_help = EXIT_CODES)]
    Summary(Summary),
    /// Print what has changed between two results.json
    #[command(after_help = EXIT_CODES)]
    Compare(Compare),
    /// Save results under a name, list what was saved, compare with it
    #[command(subcommand)]
    Baseline(Baseline),
}

#[derive(Debug, Args)]
struct Render {
    #[command(flatten)]
    source: Source,

    #[command(flatten)]
    since: Since,

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
    since: Since,

    #[command(flatten)]
    demand: Demand,
}

#[derive(Debug, Args)]
struct Compare {
    /// The results that came first
    #[arg(value_name = "A.json")]
    baseline: PathBuf,

    /// The results that are compared with them
    #[arg(value_name = "B.json")]
    results: PathBuf,

    #[command(flatten)]
    demand: Demand,
}

#[derive(Debug, Args)]
struct Since {
    /// Say as well what has changed since these results: a results.json, or a baseline's file
    #[arg(long, value_name = "FILE")]
    since: Option<PathBuf>,
}

impl Since {
    fn added_to(&self, report: Report) -> Result<Report, Error> {
        let Some(path) = &self.since else {
            return Ok(report);
        };
        let name = path.file_stem().unwrap_or(path.as_os_str());
        Ok(report.with_baseline(&name.to_string_lossy(), &results::read(path)?))
    }
}

#[derive(Debug, Args)]
struct Demand {
    /// Fail with exit code 2 if a declared comparison has no verdict
    #[arg(long)]
    require_verdict: bool,
}

impl Demand {
    fn answer(&self, conclusion: Conclusion) -> ExitCode {
        let code = conclusion.exit_code(self.require_verdict);
        if code != conclusion.exit_code(false) {
            eprintln!("error: a verdict is required: {}", conclusion.words());
        }
        ExitCode::from(code)
    }
}

/// Does what the command line asks for.
pub(crate) fn run() -> ExitCode {
    let options = Options::parse();
    let done = match options.action.unwrap_or(Action::Render(options.render)) {
        Action::Render(render) => render.run(),
        Action::Summary(summary) => summary.run(),
        Action::Compare(compare) => compare.run(),
        Action::Baseline(baseline) => baseline.run(),
    };
    done.unwrap_or_else(|error| {
        eprintln!("error: {error}");
        ExitCode::from(2)
    })
}

impl Render {
    fn run(self) -> Result<ExitCode, Error> {
        let found = Locations::find();
        let report = self.since.added_to(self.source.read(&found)?)?;
        let page = self.out.unwrap_or(found.page);
        if self.source.is(&page) || is_same(self.since.since.as_deref(), &page) {
            let source = io::Error::other("that is where the results are read from");
            return Err(Error::Unwritable { path: page, source });
        }
        report.write(&page)?;
        show(&format!("{}\n", page.display()))?;
        Ok(self.demand.answer(Conclusion::of(&report)))
    }
}

impl Summary {
    fn run(self) -> Result<ExitCode, Error> {
        let report = self.since.added_to(self.source.read(&Locations::find())?)?;
        show(&reports::summary(&report))?;
        show(&reports::verdicts(&report))?;
        Ok(self.demand.answer(Conclusion::of(&report)))
    }
}

impl Compare {
    fn run(self) -> Result<ExitCode, Error> {
        let baseline = results::read(&self.baseline)?;
        let name = self.baseline.display().to_string();
        let report = results::read(&self.results)?.with_baseline(&name, &baseline);
        show_changes(&report)?;
        Ok(self.demand.answer(Conclusion::of(&report)))
    }
}

/// Prints what has changed since the report's baseline, below what is to be known before.
fn show_changes(report: &Report) -> Result<(), Error> {
    for warning in Warning::all(report) {
        show(&format!("{warning}\n"))?;
    }
    if let Some(against) = &report.against {
        show(&reports::changes(against))?;
    }
    show(&format!(
        "Conclusion: {}.\n",
        Conclusion::of(report).words()
    ))
}

/// Prints to standard output. That nobody reads it to the end, as `head` does not, is no failure.
fn show(text: &str) -> Result<(), Error> {
    let mut out = io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(source) if source.kind() != io::ErrorKind::BrokenPipe => Err(Error::Unwritable {
            path: PathBuf::from("standard output"),
            source,
        }),
        _ => Ok(()),
    }
}
