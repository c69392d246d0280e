//! The one `cargo bench` target: measures every workload on every backend, and writes the page.

mod counter;
mod interrupt;
mod map;
mod measure;
mod process_pool;
mod turns;

use std::hint::black_box;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use bench_suite::backend::{Backend, worker_counts};
use bench_suite::idle;
use bench_suite::paired::{self, plan::Plan};
use bench_suite::peer::channel_pool::{CHANNEL_POOL, ChannelPool};
use bench_suite::peer::interpreters::Found;
use bench_suite::peer::{python, spawn_pool};
use bench_suite::workload::no_op::{self, BURST};
use bench_suite::workload::pi::{self, Parts};
use criterion::measurement::WallTime;
use criterion::{BenchmarkGroup, Criterion, Throughput};
use executor::{AnyExecutor, Executor, ProcessPoolExecutor, RayonExecutor, ThreadPoolExecutor};
use measure::measure;
use reports::paired::Analysis;
use reports::tutorial::Behaviours;
use reports::{Environment, Locations, Report};

/// The name of the reference that every other backend is compared with.
const SEQUENTIAL: (&str, Option<usize>) = ("sequential", None);

/// Workers of the overhead measurements: as many as the peer has threads.
const OVERHEAD_WORKERS: usize = 2;

/// The name of the paired run. No benchmark of criterion's has it, so it leaves all of those out.
const PAIRED: &str = "paired";

/// Within this time CPython has shown how it behaves: far more than it takes.
const CPYTHON_ANSWERS: Duration = Duration::from_secs(60);

fn main() -> ExitCode {
    spawn_pool::serve_if_started_to();
    if let Some(code) = paired::serve_if_launched() {
        return code;
    }
    let run = Run::from_args();
    let places = Locations::find();
    let mut environment = Environment::capture(run.command.clone());
    let before = std::fs::read(&places.environment).ok();
    if run.measures {
        if let Err(error) = environment.save(&places.environment) {
            return fail(&error);
        }
        interrupt::leave_a_page(&environment, &places);
        eprintln!(
            "Measuring threads, processes and rayon on this machine. The whole suite takes seven to \
             eight minutes, `-- --quick` about one and a half; a filter such as `-- ^pi/` takes less, \
             and `-- paired` measures the paired run alone."
        );
    }
    let start = Instant::now();
    let mut criterion = Criterion::default()
        .without_plots()
        .warm_up_time(Duration::from_millis(200))
        .measurement_time(run.measurement())
        .sample_size(20)
        .configure_from_args();
    pi(&mut criterion);
    let counted = counter::measure_all(&mut criterion, run.turns());
    overhead(&mut criterion);
    environment.claims = process_pool::measure_all(&mut criterion, run.turns());
    environment
        .claims
        .extend(map::measure_all(&mut criterion, run.turns()));
    criterion.final_summary();
    let wrong = counted.wrong_rows();
    environment.claims.extend(counted.claims);
    environment.counts = Some(counted.counts);
    if !run.measures {
        return wrong_counts(&wrong);
    }
    if !measure::has_measured() && !run.is_paired {
        return nothing_measured(&places, before.as_deref());
    }
    if run.measures_all {
        idle_cost();
    }
    if run.is_paired {
        let pythons = paired::find_pythons(run.is_quick);
        environment.behaviours = ask_cpython(&pythons);
        if let Err(error) = paired::measure(&places.paired, &run.plan(), pythons) {
            return fail(&error);
        }
    }
    environment.finish();
    match report(&environment, &places) {
        Ok(report) => {
            eprintln!("Measured for {} s.", start.elapsed().as_secs());
            print!("{}", reports::summary(&report));
            let paired = report.paired.filter(|_| run.is_paired);
            print!(
                "{}",
                paired.as_ref().map(Analysis::markdown).unwrap_or_default()
            );
            println!("Report: {}", places.page.display());
            if paired.is_some_and(|paired| paired.has_wrong_answers()) {
                eprintln!("error: wrong answers in the paired run");
                return ExitCode::FAILURE;
            }
            wrong_counts(&wrong)
        }
        Err(error) => fail(&error),
    }
}

