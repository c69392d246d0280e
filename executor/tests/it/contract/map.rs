//! Mapping over items, one by one and in chunks. The other options are in `map_options`.

use std::fmt::Debug;
use std::panic::{AssertUnwindSafe, catch_unwind};

use executor::{Executor, MapError, MapOptions, Shutdown, TaskError, fallible};

use super::counted::{self, Counted};
use crate::backends::{Backend, on_every_executor};
use crate::gate::{Gate, Marks, leave_mark, pass};

on_every_executor!(
    map_yields_results_in_the_order_of_the_items,
    starmap_spreads_the_tuples_of_two_ranges,
    starmap_over_zipped_inputs_stops_at_the_shorter,
    chunks_of_any_size_yield_the_same,
    automatic_chunks_yield_the_same_for_known_and_unknown_numbers_of_items,
    a_failing_item_yields_its_error_in_its_place_and_the_rest_go_on,
    a_panicking_item_leaves_its_chunk_mates_alone,
    of_items_that_leave_nothing_one_fails_alone_too,
    collected_values_are_the_same_as_iterated_ones,
    map_over_nothing_yields_nothing,
    map_submits_everything_before_it_is_consumed,
    a_dropped_map_cancels_what_has_not_started,
    a_map_advanced_once_and_dropped_cancels_the_rest,
    a_chunksize_of_zero_panics,
    a_panicking_iterator_leaves_the_pool_usable,
    map_after_shutdown_is_an_error_if_there_are_items,
    the_results_of_a_map_are_owned,
    a_cancelled_chunk_yields_cancelled_for_each_item,
    a_map_knows_how_many_results_are_left,
    yielded_results_are_not_held,
);

fn square(n: i64) -> i64 {
    n * n
}

fn pass_then_mark((gate, marks, number): (String, String, u32)) -> u32 {
    pass(gate);
    leave_mark(marks, number)
}

fn map_yields_results_in_the_order_of_the_items<B: Backend>() {
    let pool = B::pool(2);
    let squares: Vec<i64> = pool
        .map(square, 0..40)
        .unwrap()
        .collect::<Result<_, _>>()
        .unwrap();
    assert_eq!(squares, (0..40).map(square).collect::<Vec<_>>());
}

fn starmap_spreads_the_tuples_of_two_ranges<B: Backend>() {
    let pool = B::pool(2);
    let expected: Vec<u64> = (0..10).zip(0..10).map(|(a, b)| u64::pow(a, b)).collect();
    let powers = pool.starmap(u64::pow, (0..10_u64).zip(0..10_u32)).unwrap();
    assert_eq!(powers.collect::<Result<Vec<_>, _>>().unwrap(), expected);
    for chunksize in [1, 3, 100] {
        let options = MapOptions::new().chunksize(chunksize);
        let powers = pool.starmap_with(u64::pow, (0..10_u64).zip(0..10_u32), options);
        let powers: Result<Vec<_>, _> = powers.unwrap().collect();
        assert_eq!(powers.unwrap(), expected);
    }
}

fn starmap_over_zipped_inputs_stops_at_the_shorter<B: Backend>() {
    let pool = B::pool(2);
    let sum = |a: u32, b: u32| a + b;
    for (left, right) in [(0..3, 10..100), (0..90, 10..13)] {
        let sums = pool.starmap(sum, left.zip(right)).unwrap();
        let sums: Result<Vec<u32>, _> = sums.collect();
        assert_eq!(sums.unwrap(), [10, 12, 14]);
    }
}

fn automatic_chunks_yield_the_same_for_known_and_unknown_numbers_of_items<B: Backend>() {
    let pool = B::pool(2);
    let automatic = MapOptions::new().automatic_chunksize();
    for count in [0, 1, 7, 8, 9, 1000] {
        let expected: Vec<i64> = (0..count).map(square).collect();
        let known = pool.map_with(square, 0..count, automatic).unwrap();
        assert_eq!(known.collect::<Result<Vec<_>, _>>().unwrap(), expected);
        let again = pool.map_with(square, 0..count, automatic).unwrap();
        assert_eq!(again.collect_values().unwrap(), expected);
        let unknown = (0..).take_while(|n| *n < count);
        let unknown = pool.map_with(square, unknown, automatic).unwrap();
        assert_eq!(unknown.collect::<Result<Vec<_>, _>>().unwrap(), expected);
    }
}

fn chunks_of_any_size_yield_the_same<B: Backend>() {
    let pool = B::pool(2);
    for chunksize in [1, 6, 40, 50, usize::MAX] {
        let squares: Vec<i64> = pool
            .map_with(square, 0..40, MapOptions::new().chunksize(chunksize))
            .unwrap()
            .collect::<Result<_, _>>()
            .unwrap();
        assert_eq!(squares, (0..40).map(square).collect::<Vec<_>>());
    }
}

