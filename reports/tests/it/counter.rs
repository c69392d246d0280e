//! The shared counter, on the page and on the terminal.

use reports::{
    Count, Counts, Environment, Evidence, Measurement, Pair, Parameter, Report, RowName,
    RowVerdict, Standing, Statement, page, summary,
};

use crate::data::{environment, measured};
use crate::html::Element;

const GROUP: &str = "counter/2 tasks";

fn row(backend: &str, way: &str, median_ns: f64) -> Measurement {
    let mut row = measured(GROUP, backend, 0, median_ns);
    row.parameter = Parameter::Other(way.to_owned());
    row.elements = Some(20_000);
    row
}

fn count(backend: &str, way: &str, expected: u64, got: u64) -> Count {
    Count {
        row: RowName::by(backend, way),
        is_control: false,
        runs: expected / 20_000,
        expected,
        got,
        span_ns: None,
    }
}

fn rows() -> Vec<Measurement> {
    vec![
        row("threads", "mutex", 1e6),
        row("processes", "shared memory", 2e6),
        row("processes", "manager", 2e9),
    ]
}

pub(crate) fn run() -> Environment {
    let turn = Pair {
        own_ns: 100e3,
        reference_ns: 100.0,
    };
    let slower = |text: &str, own: &str, pairs| Statement {
        text: text.to_owned(),
        evidence: Evidence::Slower {
            times: 10.0,
            own: RowName::by("processes", own),
            reference: RowName::by("processes", "shared memory"),
            pairs,
        },
    };
    let control = Count {
        is_control: true,
        span_ns: Some(312e3),
        ..count("threads", "nothing", 20_000, 13_467)
    };
    let counts = Counts {
        group: GROUP.to_owned(),
        reference: RowName::by("processes", "shared memory"),
        rows: vec![
            count("threads", "mutex", 60_000, 60_000),
            count("processes", "shared memory", 400_000, 400_000),
            count("processes", "manager", 40_000, 39_999),
            count("processes", "unheard of", 20_000, 20_003),
            control,
        ],
        statements: vec![
            slower(
                "A manager costs more than ten times shared memory",
                "manager",
                vec![turn; 6],
            ),
            slower("So does a dream", "dream", Vec::new()),
            Statement {
                text: "Without a lock updates are lost".to_owned(),
                evidence: Evidence::Loss,
            },
        ],
    };
    Environment {
        counts: Some(counts),
        ..environment()
    }
}

/// A report with counters that are right, wrong, and not timed.
pub(crate) fn report() -> Report {
    Report::new(rows(), Some(run()))
}

fn lines(report: &Report) -> Vec<String> {
    let root = Element::parse(&page::render(report));
    let section = root.all().into_iter().find(|element| {
        element.name == "section" && element.attribute("id") == Some("shared-counter")
    });
    let lines = section.expect("the section is there").named("tr");
    let texts = lines.into_iter().skip(1).map(Element::text);
    texts
        .map(|text| text.replace(['\u{a0}', '\u{202f}'], " "))
        .collect()
}

#[test]
fn the_page_says_what_was_expected_got_and_lost() {
    assert_eq!(
        lines(&report()),
        [
            "threads (mutex)60 00060 000050.0 ns49.5–50.5 ns0.500× ▲ faster0.490–0.510×",
            "processes (shared memory)400 000400 0000100 ns99.0–101 ns1.00 (reference)",
            "processes (manager)40 00039 9991 ✗ wrong100 µs99.0–101 µs1000× ▼ slower980–1020×",
            "processes (unheard of)20 00020 003−3 ✗ wrong––",
            "threads (nothing)20 00013 4676533after 312 µs––",
        ]
    );
}

#[test]
fn the_terminal_settles_the_statements() {
    let lines = summary(&report()).replace(['\u{a0}', '\u{202f}'], " ");
    let expected = "\
A manager costs more than ten times shared memory: confirmed. processes (manager) takes 1000× (1000–1000×) the time of \
processes (shared memory): 100 µs an increment, not 100 ns. Medians of 6 turns.
So does a dream: not measured.
Without a lock updates are lost: confirmed. threads (nothing) lost 6533 of 20 000 increments within 312 µs. Protected \
counters that show a wrong number: 2 of 4, after 520 000 increments.
";
    assert_eq!(lines, expected);
}

