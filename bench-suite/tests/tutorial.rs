//! What the claims of the tutorials need is measured.

use bench_suite::paired::cells::family;
use bench_suite::peer::interpreters::Interpreter;
use reports::paired::Cell;
use reports::tutorial::{CLAIMS, CellName, Ground};

/// Whether the family says anything of two such cells, as a claim of the tutorials needs it.
fn is_declared(own: CellName, reference: CellName) -> bool {
    let family = family(&[Interpreter::usual()]);
    let is = |name: CellName, place: usize| {
        let Cell {
            workload,
            backend,
            way,
            ..
        } = &family.cells()[place];
        (name.workload, name.backend, name.way) == (workload, backend, way.as_deref())
    };
    let compared = family.comparisons().iter();
    let compared = compared.map(|it| (it.own, it.reference));
    let stated = family.statements().iter();
    let mut both = compared.chain(stated.map(|it| (it.own, it.reference)));
    both.any(|(a, b)| is(own, a) && is(reference, b) || is(own, b) && is(reference, a))
}

#[test]
fn the_cells_that_decide_a_claim_of_the_tutorials_are_measured() {
    let mut decided = 0;
    for claim in CLAIMS {
        for ground in [claim.on_cpython, claim.in_rust] {
            if let Ground::Slower { own, reference, .. } | Ground::Level { own, reference } = ground
            {
                assert!(is_declared(own, reference), "{}: {ground:?}", claim.number);
                decided += 1;
            }
        }
    }
    assert!(decided >= 7, "{decided}");
}
