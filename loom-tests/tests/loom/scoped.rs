//! The tasks of a scope: when the scope may return, and who runs them.

use crate::base::aftermath::Aftermath;
use crate::base::any_future::Observed;
use crate::base::queued_task::QueuedTask;
use crate::base::scoped::{ScopedTasks, Token};
use crate::base::{Future, ThreadPoolExecutor};
use crate::counter::Plain;
use crate::harness::{Bound, Child, join, model, must_fail, reach, thread};
use crate::sync::{self, Arc, UnsafeCell};

pub(crate) const CHILDREN: &[Child] = &[
    ("S1 no_token", no_token),
    ("S2 token_dropped_first", token_dropped_first),
];

/// What lies on the stack of the scope's caller: a race with the caller after the scope is reported.
struct Lent(Plain);

impl Lent {
    fn new() -> Arc<Lent> {
        Arc::new(Lent(Plain(UnsafeCell::new(0))))
    }

    fn add(&self, number: u32) -> u32 {
        self.0.set(self.0.get() + number);
        self.0.get()
    }
}

/// What a task holds: it uses what was lent when it is dropped.
struct Held(Arc<Lent>);

impl Drop for Held {
    fn drop(&mut self) {
        self.0.add(1);
    }
}

/// A task's closure and its token, dropped in this order.
struct Erased {
    held: Held,
    _token: Option<Token>,
}

impl Erased {
    fn run(self) {
        self.held.0.add(10);
    }
}

/// A task of a scope that adds 10 when it runs, and 1 when it is dropped.
fn make(tasks: &Arc<ScopedTasks>, lent: &Arc<Lent>) -> (QueuedTask, Future<()>) {
    let erased = Erased {
        held: Held(Arc::clone(lent)),
        _token: Some(tasks.token()),
    };
    QueuedTask::new(0, move || {
        erased.run();
        Ok(())
    })
}

/// One that is listed; gives what a pool would have of it.
fn list(tasks: &Arc<ScopedTasks>, lent: &Arc<Lent>) -> (QueuedTask, Future<()>) {
    let (task, end) = make(tasks, lent);
    tasks.list(task.also(), &end.watched());
    (task, end)
}

#[test]
fn worker_vs_wait() {
    model(
        "S3 worker_vs_wait",
        "a task is run by the worker or by the scope's thread, once, and is gone when the wait returns",
        Bound::Exhaustive,
        &["by the worker", "by the scope"],
        || {
            let (tasks, lent) = (ScopedTasks::new(), Lent::new());
            let main = sync::thread::current_id();
            let by = Arc::new(sync::Mutex::new(None));
            let note = Arc::clone(&by);
            let erased = Erased {
                held: Held(Arc::clone(&lent)),
                _token: Some(tasks.token()),
            };
            let (task, end) = QueuedTask::new(0, move || {
                *note.lock() = Some(sync::thread::current_id());
                erased.run();
                Ok(())
            });
            tasks.list(task.also(), &end.watched());
            let worker = thread(move || task.run(&()));
            tasks.wait();
            assert_eq!(lent.add(0), 11);
            let by = by.lock().expect("it has run");
            reach(if by == main {
                "by the scope"
            } else {
                "by the worker"
            });
            join([worker]);
        },
    );
}

#[test]
fn cancel_vs_wait() {
    model(
        "S4 cancel_vs_wait",
        "a task that is cancelled or run while the scope waits is gone when the wait returns",
        Bound::Preemptions(3),
        &["cancelled", "ran"],
        || {
            let (tasks, lent) = (ScopedTasks::new(), Lent::new());
            let (task, end) = list(&tasks, &lent);
            let worker = thread(move || task.run(&()));
            let canceller = thread(move || {
                end.cancel();
            });
            tasks.wait();
            match lent.add(0) {
                1 => reach("cancelled"),
                11 => reach("ran"),
                other => panic!("{other}"),
            }
            join([worker, canceller]);
        },
    );
}

