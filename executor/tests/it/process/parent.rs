//! Workers end with their parent, however it ends; and what Ctrl-C means is for the parent to say.

use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::process::{Command, Stdio};

use executor::ProcessPoolExecutor;

use super::program::{Program, Running, await_ends, gate, has_ended, observe};
use super::system::{
    Fork, die_of_interrupts, fork, ignore_interrupts, survive_interrupts, wait_to_be_killed,
};
use crate::gate::{Gate, pass};

/// Computes until the end of the process, and reads and writes nothing meanwhile.
fn compute() {
    say("computes");
    loop {
        std::hint::spin_loop();
    }
}

/// Says which process does what, in one piece.
fn say(what: &str) {
    println!("{what} {}", std::process::id());
}

/// A pool whose two workers compute.
fn busy_pool() -> ProcessPoolExecutor {
    let pool = ProcessPoolExecutor::new(2).unwrap();
    for _ in 0..2 {
        drop(pool.submit(compute, ()).unwrap());
    }
    pool
}

/// The program, and its two workers, which compute.
fn start_busy(program: Program) -> (Running, [u32; 2]) {
    let mut program = program.start();
    let workers = [program.await_pid("computes"), program.await_pid("computes")];
    (program, workers)
}

#[test]
fn workers_that_compute_end_when_their_parent_is_killed() {
    observe(
        || {
            let _pool = busy_pool();
            wait_to_be_killed();
        },
        |program| {
            let (mut program, workers) = start_busy(program);
            program.kill();
            await_ends(&workers, "its parent");
        },
    );
}

#[test]
fn workers_end_with_their_parent_although_a_forked_copy_of_it_lives_on() {
    observe(
        || {
            let _pool = busy_pool();
            pass(gate());
            // The copy has all the descriptors that the parent has.
            if let Fork::Copy = fork() {
                say("copied");
            }
            wait_to_be_killed();
        },
        |program| {
            let gate = Gate::new();
            let (mut program, workers) = start_busy(program.with_gate(&gate.key()));
            gate.open();
            let copy = program.await_pid("copied");
            program.kill();
            await_ends(&workers, "its parent");
            assert!(!has_ended(copy));
        },
    );
}

#[test]
fn workers_end_when_their_parent_becomes_another_program() {
    observe(
        || {
            let _pool = busy_pool();
            pass(gate());
            panic!("{}", Command::new("sleep").arg("1000").exec());
        },
        |program| {
            let gate = Gate::new();
            let (program, workers) = start_busy(program.with_gate(&gate.key()));
            gate.open();
            await_ends(&workers, "its parent has become another program");
            assert!(!has_ended(program.pid()));
        },
    );
}

#[test]
fn workers_end_with_a_parent_that_forgets_its_pool() {
    observe(
        || {
            std::mem::forget(busy_pool());
            pass(gate());
        },
        |program| {
            let gate = Gate::new();
            let (mut program, workers) = start_busy(program.with_gate(&gate.key()));
            gate.open();
            assert!(program.status().success());
            await_ends(&workers, "its parent");
        },
    );
}

#[test]
fn an_interrupt_that_ends_the_parent_leaves_nothing_behind() {
    observe(
        || {
            die_of_interrupts();
            let _pool = busy_pool();
            wait_to_be_killed();
        },
        |program| {
            let (mut program, workers) = start_busy(program);
            program.interrupt();
            assert_eq!(program.status().signal(), Some(2));
            await_ends(&workers, "its parent");
        },
    );
}

#[test]
fn an_interrupt_that_the_parent_survives_costs_no_task() {
    observe(
        || {
            survive_interrupts();
            let pool = ProcessPoolExecutor::new(2).unwrap();
            let held = |gate: String| {
                pass(gate);
                std::process::id()
            };
            let held = [(); 2].map(|()| pool.submit(held, (gate(),)).unwrap());
            let mut before = held.map(|future| future.into_result().unwrap());
            let squares = pool.map(|n: u32| n * n, 0..20).unwrap();
            assert_eq!(squares.map(Result::unwrap).sum::<u32>(), 2470);
            let mut after = pool.worker_pids();
            before.sort_unstable();
            after.sort_unstable();
            assert_eq!(before, *after);
        },
        |program| {
            let mut gate = Gate::new();
            let program = program.with_gate(&gate.key()).start();
            gate.await_arrivals(2);
            program.interrupt();
            gate.open();
            let (status, said) = program.end();
            assert!(status.success() && said.contains("1 passed"), "{said}");
        },
    );
}

/// Which signals a child of this process ignores.
fn ignored_by_a_child() -> String {
    let output = Command::new("grep")
        .args(["SigIgn", "/proc/self/status"])
        .output()
        .unwrap();
    assert!(output.status.success());
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn a_child_of_a_task_ignores_what_a_child_of_the_parent_ignores() {
    observe(
        || {
            ignore_interrupts();
            let pool = ProcessPoolExecutor::new(1).unwrap();
            let theirs = pool.submit(ignored_by_a_child, ()).unwrap();
            assert_eq!(*theirs.result().unwrap(), ignored_by_a_child());
        },
        |program| drop(program.run(Stdio::null())),
    );
}
