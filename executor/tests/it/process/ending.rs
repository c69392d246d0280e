//! Pools that are ended by force.

use std::thread::{sleep, yield_now};
use std::time::Duration;

use executor::{Executor, OnWorkerDeath, ProcessPoolExecutor, Shutdown, SubmitError, TaskError};

use super::deaths::{await_end, kill};
use super::options::builder;
use crate::gate::{Gate, Marks, leave_mark, pass};
use crate::watchdog::watch;

/// Ends a busy pool by force, and says by which signal the running task's worker died.
fn end_by_force(end: fn(&ProcessPoolExecutor)) -> i32 {
    let pool = builder(1).build().unwrap();
    let marks = Marks::new();
    let mut gate = Gate::new();
    let running = pool.submit(pass, (gate.key(),)).unwrap();
    gate.await_arrivals(1);
    let pending: Vec<_> = (0..10)
        .map(|n| pool.submit(leave_mark, (marks.key(), n)).unwrap())
        .collect();
    end(&pool);
    assert!(matches!(
        pool.submit(|| 1, ()).map_err(SubmitError::from),
        Err(SubmitError::ShutDown)
    ));
    for future in pending {
        assert!(future.cancelled(), "{future:?}");
    }
    let Err(TaskError::WorkerDied(death)) = running.result() else {
        panic!("{running:?}")
    };
    await_end(death.pid);
    assert_eq!(marks.tasks(), 0);
    end(&pool);
    pool.shutdown(Shutdown::wait());
    match death.exit {
        executor::WorkerExit::Signal(signal) => signal,
        exit => panic!("{exit}"),
    }
}

#[test]
fn workers_can_be_terminated_and_killed() {
    watch(|| {
        assert_eq!(end_by_force(ProcessPoolExecutor::terminate_workers), 15);
        assert_eq!(end_by_force(ProcessPoolExecutor::kill_workers), 9);
    });
}

#[test]
fn a_pool_that_breaks_is_not_broken_by_the_end_that_was_asked_for() {
    watch(|| {
        let pool = builder(2)
            .on_worker_death(OnWorkerDeath::Break)
            .build()
            .unwrap();
        let mut gate = Gate::new();
        let running: Vec<_> = (0..2)
            .map(|_| pool.submit(pass, (gate.key(),)).unwrap())
            .collect();
        gate.await_arrivals(2);
        pool.kill_workers();
        for future in running {
            assert!(matches!(future.result(), Err(TaskError::WorkerDied(_))));
        }
    });
}

#[test]
fn a_stopped_worker_can_be_terminated() {
    watch(|| {
        let pool = builder(1).build().unwrap();
        let mut gate = Gate::new();
        let running = pool.submit(pass, (gate.key(),)).unwrap();
        gate.await_arrivals(1);
        kill(pool.worker_pids()[0], "-STOP");
        pool.terminate_workers();
        assert!(matches!(running.result(), Err(TaskError::WorkerDied(_))));
    });
}

#[test]
fn a_pool_that_was_not_used_or_is_broken_can_be_ended_by_force() {
    watch(|| {
        for end in [
            ProcessPoolExecutor::terminate_workers,
            ProcessPoolExecutor::kill_workers,
        ] {
            end(&builder(1).build().unwrap());
            let broken = builder(1).initializer(|| panic!("no"), ()).build().unwrap();
            drop(broken.submit(|| 1, ()).unwrap().result());
            end(&broken);
        }
    });
}

fn begin_and_end(marks: String, gate: String) {
    leave_mark(marks.clone(), 1);
    pass(gate);
    leave_mark(marks, 2);
}

#[test]
fn a_worker_that_is_sent_away_before_its_initializer_began_comes_to_its_end() {
    watch(|| {
        for _ in 0..5 {
            let (marks, mut gate) = (Marks::new(), Gate::new());
            let builder = builder(1).initializer(begin_and_end, (marks.key(), gate.key()));
            let pool = builder.build().unwrap();
            drop(pool.submit(|| 1, ()).unwrap());
            while pool.worker_pids().is_empty() {
                yield_now();
            }
            pool.shutdown(Shutdown::no_wait().cancel_pending());
            gate.await_arrivals(1);
            // Time for a supervisor that thinks it broke the protocol to kill it.
            sleep(Duration::from_millis(20));
            gate.open();
            pool.shutdown(Shutdown::wait());
            assert_eq!((marks.count(1), marks.count(2)), (1, 1));
        }
    });
}
