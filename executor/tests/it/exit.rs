//! The end of a process in which an executor still runs: nothing waits for it.

use std::io::{BufRead, BufReader, Write, stdout};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::thread;
use std::time::{Duration, Instant};

use executor::Executor;

use crate::backends::{Backend, on_every_executor};
use crate::gate::{Gate, Marks, leave_mark, pass};

/// What a process is to do that a scenario starts: the way that it ends, the gate, the marks.
const WAY: &str = "EXECUTOR_TESTS_EXIT";

/// What such a process says when its first task runs.
const RUNNING: &str = "the first task runs";

on_every_executor!(
    a_process_that_leaks_an_executor_ends_and_leaves_what_is_queued,
    a_process_with_an_executor_in_a_static_ends_and_leaves_what_is_queued,
    a_process_that_exits_within_the_scope_of_an_executor_leaves_what_is_queued,
    a_process_that_drops_its_executor_runs_what_is_queued,
);

/// Whether this is a process that a scenario has started; then it has done what it is to.
fn is_program<B: Backend>() -> bool {
    static IN_A_STATIC: OnceLock<Box<dyn Send + Sync>> = OnceLock::new();
    let Ok(way) = std::env::var(WAY) else {
        return false;
    };
    let words: Vec<_> = way.split(' ').map(str::to_owned).collect();
    let [way, gate, marks] = &words[..] else {
        panic!("{words:?}")
    };
    let pool = B::pool(1);
    let running = pool.submit(pass, (gate.clone(),)).unwrap();
    for n in 0..3 {
        pool.submit(leave_mark, (marks.clone(), n)).unwrap();
    }
    while !(running.running() || running.done()) {
        thread::yield_now();
    }
    // Not by `println!`, which the test harness keeps.
    let said = stdout().write_all(format!("{RUNNING}\n").as_bytes());
    said.unwrap();
    match way.as_str() {
        "leak" => std::mem::forget(pool),
        "static" => drop(IN_A_STATIC.set(Box::new(pool))),
        "exit" => std::process::exit(0),
        _ => drop(pool),
    }
    true
}

/// Runs the test that calls this in a process that ends in the given way.
fn start<B: Backend>(name: &str, way: &str, gate: &Gate, marks: &Marks) -> Child {
    // The module is the executor's name in small letters; see `on_executor`.
    let executor = std::any::type_name::<B>().rsplit("::").next().unwrap();
    let test = format!("exit::{}::{name}", executor.to_lowercase());
    Command::new(std::env::current_exe().unwrap())
        .args([&test, "--exact"])
        .env(WAY, format!("{way} {} {}", gate.key(), marks.key()))
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap()
}

/// Waits until its first task runs; false if it ends before.
fn is_running(process: &mut Child) -> bool {
    // Not taken: it is to be able to write until its end.
    let output = BufReader::new(process.stdout.as_mut().unwrap());
    let mut lines = output.lines().map_while(Result::ok);
    lines.any(|line| line.contains(RUNNING))
}

/// Waits for a process, for as long as a watchdog would.
fn succeeds(mut process: Child) -> bool {
    let deadline = Instant::now() + Duration::from_secs(50);
    loop {
        if let Some(status) = process.try_wait().unwrap() {
            return status.success();
        }
        if Instant::now() > deadline {
            process.kill().unwrap();
            process.wait().unwrap();
            return false;
        }
        thread::yield_now();
    }
}

fn leaves_what_is_queued<B: Backend>(name: &str, way: &str) {
    if is_program::<B>() {
        return;
    }
    let marks = Marks::new();
    let gate = Gate::new();
    let mut process = start::<B>(name, way, &gate, &marks);
    assert!(is_running(&mut process), "{:?}", process.wait());
    assert!(succeeds(process), "the task that runs holds the process");
    gate.open();
    assert_eq!(marks.tasks(), 0);
}

fn a_process_that_leaks_an_executor_ends_and_leaves_what_is_queued<B: Backend>() {
    leaves_what_is_queued::<B>(
        "a_process_that_leaks_an_executor_ends_and_leaves_what_is_queued",
        "leak",
    );
}

fn a_process_with_an_executor_in_a_static_ends_and_leaves_what_is_queued<B: Backend>() {
    leaves_what_is_queued::<B>(
        "a_process_with_an_executor_in_a_static_ends_and_leaves_what_is_queued",
        "static",
    );
}

fn a_process_that_exits_within_the_scope_of_an_executor_leaves_what_is_queued<B: Backend>() {
    leaves_what_is_queued::<B>(
        "a_process_that_exits_within_the_scope_of_an_executor_leaves_what_is_queued",
        "exit",
    );
}

fn a_process_that_drops_its_executor_runs_what_is_queued<B: Backend>() {
    if is_program::<B>() {
        return;
    }
    let marks = Marks::new();
    let gate = Gate::new();
    let mut process = start::<B>(
        "a_process_that_drops_its_executor_runs_what_is_queued",
        "drop",
        &gate,
        &marks,
    );
    assert!(is_running(&mut process), "{:?}", process.wait());
    gate.open();
    assert!(succeeds(process));
    assert_eq!(marks.tasks(), 3);
}
