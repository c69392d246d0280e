//! Starting workers: when they are needed, no more than allowed, and when it fails; and workers
//! that spin before they sleep.

use crate::base::{Future, SubmitError, TaskError, ThreadPoolExecutor, promise};
use crate::harness::{Bound, Payload, in_two_lengths, join, model, reach, thread};
use crate::pool::{pool, submit, value};
use crate::sync::{self, Arc};

#[test]
fn lazy_start_one() {
    model(
        "L35 lazy_start_one",
        "two submits to a pool of one start one worker, which runs both",
        Bound::Exhaustive,
        &[],
        || {
            let pool = pool(1);
            let (first, second) = (submit(&pool, 1), submit(&pool, 2));
            assert_eq!((value(&second), value(&first)), (2, 1));
            assert_eq!(sync::threads(), 2);
        },
    );
}

#[test]
fn lazy_start_two() {
    model(
        "L35b lazy_start_two",
        "two submits to a pool of two start at most two workers, and both tasks run",
        Bound::Preemptions(2),
        &["one worker", "two workers"],
        || {
            let pool = pool(2);
            let (first, second) = (submit(&pool, 1), submit(&pool, 2));
            assert_eq!((value(&second), value(&first)), (2, 1));
            match sync::threads() {
                2 => reach("one worker"),
                3 => reach("two workers"),
                more => panic!("{more} threads"),
            }
        },
    );
}

#[test]
fn one_after_the_other() {
    model(
        "X19 one_after_the_other",
        "who submits only after the result of the task before has one worker, however many may be",
        Bound::Preemptions(3),
        &[],
        || {
            let pool = pool(2);
            assert_eq!(value(&submit(&pool, 1)), 1);
            assert_eq!(value(&submit(&pool, 2)), 2);
            assert_eq!(sync::threads(), 2);
        },
    );
}

#[test]
fn no_worker_starts() {
    model(
        "X14 no_worker_starts",
        "if the only worker can't be started the tasks of all submitters fail, and none hangs",
        Bound::Exhaustive,
        &["failed", "refused"],
        || {
            let pool = Arc::new(pool(1));
            let submitter = {
                let pool = Arc::clone(&pool);
                thread(move || expect_broken(&pool))
            };
            sync::fail_starts(1);
            expect_broken(&pool);
            join([submitter]);
        },
    );
}

/// Submits to a pool whose only worker can't be started.
fn expect_broken(pool: &ThreadPoolExecutor) {
    match pool.spawn(|| Ok(Payload::new(1))) {
        Ok(future) => {
            assert!(matches!(future.result(), Err(TaskError::PoolBroken(_))));
            reach("failed");
        }
        Err(refused) => {
            assert!(
                matches!(refused.error(), SubmitError::Broken(_)),
                "{refused}"
            );
            reach("refused");
        }
    }
}

#[test]
fn second_worker_does_not_start() {
    model(
        "X15 second_worker_does_not_start",
        "if the second worker can't be started the first runs what two submitters submit",
        Bound::Preemptions(2),
        &[],
        || {
            let pool = Arc::new(pool(2));
            let (open, gate) = promise();
            let (start, started) = promise();
            let task = move || {
                start.finish(Ok(Payload::new(0)));
                gate.into_result()
            };
            let first = pool.spawn(task).unwrap();
            assert_eq!(value(&started), 0);
            sync::fail_starts(usize::MAX);
            let clone = Arc::clone(&pool);
            let submitter = thread(move || {
                open.finish(Ok(Payload::new(1)));
                assert_eq!(value(&first), 1);
                assert_eq!(value(&submit(&clone, 2)), 2);
            });
            // The worker is busy, so this one asks for another, which it does not get.
            assert_eq!(value(&submit(&pool, 3)), 3);
            join([submitter]);
        },
    );
}

#[test]
fn wait_counts_on_a_worker_that_does_not_start() {
    model(
        "X24 wait_counts_on_a_worker_that_does_not_start",
        "a task that sleeps since a worker is being started, which then does not start, runs what it waits for itself",
        Bound::Preemptions(2),
        &[],
        || {
            let pool = pool(2);
            let (tell, told) = promise::<Future<Payload>>();
            let waits = pool.spawn(move || told.into_result()?.into_result());
            sync::fail_starts(usize::MAX);
            tell.finish(Ok(submit(&pool, 1)));
            // As long as this is being submitted, a worker seems to be on its way.
            let other = submit(&pool, 2);
            assert_eq!(value(&waits.unwrap()), 1);
            assert_eq!(value(&other), 2);
        },
    );
}

#[test]
fn spinning_worker() {
    model(
        "X16 spinning_worker",
        "a task submitted while the worker spins, or is about to sleep after it, runs",
        Bound::Preemptions(3),
        &[],
        || {
            sync::spin();
            let pool = pool(1);
            assert_eq!(value(&submit(&pool, 1)), 1);
            assert_eq!(value(&submit(&pool, 2)), 2);
        },
    );
}

in_two_lengths!(
    two_spinning_workers,
    "X17 two_spinning_workers",
    one_of_two_takes_the_third_task
);

fn one_of_two_takes_the_third_task(name: &'static str, bound: Bound) {
    model(
        name,
        "of two workers, spinning or asleep, exactly one takes the third task",
        bound,
        &[],
        || {
            sync::spin();
            let pool = pool(2);
            let (first, second) = (submit(&pool, 1), submit(&pool, 2));
            assert_eq!((value(&first), value(&second)), (1, 2));
            assert_eq!(value(&submit(&pool, 3)), 3);
        },
    );
}
