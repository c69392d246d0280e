//! The table is held to a run in both directions.

use super::*;

fn row(verdicts: &[(&'static str, Verdict)]) -> Row {
    let verdicts = verdicts.iter().cloned();
    Row::new(verdicts.map(|(name, verdict)| (("contract", name), verdict)))
}

fn table() -> Table {
    let mut table = Table::default();
    table.set(
        "ours",
        &row(&[("one", Verdict::Passed), ("two", Verdict::Passed)]),
    );
    table.set(
        "other",
        &row(&[
            ("one", Verdict::Hung),
            ("two", Verdict::Lacks("cancel".into())),
        ]),
    );
    table
}

#[test]
fn a_summary_names_what_some_scenario_came_to() {
    let row = row(&[
        ("one", Verdict::Passed),
        ("two", Verdict::Lacks("cancel".into())),
        ("three", Verdict::Passed),
        ("four", Verdict::Failed("why".into())),
    ]);
    assert_eq!(row.summary(), "4 scenarios | 2 passed, 1 lacking, 1 failed");
}

#[test]
fn a_table_is_read_as_it_was_written() {
    assert_eq!(Table::parse(&table().render()).unwrap(), table());
    assert_eq!(Table::parse("").unwrap(), Table::default());
    let torn = table().render().replace(" HUNG |", "");
    assert!(Table::parse(&torn).unwrap_err().contains("number of cells"));
}

#[test]
fn the_same_verdicts_differ_in_nothing_whatever_the_reason() {
    let failed = |why: &str| row(&[("one", Verdict::Failed(why.into()))]);
    let mut table = Table::default();
    table.set("ours", &failed("yesterday"));
    assert_eq!(table.compare("ours", &failed("today")), []);
}

#[test]
fn what_became_worse_or_better_is_a_difference() {
    let table = table();
    let worse = row(&[("one", Verdict::Hung), ("two", Verdict::Passed)]);
    assert_eq!(
        table.compare("ours", &worse),
        [("one", "passed", Some(&Verdict::Hung))]
    );
    let better = row(&[
        ("one", Verdict::Passed),
        ("two", Verdict::Lacks("cancel".into())),
    ]);
    assert_eq!(
        table.compare("other", &better),
        [("one", "HUNG", Some(&Verdict::Passed))]
    );
}

#[test]
fn a_scenario_or_a_pool_that_one_side_lacks_is_a_difference() {
    let table = table();
    let fewer = row(&[("one", Verdict::Passed)]);
    assert_eq!(table.compare("ours", &fewer), [("two", "something", None)]);
    let more = row(&[
        ("one", Verdict::Passed),
        ("two", Verdict::Passed),
        ("three", Verdict::Passed),
    ]);
    assert_eq!(
        table.compare("ours", &more),
        [("three", "", Some(&Verdict::Passed))]
    );
    assert_eq!(table.compare("stranger", &fewer).len(), 2);
}

#[test]
fn a_column_that_is_written_anew_leaves_the_others() {
    let mut table = table();
    table.set(
        "ours",
        &row(&[("zero", Verdict::Passed), ("one", Verdict::Aborted)]),
    );
    let text = table.render();
    assert!(
        text.contains("| contract | zero | passed |  |\n| contract | one | ABORTED | HUNG |\n"),
        "{text}"
    );
    assert!(!text.contains("two"));
}

#[test]
fn a_verdict_is_found_in_what_a_process_printed() {
    let said = |line: &str| Verdict::in_output(&format!("running 1 test\ntest it ... \n{line}\n"));
    assert_eq!(said("conformance | passed"), Some(Verdict::Passed));
    assert_eq!(
        said("conformance | lacks: cancel"),
        Some(Verdict::Lacks("cancel".into()))
    );
    assert_eq!(
        said("conformance | failed: a: b"),
        Some(Verdict::Failed("a: b".into()))
    );
    assert_eq!(said("nothing"), None);
}
