//! The figures that shared memory and a manager are to reach, each beside its floor in turns.

use std::time::Duration;

use bench_suite::peer::robust_mutex::{ROBUST_MUTEX, RobustMutex};
use bench_suite::peer::socket_counter::{SOCKETS, SocketCounter, Trips};
use bench_suite::workload::counter::clients::{Clients, MANY};
use bench_suite::workload::counter::managed::{Managed, Way, increment};
use bench_suite::workload::counter::shared::{self, SharedCounter};
use bench_suite::workload::counter::{EXPECTED, INCREMENTS, TASKS};
use executor::ProcessPoolExecutor;
use executor::shared::Value;
use reports::{Claim, Count, Pair, Reach, RowName};

use super::{EACH, GROUP, PROCESSES, WORKERS, has, shared_lock};
use crate::turns::{in_turns, of_one, timed};

/// Increments of a task in a turn with a manager: a whole run would take a second or two.
const TURN: u64 = 500;

/// The figures whose rows were counted, each measured for so long.
pub(super) fn reached(rows: &[Count], span: Duration) -> Vec<Claim> {
    let on_processes = |way: Way| RowName::by(PROCESSES, way.name());
    let on_sockets = |trips: Trips| RowName::by(SOCKETS, trips.name());
    let mut claims = Vec::new();
    if has(rows, &[&shared_lock(), &RowName::alone(ROBUST_MUTEX)]) {
        claims.push(shared_memory(span));
    }
    for way in Way::ALL {
        if has(rows, &[&on_processes(way), &on_sockets(floor(way))]) {
            claims.push(manager(span, way));
        }
    }
    if has(rows, &[&on_processes(Way::Call)]) {
        claims.push(many_clients(span));
    }
    claims
}

/// What the bare sockets do where a manager is used in this way.
pub(super) fn floor(way: Way) -> Trips {
    match way {
        Way::ByTheBook => Trips::Four,
        Way::Call => Trips::One,
    }
}

/// A lock in shared memory, by the time of a whole run.
fn shared_memory(span: Duration) -> Claim {
    let (count, peer) = (in_shared_memory(INCREMENTS), RobustMutex::start());
    Claim {
        figure: "20 000 locked increments by two processes in shared memory".to_owned(),
        group: GROUP.to_owned(),
        row: shared_lock(),
        reference: Some(RowName::alone(ROBUST_MUTEX)),
        reach: Reach::Run(1.5e6),
        pairs: in_turns(
            span,
            || timed(|| assert_eq!(count(), EXPECTED)),
            || timed(|| assert_eq!(peer.run(EACH), EXPECTED)),
        ),
    }
}

/// Has two warm processes make so many increments each, under a lock in shared memory.
fn in_shared_memory(increments: u64) -> impl Fn() -> u64 {
    let pool = ProcessPoolExecutor::new(WORKERS).expect("a pool can be built");
    let counter = Value::zero().expect("the system has memory");
    let count = move || shared::on(&pool, &counter, increments).expect("every task increments");
    count();
    count
}

/// A manager's counter, against bare sockets, by the time of an increment.
fn manager(span: Duration, way: Way) -> Claim {
    let (reach, how) = match way {
        Way::ByTheBook => (1.2, "in four round trips"),
        Way::Call => (1.3, "by one call"),
    };
    let (count, peer, trips) = (managed(way), SocketCounter::start(), floor(way));
    peer.run(trips, TURN as u32);
    let pairs = in_turns(
        span,
        || timed(|| assert_eq!(count(), TASKS * TURN)),
        || timed(|| assert_eq!(peer.run(trips, TURN as u32), TASKS * TURN)),
    );
    Claim {
        figure: format!("an increment through a manager {how}, {TASKS} × {TURN} in a run"),
        group: GROUP.to_owned(),
        row: RowName::by(PROCESSES, way.name()),
        reference: Some(RowName::by(SOCKETS, trips.name())),
        reach: Reach::Ratio(reach),
        pairs: of_one(pairs, TASKS * TURN, TASKS * TURN),
    }
}

/// A call to a manager that has many clients, against one that has one.
fn many_clients(span: Duration) -> Claim {
    let managed = [(); 2].map(|()| Managed::start().expect("a manager can be started"));
    let clients = |managed: &Managed, count| {
        let value = managed.value().clone();
        Clients::start(count, move || move || increment(&value))
    };
    let many = clients(&managed[0], MANY);
    let one = clients(&managed[1], 1);
    Claim {
        figure: format!("a call to a manager by each of {MANY} clients in turn"),
        group: GROUP.to_owned(),
        row: RowName::by(&format!("{MANY} clients"), Way::Call.name()),
        reference: Some(RowName::alone("one client")),
        reach: Reach::Ratio(1.5),
        pairs: of_one(
            in_turns(span, || many.calls(MANY), || one.calls(MANY)),
            MANY as u64,
            MANY as u64,
        ),
    }
}

/// Times of an increment by the book, through a manager and in shared memory, in turns.
pub(super) fn manager_and_shared_memory(span: Duration) -> Vec<Pair> {
    let (managed, shared) = (managed(Way::ByTheBook), in_shared_memory(INCREMENTS));
    let pairs = in_turns(
        span,
        || timed(|| assert_eq!(managed(), TASKS * TURN)),
        || timed(|| assert_eq!(shared(), EXPECTED)),
    );
    of_one(pairs, TASKS * TURN, EXPECTED)
}

/// Has two warm processes make [`TURN`] increments each through a manager.
fn managed(way: Way) -> impl Fn() -> u64 {
    let pool = ProcessPoolExecutor::new(WORKERS).expect("a pool can be built");
    let managed = Managed::start().expect("a manager can be started");
    let count = move || {
        let count = managed.count(&pool, way, TURN);
        count.expect("every task increments")
    };
    count();
    count
}
