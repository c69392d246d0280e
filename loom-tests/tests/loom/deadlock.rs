//! Deadlocks made of futures and workers: loom must report the raw form, and pass the safe twin.

use std::time::Duration;

use crate::base::{Future, ThreadPoolExecutor, promise};
use crate::harness::{Bound, Child, Payload, model, must_fail, reach};

pub(crate) const CHILDREN: &[Child] = &[
    ("D1 circle_of_two", circle_of_two),
    ("D2 child_on_one_worker", child_on_one_worker),
];

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

fn circle_of_two() {
    model(
        "D1 circle_of_two",
        "must deadlock: two tasks each wait for the other's result",
        Bound::Preemptions(2),
        &[],
        || {
            two_tasks(|future| future.result().ok().map(Payload::value));
        },
    );
}

#[test]
fn circle_of_two_is_reported() {
    must_fail("D1 circle_of_two", "deadlock; threads =");
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
fn parent_and_child(max_workers: usize) {
    let pool = std::sync::Arc::new(ThreadPoolExecutor::new(max_workers).unwrap());
    let inner = std::sync::Arc::clone(&pool);
    let parent = pool.spawn(move || {
        let child = inner.spawn(|| Ok(Payload::new(1))).unwrap();
        Ok(Payload::new(child.result()?.value() + 1))
    });
    assert_eq!(parent.unwrap().result().unwrap().value(), 2);
    pool.shut_down(true, false);
}

fn child_on_one_worker() {
    model(
        "D2 child_on_one_worker",
        "must deadlock: the only worker waits for a task that is queued behind its own",
        Bound::Preemptions(2),
        &[],
        || parent_and_child(1),
    );
}

#[test]
fn child_on_one_worker_is_reported() {
    must_fail("D2 child_on_one_worker", "deadlock; threads =");
}

#[test]
fn child_on_two_workers_ends() {
    model(
        "D2-safe child_on_two_workers",
        "with a second worker a task may wait for a task that it submits",
        Bound::Preemptions(2),
        &[],
        || parent_and_child(2),
    );
}
