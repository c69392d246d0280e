//! `as_completed` over futures of an executor.

use std::collections::HashSet;
use std::time::{Duration, Instant};

use executor::{Executor, Future, ReturnWhen, TimedOut, as_completed, as_completed_timeout, wait};

use crate::backends::{Backend, on_every_executor};
use crate::gate::{Gate, pass_and_return};

on_every_executor!(
    as_completed_yields_each_future_once,
    as_completed_yields_what_finished_failed_was_cancelled_and_runs,
    as_completed_yields_in_the_order_of_the_ends,
    as_completed_yields_what_has_ended_in_the_order_given,
    as_completed_gives_up_after_its_timeout,
    as_completed_says_how_many_have_not_ended,
    as_completed_yields_what_ended_in_time_however_late_it_is_asked_for,
    a_half_consumed_as_completed_leaves_the_rest_alone,
);

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

fn as_completed_yields_what_finished_failed_was_cancelled_and_runs<B: Backend>() {
    let pool = B::pool(2);
    let mut gate = Gate::new();
    let finished = pool.submit(|| 1_u32, ()).unwrap();
    let failed = pool.submit(|| -> u32 { panic!("on purpose") }, ()).unwrap();
    wait([&finished, &failed], ReturnWhen::AllCompleted);
    let running = [2, 3].map(|n| pool.submit(pass_and_return, (gate.key(), n)).unwrap());
    gate.await_arrivals(2);
    let cancelled = pool.submit(|| 4_u32, ()).unwrap();
    assert!(cancelled.cancel());
    let futures = [&running[0], &cancelled, &failed, &running[1], &finished];
    let mut ended = as_completed(futures);
    let before: Vec<_> = ended.by_ref().take(3).collect();
    assert_eq!(before, [&cancelled, &failed, &finished]);
    assert!(running.iter().all(Future::running));
    gate.open();
    let after: HashSet<_> = ended.collect();
    assert_eq!(after, running.iter().collect());
}

fn as_completed_yields_what_has_ended_in_the_order_given<B: Backend>() {
    let pool = B::pool(2);
    let futures: Vec<_> = (0..20)
        .map(|n| pool.submit(|n: u8| n, (n,)).unwrap())
        .collect();
    wait(&futures, ReturnWhen::AllCompleted);
    assert!(as_completed(futures.iter().rev()).eq(futures.iter().rev()));
}

fn as_completed_says_how_many_have_not_ended<B: Backend>() {
    let pool = B::pool(1);
    let mut gate = Gate::new();
    let done = [1, 2].map(|n| pool.submit(|n: u32| n, (n,)).unwrap());
    wait(&done, ReturnWhen::AllCompleted);
    let running = pool.submit(pass_and_return, (gate.key(), 3)).unwrap();
    gate.await_arrivals(1);
    let pending = pool.submit(|| 4_u32, ()).unwrap();
    let futures = [&pending, &done[0], &running, &done[1]];
    let mut ended = as_completed_timeout(futures, Duration::ZERO);
    let errors: Vec<TimedOut> = ended.by_ref().filter_map(Result::err).collect();
    let [error] = errors[..] else {
        panic!("{errors:?}")
    };
    assert_eq!((error.unfinished, error.total), (2, 4));
    assert!(error.to_string().contains("2 (of 4) futures unfinished"));
    assert_eq!(ended.next(), None);
    gate.open();
    assert_eq!(*pending.result().unwrap(), 4);
}

fn as_completed_yields_what_ended_in_time_however_late_it_is_asked_for<B: Backend>() {
    let pool = B::pool(2);
    let mut gate = Gate::new();
    let blocked = pool.submit(pass_and_return, (gate.key(), 1)).unwrap();
    gate.await_arrivals(1);
    let quick = pool.submit(|| 2_u32, ()).unwrap();
    let timeout = Duration::from_millis(5);
    let start = Instant::now();
    let mut ended = as_completed_timeout([&blocked, &quick], timeout);
    quick.result().unwrap();
    // Until the time is over, so that what ended within it is asked for too late.
    while start.elapsed() < timeout {
        std::thread::yield_now();
    }
    assert_eq!(ended.next(), Some(Ok(&quick)));
    assert!(matches!(ended.next(), Some(Err(_))));
    assert_eq!(ended.next(), None);
    gate.open();
    assert_eq!(*blocked.result().unwrap(), 1);
}

fn a_half_consumed_as_completed_leaves_the_rest_alone<B: Backend>() {
    let pool = B::pool(1);
    let mut gate = Gate::new();
    let quick = pool.submit(|| 1_u32, ()).unwrap();
    quick.result().unwrap();
    let running = pool.submit(pass_and_return, (gate.key(), 2)).unwrap();
    gate.await_arrivals(1);
    let pending = pool.submit(|| 3_u32, ()).unwrap();
    let mut ended = as_completed([&running, &quick, &pending]);
    assert_eq!(ended.next(), Some(&quick));
    drop(ended);
    assert!(running.running() && !pending.done());
    gate.open();
    assert_eq!(*running.result().unwrap(), 2);
    assert_eq!(*pending.result().unwrap(), 3);
}
