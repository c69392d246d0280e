//! The launch's side: a fresh process that visits every cell in blocks, or, as the pilot, finds out how many runs a visit
//! to each cell needs.

mod calibrator;
mod pilot;
mod visiting;
mod waits;
mod watchdog;

use std::io::{self, Write};
use std::process::ExitCode;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use super::family::Family;
use super::message::{Assignment, Message};
use watchdog::Watchdog;

/// How long anything with a cell may take before it is taken for hung: far more than the slowest visit.
const HUNG_AFTER: Duration = Duration::from_secs(30);

/// Where messages go.
type Report<'a> = &'a mut dyn FnMut(&Message) -> io::Result<()>;

/// Does what is assigned, and tells it on the standard output.
#[must_use]
pub fn serve(family: &Family, assignment: &Assignment) -> ExitCode {
    // The watchdog has a last word to say.
    let output = Arc::new(Mutex::new(io::stdout()));
    let last = Arc::clone(&output);
    let watchdog = Watchdog::start(HUNG_AFTER, move |cell| {
        // Whether or not it is heard, there is nothing left to do.
        drop(send(&last, &Message::Hung { cell }));
        std::process::exit(1);
    });
    match work(family, assignment, &watchdog, &mut |message| {
        send(&output, message)
    }) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: nobody hears what this launch has measured: {error}");
            ExitCode::FAILURE
        }
    }
}

fn work(
    family: &Family,
    assignment: &Assignment,
    watchdog: &Watchdog,
    report: Report<'_>,
) -> io::Result<()> {
    match assignment {
        Assignment::Pilot {
            visit_ns,
            run_ns,
            skip,
        } => {
            let [visit, run] = [*visit_ns, *run_ns].map(Duration::from_nanos);
            pilot::choose(family, (visit, run), skip, watchdog, report)
        }
        Assignment::Launch {
            launch,
            blocks,
            seed,
            runs,
            waits,
        } => {
            let blocks = visiting::Blocks {
                launch: *launch,
                blocks: *blocks,
                seed: *seed,
                runs,
            };
            blocks.visit(family, watchdog, report)?;
            let waits = waits::Waits {
                launch: *launch,
                tasks: *waits,
                seed: *seed,
                first_turn: family.cells().len(),
            };
            waits.measure(watchdog, report)
        }
    }
}

fn send(output: &Mutex<impl Write>, message: &Message) -> io::Result<()> {
    let mut output = output.lock().expect("nothing panics under the lock");
    writeln!(output, "{}", message.to_json())?;
    output.flush()
}
