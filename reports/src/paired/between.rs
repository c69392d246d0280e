//! Comparisons that nobody declared and a reader asks for: backends that were set against the same loop, with each other.

use super::{Declared, PairedRun, Purpose};
use crate::Measurement;

/// Each pair of cells that are declared against the same sequential cell and not against each other, as an exploratory
/// comparison, the later one in the list of comparisons set against the earlier one.
pub(super) fn between(run: &PairedRun) -> Vec<Declared> {
    let is_loop = |cell: usize| run.cells[cell].backend == Measurement::SEQUENTIAL;
    let against_loops = run.comparisons.iter();
    let against_loops = against_loops.filter(|declared| is_loop(declared.reference));
    let against_loops: Vec<&Declared> = against_loops.collect();
    let is_declared = |a: usize, b: usize| {
        let mut all = run.comparisons.iter();
        all.any(|it| [(a, b), (b, a)].contains(&(it.own, it.reference)))
    };
    let mut pairs = Vec::new();
    for (place, later) in against_loops.iter().enumerate() {
        for earlier in &against_loops[..place] {
            let (own, reference) = (later.own, earlier.own);
            let is_same = later.reference == earlier.reference && own != reference;
            if is_same && !is_declared(own, reference) {
                pairs.push(Declared {
                    own,
                    reference,
                    purpose: Purpose::Exploratory,
                });
            }
        }
    }
    pairs
}
