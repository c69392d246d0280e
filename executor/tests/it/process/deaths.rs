//! Workers and parents that die.

use std::fs;
use std::io::Read;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use executor::{
    Executor, MapError, MapOptions, ProcessPoolExecutor, ReturnWhen, TaskError, WorkerDeath,
    WorkerExit, wait,
};

use crate::gate::{Gate, pass, pass_and_return};
use crate::watchdog::watch;

/// How a future's worker died.
fn death<T>(result: Result<T, TaskError>) -> WorkerDeath {
    match result {
        Err(TaskError::WorkerDied(death)) => WorkerDeath::clone(&death),
        Err(other) => panic!("{other}"),
        Ok(_) => panic!("it has a value"),
    }
}

#[test]
fn a_signal_is_told_by_its_name() {
    let names = [
        (libc::SIGHUP, "SIGHUP"),
        (libc::SIGINT, "SIGINT"),
        (libc::SIGQUIT, "SIGQUIT"),
        (libc::SIGILL, "SIGILL"),
        (libc::SIGABRT, "SIGABRT"),
        (libc::SIGBUS, "SIGBUS"),
        (libc::SIGFPE, "SIGFPE"),
        (libc::SIGKILL, "SIGKILL"),
        (libc::SIGSEGV, "SIGSEGV"),
        (libc::SIGPIPE, "SIGPIPE"),
        (libc::SIGTERM, "SIGTERM"),
        (libc::SIGXCPU, "SIGXCPU"),
        (libc::SIGXFSZ, "SIGXFSZ"),
        (libc::SIGSYS, "SIGSYS"),
    ];
    for (signal, name) in names {
        let text = WorkerExit::Signal(signal).to_string();
        assert!(text.contains(&format!("({name}")), "{text}");
    }
    let unnamed = WorkerExit::Signal(libc::SIGWINCH).to_string();
    assert_eq!(unnamed, format!("was killed by signal {}", libc::SIGWINCH));
}

pub(crate) fn kill(pid: u32, signal: &str) {
    // The shell's `kill`, for want of one in the standard library.
    let status = Command::new("kill")
        .args([signal, &pid.to_string()])
        .status();
    assert!(
        status.is_ok_and(|status| status.success()),
        "{pid} is not there"
    );
}

/// Whether a process is there; one that is dead and not reaped is.
pub(crate) fn exists(pid: u32) -> bool {
    fs::exists(format!("/proc/{pid}")).unwrap()
}

pub(crate) fn await_end(pid: u32) {
    let deadline = Instant::now() + Duration::from_secs(20);
    while exists(pid) {
        assert!(Instant::now() < deadline, "process {pid} lives on");
        thread::yield_now();
    }
}

#[test]
fn a_killed_worker_fails_its_task_with_pid_and_signal_and_is_replaced() {
    watch(|| {
        let pool = ProcessPoolExecutor::new(1).unwrap();
        let pid = *pool.submit(std::process::id, ()).unwrap().result().unwrap();
        let mut gate = Gate::new();
        let running = pool.submit(pass, (gate.key(),)).unwrap();
        let queued = pool.submit(|n: u32| n + 1, (1,)).unwrap();
        gate.await_arrivals(1);
        kill(pid, "-KILL");
        let death = death(running.result());
        assert_eq!((death.pid, death.exit), (pid, WorkerExit::Signal(9)));
        assert_eq!(*queued.result().unwrap(), 2);
        assert_ne!(
            *pool.submit(std::process::id, ()).unwrap().result().unwrap(),
            pid
        );
    });
}

#[test]
fn a_death_costs_no_other_worker_its_task() {
    watch(|| {
        let pool = ProcessPoolExecutor::new(2).unwrap();
        let mut gate = Gate::new();
        let safe = pool.submit(pass_and_return, (gate.key(), 7)).unwrap();
        gate.await_arrivals(1);
        let lost = pool.submit(|| std::process::exit(3), ()).unwrap();
        let lost: Result<&(), _> = lost.result();
        assert_eq!(death(lost).exit, WorkerExit::Code(3));
        assert!(safe.running());
        gate.open();
        assert_eq!(*safe.result().unwrap(), 7);
    });
}

#[test]
fn a_clean_exit_in_a_task_is_a_death_too() {
    watch(|| {
        let pool = ProcessPoolExecutor::new(1).unwrap();
        let exits = pool.submit(|| std::process::exit(0), ()).unwrap();
        let result: Result<&(), _> = exits.result();
        assert_eq!(death(result).exit, WorkerExit::Code(0));
        let aborts = pool.submit(|| std::process::abort(), ()).unwrap();
        let result: Result<&(), _> = aborts.result();
        assert_eq!(death(result).exit, WorkerExit::Signal(6));
    });
}

#[test]
fn a_death_in_a_map_costs_the_chunk_of_its_item() {
    watch(|| {
        let pool = ProcessPoolExecutor::new(2).unwrap();
        let task = |n: u32| {
            if n == 4 {
                std::process::exit(3);
            }
            n
        };
        let options = MapOptions::new().chunksize(3);
        let results: Vec<_> = pool.map_with(task, 0..10, options).unwrap().collect();
        assert_eq!(results.len(), 10);
        for (n, result) in (0..).zip(results) {
            match result {
                Ok(value) => assert!(value == n && !(3..6).contains(&n)),
                Err(MapError::Task(error)) => {
                    assert_eq!(death::<u32>(Err(error)).exit, WorkerExit::Code(3));
                    assert!((3..6).contains(&n), "{n}");
                }
                Err(error) => panic!("{error}"),
            }
        }
    });
}

