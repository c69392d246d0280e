//! Maps that read ahead, that give up after a time, and that yield results as they come.

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

use executor::{Executor, MapError, MapOptions, Shutdown, TaskError, TimedOut, fallible};

use crate::backends::{Backend, on_every_executor};
use crate::gate::{Gate, Marks, leave_mark, pass, pass_and_return};

on_every_executor!(
    a_buffersize_of_zero_panics,
    a_buffer_of_any_size_yields_everything_in_order,
    a_map_that_is_not_advanced_draws_as_many_as_its_buffer_holds,
    each_next_draws_one_item_more,
    a_chunk_larger_than_the_buffer_is_cut_to_it,
    a_buffered_map_over_an_endless_input_yields_as_long_as_it_is_asked,
    collecting_from_an_endless_input_ends_with_the_first_error,
    collecting_ends_with_the_first_error_though_everything_behind_it_takes_long,
    a_failing_item_in_a_buffered_map_fails_alone,
    a_buffered_map_on_an_executor_that_was_shut_down_says_so_and_ends,
    a_buffered_map_that_is_dropped_draws_no_more_and_cancels_the_rest,
    an_iterator_that_panics_later_panics_out_of_next_and_what_was_submitted_is_yielded,
    a_timed_map_yields_what_was_done_then_that_it_timed_out_then_nothing,
    a_map_that_times_out_cancels_also_the_item_that_was_waited_for,
    a_timed_map_that_is_in_time_just_ends,
    a_map_whose_time_is_over_draws_nothing_more,
    an_unordered_map_yields_each_result_once,
    an_unordered_map_does_not_wait_for_the_slow_item,
    an_unordered_map_yields_errors_too_and_goes_on,
    an_unordered_map_that_times_out_says_so_and_ends,
    an_unordered_buffered_map_reads_ahead_no_further_than_asked,
    a_dropped_unordered_map_cancels_what_has_not_started,
);

const OPTIONS: MapOptions = MapOptions::new();

fn square(n: i64) -> i64 {
    n * n
}

/// Counts the items that are drawn from an endless input.
fn counted(drawn: &Cell<usize>) -> impl Iterator<Item = i64> {
    (0..).inspect(|_| drawn.set(drawn.get() + 1))
}

/// A pool of one worker, held at the gate.
fn blocked_pool<B: Backend>() -> (B::Pool, Gate) {
    let pool = B::pool(1);
    let mut gate = Gate::new();
    pool.submit(pass, (gate.key(),)).unwrap();
    gate.await_arrivals(1);
    (pool, gate)
}

fn a_buffersize_of_zero_panics<B: Backend>() {
    let pool = B::pool(1);
    let call = || {
        pool.map_with(square, 0..3, OPTIONS.buffersize(0))
            .map(Iterator::count)
    };
    assert!(catch_unwind(AssertUnwindSafe(call)).is_err());
    assert_eq!(*pool.submit(square, (3,)).unwrap().result().unwrap(), 9);
}

fn a_buffer_of_any_size_yields_everything_in_order<B: Backend>() {
    let pool = B::pool(2);
    let expected: Vec<i64> = (0..20).map(square).collect();
    for buffersize in [1, 2, 20, 40, usize::MAX] {
        for options in [OPTIONS, OPTIONS.chunksize(3), OPTIONS.automatic_chunksize()] {
            let map = pool.map_with(square, 0..20, options.buffersize(buffersize));
            let squares: Result<Vec<_>, _> = map.unwrap().collect();
            assert_eq!(squares.unwrap(), expected, "{options:?}");
        }
    }
}

fn a_map_that_is_not_advanced_draws_as_many_as_its_buffer_holds<B: Backend>() {
    let pool = B::pool(2);
    for buffersize in [1, 2, 7] {
        let drawn = Cell::new(0);
        let options = OPTIONS.buffersize(buffersize);
        let map = pool.map_with(square, counted(&drawn), options).unwrap();
        pool.submit(square, (3,)).unwrap().result().unwrap();
        assert_eq!(drawn.get(), buffersize);
        drop(map);
        assert_eq!(drawn.get(), buffersize);
    }
}

