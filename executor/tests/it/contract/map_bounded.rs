//! Maps on executors whose queue has a limit.

use std::cell::Cell;
use std::thread;
use std::time::Duration;

use executor::{Executor, Future, MapError, MapOptions, Shutdown, SubmitError, TimedOut};

use crate::backends::{Backend, on_every_executor};
use crate::gate::{Gate, Marks, leave_mark, pass, pass_and_return};

on_every_executor!(
    a_map_on_a_short_queue_yields_everything_in_order,
    a_result_that_is_there_is_yielded_though_there_is_no_room_for_the_next_item,
    a_timed_map_for_which_there_is_no_room_is_there_when_its_time_is_over,
    a_timed_map_waits_no_longer_for_room_than_for_results,
    a_chunk_that_waits_for_room_is_refused_by_a_shutdown,
    a_map_that_is_dropped_drops_the_items_that_wait_for_room,
    a_map_on_a_short_queue_reads_ahead_while_its_next_item_takes_long,
);

const OPTIONS: MapOptions = MapOptions::new();

/// A pool of one worker, held at the gate, with so many places, of which one is taken.
fn held_pool<B: Backend>(limit: usize) -> (B::Pool, Gate, [Future<()>; 2]) {
    let pool = B::build_bounded(1, limit).expect("a pool can be built");
    let mut gate = Gate::new();
    let runs = pool.submit(pass, (gate.key(),)).unwrap();
    gate.await_arrivals(1);
    let waits = pool.submit(|| (), ()).unwrap();
    (pool, gate, [runs, waits])
}

fn a_map_on_a_short_queue_yields_everything_in_order<B: Backend>() {
    let pool = B::build_bounded(2, 1).expect("a pool can be built");
    for options in [
        OPTIONS,
        OPTIONS.buffersize(5),
        OPTIONS.buffersize(7).chunksize(3),
        OPTIONS.timeout(Duration::MAX),
        OPTIONS.buffersize(3).timeout(Duration::MAX),
    ] {
        let map = pool.map_with(|n: u32| n, 0..50, options).unwrap();
        let numbers: Result<Vec<u32>, _> = map.collect();
        assert!(numbers.unwrap().into_iter().eq(0..50), "{options:?}");
        let map = pool.map_with(|n: u32| n, 0..50, options.unordered());
        let mut numbers = map.unwrap().collect_values().unwrap();
        numbers.sort_unstable();
        assert!(numbers.into_iter().eq(0..50), "{options:?}");
    }
}

/// The worker and who iterates would wait for each other.
fn a_result_that_is_there_is_yielded_though_there_is_no_room_for_the_next_item<B: Backend>() {
    let pool = B::build_bounded(1, 1).expect("a pool can be built");
    let mut gate = Gate::new();
    let open = Gate::new();
    let keys = [open.key(), gate.key(), gate.key(), gate.key(), gate.key()];
    open.open();
    let items = keys.into_iter().zip(0..);
    // One has run, one runs, one waits in the queue; the next does not fit.
    let options = OPTIONS.buffersize(3);
    let mut map = pool.starmap_with(pass_and_return, items, options).unwrap();
    gate.await_arrivals(1);
    assert_eq!(map.next().unwrap().unwrap(), 0);
    gate.open();
    let rest: Result<Vec<_>, _> = map.collect();
    assert_eq!(rest.unwrap(), [1, 2, 3, 4]);
}

fn a_timed_map_for_which_there_is_no_room_is_there_when_its_time_is_over<B: Backend>() {
    let (pool, gate, _held) = held_pool::<B>(2);
    let drawn = Cell::new(0);
    let items = (0..9).inspect(|_| drawn.set(drawn.get() + 1));
    let options = OPTIONS.timeout(Duration::from_millis(20));
    // The first item takes the last place, the second waits, and nobody makes room before the gate opens.
    let mut map = pool.map_with(|n: u32| n, items, options).unwrap();
    assert_eq!(drawn.get(), 2);
    let Some(Err(MapError::TimedOut(numbers))) = map.next() else {
        panic!("it can't be in time")
    };
    let (unfinished, total) = (2, 2);
    assert_eq!(numbers, TimedOut { unfinished, total });
    assert!(map.next().is_none());
    gate.open();
}

fn a_timed_map_waits_no_longer_for_room_than_for_results<B: Backend>() {
    let (pool, gate, held) = held_pool::<B>(1);
    let options = OPTIONS.buffersize(1).timeout(Duration::from_millis(20));
    let mut map = pool.map_with(|n: u32| n, 0..9, options).unwrap();
    // Nothing of its own is there to wait for.
    assert!(matches!(map.next(), Some(Err(MapError::TimedOut(_)))));
    assert!(map.next().is_none());
    gate.open();
    assert!(held.iter().all(|held| held.result().is_ok()));
}

fn a_chunk_that_waits_for_room_is_refused_by_a_shutdown<B: Backend>() {
    let pool = B::build_bounded(1, 1).expect("a pool can be built");
    let mut gate = Gate::new();
    let open = Gate::new();
    let keys = [open.key(), gate.key(), gate.key(), gate.key()];
    open.open();
    let items = keys.into_iter().zip(0..);
    let options = OPTIONS.buffersize(3);
    let mut map = pool.starmap_with(pass_and_return, items, options).unwrap();
    gate.await_arrivals(1);
    assert_eq!(map.next().unwrap().unwrap(), 0);
    pool.shutdown(Shutdown::no_wait());
    gate.open();
    // What was accepted comes first.
    assert_eq!(map.next().unwrap().unwrap(), 1);
    assert_eq!(map.next().unwrap().unwrap(), 2);
    assert!(matches!(
        map.next(),
        Some(Err(MapError::Submit(SubmitError::ShutDown)))
    ));
    assert!(map.next().is_none());
}

fn a_map_that_is_dropped_drops_the_items_that_wait_for_room<B: Backend>() {
    let (pool, gate, _held) = held_pool::<B>(2);
    let options = OPTIONS.timeout(Duration::from_millis(5));
    let map = pool.map_with(|n: u32| n, 0..9, options).unwrap();
    assert_eq!(map.size_hint().0, 0);
    drop(map);
    // Its item has given its place up.
    assert!(pool.try_submit(|| 1, ()).is_ok());
    gate.open();
}

/// The tenth item stands at the gate; the others leave marks.
fn pass_or_leave_mark(gate: String, marks: String, n: u32) -> u32 {
    if n == 10 {
        pass(gate);
    } else {
        leave_mark(marks, n);
    }
    n
}

fn a_map_on_a_short_queue_reads_ahead_while_its_next_item_takes_long<B: Backend>() {
    let pool = B::build_bounded(2, 1).expect("a pool can be built");
    let (gate, marks) = (Gate::new(), Marks::new());
    let keys = (gate.key(), marks.key());
    thread::scope(|scope| {
        let results = scope.spawn(|| {
            let (gate, marks) = keys;
            let items = (0..30).map(|n| (gate.clone(), marks.clone(), n));
            let options = OPTIONS.buffersize(10);
            let map = pool.starmap_with(pass_or_leave_mark, items, options);
            map.unwrap().collect_values().unwrap()
        });
        // Those before it, which are yielded, and a buffer of those behind.
        while marks.tasks() < 20 {
            thread::yield_now();
        }
        gate.open();
        assert!(results.join().unwrap().into_iter().eq(0..30));
    });
}
