//! Tokens by which running tasks are asked to end.

use std::thread;

use executor::{CancellationToken, Executor, Shutdown};

use crate::backends::{Backend, on_every_executor};
use crate::gate::{Gate, pass};

on_every_executor!(
    a_running_task_sees_its_token_cancelled,
    a_task_that_starts_later_finds_its_token_cancelled,
    a_token_cancelled_while_it_is_sent_arrives_cancelled,
    all_tasks_with_one_token_see_it_cancelled,
    a_task_cancels_the_token_of_another,
    a_running_task_sees_the_parent_of_its_token_cancelled,
    a_token_that_comes_back_is_the_same,
    a_shutdown_after_a_cancel_ends,
);

/// A task that says that it runs, and ends when its token is cancelled.
fn wait_for(token: CancellationToken, gate: String) -> bool {
    pass(gate);
    while !token.is_cancelled() {
        thread::yield_now();
    }
    true
}

fn a_running_task_sees_its_token_cancelled<B: Backend>() {
    let pool = B::pool(1);
    let mut gate = Gate::new();
    let token = CancellationToken::new();
    let waits = pool.submit(wait_for, (token.clone(), gate.key())).unwrap();
    gate.await_arrivals(1);
    gate.open();
    assert!(!token.is_cancelled() && !waits.done());
    token.cancel();
    assert!(*waits.result().unwrap());
}

fn a_task_that_starts_later_finds_its_token_cancelled<B: Backend>() {
    let pool = B::pool(1);
    let token = CancellationToken::new();
    token.cancel();
    token.cancel();
    let cancelled = |token: CancellationToken| token.is_cancelled();
    assert!(*pool.submit(cancelled, (token,)).unwrap().result().unwrap());
    let fresh = pool.submit(cancelled, (CancellationToken::new(),)).unwrap();
    assert!(!fresh.result().unwrap());
}

fn a_token_cancelled_while_it_is_sent_arrives_cancelled<B: Backend>() {
    let pool = B::pool(1);
    for _ in 0..20 {
        let token = CancellationToken::new();
        let canceller = thread::spawn({
            let token = token.clone();
            move || token.cancel()
        });
        let waits = pool.submit(wait_for, (token, String::new())).unwrap();
        assert!(*waits.result().unwrap());
        canceller.join().unwrap();
    }
}

fn all_tasks_with_one_token_see_it_cancelled<B: Backend>() {
    let pool = B::pool(3);
    let mut gate = Gate::new();
    let token = CancellationToken::new();
    let tasks = [(); 3].map(|()| pool.submit(wait_for, (token.clone(), gate.key())).unwrap());
    gate.await_arrivals(3);
    gate.open();
    token.cancel();
    assert!(tasks.iter().all(|task| *task.result().unwrap()));
}

fn a_task_cancels_the_token_of_another<B: Backend>() {
    let pool = B::pool(2);
    let mut gate = Gate::new();
    let token = CancellationToken::new();
    let waits = pool.submit(wait_for, (token.clone(), gate.key())).unwrap();
    gate.await_arrivals(1);
    gate.open();
    let cancel = |token: CancellationToken| token.cancel();
    let cancels = pool.submit(cancel, (token.clone(),)).unwrap();
    assert!(*waits.result().unwrap());
    cancels.result().unwrap();
    assert!(token.is_cancelled());
}

fn a_running_task_sees_the_parent_of_its_token_cancelled<B: Backend>() {
    let pool = B::pool(2);
    let mut gate = Gate::new();
    let parent = CancellationToken::new();
    let (one, other) = (parent.child(), parent.child().child());
    let first = pool.submit(wait_for, (one.clone(), gate.key())).unwrap();
    let second = pool.submit(wait_for, (other.clone(), gate.key())).unwrap();
    gate.await_arrivals(2);
    gate.open();
    one.cancel();
    assert!(*first.result().unwrap());
    assert!(!other.is_cancelled() && !parent.is_cancelled() && !second.done());
    parent.cancel();
    assert!(*second.result().unwrap());
    assert!(other.is_cancelled());
}

fn a_token_that_comes_back_is_the_same<B: Backend>() {
    let pool = B::pool(1);
    let token = CancellationToken::new();
    let same = |token: CancellationToken| token;
    let back = pool.submit(same, (token.clone(),)).unwrap();
    back.result().unwrap().cancel();
    assert!(token.is_cancelled());
    let child = pool.submit(same, (token.child(),)).unwrap();
    assert!(child.result().unwrap().is_cancelled());
}

fn a_shutdown_after_a_cancel_ends<B: Backend>() {
    let pool = B::pool(1);
    let mut gate = Gate::new();
    let token = CancellationToken::new();
    let running = pool.submit(wait_for, (token.clone(), gate.key())).unwrap();
    gate.await_arrivals(1);
    gate.open();
    let queued = pool
        .submit(wait_for, (token.clone(), String::new()))
        .unwrap();
    token.cancel();
    pool.shutdown(Shutdown::wait());
    assert!(*running.result().unwrap() && *queued.result().unwrap());
}
