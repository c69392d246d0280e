//! Who becomes a worker, who does not, and what a worker starts with.

use std::collections::{BTreeMap, HashSet};
use std::io::Read;
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::process::{Command, Stdio};

use executor::{BuildError, ProcessPoolExecutor};

use super::deaths::exists;
use crate::gate::{Gate, pass};
use crate::watchdog::watch;

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

#[test]
fn a_worker_has_the_environment_of_its_parent_and_nothing_more() {
    watch(|| {
        let environment = || -> BTreeMap<String, String> {
            let lossy = |text: std::ffi::OsString| text.to_string_lossy().into_owned();
            std::env::vars_os()
                .map(|(name, value)| (lossy(name), lossy(value)))
                .collect()
        };
        let pool = ProcessPoolExecutor::new(1).unwrap();
        let theirs = pool.submit(environment, ()).unwrap().into_result().unwrap();
        assert_eq!(theirs, environment());
    });
}

#[test]
fn a_worker_has_its_name_for_an_argument_and_nothing_more() {
    watch(|| {
        let pool = ProcessPoolExecutor::new(1).unwrap();
        let arguments = || std::env::args().collect::<Vec<_>>();
        let arguments = pool.submit(arguments, ()).unwrap().into_result().unwrap();
        assert_eq!(arguments, ["executor-worker"]);
    });
}

/// What a child of this process finds open.
fn descriptors_of_a_child() -> String {
    let output = Command::new("ls")
        .arg("/proc/self/fd")
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .output()
        .unwrap();
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn a_child_of_a_task_inherits_no_descriptor_of_the_pool() {
    watch(|| {
        let pool = ProcessPoolExecutor::new(2).unwrap();
        // Another worker, whose descriptors the parent has by now.
        let mut gate = Gate::new();
        let other = pool.submit(pass, (gate.key(),)).unwrap();
        gate.await_arrivals(1);
        let found = pool
            .submit(descriptors_of_a_child, ())
            .unwrap()
            .into_result()
            .unwrap();
        assert_eq!(found, descriptors_of_a_child());
        gate.open();
        other.result().unwrap();
    });
}

/// Starts this executable as a task's child: the test harness lists this very test.
fn list_this_test() -> String {
    // A socket to the parent, as a worker has; but not its name.
    let (_ours, theirs) = UnixStream::pair().unwrap();
    let output = Command::new("/proc/self/exe")
        .args(["a_child_of_a_task_is_no_worker", "--list"])
        .stdin(OwnedFd::from(theirs))
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
