//! The cell, one future at a time: ending it, cancelling it, reading it, callbacks.

use std::sync::atomic::{AtomicBool as StdBool, Ordering};
use std::time::Duration;

use crate::base::queued_task::QueuedTask;
use crate::base::{Failure, Future, TaskError, promise};
use crate::harness::{Bound, Payload, callback, join, model, reach, thread};
use crate::sync::{self, Arc};

#[test]
fn set_vs_result() {
    model(
        "L1 set_vs_result",
        "whoever waits for a result gets it, whether it comes before, while or after he asks",
        Bound::Exhaustive,
        &["slept", "did not sleep"],
        || {
            let (promise, future) = promise();
            let setter = thread(move || assert!(promise.finish(Ok(Payload::new(7)))));
            assert_eq!(future.result().unwrap().value(), 7);
            reach(if sync::sleeps() > 0 {
                "slept"
            } else {
                "did not sleep"
            });
            join([setter]);
        },
    );
}

#[test]
fn set_vs_two_waiters() {
    model(
        "L2 set_vs_two_waiters",
        "one end wakes both who wait for it",
        Bound::Preemptions(3),
        &["both slept"],
        || {
            let (promise, future) = promise();
            let setter = thread(move || assert!(promise.finish(Ok(Payload::new(7)))));
            let clone = future.clone();
            let waiter = thread(move || assert_eq!(clone.result().unwrap().value(), 7));
            assert_eq!(future.result().unwrap().value(), 7);
            join([setter, waiter]);
            if sync::sleeps() == 2 {
                reach("both slept");
            }
        },
    );
}

#[test]
fn error_vs_result() {
    model(
        "L3 error_vs_result",
        "a task's error is what its waiter gets",
        Bound::Exhaustive,
        &[],
        || {
            let (promise, future) = promise::<Payload>();
            let setter = thread(move || {
                let failure = Failure {
                    type_name: "E".into(),
                    message: "no".into(),
                };
                promise.finish(Err(TaskError::Failed(Arc::new(failure))));
            });
            assert!(matches!(future.result(), Err(TaskError::Failed(_))));
            join([setter]);
        },
    );
}

/// A pending task that notes that it ran.
fn pending() -> (QueuedTask, Future<Payload>, Arc<StdBool>) {
    let ran = Arc::new(StdBool::new(false));
    let note = Arc::clone(&ran);
    let captured = Payload::new(1);
    let (task, future) = QueuedTask::new(0, move || {
        note.store(true, Ordering::Relaxed);
        Ok(Payload::new(captured.value() + 6))
    });
    (task, future, ran)
}

#[test]
fn cancel_vs_start() {
    model(
        "L4 cancel_vs_start",
        "of a cancel and a start exactly one wins: cancelled if and only if the task never ran",
        Bound::Exhaustive,
        &["cancelled", "ran"],
        || {
            let (task, future, ran) = pending();
            let worker = thread(move || task.run(&()));
            let cancelled = future.cancel();
            join([worker]);
            assert_eq!(cancelled, !ran.load(Ordering::Relaxed));
            assert_eq!(cancelled, future.cancelled());
            match future.result() {
                Ok(payload) => assert_eq!((cancelled, payload.value()), (false, 7)),
                Err(error) => assert!(cancelled && matches!(error, TaskError::Cancelled)),
            }
            reach(if cancelled { "cancelled" } else { "ran" });
        },
    );
}

#[test]
fn cancel_vs_set() {
    model(
        "L5 cancel_vs_set",
        "a running task can't be cancelled and keeps its result",
        Bound::Exhaustive,
        &[],
        || {
            let (mut promise, future) = promise();
            assert!(promise.claim());
            let setter = thread(move || assert!(promise.finish(Ok(Payload::new(7)))));
            assert!(!future.cancel());
            assert_eq!(future.result().unwrap().value(), 7);
            join([setter]);
        },
    );
}

