//! What the pool does in time although nothing happens that would wake its supervisor.

use std::thread;
use std::time::{Duration, Instant};

use super::alone::alone_with;
use super::case::{body, value};
use super::notes::{Notebook, Notes, Watchdog, condition};
use super::plan::{Action, Plan, Point};
use crate::base::Future;
use crate::executor::Executor;
use crate::process::{ProcessPoolBuilder, ProcessPoolExecutor};
use crate::shutdown::Shutdown;

const LIMIT: Duration = Duration::from_secs(120);

/// A pool of one worker that is struck, and what watches it.
struct Scene {
    pool: ProcessPoolExecutor,
    watchdog: Watchdog,
    plan: Plan,
    book: Notebook,
}

impl Scene {
    fn new(point: Point, options: impl FnOnce(ProcessPoolBuilder) -> ProcessPoolBuilder) -> Scene {
        let book = Notebook::new();
        let plan = Plan {
            point,
            action: Action::StopUnseen,
            visit: 1,
            everybody: false,
            folder: book.folder().to_owned(),
        };
        let (name, text) = plan.variable();
        let builder = ProcessPoolExecutor::builder().max_workers(1);
        Scene {
            pool: options(builder.env(name, text)).build().unwrap(),
            watchdog: Watchdog::new(format!("{point:?}"), plan.clone()),
            plan,
            book,
        }
    }

    fn submit(&self, number: u32) -> Future<u32> {
        let args = (self.book.key(), number, Vec::new());
        let future = self.pool.submit(body, args).unwrap();
        self.watchdog.add(&future);
        future
    }

    /// Waits until the worker is stopped.
    fn await_stop(&self) {
        let is_stopped = |pid: &u32| condition(*pid) == Some('T');
        while !Notes::read(&self.plan).struck.iter().any(is_stopped) {
            thread::sleep(Duration::from_millis(1));
        }
    }
}

#[test]
fn a_worker_that_has_had_its_tasks_and_does_not_leave_is_replaced() {
    alone_with(&[], LIMIT, || {
        let scenes = [(); 8].map(|()| {
            let scene = Scene::new(Point::OnShutdown, |it| it.max_tasks_per_child(2));
            // The second outcome is mostly read by the thread that waits for it.
            for n in 0..2 {
                assert_eq!(*scene.submit(n).result().unwrap(), value(n));
            }
            scene.await_stop();
            let next = scene.submit(2);
            (scene, next)
        });
        for (_scene, next) in &scenes {
            assert_eq!(*next.result().unwrap(), value(2));
        }
    });
}

#[test]
fn a_shutdown_ends_when_the_task_of_a_stopped_worker_is_cancelled() {
    alone_with(&[], LIMIT, || {
        for point in [Point::BeforeHello, Point::BeforeClaim] {
            let scene = Scene::new(point, |it| it);
            let start = Instant::now();
            let task = scene.submit(0);
            scene.await_stop();
            thread::scope(|scope| {
                scope.spawn(|| scene.pool.shutdown(Shutdown::wait()));
                // Sleeps as the shutdown does, which can't be seen from here.
                thread::sleep(Duration::from_millis(200));
                assert!(task.cancel());
            });
            // Less than what a worker may take to begin.
            assert!(start.elapsed() < Duration::from_secs(20), "{point:?}");
        }
    });
}
