//! Random cases, compared with what each is to leave. The seed is fixed: what fails fails again.

use std::panic::resume_unwind;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Barrier};
use std::thread;

use proptest::collection::vec;
use proptest::prelude::{any, prop_oneof};
use proptest::strategy::Strategy;
use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestRng, TestRunner};

use crate::pool::{Failure, Handle, Pool};
use crate::scenario::{accepted, ensure, fail, lacks, scenarios};

scenarios!("properties":
    each_task_leaves_what_its_script_says,
    no_more_tasks_run_together_than_there_are_workers,
    around_a_shutdown_each_task_is_run_or_refused,
);

/// Each case starts pools of its own.
const CASES: u32 = 48;

/// Runs the cases; of those that fail the smallest is told.
fn check<S: Strategy>(strategy: S, test: impl Fn(S::Value) -> Result<(), String>) {
    let config = Config {
        cases: CASES,
        failure_persistence: None,
        ..Config::default()
    };
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &[20; 32]);
    let outcome = TestRunner::new_with_rng(config, rng)
        .run(&strategy, |value| test(value).map_err(TestCaseError::fail));
    if let Err(failure) = outcome {
        fail(failure.to_string());
    }
}

#[derive(Clone, Debug)]
enum Script {
    Return(i64),
    Panic(String),
}

fn each_task_leaves_what_its_script_says<P: Pool>() {
    let script = prop_oneof![
        3 => any::<i64>().prop_map(Script::Return),
        1 => "[a-z]{0,8}".prop_map(Script::Panic),
    ];
    check((1..4_usize, vec(script, 0..20)), |(workers, scripts)| {
        let pool = P::start(workers);
        let act = |script: Script| match script {
            Script::Return(value) => value.wrapping_mul(3),
            // Not by `panic!`, which would report thousands of them.
            Script::Panic(text) => resume_unwind(Box::new(text)),
        };
        let submit = |script: &Script| {
            let script = script.clone();
            accepted(pool.submit(move || act(script)))
        };
        let handles: Vec<_> = scripts.iter().map(submit).collect();
        for (script, handle) in scripts.iter().zip(handles) {
            let (result, expected) = match script {
                Script::Return(value) => (handle.join(), Ok(value.wrapping_mul(3))),
                Script::Panic(text) => (handle.join(), Err(Failure::Panicked(text.clone()))),
            };
            if result != expected {
                return Err(format!("{script:?} left {result:?}"));
            }
        }
        Ok(())
    });
}

fn no_more_tasks_run_together_than_there_are_workers<P: Pool>() {
    check((1..5_usize, 0..40_usize), |(workers, tasks)| {
        let pool = P::start(workers);
        let (now, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
        let submit = |_| {
            let (now, most) = (Arc::clone(&now), Arc::clone(&most));
            accepted(pool.submit(move || {
                // ORDERING: SeqCst, so that the count is at no moment less than who is in.
                most.fetch_max(now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                thread::yield_now();
                now.fetch_sub(1, Ordering::SeqCst);
            }))
        };
        let handles: Vec<_> = (0..tasks).map(submit).collect();
        for handle in handles {
            handle
                .join()
                .map_err(|failure| format!("a task left {failure:?}"))?;
        }
        match most.load(Ordering::SeqCst) {
            most if most <= workers => Ok(()),
            most => Err(format!("{most} tasks together on {workers} workers")),
        }
    });
}

fn around_a_shutdown_each_task_is_run_or_refused<P: Pool>() {
    check((1..4_usize, 0..12_usize), |(workers, before)| {
        let (pool, runs) = (P::start(workers), Arc::new(AtomicUsize::new(0)));
        let moment = Barrier::new(2);
        let submit = || {
            let runs = Arc::clone(&runs);
            // ORDERING: Relaxed, read after the shutdown and the joins.
            pool.submit(move || runs.fetch_add(1, Ordering::Relaxed))
        };
        let handles = thread::scope(|scope| {
            let submitter = scope.spawn(|| {
                let mut handles: Vec<_> = (0..before).map(|_| submit()).collect();
                moment.wait();
                handles.extend((before..24).map(|_| submit()));
                handles
            });
            moment.wait();
            pool.shut_down().unwrap_or_else(|| lacks("shutdown"));
            submitter.join().unwrap_or_else(|_| fail("a submit panics"))
        });
        ensure!(
            handles[..before].iter().all(Result::is_ok),
            "an open pool refuses a task"
        );
        let mut accepted = 0;
        for handle in handles.into_iter().flatten() {
            handle
                .join()
                .map_err(|failure| format!("an accepted task left {failure:?}"))?;
            accepted += 1;
        }
        // ORDERING: Relaxed, see above.
        match runs.load(Ordering::Relaxed) {
            runs if runs == accepted => Ok(()),
            runs => Err(format!("{accepted} tasks were accepted and {runs} ran")),
        }
    });
}
