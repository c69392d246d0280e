//! The verdicts at a glance: each where its workload, its reference and its backend say, and a way to the whole of it.

use reports::paired::{PairedRun, Purpose};
use reports::{Report, page};

use crate::advice::run_of;
use crate::data::varied_report;
use crate::html::Element;
use crate::paired;

/// Threads are faster than the loop and than processes, which are slower than both; nothing was asked of rayon.
fn run(launches: u32) -> PairedRun {
    let cells = [
        ("pi", "sequential", None, 2.0),
        ("pi", "threads", None, 1.0),
        ("pi", "processes", None, 3.0),
        ("counter", "threads", Some("mutex"), 3.0),
        ("counter", "threads", Some("atomic"), 1.0),
        ("counter", "rayon", Some("mutex"), 3.0),
        ("pi", "CPython threads", None, 9.0),
    ];
    let comparisons = [
        (1, 0, Purpose::Confirmatory),
        (2, 0, Purpose::Confirmatory),
        (2, 1, Purpose::Confirmatory),
        (4, 3, Purpose::Exploratory),
        (5, 3, Purpose::Confirmatory),
        (6, 1, Purpose::Exploratory),
    ];
    run_of(launches, &cells, &comparisons)
}

fn shown(run: PairedRun) -> String {
    page::render(&Report::new(Vec::new(), None).with_run(run))
}

#[test]
fn each_verdict_is_where_its_reference_and_its_backend_meet() {
    let html = shown(run(8));
    let root = Element::parse(&html);
    let cell = |labels: [&str; 2], backend| root.cell("matrix-table", &labels, backend);
    let threads = "threads (2 workers)";
    for (labels, backend, begins) in [
        (["pi", "sequential"], "threads", "▲ faster 0.5"),
        (["pi", "sequential"], "processes", "▼ slower 1.5"),
        (["pi", threads], "processes", "▼ slower 3.0"),
        (
            ["counter", "threads, mutex (2 workers)"],
            "threads",
            "▲ faster 0.33",
        ),
        (
            ["counter", "threads, mutex (2 workers)"],
            "rayon",
            "= equivalent ",
        ),
    ] {
        let text = cell(labels, backend);
        assert!(text.starts_with(begins), "{labels:?} {backend}: {text}");
        let is_exploratory = text.contains("atomic, exploratory");
        assert_eq!(is_exploratory, begins.ends_with("0.33"), "{text}");
    }
    assert_eq!(cell(["pi", "sequential"], "rayon"), "–");
    assert_eq!(cell(["pi", threads], "threads"), "–");
}

#[test]
fn a_verdict_leads_to_its_row_and_says_the_same_there() {
    let html = shown(run(8));
    let root = Element::parse(&html);
    let tables = root.named("table");
    let matrix = tables
        .iter()
        .find(|it| it.children[0].attribute("id") == Some("matrix-table"));
    let links = matrix.unwrap().named("a");
    assert_eq!(links.len(), 5);
    for link in links {
        let target = &link.attribute("href").unwrap()[1..];
        let mut rows = root.named("tr").into_iter();
        let row = rows.find(|row| row.attribute("id") == Some(target));
        let row = row.expect(target).text();
        assert!(row.contains(&link.text()), "{}: {row}", link.text());
    }
}

#[test]
fn a_workload_leads_to_its_section_where_criterion_has_one() {
    let html = page::render(&varied_report().with_run(paired::run(8, [1.0, 1.0, 1.3, 1.9])));
    let root = Element::parse(&html);
    let mut links = root.named("a").into_iter();
    assert!(links.any(|it| it.attribute("href") == Some("#w-pi") && it.text() == "pi"));
}

#[test]
fn what_can_t_be_told_is_said_there_too_and_without_a_run_there_is_no_matrix() {
    let html = shown(run(4));
    let text = Element::parse(&html).cell("matrix-table", &["pi", "sequential"], "threads");
    assert!(text.starts_with("? can't tell"), "{text}");
    assert!(!page::render(&varied_report()).contains("Verdicts at a glance"));
}
