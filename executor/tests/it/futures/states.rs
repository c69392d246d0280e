//! The state machine: who may move it where, and what each state answers.

use std::sync::mpsc::channel;
use std::thread;
use std::time::Duration;

use executor::{AnyFuture, Future, Promise, State, TaskError, TimedOut, promise};

use crate::watchdog::watch;

/// A name, a future and the promise that keeps it in its state.
type Named = (&'static str, Option<Promise<i32>>, Future<i32>);

/// A future in each state.
fn one_of_each() -> Vec<Named> {
    let (pending, pending_future) = promise();
    let (mut running, running_future) = promise();
    assert!(running.claim());
    let (value, value_future) = promise();
    assert!(value.finish(Ok(42)));
    let (error, error_future) = promise();
    assert!(error.finish(Err(TaskError::PoolBroken("on purpose".into()))));
    let (cancelled, cancelled_future) = promise();
    assert!(cancelled_future.cancel());
    let (noticed, noticed_future) = promise();
    assert!(noticed_future.cancel());
    assert!(!noticed.finish(Ok(1)));
    vec![
        ("pending", Some(pending), pending_future),
        ("running", Some(running), running_future),
        ("value", None, value_future),
        ("error", None, error_future),
        ("cancelled", Some(cancelled), cancelled_future),
        ("cancelled and noticed", None, noticed_future),
    ]
}

#[test]
fn each_state_answers_by_the_truth_table() {
    let table = [
        // name, state, done, running, cancelled, failed, cancel
        ("pending", State::Pending, false, false, false, false, true),
        ("running", State::Running, false, true, false, false, false),
        ("value", State::Finished, true, false, false, false, false),
        ("error", State::Finished, true, false, false, true, false),
        (
            "cancelled",
            State::Cancelled,
            true,
            false,
            true,
            false,
            true,
        ),
        (
            "cancelled and noticed",
            State::Cancelled,
            true,
            false,
            true,
            false,
            true,
        ),
    ];
    for ((name, _promise, future), row) in one_of_each().into_iter().zip(table) {
        let state = future.state();
        let seen = (
            name,
            state,
            future.done(),
            future.running(),
            future.cancelled(),
            future.failed(),
            future.cancel(),
        );
        assert_eq!(seen, row);
        assert_eq!(state.is_final(), row.2, "{name}");
        assert_eq!(
            AnyFuture::state(&future).is_final(),
            row.2 || name == "pending"
        );
    }
}

#[test]
fn states_have_names() {
    let states = [
        State::Pending,
        State::Running,
        State::Finished,
        State::Cancelled,
    ];
    let names = states.map(|state| state.to_string());
    assert_eq!(names, ["pending", "running", "finished", "cancelled"]);
}

#[test]
fn debug_shows_state_and_what_was_left() {
    let texts: Vec<String> = one_of_each()
        .iter()
        .map(|(_, _, future)| {
            let text = format!("{future:?}");
            let address = text.strip_prefix("<Future at 0x").expect("a future");
            let (digits, rest) = address.split_once(' ').expect("an address");
            assert!(u64::from_str_radix(digits, 16).is_ok(), "{text}");
            rest.to_owned()
        })
        .collect();
    let error = TaskError::PoolBroken("on purpose".into());
    assert_eq!(
        texts,
        [
            "state=pending>".to_owned(),
            "state=running>".to_owned(),
            "state=finished returned i32>".to_owned(),
            format!("state=finished raised {error}>"),
            "state=cancelled>".to_owned(),
            "state=cancelled>".to_owned(),
        ]
    );
}

#[test]
fn a_promise_shows_its_state() {
    let (mut promise, future) = promise::<i32>();
    assert_eq!(format!("{promise:?}"), "<Promise state=pending>");
    promise.claim();
    assert_eq!(format!("{promise:?}"), "<Promise state=running>");
    drop(future);
}

#[test]
fn a_zero_timeout_looks_and_does_not_wait() {
    watch(|| {
        let timed_out = TimedOut {
            unfinished: 1,
            total: 1,
        };
        for (name, _promise, future) in one_of_each() {
            let result = future.result_timeout(Duration::ZERO);
            match name {
                "pending" | "running" => assert_eq!(result.unwrap_err(), timed_out, "{name}"),
                "value" => assert_eq!(*result.unwrap().unwrap(), 42),
                "error" => assert!(matches!(result, Ok(Err(TaskError::PoolBroken(_))))),
                _ => assert!(matches!(result, Ok(Err(TaskError::Cancelled))), "{name}"),
            }
        }
    });
}

#[test]
fn only_what_ended_without_a_value_has_an_error() {
    for (name, promise, future) in one_of_each() {
        match name {
            "value" => assert!(future.error().is_none()),
            "error" => assert!(matches!(future.error(), Some(TaskError::PoolBroken(_)))),
            "pending" | "running" => drop(promise),
            _ => assert!(matches!(future.error(), Some(TaskError::Cancelled))),
        }
    }
}

#[test]
fn cancel_leaves_outcomes_alone() {
    for (name, _promise, future) in one_of_each() {
        future.cancel();
        match name {
            "value" => assert_eq!(*future.result().unwrap(), 42),
            "error" => assert!(matches!(future.error(), Some(TaskError::PoolBroken(_)))),
            "running" => assert_eq!(future.state(), State::Running),
            _ => assert_eq!(future.state(), State::Cancelled),
        }
    }
}

#[test]
fn a_claim_succeeds_unless_cancelled_and_can_be_repeated() {
    let (mut promise, future) = promise::<i32>();
    assert!(promise.claim() && promise.claim());
    assert!(future.running() && !future.cancel() && !promise.cancelled());
    assert!(promise.finish(Ok(1)));
    assert_eq!(*future.result().unwrap(), 1);
}

#[test]
fn a_claim_of_a_cancelled_one_says_do_not_run() {
    let (mut promise, future) = promise::<i32>();
    assert!(!promise.cancelled());
    assert!(future.cancel());
    assert!(promise.cancelled());
    assert!(!promise.claim());
    assert!(!promise.finish(Ok(1)));
    assert_eq!(future.state(), State::Cancelled);
}

#[test]
fn finish_without_claim_finishes() {
    let (promise, future) = promise();
    assert!(promise.finish(Ok(1)));
    assert!(future.done() && !future.cancelled());
}

#[test]
fn the_outcome_of_a_cancelled_one_is_refused_and_dropped() {
    let (promise, future) = promise();
    assert!(future.cancel());
    let value = std::sync::Arc::new(());
    assert!(!promise.finish(Ok(std::sync::Arc::clone(&value))));
    assert_eq!(std::sync::Arc::strong_count(&value), 1);
}

#[test]
fn a_dropped_promise_is_lost() {
    watch(|| {
        for claimed in [false, true] {
            let (mut promise, future) = promise::<i32>();
            assert!(!claimed || promise.claim());
            let waiter = thread::spawn({
                let future = future.clone();
                move || future.error()
            });
            drop(promise);
            assert!(matches!(waiter.join().unwrap(), Some(TaskError::Lost)));
            assert!(matches!(future.result(), Err(TaskError::Lost)));
            assert_eq!(future.state(), State::Finished);
        }
    });
}

#[test]
fn a_promise_dropped_by_a_panic_is_lost() {
    watch(|| {
        let (promise, future) = promise::<i32>();
        let thread = thread::spawn(move || {
            let _promise = promise;
            panic!("on purpose");
        });
        assert!(matches!(future.error(), Some(TaskError::Lost)));
        assert!(thread.join().is_err());
    });
}

#[test]
fn a_cancelled_promise_is_not_lost() {
    let (promise, future) = promise::<i32>();
    future.cancel();
    drop(promise);
    assert!(matches!(future.error(), Some(TaskError::Cancelled)));
}

/// Starts a thread that waits, and returns when it is about to.
fn waiting<R: Send + 'static>(wait: impl FnOnce() -> R + Send + 'static) -> thread::JoinHandle<R> {
    let (starting, start) = channel();
    let thread = thread::spawn(move || {
        starting.send(()).unwrap();
        wait()
    });
    start.recv().unwrap();
    thread
}

