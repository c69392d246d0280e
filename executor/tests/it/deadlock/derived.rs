//! Waits for futures that are derived from others.

use std::sync::Arc;
use std::sync::mpsc::channel;

use executor::{Future, TaskError, collect};

use super::{Local, Outcome, deadlock, follow, on_threads_and_rayon, waiter};
use crate::gate::{Gate, pass};

on_threads_and_rayon!(
    a_task_that_waits_for_what_is_made_of_its_own_future_is_told,
    a_task_that_waits_for_a_collection_with_its_own_future_is_told,
    a_collection_is_looked_at_again_when_one_of_it_has_ended,
    what_is_made_of_a_task_of_the_only_worker_is_waited_for_by_running_that,
    a_flattened_future_that_comes_to_lead_back_is_told,
    a_function_that_waits_for_its_own_future_is_told,
    a_task_that_waits_for_the_end_of_a_long_chain_is_told,
    a_task_that_waits_for_what_is_derived_in_very_many_ways_is_told,
);

/// A task that waits for what `make` makes of its own future.
fn waits_for_what_is_made<P: Local>(
    pool: &P,
    make: impl FnOnce(Future<Outcome>) -> Future<Outcome>,
) -> Future<Outcome> {
    let (own, tell) = waiter(pool);
    tell.send(make(own.clone())).unwrap();
    own
}

fn a_task_that_waits_for_what_is_made_of_its_own_future_is_told<P: Local>() {
    let pool = P::pool(2);
    let own = waits_for_what_is_made(&*pool, |own| {
        own.then(|outcome| Ok(outcome?.clone()))
            .then(|outcome| Ok(outcome?.clone()))
    });
    let text = deadlock(&own.into_result().unwrap());
    assert!(text.contains("of other futures"), "{text}");
}

fn a_task_that_waits_for_a_collection_with_its_own_future_is_told<P: Local>() {
    let pool = P::pool(2);
    let other = pool.go(|| Ok(1));
    other.result().unwrap();
    let own = waits_for_what_is_made(&*pool, |own| {
        collect([other, own]).then(|all| all.map(|all| all[0].clone()))
    });
    deadlock(&own.into_result().unwrap());
}

fn a_collection_is_looked_at_again_when_one_of_it_has_ended<P: Local>() {
    let pool = P::pool(2);
    let mut gate = Gate::new();
    let key = gate.key();
    let other = pool.go(move || -> Outcome {
        pass(key);
        Ok(1)
    });
    gate.await_arrivals(1);
    // While the other one runs it may fail, and the collection with it.
    let own = waits_for_what_is_made(&*pool, |own| {
        collect([other, own]).then(|all| all.map(|all| all[0].clone()))
    });
    gate.open();
    deadlock(&own.into_result().unwrap());
}

fn what_is_made_of_a_task_of_the_only_worker_is_waited_for_by_running_that<P: Local>() {
    let pool = P::pool(1);
    let inner = Arc::clone(&pool);
    let parent = pool.go(move || -> Outcome {
        let children: Vec<Future<u32>> = (0..3).map(|number| inner.go(move || number)).collect();
        let sum = collect(children).then(|all| Ok(all?.iter().sum()));
        sum.into_result()
    });
    assert_eq!(parent.into_result().unwrap().unwrap(), 3);
}

fn a_flattened_future_that_comes_to_lead_back_is_told<P: Local>() {
    let pool = P::pool(2);
    let (promise, outer) = executor::promise::<Future<Outcome>>();
    let own = waits_for_what_is_made(&*pool, |_| outer.flatten());
    // As long as nobody has said what it leads to, it may be anything.
    promise.finish(Ok(own.clone()));
    deadlock(&own.into_result().unwrap());
}

fn a_function_that_waits_for_its_own_future_is_told<P: Local>() {
    let pool = P::pool(1);
    let mut gate = Gate::new();
    let key = gate.key();
    let (tell, told) = channel::<Future<Outcome>>();
    let task = pool.go(move || pass(key));
    gate.await_arrivals(1);
    let made: Future<Outcome> = task
        .then(move |_| {
            let own = told.recv().expect("the scenario sends it");
            let outcome: Outcome = follow(&own);
            Ok(outcome)
        })
        .then(|outcome: Result<&Outcome, TaskError>| outcome.cloned());
    tell.send(made.clone()).unwrap();
    gate.open();
    deadlock(&made.into_result().unwrap());
}

/// A task of a worker that is the only one, which waits for what `derive` makes of another task.
fn waits_for_what_is_derived<P: Local>(
    derive: impl FnOnce(Future<u32>) -> Future<u32> + Send + 'static,
) {
    let pool = P::strict(1);
    let inner = Arc::clone(&pool);
    let told = pool.go(move || {
        let derived = derive(inner.go(|| 1));
        derived.result().copied()
    });
    let text = deadlock(&told.into_result().unwrap());
    assert!(text.contains(" more"), "{text}");
}

fn a_task_that_waits_for_the_end_of_a_long_chain_is_told<P: Local>() {
    waits_for_what_is_derived::<P>(|mut derived| {
        for _ in 0..10_000 {
            derived = derived.then(|number| Ok(*number?));
        }
        derived
    });
}

fn a_task_that_waits_for_what_is_derived_in_very_many_ways_is_told<P: Local>() {
    waits_for_what_is_derived::<P>(|mut derived| {
        // Each twice of the one before: there are 2^100 ways to the task.
        for _ in 0..100 {
            derived = collect([derived.clone(), derived]).then(|both| Ok(both?[0]));
        }
        derived
    });
}
