//! `wait` for futures of an executor, and of several executors together.

use std::time::Duration;

use executor::{
    AnyFuture, Executor, Future, ReturnWhen, ThreadPoolExecutor, as_completed, wait, wait_timeout,
};

use crate::backends::{Backend, on_every_executor};
use crate::gate::{Gate, pass_and_return};

on_every_executor!(
    wait_for_all_returns_when_all_have_ended,
    wait_for_the_first_returns_before_the_rest,
    wait_for_an_exception_returns_at_the_first_failure,
    wait_for_an_exception_without_one_waits_for_all,
    wait_gives_up_after_its_timeout,
    a_future_given_twice_counts_once,
    the_first_returns_at_once_with_all_that_have_ended,
    a_failure_before_the_wait_ends_a_wait_for_an_exception,
    a_cancellation_does_not_end_a_wait_for_an_exception,
    a_wait_for_all_takes_what_finished_failed_and_was_cancelled,
    a_wait_that_timed_out_leaves_the_rest_alone,
    futures_of_different_executors_are_waited_for_together,
    futures_of_different_types_are_waited_for_together,
);

fn wait_for_all_returns_when_all_have_ended<B: Backend>() {
    let pool = B::pool(2);
    let futures: Vec<_> = (0..10)
        .map(|n| pool.submit(|n: u8| assert!(n != 3), (n,)).unwrap())
        .collect();
    let outcome = wait(&futures, ReturnWhen::AllCompleted);
    assert_eq!(outcome.done, futures.iter().collect::<Vec<_>>());
    assert!(outcome.not_done.is_empty());
}

fn wait_for_the_first_returns_before_the_rest<B: Backend>() {
    let pool = B::pool(2);
    let mut gate = Gate::new();
    let blocked = pool.submit(pass_and_return, (gate.key(), 1)).unwrap();
    gate.await_arrivals(1);
    let quick = pool.submit(|| 2_u32, ()).unwrap();
    let outcome = wait([&blocked, &quick], ReturnWhen::FirstCompleted);
    assert_eq!(outcome.done, [&quick]);
    assert_eq!(outcome.not_done, [&blocked]);
    gate.open();
    let outcome = wait([&blocked, &quick], ReturnWhen::AllCompleted);
    assert_eq!(outcome.done, [&blocked, &quick]);
}

fn wait_for_an_exception_returns_at_the_first_failure<B: Backend>() {
    let pool = B::pool(2);
    let mut gate = Gate::new();
    let blocked = pool.submit(pass_and_return, (gate.key(), 1)).unwrap();
    gate.await_arrivals(1);
    let quick = pool.submit(|| 2_u32, ()).unwrap();
    let failing = pool.submit(|| -> u32 { panic!("on purpose") }, ()).unwrap();
    let outcome = wait([&failing, &blocked, &quick], ReturnWhen::FirstException);
    // The quick one came first on the same worker.
    assert_eq!(outcome.done, [&failing, &quick]);
    assert_eq!(outcome.not_done, [&blocked]);
    gate.open();
}

fn wait_for_an_exception_without_one_waits_for_all<B: Backend>() {
    let pool = B::pool(2);
    let futures: Vec<_> = (0..10)
        .map(|n| pool.submit(|n: u8| n, (n,)).unwrap())
        .collect();
    let outcome = wait(&futures, ReturnWhen::FirstException);
    assert_eq!(outcome.done.len(), 10);
}

fn wait_gives_up_after_its_timeout<B: Backend>() {
    let pool = B::pool(2);
    let mut gate = Gate::new();
    let quick = pool.submit(|| 2_u32, ()).unwrap();
    quick.result().unwrap();
    let blocked = pool.submit(pass_and_return, (gate.key(), 1)).unwrap();
    gate.await_arrivals(1);
    for timeout in [Duration::ZERO, Duration::from_millis(2)] {
        for mode in [ReturnWhen::AllCompleted, ReturnWhen::FirstException] {
            let outcome = wait_timeout([&blocked, &quick], mode, timeout);
            assert_eq!(outcome.done, [&quick]);
            assert_eq!(outcome.not_done, [&blocked]);
        }
    }
    gate.open();
    let never = wait_timeout([&blocked], ReturnWhen::AllCompleted, Duration::MAX);
    assert_eq!(never.done, [&blocked]);
}

fn futures_of_different_executors_are_waited_for_together<B: Backend>() {
    let (one, other) = (B::pool(1), ThreadPoolExecutor::new(1).unwrap());
    let mut gate = Gate::new();
    let blocked = one.submit(pass_and_return, (gate.key(), 1)).unwrap();
    gate.await_arrivals(1);
    let quick = Executor::submit(&other, |n: u32| n, (2,)).unwrap();
    let (promise, promised) = executor::promise();
    let futures = [&blocked, &quick, &promised];
    let outcome = wait(futures, ReturnWhen::FirstCompleted);
    assert_eq!(outcome.done, [&quick]);
    let mut ended = as_completed(futures);
    assert_eq!(ended.next(), Some(&quick));
    promise.finish(Ok(3));
    assert_eq!(ended.next(), Some(&promised));
    gate.open();
    assert_eq!(ended.next(), Some(&blocked));
    assert_eq!(wait(futures, ReturnWhen::AllCompleted).done, futures);
}

