//! Callbacks, added early, late and in the middle.

use std::cell::RefCell;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::thread;

use executor::{Future, Promise, TaskError, promise};

use crate::watchdog::watch;

/// A callback that sends its number.
fn note(number: u32, to: &Sender<u32>) -> impl FnOnce(&Future<i32>) + Send + 'static {
    let to = to.clone();
    move |_| to.send(number).unwrap()
}

fn noted(calls: &Receiver<u32>) -> Vec<u32> {
    calls.try_iter().collect()
}

#[test]
fn callbacks_run_once_when_value_error_loss_or_cancellation_arrives() {
    let (called, calls) = channel();
    let (writer, future) = promise();
    future.add_done_callback(note(1, &called));
    assert_eq!(noted(&calls), []);
    writer.finish(Ok(1));
    assert_eq!(noted(&calls), [1]);

    let (writer, future) = promise();
    future.add_done_callback(note(2, &called));
    writer.finish(Err(TaskError::Lost));
    assert_eq!(noted(&calls), [2]);

    let (writer, future) = promise();
    future.add_done_callback(note(3, &called));
    drop(writer);
    assert_eq!(noted(&calls), [3]);

    let (writer, future) = promise();
    future.add_done_callback(note(4, &called));
    future.cancel();
    assert_eq!(noted(&calls), [4]);
    future.cancel();
    assert!(!writer.finish(Ok(1)));
    assert_eq!(noted(&calls), [], "noticed later, and not called again");
}

#[test]
fn a_claim_runs_no_callback() {
    let (called, calls) = channel();
    let (mut writer, future) = promise();
    future.add_done_callback(note(1, &called));
    writer.claim();
    assert_eq!(noted(&calls), []);
    future.add_done_callback(note(2, &called));
    writer.finish(Ok(1));
    assert_eq!(noted(&calls), [1, 2]);
}

#[test]
fn a_callback_is_given_the_future_it_was_added_to() {
    let (sender, given) = channel();
    let (writer, future) = promise();
    future.add_done_callback(move |future| sender.send(future.clone()).unwrap());
    writer.finish(Ok(1));
    assert_eq!(given.recv().unwrap(), future);
}

#[test]
fn a_callback_added_to_what_has_ended_runs_at_once() {
    let (called, calls) = channel();
    let (value, value_future) = promise();
    value.finish(Ok(1));
    let (error, error_future) = promise();
    error.finish(Err(TaskError::Lost));
    let (_writer, cancelled_future) = promise();
    cancelled_future.cancel();
    for (n, future) in (0..).zip([value_future, error_future, cancelled_future]) {
        let me = thread::current().id();
        let called = called.clone();
        future.add_done_callback(move |_| {
            assert_eq!(thread::current().id(), me);
            called.send(n).unwrap();
        });
        assert_eq!(noted(&calls), [n]);
    }
}

#[test]
fn a_panicking_callback_harms_nobody() {
    let (called, calls) = channel();
    let (writer, future) = promise();
    future.add_done_callback(note(1, &called));
    future.add_done_callback(|_| panic!("on purpose"));
    future.add_done_callback(note(2, &called));
    assert!(writer.finish(Ok(7)));
    assert_eq!(noted(&calls), [1, 2]);
    future.add_done_callback(|_| panic!("on purpose"));
    assert_eq!(*future.result().unwrap(), 7);

    let (_writer, future) = promise::<i32>();
    future.add_done_callback(|_| panic!("on purpose"));
    future.add_done_callback(note(3, &called));
    assert!(future.cancel());
    assert_eq!(noted(&calls), [3]);
}

#[test]
fn callbacks_run_when_the_future_was_dropped_before() {
    let (called, calls) = channel();
    let (writer, future) = promise();
    future.add_done_callback(note(1, &called));
    drop(future);
    assert!(writer.finish(Ok(1)));
    assert_eq!(noted(&calls), [1]);
}

