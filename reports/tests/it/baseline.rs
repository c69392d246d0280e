//! Baselines: saved whole, compared honestly, and answered by exit code.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use reports::paired::{Observation, PairedRun};
use reports::{
    Against, Baselines, Conclusion, Difference, Doubt, Environment, Error, Fact, Measurement,
    Report, Verdict, Warning, changes, listed, markdown, page, results,
};
use tempfile::tempdir;

use crate::data::{environment, measured};
use crate::html::Element;
use crate::{paired, schema};

/// What was measured, with everything `factor` times as slow.
fn report(launches: u32, factor: f64) -> Report {
    let factors = [1.0, 1.0, 1.3, 1.9].map(|time| time * factor);
    let rows = vec![measured("pi/1000 terms", "threads", 2, 1e6 * factor)];
    Report::new(rows, Some(environment())).with_run(paired::run(launches, factors))
}

fn on(cpu: &str, report: Report) -> Report {
    let environment = Environment {
        cpu: cpu.to_owned(),
        ..environment()
    };
    let rows: Vec<Measurement> = report.rows().map(|row| row.measurement.clone()).collect();
    Report::new(rows, Some(environment)).with_run(report.run.unwrap())
}

fn against(now: &Report, then: &Report) -> (Against, Conclusion) {
    let report = now.clone().with_baseline("then", then);
    let conclusion = Conclusion::of(&report);
    (report.against.unwrap(), conclusion)
}

fn verdicts(against: &Against) -> Vec<Verdict> {
    against.family().map(|shift| shift.verdict).collect()
}

#[test]
fn a_run_against_itself_has_not_changed() {
    let run = report(8, 1.0);
    let (against, conclusion) = against(&run, &run);
    // The control lists its cell twice, and it is compared once.
    assert_eq!(verdicts(&against), [Verdict::Equivalent; 3]);
    assert_eq!(conclusion, Conclusion::Fine);
    assert!(against.differences.is_empty() && against.gone.is_empty() && against.new.is_empty());
}

#[test]
fn what_has_become_slower_is_a_regression_and_what_is_faster_is_none() {
    let (then, slower) = (report(8, 1.0), report(8, 1.2));
    let (worse, conclusion) = against(&slower, &then);
    assert_eq!(verdicts(&worse), [Verdict::Slower; 3]);
    assert_eq!(
        (conclusion, conclusion.exit_code(false)),
        (Conclusion::Regression, 1)
    );
    for shift in worse.family() {
        assert!((shift.effect.unwrap().ratio.point - 1.2).abs() < 0.01);
    }
    let (better, conclusion) = against(&then, &slower);
    assert_eq!(verdicts(&better), [Verdict::Faster; 3]);
    assert_eq!(conclusion, Conclusion::Fine);
}

#[test]
fn few_launches_and_rows_of_one_tell_nothing() {
    let (few, conclusion) = against(&report(4, 3.0), &report(8, 1.0));
    for verdict in verdicts(&few) {
        assert!(matches!(
            verdict,
            Verdict::CannotTell(Doubt::TooFewLaunches { launches: 4, .. })
        ));
    }
    assert_eq!(
        (conclusion.exit_code(false), conclusion.exit_code(true)),
        (0, 2)
    );
    let row = few
        .shifts
        .iter()
        .find(|shift| shift.label == "pi, 1000 terms, threads (2 workers)");
    let row = row.expect("criterion's row is compared");
    assert!((row.effect.unwrap().ratio.point - 3.0).abs() < 1e-9);
    assert!(matches!(
        row.verdict,
        Verdict::CannotTell(Doubt::TooFewLaunches { launches: 1, .. })
    ));
}

#[test]
fn another_processor_makes_every_verdict_indicative_and_the_comparison_invalid() {
    let then = on("Other 9", report(8, 1.0));
    let now = report(8, 1.2).with_baseline("then", &then);
    let conclusion = Conclusion::of(&now);
    assert_eq!(
        (conclusion, conclusion.exit_code(false)),
        (Conclusion::Invalid, 3)
    );
    let warning = &Warning::all(&now)[0];
    assert_eq!(warning.about, "Indicative");
    assert!(
        warning.text.contains("Other 9, and now Example 3000"),
        "{}",
        warning.text
    );
    let html = page::render(&now);
    assert!(
        html.contains("<strong>Indicative. </strong>") && html.contains("Other 9 → Example 3000")
    );
    assert!(markdown(&now).contains("**Indicative.**"));
    assert!(results::to_json(&now).contains("\"is_indicative\":true"));

    // Two machines that nobody knows need not be the same one.
    let unknown = on("unknown", report(8, 1.0));
    assert!(against(&unknown, &unknown).0.is_indicative);
    let none = Report::new(Vec::new(), None);
    assert!(against(&none, &none).0.is_indicative);
}

