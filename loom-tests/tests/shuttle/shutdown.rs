//! Many who shut one pool down while others submit to it.

use crate::base::ThreadPoolExecutor;
use crate::harness::{join, reach, scenario, thread};
use crate::payload::callback;
use crate::runs::Runs;
use crate::sync::Arc;

#[test]
fn each_task_of_a_shutdown_storm_runs_or_is_cancelled_or_was_refused() {
    scenario(
        "shutdown_storm",
        "while three threads shut a pool down in three ways, each task of three others runs, is cancelled or is refused, and all return",
        &["ran", "cancelled", "refused"],
        || {
            const EACH: usize = 3;
            let pool = Arc::new(ThreadPoolExecutor::new(2).unwrap());
            let runs = Runs::of(3 * EACH);
            let submitters = (0..3).map(|submitter| {
                let (pool, runs) = (Arc::clone(&pool), runs.clone());
                thread(move || {
                    let first = submitter * EACH;
                    for n in first..first + EACH {
                        let Some(future) = runs.try_submit(&pool, n) else {
                            assert!(!runs.has_run(n), "a refused task runs");
                            reach("refused");
                            continue;
                        };
                        future.add_done_callback(callback(|_| ()));
                        reach(if runs.check(n, &future) {
                            "ran"
                        } else {
                            "cancelled"
                        });
                    }
                })
            });
            let submitters: Vec<_> = submitters.collect();
            let ways = [(true, false), (true, true), (false, true)];
            let stoppers = ways.map(|(wait, cancel)| {
                let pool = Arc::clone(&pool);
                thread(move || {
                    pool.shut_down(wait, cancel);
                    assert!(pool.spawn(|| Ok(())).is_err(), "it was shut down");
                    assert!(!wait || pool.counters().workers == 0, "a worker is left");
                })
            });
            join(stoppers);
            join(submitters);
            pool.shut_down(true, false);
        },
    );
}
