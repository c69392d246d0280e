//! The shared counter in all its forms, one size for all: how long an increment takes, and whether
//! any is lost; beside what the bare system needs for the same.

mod figures;
mod rows;

use std::time::Duration;

use bench_suite::backend::Backend;
use bench_suite::workload::counter::control::{self, Unlocked};
use bench_suite::workload::counter::managed::Way;
use bench_suite::workload::counter::shared::SharedCounter;
use bench_suite::workload::counter::{EXPECTED, INCREMENTS, TASKS};
use criterion::{Criterion, SamplingMode, Throughput};
use executor::shared::Value;
use executor::{Error, ProcessPoolExecutor, ThreadPoolExecutor};
use reports::{Claim, Count, Counts, Evidence, Pair, RowName, Statement};

const GROUP: &str = "counter/2 tasks of 10000 increments";

/// A worker for each task.
const WORKERS: usize = TASKS as usize;

/// Increments of one task, as orders spell it.
const EACH: u32 = INCREMENTS as u32;

const PROCESSES: &str = Backend::Processes.name();

/// A run of the slow rows takes up to two seconds, so that they get as few samples as criterion takes.
/// It warns that they won't fit its time, and it is right.
const SLOW_SAMPLES: usize = 10;

/// How long a control may go on without a loss.
const CONTROL: Duration = Duration::from_secs(2);

/// What has been found out.
pub(crate) struct Counted {
    /// The counts, and what they are to show.
    pub(crate) counts: Counts,
    /// The figures to reach.
    pub(crate) claims: Vec<Claim>,
}

impl Counted {
    /// The rows whose counters show another number than they must.
    pub(crate) fn wrong_rows(&self) -> Vec<String> {
        let wrong = self.counts.rows.iter().filter(|count| count.is_wrong());
        wrong.map(|count| count.row.label()).collect()
    }
}

/// Measures and counts all of it. `in_turns` says for how long a figure and its reference are measured
/// in turns, if anything is measured.
pub(crate) fn measure_all(criterion: &mut Criterion, in_turns: Option<Duration>) -> Counted {
    let mut group = criterion.benchmark_group(GROUP);
    group.throughput(Throughput::Elements(EXPECTED));
    let mut rows = rows::in_one_process(&mut group);
    rows.extend(rows::in_shared_memory(&mut group));
    group.sampling_mode(SamplingMode::Flat);
    group.sample_size(SLOW_SAMPLES);
    rows.extend(rows::in_another_process(&mut group));
    group.finish();
    let claims = in_turns.map_or_else(Vec::new, |span| figures::reached(&rows, span));
    let pairs = in_turns
        .filter(|_| has(&rows, &[&shared_lock(), &by_the_book()]))
        .map_or_else(Vec::new, figures::manager_and_shared_memory);
    if in_turns.is_some() && !rows.is_empty() {
        rows.extend(controls());
    }
    Counted {
        counts: Counts {
            group: GROUP.to_owned(),
            reference: shared_lock(),
            rows,
            statements: statements(pairs),
        },
        claims,
    }
}

/// The row that all others are compared with.
fn shared_lock() -> RowName {
    RowName::by(PROCESSES, Value::NAME)
}

fn by_the_book() -> RowName {
    RowName::by(PROCESSES, Way::ByTheBook.name())
}

/// Whether all of them were counted, and none left out by a filter.
fn has(rows: &[Count], names: &[&RowName]) -> bool {
    let mut names = names.iter();
    names.all(|name| rows.iter().any(|count| count.row == **name))
}

/// What is said of the counter where the program comes from; `pairs` are increments in a manager and in
/// shared memory.
fn statements(pairs: Vec<Pair>) -> Vec<Statement> {
    let slower = "A counter that a manager holds takes more than ten times as long as one in shared \
                  memory";
    vec![
        Statement {
            text: slower.to_owned(),
            evidence: Evidence::Slower {
                times: 10.0,
                own: by_the_book(),
                reference: shared_lock(),
                pairs,
            },
        },
        Statement {
            text: "Without a lock updates are lost".to_owned(),
            evidence: Evidence::Loss,
        },
    ]
}

/// The controls, on threads and on processes.
fn controls() -> [Count; 2] {
    let threads = ThreadPoolExecutor::new(WORKERS).expect("a pool can be built");
    let processes = ProcessPoolExecutor::new(WORKERS).expect("a pool can be built");
    [
        control(Backend::Threads, control::on_threads(&threads, CONTROL)),
        control(
            Backend::Processes,
            control::on_processes(&processes, CONTROL),
        ),
    ]
}

fn control(backend: Backend, run: Result<Unlocked, Error>) -> Count {
    let run = run.expect("both tasks end");
    Count {
        row: RowName::by(backend.name(), "load, then store: a control"),
        is_control: true,
        runs: 1,
        expected: run.expected,
        got: run.got,
        span_ns: Some(run.span.as_secs_f64() * 1e9),
    }
}