fn each_next_draws_one_item_more<B: Backend>() {
    let pool = B::pool(2);
    let drawn = Cell::new(0);
    let options = OPTIONS.buffersize(3);
    let mut map = pool.map_with(square, counted(&drawn), options).unwrap();
    for n in 0..20 {
        assert_eq!(map.next().unwrap().unwrap(), square(n));
        assert_eq!(drawn.get(), 3 + 1 + usize::try_from(n).unwrap());
    }
}

fn a_chunk_larger_than_the_buffer_is_cut_to_it<B: Backend>() {
    let pool = B::pool(2);
    let drawn = Cell::new(0);
    let options = OPTIONS.buffersize(3).chunksize(100);
    let mut map = pool.map_with(square, counted(&drawn), options).unwrap();
    assert_eq!(drawn.get(), 3);
    for n in 0..20 {
        assert_eq!(map.next().unwrap().unwrap(), square(n));
        assert!(drawn.get() <= 3 + 1 + usize::try_from(n).unwrap());
    }
}

fn a_buffered_map_over_an_endless_input_yields_as_long_as_it_is_asked<B: Backend>() {
    let pool = B::pool(2);
    for options in [OPTIONS, OPTIONS.chunksize(4), OPTIONS.automatic_chunksize()] {
        let map = pool.map_with(square, 0.., options.buffersize(16)).unwrap();
        let squares: Result<Vec<_>, _> = map.take(100).collect();
        assert_eq!(squares.unwrap(), (0..100).map(square).collect::<Vec<_>>());
    }
}

// An endless input says that there are `usize::MAX` items to come, for which there is no memory.
fn collecting_from_an_endless_input_ends_with_the_first_error<B: Backend>() {
    let pool = B::pool(2);
    let small = fallible(|n: u64| u8::try_from(n));
    let map = pool.map_with(small, 0.., OPTIONS.buffersize(16)).unwrap();
    assert!(matches!(map.collect_values(), Err(MapError::Task(_))));
}

fn collecting_ends_with_the_first_error_though_everything_behind_it_takes_long<B: Backend>() {
    let pool = B::pool(2);
    let gate = Gate::new();
    let keys = (0..16).map(|n| (n > 0).then(|| gate.key()));
    let task = fallible(|key: Option<String>| key.map(pass).ok_or("the first"));
    let map = pool
        .map_with(task, keys.collect::<Vec<_>>(), OPTIONS)
        .unwrap();
    let error = map.collect_values().unwrap_err();
    assert!(error.to_string().contains("the first"), "{error}");
    gate.open();
}

fn a_failing_item_in_a_buffered_map_fails_alone<B: Backend>() {
    let pool = B::pool(2);
    let parse = fallible(|text: String| text.parse::<u8>());
    for chunksize in [1, 2] {
        let texts = ["1", "two", "3", "four", "5"].map(str::to_owned);
        let options = OPTIONS.buffersize(2).chunksize(chunksize);
        let numbers = pool.map_with(parse, texts, options).unwrap();
        let numbers: Vec<_> = numbers.map(Result::ok).collect();
        assert_eq!(numbers, [Some(1), None, Some(3), None, Some(5)]);
    }
}

fn a_buffered_map_on_an_executor_that_was_shut_down_says_so_and_ends<B: Backend>() {
    for options in [OPTIONS, OPTIONS.unordered()] {
        let pool = B::pool(2);
        let options = options.buffersize(3);
        let mut map = pool.map_with(square, 0..100, options).unwrap();
        pool.shutdown(Shutdown::wait());
        let mut squares: Vec<_> = map.by_ref().take(3).map(Result::unwrap).collect();
        squares.sort_unstable();
        assert_eq!(squares, [0, 1, 4], "what was accepted has run");
        let refused = map.next();
        assert!(
            matches!(refused, Some(Err(MapError::Submit(_)))),
            "{refused:?}"
        );
        assert!(map.next().is_none());
        let again = pool.map_with(square, 0..100, options);
        assert!(again.is_err(), "in the call, if it was before the call");
        assert!(pool.map_with(square, [], options).is_ok());
    }
}

