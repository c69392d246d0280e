//! Who owns the value: handles that come and go, the last of them taking it.

use crate::base::queued_task::QueuedTask;
use crate::base::{Future, TaskError, promise};
use crate::harness::{Bound, Payload, callback, join, model, reach, thread};
use crate::sync;

#[test]
fn drop_vs_set() {
    model(
        "L11 drop_vs_set",
        "a future dropped while its task ends leaks nothing and leaves nothing behind",
        Bound::Exhaustive,
        &["dropped after the end", "dropped before the end"],
        || {
            let (promise, future) = promise();
            let setter = thread(move || assert!(promise.finish(Ok(Payload::new(7)))));
            reach(if future.done() {
                "dropped after the end"
            } else {
                "dropped before the end"
            });
            drop(future);
            join([setter]);
        },
    );
}

#[test]
fn promise_dropped() {
    model(
        "X1 promise_dropped",
        "a promise that is dropped ends its future as lost, or finds it cancelled",
        Bound::Exhaustive,
        &["lost", "cancelled"],
        || {
            let (promise, future) = promise::<Payload>();
            let dropper = thread(move || drop(promise));
            let cancelled = future.cancel();
            match future.result().unwrap_err() {
                TaskError::Cancelled if cancelled => reach("cancelled"),
                TaskError::Lost if !cancelled => reach("lost"),
                other => panic!("{other}"),
            }
            join([dropper]);
        },
    );
}

#[test]
fn task_dropped() {
    model(
        "X22 task_dropped",
        "a task that is dropped without having run ends its future as lost, and what it held is dropped",
        Bound::Exhaustive,
        &[],
        || {
            let captured = Payload::new(1);
            let (task, future) = QueuedTask::new(0, move || Ok(captured));
            let dropper = thread(move || drop(task));
            assert!(matches!(future.result(), Err(TaskError::Lost)));
            join([dropper]);
        },
    );
}

#[test]
fn done_then_result() {
    model(
        "L12 done_then_result",
        "once done says yes the result is there, whole, and reading it does not wait",
        Bound::Exhaustive,
        &["done", "not done"],
        || {
            let (promise, future) = promise();
            let setter = thread(move || assert!(promise.finish(Ok(Payload::new(7)))));
            if future.done() {
                assert_eq!(future.result().unwrap().value(), 7);
                assert_eq!(sync::sleeps(), 0);
                reach("done");
            } else {
                reach("not done");
            }
            join([setter]);
        },
    );
}

/// Reads twice, so that whoever takes the value in between is caught.
fn read(future: &Future<Payload>) {
    let payload = future.result().unwrap();
    assert_eq!(payload.value(), 7);
    assert!(future.done());
    assert_eq!(payload.value(), 7);
}

#[test]
fn take_vs_callback() {
    model(
        "X2 take_vs_callback",
        "a value is never taken from under a callback that reads it",
        Bound::Preemptions(3),
        &["taken", "shared"],
        || {
            let (promise, future) = promise();
            future.add_done_callback(callback(read));
            let setter = thread(move || assert!(promise.finish(Ok(Payload::new(7)))));
            match future.try_into_result() {
                Ok(taken) => {
                    assert_eq!(taken.unwrap().value(), 7);
                    reach("taken");
                }
                Err(future) => {
                    read(&future);
                    reach("shared");
                }
            }
            join([setter]);
        },
    );
}

#[test]
fn into_result_vs_callback() {
    model(
        "X3 into_result_vs_callback",
        "into_result gives the value while a callback reads it: moved or cloned",
        Bound::Preemptions(3),
        &[],
        || {
            let (promise, future) = promise();
            let setter = thread(move || assert!(promise.finish(Ok(Payload::new(7)))));
            future.add_done_callback(callback(read));
            assert_eq!(future.into_result().unwrap().value(), 7);
            join([setter]);
        },
    );
}

#[test]
fn take_vs_drop() {
    model(
        "X4 take_vs_drop",
        "the last handle takes the value only after all that other handles read of it",
        Bound::Exhaustive,
        &["taken", "shared"],
        || {
            let (promise, future) = promise();
            promise.finish(Ok(Payload::new(7)));
            let clone = future.clone();
            let reader = thread(move || {
                let second = clone.clone();
                drop(clone);
                read(&second);
            });
            match future.try_into_result() {
                Ok(taken) => {
                    assert_eq!(taken.unwrap().value(), 7);
                    reach("taken");
                }
                Err(future) => {
                    assert_eq!(future.result().unwrap().value(), 7);
                    reach("shared");
                }
            }
            join([reader]);
        },
    );
}

#[test]
fn two_takers() {
    model(
        "X5 two_takers",
        "of two handles that try to take the value at once, at most one gets it",
        Bound::Exhaustive,
        &["one took it", "neither took it"],
        || {
            let (promise, future) = promise();
            promise.finish(Ok(Payload::new(7)));
            let clone = future.clone();
            let taken = std::sync::Arc::new(std::sync::atomic::AtomicUsize::new(0));
            let take = {
                let taken = std::sync::Arc::clone(&taken);
                move |future: Future<Payload>| {
                    if let Ok(payload) = future.try_into_result() {
                        assert_eq!(payload.unwrap().value(), 7);
                        taken.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
                    }
                }
            };
            let taker = thread({
                let take = take.clone();
                move || take(clone)
            });
            take(future);
            join([taker]);
            match taken.load(std::sync::atomic::Ordering::Relaxed) {
                0 => reach("neither took it"),
                1 => reach("one took it"),
                _ => panic!("the value was taken twice"),
            }
        },
    );
}

#[test]
fn callback_vs_set_vs_cancel() {
    model(
        "X6 callback_vs_set_vs_cancel",
        "a callback added while a worker and a canceller race runs once, after the end",
        Bound::Preemptions(3),
        &["cancelled", "ran"],
        || {
            let captured = Payload::new(1);
            let (task, future) = QueuedTask::new(0, move || Ok(Payload::new(captured.value() + 6)));
            let worker = thread(move || task.run(&()));
            let clone = future.clone();
            let canceller = thread(move || {
                let cancelled = clone.cancel();
                reach(if cancelled { "cancelled" } else { "ran" });
            });
            future.add_done_callback(callback(|future| assert!(future.done())));
            join([worker, canceller]);
        },
    );
}
