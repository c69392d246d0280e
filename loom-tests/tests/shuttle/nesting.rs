//! Tasks that submit tasks and wait for them.

use crate::base::{Future, TaskError, ThreadPoolExecutor};
use crate::harness::{join, reach, scenario, thread};
use crate::payload::Payload;
use crate::sync::Arc;

/// Submits a task that submits two more, and so on; its value is the number of leaves.
fn tree(pool: &Arc<ThreadPoolExecutor>, depth: u32) -> Future<Payload> {
    let inner = Arc::clone(pool);
    let task = move || {
        if depth == 0 {
            return Ok(Payload::new(1));
        }
        let children = [(); 2].map(|()| tree(&inner, depth - 1));
        drop(inner);
        let mut leaves = 0;
        for child in children {
            leaves += child.result()?.value();
        }
        Ok(Payload::new(leaves))
    };
    pool.spawn(task).map_err(drop).expect("the pool is open")
}

#[test]
fn two_trees_of_tasks_end_on_two_workers() {
    scenario(
        "nested_trees",
        "two trees of fifteen tasks, each of which waits for its children, end on two workers, which help",
        &[],
        || {
            let pool = Arc::new(ThreadPoolExecutor::new(2).unwrap());
            let roots = (0..2).map(|_| {
                let pool = Arc::clone(&pool);
                thread(move || assert_eq!(tree(&pool, 3).result().unwrap().value(), 8))
            });
            join(roots.collect::<Vec<_>>());
            pool.shut_down(true, false);
        },
    );
}

/// Submits to the first pool a task that waits for one of the second, and so on, `depth` times.
fn ladder(pools: [Arc<ThreadPoolExecutor>; 2], depth: i32) -> Option<Future<Payload>> {
    let [first, second] = pools;
    let inner = [second, Arc::clone(&first)];
    let task = move || {
        if depth == 0 {
            return Ok(Payload::new(0));
        }
        // Refused when main has both outcomes and shuts down: one above was told, and did not wait.
        let below = ladder(inner, depth - 1).ok_or(TaskError::Cancelled)?;
        Ok(Payload::new(below.result()?.value() + 1))
    };
    first.spawn(task).map_err(drop).ok()
}

#[test]
fn tasks_that_alternate_between_two_pools_end() {
    scenario(
        "two_pools",
        "two ladders between two pools of two workers end with their value, or the last to sleep is told of the circle",
        &["both ended", "one was told"],
        || {
            let pools = [2, 2].map(|workers| Arc::new(ThreadPoolExecutor::new(workers).unwrap()));
            let [first, second] = &pools;
            let ladders = [
                ladder(pools.clone(), 3),
                ladder([Arc::clone(second), Arc::clone(first)], 3),
            ];
            let ladders = ladders.map(|ladder| ladder.expect("the pools are open"));
            let outcomes = ladders.each_ref().map(|ladder| match ladder.result() {
                Ok(value) => {
                    assert_eq!(value.value(), 3);
                    true
                }
                Err(error) => {
                    assert!(matches!(error, TaskError::Deadlock(_)), "{error}");
                    false
                }
            });
            reach(if outcomes == [true, true] {
                "both ended"
            } else {
                "one was told"
            });
            pools.iter().for_each(|pool| pool.shut_down(true, false));
        },
    );
}
