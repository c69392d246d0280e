//! Threads and rayon beside the pools that Rust programmers have: many tasks at once, and one at a time.

use futures::executor::ThreadPool as FuturesThreadPool;
use reports::paired::{Cell, Figure, Purpose};

use super::{on_backend, warm};
use crate::backend::Backend;
use crate::paired::family::{Family, Started, equals};
use crate::peer::channel_pool::ChannelPool;
use crate::peer::thread_pools::ThreadPool;
use crate::workload::numbers;

/// Two: the least between which somebody must choose.
const WORKERS: u32 = 2;

/// How the tasks come.
#[derive(Clone, Copy)]
pub(super) struct Rhythm {
    pub(super) name: &'static str,
    pub(super) workers: u32,
    /// How many are submitted before any is waited for,
    pub(super) at_once: u64,
    /// and how often that is done.
    pub(super) times: u64,
}

/// What a pool costs a task when it is busy, and what it costs to wake it.
const RHYTHMS: [Rhythm; 2] = [
    Rhythm {
        name: "burst of tasks",
        workers: WORKERS,
        at_once: 10_000,
        times: 1,
    },
    Rhythm {
        name: "one task at a time",
        workers: WORKERS,
        at_once: 1,
        times: 100,
    },
];

/// Threads against each peer, and rayon against rayon without an executor.
pub(super) fn declare(family: &mut Family) {
    for rhythm in RHYTHMS {
        let [threads, rayon] = Backend::SHARING.map(|backend| own(family, backend, rhythm));
        let spawn = peer::<rayon::ThreadPool>(family, rhythm);
        let others = [
            spawn,
            peer::<ChannelPool>(family, rhythm),
            peer::<threadpool::ThreadPool>(family, rhythm),
            peer::<FuturesThreadPool>(family, rhythm),
            #[cfg(not(loom))]
            peer::<tokio::runtime::Runtime>(family, rhythm),
        ];
        let mut shown = vec![threads, rayon];
        for other in others {
            family.compare(threads, other, Purpose::Exploratory);
            shown.push(other);
        }
        family.show(Figure::Peers, shown);
        family.compare(rayon, spawn, Purpose::Exploratory);
    }
}

impl Rhythm {
    /// So many sums, which must all be right.
    pub(super) fn sums<E>(self, mut sum: impl FnMut(u64) -> Result<u64, E>) -> Result<u64, E> {
        (0..self.times).map(|_| sum(self.at_once)).sum()
    }

    pub(super) fn expected(self) -> u64 {
        self.times * (1..=self.at_once).sum::<u64>()
    }

    pub(super) fn size(self) -> u64 {
        self.times * self.at_once
    }
}

/// The rhythm on a backend of ours.
pub(super) fn own(family: &mut Family, backend: Backend, rhythm: Rhythm) -> usize {
    let cell = on_backend(rhythm.name, backend, None, rhythm.workers, rhythm.size());
    family.add(cell, move || {
        let (pool, processes) = warm(backend, rhythm.workers)?;
        let run = move || Ok(rhythm.sums(|tasks| numbers::sum(&pool, tasks))?);
        let started = Started::new(run, equals(rhythm.expected()));
        Ok(started.in_processes(processes))
    })
}

/// The cell of another library.
pub(super) fn named(name: &str, workers: Option<u32>, rhythm: Rhythm) -> Cell {
    Cell {
        workload: rhythm.name.to_owned(),
        backend: name.to_owned(),
        way: None,
        workers,
        size: rhythm.size(),
        tasks: None,
    }
}

fn peer<P: ThreadPool>(family: &mut Family, rhythm: Rhythm) -> usize {
    family.add(named(P::NAME, Some(rhythm.workers), rhythm), move || {
        let pool = P::start(rhythm.workers as usize);
        let run = move || rhythm.sums(|tasks| Ok(pool.sum(tasks)));
        Ok(Started::new(run, equals(rhythm.expected())))
    })
}
