//! Who becomes a worker, and who does not.

use std::collections::HashSet;
use std::io::Read;
use std::os::unix::net::UnixStream;
use std::os::unix::process::CommandExt;
use std::process::{Command, Output, Stdio};

use executor::{BuildError, Executor, ProcessPoolExecutor};

use super::deaths::exists;
use crate::gate::{Gate, pass};
use crate::watchdog::watch;

/// The exit code of a process that is called a worker and can't become one.
const REFUSED: i32 = 71;

#[test]
fn tasks_run_in_other_processes_which_are_reused() {
    watch(|| {
        let pool = ProcessPoolExecutor::new(2).unwrap();
        let pids: HashSet<u32> = pool
            .map(|_: u32| std::process::id(), 0..50)
            .unwrap()
            .collect::<Result<_, _>>()
            .unwrap();
        assert!((1..=2).contains(&pids.len()), "{pids:?}");
        assert!(!pids.contains(&std::process::id()));
    });
}

#[test]
fn one_task_after_another_needs_one_process() {
    watch(|| {
        let pool = ProcessPoolExecutor::new(4).unwrap();
        for _ in 0..20 {
            pool.submit(|| (), ()).unwrap().result().unwrap();
        }
        assert_eq!(pool.worker_pids().len(), 1);
    });
}

#[test]
fn sixty_waiting_tasks_have_as_many_processes_as_allowed() {
    watch(|| {
        let pool = ProcessPoolExecutor::new(3).unwrap();
        let mut gate = Gate::new();
        let futures: Vec<_> = (0..60)
            .map(|_| pool.submit(pass, (gate.key(),)).unwrap())
            .collect();
        gate.await_arrivals(3);
        assert_eq!(pool.worker_pids().len(), 3);
        gate.open();
        futures.iter().for_each(|future| {
            future.result().unwrap();
        });
        assert_eq!(pool.worker_pids().len(), 3);
    });
}

#[test]
fn a_pool_that_is_not_used_starts_no_process() {
    watch(|| {
        let pool = ProcessPoolExecutor::new(2).unwrap();
        assert_eq!(pool.worker_pids(), []);
    });
}

#[test]
fn no_workers_is_an_error() {
    assert!(matches!(
        ProcessPoolExecutor::new(0),
        Err(BuildError::NoWorkers)
    ));
}

#[test]
fn a_worker_has_an_empty_standard_input() {
    watch(|| {
        let pool = ProcessPoolExecutor::new(1).unwrap();
        let task = || {
            std::io::stdin()
                .read(&mut [0; 8])
                .map_err(|error| error.to_string())
        };
        assert_eq!(*pool.submit(task, ()).unwrap().result().unwrap(), Ok(0));
    });
}

#[test]
fn a_worker_can_have_a_pool_of_its_own() {
    watch(|| {
        let nested = || {
            let pool = ProcessPoolExecutor::new(1).unwrap();
            let pid = pool.submit(std::process::id, ()).unwrap();
            (std::process::id(), *pid.result().unwrap())
        };
        let pool = ProcessPoolExecutor::new(1).unwrap();
        let (worker, nested) = *pool.submit(nested, ()).unwrap().result().unwrap();
        assert_ne!(worker, nested);
        assert!(!exists(nested));
    });
}

/// Starts this executable as a task's child: the test harness lists this very test.
fn list_this_test() -> String {
    let output = Command::new("/proc/self/exe")
        .args(["a_child_of_a_task_is_no_worker", "--list"])
        .output()
        .unwrap();
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn a_child_of_a_task_is_no_worker() {
    watch(|| {
        let pool = ProcessPoolExecutor::new(1).unwrap();
        let list = pool
            .submit(list_this_test, ())
            .unwrap()
            .into_result()
            .unwrap();
        assert!(
            list.contains("a_child_of_a_task_is_no_worker: test"),
            "{list}"
        );
    });
}

/// Starts this executable under a worker's name; it would list tests if it ran `main`.
fn called_a_worker(stdin: Stdio) -> Output {
    Command::new("/proc/self/exe")
        .arg0("executor-worker")
        .arg("--list")
        .stdin(stdin)
        .output()
        .unwrap()
}

fn assert_refused(output: &Output, why: &str) {
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(REFUSED), "{said}");
    assert!(said.contains(why), "{said}");
    assert!(output.stdout.is_empty(), "it ran main");
}

#[test]
fn the_name_of_a_worker_without_a_socket_is_refused() {
    assert_refused(&called_a_worker(Stdio::null()), "not a socket of a parent");
}

#[test]
fn a_greeting_that_is_none_is_refused() {
    use std::io::Write;
    let (mut ours, theirs) = UnixStream::pair().unwrap();
    ours.write_all(&[7; 100]).unwrap();
    let output = called_a_worker(Stdio::from(std::os::fd::OwnedFd::from(theirs)));
    assert_refused(&output, "greeting");
}

#[test]
fn a_parent_that_says_nothing_is_refused() {
    let (ours, theirs) = UnixStream::pair().unwrap();
    drop(ours);
    let output = called_a_worker(Stdio::from(std::os::fd::OwnedFd::from(theirs)));
    assert_refused(&output, "said nothing");
}

#[test]
fn a_socket_that_leads_to_another_process_is_refused() {
    watch(|| {
        // The grandparent has made the pair, so the peer is not the parent.
        let (_ours, theirs) = UnixStream::pair().unwrap();
        let output = Command::new("sh")
            .args([
                "-c",
                "exec 3<&0; (exec -a executor-worker \"$0\" --list <&3); exit $?",
            ])
            .arg(std::env::current_exe().unwrap())
            .stdin(Stdio::from(std::os::fd::OwnedFd::from(theirs)))
            .output()
            .unwrap();
        // Not every `sh` knows `exec -a`; `bash` does.
        if !String::from_utf8_lossy(&output.stderr).contains("exec") {
            assert_refused(&output, "not to the parent");
        }
    });
}
