//! Many workers, one after another: each that has ended leaves nothing.

use std::fs;
use std::time::Duration;

use executor::{ProcessPoolExecutor, TaskError, WorkerExit};
use rustix::process::{Signal, getpid, kill_process};

use crate::alone::{Footprint, alone_with};

/// How many tasks are on their way at a time.
const BATCH: u64 = 50;

/// Descriptors that a pool of two may have besides: two that leave while two come.
const FEW: usize = 16;

fn kill_oneself(_: u64) -> u64 {
    kill_process(getpid(), Signal::KILL).expect("a process can signal itself");
    unreachable!("it is dead")
}

fn descriptors() -> usize {
    fs::read_dir("/proc/self/fd")
        .expect("a folder of /proc")
        .count()
}

/// Has so many workers replaced: half of them leave after their task, half are killed in it.
fn replace(count: u64) {
    let before = Footprint::after(|| replace_batch(&pool(), 0, false));
    let pool = pool();
    let at_first = descriptors();
    for batch in 0..count / BATCH {
        replace_batch(&pool, batch * BATCH, batch % 2 == 1);
        let now = descriptors();
        assert!(now <= at_first + FEW, "{now} descriptors, {at_first} first");
    }
    // The first two took nobody's place, and the last ones need not have been replaced.
    assert!(pool.counters().replaced >= count - 4, "{pool:?}");
    drop(pool);
    before.assert_restored();
}

fn pool() -> ProcessPoolExecutor {
    let builder = ProcessPoolExecutor::builder().max_workers(2);
    builder.max_tasks_per_child(1).build().unwrap()
}

fn replace_batch(pool: &ProcessPoolExecutor, first: u64, kills: bool) {
    let submit = |n| {
        if kills {
            pool.submit(kill_oneself, (n,)).unwrap()
        } else {
            pool.submit(|n: u64| n, (n,)).unwrap()
        }
    };
    let futures: Vec<_> = (first..first + BATCH).map(submit).collect();
    for (n, future) in (first..).zip(futures) {
        match future.result() {
            Ok(result) => assert_eq!((*result, kills), (n, false)),
            Err(TaskError::WorkerDied(death)) => {
                assert_eq!((death.exit, kills), (WorkerExit::Signal(9), true));
            }
            Err(error) => panic!("{n}: {error}"),
        }
    }
}

#[test]
fn three_hundred_workers_leave_nothing() {
    alone_with(&[], Duration::from_secs(60), || replace(300));
}

#[test]
#[ignore = "takes minutes; see scripts/soak"]
fn ten_thousand_workers_leave_nothing() {
    alone_with(&[], Duration::from_secs(1800), || replace(10_000));
}
