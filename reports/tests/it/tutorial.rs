//! What the tutorials claim: that each verdict is what its numbers or its lanes say, and that what is cited is there.

use std::fs;
use std::path::{Path, PathBuf};

use reports::evidence::LaneResult;
use reports::paired::{Missing, Observation, PairedRun};
use reports::tutorial::{Answer, Behaviour, Behaviours, CLAIMS, CellName, Ground};
use reports::{Report, Standing, markdown, page, results};

use crate::{counter, evidence, paired};

fn answer(report: &Report, number: &str) -> Answer {
    let answers = report.tutorial();
    let mut answers = answers.into_iter();
    answers
        .find(|it| it.claim.number == number)
        .expect("there are eleven")
}

fn report(run: PairedRun) -> Report {
    Report::new(Vec::new(), None).with_run(run)
}

/// A run whose third cell takes so many times as long as its first, under the names of a claim's cells.
fn run_of(ground: Ground, factor: f64) -> PairedRun {
    let Ground::Slower { own, reference, .. } = ground else {
        panic!("{ground:?} is not measured by a ratio")
    };
    let mut run = paired::run(8, [1.0, 1.0, factor, 1.9]);
    for (cell, name) in [(2, own), (0, reference), (1, reference)] {
        let CellName {
            workload,
            backend,
            way,
        } = name;
        let cell = &mut run.cells[cell];
        (cell.workload, cell.backend) = (workload.to_owned(), backend.to_owned());
        cell.way = way.map(str::to_owned);
    }
    run
}

fn claim(number: &str) -> reports::tutorial::TutorialClaim {
    *CLAIMS
        .iter()
        .find(|claim| claim.number == number)
        .expect("there are eleven")
}

#[test]
fn there_are_eleven_claims_in_order() {
    let numbers = CLAIMS.map(|claim| claim.number.to_owned());
    let expected: Vec<String> = (1..=11).map(|number| format!("C{number}")).collect();
    assert_eq!(numbers.to_vec(), expected);
}

#[test]
fn a_factor_is_told_by_its_whole_interval_on_either_side() {
    let ground = claim("C1").in_rust;
    for (factor, standing) in [
        (12.0, Standing::Confirmed),
        (9.0, Standing::Refuted),
        (10.0, Standing::NotConfirmed),
    ] {
        let told = answer(&report(run_of(ground, factor)), "C1");
        assert_eq!(told.in_rust.standing, standing, "{factor}");
        let ratio = told.in_rust.ratio.expect("it was measured");
        assert!((ratio.point / factor - 1.0).abs() < 0.02, "{ratio:?}");
        assert!(ratio.low < ratio.high);
        // CPython was not there, and decides nothing.
        assert_eq!(told.on_cpython.standing, Standing::NotMeasured);
        assert_eq!(told.standing(), standing);
    }
    let refuted = report(run_of(claim("C1").on_cpython, 9.0));
    assert_eq!(answer(&refuted, "C1").standing(), Standing::Refuted);
}

#[test]
fn two_launches_tell_nothing() {
    let ground = claim("C5").on_cpython;
    let mut run = run_of(ground, 30.0);
    let rows: Vec<Observation> = run.observations.rows().collect();
    run.observations = Default::default();
    rows.into_iter()
        .filter(|row| row.launch < 2)
        .for_each(|row| run.observations.push(row));
    let told = answer(&report(run), "C5");
    assert_eq!(told.standing(), Standing::NotConfirmed);
}

#[test]
fn what_is_said_of_cpython_is_not_decided_by_rust() {
    // On threads and on processes alike, in Rust.
    let told = answer(&report(paired::run(8, [1.0, 1.0, 1.0, 1.9])), "C2");
    assert_eq!(told.in_rust.standing, Standing::Confirmed);
    assert!(told.in_rust.says.contains("equivalent"), "{told:?}");
    assert_eq!(told.standing(), Standing::NotMeasured);
    let told = answer(&report(paired::run(8, [1.0, 1.0, 1.3, 1.9])), "C2");
    assert_eq!(told.in_rust.standing, Standing::Refuted);
    let told = answer(&report(run_of(claim("C2").on_cpython, 2.4)), "C2");
    assert_eq!(told.standing(), Standing::Confirmed);
}