fn futures_of_different_types_are_waited_for_together<B: Backend>() {
    let pool = B::pool(2);
    let number = pool.submit(|| 42, ()).unwrap();
    let text = pool.submit(|| "forty-two".to_owned(), ()).unwrap();
    let futures: [&dyn AnyFuture; 2] = [&number, &text];
    assert!(wait(futures, ReturnWhen::AllCompleted).not_done.is_empty());
    assert_eq!(as_completed(futures).count(), 2);
}

/// A pool of two workers, one of which is held at a gate by the future.
fn half_blocked<B: Backend>() -> (B::Pool, Gate, Future<u32>) {
    let pool = B::pool(2);
    let mut gate = Gate::new();
    let blocked = pool.submit(pass_and_return, (gate.key(), 1)).unwrap();
    gate.await_arrivals(1);
    (pool, gate, blocked)
}

fn a_future_given_twice_counts_once<B: Backend>() {
    let (pool, gate, blocked) = half_blocked::<B>();
    let quick = pool.submit(|| 2_u32, ()).unwrap();
    let same = quick.clone();
    let outcome = wait(
        [&quick, &blocked, &same, &quick],
        ReturnWhen::FirstCompleted,
    );
    assert_eq!(outcome.done, [&quick]);
    assert_eq!(outcome.not_done, [&blocked]);
    gate.open();
    let outcome = wait([&blocked, &same, &blocked], ReturnWhen::AllCompleted);
    assert_eq!(outcome.done, [&blocked, &quick]);
}

fn the_first_returns_at_once_with_all_that_have_ended<B: Backend>() {
    let (pool, gate, blocked) = half_blocked::<B>();
    let quick: Vec<_> = (0..3)
        .map(|n| pool.submit(|n: u32| n, (n,)).unwrap())
        .collect();
    wait(&quick, ReturnWhen::AllCompleted);
    let futures = [&quick[2], &blocked, &quick[0], &quick[1]];
    let outcome = wait(futures, ReturnWhen::FirstCompleted);
    assert_eq!(outcome.done, [&quick[2], &quick[0], &quick[1]]);
    assert_eq!(outcome.not_done, [&blocked]);
    gate.open();
}

fn a_failure_before_the_wait_ends_a_wait_for_an_exception<B: Backend>() {
    let (pool, gate, blocked) = half_blocked::<B>();
    let failed = pool.submit(|| -> u32 { panic!("on purpose") }, ()).unwrap();
    failed.error();
    let outcome = wait([&blocked, &failed], ReturnWhen::FirstException);
    assert_eq!(outcome.done, [&failed]);
    assert_eq!(outcome.not_done, [&blocked]);
    gate.open();
}

fn a_cancellation_does_not_end_a_wait_for_an_exception<B: Backend>() {
    let pool = B::pool(1);
    let mut gate = Gate::new();
    let blocked = pool.submit(pass_and_return, (gate.key(), 1)).unwrap();
    gate.await_arrivals(1);
    let cancelled = pool.submit(|| 2_u32, ()).unwrap();
    assert!(cancelled.cancel());
    let futures = [&cancelled, &blocked];
    let early = wait_timeout(
        futures,
        ReturnWhen::FirstException,
        Duration::from_millis(1),
    );
    assert_eq!(early.not_done, [&blocked]);
    gate.open();
    let outcome = wait(futures, ReturnWhen::FirstException);
    assert_eq!(outcome.done, futures, "it waited for all");
}

fn a_wait_for_all_takes_what_finished_failed_and_was_cancelled<B: Backend>() {
    let (pool, gate, blocked) = half_blocked::<B>();
    let finished = pool.submit(|| 2_u32, ()).unwrap();
    let failed = pool.submit(|| -> u32 { panic!("on purpose") }, ()).unwrap();
    wait([&finished, &failed], ReturnWhen::AllCompleted);
    let also_blocked = pool.submit(pass_and_return, (gate.key(), 3)).unwrap();
    let cancelled = pool.submit(|| 4_u32, ()).unwrap();
    cancelled.cancel();
    gate.open();
    let futures = [&blocked, &finished, &failed, &also_blocked, &cancelled];
    let outcome = wait(futures, ReturnWhen::AllCompleted);
    assert_eq!(outcome.done, futures);
    assert!(outcome.not_done.is_empty());
}

fn a_wait_that_timed_out_leaves_the_rest_alone<B: Backend>() {
    let (_pool, gate, blocked) = half_blocked::<B>();
    for mode in [ReturnWhen::AllCompleted, ReturnWhen::FirstCompleted] {
        let outcome = wait_timeout([&blocked], mode, Duration::from_millis(1));
        assert_eq!(outcome.not_done, [&blocked]);
        assert!(blocked.running());
    }
    gate.open();
    assert_eq!(*blocked.result().unwrap(), 1);
}
