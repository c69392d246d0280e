//! The twins of a page: what they hold, that they agree with it, and that they go with it.

use std::fs;
use std::path::Path;

use reports::paired::{Observation, PairedRun};
use reports::{Conclusion, Report, Twins, csv, markdown, page, results, verdicts};
use serde_json::Value;
use tempfile::tempdir;

use crate::data::{environment, fixture_measurements, reports};
use crate::html::Element;
use crate::{counter, evidence, paired, schema};

/// A report with everything in it that a page can have.
fn full_report() -> Report {
    let mut environment = counter::run();
    environment
        .counts
        .as_mut()
        .unwrap()
        .rows
        .retain(|row| !row.is_wrong());
    let mut report = Report::new(fixture_measurements(), Some(environment));
    report.evidence = Some(evidence::evidence());
    report.with_run(paired::run(8, [1.0, 1.0, 1.3, 1.9]))
}

pub(crate) fn the_schema() -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("results.schema.json");
    serde_json::from_slice(&fs::read(path).unwrap()).unwrap()
}

fn json(report: &Report) -> Value {
    serde_json::from_str(&results::to_json(report)).unwrap()
}

#[test]
fn every_result_is_as_the_committed_schema_has_it() {
    let schema = the_schema();
    let mut run = paired::run(1, [1.0; 4]);
    let known = Observation {
        block: 6,
        minor_faults: Some(7),
        calibrator_after_ns: Some(1_000),
        ..run.observations.rows().next().unwrap()
    };
    run.blocks = 7;
    run.observations.push(known);
    let later = Report::new(Vec::new(), None).with_run(run);
    for report in reports().iter().chain([&full_report(), &later]) {
        assert_eq!(schema::mismatch(&schema, &json(report)), None);
    }
}

#[test]
fn the_schema_refuses_what_is_not_so() {
    let schema = the_schema();
    let sound = json(&full_report());
    for (pointer, value) in [
        ("/schema_version", Value::from(2)),
        ("/grade", "E".into()),
        ("/comparisons/0/verdict", "probably".into()),
        ("/comparisons/1/ratio/low", "fast".into()),
        ("/cells/0/size", (-1).into()),
        ("/measurements/0/samples_ns/1", Value::Null),
        ("/environment/cpu", Value::Null),
        ("/paired/observations/ok/3", 1.into()),
        ("/tutorial/0/verdict", "perhaps".into()),
        ("/comparisons/1/launch_share", 2.into()),
        ("/comparisons/1/correction", "tukey".into()),
        ("/evidence/lanes/0/result", "fine".into()),
        ("/evidence/lanes/1/count", (-1).into()),
    ] {
        let mut spoilt = sound.clone();
        *spoilt.pointer_mut(pointer).expect(pointer) = value;
        assert!(schema::mismatch(&schema, &spoilt).is_some(), "{pointer}");
    }
}

#[test]
fn a_report_is_read_back_whole_and_its_page_has_the_same_bytes() {
    let place = tempdir().unwrap();
    let page = place.path().join("index.html");
    for report in [full_report(), Report::new(fixture_measurements(), None)] {
        report.write(&page).unwrap();
        let read = results::read(&Twins::of(&page).results).unwrap();
        assert_eq!(read, report);
        assert_eq!(fs::read_to_string(&page).unwrap(), page::render(&read));
    }
}

#[test]
fn results_of_before_the_evidence_was_in_them_are_read() {
    let place = tempdir().unwrap();
    let path = place.path().join("results.json");
    let mut record = json(&full_report());
    record.as_object_mut().unwrap().remove("evidence");
    fs::write(&path, record.to_string()).unwrap();
    let read = results::read(&path).unwrap();
    assert_eq!(read.evidence, None);
    assert_eq!(read.paired, full_report().paired);
}

#[test]
fn verdicts_in_a_file_are_not_believed() {
    let place = tempdir().unwrap();
    let path = place.path().join("results.json");
    let mut record = json(&full_report());
    for verdict in record["comparisons"].as_array_mut().unwrap() {
        verdict["verdict"] = "faster".into();
    }
    record["conclusion"] = "invalid".into();
    fs::write(&path, record.to_string()).unwrap();
    assert_eq!(results::read(&path).unwrap(), full_report());
}