#[test]
fn the_page_settles_what_the_terminal_settles() {
    let report = report();
    let root = Element::parse(&page::render(&report));
    let text = root.text();
    for line in summary(&report).lines() {
        let (statement, numbers) = line.split_once(". ").unwrap_or((line, ""));
        let (statement, _) = statement.split_once(':').expect("a standing follows");
        assert!(text.contains(statement), "{statement}");
        assert!(text.contains(numbers), "{numbers}");
    }
    assert_eq!(text.matches("✓ confirmed.").count(), 2);
    assert_eq!(text.matches("? not measured.").count(), 1);
}

#[test]
fn a_reference_that_was_not_measured_leaves_no_ratio() {
    let rows = vec![row("threads", "mutex", 1e6)];
    let report = Report::new(rows, Some(run()));
    assert_eq!(
        lines(&report)[..2],
        [
            "threads (mutex)60 00060 000050.0 ns49.5–50.5 ns",
            "processes (shared memory)400 000400 0000–",
        ]
    );
    let html = page::render(&report);
    assert!(html.contains("There is no ratio: processes (shared memory) was not measured."));
}

#[test]
fn two_samples_make_no_ratio_a_verdict() {
    let mut rows = rows();
    rows[1].samples_ns.truncate(2);
    let report = Report::new(rows, Some(run()));
    let counted = report.counted.expect("it was counted");
    let verdicts: Vec<_> = counted
        .rows
        .iter()
        .map(|row| row.to_reference.map(|comparison| comparison.verdict))
        .collect();
    let too_few = Some(RowVerdict::TooFewSamples);
    assert_eq!(verdicts, [too_few, None, too_few, None, None]);
}

#[test]
fn an_earlier_run_s_times_are_not_put_beside_this_one_s_counts() {
    let mut rows = rows();
    rows[0].measured_at = Some(environment().started_at - 1);
    let report = Report::new(rows, Some(run()));
    let counted = report.counted.expect("it was counted");
    assert_eq!(counted.rows[0].increment, None);
    assert_eq!(counted.rows[0].to_reference, None);
    assert!(counted.rows[2].to_reference.is_some());
}

#[test]
fn a_run_that_counted_nothing_has_no_section() {
    let mut run = run();
    run.counts.as_mut().expect("there are counts").rows.clear();
    let report = Report::new(rows(), Some(run));
    assert_eq!(report.counted, None);
    assert!(!page::render(&report).contains("shared counter"));
    assert_eq!(summary(&report), "");
}

#[test]
fn a_record_with_counts_survives_saving_and_loading() {
    let place = tempfile::tempdir().unwrap();
    let path = place.path().join("environment.json");
    run().save(&path).unwrap();
    assert_eq!(Environment::load(&path).unwrap(), Some(run()));
}

#[test]
fn names_from_a_record_are_made_visible() {
    let mut run = run();
    let counts = run.counts.as_mut().expect("there are counts");
    counts.rows[0].row = RowName::by("<b>\u{202e}", "\u{200b}way");
    counts.statements[1].text = "\u{202e}turned".to_owned();
    let html = page::render(&Report::new(rows(), Some(run)));
    assert!(html.contains("&lt;b&gt;⟨U+202E⟩ (⟨U+200B⟩way)"));
    assert!(html.contains("⟨U+202E⟩turned"));
}

#[test]
fn a_standing_is_settled_by_the_record_alone() {
    let statement = Statement {
        text: "Without a lock updates are lost".to_owned(),
        evidence: Evidence::Loss,
    };
    let mut control = count("threads", "nothing", 20_000, 20_000);
    control.is_control = true;
    let settled = statement.settle(&[control]);
    assert_eq!(settled.standing, Standing::NotConfirmed);
    assert_eq!(
        settled.numbers.replace('\u{202f}', " "),
        "threads (nothing) lost none of 20 000 increments."
    );
}