#[test]
fn a_waiter_gets_value_error_and_cancellation_from_another_thread() {
    watch(|| {
        for _ in 0..50 {
            let (writer, future) = promise();
            let value = waiting({
                let future = future.clone();
                move || future.result().copied().unwrap()
            });
            writer.finish(Ok(7));
            assert_eq!(value.join().unwrap(), 7);

            let (writer, future) = promise::<i32>();
            let error = waiting(move || future.error());
            writer.finish(Err(TaskError::Lost));
            assert!(matches!(error.join().unwrap(), Some(TaskError::Lost)));

            let (_writer, future) = promise::<i32>();
            let timed = waiting({
                let future = future.clone();
                move || {
                    let result = future.result_timeout(Duration::from_secs(3600));
                    matches!(result, Ok(Err(TaskError::Cancelled)))
                }
            });
            assert!(future.cancel());
            assert!(timed.join().unwrap());
        }
    });
}

#[test]
fn many_threads_wait_for_one_future() {
    watch(|| {
        let (promise, future) = promise();
        let threads: Vec<_> = (0..8)
            .map(|_| {
                let future = future.clone();
                waiting(move || *future.result().unwrap())
            })
            .collect();
        promise.finish(Ok(7));
        for thread in threads {
            assert_eq!(thread.join().unwrap(), 7);
        }
    });
}

#[test]
fn of_cancel_and_claim_exactly_one_wins() {
    watch(|| {
        for _ in 0..300 {
            let (mut promise, future) = promise::<i32>();
            let (go, start) = channel();
            let canceller = thread::spawn({
                let future = future.clone();
                move || {
                    start.recv().unwrap();
                    future.cancel()
                }
            });
            go.send(()).unwrap();
            let claimed = promise.claim();
            let cancelled = canceller.join().unwrap();
            assert_ne!(claimed, cancelled);
            assert_eq!(promise.finish(Ok(1)), claimed);
            assert_eq!(future.cancelled(), cancelled);
        }
    });
}

#[test]
fn a_huge_timeout_is_no_timeout() {
    watch(|| {
        let (promise, future) = promise();
        let waiter = waiting(move || future.result_timeout(Duration::MAX).unwrap().copied());
        promise.finish(Ok(7));
        assert_eq!(waiter.join().unwrap().unwrap(), 7);
    });
}