/// What the first CPython does where tutorials claim a behaviour, if there is one; and what was not found.
fn ask_cpython(pythons: &Found) -> Option<Behaviours> {
    for note in &pythons.notes {
        eprintln!("{note}");
    }
    let first = pythons.interpreters.first()?;
    let asked = python::behaviours(&first.program, CPYTHON_ANSWERS);
    asked
        .inspect_err(|error| eprintln!("CPython was not asked how it behaves: {error}"))
        .ok()
}

/// Saves the record of the run and writes the page.
fn report(environment: &Environment, places: &Locations) -> Result<Report, reports::Error> {
    environment.save(&places.environment)?;
    let report = Report::read(&places.criterion, &places.environment)?;
    report.write(&places.page)?;
    Ok(report)
}

/// Leaves the record of the last run, and its page, as they were.
fn nothing_measured(places: &Locations, record_before: Option<&[u8]>) -> ExitCode {
    let restored = match record_before {
        Some(record) => std::fs::write(&places.environment, record),
        None => std::fs::remove_file(&places.environment),
    };
    if let Err(error) = restored {
        eprintln!("error: {}: {error}", places.environment.display());
    }
    eprintln!("error: no benchmark matches; `cargo bench -- --list` lists them");
    ExitCode::from(2)
}

/// Fails if there are any: what loses increments where it must not is broken, however fast it is.
fn wrong_counts(rows: &[String]) -> ExitCode {
    if rows.is_empty() {
        return ExitCode::SUCCESS;
    }
    eprintln!("error: wrong counts: {}", rows.join(", "));
    ExitCode::FAILURE
}

fn fail(error: &reports::Error) -> ExitCode {
    eprintln!("error: no report: {error}");
    ExitCode::from(2)
}

/// What the command line asks for, as far as it concerns more than criterion.
struct Run {
    /// What a reader types to repeat the run.
    command: String,
    /// Whether anything is measured, rather than listed or tried.
    measures: bool,
    /// Whether no filter was given.
    measures_all: bool,
    /// Whether the paired run is made: without a filter, or by its name.
    is_paired: bool,
    /// Whether a first impression will do.
    is_quick: bool,
}

impl Run {
    fn from_args() -> Run {
        let args: Vec<String> = std::env::args()
            .skip(1)
            .filter(|arg| arg != "--bench")
            .collect();
        let passive = ["--list", "--test", "--help", "-h", "--version", "-V"];
        let command = match args.as_slice() {
            [] => "cargo bench".to_owned(),
            args => format!("cargo bench -- {}", args.join(" ")),
        };
        let measures_all = args.iter().all(|arg| arg.starts_with('-'));
        Run {
            command,
            measures: std::env::args().any(|arg| arg == "--bench")
                && !args.iter().any(|arg| passive.contains(&arg.as_str())),
            is_quick: args.iter().any(|arg| arg == "--quick"),
            is_paired: measures_all || args.iter().any(|arg| arg == PAIRED),
            measures_all,
        }
    }

    fn plan(&self) -> Plan {
        match self.is_quick {
            true => Plan::quick(),
            false => Plan::full(),
        }
    }

    /// How long a row is measured; in a quick run at most, and only if it varies for so long.
    fn measurement(&self) -> Duration {
        match self.is_quick {
            true => Duration::from_millis(400),
            false => Duration::from_millis(800),
        }
    }

    /// How long a figure and its reference are measured in turns, if anything is measured.
    fn turns(&self) -> Option<Duration> {
        self.measures.then_some(match self.is_quick {
            true => Duration::from_millis(250),
            false => Duration::from_millis(2_500),
        })
    }
}

fn pool(backend: Backend, workers: usize) -> AnyExecutor {
    backend.pool(workers).expect("a pool can be built")
}

