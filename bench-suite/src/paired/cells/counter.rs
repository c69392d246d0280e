//! The shared counter: in memory and in shared memory at the example's size; in a manager at a smaller one, beside
//! shared memory at that.

use reports::paired::{Cell, Purpose};

use super::{on_backend, warm};
use crate::backend::Backend;
use crate::paired::family::{AnyError, Family, Started, equals};
use crate::workload::counter::in_memory::{self, Counter};
use crate::workload::counter::managed::{Managed, Way};
use crate::workload::counter::shared::{Counting, SharedCounter};
use crate::workload::counter::{EXPECTED, INCREMENTS, TASKS};
use executor::shared::{Atomic, Value};

/// A worker for each task.
const WORKERS: u32 = TASKS as u32;

/// Increments of one task where each takes several messages: at the example's size a run would take seconds.
pub(super) const FEW: u64 = 200;

/// The others against a mutex on threads; the atomics against each other; a manager against shared memory, and its two
/// ways against each other. Then each atomic against its lock.
pub(super) fn declare(family: &mut Family) {
    let locks = Backend::SHARING.map(|backend| in_memory::<in_memory::Locked>(family, backend));
    let atomics = Backend::SHARING.map(|backend| in_memory::<in_memory::Atomic>(family, backend));
    let shared_lock = in_shared_memory::<Value<u64>>(family, "counter", INCREMENTS);
    let shared_atomic = in_shared_memory::<Atomic<u64>>(family, "counter", INCREMENTS);
    let few = in_shared_memory::<Value<u64>>(family, "short counter", FEW);
    let [by_the_book, by_call] = Way::ALL.map(|way| managed(family, way));

    let claim =
        "A counter that a manager holds takes more than ten times as long as one in shared memory";
    family.state(claim, by_the_book, few, 10.0);
    let confirm = Purpose::Confirmatory;
    family.compare(locks[1], locks[0], confirm);
    family.compare(shared_lock, locks[0], confirm);
    family.compare(atomics[1], atomics[0], confirm);
    family.compare(shared_atomic, atomics[0], confirm);
    family.compare(by_the_book, few, confirm);
    family.compare(by_call, by_the_book, confirm);
    for (atomic, lock) in atomics
        .into_iter()
        .zip(locks)
        .chain([(shared_atomic, shared_lock)])
    {
        family.compare(atomic, lock, Purpose::Exploratory);
    }
}

fn in_memory<C: Counter>(family: &mut Family, backend: Backend) -> usize {
    let cell = on_backend("counter", backend, Some(C::NAME), WORKERS, EXPECTED);
    family.add(cell, move || {
        let (pool, _) = warm(backend, WORKERS)?;
        Ok(Started::new(
            move || Ok(in_memory::on::<C>(&pool)?),
            equals(EXPECTED),
        ))
    })
}

fn on_processes(workload: &str, way: &str, increments: u64) -> Cell {
    on_backend(
        workload,
        Backend::Processes,
        Some(way),
        WORKERS,
        TASKS * increments,
    )
}

fn in_shared_memory<C: SharedCounter>(family: &mut Family, workload: &str, each: u64) -> usize {
    family.add(on_processes(workload, C::NAME, each), move || {
        let (pool, processes) = warm(Backend::Processes, WORKERS)?;
        let counting = Counting::<C>::new()?;
        let run = move || Ok(counting.on(&pool, each)?);
        Ok(Started::new(run, equals(TASKS * each)).in_processes(processes))
    })
}

fn managed(family: &mut Family, way: Way) -> usize {
    family.add(on_processes("short counter", way.name(), FEW), move || {
        let (pool, mut processes) = warm(Backend::Processes, WORKERS)?;
        let managed = Managed::start()?;
        processes.push(managed.pid());
        let run = move || -> Result<u64, AnyError> { Ok(managed.count(&pool, way, FEW)?) };
        Ok(Started::new(run, equals(TASKS * FEW)).in_processes(processes))
    })
}
