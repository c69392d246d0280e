//! The record of a paired run: what is read, and what is refused.

use std::fs;

use reports::paired::PairedRun;
use tempfile::tempdir;

use crate::paired::run;

#[test]
fn a_record_is_read_as_it_was_saved() {
    let place = tempdir().unwrap();
    let path = place.path().join("paired.json");
    assert!(PairedRun::load(&path).unwrap().is_none());
    let run = run(2, [1.0, 1.0, 2.0, 2.0]);
    run.save(&path).unwrap();
    assert_eq!(PairedRun::load(&path).unwrap(), Some(run));
}

#[test]
fn what_is_wrong_with_a_record_is_said() {
    let place = tempdir().unwrap();
    let path = place.path().join("paired.json");
    let sound = serde_json::to_value(run(2, [1.0; 4])).unwrap();
    let spoilt: [(&str, serde_json::Value, &str); 8] = [
        (
            "/schema_version",
            9.into(),
            "schema_version is 9, and this version reads 1",
        ),
        ("/margin", 0.5.into(), "margin is 0.5"),
        (
            "/comparisons/0/own",
            7.into(),
            "comparison 0 is of cells 7 and 0, and there are 4",
        ),
        (
            "/comparisons/0/own",
            0.into(),
            "comparison 0 is of cell 0 with itself",
        ),
        (
            "/observations/cell/3",
            9.into(),
            "observation 3 is of cell 9",
        ),
        (
            "/observations/launch/0",
            5.into(),
            "observation 0 is of launch 5",
        ),
        (
            "/observations/wall_ns/1",
            0.into(),
            "observation 1 has taken no time",
        ),
        (
            "/observations/cell/1",
            0.into(),
            "cell 0 is twice in block 0 of launch 0",
        ),
    ];
    for (pointer, value, reason) in spoilt {
        let mut record = sound.clone();
        *record.pointer_mut(pointer).unwrap() = value;
        fs::write(&path, record.to_string()).unwrap();
        let message = PairedRun::load(&path).unwrap_err().to_string();
        assert!(
            message.contains(reason) && message.contains("paired.json"),
            "{message}"
        );
    }
    let mut record = sound.clone();
    record["observations"]["wall_ns"]
        .as_array_mut()
        .unwrap()
        .pop();
    fs::write(&path, record.to_string()).unwrap();
    let message = PairedRun::load(&path).unwrap_err().to_string();
    assert!(
        message.contains("column wall_ns has 47 rows, and launch has 48"),
        "{message}"
    );
    fs::write(&path, "{\"schema_version\": 1").unwrap();
    assert!(PairedRun::load(&path).is_err());
}
