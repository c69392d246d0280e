//! Generated programs, whose histories must be those of some sequential order.
//!
//! A program has two or three threads of up to four operations on a promise's future, on tasks, and on the pool. Its
//! history, which says when each operation began and ended and what it gave, is *linearisable* if [`search`] finds an
//! order of the operations that agrees with the times and in which [`reference`], a model without threads, gives the
//! same.

mod execution;
mod program;
mod record;
mod reference;
mod search;

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Instant;

use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestRng, TestRunner};
use shuttle::scheduler::RandomScheduler;

use crate::harness::{message, number, run, say, seed};
use program::Program;

/// How many programs are generated.
const PROGRAMS: &str = "SHUTTLE_TESTS_PROGRAMS";
const DEFAULT_PROGRAMS: u64 = 32;
const SCHEDULES: usize = 50;

std::thread_local! {
    static HISTORIES: Cell<usize> = const { Cell::new(0) };
    static OVERLAPPING: Cell<usize> = const { Cell::new(0) };
}

/// Runs a program under some schedules and checks each history.
fn check(program: &Program, seed: u64) {
    let program = program.clone();
    run(RandomScheduler::new_from_seed(seed, SCHEDULES), move || {
        let history = execution::execute(&program);
        HISTORIES.set(HISTORIES.get() + 1);
        OVERLAPPING.set(OVERLAPPING.get() + usize::from(record::overlaps(&history)));
        assert!(
            search::is_linearisable(&history, program.workers),
            "no order explains this history\n{program:?}\n{}",
            record::story(&history)
        );
    });
}

#[test]
fn every_history_of_a_generated_program_is_that_of_some_order() {
    let start = Instant::now();
    let programs = number(PROGRAMS).unwrap_or(DEFAULT_PROGRAMS);
    let config = Config {
        cases: u32::try_from(programs).expect("a number of programs fits"),
        // The seed is fixed: what fails fails again.
        failure_persistence: None,
        ..Config::default()
    };
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&seed().to_le_bytes());
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &bytes);
    let outcome = TestRunner::new_with_rng(config, rng).run(&program::programs(), |program| {
        catch_unwind(AssertUnwindSafe(|| check(&program, seed())))
            .map_err(|panic| TestCaseError::fail(message(&*panic)))
    });
    if let Err(proptest::test_runner::TestError::Fail(_, smallest)) = &outcome {
        say("shuttle | programs | the smallest program that fails, and its schedule:\n");
        check(smallest, seed());
    }
    outcome.expect("a program fails");
    let (histories, overlapping) = (HISTORIES.get(), OVERLAPPING.get());
    let seconds = start.elapsed().as_secs_f64();
    say(&format!(
        "shuttle | programs | random | {programs} programs, {histories} histories, {overlapping} of them with operations \
         that overlap | {seconds:.2} s | each history is that of some order of its operations\n"
    ));
    assert!(2 * overlapping >= histories, "too few operations overlap");
}
