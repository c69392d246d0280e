//! The record of machine and run.

use std::fs;

use reports::{Environment, Error};
use tempfile::tempdir;

use crate::data;

#[test]
fn a_record_survives_saving_and_loading() {
    let place = tempdir().unwrap();
    let path = place.path().join("reports").join("environment.json");
    for record in [
        data::environment(),
        Environment::capture("cargo bench -- <pi>"),
    ] {
        record.save(&path).unwrap();
        assert_eq!(Environment::load(&path).unwrap(), Some(record));
    }
    let names: Vec<_> = fs::read_dir(path.parent().unwrap()).unwrap().collect();
    assert_eq!(names.len(), 1, "no temporary file stays behind");
}

#[test]
fn capturing_fills_every_piece_or_says_unknown() {
    let record = Environment::capture("cargo bench");
    for text in [
        &record.cpu,
        &record.kernel,
        &record.os,
        &record.toolchain,
        &record.revision,
    ] {
        assert!(!text.trim().is_empty());
        assert_eq!(text.trim(), text);
    }
    assert_eq!(record.command, "cargo bench");
    assert!(record.started_at > 1_700_000_000);
    assert_eq!(record.ended_at, None);
    if cfg!(target_os = "linux") {
        assert!(record.memory_bytes > Some(1 << 20));
        assert!(record.logical_cores >= Some(1));
        assert!(record.kernel.starts_with("Linux "));
        assert!(record.load_at_start.is_some());
    }
}

#[test]
fn no_record_is_no_error_and_a_broken_one_is() {
    let place = tempdir().unwrap();
    let path = place.path().join("environment.json");
    assert_eq!(Environment::load(&path).unwrap(), None);
    for text in ["", "{", "[]", "{\"cpu\": 3}"] {
        fs::write(&path, text).unwrap();
        let error = Environment::load(&path).unwrap_err();
        assert!(matches!(error, Error::Malformed { .. }), "{error}");
        assert!(error.to_string().contains(path.to_str().unwrap()));
    }
}

#[test]
fn a_record_that_is_there_and_cannot_be_read_is_not_called_missing() {
    let place = tempdir().unwrap();
    let error = Environment::load(place.path()).unwrap_err();
    assert!(matches!(error, Error::Unreadable { .. }), "{error}");
}

#[test]
fn a_record_that_cannot_be_saved_says_where() {
    let place = tempdir().unwrap();
    fs::write(place.path().join("reports"), "in the way").unwrap();
    let path = place.path().join("reports").join("environment.json");
    let error = data::environment().save(&path).unwrap_err();
    assert!(matches!(error, Error::Unwritable { .. }));
    assert!(error.to_string().contains(path.to_str().unwrap()));
}
