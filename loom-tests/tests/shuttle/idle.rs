//! Workers that leave because they are idle, many of them.

use std::time::Duration;

use crate::base::ThreadPoolExecutor;
use crate::harness::{join, reach, scenario, thread};
use crate::runs::Runs;
use crate::sync::{self, Arc};

#[test]
fn no_task_is_left_behind_by_workers_that_leave() {
    scenario(
        "idle_workers",
        "the tasks of three threads run although three workers leave whenever they sleep, and the shutdown finds none",
        &["some were replaced", "none was replaced"],
        || {
            const EACH: usize = 4;
            let builder = ThreadPoolExecutor::builder().max_workers(3);
            let pool = Arc::new(builder.idle_timeout(Duration::ZERO).build().unwrap());
            let runs = Runs::of(3 * EACH);
            let submitters = (0..3).map(|submitter| {
                let (pool, runs) = (Arc::clone(&pool), runs.clone());
                thread(move || {
                    let first = submitter * EACH;
                    for n in first..first + EACH {
                        assert!(runs.check(n, &runs.submit(&pool, n)));
                    }
                })
            });
            join(submitters.collect::<Vec<_>>());
            pool.shut_down(true, false);
            assert_eq!(runs.sum(), 3 * EACH);
            let counters = pool.counters();
            assert_eq!((counters.queued, counters.workers), (0, 0));
            reach(if counters.replaced > 0 {
                "some were replaced"
            } else {
                "none was replaced"
            });
            assert!(sync::workers() as u64 <= 3 + counters.replaced);
        },
    );
}
