//! The standard descriptors of workers, and tasks that meddle with them or with the process.

use std::io::{Read, Write, pipe, stdin};
use std::process::Stdio;
use std::thread;

use executor::{ProcessPoolExecutor, TaskError};

use super::deaths::kill;
use super::program::{observe, state};
use super::system::{Fork, close, close_from, exit_code, fork, leave};
use crate::gate::{Gate, pass, pass_and_return};
use crate::watchdog::watch;

#[test]
fn what_tasks_print_goes_where_the_program_prints() {
    observe(
        || {
            let pool = ProcessPoolExecutor::new(1).unwrap();
            let task = || {
                println!("said by a task");
                eprintln!("complained by a task");
            };
            pool.submit(task, ()).unwrap().result().unwrap();
        },
        |program| {
            let (said, complained) = program.run(Stdio::null());
            assert_eq!(said.matches("said by a task").count(), 1, "{said}");
            assert_eq!(
                complained.matches("complained by a task").count(),
                1,
                "{complained}"
            );
            assert!(!said.contains("complained") && !complained.contains("said"));
        },
    );
}

#[test]
fn the_input_of_the_program_is_for_the_program_alone() {
    observe(
        || {
            let pool = ProcessPoolExecutor::new(1).unwrap();
            let task = || {
                let mut text = String::new();
                stdin()
                    .read_to_string(&mut text)
                    .map_err(|error| error.to_string())?;
                Ok::<_, String>(text)
            };
            let future = pool.submit(task, ()).unwrap();
            assert_eq!(*future.result().unwrap(), Ok(String::new()));
            println!("the program read {:?}", stdin().lines().next());
        },
        |program| {
            let (input, mut writer) = pipe().unwrap();
            writer.write_all(b"for the program\n").unwrap();
            drop(writer);
            let (said, _) = program.run(input);
            assert!(
                said.contains(r#"the program read Some(Ok("for the program"))"#),
                "{said}"
            );
        },
    );
}

/// Closes the standard descriptors; who did.
fn close_standard_descriptors() -> u32 {
    (0..=2).for_each(close);
    std::process::id()
}

#[test]
fn a_task_that_closes_the_standard_descriptors_disturbs_nothing() {
    watch(|| {
        let pool = ProcessPoolExecutor::new(1).unwrap();
        let closes = pool.submit(close_standard_descriptors, ()).unwrap();
        let pid = *closes.result().unwrap();
        let prints = || {
            println!("into nowhere");
            std::process::id()
        };
        assert_eq!(*pool.submit(prints, ()).unwrap().result().unwrap(), pid);
    });
}

#[test]
fn a_task_that_closes_every_descriptor_costs_no_other_task() {
    watch(|| {
        let pool = ProcessPoolExecutor::new(1).unwrap();
        let closes = || {
            // As programs do that turn into a service, and so the worker's own among them.
            close_from(3);
            std::process::id()
        };
        let closing = pool.submit(closes, ()).unwrap();
        let next = pool.submit(|n: u32| n + 1, (1,)).unwrap();
        match closing.result() {
            Err(TaskError::WorkerDied(_)) => {}
            other => panic!("{other:?}, and how did it come here?"),
        }
        assert_eq!(*next.result().unwrap(), 2);
    });
}

#[test]
fn a_worker_without_standard_descriptors_can_have_a_pool_of_its_own() {
    watch(|| {
        // Where a standard descriptor would lead if it was not occupied, this may fail, or do worse.
        let prints = |n: u32| {
            println!("into nowhere");
            eprintln!("into nowhere");
            n
        };
        let nested = move || {
            close_standard_descriptors();
            let pool = ProcessPoolExecutor::new(2).unwrap();
            let printed = pool.map(prints, 0..10).unwrap();
            printed.collect::<Result<Vec<_>, _>>()
        };
        let pool = ProcessPoolExecutor::new(1).unwrap();
        let printed = pool.submit(nested, ()).unwrap().into_result().unwrap();
        assert_eq!(printed.unwrap(), Vec::from_iter(0..10));
    });
}

/// More than any pipe holds, so that the task ends only if somebody reads.
const FLOOD: usize = 4 << 20;

#[test]
fn a_task_that_floods_the_output_is_waited_for() {
    observe(
        || {
            let pool = ProcessPoolExecutor::new(1).unwrap();
            let floods = || {
                let line = format!("{}\n", "~".repeat(1023));
                let mut output = std::io::stdout().lock();
                for _ in 0..FLOOD / line.len() {
                    output.write_all(line.as_bytes()).unwrap();
                }
                FLOOD
            };
            let flooded = pool.submit(floods, ()).unwrap();
            assert_eq!(*flooded.result().unwrap(), FLOOD);
        },
        |program| {
            let (said, _) = program.run(Stdio::null());
            assert_eq!(said.matches('~').count(), FLOOD / 1024 * 1023);
        },
    );
}

#[test]
fn a_forked_copy_of_a_worker_that_ends_by_itself_disturbs_nothing() {
    watch(|| {
        let pool = ProcessPoolExecutor::new(1).unwrap();
        let forks = |code: i32| match fork() {
            Fork::Copy => leave(code),
            Fork::Original(copy) => (std::process::id(), exit_code(copy)),
        };
        let (pid, code) = *pool.submit(forks, (5,)).unwrap().result().unwrap();
        assert_eq!(code, Some(5));
        for n in 0..20 {
            let next = pool.submit(|n: u32| (std::process::id(), n), (n,)).unwrap();
            assert_eq!(*next.result().unwrap(), (pid, n));
        }
    });
}

#[test]
fn a_pool_ends_although_a_forked_copy_of_its_worker_lives_on() {
    watch(|| {
        let pool = ProcessPoolExecutor::new(1).unwrap();
        // Outlives the pool here, as no task of it waits at the gate.
        let mut gate = Gate::new();
        let forks = |gate: String| match fork() {
            Fork::Copy => {
                pass(gate);
                leave(0)
            }
            Fork::Original(copy) => copy,
        };
        let copy = *pool.submit(forks, (gate.key(),)).unwrap().result().unwrap();
        gate.await_arrivals(1);
        drop(pool);
        assert!(matches!(state(copy), Some('S' | 'R' | 'D')));
        gate.open();
    });
}

#[test]
fn a_forked_copy_of_a_worker_that_returns_from_its_task_is_made_to_end() {
    watch(|| {
        let pool = ProcessPoolExecutor::new(1).unwrap();
        let forks = || match fork() {
            Fork::Copy => None,
            Fork::Original(copy) => Some((std::process::id(), exit_code(copy))),
        };
        let result = *pool.submit(forks, ()).unwrap().result().unwrap();
        let (pid, code) = result.expect("the outcome of the worker, not of its copy");
        assert_eq!(code, Some(73));
        for n in 0..20 {
            let next = pool.submit(|n: u32| (std::process::id(), n), (n,)).unwrap();
            assert_eq!(*next.result().unwrap(), (pid, n));
        }
    });
}

#[test]
fn a_stopped_worker_holds_up_its_own_task_alone() {
    watch(|| {
        let pool = ProcessPoolExecutor::new(2).unwrap();
        let mut gate = Gate::new();
        let held = pool.submit(pass_and_return, (gate.key(), 7)).unwrap();
        gate.await_arrivals(1);
        let stopped = pool.worker_pids()[0];
        kill(stopped, "-STOP");
        while state(stopped) != Some('T') {
            thread::yield_now();
        }
        gate.open();
        for n in 0..20 {
            let next = pool.submit(|n: u32| n + 1, (n,)).unwrap();
            assert_eq!(*next.result().unwrap(), n + 1);
        }
        assert!(held.running());
        kill(stopped, "-CONT");
        assert_eq!(*held.result().unwrap(), 7);
        assert!(pool.worker_pids().contains(&stopped));
    });
}