fn pi(criterion: &mut Criterion) {
    for terms in pi::TERMS {
        for parts in Parts::ALL {
            let mut group = criterion.benchmark_group(format!("pi/{terms} terms/{}", parts.name()));
            measure(
                &mut group,
                SEQUENTIAL,
                || (),
                |()| pi::partial(1, black_box(terms)),
                |value| pi::is_near_pi(*value, terms),
            );
            for backend in Backend::ALL {
                for workers in worker_counts() {
                    let parts = parts.count(workers);
                    measure(
                        &mut group,
                        (backend.name(), Some(workers)),
                        || pool(backend, workers),
                        |pool| pi::on(pool, terms, parts).expect("every part is summed"),
                        |value| value.to_bits() == pi::expected(terms, parts).to_bits(),
                    );
                }
            }
            if parts == Parts::PerWorker {
                for workers in worker_counts() {
                    measure(
                        &mut group,
                        ("rayon par_iter", Some(workers)),
                        || {
                            rayon::ThreadPoolBuilder::new()
                                .num_threads(workers)
                                .build()
                                .expect("a pool can be built")
                        },
                        |pool| pool.install(|| pi::par_iter(terms)),
                        |value| pi::is_near_pi(*value, terms),
                    );
                }
            }
            group.finish();
        }
    }
}

fn overhead(criterion: &mut Criterion) {
    let threads = || ThreadPoolExecutor::new(OVERHEAD_WORKERS).expect("a pool can be built");
    let rayon = || RayonExecutor::new(OVERHEAD_WORKERS).expect("a pool can be built");
    let processes = || ProcessPoolExecutor::new(OVERHEAD_WORKERS).expect("a pool can be built");
    let peer = || ChannelPool::new(OVERHEAD_WORKERS);

    let mut group = criterion.benchmark_group("overhead/one task at a time");
    group.throughput(Throughput::Elements(1));
    measure_one(&mut group, "threads", threads);
    measure_one(&mut group, "rayon", rayon);
    measure_one(&mut group, "processes", processes);
    measure(
        &mut group,
        (CHANNEL_POOL, Some(OVERHEAD_WORKERS)),
        peer,
        no_op::one_on_peer,
        |()| true,
    );
    group.finish();

    let mut group = criterion.benchmark_group(format!("overhead/burst of {BURST} tasks"));
    group.throughput(Throughput::Elements(BURST as u64));
    measure_burst(&mut group, "threads", threads, BURST);
    measure_burst(&mut group, "rayon", rayon, BURST);
    measure(
        &mut group,
        (CHANNEL_POOL, Some(OVERHEAD_WORKERS)),
        peer,
        |peer| no_op::burst_on_peer(peer, BURST),
        |count| *count == BURST,
    );
    group.finish();
}

fn measure_one<E: Executor>(
    group: &mut BenchmarkGroup<'_, WallTime>,
    backend: &str,
    pool: impl FnOnce() -> E,
) {
    measure(
        group,
        (backend, Some(OVERHEAD_WORKERS)),
        pool,
        |pool| no_op::one(pool).expect("the task runs"),
        |()| true,
    );
}

fn measure_burst<E: Executor>(
    group: &mut BenchmarkGroup<'_, WallTime>,
    backend: &str,
    pool: impl FnOnce() -> E,
    tasks: usize,
) {
    measure(
        group,
        (backend, Some(OVERHEAD_WORKERS)),
        pool,
        |pool| no_op::burst(pool, tasks).expect("the tasks run"),
        |count| *count == tasks,
    );
}

/// Prints what idle pools cost; there is nothing to sample about a number that should be zero.
fn idle_cost() {
    let span = Duration::from_secs(1);
    for backend in Backend::ALL {
        match idle::cpu_time(backend, OVERHEAD_WORKERS, span) {
            Ok(used) => eprintln!(
                "idle {}: {:.3} ms of CPU time in {} s",
                backend.name(),
                used.as_secs_f64() * 1e3,
                span.as_secs()
            ),
            Err(error) => eprintln!("idle {}: not measured: {error}", backend.name()),
        }
    }
}
