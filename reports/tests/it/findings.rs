//! What the page claims, and that it claims no more than the data support.

use reports::{Measurement, Report, RowVerdict, page};

use crate::data::{environment, measured};

/// The page's text with its non-breaking spaces made plain.
fn shown(measurements: Vec<Measurement>) -> String {
    page::render(&Report::new(measurements, Some(environment()))).replace('\u{a0}', " ")
}

fn assert_finding(measurements: Vec<Measurement>, finding: &str) {
    let html = shown(measurements);
    // In the answers, in both drawings' descriptions, and in the caption.
    assert_eq!(html.matches(finding).count(), 4, "{finding}");
}

/// No row of any table is called faster or slower.
fn assert_no_verdict(html: &str) {
    assert!(!html.contains(">faster</span>") && !html.contains(">slower</span>"));
}

#[test]
fn a_clear_winner_is_compared_with_sequential() {
    assert_finding(
        vec![
            measured("pi/a", "sequential", 0, 10e6),
            measured("pi/a", "threads", 1, 11e6),
            measured("pi/a", "threads", 2, 5e6),
        ],
        "threads (2 workers) is the fastest: 5.00 ms; it is 2.00× (1.96–2.04×) as fast as sequential.",
    );
}

#[test]
fn a_front_of_several_is_not_broken_by_a_hair() {
    assert_finding(
        vec![
            measured("pi/a", "sequential", 0, 10e6),
            measured("pi/a", "threads", 2, 5e6),
            measured("pi/a", "rayon", 2, 5.05e6),
        ],
        "threads (2 workers) has the shortest median, 5.00 ms, level with rayon (2 workers); \
         it is 2.00× (1.96–2.04×) as fast as sequential.",
    );
}

#[test]
fn sequential_may_win() {
    assert_finding(
        vec![
            measured("counter/lock", "sequential", 0, 10e3),
            measured("counter/lock", "threads", 2, 40e3),
        ],
        "sequential is the fastest: 10.0 µs; the next, threads (2 workers), takes 4.00× (3.92–4.08×) the time.",
    );
}

#[test]
fn level_with_sequential_is_no_gain() {
    assert_finding(
        vec![
            measured("counter/lock", "sequential", 0, 10.1e3),
            measured("counter/lock", "threads", 2, 10e3),
        ],
        "threads (2 workers) has the shortest median, 10.0 µs, level with sequential; no gain over sequential is shown.",
    );
}

#[test]
fn a_gain_that_only_the_second_best_can_show_is_shown() {
    let mut rows = vec![
        measured("pi/a", "sequential", 0, 10e6),
        measured("pi/a", "threads", 2, 8e6),
        measured("pi/a", "rayon", 2, 8.1e6),
    ];
    rows[1].median.high_ns = 12e6;
    assert_finding(
        rows,
        "threads (2 workers) has the shortest median, 8.00 ms, level with sequential and rayon (2 workers); \
         rayon (2 workers) is 1.23× (1.21–1.26×) as fast as sequential.",
    );
}

#[test]
fn without_sequential_the_next_is_the_measure() {
    assert_finding(
        vec![
            measured("overhead/a", "threads", 2, 100.0),
            measured("overhead/a", "rayon", 2, 200.0),
        ],
        "threads (2 workers) is the fastest: 100 ns; no sequential row was measured; \
         the next, rayon (2 workers), takes 2.00× (1.96–2.04×) the time.",
    );
}

#[test]
fn one_row_is_compared_with_nothing() {
    assert_finding(
        vec![measured("pi", "threads", 2, 5e6)],
        "Only threads (2 workers) was measured, 5.00 ms, so there is nothing to compare it with.",
    );
}

#[test]
fn two_samples_claim_nothing_however_far_apart() {
    let mut rows = vec![
        measured("pi/a", "sequential", 0, 10e6),
        measured("pi/a", "threads", 2, 1e6),
    ];
    for row in &mut rows {
        row.samples_ns.truncate(2);
    }
    let html = shown(rows.clone());
    assert!(html.contains("2 of 2 measurements have fewer than 6 samples"));
    assert_no_verdict(&html);
    assert!(html.contains(">too few samples</span>"));
    assert_finding(
        rows,
        "threads (2 workers) has the shortest median, 1.00 ms, \
         but fewer than 6 samples a row show no difference.",
    );
}

#[test]
fn rows_of_an_earlier_run_are_marked_and_not_compared_with_this_one() {
    let mut rows = vec![
        measured("pi/a", "sequential", 0, 10e6),
        measured("pi/a", "threads", 2, 1e6),
    ];
    rows[0].measured_at = Some(environment().started_at - 1);
    let html = shown(rows.clone());
    assert_eq!(html.matches("earlier run</span>").count(), 1);
    assert!(html.contains("1 of 2 measurements were made before the run"));
    assert_no_verdict(&html);

    assert!(html.contains(">different runs</span>"));
    assert_finding(
        rows.clone(),
        "threads (2 workers) has the shortest median, 1.00 ms, \
         but the rows come from different runs, so no difference is claimed.",
    );

    rows[1].measured_at = rows[0].measured_at;
    let html = shown(rows.clone());
    assert_eq!(html.matches("earlier run</span>").count(), 2);
    assert!(html.contains(">faster</span>") && html.contains(">slower</span>"));
    assert!(html.contains("10.0× (9.80–10.2×) as fast as sequential. Measured in an earlier run."));

    rows[0].measured_at = Some(environment().started_at);
    rows[1].measured_at = None;
    assert!(!shown(rows).contains("earlier run</span>"));
}

#[test]
fn scaling_all_times_changes_no_ratio_and_no_verdict() {
    let rows = |unit: f64| {
        let mut rows = vec![measured("pi/a", "sequential", 0, 10.0 * unit)];
        for (workers, time) in [(1, 10.1), (2, 5.0), (4, 5.06)] {
            rows.push(measured("pi/a", "threads", workers, time * unit));
        }
        let report = Report::new(rows, None);
        let verdicts: Vec<_> = report
            .rows()
            .filter_map(|row| row.to_sequential)
            .map(|comparison| (comparison.verdict, (comparison.speed.point * 1e9).round()))
            .collect();
        verdicts
    };
    assert_eq!(rows(1.0), rows(1e7));
    assert_eq!(rows(1.0)[0].0, RowVerdict::Level);
    assert_eq!(rows(1.0)[1].0, RowVerdict::Faster);
}
