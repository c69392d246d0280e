//! A queue of limited length: a submitter that waits for room is woken, whoever makes it.

use std::time::Duration;

use crate::base::room::IfFull;
use crate::base::{Future, SubmitError, ThreadPoolExecutor};
use crate::harness::{Bound, Payload, in_two_lengths, join, model, reach, thread};
use crate::pool::{submit, value};
use crate::sync::{self, Arc};

/// A pool of one worker, behind whom one task may wait.
fn bounded() -> ThreadPoolExecutor {
    let builder = ThreadPoolExecutor::builder().max_workers(1);
    builder.queue_limit(1).build().unwrap()
}

/// Notes whether a submitter has slept since.
fn reach_slept(slept: usize) {
    reach(if sync::sleeps() > slept {
        "somebody slept"
    } else {
        "nobody slept"
    });
}

#[test]
fn submit_vs_pop() {
    model(
        "R0 submit_vs_pop",
        "a submitter that finds the queue full is woken when the worker takes up a task",
        Bound::Preemptions(3),
        &[],
        || {
            let pool = bounded();
            let futures = [1, 2, 3].map(|n| submit(&pool, n));
            assert_eq!(futures.map(|future| value(&future)), [1, 2, 3]);
        },
    );
}

#[test]
fn two_submitters_vs_pop() {
    model(
        "R1 two_submitters_vs_pop",
        "two submitters that wait for one place both get one, one after the other",
        Bound::Preemptions(2),
        &[],
        || {
            let pool = Arc::new(bounded());
            let first = submit(&pool, 1);
            let clone = Arc::clone(&pool);
            let other = thread(move || assert_eq!(value(&submit(&clone, 2)), 2));
            assert_eq!(value(&submit(&pool, 3)), 3);
            join([other]);
            assert_eq!(value(&first), 1);
        },
    );
}

#[test]
fn submit_vs_cancel() {
    model(
        "R2 submit_vs_cancel",
        "a cancel of the task that waits lets the submitter in while the worker is busy",
        Bound::Preemptions(3),
        &["somebody slept", "nobody slept"],
        || {
            let pool = Arc::new(bounded());
            let (go, word) = crate::base::promise::<()>();
            let running = pool
                .spawn(move || {
                    drop(word.result());
                    Ok(())
                })
                .unwrap();
            let pending = submit(&pool, 1);
            let slept = sync::sleeps();
            let clone = Arc::clone(&pool);
            let submitter = thread(move || drop(submit(&clone, 2)));
            // If the worker has not come to the first task yet, it is that which waits for the room of
            // the second, and no cancel is needed.
            pending.cancel();
            join([submitter]);
            reach_slept(slept);
            go.finish(Ok(()));
            running.result().unwrap();
        },
    );
}

fn submit_vs_close(submitters: usize, cancel_pending: bool) {
    let pool = Arc::new(bounded());
    let (go, word) = crate::base::promise::<()>();
    drop(pool.spawn(move || {
        drop(word.result());
        Ok(())
    }));
    let pending: Future<Payload> = submit(&pool, 1);
    let submit_too = |pool: Arc<ThreadPoolExecutor>| {
        let captured = Payload::new(2);
        match pool.spawn(move || Ok(Payload::new(captured.value()))) {
            Ok(_) => reach("accepted"),
            Err(refused) => {
                assert!(matches!(refused.error(), SubmitError::ShutDown));
                reach("sent away");
            }
        }
    };
    let submitters: Vec<_> = std::iter::repeat_n(&pool, submitters)
        .map(|pool| (Arc::clone(pool), submit_too))
        .map(|(pool, submit_too)| thread(move || submit_too(pool)))
        .collect();
    pool.shut_down(false, cancel_pending);
    join(submitters);
    go.finish(Ok(()));
    pool.shut_down(true, false);
    assert!(pending.done());
}

#[test]
fn submit_vs_shutdown() {
    model(
        "R3 submit_vs_shutdown",
        "a shutdown sends the submitter away that waits for room, while the worker is busy",
        Bound::Preemptions(2),
        &["sent away"],
        || submit_vs_close(1, false),
    );
}

#[test]
fn two_submitters_vs_shutdown() {
    model(
        "R8 two_submitters_vs_shutdown",
        "a shutdown sends two submitters away that wait for room, while the worker is busy",
        Bound::Preemptions(2),
        &["sent away"],
        || submit_vs_close(2, false),
    );
}

#[test]
fn submit_vs_cancelling_shutdown() {
    model(
        "R4 submit_vs_cancelling_shutdown",
        "so does one that cancels, unless the submitter comes in before",
        Bound::Preemptions(2),
        &["sent away"],
        || submit_vs_close(1, true),
    );
}

