//! `then`, `flatten` and `collect`: futures that others end.

use crate::base::{Future, TaskError, ThreadPoolExecutor, WhenStarved, collect, promise};
use crate::harness::{Bound, Payload, callback, join, model, reach, thread};

fn add_one(source: &Future<Payload>) -> Future<Payload> {
    source.then(|outcome| Ok(Payload::new(outcome?.value() + 1)))
}

#[test]
fn then_vs_finish() {
    model(
        "N1 then_vs_finish",
        "a function given to a future that ends meanwhile is called once, and its outcome is had",
        Bound::Exhaustive,
        &["slept", "did not sleep"],
        || {
            let (promise, base) = promise();
            let setter = thread(move || assert!(promise.finish(Ok(Payload::new(7)))));
            let derived = add_one(&base);
            assert_eq!(derived.result().unwrap().value(), 8);
            reach(if crate::sync::sleeps() > 0 {
                "slept"
            } else {
                "did not sleep"
            });
            join([setter]);
        },
    );
}

#[test]
fn derived_cancel_vs_finish() {
    model(
        "N2 derived_cancel_vs_finish",
        "of a cancel of the derived future and the end of its source one wins: the function is \
         called or dropped",
        Bound::Exhaustive,
        &["cancelled", "called"],
        || {
            let (promise, base) = promise::<Payload>();
            let held = Payload::new(1);
            let derived =
                base.then(move |outcome| Ok(Payload::new(outcome?.value() + held.value())));
            let setter = thread(move || assert!(promise.finish(Ok(Payload::new(7)))));
            let cancelled = derived.cancel();
            match derived.result() {
                Ok(value) => assert_eq!((cancelled, value.value()), (false, 8)),
                Err(error) => assert!(cancelled && matches!(error, TaskError::Cancelled)),
            }
            join([setter]);
            assert_eq!(derived.cancelled(), cancelled);
            reach(if cancelled { "cancelled" } else { "called" });
        },
    );
}

#[test]
fn cancel_passes_on() {
    model(
        "N3 cancel_passes_on",
        "a source that is cancelled, or finishes at that moment, ends a chain of two accordingly",
        Bound::Exhaustive,
        &["cancelled", "finished"],
        || {
            let (promise, base) = promise();
            let last = add_one(&add_one(&base));
            let canceller = thread(move || {
                base.cancel();
            });
            let finished = promise.finish(Ok(Payload::new(7)));
            match last.result() {
                Ok(value) => {
                    assert!(finished && value.value() == 9);
                    reach("finished");
                }
                Err(error) => {
                    assert!(!finished && matches!(error, TaskError::Cancelled));
                    assert!(last.cancelled());
                    reach("cancelled");
                }
            }
            join([canceller]);
        },
    );
}

#[test]
fn collect_of_two() {
    model(
        "N4 collect_of_two",
        "two futures that end at the same time end the collected one once, with both values",
        Bound::Preemptions(3),
        &[],
        || {
            let (one, first) = promise();
            let (other, second) = promise();
            let setter = thread(move || assert!(one.finish(Ok(Payload::new(1)))));
            let collected = collect([first, second]);
            assert!(other.finish(Ok(Payload::new(2))));
            let values = collected.into_result().unwrap();
            assert_eq!((values[0].value(), values[1].value()), (1, 2));
            join([setter]);
        },
    );
}

#[test]
fn collect_error_vs_cancel() {
    model(
        "N5 collect_error_vs_cancel",
        "a collected future whose futures fail while it is cancelled is one of the two, and those that \
         have not started are cancelled",
        Bound::Preemptions(3),
        &["failed", "cancelled"],
        || {
            let (one, first) = promise::<Payload>();
            let (_other, second) = promise();
            let collected = collect([first, second.clone()]);
            let dropper = thread(move || drop(one));
            let cancelled = collected.cancel();
            match collected.result().unwrap_err() {
                TaskError::Lost => {
                    assert!(!cancelled);
                    reach("failed");
                }
                TaskError::Cancelled => {
                    assert!(cancelled);
                    reach("cancelled");
                }
                other => panic!("{other}"),
            }
            join([dropper]);
            assert!(second.cancelled());
        },
    );
}

#[test]
fn two_close_a_circle() {
    model(
        "N6 two_close_a_circle",
        "of two chains that are resolved to each other at the same time at least one finds the circle, \
         and both end",
        Bound::Preemptions(3),
        &[],
        || {
            let (one_writer, one) = promise();
            let (other_writer, other) = promise();
            let one: Future<Payload> = one.flatten();
            let other: Future<Payload> = other.flatten();
            let (to_one, to_other) = (one.clone(), other.clone());
            let setter = thread(move || assert!(one_writer.finish(Ok(to_other))));
            assert!(other_writer.finish(Ok(to_one)));
            assert!(matches!(one.result(), Err(TaskError::Cycle)));
            assert!(matches!(other.result(), Err(TaskError::Cycle)));
            join([setter]);
        },
    );
}