#[test]
fn the_message_of_a_death_names_the_exit_code() {
    watch(|| {
        let pool = ProcessPoolExecutor::new(1).unwrap();
        let future = pool.submit(|| std::process::exit(99), ()).unwrap();
        let result: Result<&(), _> = future.result();
        assert!(result.unwrap_err().to_string().contains("code 99"));
    });
}

#[test]
fn many_deaths_in_a_row_are_survived() {
    watch(|| {
        let pool = ProcessPoolExecutor::new(2).unwrap();
        let futures: Vec<_> = (0..40)
            .map(|n| {
                let task = |n: u32| {
                    if n.is_multiple_of(2) {
                        std::process::exit(1)
                    } else {
                        n
                    }
                };
                pool.submit(task, (n,)).unwrap()
            })
            .collect();
        for (n, future) in futures.iter().enumerate() {
            match future.result() {
                Ok(value) => assert_eq!(*value as usize, n),
                Err(error) => {
                    assert_eq!(n % 2, 0, "{error}");
                    assert_eq!(death::<()>(Err(error)).exit, WorkerExit::Code(1));
                }
            }
        }
    });
}

#[test]
fn a_worker_killed_while_idle_costs_nothing_once_it_is_gone() {
    watch(|| {
        let pool = ProcessPoolExecutor::new(1).unwrap();
        let pid = *pool.submit(std::process::id, ()).unwrap().result().unwrap();
        kill(pid, "-KILL");
        await_end(pid);
        assert_ne!(
            *pool.submit(std::process::id, ()).unwrap().result().unwrap(),
            pid
        );
    });
}

#[test]
fn dropping_the_pool_leaves_no_process() {
    watch(|| {
        let pool = ProcessPoolExecutor::new(3).unwrap();
        let mut gate = Gate::new();
        let futures: Vec<_> = (0..3)
            .map(|_| pool.submit(pass, (gate.key(),)).unwrap())
            .collect();
        gate.await_arrivals(3);
        let pids = pool.worker_pids();
        assert_eq!(pids.len(), 3);
        gate.open();
        drop(pool);
        assert!(pids.into_iter().all(|pid| !exists(pid)));
        assert!(wait(&futures, ReturnWhen::AllCompleted).not_done.is_empty());
    });
}

#[test]
fn a_shutdown_ends_although_a_task_crashes_meanwhile() {
    watch(|| {
        let pool = ProcessPoolExecutor::new(1).unwrap();
        let mut gate = Gate::new();
        let crashes = |gate: String| {
            pass(gate);
            std::process::abort()
        };
        let future = pool.submit(crashes, (gate.key(),)).unwrap();
        let after = pool.submit(|| 5, ()).unwrap();
        gate.await_arrivals(1);
        let opener = thread::spawn(move || gate.open());
        drop(pool);
        opener.join().unwrap();
        let result: Result<&(), _> = future.result();
        assert_eq!(death(result).exit, WorkerExit::Signal(6));
        assert_eq!(*after.result().unwrap(), 5);
    });
}

/// Set for the process that is to be killed.
const PARENT: &str = "EXECUTOR_TESTS_PARENT";

/// Not a scenario: what the process runs that [`workers_end_when_their_parent_is_killed`] starts.
#[test]
fn parent_that_will_be_killed() {
    let Ok(gate) = std::env::var(PARENT) else {
        return;
    };
    let pool = ProcessPoolExecutor::new(2).unwrap();
    let computes = || -> () {
        loop {
            std::hint::spin_loop();
        }
    };
    drop(pool.submit(computes, ()).unwrap());
    drop(pool.submit(pass, (gate.clone(),)).unwrap());
    while pool.worker_pids().len() < 2 {
        thread::yield_now();
    }
    println!("workers {:?}", pool.worker_pids());
    pass(gate);
}

#[test]
fn workers_end_when_their_parent_is_killed() {
    watch(|| {
        let mut gate = Gate::new();
        let mut parent = Command::new(std::env::current_exe().unwrap())
            .args([
                "process::deaths::parent_that_will_be_killed",
                "--exact",
                "--nocapture",
            ])
            .env(PARENT, gate.key())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        // The parent itself and its waiting task; the other task computes.
        gate.await_arrivals(2);
        parent.kill().unwrap();
        let mut said = String::new();
        parent
            .stdout
            .take()
            .unwrap()
            .read_to_string(&mut said)
            .unwrap();
        parent.wait().unwrap();
        let list = said
            .split_once("workers [")
            .unwrap()
            .1
            .split_once(']')
            .unwrap()
            .0;
        let pids: Vec<u32> = list.split(", ").map(|pid| pid.parse().unwrap()).collect();
        assert_eq!(pids.len(), 2);
        pids.into_iter().for_each(await_end);
    });
}
