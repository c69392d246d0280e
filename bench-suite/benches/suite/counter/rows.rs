//! The rows: how each form of the counter is warmed up, counted and timed.

use bench_suite::backend::Backend;
use bench_suite::peer::robust_mutex::{ROBUST_MUTEX, RobustMutex};
use bench_suite::peer::socket_counter::{SOCKETS, SocketCounter, Trips};
use bench_suite::workload::counter::in_memory::{self, Atomic, Counter, Locked};
use bench_suite::workload::counter::managed::{Managed, Way};
use bench_suite::workload::counter::shared::{Counting, SharedCounter};
use bench_suite::workload::counter::{EXPECTED, INCREMENTS};
use criterion::BenchmarkGroup;
use criterion::measurement::WallTime;
use executor::ProcessPoolExecutor;
use executor::shared::{self, Value};
use reports::{Count, Measurement, RowName};

use super::figures::floor;
use super::{EACH, PROCESSES, WORKERS};
use crate::measure::measure_count;

/// Increments of a client that has everything started, where a whole run would take seconds.
const WARM_UP: u32 = 100;

/// Tasks that share the memory of one process, and one thread alone.
pub(super) fn in_one_process(group: &mut BenchmarkGroup<'_, WallTime>) -> Vec<Count> {
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
pub(super) fn in_shared_memory(group: &mut BenchmarkGroup<'_, WallTime>) -> Vec<Count> {
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
    let count = |(pool, counting): &(_, Counting<C>)| {
        counting
            .on(pool, INCREMENTS)
            .expect("every task increments")
    };
    let warm = || {
        let pool = ProcessPoolExecutor::new(WORKERS).expect("a pool can be built");
        let warm = (pool, Counting::new().expect("the system has memory"));
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

/// Clients of a process that keeps the counter; each beside its floor.
pub(super) fn in_another_process(group: &mut BenchmarkGroup<'_, WallTime>) -> Vec<Count> {
    let mut rows = Vec::new();
    for way in Way::ALL {
        let trips = floor(way);
        rows.extend(in_manager(group, Backend::Processes, way));
        let row = RowName::by(SOCKETS, trips.name());
        rows.extend(over_sockets(group, row, trips, SocketCounter::start));
        rows.extend(in_manager(group, Backend::Threads, way));
        let row = RowName::by(SOCKETS, &format!("{}, from threads", trips.name()));
        let start = SocketCounter::start_with_threads;
        rows.extend(over_sockets(group, row, trips, start));
    }
    rows
}

fn in_manager(
    group: &mut BenchmarkGroup<'_, WallTime>,
    backend: Backend,
    way: Way,
) -> Option<Count> {
    let count = |(managed, pool): &(Managed, _), increments| {
        let count = managed.count(pool, way, increments);
        count.expect("every task increments")
    };
    let warm = || {
        let managed = Managed::start().expect("a manager can be started");
        let pool = backend.pool(WORKERS).expect("a pool can be built");
        let warm = (managed, pool);
        count(&warm, WARM_UP.into());
        warm
    };
    let row = RowName::by(backend.name(), way.name());
    measure_count(group, row, EXPECTED, warm, |warm| count(warm, INCREMENTS))
}

fn over_sockets(
    group: &mut BenchmarkGroup<'_, WallTime>,
    row: RowName,
    trips: Trips,
    start: impl FnOnce() -> SocketCounter,
) -> Option<Count> {
    let warm = || {
        let peer = start();
        peer.run(trips, WARM_UP);
        peer
    };
    measure_count(group, row, EXPECTED, warm, |peer| peer.run(trips, EACH))
}
