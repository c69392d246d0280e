//! Runs of lanes that are a line of shell each: what comes into the record.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::time::Duration;

use reports::evidence::Counted;
use tempfile::{TempDir, tempdir};

use super::*;
use crate::counting;
use crate::tool::Tool;

const GOOD: &str = "echo 'test result: ok. 3 passed; 0 failed;'";

fn lane(name: &'static str, command: &'static str) -> Lane {
    Lane {
        name,
        checks: "nothing",
        tool: Tool::Program("bash"),
        short: command,
        long: command,
        counted: Counted::Tests,
        count: counting::tests,
        limit: Duration::from_secs(600),
    }
}

fn record() -> (TempDir, PathBuf) {
    let place = tempdir().unwrap();
    let path = place.path().join("reports/correctness.json");
    (place, path)
}

/// The record after these lanes, as it is read back, which also means that it is valid.
fn recorded(lanes: &[Lane]) -> Vec<Entry> {
    let (_place, path) = record();
    let written = verify(lanes, |_| true, Form::Short, None, &path).unwrap();
    let read = Evidence::load(&path).unwrap().unwrap();
    assert_eq!(read, written);
    read.lanes
}

fn reason(entry: &Entry) -> &str {
    entry.reason.as_deref().unwrap()
}

#[test]
fn a_lane_that_ends_well_and_says_how_much_has_passed() {
    let entry = &recorded(&[lane("good", GOOD)])[0];
    assert_eq!((entry.result, entry.count), (LaneResult::Passed, Some(3)));
    assert_eq!((entry.command.as_str(), &entry.reason), (GOOD, &None));
    assert!(entry.version.is_some());
}

#[test]
fn a_lane_that_does_not_say_how_much_has_failed() {
    let lanes = [
        lane("silent", "true"),
        lane("idle", "echo 'test result: ok. 0 passed; 0 failed;'"),
    ];
    let entries = recorded(&lanes);
    assert!(
        entries
            .iter()
            .all(|it| it.result == LaneResult::Failed && it.count.is_none())
    );
    assert!(reason(&entries[0]).contains("does not say how much"));
    assert!(reason(&entries[1]).contains("nothing"));
}

#[test]
fn a_failure_is_told_by_its_exit_code_whatever_was_printed() {
    let lanes = [
        lane(
            "failed",
            "echo 'test result: ok. 3 passed; 0 failed;'; exit 101",
        ),
        lane("usage", "echo usage; exit 2"),
        lane("killed", "kill -KILL $$"),
        lane("missing", "no-such-program-anywhere"),
    ];
    let entries = recorded(&lanes);
    assert!(entries.iter().all(|it| it.result == LaneResult::Failed));
    assert!(reason(&entries[0]).contains("101"));
    assert!(reason(&entries[1]).contains("exit code 2"));
}

#[test]
fn a_lane_that_falls_short_has_failed_and_keeps_what_it_counted() {
    let command = "echo 'mutants: 4 tried, 3 caught, 1 timed out, 0 survived with a reason, 0 survived, of 9'";
    let mut well = lane("well", command);
    well.count = counting::mutants;
    let mut ill = lane(
        "ill",
        Box::leak(format!("{command}; exit 1").into_boxed_str()),
    );
    ill.count = counting::mutants;
    for entry in &recorded(&[well, ill]) {
        assert_eq!((entry.result, entry.count), (LaneResult::Failed, Some(4)));
        assert!(reason(entry).contains("75.0 %"), "{}", reason(entry));
    }
}

#[test]
fn a_lane_whose_tool_is_missing_has_not_run_and_says_why() {
    let absent = lane(
        "absent",
        "echo before; echo 'not run: no such tool' >&2; exit 2",
    );
    let entries = recorded(&[absent]);
    assert!(entries[0].result == LaneResult::NotRun && entries[0].count.is_none());
    assert_eq!(reason(&entries[0]), "no such tool");
}

