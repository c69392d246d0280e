//! The driver with launches that a shell plays.

use std::fs;
use std::path::PathBuf;

use reports::paired::{Latency, Observation, Purpose};

use super::*;
use crate::paired::family::tests::cell;

/// A place for a record, which goes when the test does.
struct Place(PathBuf);

impl Place {
    fn new(name: &str) -> Place {
        let place = std::env::temp_dir().join(format!("paired-{name}-{}", std::process::id()));
        fs::create_dir_all(&place).expect("there is room for it");
        Place(place)
    }

    fn record(&self) -> PathBuf {
        self.0.join("paired.json")
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        drop(fs::remove_dir_all(&self.0));
    }
}

/// Two cells that are compared. The launches are played, so nothing starts them.
fn family() -> Family {
    let mut family = Family::default();
    for number in 0..2 {
        family.add(cell(number), || Err("nobody starts it".into()));
    }
    family.compare(0, 1, Purpose::Confirmatory);
    family
}

fn plan(silence: Duration) -> Plan {
    Plan {
        launches: 4,
        blocks: 2,
        silence,
        ..Plan::quick()
    }
}

const LONG: Duration = Duration::from_secs(60);

/// A shell that says these messages and then does what `after` says.
fn says(messages: &[Message], after: &str) -> Command {
    let lines: Vec<String> = messages.iter().map(Message::to_json).collect();
    let mut command = Command::new("sh");
    command
        .arg("-c")
        .arg(format!("for line; do echo \"$line\"; done; {after}"));
    command.arg("launch").args(lines);
    command
}

fn chosen() -> Message {
    Message::Chosen {
        runs: vec![3, 4],
        visits_ns: vec![1_000; 2],
    }
}

/// Both blocks of a launch, of the cells that are visited.
fn blocks(launch: u32, runs: &[u64]) -> Vec<Message> {
    let visited: Vec<usize> = (0..runs.len()).filter(|cell| runs[*cell] > 0).collect();
    let block = |block| {
        let mut seen = Observations::default();
        for (position, &cell) in (0..).zip(&visited) {
            seen.push(Observation {
                launch,
                block,
                position,
                cell,
                runs: runs[cell],
                wall_ns: 1_000,
                user_ns: 0,
                system_ns: 0,
                children_user_ns: 0,
                children_system_ns: 0,
                voluntary_switches: 0,
                involuntary_switches: 0,
                steal_ticks: 0,
                throttled_ns: 0,
                calibrator_ns: 1,
                ok: true,
                ..Observation::default()
            });
        }
        Message::Block(Box::new(seen))
    };
    vec![block(0), block(1)]
}

/// A run whose pilot does well, and whose launches do what `play` says.
fn measured(
    name: &str,
    silence: Duration,
    play: impl Fn(u32, &[u64], Vec<Message>) -> Command,
) -> PairedRun {
    let place = Place::new(name);
    let run = measure(
        &place.record(),
        &plan(silence),
        &family(),
        |assignment| match assignment {
            Assignment::Pilot { .. } => says(&[chosen()], ""),
            Assignment::Launch { launch, runs, .. } => play(*launch, runs, blocks(*launch, runs)),
        },
    );
    let run = run.expect("the record can be written");
    let read = PairedRun::load(&place.record()).expect("it is a record");
    assert_eq!(
        read.as_ref(),
        Some(&run),
        "what is returned is what is saved"
    );
    run
}

#[test]
fn a_whole_run_has_no_gaps() {
    let run = measured("whole", LONG, |_, _, blocks| says(&blocks, ""));
    assert_eq!(run.gaps(), [""; 0]);
    assert_eq!((run.observations.len(), run.runs), (4 * 2 * 2, vec![3, 4]));
    assert!(run.ended_at.is_some());
}

#[test]
fn the_others_go_on_when_a_launch_dies() {
    let run = measured("dies", LONG, |launch, _, blocks| match launch {
        1 => says(&blocks[..1], "kill -9 $$"),
        2 => says(&blocks[..1], ""),
        _ => says(&blocks, ""),
    });
    let gaps = run.gaps();
    assert!(
        gaps[0].starts_with("Launch 2 of 4 has 1 of 2 blocks: it died: signal: 9"),
        "{gaps:?}"
    );
    assert_eq!(
        gaps[1..],
        ["Launch 3 of 4 has 1 of 2 blocks: it ended early."]
    );
    assert_eq!(run.observations.len(), 6 * 2);
}

#[test]
fn the_others_go_on_when_a_launch_hangs() {
    let silence = Duration::from_secs(3);
    let run = measured("hangs", silence, |launch, _, blocks| match launch {
        0 => says(&blocks[..1], "exec sleep 1000"),
        _ => says(&blocks, ""),
    });
    let reason = "it hung, and was killed after 3s of silence";
    assert_eq!(
        run.gaps(),
        [format!("Launch 1 of 4 has 1 of 2 blocks: {reason}.")]
    );
    assert_eq!(run.observations.len(), 7 * 2);
}