#[test]
fn the_cells_with_the_most_workers_are_taken() {
    let mut run = paired::run(8, [1.0, 1.0, 1.0, 1.0]);
    // With one worker processes take a third longer, with two they are level.
    let mut alone = run.cells[2].clone();
    alone.workers = Some(1);
    run.cells.push(alone);
    run.runs.push(4);
    let rows: Vec<Observation> = run.observations.rows().collect();
    for row in rows.iter().filter(|row| row.cell == 2) {
        run.observations.push(Observation {
            cell: 4,
            wall_ns: row.wall_ns * 4 / 3,
            ..*row
        });
    }
    run.comparisons.insert(
        0,
        reports::paired::Declared {
            own: 4,
            reference: 3,
            purpose: reports::paired::Purpose::Exploratory,
        },
    );
    run.validate().unwrap();
    let told = answer(&report(run), "C2");
    assert!(told.in_rust.says.contains("(2 workers)"), "{told:?}");
    assert_eq!(told.in_rust.standing, Standing::Confirmed);
}

#[test]
fn what_was_not_measured_says_what_is_missing_and_what_measures_it() {
    for told in Report::new(Vec::new(), None).tutorial() {
        assert_eq!(told.standing(), Standing::NotMeasured);
        for side in [&told.on_cpython, &told.in_rust] {
            assert!(side.says.ends_with('.'), "{side:?}");
            assert!(side.command.is_some(), "{side:?}");
        }
    }
    let mut run = run_of(claim("C1").on_cpython, 12.0);
    run.observations = Default::default();
    run.missing = vec![Missing {
        cell: 2,
        reason: "no python3 was found".to_owned(),
    }];
    let told = answer(&report(run), "C1").on_cpython;
    assert!(told.says.contains("no python3 was found"), "{told:?}");
    assert_eq!(told.command, Some("cargo bench -- paired"));
}

#[test]
fn a_wrong_answer_tells_nothing() {
    let mut run = run_of(claim("C1").in_rust, 12.0);
    let rows: Vec<Observation> = run.observations.rows().collect();
    run.observations = Default::default();
    for (number, mut row) in rows.into_iter().enumerate() {
        row.ok = number != 2;
        run.observations.push(row);
    }
    let told = answer(&report(run), "C1").in_rust;
    assert_eq!(told.standing, Standing::NotConfirmed);
    assert!(told.says.contains("wrong answer"), "{told:?}");
}

#[test]
fn lost_updates_are_counted() {
    let told = answer(&counter::report(), "C3");
    assert_eq!(told.standing(), Standing::Confirmed);
    assert!(told.in_rust.says.contains("lost 6533 of"), "{told:?}");
}

#[test]
fn a_claim_of_tests_stands_and_falls_with_the_lanes_that_run_them() {
    let told = |result: LaneResult| {
        let mut evidence = evidence::evidence();
        let template = evidence.lanes[result as usize].clone();
        evidence.lanes = ["std", "loom", "properties"]
            .map(|lane| reports::evidence::Lane {
                lane: lane.to_owned(),
                ..template.clone()
            })
            .to_vec();
        evidence.validate().unwrap();
        let mut report = Report::new(Vec::new(), None);
        report.evidence = Some(evidence);
        ["C4", "C6", "C7", "C8", "C9", "C10"].map(|number| answer(&report, number))
    };
    for (result, standing, says) in [
        (LaneResult::Passed, Standing::Confirmed, "passed, 1"),
        (LaneResult::Failed, Standing::NotConfirmed, "failed"),
        (LaneResult::NotRun, Standing::NotMeasured, "not run"),
    ] {
        for told in told(result) {
            assert_eq!(told.standing(), standing, "{told:?}");
            assert!(told.in_rust.says.contains(says), "{told:?}");
            assert!(told.in_rust.says.contains("0123456789ab"), "{told:?}");
            let is_missing = standing == Standing::NotMeasured;
            assert_eq!(told.in_rust.command.is_some(), is_missing);
        }
    }
    // A lane that the record does not have was not run either.
    let mut report = Report::new(Vec::new(), None);
    report.evidence = Some(evidence::evidence());
    let told = answer(&report, "C10");
    assert_eq!(told.standing(), Standing::NotMeasured);
    assert!(told.in_rust.says.contains("no lane std"), "{told:?}");
}