fn a_buffered_map_that_is_dropped_draws_no_more_and_cancels_the_rest<B: Backend>() {
    let marks = Marks::new();
    let (pool, gate) = blocked_pool::<B>();
    let drawn = Cell::new(0);
    let items = (0..).map(|n| {
        drawn.set(drawn.get() + 1);
        (marks.key(), n)
    });
    drop(pool.starmap_with(leave_mark, items, OPTIONS.buffersize(5)));
    gate.open();
    pool.shutdown(Shutdown::wait());
    assert_eq!((drawn.get(), marks.tasks()), (5, 0));
}

fn an_iterator_that_panics_later_panics_out_of_next_and_what_was_submitted_is_yielded<
    B: Backend,
>() {
    let pool = B::pool(1);
    let items = (0..10).inspect(|n| assert!(*n < 3, "no more items"));
    let mut map = pool.map_with(square, items, OPTIONS.buffersize(2)).unwrap();
    assert_eq!(map.next().unwrap().unwrap(), 0);
    let next = catch_unwind(AssertUnwindSafe(|| map.next().is_some()));
    assert!(next.is_err());
    let rest: Result<Vec<_>, _> = map.collect();
    assert_eq!(rest.unwrap(), [1, 4]);
    assert_eq!(*pool.submit(square, (3,)).unwrap().result().unwrap(), 9);
}

fn a_timed_map_yields_what_was_done_then_that_it_timed_out_then_nothing<B: Backend>() {
    let pool = B::pool(1);
    let mut gate = Gate::new();
    let slow = gate.key();
    let items = (0..5).map(|n| {
        let key = if n == 2 { slow.as_str() } else { "" };
        (key.to_owned(), n)
    });
    // Long enough for two items that take no time on a busy machine.
    let options = OPTIONS.timeout(Duration::from_secs(2));
    let mut map = pool.starmap_with(pass_and_return, items, options).unwrap();
    gate.await_arrivals(1);
    assert_eq!(map.next().unwrap().unwrap(), 0);
    assert_eq!(map.next().unwrap().unwrap(), 1);
    let timed_out = map.next();
    let Some(Err(MapError::TimedOut(numbers))) = timed_out else {
        panic!("{timed_out:?}")
    };
    let expected = TimedOut {
        unfinished: 3,
        total: 5,
    };
    assert_eq!(numbers, expected);
    assert!(map.next().is_none() && map.next().is_none());
    gate.open();
}

fn a_map_that_times_out_cancels_also_the_item_that_was_waited_for<B: Backend>() {
    for options in [OPTIONS, OPTIONS.chunksize(3), OPTIONS.unordered()] {
        let marks = Marks::new();
        let (pool, gate) = blocked_pool::<B>();
        let items = (0..6).map(|n| (marks.key(), n));
        let options = options.timeout(Duration::from_millis(20));
        let mut map = pool.starmap_with(leave_mark, items, options).unwrap();
        let first = map.next();
        assert!(
            matches!(first, Some(Err(MapError::TimedOut(_)))),
            "{first:?}"
        );
        // The iterator is still there: it is not its drop that cancels.
        gate.open();
        pool.shutdown(Shutdown::wait());
        assert_eq!(marks.tasks(), 0);
        assert!(map.next().is_none());
    }
}

fn a_timed_map_that_is_in_time_just_ends<B: Backend>() {
    let pool = B::pool(2);
    for timeout in [Duration::from_secs(1000), Duration::MAX] {
        for options in [OPTIONS, OPTIONS.buffersize(2), OPTIONS.unordered()] {
            let map = pool.map_with(square, 0..9, options.timeout(timeout));
            assert_eq!(map.unwrap().filter(Result::is_ok).count(), 9);
        }
    }
}

