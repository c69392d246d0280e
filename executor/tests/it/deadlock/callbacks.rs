//! Waits inside callbacks, which run on the thread that finishes or cancels a task.

use std::sync::Arc;
use std::sync::mpsc::{Sender, channel};

use executor::TaskError;

use super::{Local, Outcome, deadlock, on_threads_and_rayon};
use crate::gate::{Gate, pass};

on_threads_and_rayon!(
    a_callback_waits_for_a_task_of_the_only_worker,
    a_callback_waits_for_a_task_that_waits_for_the_callback_s_worker,
    a_callback_of_a_cancel_outside_may_wait,
    callbacks_that_wait_one_on_top_of_the_other_end_with_an_error_at_most,
);

fn a_callback_waits_for_a_task_of_the_only_worker<P: Local>() {
    let pool = P::pool(1);
    let mut gate = Gate::new();
    let key = gate.key();
    let task = pool.go(move || pass(key));
    let behind = pool.go(|| 1);
    let (tell, told) = channel();
    task.add_done_callback(move |_| tell.send(behind.into_result()).unwrap());
    gate.await_arrivals(1);
    gate.open();
    assert_eq!(told.recv().unwrap().unwrap(), 1);
}

fn a_callback_waits_for_a_task_that_waits_for_the_callback_s_worker<P: Local>() {
    let pool = P::strict(1);
    let mut gate = Gate::new();
    let key = gate.key();
    let task = pool.go(move || pass(key));
    let behind = pool.go(|| 1);
    let (tell, told) = channel();
    task.add_done_callback(move |_| {
        let outcome: Result<u32, TaskError> = behind.into_result();
        tell.send(outcome).unwrap();
    });
    gate.await_arrivals(1);
    gate.open();
    let text = deadlock(&told.recv().unwrap());
    assert!(text.contains("a callback"), "{text}");
}

fn a_callback_of_a_cancel_outside_may_wait<P: Local>() {
    let pool = P::pool(1);
    let mut gate = Gate::new();
    let key = gate.key();
    let inner = Arc::clone(&pool);
    let task = pool.go(move || pass(key));
    let cancelled = pool.go(|| 1);
    let (tell, told) = channel();
    gate.await_arrivals(1);
    cancelled.add_done_callback(move |_| {
        gate.open();
        let outcome: Outcome = inner.go(|| 2).into_result();
        tell.send(outcome).unwrap();
    });
    assert!(cancelled.cancel());
    assert_eq!(told.recv().unwrap().unwrap(), 2);
    task.result().unwrap();
}

/// Waits for a task whose callback does the same, so many times; says where it can't.
fn wait_in_callbacks<P: Local>(pool: &Arc<P>, times: u32, say: Sender<Outcome>) {
    let task = pool.go(|| 1);
    let (inner, deeper) = (Arc::clone(pool), say.clone());
    if times > 0 {
        task.add_done_callback(move |_| wait_in_callbacks(&inner, times - 1, deeper));
    }
    let outcome = task.into_result();
    if outcome.is_err() {
        say.send(outcome).unwrap();
    }
}

/// On one stack they would overflow it.
fn callbacks_that_wait_one_on_top_of_the_other_end_with_an_error_at_most<P: Local>() {
    let pool = P::pool(1);
    let inner = Arc::clone(&pool);
    let (say, said) = channel();
    let waits = pool.go(move || wait_in_callbacks(&inner, 10_000, say));
    waits.result().unwrap();
    let outcomes: Vec<Outcome> = said.iter().collect();
    outcomes.iter().for_each(|outcome| drop(deadlock(outcome)));
}
