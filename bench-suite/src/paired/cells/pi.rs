//! Pi, on each backend with one worker and with all processors, and by a loop; and with more and more workers, on the
//! same work and on the same work for each.

use std::hint::black_box;

use reports::paired::{Figure, Purpose};

use super::{all_processors, on_backend, sequential, warm};
use crate::backend::Backend;
use crate::paired::family::{AnyError, Family, Started, equals};
use crate::workload::pi;

pub(super) const NAME: &str = "pi";

/// The example's ten million take too long for many visits; a tenth of it still outweighs any pool.
pub(super) const TERMS: u64 = 1_000_000;

/// What each worker has to do where all have the same.
const TERMS_OF_ONE: u64 = TERMS / 2;

/// Up to so many workers each count is measured; beyond, only powers of two and what is special.
const ALL_COUNTS: u32 = 8;

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
        family.add(cell, move || start(backend, workers, TERMS))
    };
    let [threads, processes, rayon] = Backend::ALL.map(|backend| add(backend, many));
    let ones = Backend::ALL.map(|backend| add(backend, 1));
    let again = add(Backend::Threads, many);
    let others: Vec<u32> = worker_counts(many)
        .into_iter()
        .filter(|count| ![1, many].contains(count))
        .collect();
    let strong = Backend::ALL.map(|backend| {
        others
            .iter()
            .map(|&count| add(backend, count))
            .collect::<Vec<_>>()
    });

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
    for ((strong, one), all) in strong
        .into_iter()
        .zip(ones)
        .zip([threads, processes, rayon])
    {
        let mut cells = strong;
        cells.extend([one, all]);
        cells.sort_by_key(|&cell| family.cells()[cell].workers);
        family.show(Figure::StrongScaling, cells);
    }
    weak(family, many);
    Places { threads, processes }
}

/// On how many workers it is shown how backends scale: one to twice the processors, each count if there are few.
fn worker_counts(processors: u32) -> Vec<u32> {
    let most = 2 * processors;
    if most <= ALL_COUNTS {
        return (1..=most).collect();
    }
    let powers = (0..)
        .map(|power| 1 << power)
        .take_while(|count| *count < most);
    let mut counts: Vec<u32> = powers.chain([processors, most]).collect();
    counts.sort_unstable();
    counts.dedup();
    counts
}

/// The same work for each worker, on more and more of them.
fn weak(family: &mut Family, processors: u32) {
    for backend in Backend::ALL {
        let cells = worker_counts(processors).into_iter().map(|workers| {
            let terms = TERMS_OF_ONE * u64::from(workers);
            let way = Some("the same work for each worker");
            let cell = on_backend(NAME, backend, way, workers, terms);
            family.add(cell, move || start(backend, workers, terms))
        });
        let cells = cells.collect();
        family.show(Figure::WeakScaling, cells);
    }
}

fn start(backend: Backend, workers: u32, terms: u64) -> Result<Started, AnyError> {
    let (pool, processes) = warm(backend, workers)?;
    let parts = u64::from(workers);
    let run = move || Ok(pi::on(&pool, terms, parts)?.to_bits());
    // To the bit: the same parts in the same order.
    let expected = pi::expected(terms, parts).to_bits();
    Ok(Started::new(run, equals(expected)).in_processes(processes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scaling_goes_from_one_worker_to_twice_the_processors() {
        assert_eq!(worker_counts(2), [1, 2, 3, 4]);
        assert_eq!(worker_counts(4), [1, 2, 3, 4, 5, 6, 7, 8]);
        assert_eq!(worker_counts(6), [1, 2, 4, 6, 8, 12]);
        assert_eq!(worker_counts(64), [1, 2, 4, 8, 16, 32, 64, 128]);
    }
}
