//! Rows of a group: what is timed, and the check of its answer, which is not.

use std::cell::LazyCell;
use std::hint::black_box;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use criterion::measurement::WallTime;
use criterion::{Bencher, BenchmarkGroup, BenchmarkId};
use reports::{Count, Parameter, RowName};

/// A row's name: the backend, and with how many workers.
pub(crate) type Name<'a> = (&'a str, Option<usize>);

/// Whether any benchmark has run: a filter may match none.
static MEASURED: AtomicBool = AtomicBool::new(false);

/// Whether any benchmark has run.
pub(crate) fn has_measured() -> bool {
    MEASURED.load(Ordering::Relaxed)
}

/// Adds a measurement of `routine` to a group; whether it was made, or a filter left it out.
///
/// The setting (a pool) is made when it is first needed, so that a filtered run makes only what it
/// measures. The last answer of every sample is checked, outside the timed part.
pub(crate) fn measure<S, T>(
    group: &mut BenchmarkGroup<'_, WallTime>,
    name: Name<'_>,
    setting: impl FnOnce() -> S,
    mut routine: impl FnMut(&S) -> T,
    is_right: impl Fn(&T) -> bool,
) -> bool {
    let setting = LazyCell::new(setting);
    let mut warm = false;
    let mut sample = |bencher: &mut Bencher<'_>| {
        let setting = LazyCell::force(&setting);
        if !warm {
            // A pool starts its workers at need; that is not what is measured.
            routine(setting);
            warm = true;
        }
        MEASURED.store(true, Ordering::Relaxed);
        let mut last = None;
        bencher.iter(|| last = Some(black_box(routine(setting))));
        assert!(last.as_ref().is_none_or(&is_right), "wrong answer");
    };
    add(group, name, &mut sample);
    warm
}

/// As [`measure`], for a routine that consumes its input: each run gets one of its own. To make it,
/// to check the answer and to drop it are outside the timed part.
pub(crate) fn measure_moved<S, T>(
    group: &mut BenchmarkGroup<'_, WallTime>,
    name: Name<'_>,
    setting: impl FnOnce() -> S,
    input: impl Fn() -> T,
    mut routine: impl FnMut(&S, T) -> T,
    is_right: impl Fn(&T) -> bool,
) -> bool {
    let setting = LazyCell::new(setting);
    let mut run = |setting: &S| timed_moved(&input, |input| routine(setting, input), &is_right);
    let mut warm = false;
    let mut sample = |bencher: &mut Bencher<'_>| {
        let setting = LazyCell::force(&setting);
        if !warm {
            run(setting);
            warm = true;
        }
        MEASURED.store(true, Ordering::Relaxed);
        bencher.iter_custom(|runs| (0..runs).map(|_| run(setting)).sum::<Duration>());
    };
    add(group, name, &mut sample);
    warm
}

/// As [`measure`], for a routine that counts to `expected`: every run is counted, none is rejected.
/// `None` if a filter left the row out. The setting has to be warm.
pub(crate) fn measure_count<S>(
    group: &mut BenchmarkGroup<'_, WallTime>,
    row: RowName,
    expected: u64,
    setting: impl FnOnce() -> S,
    mut routine: impl FnMut(&S) -> u64,
) -> Option<Count> {
    let setting = LazyCell::new(setting);
    let mut count = Count {
        row: row.clone(),
        is_control: false,
        runs: 0,
        expected: 0,
        got: 0,
        span_ns: None,
    };
    let mut run = |setting: &S| {
        let start = Instant::now();
        let got = black_box(routine(setting));
        let time = start.elapsed();
        count.runs += 1;
        count.expected += expected;
        count.got += got;
        time
    };
    let mut sample = |bencher: &mut Bencher<'_>| {
        let setting = LazyCell::force(&setting);
        MEASURED.store(true, Ordering::Relaxed);
        bencher.iter_custom(|runs| (0..runs).map(|_| run(setting)).sum::<Duration>());
    };
    match row.parameter {
        Parameter::None => group.bench_function(row.backend, &mut sample),
        way => group.bench_function(BenchmarkId::new(row.backend, way), &mut sample),
    };
    (count.runs > 0).then_some(count)
}

/// The time of a call that consumes its input; to make that, and to check and drop the answer, is
/// outside of it.
pub(crate) fn timed_moved<T>(
    input: impl Fn() -> T,
    call: impl FnOnce(T) -> T,
    is_right: impl Fn(&T) -> bool,
) -> Duration {
    let input = black_box(input());
    let start = Instant::now();
    let answer = black_box(call(input));
    let time = start.elapsed();
    assert!(is_right(&answer), "wrong answer");
    time
}

fn add(
    group: &mut BenchmarkGroup<'_, WallTime>,
    (backend, workers): Name<'_>,
    sample: &mut dyn FnMut(&mut Bencher<'_>),
) {
    match workers {
        Some(workers) => group.bench_function(BenchmarkId::new(backend, workers), sample),
        None => group.bench_function(backend, sample),
    };
}
