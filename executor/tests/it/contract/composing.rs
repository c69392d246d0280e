//! Futures made of futures of an executor.

use std::sync::Arc;
use std::sync::mpsc::channel;
use std::thread;

use executor::{Executor, Future, TaskError, collect};

use crate::backends::{Backend, on_every_executor};
use crate::gate::{Gate, Marks, leave_mark, pass, pass_and_return};

on_every_executor!(
    a_chain_of_ten_passes_a_value_an_error_and_a_cancel_on,
    an_error_handler_turns_the_error_into_a_value,
    a_function_of_then_runs_where_callbacks_do,
    a_function_of_then_submits_another_task,
    collect_of_tasks_gives_their_values_in_order,
    collect_fails_with_a_task_and_cancels_what_has_not_started,
    collect_is_cancelled_with_one_of_its_tasks,
    a_cancelled_collect_keeps_its_tasks_from_starting,
);

fn double(n: u64) -> u64 {
    n * 2
}

fn chain(base: &Future<u64>) -> Future<u64> {
    (0..10).fold(base.clone(), |link, _| {
        link.then(|outcome| Ok(outcome? + 1))
    })
}

fn a_chain_of_ten_passes_a_value_an_error_and_a_cancel_on<B: Backend>() {
    let pool = B::pool(1);
    let mut gate = Gate::new();
    let _running = pool.submit(pass, (gate.key(),)).unwrap();
    gate.await_arrivals(1);
    let value = chain(&pool.submit(double, (1,)).unwrap());
    let error = chain(&pool.submit(|| -> u64 { panic!("on purpose") }, ()).unwrap());
    let base = pool.submit(double, (1,)).unwrap();
    let cancelled = chain(&base);
    assert!(base.cancel());
    assert!(matches!(cancelled.result(), Err(TaskError::Cancelled)));
    assert!(cancelled.cancelled());
    gate.open();
    assert_eq!(*value.result().unwrap(), 12);
    assert!(matches!(error.result(), Err(TaskError::Panicked(_))));
    // And on what has ended.
    assert_eq!(*chain(&value).result().unwrap(), 22);
    assert!(matches!(
        chain(&error).result(),
        Err(TaskError::Panicked(_))
    ));
    assert!(chain(&base).cancelled());
}

fn an_error_handler_turns_the_error_into_a_value<B: Backend>() {
    let pool = B::pool(1);
    let failing = pool.submit(|| -> u64 { panic!("on purpose") }, ()).unwrap();
    let mended = failing.then(|outcome| Ok(outcome.copied().unwrap_or(7)));
    assert_eq!(*mended.result().unwrap(), 7);
}

fn a_function_of_then_runs_where_callbacks_do<B: Backend>() {
    let pool = B::pool(1);
    let gate = Gate::new();
    let future = pool.submit(pass, (gate.key(),)).unwrap();
    let (called, calls) = channel();
    future.add_done_callback(move |_| called.send(thread::current().id()).unwrap());
    let derived = future.then(|_| Ok(thread::current().id()));
    gate.open();
    assert_eq!(*derived.result().unwrap(), calls.recv().unwrap());
    let late = future.then(|_| Ok(thread::current().id()));
    assert_eq!(*late.result().unwrap(), thread::current().id());
}

fn a_function_of_then_submits_another_task<B: Backend>() {
    let pool = Arc::new(B::pool(1));
    let mut future = pool.submit(double, (1,)).unwrap();
    for _ in 0..5 {
        let pool = Arc::clone(&pool);
        let next = future.then(move |n| Ok(pool.submit(double, (*n?,))?));
        future = next.flatten();
    }
    assert_eq!(*future.result().unwrap(), 64);
    // The functions have let go of the pool: it is dropped here, and not by one of its own.
    while Arc::strong_count(&pool) > 1 {
        thread::yield_now();
    }
}

fn collect_of_tasks_gives_their_values_in_order<B: Backend>() {
    let pool = B::pool(2);
    let futures = (0..20).map(|n| pool.submit(double, (n,)).unwrap());
    let collected = collect(futures);
    let expected: Vec<u64> = (0..20).map(double).collect();
    assert_eq!(collected.into_result().unwrap(), expected);
}

fn collect_fails_with_a_task_and_cancels_what_has_not_started<B: Backend>() {
    let marks = Marks::new();
    let pool = B::pool(2);
    let mut gate = Gate::new();
    let held: Vec<_> = (0..2)
        .map(|n| pool.submit(pass_and_return, (gate.key(), n)).unwrap())
        .collect();
    gate.await_arrivals(2);
    let pending = pool.submit(leave_mark, (marks.key(), 1)).unwrap();
    let (promise, failing) = executor::promise();
    let inputs = held.iter().chain([&failing, &pending]);
    let collected = collect(inputs.cloned());
    promise.finish(Err(TaskError::Lost));
    assert!(matches!(collected.result(), Err(TaskError::Lost)));
    assert!(pending.cancelled() && held.iter().all(Future::running));
    gate.open();
    for (n, future) in (0..).zip(held) {
        assert_eq!(*future.result().unwrap(), n);
    }
    drop(pool);
    assert_eq!(marks.tasks(), 0);
}

fn collect_is_cancelled_with_one_of_its_tasks<B: Backend>() {
    let pool = B::pool(1);
    let mut gate = Gate::new();
    let running = pool.submit(pass_and_return, (gate.key(), 1)).unwrap();
    gate.await_arrivals(1);
    let pending: Vec<_> = (0..3)
        .map(|n| pool.submit(pass_and_return, (gate.key(), n)).unwrap())
        .collect();
    let collected = collect([&running].into_iter().chain(&pending).cloned());
    assert!(pending[1].cancel());
    // On processes callbacks have a thread of their own.
    assert!(matches!(collected.result(), Err(TaskError::Cancelled)));
    assert!(collected.cancelled() && running.running());
    assert!(pending.iter().all(Future::cancelled));
    gate.open();
}

fn a_cancelled_collect_keeps_its_tasks_from_starting<B: Backend>() {
    let marks = Marks::new();
    let pool = B::pool(1);
    let mut gate = Gate::new();
    let running = pool.submit(pass_and_return, (gate.key(), 1)).unwrap();
    gate.await_arrivals(1);
    let pending = pool.submit(leave_mark, (marks.key(), 1)).unwrap();
    let collected = collect([running.clone(), pending.clone()]);
    assert!(collected.cancel());
    assert!(pending.cancelled() && running.running());
    gate.open();
    drop(pool);
    assert_eq!((marks.tasks(), *running.result().unwrap()), (0, 1));
}
