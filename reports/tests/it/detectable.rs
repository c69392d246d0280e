//! What a run could have seen: beside each verdict that can't be told, the smallest difference that would have been found.

use reports::paired::{Analysis, Observation, PairedRun};
use reports::statistics::Generator;
use reports::{Report, Verdict, page, results};

use crate::paired;

/// A run in which processes take `factor` times what threads do, and each launch of theirs is off by a deviation of ten per
/// cent.
fn run(factor: f64, seed: u64) -> PairedRun {
    let mut generator = Generator::new(seed);
    let of_launch: Vec<f64> = (0..10)
        .map(|_| factor * (0.1 * generator.normal()).exp())
        .collect();
    let mut run = paired::run(10, [1.0, 1.0, 1.0, 1.0]);
    let rows: Vec<Observation> = run.observations.rows().collect();
    run.observations = Default::default();
    for mut row in rows {
        if row.cell == 2 {
            row.wall_ns = (row.wall_ns as f64 * of_launch[row.launch as usize]) as u64;
        }
        run.observations.push(row);
    }
    run
}

#[test]
fn what_a_run_would_have_found_is_found_in_about_eighty_of_a_hundred() {
    // By the verdict itself, on all that it asks: bootstrap and Student, the ranks, the control's floor, the margin.
    const RUNS: u64 = 150;
    let compared = |factor, seed| Analysis::with_draws(&run(factor, seed), 200).compared[1].clone();
    // Each run knows the deviation by its own ten launches only, so the middle of what the runs say is taken.
    let mut said: Vec<f64> = (0..41)
        .map(|seed| {
            compared(1.0, seed)
                .detectable
                .expect("ten launches are enough")
        })
        .collect();
    said.sort_unstable_by(f64::total_cmp);
    let smallest = said[20];
    let found =
        (0..RUNS).filter(|seed| compared(smallest, 1_000 + seed).verdict == Verdict::Slower);
    let share = found.count() as f64 / RUNS as f64;
    assert!((0.7..=0.9).contains(&share), "{smallest}: {share}");
    println!("{smallest} is found in {share}");
}

#[test]
fn page_markdown_and_json_say_what_could_have_been_seen() {
    let report = Report::new(Vec::new(), None).with_run(run(1.0, 3));
    let analysis = report.paired.as_ref().unwrap();
    let open = &analysis.compared[1];
    assert_eq!(open.verdict.words(), "can't tell");
    let smallest = open.detectable.unwrap();
    assert!((1.05..1.2).contains(&smallest), "{smallest}");
    let says = "would have been found in 80 of 100 such runs";
    let html = page::render(&report);
    assert_eq!(html.matches(says).count(), 1);
    assert!(analysis.markdown().contains(says));
    let json: serde_json::Value = serde_json::from_str(&results::to_json(&report)).unwrap();
    let record = json["comparisons"][1]["detectable"].as_f64().unwrap();
    assert!((record / smallest - 1.0).abs() < 1e-6, "{record}");
}

#[test]
fn too_few_launches_could_have_seen_nothing() {
    let run = paired::run(5, [1.0, 1.0, 1.3, 1.9]);
    for compared in Analysis::with_draws(&run, 200).compared {
        assert_eq!(compared.detectable, None);
    }
}
