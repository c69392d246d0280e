//! A map over an executor is a map over an iterator.

use executor::{Executor, MapError, MapOptions, fallible};
use proptest::collection::vec;
use proptest::prelude::{Just, Strategy, any, prop_oneof};
use proptest::sample::Index;
use proptest::{prop_assert, prop_assert_eq};

use super::script::{Left, act, expected, left, script};
use super::vacuity::Property;
use crate::backends::{Backend, on_every_executor};

on_every_executor!(
    a_map_equals_a_loop_for_any_options_workers_and_consumption,
    an_unordered_map_yields_what_a_loop_does_in_some_order,
);

static IN_ORDER: Property = Property::new(
    "mapping",
    &[
        "several chunks",
        "a rest",
        "a buffer that fills",
        "an error in the middle",
        "left early",
    ],
)
.with_pools();

static UNORDERED: Property = Property::new(
    "mapping",
    &["several chunks", "a buffer that fills", "an error"],
)
.with_pools();

/// How a map is asked for, without the order.
#[derive(Clone, Debug)]
struct Asked {
    /// `None` is automatic.
    chunksize: Option<usize>,
    buffersize: Option<usize>,
    /// Whether the iterator knows how many items it has.
    is_sized: bool,
}

impl Asked {
    fn options(&self) -> MapOptions {
        let options = match self.chunksize {
            Some(chunksize) => MapOptions::new().chunksize(chunksize),
            None => MapOptions::new().automatic_chunksize(),
        };
        match self.buffersize {
            Some(buffersize) => options.buffersize(buffersize),
            None => options,
        }
    }

    /// The least that a chunk has, but for the last.
    fn least_chunk(&self) -> usize {
        let chunksize = self.chunksize.unwrap_or(1);
        chunksize.min(self.buffersize.unwrap_or(usize::MAX))
    }

    fn fills(&self, count: usize) -> bool {
        self.buffersize.is_some_and(|size| size < count)
    }
}

fn size() -> impl Strategy<Value = usize> {
    prop_oneof![4 => 1..10_usize, 1 => Just(usize::MAX)]
}

fn asked() -> impl Strategy<Value = Asked> {
    let chunksize = prop_oneof![3 => size().prop_map(Some), 1 => Just(None)];
    let buffersize = prop_oneof![1 => size().prop_map(Some), 1 => Just(None)];
    (chunksize, buffersize, any::<bool>()).prop_map(|(chunksize, buffersize, is_sized)| Asked {
        chunksize,
        buffersize,
        is_sized,
    })
}

/// The items, by an iterator that knows their number or does not.
fn input<T: 'static>(items: Vec<T>, is_sized: bool) -> Box<dyn Iterator<Item = T>> {
    if is_sized {
        Box::new(items.into_iter())
    } else {
        Box::new(items.into_iter().filter(|_| true))
    }
}

fn left_of(result: Result<i64, MapError>) -> Left {
    match result {
        Ok(value) => left(Ok(value)),
        Err(MapError::Task(error)) => left(Err(error)),
        Err(error) => Left::Other(error.to_string()),
    }
}

fn is_error(left: &Left) -> bool {
    !matches!(left, Left::Value(_))
}

fn a_map_equals_a_loop_for_any_options_workers_and_consumption<B: Backend>() {
    IN_ORDER.check(
        (
            vec(script(), 0..40),
            asked(),
            1..4_usize,
            any::<Option<Index>>(),
        ),
        |case, (scripts, asked, workers, taken)| {
            let pool = B::pool(workers);
            let all: Vec<Left> = scripts.iter().map(expected).collect();
            let taken = taken.map_or(all.len(), |taken| taken.index(all.len() + 1));
            let count = all.len();
            let items = input(scripts, asked.is_sized);
            let map = pool
                .map_with(fallible(act), items, asked.options())
                .expect("accepted");
            // One more than there are, so that the end is seen too.
            let most = if taken == count { count + 1 } else { taken };
            let seen: Vec<Left> = map.take(most).map(left_of).collect();
            prop_assert_eq!(&seen[..], &all[..taken]);
            let first_error = seen.iter().position(is_error);
            let chunk = asked.least_chunk();
            case.reached_if(count > chunk, "several chunks");
            case.reached_if(count > chunk && !count.is_multiple_of(chunk), "a rest");
            case.reached_if(asked.fills(count), "a buffer that fills");
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

fn an_unordered_map_yields_what_a_loop_does_in_some_order<B: Backend>() {
    UNORDERED.check(
        (vec(script(), 0..40), asked(), 1..4_usize),
        |case, (scripts, asked, workers)| {
            let pool = B::pool(workers);
            let all: Vec<Left> = scripts.iter().map(expected).collect();
            let items = input(scripts, asked.is_sized);
            let options = asked.options().unordered();
            let map = pool
                .map_with(fallible(act), items, options)
                .expect("accepted");
            let mut missing = all.clone();
            for seen in map.map(left_of) {
                let place = missing.iter().position(|left| *left == seen);
                prop_assert!(place.is_some(), "{seen:?} is none of {missing:?}");
                missing.swap_remove(place.unwrap_or(0));
            }
            prop_assert!(missing.is_empty(), "not yielded: {missing:?}");
            case.reached_if(all.len() > asked.least_chunk(), "several chunks");
            case.reached_if(asked.fills(all.len()), "a buffer that fills");
            case.reached_if(all.iter().any(is_error), "an error");
            Ok(())
        },
    );
}