fn a_map_whose_time_is_over_draws_nothing_more<B: Backend>() {
    let pool = B::pool(1);
    // Without a buffer, an endless input would never be read to its end; but for the time.
    for options in [OPTIONS.buffersize(4), OPTIONS] {
        let drawn = Cell::new(0);
        let options = options.timeout(Duration::from_millis(20));
        let mut map = pool.map_with(square, counted(&drawn), options).unwrap();
        let ended = map.find_map(Result::err);
        assert!(matches!(ended, Some(MapError::TimedOut(_))), "{ended:?}");
        let before = drawn.get();
        assert!(map.next().is_none());
        assert_eq!(drawn.get(), before);
    }
}

fn an_unordered_map_yields_each_result_once<B: Backend>() {
    let pool = B::pool(2);
    for options in [OPTIONS, OPTIONS.chunksize(7), OPTIONS.buffersize(3)] {
        let map = pool.map_with(square, 0..40, options.unordered()).unwrap();
        let mut squares: Vec<_> = map.collect::<Result<_, _>>().unwrap();
        squares.sort_unstable();
        assert_eq!(squares, (0..40).map(square).collect::<Vec<_>>());
    }
}

fn an_unordered_map_does_not_wait_for_the_slow_item<B: Backend>() {
    let pool = B::pool(2);
    let gate = Gate::new();
    let slow = gate.key();
    let items = (0..10).map(|n| {
        let key = if n == 0 { slow.as_str() } else { "" };
        (key.to_owned(), n)
    });
    let options = OPTIONS.unordered();
    let mut map = pool.starmap_with(pass_and_return, items, options).unwrap();
    let mut quick: Vec<u32> = map.by_ref().take(9).map(Result::unwrap).collect();
    quick.sort_unstable();
    assert_eq!(quick, (1..10).collect::<Vec<_>>());
    gate.open();
    assert_eq!(map.next().unwrap().unwrap(), 0);
    assert!(map.next().is_none());
}

fn an_unordered_map_yields_errors_too_and_goes_on<B: Backend>() {
    let pool = B::pool(2);
    let task = |n: u8| {
        assert!(n != 2, "no {n}");
        n
    };
    for chunksize in [1, 3] {
        let options = OPTIONS.unordered().chunksize(chunksize);
        let results: Vec<_> = pool.map_with(task, 0..6, options).unwrap().collect();
        assert_eq!(results.iter().filter(|result| result.is_ok()).count(), 5);
        let error = results.into_iter().find_map(Result::err);
        let Some(MapError::Task(TaskError::Panicked(panic))) = error else {
            panic!("{error:?}")
        };
        assert_eq!(panic.message, "no 2");
    }
}

fn an_unordered_map_that_times_out_says_so_and_ends<B: Backend>() {
    let (pool, gate) = blocked_pool::<B>();
    let options = OPTIONS.unordered().timeout(Duration::from_millis(20));
    let mut map = pool.map_with(square, 0..4, options).unwrap();
    let first = map.next();
    assert!(
        matches!(first, Some(Err(MapError::TimedOut(_)))),
        "{first:?}"
    );
    assert!(map.next().is_none());
    gate.open();
}

fn an_unordered_buffered_map_reads_ahead_no_further_than_asked<B: Backend>() {
    let pool = B::pool(2);
    let drawn = Cell::new(0);
    let options = OPTIONS.unordered().buffersize(4);
    let mut map = pool.map_with(square, counted(&drawn), options).unwrap();
    assert_eq!(drawn.get(), 4);
    for seen in 1..=30 {
        map.next().unwrap().unwrap();
        assert_eq!(drawn.get(), 4 + seen);
    }
}

fn a_dropped_unordered_map_cancels_what_has_not_started<B: Backend>() {
    let marks = Marks::new();
    let (pool, gate) = blocked_pool::<B>();
    let items = (0..10).map(|n| (marks.key(), n));
    drop(pool.starmap_with(leave_mark, items, OPTIONS.unordered()));
    gate.open();
    pool.shutdown(Shutdown::wait());
    assert_eq!(marks.tasks(), 0);
}
