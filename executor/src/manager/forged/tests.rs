//! Properties of the server, and the kept scripts of the fuzz target.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use proptest::collection::vec;
use proptest::prelude::{any, prop_oneof};
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::{Config, FileFailurePersistence, TestRunner};

use super::*;

/// How many bytes describe a script, at most.
const MOST: usize = 400;

/// How many cases there are, unless `PROPTEST_CASES` says otherwise.
const CASES: u32 = 128;

/// What at least one in so many cases must come to.
const BRANCHES: [(&str, usize); 11] = [
    ("Ok", 2),
    ("UnknownObject", 5),
    ("WrongType", 10),
    ("Decode", 5),
    ("NotHeld", 20),
    ("TimedOut", 128),
    ("Panicked", 20),
    ("Poisoned", 20),
    ("operations wait", 64),
    ("the server ends a connection", 5),
    ("objects are left", 5),
];

/// Bytes that describe a script in which it is likely that clients wait for each other.
fn script() -> impl Strategy<Value = Vec<u8>> {
    // From the queue to the barrier.
    let objects = vec(prop_oneof![3 => 5..=12_u8, 1 => any::<u8>()], 5);
    (0..4_u8, objects, vec(any::<u8>(), 100..MOST)).prop_map(|(count, mut objects, rest)| {
        objects.truncate(2 + usize::from(count));
        [vec![count], objects, rest].concat()
    })
}

fn branches(seen: &Seen) -> BTreeMap<&str, bool> {
    let replies = seen.replies.keys().map(|name| (*name, true));
    let others = [
        ("operations wait", seen.parked > 0),
        ("the server ends a connection", seen.ended > 0),
        ("objects are left", seen.objects > 0),
    ];
    replies.chain(others).collect()
}

#[test]
fn any_bytes_describe_a_script_that_leaves_nothing() {
    let seeds = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/tests/it/proptest-regressions/requests.txt"
    );
    let mut config = Config {
        failure_persistence: Some(Box::new(FileFailurePersistence::Direct(seeds))),
        ..Config::with_cases(CASES)
    };
    if std::env::var_os("PROPTEST_CASES").is_some() {
        config.cases = Config::default().cases;
    }
    let cases = config.cases as usize;
    let reached = RefCell::new(BTreeMap::<String, usize>::new());
    let outcome = TestRunner::new(config).run(&script(), |bytes| {
        let seen = Script::described_by(&bytes).check();
        for (branch, is_reached) in branches(&seen) {
            *reached.borrow_mut().entry(branch.to_owned()).or_default() += usize::from(is_reached);
        }
        Ok(())
    });
    if let Err(failure) = outcome {
        panic!("{failure}");
    }
    let reached = reached.into_inner();
    for (branch, one_in) in BRANCHES {
        let count = reached.get(branch).copied().unwrap_or(0);
        println!("{count} of {cases} cases reached: {branch}");
        assert!(
            count * one_in >= cases,
            "only {count} of {cases} cases reached: {branch}; {reached:?}"
        );
    }
}

fn corpus() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus/request")
}

#[test]
fn kept_scripts_hold() {
    let files = fs::read_dir(corpus()).expect("the folder of kept inputs");
    // What they come to changes with what true clients send.
    let outcomes = files.map(|file| {
        let bytes = fs::read(file.expect("a file").path()).expect("a kept input");
        Script::described_by(&bytes).check().replies.len()
    });
    assert!(outcomes.max() > Some(3), "hardly anything was replied");
}

/// Writes the inputs that the fuzz target begins with. Those that were found by running it have names
/// that begin otherwise, and stay.
#[test]
#[ignore = "writes to fuzz/corpus"]
fn write_the_kept_scripts() {
    let mut runner = TestRunner::deterministic();
    let script = script();
    let mut draw = || script.new_tree(&mut runner).expect("bytes").current();
    fs::create_dir_all(corpus()).expect("a folder");
    let mut missing: Vec<_> = BRANCHES.iter().map(|(branch, _)| *branch).collect();
    let mut number = 0;
    while number < 12 || !missing.is_empty() {
        let bytes = draw();
        let seen = Script::described_by(&bytes).check();
        let branches = branches(&seen);
        let is_new = |branch: &&str| branches.get(branch).copied().unwrap_or(false);
        if number >= 12 && !missing.iter().any(is_new) {
            continue;
        }
        missing.retain(|branch| !is_new(branch));
        fs::write(corpus().join(format!("made-{number:02}")), bytes).expect("a file");
        number += 1;
    }
}
