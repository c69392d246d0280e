//! The tasks of a scope: when the scope may return, and who runs them.

use crate::base::Future;
use crate::base::aftermath::Aftermath;
use crate::base::any_future::Observed;
use crate::base::queued_task::QueuedTask;
use crate::base::scoped::{ScopedTasks, Token};
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

/// Lists a task that adds 10 when it runs, and 1 when it is dropped.
fn list(tasks: &Arc<ScopedTasks>, lent: &Arc<Lent>) -> Future<()> {
    let erased = Erased {
        held: Held(Arc::clone(lent)),
        _token: Some(tasks.token()),
    };
    let (task, end) = QueuedTask::new(0, move || {
        erased.run();
        Ok(())
    });
    tasks.list(task, &end.watched());
    end
}

#[test]
fn errand_vs_wait() {
    model(
        "S3 errand_vs_wait",
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
            tasks.list(task, &end.watched());
            let errand = tasks.errand(None);
            let worker = thread(move || errand.run(&()));
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
            let end = list(&tasks, &lent);
            let errand = tasks.errand(None);
            let worker = thread(move || errand.run(&()));
            let clone = end.clone();
            let canceller = thread(move || {
                clone.cancel();
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
        "a shutdown that cancels errands while the scope waits cancels its tasks or comes too late",
        Bound::Preemptions(3),
        &["cancelled", "one ran", "both ran"],
        || {
            let tasks = ScopedTasks::new();
            let lent = [Lent::new(), Lent::new()];
            let ends = lent.each_ref().map(|lent| list(&tasks, lent));
            let errands = [tasks.errand(None), tasks.errand(None)];
            let canceller = thread(move || {
                let mut aftermath = Aftermath::new();
                for errand in errands {
                    errand.cancel_into(&mut aftermath);
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
fn in_place_vs_errand() {
    model(
        "S6 in_place_vs_errand",
        "whoever waits for a task runs it, unless a worker has begun it; it runs once",
        Bound::Preemptions(3),
        &[],
        || {
            let (tasks, lent) = (ScopedTasks::new(), Lent::new());
            let erased = Erased {
                held: Held(Arc::clone(&lent)),
                _token: Some(tasks.token()),
            };
            let (task, end) = QueuedTask::new(0, move || {
                erased.run();
                Ok(())
            });
            tasks.list(task, &end.watched());
            let errand = tasks.errand(None);
            let worker = thread(move || errand.run(&()));
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
                drop(list(&inner, &also_lent));
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