#[test]
fn a_callback_added_by_a_callback_runs() {
    let (called, calls) = channel();
    let (writer, future) = promise();
    let inner = note(2, &called);
    let outer = called.clone();
    future.add_done_callback(move |future| {
        outer.send(1).unwrap();
        future.add_done_callback(inner);
    });
    writer.finish(Ok(1));
    assert_eq!(noted(&calls), [1, 2]);
}

#[test]
fn a_callback_may_use_the_future_as_anybody() {
    watch(|| {
        let (sender, answers) = channel();
        let (writer, future) = promise();
        future.add_done_callback(move |future| {
            let waited = executor::wait([future], executor::ReturnWhen::AllCompleted);
            let copy = future.clone().into_result().unwrap();
            let ended = executor::as_completed([future]).count();
            let answer = (future.cancel(), waited.done.len(), copy, ended);
            sender.send((answer, format!("{future:?}"))).unwrap();
        });
        writer.finish(Ok(7));
        let (answer, debug) = answers.recv().unwrap();
        assert_eq!(answer, (false, 1, 7, 1));
        assert!(debug.ends_with("state=finished returned i32>"), "{debug}");
    });
}

#[test]
fn a_callback_finishes_another_future() {
    let (first, first_future) = promise();
    let (second, second_future) = promise();
    first_future.add_done_callback(move |future| {
        let value = *future.result().unwrap();
        second.finish(Ok(value + 1));
    });
    first.finish(Ok(1));
    assert_eq!(*second_future.result().unwrap(), 2);
}

#[test]
fn while_callbacks_run_the_value_is_cloned_and_afterwards_moved() {
    watch(|| {
        let (writer, future) = promise();
        let (result, calls) = channel();
        let kept = Arc::new(Mutex::new(Some(future.clone())));
        future.add_done_callback(move |_| {
            let other = kept.lock().unwrap().take().unwrap();
            // This one, the callbacks' own, and the one outside.
            result.send(other.try_into_result().is_err()).unwrap();
        });
        writer.finish(Ok(vec![1]));
        assert_eq!(calls.recv(), Ok(true));
        assert!(matches!(future.try_into_result(), Ok(Ok(value)) if value == [1]));
    });
}

#[test]
fn what_a_callback_holds_is_dropped_after_it_ran() {
    let held = Arc::new(());
    let (writer, future) = promise::<i32>();
    let callbacks = 3;
    for _ in 0..callbacks {
        let held = Arc::clone(&held);
        future.add_done_callback(move |_| drop(held));
    }
    assert_eq!(Arc::strong_count(&held), 1 + callbacks);
    writer.finish(Ok(1));
    assert_eq!(Arc::strong_count(&held), 1, "though the future lives");
    drop(future);
}

#[test]
fn a_callback_without_anybody_left_is_dropped_with_its_cell() {
    let held = Arc::new(());
    let (writer, future) = promise::<i32>();
    future.add_done_callback({
        let held = Arc::clone(&held);
        move |_| drop(held)
    });
    drop((future, writer));
    assert_eq!(Arc::strong_count(&held), 1);
}

#[test]
fn waiters_are_told_before_callbacks_run() {
    watch(|| {
        let (writer, future) = promise();
        let waiter = future.clone();
        let (go, gone) = channel::<i32>();
        // The callback ends only when the waiter has come back.
        future.add_done_callback(move |_| assert_eq!(gone.recv(), Ok(7)));
        let finisher = thread::spawn(move || writer.finish(Ok(7)));
        go.send(*waiter.result().unwrap()).unwrap();
        assert!(finisher.join().unwrap());
    });
}

#[test]
fn a_promise_may_end_with_its_thread() {
    thread_local! {
        static KEPT: RefCell<Option<Promise<i32>>> = const { RefCell::new(None) };
    }
    watch(|| {
        let (kept, lost) = promise::<i32>();
        let (other, ended) = promise::<i32>();
        other.finish(Ok(1));
        lost.add_done_callback(|_| ());
        let thread = thread::spawn(move || {
            KEPT.set(Some(kept));
            // What the crate keeps for a thread is made after, and so is dropped before.
            ended.add_done_callback(|_| ());
        });
        thread.join().unwrap();
        assert!(matches!(lost.result(), Err(TaskError::Lost)));
    });
}
