//! Many who cancel what others submit.

use crate::base::ThreadPoolExecutor;
use crate::harness::{join, reach, scenario, thread};
use crate::payload::callback;
use crate::runs::Runs;
use crate::sync::Arc;

#[test]
fn a_cancel_that_says_yes_keeps_its_task_from_running() {
    scenario(
        "cancel_storm",
        "of twelve tasks that four threads cancel on two workers, exactly those run that no cancel said yes of; each callback is called once",
        &["ran", "cancelled"],
        || {
            const TASKS: usize = 12;
            let pool = ThreadPoolExecutor::new(2).unwrap();
            let runs = Runs::of(TASKS);
            let futures: Arc<[_]> = (0..TASKS).map(|n| runs.submit(&pool, n)).collect();
            let cancellers = (0..4).map(|canceller| {
                let (futures, runs) = (Arc::clone(&futures), runs.clone());
                thread(move || {
                    // Each two of them meet at every third task.
                    for n in (canceller % 2..TASKS).step_by(3) {
                        futures[n].add_done_callback(callback(|_| ()));
                        let is_cancelled = futures[n].cancel();
                        assert_eq!(is_cancelled, futures[n].cancelled(), "task {n}");
                        assert!(!(is_cancelled && runs.has_run(n)), "task {n} was cancelled");
                        futures[n].add_done_callback(callback(|_| ()));
                    }
                })
            });
            join(cancellers.collect::<Vec<_>>());
            for (n, future) in futures.iter().enumerate() {
                let ran = runs.check(n, future);
                assert!(ran || n % 3 != 2, "nobody cancels task {n}");
                reach(if ran { "ran" } else { "cancelled" });
            }
            pool.shut_down(true, false);
        },
    );
}