#[test]
fn cancel_vs_finish() {
    model(
        "L13 cancel_vs_finish",
        "a pending future accepts one end: the cancel or the outcome",
        Bound::Exhaustive,
        &["cancelled", "finished"],
        || {
            let (promise, future) = promise();
            let clone = future.clone();
            let canceller = thread(move || {
                reach(if clone.cancel() {
                    "cancelled"
                } else {
                    "finished"
                });
            });
            let accepted = promise.finish(Ok(Payload::new(7)));
            assert_eq!(accepted, future.result().is_ok());
            join([canceller]);
            assert_eq!(accepted, !future.cancelled());
        },
    );
}

#[test]
fn two_cancels() {
    model(
        "L6 two_cancels",
        "two cancels both say yes; the callback runs once, and what the task held is dropped once",
        Bound::Exhaustive,
        &[],
        || {
            let (task, future, ran) = pending();
            future.add_done_callback(callback(|future| assert!(future.cancelled())));
            let clone = future.clone();
            let canceller = thread(move || assert!(clone.cancel()));
            assert!(future.cancel());
            join([canceller]);
            task.run(&());
            assert!(!ran.load(Ordering::Relaxed));
        },
    );
}

#[test]
fn callback_vs_set() {
    model(
        "L7 callback_vs_set",
        "a callback added while the future ends runs once, after the end is visible",
        Bound::Exhaustive,
        &["ran in the setter", "ran in add_done_callback"],
        || {
            let (promise, future) = promise();
            let setter = thread(move || assert!(promise.finish(Ok(Payload::new(7)))));
            let main = sync::thread::current_id();
            future.add_done_callback(callback(move |future| {
                assert_eq!(future.result().unwrap().value(), 7);
                reach(if sync::thread::current_id() == main {
                    "ran in add_done_callback"
                } else {
                    "ran in the setter"
                });
            }));
            join([setter]);
        },
    );
}

#[test]
fn two_callbacks() {
    model(
        "L8 two_callbacks",
        "two callbacks both run; those that the setter runs, in the order of adding",
        Bound::Exhaustive,
        &["both in the setter", "both in main", "one in each"],
        || {
            let (promise, future) = promise();
            let setter = thread(move || assert!(promise.finish(Ok(Payload::new(7)))));
            let main = sync::thread::current_id();
            let first = Arc::new(sync::Mutex::new(None));
            let noted = Arc::clone(&first);
            future.add_done_callback(callback(move |_| {
                *noted.lock() = Some(sync::thread::current_id());
            }));
            future.add_done_callback(callback(move |_| {
                let here = sync::thread::current_id();
                let there = *first.lock();
                if here != main {
                    assert_eq!(there, Some(here));
                    reach("both in the setter");
                } else if there == Some(main) {
                    reach("both in main");
                } else {
                    reach("one in each");
                }
            }));
            join([setter]);
        },
    );
}

#[test]
fn callback_reenters() {
    model(
        "L9 callback_reenters",
        "a callback may read the future, cancel it and add another callback",
        Bound::Exhaustive,
        &[],
        || {
            let (promise, future) = promise();
            let setter = thread(move || assert!(promise.finish(Ok(Payload::new(7)))));
            let inner = callback(|future| assert!(future.done()));
            future.add_done_callback(callback(move |future| {
                assert!(!future.cancel());
                assert_eq!(future.result().unwrap().value(), 7);
                future.add_done_callback(inner);
            }));
            drop(future);
            join([setter]);
        },
    );
}

#[test]
fn timed_result() {
    model(
        "L10 timed_result",
        "a timed wait gives the value or times out, and then the future can be waited for again",
        Bound::Preemptions(3),
        &["in time", "timed out"],
        || {
            let (promise, future) = promise();
            let setter = thread(move || assert!(promise.finish(Ok(Payload::new(7)))));
            match future.result_timeout(Duration::from_secs(1)) {
                Ok(payload) => {
                    assert_eq!(payload.unwrap().value(), 7);
                    reach("in time");
                }
                Err(timed_out) => {
                    assert_eq!((timed_out.unfinished, timed_out.total), (1, 1));
                    reach("timed out");
                }
            }
            assert_eq!(future.result().unwrap().value(), 7);
            join([setter]);
        },
    );
}
