//! A test without the harness: a `main` like that of any program, which no worker may run.
//!
//! A process pool asks nothing of the place that it is used in: no call, no macro, no guard. The
//! other places have their tests too: programs in `it/examples.rs`, unit tests in
//! `src/process/`, integration tests throughout `it/`, doctests in the documentation of
//! `ProcessPoolExecutor`, and benchmarks in `cargo bench`, which the full run ends with.

#[path = "it/watchdog.rs"]
mod watchdog;

use std::env;
use std::process::{Command, Stdio, exit, id};

use executor::ProcessPoolExecutor;

/// Given to the process that runs the pool.
const MARK: &str = "EXECUTOR_TESTS_NO_HARNESS";

fn main() {
    if env::args()
        .next()
        .is_some_and(|name| name == "executor-worker")
    {
        // Not on: as it is, each worker would start another.
        println!("main of a worker");
        exit(1);
    }
    if env::var_os(MARK).is_some() {
        use_a_pool();
    } else {
        watchdog::watch(workers_run_no_main);
        println!("test workers_run_no_main ... ok");
    }
}

fn use_a_pool() {
    println!("main");
    let pool = ProcessPoolExecutor::new(2).expect("a pool");
    let pids = pool.map(|_: u32| id(), 0..10).expect("tasks");
    let others = pids.filter(|pid| pid.as_ref().is_ok_and(|pid| *pid != id()));
    println!("{} tasks in other processes", others.count());
}

fn workers_run_no_main() {
    let output = Command::new(env::current_exe().expect("the path of this binary"))
        .env(MARK, "1")
        .stdin(Stdio::null())
        .stderr(Stdio::inherit())
        .output()
        .expect("a process that has a pool");
    let said = String::from_utf8(output.stdout).expect("text");
    assert!(output.status.success(), "{}\n{said}", output.status);
    assert_eq!(said, "main\n10 tasks in other processes\n");
}
