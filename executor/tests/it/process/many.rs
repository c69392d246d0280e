//! Many tasks, several pools, and how many processes they come to.

use std::collections::HashSet;

use executor::{
    Executor, Future, ProcessPoolExecutor, ReturnWhen, Shutdown, TaskError, WorkerExit, wait,
};
use serde::{Deserialize, Serialize};

use crate::gate::{Gate, Marks, leave_mark, pass};
use crate::watchdog::watch;

#[test]
fn three_pools_at_once_do_a_hundred_tasks_each() {
    watch(|| {
        let pools = [(); 3].map(|()| ProcessPoolExecutor::new(2).unwrap());
        let futures: Vec<Future<u32>> = pools
            .iter()
            .flat_map(|pool| (0..100).map(move |n| pool.submit(|n: u32| n, (n,)).unwrap()))
            .collect();
        assert!(wait(&futures, ReturnWhen::AllCompleted).not_done.is_empty());
        for (n, future) in futures.iter().enumerate() {
            assert_eq!(*future.result().unwrap() as usize, n % 100);
        }
    });
}

#[test]
fn a_long_task_and_short_ones_after_another_need_two_processes() {
    watch(|| {
        let pool = ProcessPoolExecutor::new(5).unwrap();
        let mut gate = Gate::new();
        let long = pool.submit(pass, (gate.key(),)).unwrap();
        gate.await_arrivals(1);
        let pids: HashSet<u32> = (0..6)
            .map(|_| pool.submit(std::process::id, ()).unwrap())
            .map(|future| future.into_result().unwrap())
            .collect();
        assert_eq!((pids.len(), pool.worker_pids().len()), (1, 2));
        gate.open();
        long.result().unwrap();
    });
}

#[test]
fn a_pool_with_a_hundred_tasks_that_is_killed_ends_at_once() {
    watch(|| {
        let marks = Marks::new();
        let pool = ProcessPoolExecutor::new(2).unwrap();
        let mut gate = Gate::new();
        let running = [(); 2].map(|()| pool.submit(pass, (gate.key(),)).unwrap());
        gate.await_arrivals(2);
        let queued: Vec<_> = (0..98)
            .map(|n| pool.submit(leave_mark, (marks.key(), n)).unwrap())
            .collect();
        pool.kill_workers();
        pool.shutdown(Shutdown::wait());
        for future in running {
            let Err(TaskError::WorkerDied(death)) = future.result() else {
                panic!("{future:?}")
            };
            assert_eq!(death.exit, WorkerExit::Signal(9));
        }
        assert!(queued.iter().all(Future::cancelled));
        assert_eq!(marks.tasks(), 0);
        gate.open();
    });
}

/// Leaves a mark when it is dropped.
#[derive(Serialize, Deserialize)]
struct Leaving {
    marks: String,
}

impl Drop for Leaving {
    fn drop(&mut self) {
        leave_mark(self.marks.clone(), std::process::id());
    }
}

#[test]
fn an_argument_was_dropped_in_the_worker_when_its_task_has_finished() {
    watch(|| {
        let marks = Marks::new();
        let pool = ProcessPoolExecutor::new(1).unwrap();
        let argument = Leaving { marks: marks.key() };
        let task = |argument: Leaving| {
            drop(argument);
            std::process::id()
        };
        let pid = *pool.submit(task, (argument,)).unwrap().result().unwrap();
        assert_eq!(marks.count(pid), 1);
        let kept = |_argument: Leaving| std::process::id();
        let argument = Leaving { marks: marks.key() };
        pool.submit(kept, (argument,)).unwrap().result().unwrap();
        assert_eq!(marks.count(pid), 2);
        assert_eq!(marks.count(std::process::id()), 2, "and here, once encoded");
    });
}
