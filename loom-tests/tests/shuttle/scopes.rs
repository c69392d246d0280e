//! Scopes that share a pool.

use crate::base::any_future::Observed;
use crate::base::queued_task::QueuedTask;
use crate::base::scoped::ScopedTasks;
use crate::base::{Future, ThreadPoolExecutor};
use crate::harness::{join, reach, scenario, thread};
use crate::payload::Payload;
use crate::runs::Runs;
use crate::sync::{self, Arc};

/// Submits a task of a scope. What it holds is gone when the scope's wait returns.
fn list(
    scope: &Arc<ScopedTasks>,
    pool: &Arc<ThreadPoolExecutor>,
    run: impl FnOnce() + Send + 'static,
) -> Future<()> {
    let token = scope.token();
    let held = Payload::new(1);
    let (task, end) = QueuedTask::new(0, move || {
        run();
        drop(held);
        drop(token);
        Ok(())
    });
    let listed = task.also();
    pool.accept(|_| task).expect("it is shut down last");
    scope.list(listed, &end.watched());
    end
}

#[test]
fn three_scopes_on_one_pool_return_when_their_tasks_have_ended() {
    scenario(
        "scopes",
        "three scopes of four tasks, half of them listed by the others, share two workers; each returns when its own have run once, and not before",
        &["by a worker", "by the scope"],
        || {
            const EACH: usize = 4;
            let pool = Arc::new(ThreadPoolExecutor::new(2).unwrap());
            let runs = Runs::of(3 * EACH);
            let scopes = (0..3).map(|number| {
                let (pool, runs) = (Arc::clone(&pool), runs.clone());
                thread(move || {
                    let scope = ScopedTasks::new();
                    let main = sync::thread::current_id();
                    let first = number * EACH;
                    for n in [first, first + 1] {
                        let (inner, its_pool, its_runs) =
                            (Arc::clone(&scope), Arc::clone(&pool), runs.clone());
                        list(&scope, &pool, move || {
                            its_runs.run(n);
                            reach(if sync::thread::current_id() == main {
                                "by the scope"
                            } else {
                                "by a worker"
                            });
                            let runs = its_runs.clone();
                            drop(list(&inner, &its_pool, move || runs.run(n + 2)));
                        });
                    }
                    scope.wait();
                    for n in first..first + EACH {
                        assert!(runs.has_run(n), "the scope left task {n}");
                    }
                })
            });
            join(scopes.collect::<Vec<_>>());
            pool.shut_down(true, false);
        },
    );
}
