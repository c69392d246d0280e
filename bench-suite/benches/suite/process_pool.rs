//! What a process pool costs: to start, for a task, for a burst of them, and for payloads; each
//! beside what another pool, or the bare system, needs for the same; and the figures to reach.

use std::time::Duration;

use bench_suite::backend::Backend;
use bench_suite::peer::memfd::{MEMFD, MemfdPeer};
use bench_suite::peer::ping_pong::{PING_PONG, PingPong};
use bench_suite::peer::spawn_pool::{SPAWN_POOL, SpawnPool};
use bench_suite::placement::{keep_on, put_on, two_processors};
use bench_suite::workload::no_op::{self, PROCESS_BURST};
use bench_suite::workload::payload;
use criterion::measurement::WallTime;
use criterion::{BenchmarkGroup, Criterion, Throughput};
use executor::ProcessPoolExecutor;
use reports::{Claim, Pair, Reach, RowName};

use crate::measure::{measure, measure_moved, timed_moved};
use crate::turns::{in_turns, of_one, timed};

const PROCESSES: &str = Backend::Processes.name();

/// A worker alone, where nothing but the way counts: so for the payloads, of which there is one at a
/// time.
const ONE: usize = 1;

/// Two, between which somebody must choose: the least that makes a pool.
const TWO: usize = 2;

/// Measures all of it; within a group, what is compared is measured one right after the other, and
/// what is claimed about for so long in turns, if at all. Returns the figures to reach.
pub(crate) fn measure_all(criterion: &mut Criterion, in_turns: Option<Duration>) -> Vec<Claim> {
    let mut claims = vec![measure_start(criterion, in_turns)];
    claims.extend(measure_round_trip(criterion, in_turns));
    claims.push(measure_burst(criterion, in_turns));
    for (name, size) in payload::SIZES {
        let pairs = measure_payload(criterion, name, size, in_turns);
        // The smaller ones show from where on it holds.
        if size == payload::LARGEST {
            claims.push(Claim {
                figure: format!("{name} there and back"),
                group: there_and_back(name),
                row: row(ONE),
                reference: Some(RowName::alone(MEMFD)),
                reach: Reach::Ratio(1.3),
                pairs,
            });
        }
    }
    claims
}

fn processes(workers: usize) -> ProcessPoolExecutor {
    ProcessPoolExecutor::new(workers).expect("a pool can be built")
}

/// A pool all of whose workers have worked.
fn warm(workers: usize) -> ProcessPoolExecutor {
    let pool = processes(workers);
    no_op::burst(&pool, 10 * workers).expect("the tasks run");
    assert_eq!(pool.worker_pids().len(), workers, "not all have started");
    pool
}

/// A row of process pools.
fn row(workers: usize) -> RowName {
    RowName::new(PROCESSES, u32::try_from(workers).expect("there are few"))
}

fn measure_start(criterion: &mut Criterion, span: Option<Duration>) -> Claim {
    let name = "process pool/start of 2 workers, one task, shutdown";
    // Dropped within the run: that is the shutdown, and waits.
    let pool = || no_op::one(&processes(TWO)).expect("the task runs");
    let peer = || SpawnPool::new(TWO).one();
    let mut group = criterion.benchmark_group(name);
    let two = |backend| (backend, Some(TWO));
    let ran_pool = measure(&mut group, two(PROCESSES), || (), |()| pool(), |()| true);
    let ran_peer = measure(&mut group, two(SPAWN_POOL), || (), |()| peer(), |()| true);
    group.finish();
    let span = span.filter(|_| ran_pool && ran_peer);
    Claim {
        figure: "pool of 2 started, one task, shut down".to_owned(),
        group: name.to_owned(),
        row: row(TWO),
        reference: Some(RowName::new(SPAWN_POOL, 2)),
        reach: Reach::Run(3e6),
        pairs: span.map_or_else(Vec::new, |span| {
            in_turns(span, || timed(pool), || timed(peer))
        }),
    }
}

const ROUND_TRIP: &str = "process pool/one task at a time";

fn measure_round_trip(criterion: &mut Criterion, span: Option<Duration>) -> Vec<Claim> {
    let mut group = criterion.benchmark_group(ROUND_TRIP);
    group.throughput(Throughput::Elements(1));
    let ran_one = measure_one(&mut group, ONE);
    let floor = (PING_PONG, None);
    let ran_floor = measure(&mut group, floor, PingPong::start, ping, |()| true);
    let ran_two = measure_one(&mut group, TWO);
    for workers in [ONE, TWO] {
        measure(
            &mut group,
            (SPAWN_POOL, Some(workers)),
            || SpawnPool::new(workers),
            SpawnPool::one,
            |()| true,
        );
    }
    group.finish();
    let span = span.filter(|_| ran_one && ran_floor && ran_two);
    // The scheduler may have the two processes take turns on one processor, where a message wakes
    // nobody, or put them on two; and not the same for the pool and for its floor. Tasks that are to
    // run beside their caller are on another processor, so this is claimed apart from what comes.
    let processors = two_processors().expect("the system says where this may run");
    let placed = processors.filter(|_| span.is_some());
    let placements = [None].into_iter().chain(placed.map(Some));
    placements
        .flat_map(|apart| [ONE, TWO].map(|workers| round_trip_claim(workers, span, apart)))
        .collect()
}

