//! A map over an executor is a map over an iterator.

use executor::{Executor, fallible};
use proptest::collection::vec;
use proptest::prelude::{Just, Strategy, any, prop_oneof};
use proptest::sample::Index;
use proptest::{prop_assert, prop_assert_eq};

use super::script::{Left, act, expected, left, script};
use super::vacuity::Property;
use crate::backends::{Backend, on_every_executor};

on_every_executor!(a_map_equals_a_loop_for_any_chunks_workers_and_consumption);

static PROPERTY: Property = Property::new(
    "mapping",
    &[
        "several chunks",
        "a rest",
        "an error in the middle",
        "left early",
    ],
)
.with_pools();

fn chunksize() -> impl Strategy<Value = usize> {
    prop_oneof![4 => 1..10_usize, 1 => Just(usize::MAX)]
}

fn a_map_equals_a_loop_for_any_chunks_workers_and_consumption<B: Backend>() {
    PROPERTY.check(
        (
            vec(script(), 0..40),
            chunksize(),
            1..4_usize,
            any::<Option<Index>>(),
        ),
        |case, (scripts, chunksize, workers, taken)| {
            let pool = B::pool(workers);
            let all: Vec<Left> = scripts.iter().map(expected).collect();
            let taken = taken.map_or(all.len(), |taken| taken.index(all.len() + 1));
            let count = all.len();
            let map = pool
                .map_chunked(fallible(act), scripts, chunksize)
                .expect("accepted");
            let seen: Vec<Left> = map.take(taken).map(left).collect();
            prop_assert_eq!(&seen[..], &all[..taken]);
            let is_error = |left: &Left| !matches!(left, Left::Value(_));
            prop_assert_eq!(
                seen.iter().position(is_error),
                all[..taken].iter().position(is_error)
            );
            let first_error = seen.iter().position(is_error);
            case.reached_if(count > chunksize, "several chunks");
            case.reached_if(
                count > chunksize && !count.is_multiple_of(chunksize),
                "a rest",
            );
            case.reached_if(
                first_error.is_some_and(|n| n + 1 < taken),
                "an error in the middle",
            );
            case.reached_if(taken < count, "left early");
            // The pool is none the worse for it.
            let future = pool.submit(|n: u8| n, (7,)).expect("accepted");
            prop_assert!(future.result().is_ok_and(|n| *n == 7));
            Ok(())
        },
    );
}
