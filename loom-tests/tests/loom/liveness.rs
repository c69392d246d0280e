//! Rings, pools that end and pools whose workers all wait: loom must report the raw form, in which nobody asks;
//! in the form that ships the last one to sleep is told; and a thread that runs what it waits for itself,
//! against everybody else who would have that task.

use std::sync::Arc;

use crate::base::{Future, TaskError, ThreadPoolExecutor, WhenStarved, promise};
use crate::harness::{Bound, Child, Payload, in_two_lengths, model, must_fail, reach};
use crate::sync;

pub(crate) const CHILDREN: &[Child] = &[
    ("D5 ring_of_three", || {
        wrong("D5 ring_of_three", Bound::Preemptions(1), || {
            drop(three(true));
        });
    }),
    ("D7 wait_for_its_own_pool", || {
        // What `shut_down` comes to for any other thread.
        wrong("D7 wait_for_its_own_pool", Bound::Preemptions(2), || {
            end_from_within(|pool| {
                pool.close(false);
                drop(pool.has_ended_by(None));
            });
        });
    }),
    ("D7 wait_for_each_other_s_pools", || {
        let name = "D7 wait_for_each_other_s_pools";
        wrong(name, Bound::Preemptions(2), end_each_other);
    }),
];

/// A model that must deadlock, as nobody asks whether a wait can end.
fn wrong(name: &'static str, bound: Bound, body: fn()) {
    model(name, "must deadlock", bound, &[], move || {
        sync::ask_for_no_deadlocks();
        body();
    });
}

type Told = Future<Future<Payload>>;

fn pool(max_workers: usize, when_starved: WhenStarved) -> Arc<ThreadPoolExecutor> {
    let pool = ThreadPoolExecutor::builder().max_workers(max_workers);
    Arc::new(pool.when_starved(when_starved).build().unwrap())
}

/// Waits for the future that it is told of, and leaves one more.
fn follow(told: Told) -> Result<Payload, TaskError> {
    let other = told.into_result()?;
    let number = other.result()?.value();
    Ok(Payload::new(number + 1))
}

/// Three tasks on three workers, of which each but the last waits for the next one's future.
fn three(closes: bool) -> [Result<i32, TaskError>; 3] {
    let pool = pool(3, WhenStarved::Fail);
    let last = {
        let (tell, told) = promise::<Future<Payload>>();
        let last = pool.spawn(move || match closes {
            true => follow(told),
            false => Ok(Payload::new(0)),
        });
        (tell, last.unwrap())
    };
    let next = last.1.clone();
    let middle = pool
        .spawn(move || Ok(Payload::new(next.result()?.value() + 1)))
        .unwrap();
    let next = middle.clone();
    let first = pool
        .spawn(move || Ok(Payload::new(next.result()?.value() + 1)))
        .unwrap();
    if closes {
        last.0.finish(Ok(first.clone()));
    }
    pool.shut_down(true, false);
    [first, middle, last.1].map(|future| future.result().map(Payload::value))
}

#[test]
fn ring_of_three_is_reported() {
    must_fail("D5 ring_of_three", "deadlock; threads =");
}

#[test]
fn ring_of_three_ends_with_an_error() {
    model(
        "D5-told ring_of_three",
        "of three tasks in a ring the last one to sleep is told, and all end",
        Bound::Preemptions(1),
        &["told"],
        || {
            for outcome in three(true) {
                assert!(
                    matches!(outcome, Err(TaskError::Deadlock(_))),
                    "{outcome:?}"
                );
                reach("told");
            }
        },
    );
}

#[test]
fn chain_of_three_ends() {
    model(
        "D5-safe chain_of_three",
        "three tasks that wait for each other in a chain end, and nobody is told of a deadlock",
        Bound::Preemptions(1),
        &[],
        || assert_eq!(three(false).map(Result::unwrap), [2, 1, 0]),
    );
}

/// Two tasks on two pools of which each waits for the end of the other's.
fn end_each_other() {
    let pools = [pool(1, WhenStarved::Fail), pool(1, WhenStarved::Fail)];
    let ends = [(0, 1), (1, 0)].map(|(from, to)| {
        let other = Arc::clone(&pools[to]);
        let end = pools[from].spawn(move || {
            other.shut_down(true, false);
            Ok(Payload::new(1))
        });
        // One may have been shut down by the other's task.
        end.ok()
    });
    for end in ends.into_iter().flatten() {
        assert_eq!(end.result().unwrap().value(), 1);
    }
}

#[test]
fn tasks_that_wait_for_each_other_s_pools_are_reported() {
    must_fail("D7 wait_for_each_other_s_pools", "deadlock; threads =");
}

#[test]
fn tasks_shut_each_other_s_pools_down() {
    model(
        "D7-told shutdown_of_two_pools",
        "of two tasks that wait for the end of each other's pools the last one does not wait, and both end",
        Bound::Preemptions(2),
        &[],
        end_each_other,
    );
}

/// A task ends its own pool.
fn end_from_within(end: fn(&ThreadPoolExecutor)) {
    let pool = pool(1, WhenStarved::Fail);
    let inner = Arc::clone(&pool);
    let task = pool.spawn(move || {
        end(&inner);
        Ok(Payload::new(1))
    });
    assert_eq!(task.unwrap().result().unwrap().value(), 1);
}

#[test]
fn task_that_waits_for_its_own_pool_is_reported() {
    must_fail("D7 wait_for_its_own_pool", "deadlock; threads =");
}

#[test]
fn task_shuts_its_own_pool_down() {
    model(
        "D7 shutdown_of_its_own_pool",
        "a task that shuts its own pool down does not wait for itself",
        Bound::Preemptions(2),
        &[],
        || end_from_within(|pool| pool.shut_down(true, false)),
    );
}

