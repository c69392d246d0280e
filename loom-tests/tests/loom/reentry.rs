//! Tasks and callbacks that use the pool they run on, and wake-ups of its workers for nothing.

use crate::base::{Future, ThreadPoolExecutor, promise};
use crate::harness::{Bound, Payload, callback, join, model, reach, thread};
use crate::pool::{pool, submit, value};
use crate::sync::{self, Arc, AtomicU32, Ordering};

/// Submits a task that waits for a gate, so that what is done in between finds it unfinished.
fn submit_gated(pool: &ThreadPoolExecutor, gate: Future<Payload>, value: i32) -> Future<Payload> {
    let task = move || {
        gate.result()?;
        Ok(Payload::new(value))
    };
    pool.spawn(task).unwrap()
}

#[test]
fn callback_submits() {
    model(
        "X9 callback_submits",
        "a callback that submits to its own pool of one never hangs, and its task runs",
        Bound::Preemptions(3),
        &[],
        || {
            let pool = Arc::new(pool(1));
            let (open, gate) = promise();
            let (promise, second) = promise();
            let future = submit_gated(&pool, gate, 1);
            let inner = Arc::clone(&pool);
            future.add_done_callback(callback(move |_| {
                let task = move || {
                    promise.finish(Ok(Payload::new(2)));
                    Ok(())
                };
                inner.spawn(task).unwrap();
            }));
            open.finish(Ok(Payload::new(0)));
            assert_eq!(value(&second), 2);
            pool.shut_down(true, false);
        },
    );
}

#[test]
fn callback_waits_for_its_task() {
    model(
        "X10 callback_waits_for_its_task",
        "a callback that submits to its own pool of two and waits for the task gets its value: \
         the worker that runs the callback no longer counts as one that looks for tasks",
        Bound::Preemptions(2),
        &[],
        || {
            let pool = Arc::new(pool(2));
            let (open, gate) = promise();
            let (promise, second) = promise();
            let future = submit_gated(&pool, gate, 1);
            let inner = Arc::clone(&pool);
            future.add_done_callback(callback(move |_| {
                let task = inner.spawn(|| Ok(Payload::new(2))).unwrap();
                promise.finish(task.into_result());
            }));
            open.finish(Ok(Payload::new(0)));
            assert_eq!(value(&second), 2);
            pool.shut_down(true, false);
        },
    );
}

#[test]
fn callback_waits_for_a_later_task() {
    model(
        "X20 callback_waits_for_a_later_task",
        "a task queued while the worker seemed free is run by another if that one runs a callback",
        Bound::Preemptions(2),
        &[],
        || {
            let pool = pool(2);
            let (open, gate) = promise();
            let (promise, second) = promise();
            let future = submit_gated(&pool, gate, 1);
            future.add_done_callback(callback(move |_| assert_eq!(value(&second), 2)));
            open.finish(Ok(Payload::new(0)));
            assert_eq!(value(&future), 1);
            let task = move || {
                promise.finish(Ok(Payload::new(2)));
                Ok(())
            };
            pool.spawn(task).unwrap();
        },
    );
}

/// A value that runs something when it is dropped.
struct OnDrop<F: FnOnce()>(Option<F>);

impl<F: FnOnce()> Drop for OnDrop<F> {
    fn drop(&mut self) {
        if let Some(run) = self.0.take() {
            run();
        }
    }
}

#[test]
fn destructor_waits_for_its_task() {
    model(
        "X11 destructor_waits_for_its_task",
        "the destructor of a result that nobody waits for may submit to its own pool and wait",
        Bound::Preemptions(2),
        &["on the worker", "on main"],
        || {
            let pool = Arc::new(pool(2));
            let main = sync::thread::current_id();
            let (promise, dropped) = promise();
            let inner = Arc::clone(&pool);
            let noisy = OnDrop(Some(move || {
                reach(if sync::thread::current_id() == main {
                    "on main"
                } else {
                    "on the worker"
                });
                let task = inner.spawn(|| Ok(Payload::new(2))).unwrap();
                promise.finish(Ok(task.into_result().unwrap()));
            }));
            let future = pool.spawn(move || Ok(noisy)).unwrap();
            // The look is what lets the search put the drop on either side of the end.
            future.done();
            drop(future);
            assert_eq!(value(&dropped), 2);
            pool.shut_down(true, false);
        },
    );
}

