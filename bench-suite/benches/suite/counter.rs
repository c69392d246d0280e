//! The shared counter in all its forms, one size for all: how long an increment takes, and whether
//! any is lost; beside what the bare system needs for the same.

mod figures;

use std::time::Duration;

use bench_suite::backend::Backend;
use bench_suite::peer::robust_mutex::{ROBUST_MUTEX, RobustMutex};
use bench_suite::peer::socket_counter::{SOCKETS, SocketCounter, Trips};
use bench_suite::workload::counter::control::{self, Unlocked};
use bench_suite::workload::counter::in_memory::{self, Atomic, Counter, Locked};
use bench_suite::workload::counter::shared::{self as in_shared, SharedCounter};
use bench_suite::workload::counter::{EXPECTED, INCREMENTS, TASKS};
use criterion::measurement::WallTime;
use criterion::{BenchmarkGroup, Criterion, SamplingMode, Throughput};
use executor::shared::{self, Value};
use executor::{Error, ProcessPoolExecutor, ThreadPoolExecutor};
use reports::{Claim, Count, Counts, Evidence, Measurement, RowName, Statement};

use crate::measure::measure_count;

const GROUP: &str = "counter/2 tasks of 10000 increments";

/// A worker for each task.
const WORKERS: usize = TASKS as usize;

/// How the manager's counter is called, where it is used as the book does it.
const BY_THE_BOOK: &str = "manager value and lock";

/// How long the control may go on without a loss.
const CONTROL: Duration = Duration::from_secs(2);

/// A run of the slow rows takes up to two seconds, so that they get as few samples as criterion takes.
/// It warns that they won't fit its time, and it is right.
const SLOW_SAMPLES: usize = 10;

/// Increments of a client that has everything started, where a whole run would take seconds.
const WARM_UP: u32 = 100;

/// Increments of one task, as orders spell it.
const EACH: u32 = INCREMENTS as u32;

const PROCESSES: &str = Backend::Processes.name();

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
    let mut rows = in_one_process(&mut group);
    rows.extend(in_shared_memory(&mut group));
    group.sampling_mode(SamplingMode::Flat);
    group.sample_size(SLOW_SAMPLES);
    rows.extend(in_another_process(&mut group));
    group.finish();
    let measured = |name: &RowName| rows.iter().any(|count| count.row == *name);
    let shared_lock = RowName::by(PROCESSES, Value::NAME);
    let shared_memory = in_turns
        .filter(|_| measured(&shared_lock) && measured(&RowName::alone(ROBUST_MUTEX)))
        .map(figures::shared_memory);
    if in_turns.is_some() && !rows.is_empty() {
        rows.extend(controls());
    }
    Counted {
        counts: Counts {
            group: GROUP.to_owned(),
            reference: shared_lock.clone(),
            rows,
            statements: vec![
                Statement {
                    text: "A counter that a manager holds takes more than ten times as long as one in shared memory".to_owned(),
                    evidence: Evidence::Slower {
                        times: 10.0,
                        own: RowName::by(PROCESSES, BY_THE_BOOK),
                        reference: shared_lock,
                        pairs: Vec::new(),
                    },
                },
                Statement {
                    text: "Without a lock updates are lost".to_owned(),
                    evidence: Evidence::Loss,
                },
            ],
        },
        claims: shared_memory.into_iter().collect(),
    }
}

/// Tasks that share the memory of one process, and one thread alone.
fn in_one_process(group: &mut BenchmarkGroup<'_, WallTime>) -> Vec<Count> {
    let alone = RowName::by(Measurement::SEQUENTIAL, Locked::NAME);
    let mut rows = Vec::new();
    rows.extend(measure_count(
        group,
        alone,
        EXPECTED,
        || (),
        |()| in_memory::sequential::<Locked>(),
    ));
    for backend in Backend::SHARING {
        rows.extend(on_pool::<Locked>(group, backend));
        rows.extend(on_pool::<Atomic>(group, backend));
    }
    rows
}

fn on_pool<C: Counter>(
    group: &mut BenchmarkGroup<'_, WallTime>,
    backend: Backend,
) -> Option<Count> {
    let count = |pool: &_| in_memory::on::<C>(pool).expect("every task increments");
    let warm = || {
        let pool = backend.pool(WORKERS).expect("a pool can be built");
        count(&pool);
        pool
    };
    let row = RowName::by(backend.name(), C::NAME);
    measure_count(group, row, EXPECTED, warm, count)
}

/// Processes that share memory.
fn in_shared_memory(group: &mut BenchmarkGroup<'_, WallTime>) -> Vec<Count> {
    let mut rows = Vec::new();
    rows.extend(on_processes::<Value<u64>>(group));
    rows.extend(measure_count(
        group,
        RowName::alone(ROBUST_MUTEX),
        EXPECTED,
        RobustMutex::start,
        |peer| peer.run(EACH),
    ));
    rows.extend(on_processes::<shared::Atomic<u64>>(group));
    rows
}

fn on_processes<C: SharedCounter>(group: &mut BenchmarkGroup<'_, WallTime>) -> Option<Count> {
    let count = |(pool, counter): &(_, C)| {
        in_shared::on::<C>(pool, counter, INCREMENTS).expect("every task increments")
    };
    let warm = || {
        let pool = ProcessPoolExecutor::new(WORKERS).expect("a pool can be built");
        let warm = (pool, C::zero().expect("the system has memory"));
        count(&warm);
        warm
    };
    measure_count(
        group,
        RowName::by(PROCESSES, C::NAME),
        EXPECTED,
        warm,
        count,
    )
}

/// Clients of a process that keeps the counter.
fn in_another_process(group: &mut BenchmarkGroup<'_, WallTime>) -> Vec<Count> {
    let mut rows = Vec::new();
    for trips in [Trips::Four, Trips::One] {
        for (place, start) in [
            ("", SocketCounter::start as fn() -> SocketCounter),
            (", from threads", SocketCounter::start_with_threads),
        ] {
            let row = RowName::by(SOCKETS, &format!("{}{place}", trips.name()));
            let warm = || {
                let peer = start();
                peer.run(trips, WARM_UP);
                peer
            };
            let count = |peer: &SocketCounter| peer.run(trips, EACH);
            rows.extend(measure_count(group, row, EXPECTED, warm, count));
        }
    }
    rows
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
