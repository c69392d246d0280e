//! Figures to reach, on the page and on the terminal.

use reports::{Claim, Environment, Measurement, Reach, Report, RowName, page, summary};

use crate::data::{environment, measured};
use crate::html::Element;

fn claim(figure: &str, reach: Reach) -> Claim {
    Claim {
        figure: figure.to_owned(),
        group: "pool/burst".to_owned(),
        row: RowName::new("processes", 2),
        reference: Some(RowName::alone("floor")),
        reach,
        pairs: Vec::new(),
    }
}

fn rows() -> Vec<Measurement> {
    let mut rows = vec![
        measured("pool/burst", "processes", 2, 10e6),
        measured("pool/burst", "floor", 0, 5e6),
    ];
    for row in &mut rows {
        row.elements = Some(1_000);
    }
    rows
}

fn run() -> Environment {
    let mut run = environment();
    run.claims = vec![
        claim("time", Reach::Run(11e6)),
        claim("time of a task", Reach::Element(9e3)),
        claim("ratio", Reach::Ratio(2.0)),
        Claim {
            row: RowName::new("processes", 4),
            ..claim("not measured", Reach::Run(1.0))
        },
    ];
    run
}

/// A report with figures that are reached, not reached, and neither.
pub(crate) fn report() -> Report {
    Report::new(rows(), Some(run()))
}

#[test]
fn the_page_has_a_line_for_each_measured_claim() {
    let html = page::render(&report());
    let root = Element::parse(&html);
    let table = root.named("table")[0];
    let lines: Vec<String> = table
        .named("tr")
        .into_iter()
        .skip(1)
        .map(|line| line.text().replace('\u{a0}', " "))
        .collect();
    assert_eq!(
        lines,
        [
            "time10.0 ms9.90–10.1 ms5.00 ms4.95–5.05 msfloor2.00×1.96–2.04×≤ 11.0 ms✓ reached",
            "time of a task10.0 µs9.90–10.1 µs5.00 µs4.95–5.05 µsfloor2.00×1.96–2.04×≤ 9.00 µs✗ not reached",
            "ratio10.0 ms9.90–10.1 ms5.00 ms4.95–5.05 msfloor2.00×1.96–2.04×≤ 2×? can't tell",
        ]
    );
}

#[test]
fn the_terminal_says_what_the_page_says() {
    let lines = summary(&report()).replace('\u{a0}', " ");
    let expected = "\
Figure to reach  Median, interval        Reference      Ratio, interval     Reach
time             10.0 ms (9.90–10.1 ms)  floor 5.00 ms  2.00× (1.96–2.04×)  ≤ 11.0 ms  reached
time of a task   10.0 µs (9.90–10.1 µs)  floor 5.00 µs  2.00× (1.96–2.04×)  ≤ 9.00 µs  not reached
ratio            10.0 ms (9.90–10.1 ms)  floor 5.00 ms  2.00× (1.96–2.04×)  ≤ 2×       can't tell
";
    assert_eq!(lines, expected);
}

#[test]
fn an_earlier_run_reaches_nothing_for_this_one() {
    let mut rows = rows();
    rows[1].measured_at = Some(environment().started_at - 1);
    let lines = summary(&Report::new(rows.clone(), Some(run())));
    assert_eq!(lines.matches("can't tell: different runs").count(), 1);
    rows[0].measured_at = rows[1].measured_at;
    let report = Report::new(rows, Some(run()));
    assert_eq!(summary(&report), "");
    assert_eq!(
        page::render(&report).matches("earlier run</span>").count(),
        3 + 2
    );
}

#[test]
fn a_page_without_claims_has_no_table_of_them() {
    let html = page::render(&Report::new(rows(), Some(environment())));
    assert!(!html.contains("Figures to reach"));
}
