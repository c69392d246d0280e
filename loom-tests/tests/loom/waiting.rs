//! `wait`: several futures, timeouts, wake-ups for nothing.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use crate::base::{
    Future, Promise, ReturnWhen, TaskError, as_completed, promise, wait, wait_timeout,
};
use crate::harness::{Bound, Payload, join, model, reach, thread};
use crate::sync::{self, thread::JoinHandle};

pub(crate) const SECOND: Duration = Duration::from_secs(1);

/// A future and the thread that ends it.
pub(crate) fn set(value: i32) -> (Future<Payload>, JoinHandle<()>) {
    let (promise, future) = promise();
    let setter = thread(move || assert!(promise.finish(Ok(Payload::new(value)))));
    (future, setter)
}

#[test]
fn wait_all_two() {
    model(
        "L15 wait_all_two",
        "waiting for all of two futures returns when both have ended",
        Bound::Preemptions(3),
        &["slept twice"],
        || {
            let (a, set_a) = set(1);
            let (b, set_b) = set(2);
            let outcome = wait([&a, &b], ReturnWhen::AllCompleted);
            assert_eq!((outcome.done, outcome.not_done), (vec![&a, &b], vec![]));
            if sync::sleeps() == 2 {
                reach("slept twice");
            }
            join([set_a, set_b]);
        },
    );
}

#[test]
fn wait_first() {
    model(
        "L16 wait_first",
        "waiting for the first of two returns with one or both, and the partition is exact",
        Bound::Preemptions(3),
        &["one", "both"],
        || {
            let (a, set_a) = set(1);
            let (b, set_b) = set(2);
            let outcome = wait([&a, &b], ReturnWhen::FirstCompleted);
            assert!(outcome.done.iter().all(|future| future.done()));
            assert_eq!(outcome.done.len() + outcome.not_done.len(), 2);
            match outcome.done.len() {
                1 => reach("one"),
                2 => reach("both"),
                _ => panic!("the wait returned and nothing had ended"),
            }
            join([set_a, set_b]);
        },
    );
}

#[test]
fn wait_first_exception() {
    model(
        "L17 wait_first_exception",
        "waiting for the first error returns on it, or when all have ended",
        Bound::Preemptions(3),
        &["the error alone", "both"],
        || {
            let (a, set_a) = set(1);
            let (promise, b) = promise();
            let lose_b = thread(move || drop::<Promise<Payload>>(promise));
            let outcome = wait([&a, &b], ReturnWhen::FirstException);
            assert!(outcome.done.contains(&&b));
            assert!(matches!(b.result(), Err(TaskError::Lost)));
            reach(if outcome.not_done.is_empty() {
                "both"
            } else {
                "the error alone"
            });
            join([set_a, lose_b]);
        },
    );
}

#[test]
fn wait_register_vs_set() {
    model(
        "L18 wait_register_vs_set",
        "a future that ends while a wait registers with it ends the wait",
        Bound::Exhaustive,
        &["slept", "did not sleep"],
        || {
            let (a, set_a) = set(1);
            let outcome = wait([&a], ReturnWhen::FirstCompleted);
            assert_eq!(outcome.done, vec![&a]);
            reach(if sync::sleeps() > 0 {
                "slept"
            } else {
                "did not sleep"
            });
            join([set_a]);
        },
    );
}

#[test]
fn wait_first_other_pending() {
    model(
        "X23 wait_first_other_pending",
        "a future that ends while a wait registers with it is the first, though the other never ends",
        Bound::Exhaustive,
        &["slept", "did not sleep"],
        || {
            let (a, set_a) = set(1);
            let (promise, b) = promise();
            let outcome = wait([&a, &b], ReturnWhen::FirstCompleted);
            assert_eq!((outcome.done, outcome.not_done), (vec![&a], vec![&b]));
            reach(if sync::sleeps() > 0 {
                "slept"
            } else {
                "did not sleep"
            });
            assert!(promise.finish(Ok(Payload::new(2))));
            join([set_a]);
        },
    );
}

#[test]
fn wait_vs_cancel() {
    model(
        "X7 wait_vs_cancel",
        "a cancel ends a wait, and the error wait does not take it for a failure",
        Bound::Exhaustive,
        &["slept"],
        || {
            let (promise, a) = promise::<Payload>();
            let clone = a.clone();
            let canceller = thread(move || assert!(clone.cancel()));
            let outcome = wait([&a], ReturnWhen::FirstException);
            assert_eq!(outcome.done, vec![&a]);
            if sync::sleeps() > 0 {
                reach("slept");
            }
            join([canceller]);
            assert!(!promise.finish(Ok(Payload::new(1))));
        },
    );
}