#[test]
fn dropped_by_its_own_task() {
    model(
        "L33 dropped_by_its_own_task",
        "a pool whose last owner is one of its own tasks does not wait for itself; nothing leaks",
        Bound::Preemptions(3),
        &["the task dropped it", "main dropped it"],
        || {
            let pool = Arc::new(pool(1));
            let inner = Arc::clone(&pool);
            // Dropping an `Arc` is no step of the schedule, so the two meet at this one.
            let meeting = Arc::new(AtomicU32::new(0));
            let meet = Arc::clone(&meeting);
            let task = move || {
                meet.fetch_add(1, Ordering::Relaxed);
                if let Some(pool) = Arc::into_inner(inner) {
                    reach("the task dropped it");
                    drop(pool);
                }
                Ok(Payload::new(1))
            };
            let future = pool.spawn(task).unwrap();
            meeting.fetch_add(1, Ordering::Relaxed);
            if let Some(pool) = Arc::into_inner(pool) {
                reach("main dropped it");
                drop(pool);
                assert!(future.done());
            }
            assert_eq!(value(&future), 1);
        },
    );
}

#[test]
fn shut_down_by_its_own_task() {
    model(
        "X12 shut_down_by_its_own_task",
        "a task that shuts its own pool down and asks to wait does not wait; main's shutdown does",
        Bound::Exhaustive,
        &[],
        || {
            let pool = Arc::new(pool(1));
            let inner = Arc::clone(&pool);
            let task = move || {
                inner.shut_down(true, true);
                Ok(Payload::new(1))
            };
            let future = pool.spawn(task).unwrap();
            let result = pool.spawn(|| Ok(Payload::new(2)));
            pool.shut_down(true, false);
            assert!(future.done());
            assert!(result.is_err() || result.unwrap().done());
        },
    );
}

#[test]
fn workers_woken_for_nothing() {
    model(
        "X13 workers_woken_for_nothing",
        "a worker that is woken for nothing goes back to sleep, and takes the next task",
        Bound::Preemptions(3),
        &[],
        || {
            let pool = pool(1);
            assert_eq!(value(&submit(&pool, 1)), 1);
            let notifier = thread(sync::wake_everybody);
            assert_eq!(value(&submit(&pool, 2)), 2);
            join([notifier]);
            pool.shut_down(true, false);
        },
    );
}

#[test]
fn shutdown_woken_for_nothing() {
    model(
        "X21 shutdown_woken_for_nothing",
        "a shutdown that is woken for nothing goes on waiting for the last worker",
        Bound::Preemptions(3),
        &["woken for nothing"],
        || {
            let pool = pool(1);
            let (open, gate) = promise();
            let future = submit_gated(&pool, gate, 1);
            let opener = thread(move || {
                sync::wake_everybody();
                open.finish(Ok(Payload::new(0)));
            });
            pool.shut_down(true, false);
            assert!(future.done());
            // The worker sleeps once at most, for the gate, and once more if it was woken as well.
            if sync::sleeps() > 3 {
                reach("woken for nothing");
            }
            join([opener]);
        },
    );
}

#[test]
fn callback_waits_for_the_waiter() {
    model(
        "D6 callback_waits_for_the_waiter",
        "a callback that waits for what the waiter of its own future does next ends: waiters are told first",
        Bound::Preemptions(2),
        &[],
        || {
            let pool = pool(1);
            let (open, gate) = promise();
            let (next, done) = promise::<Payload>();
            let future = submit_gated(&pool, gate, 1);
            future.add_done_callback(callback(move |_| {
                assert_eq!(done.result().unwrap().value(), 2);
            }));
            open.finish(Ok(Payload::new(0)));
            assert_eq!(value(&future), 1);
            next.finish(Ok(Payload::new(2)));
            pool.shut_down(true, false);
        },
    );
}