#[test]
fn task_shuts_its_own_pool_down_without_waiting() {
    model(
        "D7-safe shutdown_without_waiting",
        "a task may shut its own pool down without waiting: what was accepted ends, and so does main's shutdown",
        Bound::Exhaustive,
        &["accepted", "refused"],
        || {
            let pool = pool(1, WhenStarved::Fail);
            let inner = Arc::clone(&pool);
            let end = pool.spawn(move || {
                inner.shut_down(false, false);
                Ok(Payload::new(1))
            });
            match pool.spawn(|| Ok(Payload::new(2))) {
                Ok(later) => {
                    reach("accepted");
                    assert_eq!(later.result().unwrap().value(), 2);
                }
                Err(_) => reach("refused"),
            }
            assert_eq!(end.unwrap().result().unwrap().value(), 1);
            pool.shut_down(true, false);
        },
    );
}

/// A task of one pool waits for one of another, which waits for another one of the first.
fn there_and_back(workers: usize) -> Result<i32, TaskError> {
    let (one, other) = (pool(workers, WhenStarved::Help), pool(1, WhenStarved::Help));
    let (here, there) = (Arc::clone(&one), Arc::clone(&other));
    let outer = one.spawn(move || {
        let back = Arc::clone(&here);
        let middle = there.spawn(move || {
            let inner = back.spawn(|| Ok(Payload::new(1))).unwrap();
            Ok(Payload::new(inner.result()?.value() + 1))
        });
        Ok(Payload::new(middle.unwrap().result()?.value() + 1))
    });
    let outcome = outer.unwrap().result().map(Payload::value);
    one.shut_down(true, false);
    other.shut_down(true, false);
    outcome
}

#[test]
fn two_pools_without_a_free_worker_end_with_an_error() {
    model(
        "slots-told two_pools",
        "two pools whose workers all wait for the other's are seen, though no task waits for itself",
        Bound::Preemptions(2),
        &[],
        || {
            let outcome = there_and_back(1);
            assert!(
                matches!(outcome, Err(TaskError::Deadlock(_))),
                "{outcome:?}"
            );
        },
    );
}

#[test]
fn two_pools_with_a_free_worker_end() {
    model(
        "slots-safe two_pools",
        "one free worker more, and nobody is told of a deadlock",
        Bound::Preemptions(1),
        &[],
        || assert_eq!(there_and_back(2).unwrap(), 3),
    );
}

in_two_lengths!(
    who_can_help_is_woken,
    "help who_can_help_is_woken",
    the_last_to_sleep_wakes
);

/// The first task waits for its child. The free worker takes the child, or another task that waits for the
/// first one.
fn the_last_to_sleep_wakes(name: &'static str, bound: Bound) {
    model(
        name,
        "a thread that slept because a worker was free is woken to help when that worker waits for it",
        bound,
        &[],
        || {
            let pool = pool(2, WhenStarved::Help);
            let inner = Arc::clone(&pool);
            let (tell, told) = promise::<Future<Payload>>();
            let (tell_second, second) = promise::<Future<Payload>>();
            let first = pool.spawn(move || {
                let other = inner.spawn(move || follow(told)).unwrap();
                tell_second.finish(Ok(other));
                let child = inner.spawn(|| Ok(Payload::new(1))).unwrap();
                Ok(Payload::new(child.result()?.value() + 1))
            });
            let first = first.unwrap();
            tell.finish(Ok(first.clone()));
            assert_eq!(first.result().unwrap().value(), 2);
            let second = second.into_result().unwrap();
            assert_eq!(second.result().unwrap().value(), 3);
            pool.shut_down(true, false);
        },
    );
}

#[test]
fn waiter_and_worker_claim_the_same_task() {
    model(
        "help waiter_against_worker",
        "a task that a waiter and a free worker both want to run runs once",
        Bound::Preemptions(2),
        &["the waiter ran it", "a worker ran it"],
        || {
            let pool = pool(2, WhenStarved::Help);
            let inner = Arc::clone(&pool);
            let parent = pool.spawn(move || {
                let own = sync::thread::current_id();
                let child = inner.spawn(move || {
                    let helped = sync::thread::current_id() == own;
                    Ok(Payload::new(i32::from(helped)))
                });
                // The other worker may be busy with this one.
                let busy = inner.spawn(|| Ok(Payload::new(0))).unwrap();
                let helped = child.unwrap().result()?.value();
                busy.result()?;
                Ok(Payload::new(helped))
            });
            match parent.unwrap().result().unwrap().value() {
                0 => reach("a worker ran it"),
                _ => reach("the waiter ran it"),
            }
            pool.shut_down(true, false);
        },
    );
}

#[test]
fn waiter_claims_what_somebody_cancels() {
    model(
        "help waiter_against_cancel",
        "a task that its waiter wants to run and somebody else cancels either runs or is cancelled",
        Bound::Preemptions(2),
        &["it ran", "it was cancelled"],
        || {
            let pool = pool(1, WhenStarved::Help);
            let inner = Arc::clone(&pool);
            let (tell, told) = promise::<Future<Payload>>();
            let parent = pool.spawn(move || {
                let child = inner.spawn(|| Ok(Payload::new(1))).unwrap();
                tell.finish(Ok(child.clone()));
                match child.result() {
                    Ok(value) => Ok(Payload::new(value.value())),
                    Err(TaskError::Cancelled) => Ok(Payload::new(0)),
                    Err(error) => Err(error),
                }
            });
            let cancelled = told.into_result().unwrap().cancel();
            let ran = parent.unwrap().result().unwrap().value() == 1;
            assert_eq!(ran, !cancelled);
            reach(if ran { "it ran" } else { "it was cancelled" });
            pool.shut_down(true, false);
        },
    );
}
