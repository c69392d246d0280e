//! `wait` over promises.
//!
//! That a wait which timed out leaves no waiter behind is seen in `tests/allocations.rs`.

use std::sync::mpsc::channel;
use std::thread;
use std::time::Duration;

use executor::ReturnWhen::{AllCompleted, FirstCompleted, FirstException};
use executor::{
    AnyFuture, DoneAndNotDone, Future, Promise, ReturnWhen, TaskError, promise, wait, wait_timeout,
};

use crate::watchdog::watch;

const MODES: [ReturnWhen; 3] = [FirstCompleted, FirstException, AllCompleted];

fn value() -> Future<i32> {
    let (promise, future) = promise();
    promise.finish(Ok(1));
    future
}

fn failed() -> Future<i32> {
    let (promise, future) = promise();
    promise.finish(Err(TaskError::Lost));
    future
}

fn cancelled() -> Future<i32> {
    let (_promise, future) = promise();
    future.cancel();
    future
}

fn split<'f>(
    done: impl IntoIterator<Item = &'f Future<i32>>,
    not_done: impl IntoIterator<Item = &'f Future<i32>>,
) -> DoneAndNotDone<&'f Future<i32>> {
    DoneAndNotDone {
        done: done.into_iter().collect(),
        not_done: not_done.into_iter().collect(),
    }
}

#[test]
fn nothing_to_wait_for_returns_at_once() {
    watch(|| {
        for mode in MODES {
            assert_eq!(wait::<&Future<i32>>([], mode), split([], []));
        }
    });
}

#[test]
fn the_default_is_to_wait_for_all() {
    assert_eq!(ReturnWhen::default(), AllCompleted);
}

#[test]
fn a_future_given_twice_counts_once() {
    watch(|| {
        let (one, other) = (value(), failed());
        for mode in MODES {
            let clone = one.clone();
            let outcome = wait([&one, &other, &clone, &one, &other], mode);
            assert_eq!(outcome, split([&one, &other], []));
        }
        let (_promise, pending) = promise();
        let outcome = wait([&pending, &one, &pending], FirstCompleted);
        assert_eq!(outcome, split([&one], [&pending]));
    });
}

#[test]
fn futures_can_be_given_by_value_and_come_back() {
    watch(|| {
        let one = value();
        let outcome = wait([one.clone()], AllCompleted);
        assert_eq!(outcome.done, [one]);
    });
}

#[test]
fn the_first_returns_with_all_that_have_ended() {
    watch(|| {
        let (_promise, pending) = promise();
        let (value, failed, cancelled) = (value(), failed(), cancelled());
        let outcome = wait([&pending, &value, &failed, &cancelled], FirstCompleted);
        assert_eq!(outcome, split([&value, &failed, &cancelled], [&pending]));
        let outcome = wait([&pending, &cancelled], FirstCompleted);
        assert_eq!(outcome, split([&cancelled], [&pending]));
    });
}

#[test]
fn a_failure_before_the_wait_ends_a_wait_for_an_exception() {
    watch(|| {
        let (_promise, pending) = promise();
        let (failed, value) = (failed(), value());
        let outcome = wait([&pending, &value, &failed], FirstException);
        assert_eq!(outcome, split([&value, &failed], [&pending]));
    });
}

#[test]
fn values_and_cancellations_do_not_end_a_wait_for_an_exception() {
    watch(|| {
        let (_promise, pending) = promise();
        let (value, cancelled) = (value(), cancelled());
        let soon = Duration::from_millis(2);
        let outcome = wait_timeout([&pending, &value, &cancelled], FirstException, soon);
        assert_eq!(outcome, split([&value, &cancelled], [&pending]));
        let outcome = wait([&value, &cancelled], FirstException);
        assert_eq!(outcome, split([&value, &cancelled], []));
    });
}

