//! A queue of limited length, and many who submit to it.

use crate::base::room::IfFull;
use crate::base::{SubmitError, ThreadPoolExecutor};
use crate::harness::{join, reach, scenario, thread};
use crate::payload::Payload;
use crate::runs::Runs;
use crate::sync::Arc;

#[test]
fn every_submitter_gets_its_place() {
    scenario(
        "bounded_queue",
        "four submitters of four tasks share two places and two workers, one cancels what it submits and one only tries: nothing is lost",
        &["full", "let in"],
        || {
            const EACH: usize = 4;
            let builder = ThreadPoolExecutor::builder().max_workers(2);
            let pool = Arc::new(builder.queue_limit(2).build().unwrap());
            let runs = Runs::of(4 * EACH);
            let submitters = (0..4).map(|submitter| {
                let (pool, runs) = (Arc::clone(&pool), runs.clone());
                thread(move || {
                    let first = submitter * EACH;
                    let tasks = first..first + EACH;
                    if submitter == 3 {
                        return tasks.for_each(|_| only_try(&pool));
                    }
                    let futures = tasks.clone().map(|n| {
                        let future = runs.submit(&pool, n);
                        if submitter == 2 {
                            future.cancel();
                        }
                        future
                    });
                    for (n, future) in tasks.zip(futures.collect::<Vec<_>>()) {
                        assert!(runs.check(n, &future) || submitter == 2);
                    }
                })
            });
            join(submitters.collect::<Vec<_>>());
            pool.shut_down(true, false);
        },
    );
}

fn only_try(pool: &ThreadPoolExecutor) {
    let held = Payload::new(1);
    match pool.spawn_or(IfFull::Refuse, move || Ok(Payload::new(held.value()))) {
        Ok(future) => {
            assert_eq!(future.result().unwrap().value(), 1);
            reach("let in");
        }
        Err(refused) => {
            assert!(matches!(refused.error(), SubmitError::Full), "{refused}");
            reach("full");
        }
    }
}
