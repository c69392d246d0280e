//! What a map costs an item, where an item is next to nothing: beside rayon's parallel iterators and a
//! loop; and the figures to reach.

use std::time::Duration;

use bench_suite::backend::Backend;
use bench_suite::workload::mapping::{self, ITEMS};
use criterion::{Criterion, Throughput};
use executor::{Executor, ProcessPoolExecutor, RayonExecutor, ThreadPoolExecutor};
use rayon::ThreadPool;
use reports::{Claim, Reach, RowName};

use crate::SEQUENTIAL;
use crate::measure::measure;
use crate::turns::{in_turns, of_one, timed};

const PAR_ITER: &str = "rayon par_iter";

/// Two: the least that must share the items out.
const WORKERS: usize = 2;

/// Measures all of it, and what is claimed beside rayon in turns for so long, if at all. Returns the
/// figures to reach.
pub(crate) fn measure_all(criterion: &mut Criterion, span: Option<Duration>) -> Vec<Claim> {
    let name = format!("map/{ITEMS} small items");
    let mut group = criterion.benchmark_group(&name);
    group.throughput(Throughput::Elements(ITEMS));
    let right = |results: &Vec<u64>| mapping::is_right(results);
    let named = |backend| (backend, Some(WORKERS));
    measure(
        &mut group,
        SEQUENTIAL,
        || (),
        |()| mapping::sequential(),
        right,
    );
    let threads = named(Backend::Threads.name());
    let ran_threads = measure(&mut group, threads, warm_threads, run, right);
    let ran_par_iter = measure(&mut group, named(PAR_ITER), par_iter, run_par_iter, right);
    let rayon = || RayonExecutor::new(WORKERS).expect("a pool can be built");
    measure(&mut group, named(Backend::Rayon.name()), rayon, run, right);
    let processes = || ProcessPoolExecutor::new(WORKERS).expect("a pool can be built");
    measure(
        &mut group,
        named(Backend::Processes.name()),
        processes,
        run,
        right,
    );
    group.finish();
    let pairs = || {
        let span = span.filter(|_| ran_threads && ran_par_iter)?;
        let (own, peer) = (warm_threads(), par_iter());
        let pairs = in_turns(
            span,
            || timed(|| assert_eq!(run(&own).len() as u64, ITEMS)),
            || timed(|| assert_eq!(run_par_iter(&peer).len() as u64, ITEMS)),
        );
        Some(of_one(pairs, ITEMS, ITEMS))
    };
    let row = |backend: Backend| RowName::new(backend.name(), WORKERS as u32);
    vec![
        Claim {
            figure: "an item of a map on 2 threads".to_owned(),
            group: name.clone(),
            row: row(Backend::Threads),
            reference: Some(RowName::new(PAR_ITER, WORKERS as u32)),
            reach: Reach::Ratio(2.0),
            pairs: pairs().unwrap_or_default(),
        },
        Claim {
            figure: "an item of a map on 2 processes".to_owned(),
            group: name,
            row: row(Backend::Processes),
            reference: None,
            reach: Reach::Element(200.0),
            pairs: Vec::new(),
        },
    ]
}

fn warm_threads() -> ThreadPoolExecutor {
    let pool = ThreadPoolExecutor::new(WORKERS).expect("a pool can be built");
    run(&pool);
    pool
}

fn run(pool: &impl Executor) -> Vec<u64> {
    mapping::on(pool).expect("every item is mapped")
}

fn par_iter() -> ThreadPool {
    rayon::ThreadPoolBuilder::new()
        .num_threads(WORKERS)
        .build()
        .expect("a pool can be built")
}

fn run_par_iter(pool: &ThreadPool) -> Vec<u64> {
    pool.install(mapping::par_iter)
}
