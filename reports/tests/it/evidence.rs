//! The record of the correctness suite: what is refused, and what the page says of it.

use std::fs;
use std::path::Path;

use reports::evidence::{Counted, Evidence, Lane, LaneResult, SCHEMA_VERSION};
use reports::{Error, Report, page};
use tempfile::tempdir;

fn lane(name: &str, result: LaneResult) -> Lane {
    let ran = result != LaneResult::NotRun;
    Lane {
        lane: name.to_owned(),
        tool: "loom".to_owned(),
        version: Some("0.7.2".to_owned()),
        command: "scripts/loom".to_owned(),
        seed: None,
        count: ran.then_some(1_234_567),
        counted: Counted::Interleavings,
        bound: None,
        exhaustive: false,
        duration_ms: 12_000,
        result,
        reason: (result != LaneResult::Passed).then(|| "the reason why".to_owned()),
    }
}

pub(crate) fn evidence() -> Evidence {
    Evidence {
        schema_version: SCHEMA_VERSION,
        started_at: 1_000,
        revision: "0123456789ab".to_owned(),
        lanes: vec![
            lane("one", LaneResult::Passed),
            lane("two", LaneResult::Failed),
            lane("three", LaneResult::NotRun),
        ],
    }
}

fn rendered(evidence: Option<Evidence>) -> String {
    let mut report = Report::new(Vec::new(), None);
    report.evidence = evidence;
    page::render(&report)
}

/// The row of a lane on the page.
fn row<'p>(page: &'p str, lane: &str) -> &'p str {
    let start = page
        .find(&format!("<th scope=\"row\">{lane}</th>"))
        .unwrap();
    let end = page[start..].find("</tr>").unwrap();
    &page[start..start + end]
}

fn refused(change: impl FnOnce(&mut Evidence)) -> String {
    let mut changed = evidence();
    change(&mut changed);
    changed.validate().unwrap_err()
}

#[test]
fn without_a_record_the_page_says_that_nothing_ran() {
    let place = tempdir().unwrap();
    let missing = place.path().join("correctness.json");
    assert_eq!(Evidence::load(&missing).unwrap(), None);
    let html = rendered(None);
    assert!(html.contains("The correctness suite was not run here"));
    assert!(!html.contains("passed"));
}

#[test]
fn each_lane_says_what_came_of_it_and_only_that() {
    let html = rendered(Some(evidence()));
    assert!(html.contains("Of 3 lanes 1 passed, 1 failed and 1 did not run."));
    let words = ["</span>passed<", "</span>failed<", "</span>not run<"];
    for (name, word) in ["one", "two", "three"].into_iter().zip(words) {
        let row = row(&html, name);
        for other in words {
            assert_eq!(row.contains(other), other == word, "{row}");
        }
        assert_eq!(row.contains("the reason why"), name != "one");
    }
    let count = "1\u{202f}234\u{202f}567 interleavings";
    assert!(row(&html, "one").contains(count), "{}", row(&html, "one"));
    assert!(!row(&html, "three").contains("interleavings"));
}

#[test]
fn only_a_lane_without_bound_is_called_exhaustive() {
    let mut saved = evidence();
    saved.lanes[0].bound = Some("2 preemptions".to_owned());
    let html = rendered(Some(saved.clone()));
    assert!(row(&html, "one").contains("2 preemptions"));
    assert!(!row(&html, "one").contains("exhaustive"));
    saved.lanes[0].bound = None;
    let html = rendered(Some(saved.clone()));
    assert!(row(&html, "one").contains("not exhaustive"));
    saved.lanes[0].exhaustive = true;
    let html = rendered(Some(saved));
    assert!(row(&html, "one").contains(">exhaustive<"));
}

#[test]
fn what_a_record_says_is_text_on_the_page() {
    let mut saved = evidence();
    saved.lanes[1].reason = Some("<script>\u{202e}".to_owned());
    let html = rendered(Some(saved));
    assert!(html.contains("&lt;script&gt;⟨U+202E⟩") && !html.contains("<script"));
}

#[test]
fn a_saved_record_is_read_back_as_it_was_and_by_its_names() {
    let place = tempdir().unwrap();
    let path = place.path().join("reports/correctness.json");
    let mut saved = evidence();
    saved.lanes[0].counted = Counted::SeededBugs;
    saved.save(&path).unwrap();
    assert_eq!(Evidence::load(&path).unwrap(), Some(saved));
    let text = fs::read_to_string(&path).unwrap();
    for written in ["\"seeded bugs\"", "\"not_run\"", "\"interleavings\""] {
        assert!(text.contains(written), "{text}");
    }
}

#[test]
fn a_record_that_contradicts_itself_is_refused() {
    let passed_nothing = refused(|it| it.lanes[0].count = None);
    assert_eq!(
        passed_nothing,
        "the lane one passed, and has counted nothing"
    );
    assert!(refused(|it| it.lanes[0].count = Some(0)).contains("counted nothing"));
    assert!(refused(|it| it.lanes[2].count = Some(1)).contains("did not run, and has a count"));
    assert!(refused(|it| it.lanes[1].reason = None).contains("is failed, and says no reason"));
    assert!(refused(|it| it.lanes[2].reason = None).contains("is not run, and says no reason"));
    assert!(refused(|it| it.lanes[2].exhaustive = true).contains("did not run"));
    assert!(refused(|it| it.lanes[1].lane = "one".into()).contains("twice"));
    assert!(refused(|it| it.schema_version = 2).contains("schema_version is 2"));
    let bounded = refused(|it| {
        it.lanes[0].exhaustive = true;
        it.lanes[0].bound = Some("2 preemptions".into());
    });
    assert!(bounded.contains("called exhaustive, and has a bound"));
}

#[test]
fn a_malformed_record_is_an_error_that_names_it_and_the_way_out() {
    let place = tempdir().unwrap();
    let path = place.path().join("correctness.json");
    let error = |text: &str| {
        fs::write(&path, text).unwrap();
        Evidence::load(&path).unwrap_err().to_string()
    };
    let halved = serde_json::to_string(&evidence()).unwrap();
    for text in ["", "{}", "[]", &halved[..halved.len() / 2]] {
        let said = error(text);
        assert!(said.contains("correctness.json"), "{said}");
        assert!(said.contains("scripts/verify"), "{said}");
    }
    let unknown = halved.replace("\"passed\"", "\"fine\"");
    assert!(error(&unknown).contains("fine"));
    // Measurements are there, so it is the record that keeps the page from being written.
    let measured =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/criterion-0.8.2/normal");
    let environment = place.path().join("environment.json");
    let refused = Report::read(&measured, &environment);
    assert!(matches!(refused, Err(Error::MalformedEvidence { .. })));
    evidence().save(&path).unwrap();
    let report = Report::read(&measured, &environment).unwrap();
    assert_eq!(report.evidence, Some(evidence()));
}
