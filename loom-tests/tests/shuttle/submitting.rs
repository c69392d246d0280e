//! Many who submit to one pool.

use crate::base::ThreadPoolExecutor;
use crate::harness::{join, reach, scenario, thread};
use crate::runs::Runs;
use crate::sync::{self, Arc};

#[test]
fn four_submitters_and_three_workers_run_twenty_tasks() {
    scenario(
        "four_submitters",
        "twenty tasks of four threads run once each on three workers, and each has its own value",
        &["three workers", "fewer workers"],
        || {
            const EACH: usize = 5;
            let pool = Arc::new(ThreadPoolExecutor::new(3).unwrap());
            let runs = Runs::of(4 * EACH);
            let submitters = (0..4).map(|submitter| {
                let (pool, runs) = (Arc::clone(&pool), runs.clone());
                thread(move || {
                    let first = submitter * EACH;
                    let tasks = first..first + EACH;
                    let futures = tasks.clone().map(|n| runs.submit(&pool, n));
                    for (n, future) in tasks.zip(futures.collect::<Vec<_>>()) {
                        assert!(runs.check(n, &future));
                    }
                })
            });
            join(submitters.collect::<Vec<_>>());
            assert_eq!(runs.sum(), 4 * EACH);
            reach(match sync::workers() {
                3 => "three workers",
                1 | 2 => "fewer workers",
                workers => panic!("{workers} workers"),
            });
            pool.shut_down(true, false);
            assert_eq!(pool.counters().finished, 4 * EACH as u64);
        },
    );
}
