//! The thirty-five triples of those operations that can end a future or depend on its end.
//!
//! Three threads and a worker that is free are too many for every day: these tests are ignored unless asked
//! for (`scripts/loom --long`).

use std::collections::BTreeSet;

use super::exploring::explore;
use super::operation::{Hold, Operation};
use crate::harness::{self, Bound};

/// One test for each triple, `triples::<first>::<second>_<third>` as written in the table, and the names of
/// their models.
macro_rules! triples {
    ($($first:ident: $($test:ident($second:ident $third:ident))*;)*) => {
        /// The triples.
        const TRIPLES: &[[&str; 3]] = &[
            $($([stringify!($first), stringify!($second), stringify!($third)]),*),*
        ];

        /// The models.
        pub(crate) const NAMES: &[&str] = &[$($(triples!(name $first $second $third)),*),*];

        $(mod $first {
            $(#[test]
            #[ignore = "one of the long form: scripts/loom --long"]
            fn $test() {
                let names = [stringify!($first), stringify!($second), stringify!($third)];
                super::triple(triples!(name $first $second $third), names);
            })*
        })*
    };
    (name $first:ident $second:ident $third:ident) => {
        concat!("triple ", stringify!($first), " + ", stringify!($second), " + ", stringify!($third))
    };
}

triples! {
    complete:
        complete_complete(complete complete) complete_cancel(complete cancel) complete_result(complete result) complete_add_callback(complete add_callback) complete_shut_down(complete shut_down)
        cancel_cancel(cancel cancel) cancel_result(cancel result) cancel_add_callback(cancel add_callback) cancel_shut_down(cancel shut_down)
        result_result(result result) result_add_callback(result add_callback) result_shut_down(result shut_down)
        add_callback_add_callback(add_callback add_callback) add_callback_shut_down(add_callback shut_down)
        shut_down_shut_down(shut_down shut_down);
    cancel:
        cancel_cancel(cancel cancel) cancel_result(cancel result) cancel_add_callback(cancel add_callback) cancel_shut_down(cancel shut_down)
        result_result(result result) result_add_callback(result add_callback) result_shut_down(result shut_down)
        add_callback_add_callback(add_callback add_callback) add_callback_shut_down(add_callback shut_down)
        shut_down_shut_down(shut_down shut_down);
    result:
        result_result(result result) result_add_callback(result add_callback) result_shut_down(result shut_down)
        add_callback_add_callback(add_callback add_callback) add_callback_shut_down(add_callback shut_down)
        shut_down_shut_down(shut_down shut_down);
    add_callback:
        add_callback_add_callback(add_callback add_callback) add_callback_shut_down(add_callback shut_down)
        shut_down_shut_down(shut_down shut_down);
    shut_down:
        shut_down_shut_down(shut_down shut_down);
}

fn triple(name: &'static str, operations: [&str; 3]) {
    let operations = operations.map(Operation::named);
    // Some outcomes take more preemptions, so that none came up says nothing.
    let claim = "what comes out is what some order of the steps comes to";
    let _ = explore(name, claim, operations, Hold::Free, Bound::Preemptions(2));
    harness::count_passed("triples", TRIPLES.len());
}

#[test]
fn every_triple_is_there() {
    let some = [
        Operation::Complete,
        Operation::Cancel,
        Operation::Result,
        Operation::AddCallback,
        Operation::ShutDown,
    ];
    let mut wanted = BTreeSet::new();
    for (first, one) in some.into_iter().enumerate() {
        for (second, another) in some.into_iter().enumerate().skip(first) {
            wanted.extend(some[second..].iter().map(|&third| [one, another, third]));
        }
    }
    let there = TRIPLES.iter().map(|names| names.map(Operation::named));
    let there: BTreeSet<_> = there.collect();
    assert_eq!((TRIPLES.len(), there), (35, wanted));
}