#[test]
fn what_cpython_was_seen_to_do_decides_a_claim() {
    let checked = |holds| {
        let mut report = counter::report();
        let run = report.environment.as_mut().expect("it has a record");
        run.behaviours = Some(Behaviours {
            version: "CPython 3.13.1".to_owned(),
            checks: vec![Behaviour {
                claim: "C3".to_owned(),
                holds,
                says: "some were lost".to_owned(),
            }],
        });
        report
    };
    for (holds, standing) in [
        (Some(true), Standing::Confirmed),
        (Some(false), Standing::Refuted),
        (None, Standing::NotConfirmed),
    ] {
        let told = answer(&checked(holds), "C3");
        assert_eq!(told.on_cpython.standing, standing);
        assert_eq!(told.on_cpython.says, "CPython 3.13.1: some were lost.");
        // In Rust they were lost.
        assert_eq!(told.standing(), standing);
    }
    let told = answer(&checked(Some(true)), "C7").on_cpython;
    assert_eq!(told.standing, Standing::NotMeasured);
    assert!(told.says.contains("CPython 3.13.1"), "{told:?}");
}

/// All Rust sources below.
fn sources(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).expect("the folder is there");
    let paths = entries.map(|entry| entry.expect("it can be read").path());
    let below = paths.flat_map(|path| match path.is_dir() {
        true => sources(&path),
        false => vec![path],
    });
    below
        .filter(|path| path.extension().is_some_and(|it| it == "rs"))
        .collect()
}

#[test]
fn every_test_that_is_cited_is_there() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let text = |path: PathBuf| fs::read_to_string(&path).expect("it is text");
    let tests: String = sources(&root.join("executor/tests"))
        .into_iter()
        .map(text)
        .collect();
    let models = text(root.join("loom-tests/models.tsv"));
    let of_future = text(root.join("executor/src/base/future.rs"));
    let mut cited = 0;
    for claim in CLAIMS {
        let Ground::Tests(citations) = claim.in_rust else {
            continue;
        };
        for citation in citations {
            for test in citation.tests {
                let is_there = match citation.lane {
                    "loom" => models.contains(&format!("\n{test}\t")),
                    _ if test.starts_with("the documentation of Future") => {
                        of_future.contains("compile_fail,E0277")
                    }
                    _ => tests.contains(&format!("fn {test}")),
                };
                assert!(is_there, "{}: {test}", claim.number);
                cited += 1;
            }
        }
    }
    assert!(cited >= 12, "{cited}");
}

#[test]
fn page_json_and_markdown_say_the_same_of_each_claim() {
    let mut full = counter::report().with_run(run_of(claim("C1").in_rust, 12.0));
    full.evidence = Some(evidence::evidence());
    let html = page::render(&full);
    let (text, json) = (markdown(&full), results::to_json(&full));
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    let words = |standing| match standing {
        Standing::Confirmed => "holds",
        Standing::Refuted => "refuted",
        Standing::NotConfirmed => "can't tell",
        Standing::NotMeasured => "not measured",
    };
    for (told, record) in full
        .tutorial()
        .iter()
        .zip(json["tutorial"].as_array().unwrap())
    {
        let (number, words) = (told.claim.number, words(told.standing()));
        assert_eq!(
            (record["number"].as_str(), record["verdict"].as_str()),
            (Some(number), Some(words))
        );
        let (_, row) = html
            .split_once(&format!("<th scope=\"row\">{number}: "))
            .expect(number);
        let (row, _) = row.split_once("</tr>").unwrap();
        let (verdict, _) = row.split_once("</td>").unwrap();
        assert!(
            verdict.ends_with(&format!("</span>{words}</span>")),
            "{verdict}"
        );
        let line = text
            .lines()
            .find(|line| line.starts_with(&format!("| {number}: ")));
        assert!(line.expect(number).contains(words));
    }
}
