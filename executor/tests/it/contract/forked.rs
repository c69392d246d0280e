//! Executors in a copy of the process that was forked: the workers are not there.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use executor::{Executor, Scope, Shutdown, ShutdownOutcome, SubmitError, TaskError};

use crate::backends::{Backend, on_every_executor};
use crate::deadlock::Local;
use crate::gate::{Gate, Marks, leave_mark, pass};
use crate::process::system::{Fork, exit_code, fork, leave};
use crate::watchdog::watch;

on_every_executor!(
    submit_in_a_forked_copy_is_an_error_that_gives_the_task_back,
    shutdown_in_a_forked_copy_does_nothing,
    drop_in_a_forked_copy_does_not_wait_and_harms_nobody,
    a_copy_forked_while_others_submit_does_not_hang,
    a_pool_built_in_a_forked_copy_works,
);

/// Runs `in_copy` in a copy of the process; whether it came to its end without a panic.
fn succeeds_in_copy(in_copy: impl FnOnce()) -> bool {
    match fork() {
        Fork::Original(pid) => exit_code(pid) == Some(0),
        Fork::Copy => {
            let ended = catch_unwind(AssertUnwindSafe(in_copy));
            leave(i32::from(ended.is_err()))
        }
    }
}

fn submit_in_a_forked_copy_is_an_error_that_gives_the_task_back<B: Backend>() {
    let marks = Marks::new();
    let pool = B::pool(2);
    pool.submit(|| 1, ()).unwrap().result().unwrap();
    assert!(succeeds_in_copy(|| {
        let text = "back".to_owned();
        let refused = pool.submit(leave_mark, (marks.key(), 1)).unwrap_err();
        assert!(matches!(refused.error(), SubmitError::Forked));
        let refused = pool.try_submit(|text: String| text.len(), (text,));
        let (error, task, (text,)) = refused.unwrap_err().into_parts();
        assert!(matches!(error, SubmitError::Forked));
        assert_eq!(task(text), 4);
        assert_eq!(pool.counters().workers, 0);
        assert_eq!(pool.max_workers(), 2);
    }));
    assert_eq!(*pool.submit(|| 2, ()).unwrap().result().unwrap(), 2);
    assert_eq!(marks.tasks(), 0);
}

fn shutdown_in_a_forked_copy_does_nothing<B: Backend>() {
    let pool = B::pool(1);
    let mut gate = Gate::new();
    let running = pool.submit(pass, (gate.key(),)).unwrap();
    gate.await_arrivals(1);
    let queued = pool.submit(|| 1, ()).unwrap();
    assert!(succeeds_in_copy(|| {
        let how = Shutdown::wait().cancel_pending();
        assert_eq!(pool.shutdown(how), ShutdownOutcome::NotWaited);
        assert!(!queued.cancelled());
    }));
    let next = pool.submit(|| 2, ()).unwrap();
    gate.open();
    running.result().unwrap();
    assert_eq!((*queued.result().unwrap(), *next.result().unwrap()), (1, 2));
}

fn drop_in_a_forked_copy_does_not_wait_and_harms_nobody<B: Backend>() {
    let pool = B::pool(2);
    let mut gate = Gate::new();
    let running = pool.submit(pass, (gate.key(),)).unwrap();
    gate.await_arrivals(1);
    let queued = pool.submit(|| 1, ()).unwrap();
    match fork() {
        Fork::Copy => {
            let ended = catch_unwind(AssertUnwindSafe(|| drop(pool)));
            leave(i32::from(ended.is_err()));
        }
        Fork::Original(pid) => {
            assert_eq!(exit_code(pid), Some(0));
            gate.open();
            running.result().unwrap();
            assert_eq!(*queued.result().unwrap(), 1);
            assert_eq!(*pool.submit(|| 2, ()).unwrap().result().unwrap(), 2);
        }
    }
}

fn a_copy_forked_while_others_submit_does_not_hang<B: Backend>() {
    let pool = B::pool(2);
    let over = AtomicBool::new(false);
    thread::scope(|scope| {
        for _ in 0..2 {
            // ORDERING: Relaxed, here and below; the flag guards nothing.
            scope.spawn(|| {
                while !over.load(Ordering::Relaxed) {
                    pool.submit(|| 1, ()).unwrap().result().unwrap();
                }
            });
        }
        let succeeded = (0..20).all(|_| {
            succeeds_in_copy(|| {
                assert!(pool.submit(|| 1, ()).is_err());
                pool.counters();
                pool.shutdown(Shutdown::wait());
            })
        });
        over.store(true, Ordering::Relaxed);
        assert!(succeeded);
    });
}

fn a_pool_built_in_a_forked_copy_works<B: Backend>() {
    let pool = B::pool(1);
    pool.submit(|| 1, ()).unwrap().result().unwrap();
    assert!(succeeds_in_copy(|| {
        let own = B::pool(1);
        assert_eq!(*own.submit(|| 2, ()).unwrap().result().unwrap(), 2);
        drop(own);
    }));
}

/// Neither its own thread nor anybody else runs that task; in the original the thread does.
fn assert_told_in_a_copy<P: Local>() {
    let marks = Marks::new();
    let key = marks.key();
    let pool = P::pool(1);
    let inner = Arc::clone(&pool);
    let forks = pool.go(move || {
        let child = inner.go(move || leave_mark(key, 1));
        let told = succeeds_in_copy(|| {
            let outcome = child.result();
            assert!(
                matches!(outcome, Err(TaskError::Deadlock(_))),
                "{outcome:?}"
            );
        });
        child.result().unwrap();
        told
    });
    assert!(forks.into_result().unwrap());
    assert_eq!(marks.tasks(), 1);
}

#[test]
fn a_copy_that_is_forked_in_a_task_is_told_of_waits_for_its_pool() {
    watch(|| {
        assert_told_in_a_copy::<executor::ThreadPoolExecutor>();
        #[cfg(feature = "rayon")]
        assert_told_in_a_copy::<executor::RayonExecutor>();
    });
}

/// Its own thread would run what nobody else does; but to say what is wrong is clearer.
#[test]
fn a_scope_in_a_forked_copy_accepts_nothing() {
    fn assert_refuses<'scope>(scope: &'scope Scope<'scope, '_>) {
        let refused = scope.submit(|| ()).map(drop).expect_err("it is a copy");
        assert!(matches!(refused.error(), SubmitError::Forked), "{refused}");
    }
    let threads = executor::ThreadPoolExecutor::new(1).unwrap();
    #[cfg(feature = "rayon")]
    let rayon = executor::RayonExecutor::new(1).unwrap();
    assert!(succeeds_in_copy(|| {
        threads.scope(|scope| assert_refuses(scope));
        #[cfg(feature = "rayon")]
        rayon.scope(|scope| assert_refuses(scope));
    }));
}