fn a_failing_item_yields_its_error_in_its_place_and_the_rest_go_on<B: Backend>() {
    let pool = B::pool(2);
    let texts = || ["1", "two", "3", "four", "5"].map(str::to_owned);
    for chunksize in [1, 2, 5] {
        let numbers: Vec<_> = pool
            .map_with(
                fallible(|text: String| text.parse::<u8>()),
                texts(),
                MapOptions::new().chunksize(chunksize),
            )
            .unwrap()
            .map(|result| match result {
                Ok(number) => Some(number),
                Err(MapError::Task(TaskError::Failed(failure))) => {
                    assert_eq!(failure.message, "invalid digit found in string");
                    None
                }
                Err(error) => panic!("{error}"),
            })
            .collect();
        assert_eq!(numbers, [Some(1), None, Some(3), None, Some(5)]);
    }
}

fn a_panicking_item_leaves_its_chunk_mates_alone<B: Backend>() {
    let pool = B::pool(1);
    let task = |n: u8| {
        assert!(n != 2, "no {n}");
        n
    };
    let results: Vec<_> = pool
        .map_with(task, 1..=4, MapOptions::new().chunksize(4))
        .unwrap()
        .collect();
    let [
        Ok(1),
        Err(MapError::Task(TaskError::Panicked(panic))),
        Ok(3),
        Ok(4),
    ] = &results[..]
    else {
        panic!("{results:?}")
    };
    assert_eq!(panic.message, "no 2");
    assert!(panic.place.is_some());
}

// Of values without size a vector has room for more than there can be of any others.
fn of_items_that_leave_nothing_one_fails_alone_too<B: Backend>() {
    let pool = B::pool(1);
    let task = fallible(|n: u8| if n == 2 { Err("no two") } else { Ok(()) });
    for chunksize in [1, 4] {
        let options = MapOptions::new().chunksize(chunksize);
        let results: Vec<_> = pool.map_with(task, 1..=4, options).unwrap().collect();
        let [
            Ok(()),
            Err(MapError::Task(TaskError::Failed(failure))),
            Ok(()),
            Ok(()),
        ] = &results[..]
        else {
            panic!("{results:?}");
        };
        assert_eq!(failure.message, "no two");
    }
}

fn collected_values_are_the_same_as_iterated_ones<B: Backend>() {
    let pool = B::pool(2);
    let task = |n: i64| {
        assert!(n != 7, "no {n}");
        n
    };
    for chunksize in [1, 3, 20] {
        for options in [MapOptions::new(), MapOptions::new().buffersize(4)] {
            let options = options.chunksize(chunksize);
            let values = pool.map_with(task, 0..7, options).unwrap().collect_values();
            assert_eq!(values.unwrap(), (0..7).collect::<Vec<_>>());
            let error = pool
                .map_with(task, 0..20, options)
                .unwrap()
                .collect_values();
            let Err(MapError::Task(TaskError::Panicked(panic))) = error else {
                panic!("{error:?}")
            };
            assert_eq!(panic.message, "no 7");
        }
    }
}

fn map_over_nothing_yields_nothing<B: Backend>() {
    let pool = B::pool(1);
    assert_eq!(pool.map(square, []).unwrap().count(), 0);
    assert_eq!(
        pool.map_with(square, [], MapOptions::new().chunksize(7))
            .unwrap()
            .count(),
        0
    );
}

fn map_submits_everything_before_it_is_consumed<B: Backend>() {
    let marks = Marks::new();
    let pool = B::pool(2);
    let items = (0..20).map(|n| (String::new(), marks.key(), n));
    let map = pool.map(pass_then_mark, items).unwrap();
    pool.shutdown(Shutdown::wait());
    assert_eq!(marks.tasks(), 20);
    let numbers: Vec<u32> = map.collect::<Result<_, _>>().unwrap();
    assert_eq!(numbers, (0..20).collect::<Vec<_>>());
}

fn a_dropped_map_cancels_what_has_not_started<B: Backend>() {
    let marks = Marks::new();
    let pool = B::pool(1);
    let mut gate = Gate::new();
    let blocked = pool.submit(pass, (gate.key(),)).unwrap();
    gate.await_arrivals(1);
    let items = (0..10).map(|n| (String::new(), marks.key(), n));
    drop(pool.map(pass_then_mark, items).unwrap());
    gate.open();
    blocked.result().unwrap();
    pool.shutdown(Shutdown::wait());
    assert_eq!(marks.tasks(), 0);
}

