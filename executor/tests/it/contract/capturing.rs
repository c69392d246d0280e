//! Maps of tasks that capture, which executors of this process take.

use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use executor::{Executor, Shutdown, SubmitError, TaskError};

use crate::backends::{Backend, Closures, on_executors_of_this_process};
use crate::gate::{Gate, pass};

on_executors_of_this_process!(
    a_map_takes_a_task_that_captures,
    an_item_that_panics_leaves_its_error_at_its_place,
    a_map_whose_items_are_refused_cancels_those_that_wait,
    dropping_a_map_cancels_what_has_not_started,
);

/// A value that can be sent and is no payload: nothing of it is serialisable.
struct Opaque(fn(u64) -> u64);

fn a_map_takes_a_task_that_captures<B: Backend<Pool: Closures>>() {
    let pool = B::pool(2);
    let factor = Arc::new(3);
    let items = (0..100).map(|n| (n, Opaque(|n| n + 1)));
    let products = pool.map_by(move |(n, next)| Opaque::call(&next, n) * *factor, items);
    let products: Result<Vec<u64>, _> = products.unwrap().collect();
    let expected: Vec<u64> = (1..=100).map(|n| 3 * n).collect();
    assert_eq!(products.unwrap(), expected);
}

impl Opaque {
    fn call(&self, n: u64) -> u64 {
        (self.0)(n)
    }
}

fn an_item_that_panics_leaves_its_error_at_its_place<B: Backend<Pool: Closures>>() {
    let pool = B::pool(2);
    let bad = 2;
    let task = move |n: u64| if n == bad { panic!("on purpose") } else { n };
    let outcomes: Vec<_> = pool.map_by(task, 0..4).unwrap().collect();
    assert!(matches!(
        outcomes[..],
        [Ok(0), Ok(1), Err(TaskError::Panicked(_)), Ok(3)]
    ));
}

fn a_map_whose_items_are_refused_cancels_those_that_wait<B: Backend<Pool: Closures>>() {
    let pool = Rc::new(B::pool(1));
    let gate = Gate::new();
    let key = gate.key();
    let occupied = pool.run(move || pass(key));
    let ran = Arc::new(AtomicUsize::new(0));
    let (counting, closing) = (Arc::clone(&ran), Rc::clone(&pool));
    let items = (0..5).inspect(move |&n| {
        if n == 3 {
            closing.shutdown(Shutdown::no_wait());
        }
    });
    let refused = pool.map_by(
        move |_: u64| counting.fetch_add(1, Ordering::Relaxed),
        items,
    );
    assert!(matches!(refused, Err(SubmitError::ShutDown)));
    gate.open();
    occupied.result().unwrap();
    pool.shutdown(Shutdown::wait());
    // ORDERING: Relaxed; the shutdown orders it.
    assert_eq!(ran.load(Ordering::Relaxed), 0);
}

fn dropping_a_map_cancels_what_has_not_started<B: Backend<Pool: Closures>>() {
    let pool = B::pool(1);
    let gate = Gate::new();
    let key = gate.key();
    let occupied = pool.run(move || pass(key));
    let ran = Arc::new(AtomicUsize::new(0));
    let counting = Arc::clone(&ran);
    let map = pool.map_by(move |_: u64| counting.fetch_add(1, Ordering::Relaxed), 0..5);
    drop(map.unwrap());
    gate.open();
    occupied.result().unwrap();
    pool.shutdown(Shutdown::wait());
    // ORDERING: Relaxed; the shutdown orders it.
    assert_eq!(ran.load(Ordering::Relaxed), 0);
}