#[test]
fn the_committed_sample_is_the_page_of_its_results() {
    let sample = Path::new(env!("CARGO_MANIFEST_DIR")).join("sample");
    let report = results::read(&sample.join("results.json")).unwrap();
    let page = fs::read_to_string(sample.join("index.html")).unwrap();
    assert!(
        page::render(&report) == page,
        "the sample is stale: cargo run -p reports -- render --results reports/sample/results.json --out \
         target/index.html && cp target/index.html target/results.json reports/sample/"
    );
    // The page shows this file's digest, and another build made both.
    let written = fs::read_to_string(sample.join("results.json")).unwrap();
    assert!(results::to_json(&report) == written, "stale as well");
    assert!(page.len() < 500_000, "{} bytes", page.len());
}

#[test]
fn results_that_make_no_sense_are_refused_with_the_reason() {
    let place = tempdir().unwrap();
    let path = place.path().join("results.json");
    for (pointer, value, reason) in [
        (
            "/schema_version",
            Value::from(7),
            "schema_version is 7, and this version reads 1",
        ),
        (
            "/measurements/0/median/low_ns",
            0.into(),
            "is no time with its interval",
        ),
        (
            "/measurements/0/samples_ns",
            Value::Array(Vec::new()),
            "are no times",
        ),
        ("/paired/margin", 0.5.into(), "margin is 0.5"),
        ("/paired/cells", Value::Null, "invalid type"),
        (
            "/evidence/lanes/0/count",
            Value::Null,
            "the lane one passed, and has counted nothing",
        ),
    ] {
        let mut record = json(&full_report());
        *record.pointer_mut(pointer).expect(pointer) = value;
        fs::write(&path, record.to_string()).unwrap();
        let message = results::read(&path).unwrap_err().to_string();
        assert!(
            message.contains(reason) && message.contains("results.json"),
            "{message}"
        );
    }
}

#[test]
fn page_json_markdown_and_terminal_give_the_same_verdicts() {
    let report = full_report();
    let (html, record) = (page::render(&report), json(&report));
    let root = Element::parse(&html);
    let (text, lines) = (markdown(&report), verdicts(&report));
    let paired = report.paired.as_ref().unwrap();
    for (compared, record) in paired
        .compared
        .iter()
        .zip(record["comparisons"].as_array().unwrap())
    {
        let words = compared.verdict.words();
        assert_eq!(record["verdict"], words);
        let (own, reference) = (compared.own.label(), compared.reference.label());
        let shown = root.cell("paired-verdicts", &[&own, &reference], "Verdict");
        let expected = format!("{} {words}", compared.verdict.shape());
        assert!(shown.starts_with(&expected), "{own}: {shown}");
        for text in [&text, &lines] {
            let mut here = text.lines().filter(|line| line.contains(&own));
            assert!(
                here.any(|line| line.contains(words)),
                "{own} {words}: {text}"
            );
        }
    }
    let conclusion = Conclusion::of(&report);
    assert_eq!(record["conclusion"], "fine");
    assert!(text.contains(conclusion.words()) && lines.contains(conclusion.words()));
    for settled in &report.counted.as_ref().unwrap().statements {
        assert!(
            html.contains(&settled.text) && text.contains(&settled.text),
            "{}",
            settled.text
        );
    }
}

#[test]
fn the_same_data_give_the_same_twins() {
    let (once, again) = (full_report(), full_report());
    assert_eq!(results::to_json(&once), results::to_json(&again));
    assert_eq!(markdown(&once), markdown(&again));
    let run = once.run.unwrap();
    let mut reversed = PairedRun {
        observations: Default::default(),
        ..run.clone()
    };
    let rows: Vec<Observation> = run.observations.rows().collect();
    rows.into_iter()
        .rev()
        .for_each(|row| reversed.observations.push(row));
    assert_eq!(csv::observations(&run), csv::observations(&reversed));
}