#[test]
fn shutdown_vs_wait() {
    model(
        "S5 shutdown_vs_wait",
        "a shutdown that cancels while the scope waits cancels its tasks or comes too late",
        Bound::Preemptions(3),
        &["cancelled", "one ran", "both ran"],
        || {
            let tasks = ScopedTasks::new();
            let lent = [Lent::new(), Lent::new()];
            let (queued, ends): (Vec<_>, Vec<_>) =
                lent.iter().map(|lent| list(&tasks, lent)).unzip();
            let canceller = thread(move || {
                let mut aftermath = Aftermath::new();
                for task in queued {
                    task.cancel_into(&mut aftermath);
                }
                aftermath.run();
            });
            tasks.wait();
            match lent.iter().map(|lent| lent.add(0)).sum() {
                2 => reach("cancelled"),
                12 => reach("one ran"),
                22 => reach("both ran"),
                other => panic!("the wait has returned too early: {other}"),
            }
            join([canceller]);
            assert!(ends.iter().all(Future::done));
        },
    );
}

#[test]
fn in_place_vs_worker() {
    model(
        "S6 in_place_vs_worker",
        "whoever waits for a task runs it, unless a worker has begun it; it runs once",
        Bound::Preemptions(3),
        &[],
        || {
            let (tasks, lent) = (ScopedTasks::new(), Lent::new());
            let (task, end) = list(&tasks, &lent);
            let worker = thread(move || task.run(&()));
            end.watched().run_here();
            end.result().unwrap();
            assert_eq!(lent.add(0), 11);
            tasks.wait();
            join([worker]);
        },
    );
}

#[test]
fn submit_by_a_task_vs_wait() {
    model(
        "S7 submit_by_a_task_vs_wait",
        "a task that is listed by another one while the scope waits is run, and waited for",
        Bound::Preemptions(3),
        &["slept", "did not sleep"],
        || {
            let (tasks, lent) = (ScopedTasks::new(), Lent::new());
            let token = tasks.token();
            let (inner, also_lent) = (Arc::clone(&tasks), Arc::clone(&lent));
            let (task, _end) = QueuedTask::new(0, move || {
                let (task, end) = make(&inner, &also_lent);
                inner.list(task, &end.watched());
                drop(token);
                Ok(())
            });
            let worker = thread(move || task.run(&()));
            tasks.wait();
            assert_eq!(lent.add(0), 11);
            reach(if sync::sleeps() > 0 {
                "slept"
            } else {
                "did not sleep"
            });
            join([worker]);
        },
    );
}

#[test]
fn submit_vs_shutdown() {
    model(
        "S8 submit_vs_shutdown",
        "a task that is submitted while the pool is shut down is run by a worker, or was never made",
        Bound::Preemptions(2),
        &["accepted", "refused"],
        || {
            let (tasks, lent) = (ScopedTasks::new(), Lent::new());
            let pool = Arc::new(ThreadPoolExecutor::new(1).unwrap());
            let closed = Arc::clone(&pool);
            let closer = thread(move || closed.close(false));
            let mut made = None;
            let accepted = pool.accept(|_| {
                let (task, end) = make(&tasks, &lent);
                made = Some((task.also(), end));
                task
            });
            assert_eq!(accepted.is_ok(), made.is_some());
            if let Some((task, end)) = made {
                tasks.list(task, &end.watched());
                // The scope's thread waits, and runs nothing.
                end.result().unwrap();
                reach("accepted");
            } else {
                reach("refused");
            }
            tasks.wait();
            join([closer]);
            pool.shut_down(true, false);
        },
    );
}

#[test]
fn a_scope_that_does_not_wait_for_a_task_is_reported() {
    must_fail("S1 no_token", "Causality violation");
}

fn no_token() {
    model("S1 no_token", "must fail", Bound::Exhaustive, &[], || {
        let (tasks, lent) = (ScopedTasks::new(), Lent::new());
        let erased = Erased {
            held: Held(Arc::clone(&lent)),
            _token: None,
        };
        let (task, _end) = QueuedTask::new(0, move || {
            erased.run();
            Ok(())
        });
        let worker = thread(move || task.run(&()));
        tasks.wait();
        lent.add(0);
        join([worker]);
    });
}

#[test]
fn a_token_that_is_dropped_before_the_closure_is_reported() {
    must_fail("S2 token_dropped_first", "Causality violation");
}

fn token_dropped_first() {
    model(
        "S2 token_dropped_first",
        "must fail",
        Bound::Exhaustive,
        &[],
        || {
            let (tasks, lent) = (ScopedTasks::new(), Lent::new());
            let held = Held(Arc::clone(&lent));
            let token = tasks.token();
            let (task, _end) = QueuedTask::new(0, move || {
                drop(token);
                drop(held);
                Ok(())
            });
            let worker = thread(move || task.run(&()));
            tasks.wait();
            lent.add(0);
            join([worker]);
        },
    );
}
