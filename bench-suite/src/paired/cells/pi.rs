//! Pi, on each backend with one worker and with all processors, and by a loop.

use std::hint::black_box;

use reports::paired::Purpose;

use super::{all_processors, on_backend, sequential, warm};
use crate::backend::Backend;
use crate::paired::family::{AnyError, Family, Started, equals};
use crate::workload::pi;

pub(super) const NAME: &str = "pi";

/// The example's ten million take too long for many visits; a tenth of it still outweighs any pool.
pub(super) const TERMS: u64 = 1_000_000;

/// The cells on all processors that others are compared with.
#[derive(Clone, Copy)]
pub(super) struct Places {
    pub(super) threads: usize,
    pub(super) processes: usize,
}

/// The control; each backend against the loop, and the others against threads; then each against itself with one
/// worker, which shows the serial fraction.
pub(super) fn declare(family: &mut Family) -> Places {
    let many = all_processors();
    let alone = family.add(sequential(NAME, TERMS), || {
        let run = || Ok(pi::partial(1, black_box(TERMS)).to_bits());
        Ok(Started::new(run, equals(pi::expected(TERMS, 1).to_bits())))
    });
    let mut add = |backend, workers| {
        let cell = on_backend(NAME, backend, None, workers, TERMS);
        family.add(cell, move || start(backend, workers))
    };
    let [threads, processes, rayon] = Backend::ALL.map(|backend| add(backend, many));
    let ones = Backend::ALL.map(|backend| add(backend, 1));
    let again = add(Backend::Threads, many);

    family.compare(again, threads, Purpose::Control);
    for many in [threads, processes, rayon] {
        family.compare(many, alone, Purpose::Confirmatory);
    }
    for other in [processes, rayon] {
        family.compare(other, threads, Purpose::Confirmatory);
    }
    for (many, one) in [threads, processes, rayon].into_iter().zip(ones) {
        family.compare(many, one, Purpose::Exploratory);
    }
    Places { threads, processes }
}

fn start(backend: Backend, workers: u32) -> Result<Started, AnyError> {
    let (pool, processes) = warm(backend, workers)?;
    let parts = u64::from(workers);
    let run = move || Ok(pi::on(&pool, TERMS, parts)?.to_bits());
    // To the bit: the same parts in the same order.
    let expected = pi::expected(TERMS, parts).to_bits();
    Ok(Started::new(run, equals(expected)).in_processes(processes))
}