#[test]
fn page_json_markdown_and_terminal_say_the_same_of_a_change() {
    let then = report(8, 1.0);
    let now = report(8, 1.2).with_baseline("a|b", &then);
    let (html, text, lines) = (
        page::render(&now),
        markdown(&now),
        changes(now.against.as_ref().unwrap()),
    );
    let root = Element::parse(&html);
    let record: serde_json::Value = serde_json::from_str(&results::to_json(&now)).unwrap();
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("results.schema.json");
    let the_schema = serde_json::from_slice(&fs::read(path).unwrap()).unwrap();
    assert_eq!(schema::mismatch(&the_schema, &record), None);
    let shifts = record["baseline"]["shifts"].as_array().unwrap();
    assert_eq!(record["conclusion"], "regression");
    for (shift, record) in now.against.as_ref().unwrap().shifts.iter().zip(shifts) {
        let words = shift.verdict.words();
        assert_eq!(record["verdict"], words);
        let shown = root.cell("against-table", &[&shift.label], "Verdict");
        let expected = format!("{} {words}", shift.verdict.shape());
        assert!(shown.starts_with(&expected), "{}: {shown}", shift.label);
        for text in [&text, &lines] {
            let mut here = text.lines().filter(|line| line.contains(&shift.label));
            assert!(
                here.any(|line| line.contains(words)),
                "{}: {text}",
                shift.label
            );
        }
    }
}

#[test]
fn a_wrong_answer_then_or_now_leaves_nothing_to_compare() {
    let void = |run: PairedRun| {
        let rows: Vec<Observation> = run.observations.rows().collect();
        let mut run = PairedRun {
            observations: Default::default(),
            ..run
        };
        for (number, mut row) in rows.into_iter().enumerate() {
            row.ok = number != 2;
            run.observations.push(row);
        }
        Report::new(Vec::new(), Some(environment())).with_run(run)
    };
    let (sound, wrong) = (report(8, 1.0), void(paired::run(8, [1.0, 1.0, 1.3, 1.9])));
    for (now, then) in [(&sound, &wrong), (&wrong, &sound)] {
        let (against, conclusion) = against(now, then);
        assert_eq!(conclusion, Conclusion::Invalid);
        assert!(verdicts(&against).contains(&Verdict::VOID));
    }
}

#[test]
fn a_setting_that_changed_is_a_difference_and_one_that_was_not_asked_is_none() {
    let with = |flags: Option<&str>| {
        let mut environment = environment();
        environment.facts = flags
            .map(|flags| Fact {
                name: "RUSTFLAGS".to_owned(),
                value: Some(flags.to_owned()),
            })
            .into_iter()
            .collect();
        Report::new(Vec::new(), Some(environment)).with_run(paired::run(8, [1.0, 1.0, 1.3, 1.9]))
    };
    let (plain, native) = (with(Some("not set")), with(Some("-C target-cpu=native")));
    let (changed, _) = against(&native, &plain);
    let told = |it: &Difference| [&it.fact, &it.then, &it.now].map(String::to_owned);
    let differences: Vec<_> = changed.differences.iter().map(told).collect();
    assert_eq!(
        differences,
        [["RUSTFLAGS", "not set", "-C target-cpu=native"]]
    );
    assert!(against(&native, &with(None)).0.differences.is_empty());
}

#[test]
fn a_name_is_saved_once_and_overwritten_only_by_force() {
    let place = tempdir().unwrap();
    let baselines = Baselines::in_folder(place.path().join("baselines"));
    let (first, second) = (report(8, 1.0), report(8, 1.2));
    let path = baselines.save("monday", &first, false).unwrap();
    assert_eq!(path, place.path().join("baselines/monday.json"));
    let refused = baselines.save("monday", &second, false).unwrap_err();
    assert!(matches!(refused, Error::Exists { .. }) && refused.to_string().contains("--force"));
    assert_eq!(baselines.load("monday").unwrap(), first);
    baselines.save("monday", &second, true).unwrap();
    assert_eq!(baselines.load("monday").unwrap(), second);
    assert_eq!(
        baselines.load("monday").unwrap().environment,
        Some(environment())
    );
}

