//! The figures that shared memory and a manager are to reach, each beside its floor in turns.

use std::time::Duration;

use bench_suite::peer::robust_mutex::{ROBUST_MUTEX, RobustMutex};
use bench_suite::peer::socket_counter::{SOCKETS, SocketCounter, Trips};
use bench_suite::placement::{keep_on, put_on, two_processors};
use bench_suite::workload::counter::clients::{Clients, MANY};
use bench_suite::workload::counter::managed::{Managed, Way, increment};
use bench_suite::workload::counter::shared::Counting;
use bench_suite::workload::counter::{EXPECTED, INCREMENTS, TASKS};
use executor::ProcessPoolExecutor;
use executor::shared::Value;
use reports::{Claim, Count, Pair, Reach, RowName};

use super::{EACH, GROUP, PROCESSES, WORKERS, has, shared_lock};
use crate::turns::{in_turns, of_one, timed};

/// Increments of a task in a turn with a manager, unless there is time for turns of a whole run, which
/// takes a second or two. Two clients that have just begun meet at the lock in another rhythm than two
/// that have been at it for a while, so that few increments are not a short run of many.
const FEW: u64 = 500;

/// Turns shorter than this are to be over soon.
const SHORT: Duration = Duration::from_secs(1);

/// How many increments a task makes in a turn with a manager. With everybody in one place there is but
/// one rhythm, and few show it.
fn in_a_turn(span: Duration, apart: Option<[usize; 2]>) -> u64 {
    if span < SHORT || apart.is_some() {
        FEW
    } else {
        INCREMENTS
    }
}

/// The figures whose rows were counted, each measured for so long.
pub(super) fn reached(rows: &[Count], span: Duration) -> Vec<Claim> {
    let on_processes = |way: Way| RowName::by(PROCESSES, way.name());
    let on_sockets = |trips: Trips| RowName::by(SOCKETS, trips.name());
    // A request that wakes nobody, because both ends take turns on one processor, takes a third of the
    // time of one that does, and the scheduler may find that for one side and not for the other. So what
    // talks to a server is claimed apart from that, too.
    let processors = two_processors().expect("the system says where this may run");
    let placements = || [None].into_iter().chain(processors.map(Some));
    let mut claims = Vec::new();
    if has(rows, &[&shared_lock(), &RowName::alone(ROBUST_MUTEX)]) {
        claims.push(shared_memory(span));
    }
    for way in Way::ALL {
        if has(rows, &[&on_processes(way), &on_sockets(floor(way))]) {
            claims.extend(placements().map(|apart| manager(span, way, apart)));
        }
    }
    if has(rows, &[&on_processes(Way::Call)]) {
        claims.extend(placements().map(|apart| many_clients(span, apart)));
    }
    claims
}

/// What a figure says of where it was measured; `apart` are the processors of the clients and of their
/// server, if it was for them to say.
fn place(apart: Option<[usize; 2]>) -> &'static str {
    match apart {
        None => "",
        Some(_) => ", server on another processor",
    }
}

fn put_all_on(processes: impl IntoIterator<Item = u32>, processor: usize) {
    for process in processes {
        put_on(process, processor).expect("the process is there, and the processor");
    }
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
    let counting = Counting::<Value<u64>>::new().expect("the system has memory");
    let count = move || {
        counting
            .on(&pool, increments)
            .expect("every task increments")
    };
    count();
    count
}

/// A manager's counter, against bare sockets, by the time of an increment.
fn manager(span: Duration, way: Way, apart: Option<[usize; 2]>) -> Claim {
    let (reach, how) = match way {
        Way::ByTheBook => (1.2, "in four round trips"),
        Way::Call => (1.3, "by one call"),
    };
    let increments = in_a_turn(span, apart);
    let (own, peer, trips) = (Increments::start(way), SocketCounter::start(), floor(way));
    // Each client has a thread at its server.
    own.count(FEW);
    peer.run(trips, FEW as u32);
    if let Some([near, far]) = apart {
        put_all_on(own.pool.worker_pids(), near);
        put_all_on(peer.client_pids(), near);
        put_all_on([own.managed.pid(), peer.server_pid()], far);
    }
    let pairs = in_turns(
        span,
        || timed(|| own.count(increments)),
        || timed(|| assert_eq!(peer.run(trips, increments as u32), TASKS * increments)),
    );
    let place = place(apart);
    Claim {
        figure: format!(
            "an increment through a manager {how}, {TASKS} × {increments} in a run{place}"
        ),
        group: GROUP.to_owned(),
        row: RowName::by(PROCESSES, way.name()),
        reference: Some(RowName::by(SOCKETS, trips.name())),
        reach: Reach::Ratio(reach),
        pairs: of_one(pairs, TASKS * increments, TASKS * increments),
    }
}

/// A call to a manager that has many clients, against one that has one.
fn many_clients(span: Duration, apart: Option<[usize; 2]>) -> Claim {
    let managed = [(); 2].map(|()| Managed::start().expect("a manager can be started"));
    // The clients are threads, and stay where the one that starts them is.
    let _kept = apart.map(|[near, _]| keep_on(near).expect("the processor is there"));
    let clients = |managed: &Managed, count| {
        let value = managed.value().clone();
        Clients::start(count, move || move || increment(&value))
    };
    let many = clients(&managed[0], MANY);
    let one = clients(&managed[1], 1);
    if let Some([_, far]) = apart {
        put_all_on(managed.iter().map(Managed::pid), far);
    }
    let place = place(apart);
    Claim {
        figure: format!("a call to a manager by each of {MANY} clients in turn{place}"),
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
    let managed = Increments::start(Way::ByTheBook);
    let shared = in_shared_memory(INCREMENTS);
    let pairs = in_turns(
        span,
        || timed(|| managed.count(FEW)),
        || timed(|| assert_eq!(shared(), EXPECTED)),
    );
    of_one(pairs, TASKS * FEW, EXPECTED)
}

/// Two warm processes that increment through a manager.
struct Increments {
    pool: ProcessPoolExecutor,
    managed: Managed,
    way: Way,
}

impl Increments {
    fn start(way: Way) -> Increments {
        Increments {
            pool: ProcessPoolExecutor::new(WORKERS).expect("a pool can be built"),
            managed: Managed::start().expect("a manager can be started"),
            way,
        }
    }

    /// Has each make so many increments.
    fn count(&self, increments: u64) {
        let count = self.managed.count(&self.pool, self.way, increments);
        assert_eq!(count.expect("every task increments"), TASKS * increments);
    }
}
