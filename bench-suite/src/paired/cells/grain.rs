//! Equal tasks, from a microsecond to a hundred milliseconds, by a loop and on each backend.

use std::hint::black_box;
use std::sync::{Arc, LazyLock};

use reports::paired::{Cell, Purpose};

use super::{on_backend, sequential, warm};
use crate::backend::Backend;
use crate::paired::family::{Family, Started, equals};
use crate::workload::grain::{self, Grain};

const NAME: &str = "equal tasks";

/// Two: the least that must be kept busy, on any machine.
const WORKERS: u32 = 2;

/// Each backend against the loop, at each length: from where on it pays is for the analysis to find.
pub(super) fn declare(family: &mut Family) {
    for grain in Grain::ALL {
        let size = grain.terms * grain.tasks;
        let named = |cell| Cell {
            way: Some(format!("{} terms a task", grain.terms)),
            tasks: Some(grain.tasks),
            ..cell
        };
        let sum = move || grain::sequential(black_box(grain)).to_bits();
        // Once for all cells of a launch: the longest takes a quarter of a second.
        let expected = Arc::new(LazyLock::new(sum));
        let answer = Arc::clone(&expected);
        let by_loop = family.add(named(sequential(NAME, size)), move || {
            Ok(Started::new(move || Ok(sum()), equals(**answer)))
        });
        for backend in Backend::ALL {
            let cell = named(on_backend(NAME, backend, None, WORKERS, size));
            let expected = Arc::clone(&expected);
            let own = family.add(cell, move || {
                let (pool, processes) = warm(backend, WORKERS)?;
                let run = move || Ok(grain::on(&pool, grain)?.to_bits());
                Ok(Started::new(run, equals(**expected)).in_processes(processes))
            });
            family.compare(own, by_loop, Purpose::Exploratory);
        }
    }
}
