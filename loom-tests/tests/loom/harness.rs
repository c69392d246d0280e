//! Runs a model, counts its interleavings, and says on one line what was explored and how far.
//!
//! Around the models' own assertions it asserts, for each interleaving, that every [`Payload`] made
//! was dropped, once, and that every [`callback`] ran; and for the model as a whole that it has
//! more than one interleaving, reached every outcome it names, and has about as many interleavings as
//! its line of the committed [`counts`] says.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::io::{Read, Write};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, Once, PoisonError};
use std::time::{Duration, Instant};

use crate::base::Future;
use crate::counts::{self, Count};
use crate::sync;

/// How far a model is explored.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Bound {
    /// Every interleaving, up to those that loom proves equivalent.
    Exhaustive,
    /// Those in which threads are interrupted, other than by blocking, at most so often.
    Preemptions(usize),
}

/// Steps in one interleaving; a model that needs more fails. Ours need a few hundred.
const MAX_BRANCHES: usize = 2_000;

thread_local! {
    static MODEL: Cell<&'static str> = const { Cell::new("") };
    static INTERLEAVING: Cell<usize> = const { Cell::new(0) };
    static MOST_THREADS: Cell<usize> = const { Cell::new(0) };
    static OUTCOMES: RefCell<BTreeSet<&'static str>> = const { RefCell::new(BTreeSet::new()) };
    static PAYLOADS: Balance = const { Balance::new() };
    static CALLBACKS: Balance = const { Balance::new() };
}

/// Explores `body`, whose `claim` holds if this returns.
///
/// Each of the `outcomes` has to be [`reach`]ed by some interleaving: a model that never comes to
/// the interesting case claims nothing about it.
pub(crate) fn model(
    name: &'static str,
    claim: &'static str,
    bound: Bound,
    outcomes: &'static [&'static str],
    body: impl Fn() + Send + Sync + 'static,
) {
    refuse_limits();
    report_panics();
    MODEL.set(name);
    INTERLEAVING.set(0);
    OUTCOMES.with_borrow_mut(BTreeSet::clear);
    let mut builder = loom::model::Builder::new();
    builder.max_branches = MAX_BRANCHES;
    builder.preemption_bound = match bound {
        Bound::Exhaustive => None,
        Bound::Preemptions(most) => Some(most),
    };
    let interleavings = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&interleavings);
    let start = Instant::now();
    builder.check(move || {
        // All threads of the interleaving before have ended: what they left shows now.
        check_balances();
        MOST_THREADS.set(MOST_THREADS.get().max(sync::threads()));
        sync::start_execution();
        INTERLEAVING.set(counter.fetch_add(1, Ordering::Relaxed) + 1);
        body();
    });
    let elapsed = start.elapsed();
    check_balances();
    MOST_THREADS.set(MOST_THREADS.get().max(sync::threads()));
    let interleavings = interleavings.load(Ordering::Relaxed);
    assert!(
        interleavings > 1 || MOST_THREADS.get() == 1,
        "{name} has several threads but a single interleaving: nothing in it is shared"
    );
    let reached = OUTCOMES.take();
    for outcome in outcomes {
        assert!(
            reached.contains(outcome),
            "{name} never comes to: {outcome}"
        );
    }
    assert_eq!(reached.len(), outcomes.len(), "{name}: {reached:?}");
    let explored = match bound {
        Bound::Exhaustive => "exhaustive".to_owned(),
        Bound::Preemptions(most) => format!("bounded ({most})"),
    };
    let seconds = elapsed.as_secs_f64();
    say(&format!(
        "loom | {name} | {explored} | {interleavings} interleavings | {seconds:.2} s | {claim}\n"
    ));
    // What runs in a child process is about loom or is meant to fail; nobody counts it.
    if child_name().is_none() {
        counts::settle(&Count {
            name,
            claim,
            explored: &explored,
            interleavings,
            elapsed,
        });
    }
}

/// Two tests of a model that takes too long for every day: `everyday`, in which threads are preempted once at most, and
/// `long`, in which twice, ignored unless the long form asks for it. Its name there begins with that word.
macro_rules! in_two_lengths {
    ($test:ident, $name:literal, $explore:ident) => {
        mod $test {
            use crate::harness::Bound;

            #[test]
            fn everyday() {
                super::$explore($name, Bound::Preemptions(1));
            }

            #[test]
            #[ignore = "one of the long form: scripts/loom --long"]
            fn long() {
                super::$explore(concat!("long ", $name), Bound::Preemptions(2));
            }
        }
    };
}
pub(crate) use in_two_lengths;

/// This interleaving has come to one of the model's outcomes.
pub(crate) fn reach(outcome: &'static str) {
    OUTCOMES.with_borrow_mut(|outcomes| outcomes.insert(outcome));
}

/// Of a table of so many tests one more has passed. The last says so on a line of its own, which only comes
/// if all of them run in one process and pass.
pub(crate) fn count_passed(table: &'static str, tests: usize) {
    static PASSED: Mutex<BTreeMap<&str, usize>> = Mutex::new(BTreeMap::new());
    let mut passed = PASSED.lock().unwrap_or_else(PoisonError::into_inner);
    let passed = passed.entry(table).or_default();
    *passed += 1;
    if *passed == tests {
        say(&format!("loom | {table} | {passed}/{tests} pass\n"));
    }
}

/// With one of these set loom may stop early and report success, or explore less than we say.
fn refuse_limits() {
    for (name, value) in std::env::vars() {
        let is_limit = name.starts_with("LOOM_MAX_") || name.starts_with("LOOM_CHECKPOINT");
        assert!(
            !is_limit,
            "{name}={value} would change what a model explores"
        );
    }
}