in_two_lengths!(
    all_workers_submit,
    "R5 all_workers_submit",
    one_worker_waits_for_room
);

fn one_worker_waits_for_room(name: &'static str, bound: Bound) {
    model(
        name,
        "of two workers that submit to their own full queue at most one waits, and the other is told",
        bound,
        &["waited", "full"],
        || {
            let builder = ThreadPoolExecutor::builder().max_workers(2);
            let pool = Arc::new(builder.queue_limit(1).build().unwrap());
            let tasks = [1, 2].map(|_| {
                let inner = Arc::clone(&pool);
                let task = move || {
                    let full = [1, 2].map(|_| match inner.spawn(|| Ok(())) {
                        Ok(_) => false,
                        Err(refused) => matches!(refused.error(), SubmitError::Deadlock(_)),
                    });
                    drop(inner);
                    Ok(full.contains(&true))
                };
                pool.spawn(task).unwrap()
            });
            for task in tasks {
                reach(if *task.result().unwrap() {
                    "full"
                } else {
                    "waited"
                });
            }
            pool.shut_down(true, false);
        },
    );
}

#[test]
fn trying_vs_pop() {
    model(
        "R6 trying_vs_pop",
        "who only tries is refused or let in, and never sleeps for room",
        Bound::Preemptions(3),
        &["full", "let in"],
        || {
            let pool = bounded();
            let first = submit(&pool, 1);
            match pool.spawn_or(IfFull::Refuse, || Ok(Payload::new(2))) {
                Ok(future) => {
                    assert_eq!(value(&future), 2);
                    reach("let in");
                }
                Err(refused) => {
                    assert!(matches!(refused.error(), SubmitError::Full));
                    reach("full");
                }
            }
            assert_eq!(value(&first), 1);
        },
    );
}

#[test]
fn submit_in_a_task_vs_first_submit() {
    model(
        "R7 submit_in_a_task_vs_first_submit",
        "who finds a place taken before the pool has any worker, by one who is about to submit, waits for it",
        Bound::Preemptions(2),
        &[],
        || {
            let (pool, other) = (Arc::new(bounded()), ThreadPoolExecutor::new(1).unwrap());
            let clone = Arc::clone(&pool);
            let inner = other.spawn(move || {
                let refused = clone.spawn(|| Ok(1)).err();
                Ok(refused.map(|it| it.error().to_string()))
            });
            let outer = submit(&pool, 2);
            assert_eq!(*inner.unwrap().result().unwrap(), None, "it was refused");
            assert_eq!(value(&outer), 2);
        },
    );
}

#[test]
fn trying_for_a_time_vs_pop() {
    model(
        "R9 trying_for_a_time_vs_pop",
        "who waits for room for a limited time is refused or let in, and keeps it from nobody",
        Bound::Preemptions(2),
        &["full", "let in"],
        || {
            let pool = Arc::new(bounded());
            let first = submit(&pool, 1);
            let clone = Arc::clone(&pool);
            let tries = thread(move || {
                let if_full = IfFull::wait_for(Duration::ZERO);
                match clone.spawn_or(if_full, || Ok(Payload::new(2))) {
                    Ok(future) => {
                        assert_eq!(value(&future), 2);
                        reach("let in");
                    }
                    Err(refused) => {
                        assert!(matches!(refused.error(), SubmitError::Full));
                        reach("full");
                    }
                }
            });
            assert_eq!(value(&submit(&pool, 3)), 3);
            join([tries]);
            assert_eq!(value(&first), 1);
        },
    );
}

#[test]
fn room_that_another_takes() {
    model(
        "R10 room_that_another_takes",
        "who counted on room for another one, and who was to have it, are told when a third has taken it",
        Bound::Preemptions(2),
        &[
            "all could end",
            "the submitter was told",
            "the waiter was told",
        ],
        || {
            let builder = ThreadPoolExecutor::builder().max_workers(2);
            let pool = Arc::new(builder.queue_limit(1).build().unwrap());
            let inner = Arc::clone(&pool);
            let submits = pool
                .spawn(move || Ok(inner.spawn(|| Ok(())).is_ok()))
                .unwrap();
            let awaited = submits.clone();
            let waits = pool.spawn(move || Ok(awaited.result().is_ok())).unwrap();
            // This thread is nobody's worker: it sleeps for room and asks nobody.
            let third = pool.spawn(|| Ok(())).unwrap();
            third.result().unwrap();
            let (accepted, told_value) = (*submits.result().unwrap(), *waits.result().unwrap());
            reach(match (accepted, told_value) {
                (true, true) => "all could end",
                (false, true) => "the submitter was told",
                (_, false) => "the waiter was told",
            });
            pool.shut_down(true, false);
        },
    );
}
