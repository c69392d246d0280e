//! Runs a scenario that waits, and fails by name if it hangs.

use std::any::type_name_of_val;
use std::env;
use std::panic::resume_unwind;
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::thread;
use std::time::Duration;

/// Seconds, long enough for any scenario on a crowded machine: a test that takes this long hangs.
const LIMIT: u64 = 60;

/// The seconds instead, for a run in which many scenarios are to hang.
const OTHER_LIMIT: &str = "EXECUTOR_SCENARIO_SECONDS";

/// How many cases of a property take no longer than any other scenario.
const CASES: u64 = 256;

/// What a scenario may take: more, in proportion, in a run that asks for many cases of each property.
pub(crate) fn limit() -> Duration {
    let number = |name| env::var(name).ok().and_then(|number| number.parse().ok());
    let cases: u64 = number("PROPTEST_CASES").unwrap_or(0);
    Duration::from_secs(number(OTHER_LIMIT).unwrap_or(LIMIT) * (1 + cases / CASES))
}

/// Runs `scenario` and passes on its panic; if it has not ended after its [`limit`], says which one it
/// is and ends the process, for a thread that hangs can't be ended otherwise.
pub(crate) fn watch(scenario: impl FnOnce() + Send + 'static) {
    let name = type_name_of_val(&scenario);
    watch_as(name, scenario);
}

/// As [`watch`], with a name of its own.
pub(crate) fn watch_as(name: &'static str, scenario: impl FnOnce() + Send + 'static) {
    let limit = limit();
    let (ended, end) = channel::<()>();
    let thread = thread::Builder::new()
        .name(name.to_owned())
        .spawn(move || {
            // Dropped when the scenario returns, and when it panics.
            let _ended = ended;
            scenario();
        })
        .expect("a thread for the scenario");
    if end.recv_timeout(limit) == Err(RecvTimeoutError::Timeout) {
        say_and_abort(name, limit);
    }
    if let Err(panic) = thread.join() {
        resume_unwind(panic);
    }
}

fn say_and_abort(name: &str, limit: Duration) -> ! {
    use std::io::Write;
    // Not by `eprintln!`, which the test harness keeps for a test's end that won't come.
    let text = format!("\nscenario {name} hangs: no end after {limit:?}\n");
    drop(std::io::stderr().write_all(text.as_bytes()));
    std::process::abort();
}
