//! Models of wrong programs, each of which must fail: proof that a failure in a task is not
//! swallowed by the pool that runs it, and that each kind of fault is seen at all. And what the harness
//! refuses to run.

use crate::base::{ThreadPoolExecutor, promise};
use crate::counter::Plain;
use crate::harness::{Bound, Child, Payload, callback, model, must_fail, run_test, thread};
use crate::sync::{Arc, Condvar, Mutex, UnsafeCell};

pub(crate) const CHILDREN: &[Child] = &[
    ("race in a task", race_in_a_task),
    ("assertion in a task", assertion_in_a_task),
    ("assertion in a callback", assertion_in_a_callback),
    ("deadlock", deadlock),
    ("leaked cell", leaked_cell),
    ("leaked payload", leaked_payload),
    ("nothing shared", nothing_shared),
    ("outcome never reached", outcome_never_reached),
];

/// A model that is about its failure alone.
fn wrong(name: &'static str, body: fn()) {
    model(name, "must fail", Bound::Exhaustive, &[], body);
}

#[test]
fn a_race_in_a_task_is_reported() {
    must_fail("race in a task", "Causality violation");
}

fn race_in_a_task() {
    wrong("race in a task", || {
        let pool = ThreadPoolExecutor::new(1).unwrap();
        let data = Arc::new(Plain(UnsafeCell::new(0)));
        let written = Arc::clone(&data);
        let task = pool.spawn(move || {
            written.set(1);
            Ok(())
        });
        data.set(2);
        task.unwrap().result().unwrap();
    });
}

#[test]
fn a_false_assertion_in_a_task_is_reported() {
    must_fail("assertion in a task", "one and one is three");
}

fn assertion_in_a_task() {
    wrong("assertion in a task", || {
        let pool = ThreadPoolExecutor::new(1).unwrap();
        let task = pool.spawn(|| {
            assert_eq!(1 + 1, 3, "one and one is three");
            Ok(())
        });
        drop(task.unwrap().result());
    });
}

#[test]
fn a_false_assertion_in_a_callback_is_reported() {
    must_fail("assertion in a callback", "one and one is three");
}

fn assertion_in_a_callback() {
    wrong("assertion in a callback", || {
        let (promise, future) = promise();
        future.add_done_callback(callback(|_| assert_eq!(1 + 1, 3, "one and one is three")));
        let setter = thread(move || drop(promise));
        setter.join().unwrap();
    });
}

#[test]
fn a_deadlock_is_reported() {
    must_fail("deadlock", "deadlock; threads =");
}

/// The oldest mistake with a condition variable: the wait does not ask whether it is too late.
fn deadlock() {
    wrong("deadlock", || {
        let place = Arc::new((Mutex::new(false), Condvar::new()));
        let clone = Arc::clone(&place);
        let setter = thread(move || {
            *clone.0.lock() = true;
            clone.1.notify_one();
        });
        drop(place.1.wait(place.0.lock()));
        setter.join().unwrap();
    });
}

#[test]
fn a_leaked_cell_is_reported() {
    must_fail("leaked cell", "Allocation leaked");
}

fn leaked_cell() {
    wrong("leaked cell", || {
        let (promise, future) = promise::<u8>();
        let setter = thread(move || {
            promise.finish(Ok(1));
        });
        std::mem::forget(future.clone());
        future.result().unwrap();
        setter.join().unwrap();
    });
}

#[test]
fn a_leaked_payload_is_reported() {
    must_fail("leaked payload", "payloads made and dropped");
}

fn leaked_payload() {
    wrong("leaked payload", || std::mem::forget(Payload::new(1)));
}

#[test]
fn a_model_in_which_nothing_is_shared_is_reported() {
    must_fail("nothing shared", "a single interleaving");
}

fn nothing_shared() {
    wrong("nothing shared", || drop(thread(|| {})));
}

#[test]
fn an_outcome_that_is_never_reached_is_reported() {
    must_fail("outcome never reached", "never comes to: snow in July");
}

fn outcome_never_reached() {
    model(
        "outcome never reached",
        "must fail",
        Bound::Exhaustive,
        &["snow in July"],
        || {},
    );
}

/// Each of these changes what loom explores, and with most of them it reports success all the same.
#[test]
fn a_limit_from_the_environment_is_refused() {
    const LIMITS: [&str; 6] = [
        "LOOM_MAX_PREEMPTIONS",
        "LOOM_MAX_PERMUTATIONS",
        "LOOM_MAX_DURATION",
        "LOOM_MAX_BRANCHES",
        "LOOM_CHECKPOINT_INTERVAL",
        "LOOM_CHECKPOINT_FILE",
    ];
    for limit in LIMITS {
        let (failed, output) = run_test("waiting::wait_duplicate", (limit, "0")).unwrap();
        let refusal = format!("{limit}=0 would change what a model explores");
        assert!(
            failed && output.contains(&refusal),
            "{limit} should have been refused:\n{output}"
        );
    }
}
