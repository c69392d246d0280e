//! The thirty-six pairs.
//!
//! Each is explored twice: with a worker that is held until both are over, so that two threads are alone with
//! the future, to the end; and with a worker that is free, which makes three. Pairs of which one waits for
//! an end that only the worker could bring about have the second form alone; two of them to the end, seven
//! within a bound.

use std::collections::BTreeSet;

use super::exploring::explore;
use super::operation::{Hold, Operation};
use super::oracle;
use crate::harness::{self, Bound};

/// One test for each pair, `pairs::<first>::<second>`, and the names of their models.
macro_rules! pairs {
    ($($first:ident: $($second:ident)*;)*) => {
        /// The pairs.
        const PAIRS: &[[&str; 2]] = &[$($([stringify!($first), stringify!($second)]),*),*];

        /// The models.
        pub(crate) const NAMES: &[&str] = &[
            $($(pairs!(free $first $second), pairs!(held $first $second)),*),*
        ];

        $(mod $first {
            $(#[test]
            fn $second() {
                let names = [stringify!($first), stringify!($second)];
                super::pair(pairs!(free $first $second), pairs!(held $first $second), names);
            })*
        })*
    };
    (free $first:ident $second:ident) => {
        concat!("pair ", stringify!($first), " + ", stringify!($second))
    };
    (held $first:ident $second:ident) => {
        concat!("pair ", stringify!($first), " + ", stringify!($second), ", worker held")
    };
}

pairs! {
    submit: submit complete cancel result add_callback wait_first shut_down drop;
    complete: complete cancel result add_callback wait_first shut_down drop;
    cancel: cancel result add_callback wait_first shut_down drop;
    result: result add_callback wait_first shut_down drop;
    add_callback: add_callback wait_first shut_down drop;
    wait_first: wait_first shut_down drop;
    shut_down: shut_down drop;
    drop: drop;
}

const CLAIM: &str =
    "what comes out is what some order of the steps comes to, and all that any comes to does";

fn pair(free: &'static str, held: &'static str, operations: [&str; 2]) {
    let operations = operations.map(Operation::named);
    let can_be_held = oracle::allowed(&operations, Hold::Held).is_some();
    if can_be_held {
        let missed = explore(held, CLAIM, operations, Hold::Held, Bound::Exhaustive);
        assert!(missed.is_empty(), "{held} never comes to {missed:?}");
    }
    // The search without a bound takes minutes for most.
    let bound = if !can_be_held && operations.contains(&Operation::Drop) {
        Bound::Exhaustive
    } else {
        Bound::Preemptions(3)
    };
    let missed = explore(free, CLAIM, operations, Hold::Free, bound);
    assert!(missed.is_empty(), "{free} never comes to {missed:?}");
    harness::count_passed("pairs", PAIRS.len());
}

#[test]
fn every_pair_is_there() {
    let all = Operation::ALL;
    let wanted: BTreeSet<_> = (0..all.len())
        .flat_map(|first| (first..all.len()).map(move |second| [all[first], all[second]]))
        .collect();
    let there = PAIRS.iter().map(|names| names.map(Operation::named));
    let there: BTreeSet<_> = there.collect();
    assert_eq!((PAIRS.len(), there), (36, wanted));
}
