//! Runs a scenario under each scheduler, and says on one line each what was sampled.
//!
//! Around the scenario's own assertions it asserts, for each schedule, that nothing is left of payloads, callbacks and
//! cells; for the scenario as a whole, that it reached every outcome it names; and that it does the same under the same
//! schedule, without which no failure could be replayed. A scenario needs no watchdog: a deadlock is reported by
//! shuttle, and so is one that takes more steps than [`MOST_STEPS`].

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::io::Write;
use std::time::Instant;

use shuttle::scheduler::{
    PctScheduler, RandomScheduler, ReplayScheduler, Scheduler,
    UncontrolledNondeterminismCheckScheduler,
};
use shuttle::{Config, MaxSteps, Runner};

use crate::{payload, sync};

/// How many schedules of a scenario each scheduler is asked for.
const SCHEDULES: &str = "SHUTTLE_TESTS_SCHEDULES";
/// A schedule that a failure has printed, to be run alone.
const REPLAY: &str = "SHUTTLE_TESTS_REPLAY";
/// Shuttle reads it, too.
const SEED: &str = "SHUTTLE_RANDOM_SEED";

const DEFAULT_SCHEDULES: usize = 200;
const DEFAULT_SEED: u64 = 20;
const PCT_DEPTH: usize = 3;
/// Each of these is run twice.
const DETERMINISM_SCHEDULES: usize = 20;
/// In one schedule; ours take some thousands.
const MOST_STEPS: usize = 200_000;
/// With debug assertions, formatting a failure needs more than shuttle's default.
const STACK_BYTES: usize = 0x4_0000;

thread_local! {
    static OUTCOMES: RefCell<BTreeSet<&'static str>> = const { RefCell::new(BTreeSet::new()) };
}

/// Samples schedules of `body`, whose `claim` held in all of them if this returns.
///
/// Each of the `outcomes` has to be [`reach`]ed by some schedule: a scenario that never comes to the interesting case
/// claims nothing about it.
pub(crate) fn scenario(
    name: &'static str,
    claim: &'static str,
    outcomes: &'static [&'static str],
    body: fn(),
) {
    if let Ok(schedule) = std::env::var(REPLAY) {
        run(ReplayScheduler::new_from_encoded(&schedule), body);
        say(&format!("shuttle | {name} | replay | passes | {claim}\n"));
        return;
    }
    OUTCOMES.with_borrow_mut(BTreeSet::clear);
    let (schedules, seed) = (schedules(), seed());
    let random = RandomScheduler::new_from_seed(seed, schedules);
    report(name, "random", claim, || run(random, body));
    let pct = PctScheduler::new_from_seed(seed, PCT_DEPTH, schedules);
    report(name, &format!("pct({PCT_DEPTH})"), claim, || run(pct, body));
    is_deterministic(body);
    let reached = OUTCOMES.take();
    for outcome in outcomes {
        assert!(
            reached.contains(outcome),
            "{name} never comes to: {outcome}"
        );
    }
    assert_eq!(reached.len(), outcomes.len(), "{name}: {reached:?}");
}

/// Runs `body` under some schedules twice; fails if the second run is another one.
pub(crate) fn is_deterministic(body: fn()) {
    let random = RandomScheduler::new_from_seed(seed(), DETERMINISM_SCHEDULES);
    run(UncontrolledNondeterminismCheckScheduler::new(random), body);
}

/// This schedule has come to one of the scenario's outcomes.
pub(crate) fn reach(outcome: &'static str) {
    OUTCOMES.with_borrow_mut(|outcomes| outcomes.insert(outcome));
}

/// Runs `body` under each schedule of a scheduler; how many that were.
pub(crate) fn run(
    scheduler: impl Scheduler + 'static,
    body: impl Fn() + Send + Sync + 'static,
) -> usize {
    let mut config = Config::new();
    config.stack_size = STACK_BYTES;
    config.max_steps = MaxSteps::FailAfter(MOST_STEPS);
    // Of orderings, which are loom's to check.
    config.silence_warnings = true;
    Runner::new(scheduler, config).run(move || {
        sync::start_execution();
        payload::start_execution();
        body();
        payload::check_balances();
    })
}

fn report(name: &str, scheduler: &str, claim: &str, run: impl FnOnce() -> usize) {
    let start = Instant::now();
    let schedules = run();
    let seconds = start.elapsed().as_secs_f64();
    say(&format!(
        "shuttle | {name} | {scheduler} | {schedules} schedules | {seconds:.2} s | {claim}\n"
    ));
}

/// How many schedules each scheduler is to run.
fn schedules() -> usize {
    number(SCHEDULES).map_or(DEFAULT_SCHEDULES, |number| {
        usize::try_from(number).expect("a number of schedules fits")
    })
}

pub(crate) fn seed() -> u64 {
    number(SEED).unwrap_or(DEFAULT_SEED)
}

/// A setting, if it was made.
pub(crate) fn number(setting: &str) -> Option<u64> {
    let value = std::env::var(setting).ok()?;
    let number = value.parse();
    Some(number.unwrap_or_else(|_| panic!("{setting}={value} is not a number")))
}

/// Runs a wrong program and asserts that shuttle reports it by `phrase`.
pub(crate) fn must_fail(name: &str, phrase: &str, run: impl FnOnce() + std::panic::UnwindSafe) {
    let failure = std::panic::catch_unwind(run).expect_err(name);
    let message = message(&*failure);
    assert!(
        message.contains(phrase),
        "{name} should have failed with \"{phrase}\": {message}"
    );
    say(&format!("shuttle | {name} | fails as it must | {phrase}\n"));
}

/// What a panic says.
pub(crate) fn message(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().cloned();
    let text = text.or_else(|| panic.downcast_ref::<&str>().map(|&text| text.to_owned()));
    text.unwrap_or_else(|| "a panic without a message".to_owned())
}

/// In one write and past libtest's capture, so that lines of scenarios that run at the same time don't mix.
pub(crate) fn say(text: &str) {
    drop(std::io::stderr().write_all(text.as_bytes()));
}

/// Starts a thread of the scenario.
pub(crate) fn thread(main: impl FnOnce() + Send + 'static) -> shuttle::thread::JoinHandle<()> {
    shuttle::thread::spawn(main)
}

/// Joins threads of the scenario.
pub(crate) fn join(threads: impl IntoIterator<Item = shuttle::thread::JoinHandle<()>>) {
    for thread in threads {
        thread
            .join()
            .expect("a panic ends the scenario, not a thread");
    }
}