fn a_map_advanced_once_and_dropped_cancels_the_rest<B: Backend>() {
    let marks = Marks::new();
    let pool = B::pool(1);
    let mut gate = Gate::new();
    let items = (0..10).map(|n| {
        let key = if n == 0 { String::new() } else { gate.key() };
        (key, marks.key(), n)
    });
    let mut map = pool.map(pass_then_mark, items).unwrap();
    assert_eq!(map.next().unwrap().unwrap(), 0);
    gate.await_arrivals(1);
    drop(map);
    gate.open();
    pool.shutdown(Shutdown::wait());
    // The second was running, and runs to its end.
    assert_eq!(marks.tasks(), 2);
    assert_eq!((marks.count(0), marks.count(1)), (1, 1));
}

fn a_chunksize_of_zero_panics<B: Backend>() {
    let pool = B::pool(1);
    let call = || {
        pool.map_with(square, 0..3, MapOptions::new().chunksize(0))
            .map(Iterator::count)
    };
    assert!(catch_unwind(AssertUnwindSafe(call)).is_err());
    assert_eq!(*pool.submit(square, (3,)).unwrap().result().unwrap(), 9);
}

fn a_panicking_iterator_leaves_the_pool_usable<B: Backend>() {
    let marks = Marks::new();
    let pool = B::pool(1);
    let mut gate = Gate::new();
    let blocked = pool.submit(pass, (gate.key(),)).unwrap();
    gate.await_arrivals(1);
    let items = (0..5).map(|n| {
        assert!(n < 3, "no more items");
        (String::new(), marks.key(), n)
    });
    let call = || pool.map(pass_then_mark, items).map(Iterator::count);
    assert!(catch_unwind(AssertUnwindSafe(call)).is_err());
    gate.open();
    blocked.result().unwrap();
    assert_eq!(*pool.submit(square, (3,)).unwrap().result().unwrap(), 9);
    pool.shutdown(Shutdown::wait());
    assert_eq!(marks.tasks(), 0, "those before it are cancelled");
}

fn map_after_shutdown_is_an_error_if_there_are_items<B: Backend>() {
    let pool = B::pool(1);
    pool.shutdown(Shutdown::wait());
    assert!(pool.map(square, 0..3).is_err());
    assert!(pool.map(square, []).is_ok(), "no item, no error");
}

fn the_results_of_a_map_are_owned<B: Backend>() {
    let pool = B::pool(1);
    let mut map = pool.map(|n: u8| vec![n], [1, 2]).unwrap();
    let first = map.next().unwrap().unwrap();
    let second = map.next().unwrap().unwrap();
    drop(map);
    drop(pool);
    assert_eq!((first, second), (vec![1], vec![2]));
}

fn a_cancelled_chunk_yields_cancelled_for_each_item<B: Backend>() {
    let pool = B::pool(1);
    let mut gate = Gate::new();
    let blocked = pool.submit(pass, (gate.key(),)).unwrap();
    gate.await_arrivals(1);
    let map = pool
        .map_with(square, 0..5, MapOptions::new().chunksize(3))
        .unwrap();
    pool.shutdown(Shutdown::no_wait().cancel_pending());
    let results: Vec<_> = map.collect();
    gate.open();
    blocked.result().unwrap();
    assert_eq!(results.len(), 5);
    for result in results {
        let cancelled = matches!(result, Err(MapError::Task(TaskError::Cancelled)));
        assert!(cancelled, "{result:?}");
    }
}

fn a_map_knows_how_many_results_are_left<B: Backend>() {
    let pool = B::pool(1);
    let mut map = pool.map(square, (0..5).filter(|n| *n != 3)).unwrap();
    for left in (0..4).rev() {
        assert_eq!(map.len(), left + 1);
        assert!(map.next().is_some());
    }
    assert_eq!((map.len(), map.next().is_none()), (0, true));
}

/// How many items there are of which what is alive is counted.
const ITEMS: u32 = 12;

fn yielded_results_are_not_held<B: Backend>() {
    let _alone = counted::alone();
    let pool = B::pool(2);
    hold_what_was_not_yielded(pool.map(Counted::new, 0..ITEMS).unwrap());
    for chunksize in [1, 5] {
        let options = MapOptions::new().chunksize(chunksize);
        for options in [options, options.unordered()] {
            hold_what_was_not_yielded(pool.map_with(Counted::new, 0..ITEMS, options).unwrap());
        }
    }
}

fn hold_what_was_not_yielded<E: Debug>(mut map: impl Iterator<Item = Result<Counted, E>>) {
    // When the last has been run nothing more is made, here or by decoding.
    let seen: Vec<_> = map.by_ref().take(ITEMS as usize - 1).collect();
    let last = map.next();
    assert_eq!(counted::alive(), ITEMS);
    for (result, left) in seen.into_iter().zip((1..ITEMS).rev()) {
        drop(result.unwrap());
        assert_eq!(counted::alive(), left);
    }
    drop(last);
    assert_eq!(counted::alive(), 0);
    drop(map);
}
