//! More and more tasks that do nothing, all of them submitted before any is waited for: what it costs to queue any, what
//! each costs, and whether that grows.

use reports::paired::Figure;

use super::{on_backend, warm};
use crate::backend::Backend;
use crate::paired::family::{Family, Started, equals};
use crate::workload::numbers;

const NAME: &str = "queued tasks";

/// Two: the least between which somebody must choose.
const WORKERS: u32 = 2;

/// How many are queued.
const COUNTS: [u64; 5] = [100, 1_000, 10_000, 100_000, 1_000_000];

/// The most in processes, where a million would take four seconds in each visit of each launch.
const MOST_IN_PROCESSES: u64 = 100_000;

/// Each backend, by the number of tasks.
pub(super) fn declare(family: &mut Family) {
    for backend in Backend::ALL {
        let most = match backend {
            Backend::Processes => MOST_IN_PROCESSES,
            Backend::Threads | Backend::Rayon => u64::MAX,
        };
        let counts = COUNTS.into_iter().filter(|count| *count <= most);
        let cells = counts.map(|count| add(family, backend, count)).collect();
        family.show(Figure::Queued, cells);
    }
}

fn add(family: &mut Family, backend: Backend, count: u64) -> usize {
    let way = format!("{count} at once");
    let cell = on_backend(NAME, backend, Some(&way), WORKERS, count);
    family.add(cell, move || {
        let (pool, processes) = warm(backend, WORKERS)?;
        let run = move || Ok(numbers::sum(&pool, count)?);
        let started = Started::new(run, equals((1..=count).sum::<u64>()));
        Ok(started.in_processes(processes))
    })
}