#[test]
fn resolved_to_a_queued_task() {
    model(
        "N7 resolved_to_a_queued_task",
        "a worker that sleeps for a flattened future runs the task behind it that this comes to depend on",
        Bound::Preemptions(2),
        &["slept", "did not sleep"],
        || {
            let pool = ThreadPoolExecutor::builder().max_workers(1);
            let pool = pool.when_starved(WhenStarved::Help).build().unwrap();
            let (tell, told) = promise::<Future<Payload>>();
            let flat = told.flatten();
            let waits = pool
                .spawn(move || Ok(Payload::new(flat.result()?.value() + 1)))
                .unwrap();
            let behind = pool.spawn(|| Ok(Payload::new(7))).unwrap();
            assert!(tell.finish(Ok(behind)));
            assert_eq!(waits.result().unwrap().value(), 8);
            reach(if crate::sync::sleeps() > 0 {
                "slept"
            } else {
                "did not sleep"
            });
            pool.shut_down(true, false);
        },
    );
}

#[test]
fn chain_in_the_making() {
    model(
        "N8 chain_in_the_making",
        "a worker may sleep for the end of a chain whose source has ended and whose first link is not made yet",
        Bound::Preemptions(2),
        &["slept", "did not sleep"],
        || {
            let pool = ThreadPoolExecutor::new(1).unwrap();
            let (promise, base) = promise();
            let last = add_one(&add_one(&base));
            let waits = pool.spawn(move || Ok(Payload::new(last.result()?.value())));
            assert!(promise.finish(Ok(Payload::new(7))));
            assert_eq!(waits.unwrap().result().unwrap().value(), 9);
            reach(if crate::sync::sleeps() > 1 {
                "slept"
            } else {
                "did not sleep"
            });
            pool.shut_down(true, false);
        },
    );
}

#[test]
fn waits_before_what_it_makes() {
    model(
        "N9 waits_before_what_it_makes",
        "of a callback outside and a task that waits for what is made behind it, each waiting for the other, the \
         last one to sleep is told, and both end",
        Bound::Preemptions(2),
        &["the callback was told", "the task was told"],
        || {
            let pool = ThreadPoolExecutor::new(1).unwrap();
            let (promise, base) = promise();
            let (tell, told) = crate::base::promise::<Future<Payload>>();
            base.add_done_callback(callback(move |_| {
                let task = told.into_result().unwrap();
                match task.result() {
                    Ok(value) => assert_eq!(value.value(), 0),
                    Err(TaskError::Deadlock(_)) => reach("the callback was told"),
                    Err(error) => panic!("{error}"),
                }
            }));
            let made = add_one(&base);
            let waits = pool.spawn(move || match made.result() {
                Ok(value) => Ok(Payload::new(value.value())),
                Err(TaskError::Deadlock(_)) => {
                    reach("the task was told");
                    Ok(Payload::new(0))
                }
                Err(error) => panic!("{error}"),
            });
            let waits = waits.unwrap();
            tell.finish(Ok(waits.clone()));
            assert!(promise.finish(Ok(Payload::new(7))));
            assert!([0, 8].contains(&waits.result().unwrap().value()));
            pool.shut_down(true, false);
        },
    );
}

#[test]
fn fails_while_another_sleeps_before_it() {
    model(
        "N10 fails_while_another_sleeps_before_it",
        "a task waits for a collected future that a failing source is about to end, while who would count the \
         other one waits for that task: nobody is told of a deadlock",
        Bound::Preemptions(2),
        &[],
        || {
            let pool = ThreadPoolExecutor::new(1).unwrap();
            let (mut one, first) = promise::<Payload>();
            assert!(one.claim());
            let (other, second) = promise::<Payload>();
            // Set before there is a thread that reads it.
            let task = std::sync::Arc::new(std::sync::OnceLock::<Future<Payload>>::new());
            let told = std::sync::Arc::clone(&task);
            first.add_done_callback(callback(move |_| {
                let task = told.get().unwrap();
                assert_eq!(task.result().unwrap().value(), 5);
            }));
            let collected = collect([first, second]);
            let waits = pool.spawn(move || match collected.result() {
                Err(TaskError::Lost) => Ok(Payload::new(5)),
                other => panic!("{:?}", other.map(|_| ())),
            });
            assert!(task.set(waits.unwrap()).is_ok());
            let setter = thread(move || assert!(one.finish(Ok(Payload::new(7)))));
            drop(other);
            join([setter]);
            pool.shut_down(true, false);
        },
    );
}

#[test]
fn forgets_what_was_cancelled() {
    model(
        "N11 forgets_what_was_cancelled",
        "a future that ends while one derived from it is cancelled, whose callback it then forgets, still ends the \
         other one",
        Bound::Preemptions(3),
        &["cancelled", "made"],
        || {
            let (promise, base) = promise();
            let (kept, cancelled) = (add_one(&base), add_one(&base));
            drop(base);
            let setter = thread(move || assert!(promise.finish(Ok(Payload::new(7)))));
            reach(if cancelled.cancel() {
                "cancelled"
            } else {
                "made"
            });
            assert_eq!(kept.result().unwrap().value(), 8);
            join([setter]);
        },
    );
}