#[test]
fn a_cell_that_hangs_is_left_out_from_there_on() {
    let run = measured("cell", LONG, |launch, _, mut blocks| match launch {
        1 => {
            blocks[1] = Message::Hung { cell: 0 };
            says(&blocks, "exit 1")
        }
        _ => says(&blocks, ""),
    });
    let label = run.cells[0].label();
    let says = [
        format!("Launch 2 of 4 has 1 of 2 blocks: it hung in a cell: {label}."),
        format!("Not measured: {label}: it hung in launch 2 and was left out from there on."),
    ];
    assert_eq!(run.gaps(), says);
    assert_eq!(run.runs, [0, 4]);
    assert_eq!(run.observations.len(), 2 * 2 + 2 + 2 * 2);
}

#[test]
fn after_three_in_vain_the_others_are_not_tried() {
    let run = measured("vain", LONG, |launch, _, _| {
        assert!(launch < HOPELESS, "launch {launch} is tried");
        says(&[], "exit 3")
    });
    let last = "Launch 4 of 4 has 0 of 2 blocks: not tried, since 3 in a row gave nothing.";
    assert_eq!(run.gaps()[3], last);
}

#[test]
fn what_the_pilot_hangs_in_is_left_out() {
    let place = Place::new("pilot");
    let run = measure(
        &place.record(),
        &plan(LONG),
        &family(),
        |assignment| match assignment {
            Assignment::Pilot { skip, .. } if skip.is_empty() => {
                says(&[Message::Hung { cell: 1 }], "exit 1")
            }
            Assignment::Pilot { skip, .. } => {
                assert_eq!(skip, &[1]);
                says(
                    &[Message::Chosen {
                        runs: vec![3, 0],
                        visits_ns: vec![1, 0],
                    }],
                    "",
                )
            }
            Assignment::Launch { launch, runs, .. } => says(&blocks(*launch, runs), ""),
        },
    );
    let run = run.expect("the record can be written");
    assert_eq!(run.observations.len(), 4 * 2);
    assert_eq!(run.gaps().len(), 1);
}

#[test]
fn without_a_pilot_nothing_is_measured_and_that_is_said() {
    let place = Place::new("none");
    let run = measure(&place.record(), &plan(LONG), &family(), |assignment| {
        assert!(matches!(assignment, Assignment::Pilot { .. }));
        says(&[], "exit 9")
    });
    let run = run.expect("the record can be written");
    let says = "The pilot, without which nothing is measured: it died: exit status: 9.";
    assert_eq!(run.gaps(), [says]);
}

#[test]
fn an_interrupted_run_has_a_record_of_what_was_measured() {
    let place = Place::new("interrupted");
    let record = place.record();
    // Whoever looks while the third launch runs sees what is left if the run ends here.
    let look = || {
        PairedRun::load(&record)
            .expect("it is a record")
            .expect("there is one")
    };
    measure(
        &record,
        &plan(LONG),
        &family(),
        |assignment| match assignment {
            Assignment::Pilot { .. } => {
                assert_eq!(
                    look().gaps(),
                    ["The run was interrupted: it has 0 of 4 launches."]
                );
                says(&[chosen()], "")
            }
            Assignment::Launch { launch, runs, .. } => {
                if *launch == 2 {
                    let run = look();
                    assert_eq!(
                        run.gaps(),
                        ["The run was interrupted: it has 2 of 4 launches."]
                    );
                    assert_eq!(run.observations.len(), 2 * 2 * 2);
                }
                says(&blocks(*launch, runs), "")
            }
        },
    )
    .expect("the record can be written");
    assert!(look().gaps().is_empty());
}

/// What a launch has seen of the waits on one backend.
fn waits(launch: u32) -> Message {
    Message::Waits(Box::new(Latency {
        launch,
        backend: "threads".to_owned(),
        workers: 2,
        per_second: 4_000.0,
        latency_ns: vec![3, 4],
        service_ns: vec![2, 2],
        late_ns: 1,
        ok: true,
    }))
}

#[test]
fn waits_are_kept_with_the_launch_that_has_seen_them() {
    let run = measured("waits", LONG, |launch, _, mut blocks| {
        blocks.push(match launch {
            2 => Message::NoWaits {
                backend: "threads".to_owned(),
                reason: "no pool".to_owned(),
            },
            launch => waits(launch),
        });
        says(&blocks, "")
    });
    let launches: Vec<u32> = run.latencies.iter().map(|seen| seen.launch).collect();
    assert_eq!(launches, [0, 1, 3]);
    let says = "Waits on threads were not measured in launch 3: no pool.";
    assert_eq!(run.notes, [says]);
    assert_eq!(run.gaps(), [""; 0]);
}

#[test]
fn what_hangs_in_its_waits_has_its_blocks_and_nobody_tries_again() {
    let place = Place::new("hung-waits");
    let run = measure(
        &place.record(),
        &plan(LONG),
        &family(),
        |assignment| match assignment {
            Assignment::Pilot { .. } => says(&[chosen()], ""),
            Assignment::Launch {
                launch,
                runs,
                waits: tasks,
                ..
            } => {
                let mut blocks = blocks(*launch, runs);
                assert_eq!(*tasks > 0, *launch <= 1, "launch {launch}");
                if *launch == 1 {
                    blocks.push(Message::Hung { cell: 2 });
                    return says(&blocks, "exit 1");
                }
                says(&blocks, "")
            }
        },
    );
    let run = run.expect("the record can be written");
    assert_eq!(run.observations.len(), 4 * 2 * 2);
    assert!(run.missing.is_empty() && run.validate().is_ok());
    let says = "Waits were not measured after launch 2, which hung in them.";
    assert_eq!(run.notes, [says]);
}
