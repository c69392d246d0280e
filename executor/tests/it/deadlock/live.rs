//! Waits that look like a deadlock and are none: no false alarm.

use std::sync::Arc;
use std::sync::mpsc::channel;
use std::thread;

use executor::{Future, ReturnWhen, promise, wait};

use super::{Local, Outcome, follow, linger, on_threads_and_rayon, waiter};
use crate::gate::{Gate, pass};

on_threads_and_rayon!(
    a_promise_outside_may_still_be_finished,
    what_is_made_of_a_promise_outside_may_still_come,
    one_promise_outside_is_enough_where_one_is_waited_for,
    a_worker_that_runs_may_still_come_free,
    who_waits_for_a_submitter_that_room_was_made_for_is_not_stuck,
    a_chain_of_tasks_ends,
    a_wait_that_a_late_cancel_ends,
    many_threads_that_wait_for_each_other_s_tasks_end,
);

fn a_promise_outside_may_still_be_finished<P: Local>() {
    let pool = P::strict(1);
    let (promise, future) = promise::<Outcome>();
    let (begun, begins) = channel();
    let waits = pool.go(move || {
        begun.send(()).unwrap();
        follow(&future)
    });
    begins.recv().unwrap();
    promise.finish(Ok(Ok(1)));
    assert_eq!(waits.into_result().unwrap().unwrap(), 2);
}

fn what_is_made_of_a_promise_outside_may_still_come<P: Local>() {
    for _ in 0..20 {
        let pool = P::strict(1);
        let (promise, future) = promise::<Outcome>();
        let made = future.then(|outcome| Ok(outcome?.clone()));
        let (begun, begins) = channel();
        let waits = pool.go(move || {
            begun.send(()).unwrap();
            follow(&made)
        });
        begins.recv().unwrap();
        thread::yield_now();
        promise.finish(Ok(Ok(1)));
        assert_eq!(waits.into_result().unwrap().unwrap(), 2);
    }
}

fn one_promise_outside_is_enough_where_one_is_waited_for<P: Local>() {
    for _ in 0..20 {
        let pool = P::strict(1);
        let (promise, future) = promise::<Outcome>();
        let (tell, told) = channel();
        let (begun, begins) = channel();
        let waits = pool.go(move || {
            let never = told.recv().expect("the scenario sends it");
            let futures = [never, future];
            begun.send(()).unwrap();
            wait(&futures, ReturnWhen::FirstCompleted).done == [&futures[1]]
        });
        // What can't be there before the task that waits for it has ended.
        tell.send(waits.then(|_| Ok(Ok(0)))).unwrap();
        begins.recv().unwrap();
        thread::yield_now();
        promise.finish(Ok(Ok(1)));
        assert!(waits.result().unwrap());
    }
}

fn a_worker_that_runs_may_still_come_free<P: Local>() {
    let (one, other) = (P::strict(1), P::strict(1));
    let mut gate = Gate::new();
    let key = gate.key();
    let busy = other.go(move || pass(key));
    gate.await_arrivals(1);
    let behind = other.go(|| Ok(1));
    let (waits, tell) = waiter(&*one);
    tell.send(behind).unwrap();
    gate.open();
    assert_eq!(waits.into_result().unwrap().unwrap(), 2);
    busy.result().unwrap();
}

/// The submitter has been woken, or is about to be; but it sleeps until it has.
fn who_waits_for_a_submitter_that_room_was_made_for_is_not_stuck<P: Local>() {
    let (full, other) = (P::bounded(1, 1), P::pool(1));
    for _ in 0..100 {
        let mut gate = Gate::new();
        let key = gate.key();
        let busy = full.go(move || pass(key));
        gate.await_arrivals(1);
        let (tell, told) = channel::<Future<bool>>();
        let waits = full.go(move || told.recv().expect("the scenario sends it").into_result());
        let inner = Arc::clone(&full);
        let submits = other.go(move || inner.try_go(|| ()).is_ok());
        tell.send(submits).unwrap();
        linger();
        // Now the one task gives up its place, and waits for the one that it gave it up for.
        gate.open();
        busy.result().unwrap();
        assert!(waits.into_result().unwrap().expect("no deadlock"));
    }
}

fn a_chain_of_tasks_ends<P: Local>() {
    let pool = P::strict(6);
    let (mut last, first) = waiter(&*pool);
    for _ in 0..4 {
        let (next, tell) = waiter(&*pool);
        tell.send(last).unwrap();
        last = next;
    }
    first.send(pool.go(|| Ok(1))).unwrap();
    assert_eq!(last.into_result().unwrap().unwrap(), 6);
}

fn a_wait_that_a_late_cancel_ends<P: Local>() {
    let (one, other) = (P::strict(1), P::strict(1));
    let mut gate = Gate::new();
    let key = gate.key();
    let busy = other.go(move || pass(key));
    gate.await_arrivals(1);
    let behind = other.go(|| Ok(1));
    let (waits, tell) = waiter(&*one);
    tell.send(behind.clone()).unwrap();
    assert!(behind.cancel());
    let outcome = waits.into_result().unwrap();
    assert!(
        matches!(outcome, Err(executor::TaskError::Cancelled)),
        "{outcome:?}"
    );
    gate.open();
    busy.result().unwrap();
}

fn many_threads_that_wait_for_each_other_s_tasks_end<P: Local>() {
    let pool = P::pool(2);
    thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                for _ in 0..50 {
                    let inner = Arc::clone(&pool);
                    let parent = pool.go(move || {
                        let children = [1, 2, 3].map(|number| inner.go(move || number));
                        let sum: u32 = children.iter().map(|it| *it.result().unwrap()).sum();
                        sum
                    });
                    assert_eq!(parent.into_result().unwrap(), 6);
                }
            });
        }
    });
}