#[test]
fn two_waits_one_future() {
    model(
        "L19 two_waits_one_future",
        "two waits for the same future both end",
        Bound::Preemptions(2),
        &["both slept"],
        || {
            let (a, set_a) = set(1);
            let clone = a.clone();
            let other = thread(move || {
                let outcome = wait([&clone], ReturnWhen::FirstCompleted);
                assert_eq!(outcome.done, vec![&clone]);
            });
            let outcome = wait([&a], ReturnWhen::FirstCompleted);
            assert_eq!(outcome.done, vec![&a]);
            join([set_a, other]);
            if sync::sleeps() == 2 {
                reach("both slept");
            }
        },
    );
}

#[test]
fn wait_duplicate() {
    model(
        "L20 wait_duplicate",
        "a future given twice counts once",
        Bound::Exhaustive,
        &[],
        || {
            let (a, set_a) = set(1);
            let clone = a.clone();
            let outcome = wait([&a, &clone], ReturnWhen::FirstException);
            assert_eq!((outcome.done, outcome.not_done), (vec![&a], vec![]));
            join([set_a]);
        },
    );
}

#[test]
fn wait_timeout_vs_set() {
    model(
        "L21 wait_timeout_vs_set",
        "a timed wait is right on either side of the timeout, and leaves no waiter behind",
        Bound::Exhaustive,
        &["in time", "timed out", "timed out before the set"],
        || {
            let (promise, a) = promise();
            // No step of the schedule.
            let sets = Arc::new(AtomicBool::new(false));
            let setting = Arc::clone(&sets);
            let set_a = thread(move || {
                setting.store(true, Ordering::Relaxed);
                assert!(promise.finish(Ok(Payload::new(1))));
            });
            let outcome = wait_timeout([&a], ReturnWhen::FirstCompleted, SECOND);
            assert_eq!(outcome.done.len() + outcome.not_done.len(), 1);
            reach(if outcome.done.is_empty() {
                "timed out"
            } else {
                "in time"
            });
            // Later the end takes the waiter off as well.
            if !sets.load(Ordering::Relaxed) {
                assert_eq!(sync::condvars(), 0, "a waiter is left behind");
                reach("timed out before the set");
            }
            join([set_a]);
            assert_eq!(a.result().unwrap().value(), 1);
        },
    );
}

#[test]
fn waiters_are_taken_off() {
    model(
        "X18 waiters_are_taken_off",
        "a wait that is given up leaves nothing of itself with the future that has not ended",
        Bound::Exhaustive,
        &[],
        || {
            let (promise, a) = promise::<Payload>();
            assert!(a.result_timeout(SECOND).is_err());
            wait_timeout([&a], ReturnWhen::FirstCompleted, SECOND);
            drop(as_completed([&a]));
            assert_eq!(sync::condvars(), 0);
            assert!(promise.finish(Ok(Payload::new(1))));
        },
    );
}

#[test]
fn spurious_result() {
    model(
        "L14 spurious_result",
        "a waiter that is woken for nothing goes back to sleep and still gets the result",
        Bound::Preemptions(3),
        &["woken for nothing"],
        || {
            let (a, set_a) = set(1);
            let notifier = thread(sync::wake_everybody);
            assert_eq!(a.result().unwrap().value(), 1);
            if sync::sleeps() > 1 {
                reach("woken for nothing");
            }
            join([set_a, notifier]);
        },
    );
}

#[test]
fn two_waits_in_opposite_order() {
    model(
        "L25 lock_order_multi_wait",
        "two waits for the same two futures, given in opposite order, both return",
        Bound::Preemptions(2),
        &[],
        || {
            let (a, set_a) = set(1);
            let (promise, b) = promise();
            let (other_a, other_b) = (a.clone(), b.clone());
            let other = thread(move || {
                let outcome = wait([&other_b, &other_a], ReturnWhen::AllCompleted);
                assert_eq!(outcome.done, vec![&other_b, &other_a]);
            });
            assert!(promise.finish(Ok(Payload::new(2))));
            let outcome = wait([&a, &b], ReturnWhen::AllCompleted);
            assert_eq!(outcome.done, vec![&a, &b]);
            join([set_a, other]);
        },
    );
}
