//! The forest plot of the paired comparisons.

use reports::{Report, page};

use crate::figures::coordinate;
use crate::html::Element;

fn forest_of(run: &reports::paired::PairedRun) -> Element {
    let html = page::render(&Report::new(Vec::new(), None).with_run(run.clone()));
    let root = Element::parse(&html);
    let figures = root.named("figure").into_iter();
    let mut forests = figures.filter(|figure| figure.attribute("class") == Some("forest"));
    forests.next().expect("there is a forest plot").named("svg")[0].clone()
}

#[test]
fn the_forest_s_axis_is_centred_on_one_and_the_control_is_its_first_row() {
    let forest = forest_of(&crate::paired::run(8, [1.0, 1.0, 1.3, 1.9]));
    let line = |class: &str| {
        let all = forest.named("line").into_iter();
        let mut all = all.filter(|line| line.attribute("class") == Some(class));
        all.next().unwrap()
    };
    let (axis, one) = (line("axis"), line("one"));
    let middle = f64::midpoint(coordinate(axis, "x1"), coordinate(axis, "x2"));
    assert!((coordinate(one, "x1") - middle).abs() <= 0.1);
    let band = forest.named("rect")[0];
    let of_band = coordinate(band, "x") + coordinate(band, "width") / 2.0;
    assert!((of_band - middle).abs() <= 0.2, "the band is about one");
    let first = forest.named("g")[0];
    assert_eq!(first.attribute("class"), Some("k-level"));
    assert!(
        first.named("title")[0]
            .text()
            .starts_with("pi, threads ÷ threads (2 workers): ")
    );
    assert!(first.named("circle").is_empty(), "a control is a diamond");
}

#[test]
fn a_long_list_of_comparisons_is_drawn_as_far_as_it_matters_and_says_so() {
    let mut run = crate::paired::run(8, [1.0, 1.0, 1.3, 1.9]);
    let exploratory = run.comparisons[1];
    run.comparisons.extend([exploratory; 30]);
    let html = page::render(&Report::new(Vec::new(), None).with_run(run));
    let root = Element::parse(&html);
    let figures = root.named("figure").into_iter();
    let mut forests = figures.filter(|figure| figure.attribute("class") == Some("forest"));
    let forest = forests.next().expect("there is a forest plot");
    let caption = forest.named("figcaption")[0].text();
    assert!(
        caption.starts_with("Of 32 comparisons 31 are faster and 1 is slower."),
        "{caption}"
    );
    assert!(
        caption.ends_with(
            "The chart shows the first 24 of 33 rows, controls included, and the table below all."
        ),
        "{caption}"
    );
    for drawing in forest.named("svg") {
        assert_eq!(drawing.named("g").len(), 24);
        // The declared ones are among them: the control, and then what was to be confirmed.
        let titles: Vec<String> = drawing.named("title").iter().map(|it| it.text()).collect();
        assert!(titles[1].starts_with("pi, threads ÷ threads (2 workers)"));
        assert!(
            titles[2].starts_with("pi, processes ÷ threads (2 workers)"),
            "{titles:?}"
        );
    }
}

#[test]
fn what_lies_far_away_is_an_arrow_at_the_end_of_the_axis() {
    let forest = forest_of(&crate::paired::run(8, [1.0, 1.0, 900.0, 1.9]));
    let far = forest.named("g").into_iter();
    let mut far = far.filter(|g| g.attribute("class") == Some("k-slower"));
    let far = far.next().expect("900 times is slower");
    assert!(far.named("title")[0].text().contains(": 90"));
    assert!(far.named("circle").is_empty() && far.named("path").len() == 1);
}

#[test]
fn a_void_comparison_has_no_mark_and_says_so() {
    let mut run = crate::paired::run(8, [1.0, 1.0, 1.3, 1.9]);
    let rows: Vec<_> = run.observations.rows().collect();
    run.observations = Default::default();
    for (number, mut row) in rows.into_iter().enumerate() {
        row.ok = number != 2;
        run.observations.push(row);
    }
    let forest = forest_of(&run);
    assert_eq!(forest.named("g").len(), 2);
    assert!(
        forest
            .named("text")
            .iter()
            .any(|text| text.text() == "void")
    );
}