/// Waits on a thread; gives a channel of its single answer, and returns when it is about to.
fn wait_on_a_thread(
    futures: &[Future<i32>],
    mode: ReturnWhen,
) -> thread::JoinHandle<DoneAndNotDone<Future<i32>>> {
    let futures = futures.to_vec();
    let (starting, start) = channel();
    let thread = thread::spawn(move || {
        starting.send(()).unwrap();
        wait(futures, mode)
    });
    start.recv().unwrap();
    thread
}

fn three() -> ([Promise<i32>; 3], [Future<i32>; 3]) {
    let ((a, a_future), (b, b_future), (c, c_future)) = (promise(), promise(), promise());
    ([a, b, c], [a_future, b_future, c_future])
}

#[test]
fn the_first_to_end_during_the_wait_ends_it() {
    watch(|| {
        for _ in 0..50 {
            let ([_a, b, _c], futures) = three();
            let waiter = wait_on_a_thread(&futures, FirstCompleted);
            b.finish(Ok(1));
            let outcome = waiter.join().unwrap();
            assert_eq!(outcome.done, futures[1..2]);
            assert_eq!(outcome.not_done, [futures[0].clone(), futures[2].clone()]);
        }
    });
}

#[test]
fn the_first_failure_during_the_wait_ends_it() {
    watch(|| {
        for _ in 0..50 {
            let ([a, b, _c], futures) = three();
            let waiter = wait_on_a_thread(&futures, FirstException);
            a.finish(Ok(1));
            b.finish(Err(TaskError::Lost));
            let outcome = waiter.join().unwrap();
            assert_eq!(outcome.done, futures[..2]);
            assert_eq!(outcome.not_done, futures[2..]);
        }
    });
}

#[test]
fn the_last_to_end_ends_a_wait_for_all() {
    watch(|| {
        for mode in [AllCompleted, FirstException] {
            for _ in 0..50 {
                let ([a, _b, c], futures) = three();
                let waiter = wait_on_a_thread(&futures, mode);
                c.finish(Ok(1));
                futures[1].cancel();
                a.finish(Ok(2));
                assert_eq!(waiter.join().unwrap().done, futures);
            }
        }
    });
}

#[test]
fn a_lost_promise_is_a_failure() {
    watch(|| {
        let ([_a, b, _c], futures) = three();
        let waiter = wait_on_a_thread(&futures, FirstException);
        drop(b);
        assert_eq!(waiter.join().unwrap().done, futures[1..2]);
        assert!(futures[1].failed());
    });
}

#[test]
fn a_zero_timeout_looks() {
    watch(|| {
        let ([_a, b, c], futures) = three();
        let [a_future, b_future, c_future] = &futures;
        for mode in MODES {
            let outcome = wait_timeout(&futures, mode, Duration::ZERO);
            assert_eq!(outcome, split([], &futures));
        }
        b.finish(Ok(1));
        for mode in MODES {
            let outcome = wait_timeout(&futures, mode, Duration::ZERO);
            assert_eq!(outcome, split([b_future], [a_future, c_future]));
        }
        c.finish(Err(TaskError::Lost));
        a_future.cancel();
        for mode in MODES {
            let outcome = wait_timeout(&futures, mode, Duration::ZERO);
            assert_eq!(outcome, split(&futures, []));
        }
    });
}

#[test]
fn futures_of_different_types_go_together() {
    watch(|| {
        let (number, number_future) = promise::<i32>();
        let (text, text_future) = promise::<String>();
        let futures: [&dyn AnyFuture; 2] = [&number_future, &text_future];
        text.finish(Ok("seven".to_owned()));
        let outcome = wait(futures, FirstCompleted);
        assert_eq!((outcome.done.len(), outcome.not_done.len()), (1, 1));
        number.finish(Ok(7));
        let boxed: Vec<&dyn AnyFuture> = vec![&number_future, &text_future, &number_future];
        assert_eq!(wait(boxed, AllCompleted).done.len(), 2);
    });
}