fn measure_one(group: &mut BenchmarkGroup<'_, WallTime>, workers: usize) -> bool {
    measure(
        group,
        (PROCESSES, Some(workers)),
        || warm(workers),
        |pool| no_op::one(pool).expect("the task runs"),
        |()| true,
    )
}

fn round_trip_claim(workers: usize, span: Option<Duration>, apart: Option<[usize; 2]>) -> Claim {
    let place = match apart {
        None => "",
        Some(_) => ", worker on another processor",
    };
    Claim {
        figure: format!("no-op round trip, warm pool of {workers}{place}"),
        group: ROUND_TRIP.to_owned(),
        row: row(workers),
        reference: Some(RowName::alone(PING_PONG)),
        reach: Reach::Ratio(0.8),
        pairs: span.map_or_else(Vec::new, |span| round_trips(workers, span, apart)),
    }
}

/// Round trips through a pool and through its floor, in turns; `apart` keeps the caller on the first
/// and every process on the second of two processors.
fn round_trips(workers: usize, span: Duration, apart: Option<[usize; 2]>) -> Vec<Pair> {
    let (pool, peer) = (warm(workers), PingPong::start());
    let _kept = apart.map(|[near, far]| {
        for process in pool.worker_pids().into_iter().chain([peer.pid()]) {
            put_on(process, far).expect("the process is there, and the processor");
        }
        keep_on(near).expect("the processor is there")
    });
    in_turns(
        span,
        || timed(|| no_op::one(&pool).expect("the task runs")),
        || timed(|| ping(&peer)),
    )
}

/// A round trip of the floor, checked.
fn ping(peer: &PingPong) {
    // Another message than the last, so that an old echo would show.
    let message = peer.next_message();
    assert_eq!(peer.round_trip(&message), message);
}

fn measure_burst(criterion: &mut Criterion, span: Option<Duration>) -> Claim {
    let name = format!("process pool/burst of {PROCESS_BURST} tasks");
    let mut group = criterion.benchmark_group(&name);
    group.throughput(Throughput::Elements(PROCESS_BURST as u64));
    let on_pool =
        |pool: &ProcessPoolExecutor| no_op::burst(pool, PROCESS_BURST).expect("the tasks run");
    let on_peer = |peer: &SpawnPool| peer.burst(PROCESS_BURST);
    let is_right = |count: &usize| *count == PROCESS_BURST;
    let two = |backend| (backend, Some(TWO));
    let new_peer = || SpawnPool::new(TWO);
    let ran_pool = measure(&mut group, two(PROCESSES), || warm(TWO), on_pool, is_right);
    let ran_peer = measure(&mut group, two(SPAWN_POOL), new_peer, on_peer, is_right);
    group.finish();
    let bursts = |span| {
        let (pool, peer) = (warm(TWO), new_peer());
        let bursts = in_turns(
            span,
            || timed(|| assert!(is_right(&on_pool(&pool)))),
            || timed(|| assert!(is_right(&on_peer(&peer)))),
        );
        of_one(bursts, PROCESS_BURST as u64, PROCESS_BURST as u64)
    };
    Claim {
        figure: "a task of a burst on a pool of 2".to_owned(),
        group: name,
        row: row(TWO),
        reference: Some(RowName::new(SPAWN_POOL, 2)),
        reach: Reach::Element(10e3),
        pairs: span
            .filter(|_| ran_pool && ran_peer)
            .map_or_else(Vec::new, bursts),
    }
}

fn there_and_back(size: &str) -> String {
    format!("process pool/{size} there and back")
}

fn measure_payload(
    criterion: &mut Criterion,
    name: &str,
    size: usize,
    span: Option<Duration>,
) -> Vec<Pair> {
    let mut group = criterion.benchmark_group(there_and_back(name));
    let bytes = payload::bytes(size);
    let input = || bytes.clone();
    let is_right = |answer: &Vec<u8>| *answer == bytes;
    let through_pool = |pool: &ProcessPoolExecutor, bytes| {
        payload::there_and_back(pool, bytes).expect("the task runs")
    };
    let ran_pool = measure_moved(
        &mut group,
        (PROCESSES, Some(ONE)),
        || warm(ONE),
        input,
        through_pool,
        is_right,
    );
    let ran_floor = measure_moved(
        &mut group,
        (MEMFD, None),
        MemfdPeer::start,
        input,
        MemfdPeer::there_and_back,
        is_right,
    );
    group.finish();
    let Some(span) = span.filter(|_| ran_pool && ran_floor && size == payload::LARGEST) else {
        return Vec::new();
    };
    let (pool, peer) = (warm(ONE), MemfdPeer::start());
    in_turns(
        span,
        || timed_moved(input, |bytes| through_pool(&pool, bytes), is_right),
        || timed_moved(input, |bytes| peer.there_and_back(bytes), is_right),
    )
}
