//! What a manager has, as seen from outside: objects, clients, descriptors.

use std::fs;
use std::thread;
use std::time::{Duration, Instant};

use executor::Manager;

/// How long something may take that nothing stands in the way of.
const PATIENCE: Duration = Duration::from_secs(20);

/// Waits until what is counted is so many; fails if it stays different.
pub(super) fn await_number(what: &str, number: usize, count: impl Fn() -> usize) {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let now = count();
        if now == number {
            return;
        }
        assert!(Instant::now() < deadline, "{now} {what}, not {number}");
        thread::yield_now();
    }
}

/// Waits until the manager holds so many objects. Others may still drop proxies; and for the moment
/// in which another test starts a process, that has copies of all descriptors, so of all proxies.
pub(super) fn await_objects(manager: &Manager, number: usize) {
    await_number("objects", number, || manager.object_count().unwrap());
}

/// Waits until the manager serves so many clients: whoever has left has given back what it had.
pub(super) fn await_clients(manager: u32, number: usize) {
    await_number("clients", number, || clients(manager));
}

/// How many clients the manager with this pid serves: each has a thread there.
pub(super) fn clients(manager: u32) -> usize {
    let threads = fs::read_dir(format!("/proc/{manager}/task")).expect("the manager's threads");
    threads
        .filter_map(|thread| fs::read_to_string(thread.ok()?.path().join("comm")).ok())
        .filter(|name| name.trim_end() == "manager_client")
        .count()
}

/// How many descriptors a process has.
pub(super) fn descriptors(pid: u32) -> usize {
    let descriptors = fs::read_dir(format!("/proc/{pid}/fd"));
    descriptors.expect("the descriptors of a process").count()
}

/// Waits until the manager has done all that it was asked: each of its threads sleeps. A thread
/// wakes as somebody sends it a request, so what has been sent has been taken in.
pub(super) fn await_idle(manager: u32) {
    let busy = || {
        let threads = fs::read_dir(format!("/proc/{manager}/task")).expect("the manager's threads");
        let stats = threads.filter_map(|it| fs::read_to_string(it.ok()?.path().join("stat")).ok());
        stats.filter(|stat| !stat.contains(") S ")).count()
    };
    await_number("busy threads", 0, busy);
}