/// What the lane starts holds a lock until it ends, so that its end can be waited for.
#[test]
fn a_lane_that_hangs_is_killed_with_all_that_it_started() {
    let (place, path) = record();
    let (lock, survived) = (place.path().join("lock"), place.path().join("survived"));
    let command = format!(
        "(exec 9>'{}'; flock 9; sleep 30; echo >'{}'); {GOOD}",
        lock.display(),
        survived.display()
    );
    let mut hanging = lane("hanging", Box::leak(command.into_boxed_str()));
    hanging.limit = Duration::from_secs(1);
    let entry = &verify(&[hanging], |_| true, Form::Short, None, &path)
        .unwrap()
        .lanes[0];
    assert_eq!(entry.result, LaneResult::Failed);
    assert_eq!(reason(entry), "no end after 1 s");
    File::create(lock).unwrap().lock().unwrap();
    assert!(!survived.exists());
}

#[test]
fn what_was_not_chosen_is_in_the_record_as_not_run() {
    let (_place, path) = record();
    let lanes = [lane("one", GOOD), lane("two", "exit 1")];
    let written = verify(&lanes, |lane| lane.name == "one", Form::Short, None, &path).unwrap();
    assert_eq!(written.lanes[0].result, LaneResult::Passed);
    assert_eq!(written.lanes[1].result, LaneResult::NotRun);
    assert!(reason(&written.lanes[1]).contains("not chosen"));
}

#[test]
fn a_record_of_the_same_commit_can_be_added_to() {
    let (_place, path) = record();
    let lanes = [lane("one", GOOD), lane("two", "exit 1")];
    let mut first = verify(&lanes, |lane| lane.name == "one", Form::Short, None, &path).unwrap();
    first.revision = "0123456789ab".to_owned();
    first.save(&path).unwrap();
    let found = earlier(&path, "0123456789ab").unwrap();
    let both = verify(&lanes, |lane| lane.name == "two", Form::Short, found, &path).unwrap();
    assert_eq!(both.lanes[0], first.lanes[0]);
    assert_eq!(both.lanes[1].result, LaneResult::Failed);
    assert_eq!(both.started_at, first.started_at);
}

#[test]
fn what_is_said_of_other_sources_is_not_added_to() {
    let (_place, path) = record();
    assert!(earlier(&path, "0123456789ab").unwrap().is_none());
    let mut record = verify(&[lane("one", GOOD)], |_| true, Form::Short, None, &path).unwrap();
    for (before, now) in [
        ("0123456789ab", "ba9876543210"),
        ("0123456789ab-dirty", "0123456789ab-dirty"),
        ("unknown", "unknown"),
    ] {
        record.revision = before.to_owned();
        record.save(&path).unwrap();
        let refused = earlier(&path, now).unwrap_err().to_string();
        assert!(
            refused.contains(before) && refused.contains("--add"),
            "{refused}"
        );
    }
}

/// The last lane copies the record that it finds.
#[test]
fn a_run_that_is_interrupted_keeps_what_it_has() {
    let (place, path) = record();
    let copy = place.path().join("copy.json");
    let command = format!("cp '{}' '{}'; {GOOD}", path.display(), copy.display());
    let lanes = [
        lane("one", GOOD),
        lane("two", Box::leak(command.into_boxed_str())),
    ];
    verify(&lanes, |_| true, Form::Short, None, &path).unwrap();
    let midway = Evidence::load(&copy).unwrap().unwrap().lanes;
    assert_eq!(midway[0].result, LaneResult::Passed);
    assert_eq!(midway[1].result, LaneResult::NotRun);
    assert!(reason(&midway[1]).contains("interrupted"));
}

#[test]
fn a_record_that_cannot_be_written_is_an_error() {
    let lanes = [lane("one", GOOD)];
    assert!(
        verify(
            &lanes,
            |_| true,
            Form::Short,
            None,
            Path::new("/proc/none/it.json")
        )
        .is_err()
    );
}

#[test]
fn the_table_of_lanes_names_scripts_that_are_there() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let commands = ALL.iter().flat_map(|lane| [lane.short, lane.long]);
    for command in commands {
        let mut words = command.split(' ');
        if let Some(script) = words.find(|word| word.starts_with("scripts/")) {
            assert!(root.join(script).exists(), "{script}");
        }
    }
}