/// Has panics reported at once and past libtest's capture: the destructors that follow a failure
/// often abort the process, and with it goes what was captured.
fn report_panics() {
    static INSTALLED: Once = Once::new();
    INSTALLED.call_once(|| {
        let before = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| {
            let model = MODEL.get();
            if model.is_empty() {
                return before(panic);
            }
            let number = INTERLEAVING.get();
            say(&format!("{model}, interleaving {number}: {panic}\n"));
        }));
    });
}

fn say(text: &str) {
    // One write, so that lines of models that run at the same time don't mix.
    drop(std::io::stderr().write_all(text.as_bytes()));
}

/// How many things were made and how many are gone.
struct Balance {
    made: Cell<usize>,
    gone: Cell<usize>,
}

impl Balance {
    const fn new() -> Balance {
        Balance {
            made: Cell::new(0),
            gone: Cell::new(0),
        }
    }

    fn check(&self, what: &str) {
        let (made, gone) = (self.made.take(), self.gone.take());
        assert_eq!(made, gone, "{what}, at the end of an interleaving");
    }

    fn make(&self) {
        self.made.set(self.made.get() + 1);
    }

    fn go(&self) {
        self.gone.set(self.gone.get() + 1);
    }
}

fn check_balances() {
    PAYLOADS.with(|payloads| payloads.check("payloads made and dropped"));
    CALLBACKS.with(|callbacks| callbacks.check("callbacks added and run"));
}

/// A value that must be dropped exactly once.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Payload(i32);

impl Payload {
    pub(crate) fn new(value: i32) -> Payload {
        PAYLOADS.with(Balance::make);
        Payload(value)
    }

    pub(crate) fn value(&self) -> i32 {
        assert_ne!(self.0, i32::MIN, "a payload is read after it was dropped");
        self.0
    }
}

impl Clone for Payload {
    fn clone(&self) -> Payload {
        Payload::new(self.value())
    }
}

impl Drop for Payload {
    fn drop(&mut self) {
        assert_ne!(self.0, i32::MIN, "a payload is dropped twice");
        self.0 = i32::MIN;
        PAYLOADS.with(Balance::go);
    }
}

/// A callback that must run before the interleaving ends. That it runs at most once is in its type.
pub(crate) fn callback(
    run: impl FnOnce(&Future<Payload>) + Send + 'static,
) -> impl FnOnce(&Future<Payload>) + Send + 'static {
    CALLBACKS.with(Balance::make);
    move |future: &Future<Payload>| {
        CALLBACKS.with(Balance::go);
        run(future);
    }
}

/// Starts a thread of the model.
pub(crate) fn thread(main: impl FnOnce() + Send + 'static) -> sync::thread::JoinHandle<()> {
    sync::thread::start(String::new(), main).expect("a model's thread always starts")
}

/// Joins threads of the model.
pub(crate) fn join(threads: impl IntoIterator<Item = sync::thread::JoinHandle<()>>) {
    for thread in threads {
        thread.join().expect("a panic ends the model, not a thread");
    }
}

const CHILD: &str = "LOOM_TESTS_CHILD";

/// In a child process, the name of what it is to run.
pub(crate) fn child_name() -> Option<String> {
    std::env::var(CHILD).ok()
}

/// A model that is meant to fail, and is run by name in a child process.
pub(crate) type Child = (&'static str, fn());

/// Runs a model in a child process and asserts that it fails for the reason named by `phrase`.
///
/// In a process of its own because the destructors that run in a failed model often abort. Either
/// end will do, provided that the phrase is in the first panic.
pub(crate) fn must_fail(name: &str, phrase: &str) {
    let (failed, output) = run_child(name);
    let first = output.split("panicked at").nth(1).unwrap_or_default();
    assert!(
        failed && first.contains(phrase),
        "{name} should have failed with \"{phrase}\":\n{output}"
    );
    say(&format!("loom | {name} | fails as it must | {phrase}\n"));
}

/// Runs a model in a child process and asserts that it passes.
pub(crate) fn must_pass(name: &str) {
    let (failed, output) = run_child(name);
    assert!(!failed, "{name} should have passed:\n{output}");
}

/// Whether it failed, and what it wrote.
fn run_child(name: &str) -> (bool, String) {
    run_test("child", (CHILD, name)).unwrap_or_else(|late| panic!("{name} {late}"))
}

/// Runs one test in a child process with one variable set; whether it failed, and what it wrote.
///
/// # Errors
///
/// It did not end in time.
pub(crate) fn run_test(test: &str, variable: (&str, &str)) -> Result<(bool, String), String> {
    const PATIENCE: Duration = Duration::from_secs(60);
    let mut child = Command::new(std::env::current_exe().expect("a test binary has a path"))
        .args([test, "--exact", "--nocapture", "--test-threads=1"])
        .env(variable.0, variable.1)
        .env("RUST_BACKTRACE", "0")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .expect("a test binary can be started");
    let mut stderr = child.stderr.take().expect("it was asked for");
    let reader = std::thread::spawn(move || {
        let mut output = Vec::new();
        drop(stderr.read_to_end(&mut output));
        String::from_utf8_lossy(&output).into_owned()
    });
    let deadline = Instant::now() + PATIENCE;
    let status = loop {
        match child.try_wait().expect("a child can be waited for") {
            Some(status) => break status,
            None if Instant::now() > deadline => {
                drop(child.kill());
                drop(child.wait());
                return Err(format!("did not end within {PATIENCE:?}"));
            }
            None => std::thread::sleep(Duration::from_millis(5)),
        }
    };
    let output = reader.join().expect("reading a pipe does not panic");
    Ok((!status.success(), output))
}
