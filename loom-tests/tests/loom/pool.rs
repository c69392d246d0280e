//! The thread pool: no task lost, none run twice, nobody waits for ever.

use std::sync::atomic::{AtomicUsize, Ordering};

use crate::base::{Future, State, SubmitError, TaskError, ThreadPoolExecutor};
use crate::harness::{Bound, Payload, join, model, reach, thread};
use crate::sync::{self, Arc};

pub(crate) fn pool(max_workers: usize) -> ThreadPoolExecutor {
    ThreadPoolExecutor::new(max_workers).unwrap()
}

/// Submits a task that leaves `value`.
pub(crate) fn submit(pool: &ThreadPoolExecutor, value: i32) -> Future<Payload> {
    let captured = Payload::new(value);
    pool.spawn(move || Ok(Payload::new(captured.value())))
        .unwrap()
}

pub(crate) fn value(future: &Future<Payload>) -> i32 {
    future.result().unwrap().value()
}

#[test]
fn submit_vs_idle_worker() {
    model(
        "L26 submit_vs_idle_worker",
        "a task submitted while the worker goes to sleep runs",
        Bound::Preemptions(4),
        &["the worker slept"],
        || {
            let pool = pool(1);
            assert_eq!(value(&submit(&pool, 1)), 1);
            let slept = sync::sleeps();
            assert_eq!(value(&submit(&pool, 2)), 2);
            if sync::sleeps() > slept + 1 {
                reach("the worker slept");
            }
        },
    );
}

#[test]
fn two_submitters() {
    model(
        "L27 two_submitters",
        "the tasks of two submitters run once each, those of one submitter in order",
        Bound::Preemptions(3),
        &["the thread's came first", "main's came first"],
        || {
            let pool = Arc::new(pool(1));
            let order = Arc::new(std::sync::Mutex::new(Vec::new()));
            let note = |number: i32| {
                let order = Arc::clone(&order);
                move || {
                    order.lock().unwrap().push(number);
                    Ok(())
                }
            };
            let submitter = thread({
                let (pool, task) = (Arc::clone(&pool), note(10));
                move || drop(pool.spawn(task).unwrap())
            });
            pool.spawn(note(1)).unwrap();
            pool.spawn(note(2)).unwrap();
            join([submitter]);
            pool.shut_down(true, false);
            let order = order.lock().unwrap();
            reach(match order[..] {
                [10, 1, 2] => "the thread's came first",
                [1, 10, 2] | [1, 2, 10] => "main's came first",
                _ => panic!("{order:?}"),
            });
        },
    );
}

#[test]
fn two_workers_one_task() {
    model(
        "L28 two_workers_one_task",
        "of two workers, one asleep or not, exactly one takes the third task",
        Bound::Preemptions(2),
        &[],
        || {
            let pool = pool(2);
            let (first, second) = (submit(&pool, 1), submit(&pool, 2));
            assert_eq!((value(&first), value(&second)), (1, 2));
            assert_eq!(value(&submit(&pool, 3)), 3);
        },
    );
}

/// Submits from a thread while main shuts down.
fn submit_vs_shutdown(cancel_pending: bool) {
    let pool = Arc::new(pool(1));
    let ran = Arc::new(AtomicUsize::new(0));
    let submitter = thread({
        let (pool, ran) = (Arc::clone(&pool), Arc::clone(&ran));
        move || {
            let counter = Arc::clone(&ran);
            let task = move || {
                counter.fetch_add(1, Ordering::Relaxed);
                Ok(Payload::new(1))
            };
            match pool.spawn(task) {
                Ok(future) => match future.result() {
                    Ok(payload) => {
                        assert_eq!((payload.value(), ran.load(Ordering::Relaxed)), (1, 1));
                        reach("ran");
                    }
                    Err(error) => {
                        assert!(cancel_pending && matches!(error, TaskError::Cancelled));
                        assert_eq!(ran.load(Ordering::Relaxed), 0);
                        reach("cancelled");
                    }
                },
                Err(refused) => {
                    assert!(matches!(refused.error(), SubmitError::ShutDown));
                    reach("refused");
                }
            }
        }
    });
    pool.shut_down(true, cancel_pending);
    join([submitter]);
    assert!(ran.load(Ordering::Relaxed) <= 1);
}

#[test]
fn submit_vs_draining_shutdown() {
    model(
        "L29 submit_vs_shutdown",
        "a task submitted during a shutdown runs if it was accepted, and never if it was not",
        Bound::Preemptions(3),
        &["ran", "refused"],
        || submit_vs_shutdown(false),
    );
}

#[test]
fn submit_vs_cancelling_shutdown() {
    model(
        "L29b submit_vs_cancelling_shutdown",
        "a task accepted during a shutdown that cancels either runs or is told to be cancelled",
        Bound::Preemptions(3),
        &["ran", "refused", "cancelled"],
        || submit_vs_shutdown(true),
    );
}

#[test]
fn shutdown_drains() {
    model(
        "L30 shutdown_drains",
        "when a shutdown that waits returns, all that was queued is done",
        Bound::Exhaustive,
        &[],
        || {
            let pool = pool(1);
            let (first, second) = (submit(&pool, 1), submit(&pool, 2));
            pool.shut_down(true, false);
            assert!(first.done() && second.done());
            assert_eq!(sync::threads(), 2);
        },
    );
}

#[test]
fn shutdown_vs_cancelling_shutdown() {
    model(
        "L30b shutdown_vs_cancelling_shutdown",
        "when a shutdown that waits returns, what another one cancels has been cancelled",
        Bound::Preemptions(3),
        &["cancelled", "ran"],
        || {
            let pool = Arc::new(pool(1));
            let future = submit(&pool, 1);
            let cancels = Arc::clone(&pool);
            let other = thread(move || cancels.close(true));
            pool.shut_down(true, false);
            reach(match future.state() {
                State::Cancelled => "cancelled",
                State::Finished => "ran",
                state => panic!("{state}"),
            });
            join([other]);
        },
    );
}

#[test]
fn shutdown_cancels() {
    model(
        "L31 shutdown_cancels",
        "a shutdown that cancels wakes whoever waits for a task that has not started",
        Bound::Preemptions(3),
        &["cancelled", "ran"],
        || {
            let pool = pool(1);
            drop(submit(&pool, 1));
            let future = submit(&pool, 2);
            let waiter = thread(move || match future.result() {
                Ok(payload) => {
                    assert_eq!(payload.value(), 2);
                    reach("ran");
                }
                Err(error) => {
                    assert!(matches!(error, TaskError::Cancelled));
                    reach("cancelled");
                }
            });
            pool.shut_down(false, true);
            join([waiter]);
        },
    );
}

#[test]
fn two_shutdowns() {
    model(
        "L32 two_shutdowns",
        "two threads that shut the pool down and wait both return",
        Bound::Preemptions(3),
        &[],
        || {
            let pool = Arc::new(pool(1));
            drop(submit(&pool, 1));
            let clone = Arc::clone(&pool);
            let other = thread(move || clone.shut_down(true, false));
            pool.shut_down(true, false);
            join([other]);
        },
    );
}

#[test]
fn failing_task() {
    model(
        "L34 failing_task",
        "a worker whose task fails takes the next",
        Bound::Exhaustive,
        &[],
        || {
            let pool = pool(1);
            let failing = pool.spawn(|| Err::<Payload, _>(TaskError::Lost)).unwrap();
            assert_eq!(value(&submit(&pool, 2)), 2);
            assert!(matches!(failing.result(), Err(TaskError::Lost)));
        },
    );
}
