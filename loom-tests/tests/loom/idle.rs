//! Workers that leave because they are idle: no task is left behind with nobody to run it.

use std::time::Duration;

use crate::base::ThreadPoolExecutor;
use crate::harness::{Bound, join, model, reach, thread};
use crate::pool::{submit, value};
use crate::sync::{self, Arc};

/// A pool whose workers leave at any moment at which they sleep.
fn pool(max_workers: usize) -> ThreadPoolExecutor {
    let builder = ThreadPoolExecutor::builder().max_workers(max_workers);
    builder.idle_timeout(Duration::ZERO).build().unwrap()
}

#[test]
fn leave_vs_push() {
    model(
        "I0 leave_vs_push",
        "a task submitted while the only worker leaves runs, on that one or on another",
        Bound::Preemptions(3),
        &["on that one", "on another"],
        || {
            let pool = pool(1);
            assert_eq!(value(&submit(&pool, 1)), 1);
            assert_eq!(value(&submit(&pool, 2)), 2);
            reach(match sync::threads() {
                2 => "on that one",
                3 => "on another",
                threads => panic!("{threads} threads"),
            });
        },
    );
}

#[test]
fn leave_vs_wake_up_of_another() {
    model(
        "I1 leave_vs_wake_up_of_another",
        "of two sleepers one may leave with the other's wake-up on its way: the task runs",
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

#[test]
fn leave_vs_shutdown() {
    model(
        "I2 leave_vs_shutdown",
        "a shutdown that waits returns, and joins the worker that leaves meanwhile or has left",
        Bound::Preemptions(3),
        &[],
        || {
            let pool = pool(1);
            assert_eq!(value(&submit(&pool, 1)), 1);
            pool.shut_down(true, false);
        },
    );
}

#[test]
fn leave_vs_two_submitters() {
    model(
        "I3 leave_vs_two_submitters",
        "the tasks of two submitters run while the only worker leaves",
        Bound::Preemptions(2),
        &[],
        || {
            let pool = Arc::new(pool(1));
            let clone = Arc::clone(&pool);
            let other = thread(move || assert_eq!(value(&submit(&clone, 1)), 1));
            assert_eq!(value(&submit(&pool, 2)), 2);
            join([other]);
        },
    );
}
