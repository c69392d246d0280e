//! Criterion's rows and the paired run on the same work: where they say opposite things, the page says so.

use reports::paired::Purpose;
use reports::{Measurement, Parameter, Report, Warning, markdown, page, results};

use crate::advice::run_of;
use crate::data::measured;
use crate::html::Element;
use crate::mood::changed;

/// Criterion's row of a counter, of which a run is `elements` increments.
fn counted(backend: &str, way: &str, median_ns: f64, elements: u64) -> Measurement {
    let mut row = measured("counter/2 tasks", backend, 0, median_ns);
    row.parameter = Parameter::Other(way.to_owned());
    row.elements = Some(elements);
    row
}

/// Processes take twice the time of threads in the paired run, and this many by criterion.
fn report(by_criterion: f64, elements: u64) -> Report {
    let lock = "shared-memory lock";
    let rows = vec![
        counted("threads", "mutex", 1e6, elements),
        counted("processes", lock, 1e6 * by_criterion, elements),
        measured("other", "threads", 2, 1e6),
    ];
    let cells = [
        ("counter", "threads", Some("mutex"), 1.0),
        ("counter", "processes", Some(lock), 2.0),
    ];
    let run = run_of(8, &cells, &[(1, 0, Purpose::Confirmatory)]);
    Report::new(rows, None).with_run(run)
}

fn warned(report: &Report) -> Option<String> {
    let warnings = Warning::all(report);
    let mut warnings = warnings.into_iter();
    warnings
        .find(|it| it.about == "Two regimes")
        .map(|it| it.text.replace('\u{202f}', " "))
}

/// The texts of the notices in a part of the page.
fn notices(root: &Element, id: &str) -> Vec<String> {
    let mut parts = root.all().into_iter();
    let part = parts.find(|it| it.attribute("id") == Some(id)).expect(id);
    let notices = part.all().into_iter();
    let notices = notices.filter(|it| it.attribute("class") == Some("notice"));
    notices.map(Element::text).collect()
}

#[test]
fn opposite_verdicts_of_a_cell_with_several_modes_name_them() {
    let lock = "shared-memory lock";
    let rows = vec![
        counted("threads", "mutex", 1e6, 1_000),
        counted("processes", lock, 0.5e6, 1_000),
    ];
    let cells = [
        ("counter", "threads", Some("mutex"), 1.0),
        ("counter", "processes", Some(lock), 2.0),
    ];
    let run = run_of(30, &cells, &[(1, 0, Purpose::Confirmatory)]);
    let run = changed(run, |row| {
        let is_slow = row.cell == 0 && row.launch % 3 == 0;
        row.wall_ns = row.wall_ns * if is_slow { 3 } else { 2 } / 2;
    });
    let text = warned(&Report::new(rows, None).with_run(run)).expect("they are opposite");
    let says = "In the paired run counter, threads, mutex (2 workers) took ";
    assert!(text.contains(says), "{text}");
    assert!(
        text.contains("in 66.7\u{a0}% of the visits and 1.5"),
        "{text}"
    );
    assert_eq!(text.matches("criterion may have met").count(), 1, "{text}");
}

#[test]
fn opposite_verdicts_on_the_same_work_are_said_on_top_and_beside_both_tables() {
    let report = report(0.5, 20_000);
    let text = warned(&report).expect("they are opposite");
    for part in [
        "One verdict of the paired run is the opposite",
        "counter, processes, shared-memory lock (2 workers) takes 2.0",
        "of counter, threads, mutex (2 workers) in the paired run, and 0.500× (",
        "A run is 1000 increments there and 20 000 here.",
        "one warm process",
        "fresh processes",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
    let html = page::render(&report);
    let root = Element::parse(&html);
    for (part, number) in [
        ("answers", 1),
        ("paired-runs", 1),
        ("w-counter--2-tasks", 1),
        ("w-other", 0),
    ] {
        let notices = notices(&root, part);
        let told = notices.iter().filter(|it| it.contains("one warm process"));
        assert_eq!(told.count(), number, "{part}: {notices:?}");
    }
    assert!(markdown(&report).contains("**Two regimes.**"));
    assert!(results::to_json(&report).contains("\"Two regimes. "));
}

#[test]
fn runs_of_one_size_are_said_to_be_of_one_size() {
    let text = warned(&report(0.5, 1_000)).expect("they are opposite");
    assert!(text.contains("A run is 1000 increments in both."), "{text}");
}

#[test]
fn verdicts_that_agree_or_are_none_contradict_nothing() {
    for by_criterion in [2.0, 1.0] {
        let report = report(by_criterion, 20_000);
        assert_eq!(warned(&report), None);
        assert!(!page::render(&report).contains("Another regime"));
    }
}

#[test]
fn rows_of_other_work_contradict_nothing() {
    let opposite = report(0.5, 20_000);
    let moved = |change: fn(&mut Measurement)| {
        let mut rows: Vec<_> = opposite.rows().map(|row| row.measurement.clone()).collect();
        rows.iter_mut().for_each(change);
        Report::new(rows, None).with_run(opposite.run.clone().unwrap())
    };
    assert!(warned(&moved(|_| ())).is_some());
    assert_eq!(warned(&moved(|row| row.workload = "another".into())), None);
    assert_eq!(
        warned(&moved(|row| row.parameter = Parameter::Workers(2))),
        None
    );
    assert_eq!(warned(&moved(|row| row.samples_ns.truncate(2))), None);
}

#[test]
fn pi_is_the_same_work_only_at_the_same_size() {
    let at = |terms: u64| {
        let group = format!("pi/{terms} terms/one part per worker");
        let rows = vec![
            measured(&group, "sequential", 0, 1e6),
            measured(&group, "threads", 2, 2e6),
        ];
        let cells = [
            ("pi", "sequential", None, 2.0),
            ("pi", "threads", None, 1.0),
        ];
        let run = run_of(8, &cells, &[(1, 0, Purpose::Confirmatory)]);
        warned(&Report::new(rows, None).with_run(run))
    };
    assert!(at(1_000).is_some());
    assert_eq!(at(10_000), None);
}