#[test]
fn observations_have_a_line_for_each_visit_and_all_that_was_seen() {
    let mut run = paired::run(2, [1.0, 1.0, 1.3, 1.9]);
    run.cells[2].backend = "a \"b\", c".to_owned();
    let text = csv::observations(&run);
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines.len(), 1 + run.observations.len());
    let heads: Vec<&str> = lines[0].split(',').collect();
    let first = run.observations.rows().next().unwrap();
    for name in serde_json::to_value(first)
        .unwrap()
        .as_object()
        .unwrap()
        .keys()
    {
        assert!(name == "cell" || heads.contains(&name.as_str()), "{name}");
    }
    assert_eq!(
        heads[..8],
        [
            "launch", "block", "position", "workload", "backend", "way", "workers", "size"
        ]
    );
    assert!(
        // What a record of before does not have is empty.
        lines[1].starts_with("0,0,0,pi,threads,,2,1000,,,1000,"),
        "{}",
        lines[1]
    );
    assert!(
        lines[3].starts_with("0,0,2,pi,\"a \"\"b\"\", c\",,2,1000,"),
        "{}",
        lines[3]
    );
}

#[test]
fn names_are_no_markdown() {
    let mut report = Report::new(fixture_measurements(), Some(environment()));
    let mut run = paired::run(8, [1.0, 1.0, 1.3, 1.9]);
    run.cells[2].backend = "<b>|*x*\n".to_owned();
    report = report.with_run(run);
    report.environment.as_mut().unwrap().cpu = "[a](b) `c`".to_owned();
    let text = markdown(&report);
    assert!(
        text.contains("\\<b\\>\\|\\*x\\*⟨U+000A⟩") && text.contains("\\[a\\](b) \\`c\\`"),
        "{text}"
    );
}

#[test]
fn a_page_without_a_paired_run_leaves_no_observations_of_another() {
    let place = tempdir().unwrap();
    let page = place.path().join("monday.html");
    let twins = Twins::of(&page);
    full_report().write(&page).unwrap();
    assert!(twins.observations.exists());
    Report::new(fixture_measurements(), None)
        .write(&page)
        .unwrap();
    assert!(!twins.observations.exists());
    let mut names: Vec<_> = fs::read_dir(place.path())
        .unwrap()
        .map(|it| it.unwrap().file_name())
        .collect();
    names.sort();
    assert_eq!(
        names,
        ["monday.html", "monday.results.json", "monday.summary.md"]
    );
}

#[test]
fn a_paired_run_that_is_not_of_the_recorded_run_is_marked() {
    let marks = |started_at, ended_at| {
        let mut run = paired::run(8, [1.0, 1.0, 1.3, 1.9]);
        run.started_at = started_at;
        let mut environment = environment();
        environment.ended_at = ended_at;
        environment.command = "cargo bench -- pi".to_owned();
        let report = Report::new(fixture_measurements(), Some(environment)).with_run(run);
        let html = page::render(&report);
        let is_warned = html.contains("The paired run is of 1970-01-01 00:");
        assert_eq!(
            markdown(&report).contains("**Another paired run.**"),
            is_warned
        );
        let badge = "<span class=\"badge\">another run</span>";
        assert_eq!(html.matches(badge).count(), 2 * usize::from(is_warned));
        assert_eq!(
            html.contains("(cargo bench -- pi, 1970-01-01 00:16:40 UTC)"),
            is_warned
        );
        is_warned
    };
    // The recorded run lasted from 1000 to 1125.
    assert!(marks(999, Some(1_125)), "an older one was left");
    assert!(!marks(1_000, Some(1_125)) && !marks(1_125, Some(1_125)));
    assert!(
        marks(1_126, Some(1_125)),
        "a later one was left by another run"
    );
    assert!(
        !marks(1_126, None),
        "a run that has not ended may have made it"
    );
}

#[test]
fn the_page_names_its_twins_and_the_digest_of_its_results() {
    use sha2::{Digest, Sha256};
    let report = full_report();
    let html = page::render(&report);
    for name in ["results.json", "observations.csv", "summary.md"] {
        assert!(html.contains(&format!("<code>{name}</code>")), "{name}");
    }
    let digest = Sha256::digest(results::to_json(&report));
    let digest: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    assert!(html.contains(&digest));
    let html = page::render(&Report::new(Vec::new(), None));
    assert!(!html.contains("observations.csv"));
}
