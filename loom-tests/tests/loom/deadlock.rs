//! Deadlocks made of futures and workers: loom must report the raw form, in which nobody asks whether a
//! wait can end; the form that ships ends with an error that has a name; and the safe twin has no error.

use std::time::Duration;

use crate::base::{Future, TaskError, ThreadPoolExecutor, WhenStarved, promise};
use crate::harness::{Bound, Child, Payload, model, must_fail, reach};
use crate::sync;

pub(crate) const CHILDREN: &[Child] = &[
    ("D1 circle_of_two", || {
        model(
            "D1 circle_of_two",
            "must deadlock: two tasks each wait for the other's result, and nobody asks",
            Bound::Preemptions(2),
            &[],
            || {
                sync::ask_for_no_deadlocks();
                two_tasks(|future| future.result().ok().map(Payload::value));
            },
        );
    }),
    ("D2 child_on_one_worker", || {
        model(
            "D2 child_on_one_worker",
            "must deadlock: the only worker waits for a task behind its own, and nobody asks",
            Bound::Preemptions(2),
            &[],
            || {
                sync::ask_for_no_deadlocks();
                drop(parent_and_child(&pool(1, WhenStarved::Fail)));
            },
        );
    }),
];

fn pool(max_workers: usize, when_starved: WhenStarved) -> std::sync::Arc<ThreadPoolExecutor> {
    let pool = ThreadPoolExecutor::builder().max_workers(max_workers);
    std::sync::Arc::new(pool.when_starved(when_starved).build().unwrap())
}

/// Two tasks on two workers, each given the other's future; the second one waits by `wait`.
///
/// The first example of a deadlock in the documentation of Python's module.
fn two_tasks(wait: fn(&Future<Payload>) -> Option<i32>) -> (Future<Payload>, Future<Payload>) {
    let pool = ThreadPoolExecutor::new(2).unwrap();
    let (tell, other) = promise::<Future<Payload>>();
    let first = pool.spawn(move || {
        let second = other.into_result()?;
        Ok(Payload::new(second.result()?.value() + 1))
    });
    let first = first.unwrap();
    let awaited = first.clone();
    let second = pool.spawn(move || Ok(Payload::new(wait(&awaited).unwrap_or(10))));
    let second = second.unwrap();
    tell.finish(Ok(second.clone()));
    pool.shut_down(true, false);
    (first, second)
}

#[test]
fn circle_of_two_is_reported() {
    must_fail("D1 circle_of_two", "deadlock; threads =");
}

#[test]
fn circle_of_two_ends_with_an_error() {
    model(
        "D1-told circle_of_two",
        "of two tasks that wait for each other the last one to sleep is told, and both end",
        Bound::Preemptions(2),
        &["the first was told", "the second was told"],
        || {
            let (first, second) = two_tasks(|future| match future.result() {
                Ok(value) => Some(value.value()),
                Err(TaskError::Deadlock(_)) => None,
                Err(error) => {
                    assert!(matches!(error, TaskError::Deadlock(_)), "{error}");
                    Some(20)
                }
            });
            match first.result() {
                Err(TaskError::Deadlock(_)) => reach("the first was told"),
                Err(error) => panic!("{error}"),
                Ok(value) => {
                    assert_eq!(value.value(), 11);
                    assert_eq!(second.result().unwrap().value(), 10);
                    reach("the second was told");
                }
            }
        },
    );
}

#[test]
fn circle_with_a_timeout_ends() {
    model(
        "D1-safe circle_with_a_timeout",
        "if one of two tasks that wait for each other gives up, both end",
        Bound::Preemptions(2),
        &["gave up"],
        || {
            let (first, second) = two_tasks(|future| {
                let outcome = future.result_timeout(Duration::from_secs(1)).ok()?;
                Some(outcome.unwrap().value())
            });
            assert_eq!(second.result().unwrap().value(), 10);
            assert_eq!(first.result().unwrap().value(), 11);
            reach("gave up");
        },
    );
}

/// A task submits another to its own pool and waits for it.
fn parent_and_child(pool: &std::sync::Arc<ThreadPoolExecutor>) -> Result<i32, TaskError> {
    let inner = std::sync::Arc::clone(pool);
    let parent = pool.spawn(move || {
        let child = inner.spawn(|| Ok(Payload::new(1))).unwrap();
        Ok(Payload::new(child.result()?.value() + 1))
    });
    let outcome = parent.unwrap().result().map(Payload::value);
    pool.shut_down(true, false);
    outcome
}

#[test]
fn child_on_one_worker_is_reported() {
    must_fail("D2 child_on_one_worker", "deadlock; threads =");
}

#[test]
fn child_on_one_worker_ends_with_an_error_if_nobody_helps() {
    model(
        "D2-told child_on_one_worker",
        "the only worker is told that nobody is left to run what it waits for",
        Bound::Preemptions(2),
        &[],
        || {
            let outcome = parent_and_child(&pool(1, WhenStarved::Fail));
            assert!(
                matches!(outcome, Err(TaskError::Deadlock(_))),
                "{outcome:?}"
            );
        },
    );
}

#[test]
fn child_on_one_worker_is_run_by_who_waits() {
    model(
        "D2-helped child_on_one_worker",
        "the only worker runs the task that it waits for itself",
        Bound::Preemptions(2),
        &[],
        || assert_eq!(parent_and_child(&pool(1, WhenStarved::Help)).unwrap(), 2),
    );
}

#[test]
fn child_on_two_workers_ends() {
    model(
        "D2-safe child_on_two_workers",
        "with a second worker a task may wait for a task that it submits",
        Bound::Preemptions(2),
        &[],
        || assert_eq!(parent_and_child(&pool(2, WhenStarved::Fail)).unwrap(), 2),
    );
}
