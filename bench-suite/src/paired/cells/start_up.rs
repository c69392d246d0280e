//! A pool that is made for one task: started, asked, and shut down.

use reports::paired::{Cell, Figure, Purpose};

use super::on_backend;
use crate::backend::Backend;
use crate::paired::family::{Family, Started, equals};
use crate::peer::spawn_pool::{SPAWN_POOL, SpawnPool};
use crate::workload::numbers;

pub(super) const NAME: &str = "start of a pool, one task, its end";

/// Two: the least that makes a pool.
pub(super) const WORKERS: u32 = 2;

/// Each backend, and procspawn's pool of processes; the processes against both of their likes.
pub(super) fn declare(family: &mut Family) {
    let [threads, processes, rayon] = Backend::ALL.map(|backend| {
        let cell = on_backend(NAME, backend, None, WORKERS, 1);
        family.add(cell, move || {
            // It goes with the run, which waits for its end.
            let run = move || Ok(numbers::sum(&backend.pool(WORKERS as usize)?, 1)?);
            Ok(Started::new(run, equals(1)))
        })
    });
    let cell = Cell {
        backend: SPAWN_POOL.to_owned(),
        ..on_backend(NAME, Backend::Processes, None, WORKERS, 1)
    };
    let peer = family.add(cell, || {
        let run = || Ok(SpawnPool::new(WORKERS as usize).burst(1));
        Ok(Started::new(run, equals(1)))
    });
    family.compare(processes, threads, Purpose::Exploratory);
    family.compare(processes, peer, Purpose::Exploratory);
    family.show(Figure::StartUp, vec![threads, rayon, processes, peer]);
}
