//! Mapping over items, one by one and in chunks.

use std::panic::{AssertUnwindSafe, catch_unwind};

use executor::{Executor, Shutdown, TaskError, fallible};

use crate::backends::{Backend, on_every_executor};
use crate::gate::{Gate, Marks, leave_mark, pass};

on_every_executor!(
    map_yields_results_in_the_order_of_the_items,
    chunks_of_any_size_yield_the_same,
    a_failing_item_yields_its_error_in_its_place_and_the_rest_go_on,
    a_panicking_item_leaves_its_chunk_mates_alone,
    map_over_nothing_yields_nothing,
    map_submits_everything_before_it_is_consumed,
    a_dropped_map_cancels_what_has_not_started,
    a_map_advanced_once_and_dropped_cancels_the_rest,
    a_chunksize_of_zero_panics,
    a_panicking_iterator_leaves_the_pool_usable,
    map_after_shutdown_is_an_error_if_there_are_items,
    the_results_of_a_map_are_owned,
    a_cancelled_chunk_yields_cancelled_for_each_item,
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

fn chunks_of_any_size_yield_the_same<B: Backend>() {
    let pool = B::pool(2);
    for chunksize in [1, 6, 40, 50, usize::MAX] {
        let squares: Vec<i64> = pool
            .map_chunked(square, 0..40, chunksize)
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
            .map_chunked(
                fallible(|text: String| text.parse::<u8>()),
                texts(),
                chunksize,
            )
            .unwrap()
            .map(|result| match result {
                Ok(number) => Some(number),
                Err(TaskError::Failed(failure)) => {
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
    let results: Vec<_> = pool.map_chunked(task, 1..=4, 4).unwrap().collect();
    let [Ok(1), Err(TaskError::Panicked(panic)), Ok(3), Ok(4)] = &results[..] else {
        panic!("{results:?}")
    };
    assert_eq!(panic.message, "no 2");
    assert!(panic.place.is_some());
}

fn map_over_nothing_yields_nothing<B: Backend>() {
    let pool = B::pool(1);
    assert_eq!(pool.map(square, []).unwrap().count(), 0);
    assert_eq!(pool.map_chunked(square, [], 7).unwrap().count(), 0);
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
    let call = || pool.map_chunked(square, 0..3, 0).map(Iterator::count);
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
    let map = pool.map_chunked(square, 0..5, 3).unwrap();
    pool.shutdown(Shutdown::no_wait().cancel_pending());
    let results: Vec<_> = map.collect();
    gate.open();
    blocked.result().unwrap();
    assert_eq!(results.len(), 5);
    for result in results {
        assert!(matches!(result, Err(TaskError::Cancelled)), "{result:?}");
    }
}