#[test]
fn a_name_is_no_way_out_of_the_folder() {
    let place = tempdir().unwrap();
    let baselines = Baselines::in_folder(place.path().to_owned());
    for name in ["", "../up", "a/b", ".hidden", "a b", "ü"] {
        let refused = baselines.save(name, &report(1, 1.0), true).unwrap_err();
        assert!(
            matches!(refused, Error::BadName { .. }),
            "{name}: {refused}"
        );
        assert!(matches!(baselines.load(name), Err(Error::BadName { .. })));
    }
    assert_eq!(fs::read_dir(place.path()).unwrap().count(), 0);
}

#[test]
fn a_loud_run_is_no_baseline_unless_forced() {
    let place = tempdir().unwrap();
    let baselines = Baselines::in_folder(place.path().to_owned());
    // Its control differs from itself by a fifth.
    let loud =
        Report::new(Vec::new(), Some(environment())).with_run(paired::run(8, [1.0, 1.2, 1.3, 1.9]));
    let refused = baselines.save("loud", &loud, false).unwrap_err();
    assert!(refused.to_string().contains("grade D"), "{refused}");
    assert!(baselines.list().unwrap().is_empty());
    baselines.save("loud", &loud, true).unwrap();
    assert_eq!(baselines.list().unwrap().len(), 1);
}

#[test]
fn a_list_names_each_baseline_and_says_which_can_t_be_read() {
    let place = tempdir().unwrap();
    let baselines = Baselines::in_folder(place.path().to_owned());
    assert_eq!(listed(&baselines.list().unwrap()), "");
    baselines.save("quiet", &report(8, 1.0), false).unwrap();
    fs::write(place.path().join("broken.json"), "{").unwrap();
    fs::write(place.path().join("README.md"), "not one").unwrap();
    let text = listed(&baselines.list().unwrap());
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines.len(), 3, "{text}");
    assert!(lines[1].starts_with("broken ") && lines[1].contains("cannot understand"));
    assert!(
        lines[2].starts_with("quiet ") && lines[2].contains("Example 3000"),
        "{text}"
    );
}

/// Runs the command on what a report was written to.
fn command(arguments: &[&str], results: &Path) -> Output {
    Command::new(env!("CARGO_BIN_EXE_reports"))
        .args(arguments)
        .arg("--results")
        .arg(results)
        .output()
        .unwrap()
}

#[test]
fn the_command_saves_lists_compares_and_answers_by_its_exit_code() {
    let place = tempdir().unwrap();
    let folder = place.path().join("kept");
    let kept = folder.to_str().unwrap();
    let save = |name: &str, report: &Report| {
        let path = place.path().join(name);
        fs::write(&path, results::to_json(report)).unwrap();
        path
    };
    let (then, now) = (
        save("then.json", &report(8, 1.0)),
        save("now.json", &report(8, 1.2)),
    );
    let code = |output: Output| {
        (
            output.status.code(),
            String::from_utf8(output.stdout).unwrap(),
        )
    };

    let saving = ["baseline", "save", "first", "--baselines", kept];
    assert_eq!(code(command(&saving, &then)).0, Some(0));
    assert_eq!(code(command(&saving, &now)).0, Some(2), "the name is taken");
    let list = Command::new(env!("CARGO_BIN_EXE_reports"))
        .args(["baseline", "list", "--baselines", kept])
        .output();
    assert!(code(list.unwrap()).1.contains("first"));

    let comparing = ["baseline", "compare", "first", "--baselines", kept];
    let (answer, text) = code(command(&comparing, &now));
    assert_eq!(answer, Some(1), "{text}");
    assert!(text.contains("Conclusion: regression"));
    assert_eq!(code(command(&comparing, &then)).0, Some(0));
    assert_eq!(
        code(command(
            &["baseline", "compare", "second", "--baselines", kept],
            &now
        ))
        .0,
        Some(2)
    );

    let compare = |a: &Path, b: &Path| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_reports"));
        code(command.arg("compare").args([a, b]).output().unwrap())
    };
    assert_eq!(compare(&then, &now).0, Some(1));
    assert_eq!(compare(&now, &then).0, Some(0));
    let elsewhere = save("elsewhere.json", &on("Other 9", report(8, 1.0)));
    let (answer, text) = compare(&elsewhere, &now);
    assert_eq!(answer, Some(3));
    assert!(text.starts_with("Indicative. "), "{text}");

    let page = place.path().join("index.html");
    let since = [
        "--since",
        then.to_str().unwrap(),
        "--out",
        page.to_str().unwrap(),
    ];
    assert_eq!(code(command(&since, &now)).0, Some(1));
    assert!(
        fs::read_to_string(page)
            .unwrap()
            .contains("Against the baseline")
    );
}
