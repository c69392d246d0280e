//! Five tasks that wait for each other: in a ring they are told, in a chain nobody is.

use crate::base::{Future, TaskError, ThreadPoolExecutor, promise};
use crate::harness::{reach, scenario};
use crate::payload::Payload;

const TASKS: usize = 5;

/// Five tasks on five workers, each of which waits for the next; the last one for the first, or for nobody.
///
/// Each adds one to what it waited for, and one that is told counts from zero.
fn five_tasks(is_ring: bool) -> Vec<Result<i32, TaskError>> {
    let pool = ThreadPoolExecutor::new(TASKS).unwrap();
    let (tellers, others): (Vec<_>, Vec<_>) = (0..TASKS)
        .map(|_| promise::<Option<Future<Payload>>>())
        .unzip();
    let tasks: Vec<_> = others
        .into_iter()
        .map(|other| {
            let task = move || {
                let next = other.into_result()?;
                let value = match next {
                    Some(next) => next.result()?.value(),
                    None => 0,
                };
                Ok(Payload::new(value + 1))
            };
            pool.spawn(task).map_err(drop).expect("the pool is open")
        })
        .collect();
    for (n, teller) in tellers.into_iter().enumerate() {
        let is_last = n + 1 == TASKS;
        let next = (is_ring || !is_last).then(|| tasks[(n + 1) % TASKS].clone());
        teller.finish(Ok(next));
    }
    pool.shut_down(true, false);
    tasks
        .iter()
        .map(|task| task.result().map(Payload::value))
        .collect()
}

#[test]
fn a_ring_of_five_is_told_and_ends() {
    scenario(
        "ring_of_five",
        "of five tasks in a ring the last to sleep is told of all five, and all end",
        &["five workers", "one on top of another"],
        || {
            let told = five_tasks(true).into_iter().map(|outcome| match outcome {
                Err(TaskError::Deadlock(deadlock)) => deadlock,
                other => panic!("a task of the ring left {other:?}"),
            });
            let told: Vec<_> = told.collect();
            // The error of the one who was told is passed on by those who waited for it.
            assert!(told.iter().all(|deadlock| *deadlock == told[0]));
            // One whose turn comes late is run by the one that waits for it, on top of its own task.
            let waits = &told[0].waits;
            let named = waits
                .iter()
                .map(|wait| wait.task.matches("(future at").count());
            assert_eq!(named.sum::<usize>(), TASKS, "{waits:?}");
            reach(if waits.len() == TASKS {
                "five workers"
            } else {
                "one on top of another"
            });
        },
    );
}

#[test]
fn a_chain_of_five_is_not_told() {
    scenario(
        "chain_of_five",
        "of five tasks in a chain, the twin of the ring, nobody is told, and all have their value",
        &[],
        || {
            let values = five_tasks(false)
                .into_iter()
                .map(|outcome| outcome.expect("no ring"));
            assert_eq!(values.collect::<Vec<_>>(), [5, 4, 3, 2, 1]);
        },
    );
}
