//! The chart of the machine's mood: a mark for each block, in the order of the run.

use reports::{Report, page};

use crate::html::Element;

#[test]
fn a_long_run_s_mood_is_thinned_and_says_so() {
    let mut run = crate::paired::run(2, [1.0; 4]);
    let row = run.observations.rows().next().unwrap();
    run.observations = Default::default();
    run.blocks = 800;
    for block in 0..800 {
        run.observations
            .push(reports::paired::Observation { block, ..row });
    }
    let html = page::render(&Report::new(Vec::new(), None).with_run(run));
    assert!(
        html.contains("The chart shows 267 of 800 blocks."),
        "every third"
    );
    let root = Element::parse(&html);
    let figures = root.named("figure").into_iter();
    let mut moods = figures.filter(|figure| figure.attribute("class") == Some("run-order"));
    let drawing = moods.next().unwrap().named("svg")[0];
    let marks = drawing.named("path").into_iter();
    let marks = marks.map(|path| path.attribute("d").unwrap().matches('M').count());
    assert_eq!(marks.sum::<usize>(), 267);
}

#[test]
fn a_run_without_a_calibrator_has_no_mood() {
    let mut run = crate::paired::run(2, [1.0; 4]);
    let rows: Vec<_> = run.observations.rows().collect();
    run.observations = Default::default();
    for mut row in rows {
        row.calibrator_ns = 0;
        run.observations.push(row);
    }
    let html = page::render(&Report::new(Vec::new(), None).with_run(run));
    assert!(!html.contains("The machine's mood") && !html.contains("run-order\""));
}
