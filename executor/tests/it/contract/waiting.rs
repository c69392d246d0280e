//! `wait` and `as_completed` over futures of an executor, and of several.

use std::collections::HashSet;
use std::time::Duration;

use executor::{
    AnyFuture, Executor, ReturnWhen, ThreadPoolExecutor, TimedOut, as_completed,
    as_completed_timeout, wait, wait_timeout,
};

use crate::backends::{Backend, on_every_executor};
use crate::gate::{Gate, pass_and_return};

on_every_executor!(
    wait_for_all_returns_when_all_have_ended,
    wait_for_the_first_returns_before_the_rest,
    wait_for_an_exception_returns_at_the_first_failure,
    wait_for_an_exception_without_one_waits_for_all,
    wait_gives_up_after_its_timeout,
    as_completed_yields_each_future_once,
    as_completed_yields_in_the_order_of_the_ends,
    as_completed_gives_up_after_its_timeout,
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

fn as_completed_yields_each_future_once<B: Backend>() {
    let pool = B::pool(2);
    let futures: Vec<_> = (0..20)
        .map(|n| pool.submit(|n: u8| assert!(n % 5 != 3), (n,)).unwrap())
        .collect();
    let seen: Vec<_> = as_completed(futures.iter().chain(&futures)).collect();
    assert_eq!(seen.len(), 20);
    assert!(seen.iter().all(|future| future.done()));
    assert_eq!(
        seen.into_iter().collect::<HashSet<_>>(),
        futures.iter().collect::<HashSet<_>>()
    );
}

fn as_completed_yields_in_the_order_of_the_ends<B: Backend>() {
    let pool = B::pool(3);
    let mut gates: Vec<Option<Gate>> = (0..3).map(|_| Some(Gate::new())).collect();
    let futures: Vec<_> = (0..)
        .zip(gates.iter_mut().flatten())
        .map(|(n, gate)| {
            let future = pool.submit(pass_and_return, (gate.key(), n)).unwrap();
            gate.await_arrivals(1);
            future
        })
        .collect();
    let mut ended = as_completed(&futures);
    for n in [2, 0, 1] {
        gates[n].take().expect("each gate is opened once").open();
        assert_eq!(ended.next(), Some(&futures[n]));
    }
    assert_eq!(ended.next(), None);
}

fn as_completed_gives_up_after_its_timeout<B: Backend>() {
    let pool = B::pool(2);
    let mut gate = Gate::new();
    let blocked = pool.submit(pass_and_return, (gate.key(), 1)).unwrap();
    gate.await_arrivals(1);
    let quick: Vec<_> = (0..3)
        .map(|n| pool.submit(|n: u32| n, (n,)).unwrap())
        .collect();
    wait(&quick, ReturnWhen::AllCompleted);
    let mut ended = as_completed_timeout([&blocked].into_iter().chain(&quick), Duration::ZERO);
    for future in &quick {
        assert_eq!(ended.next(), Some(Ok(future)));
    }
    let timed_out = TimedOut {
        unfinished: 1,
        total: 4,
    };
    assert_eq!(ended.next(), Some(Err(timed_out)));
    assert_eq!(ended.next(), None);
    gate.open();
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
