//! Which comparisons are judged together: what is declared by Holm, what is explored by Benjamini and Hochberg.

use reports::paired::{Analysis, Correction, Declared, PairedRun, Purpose};
use reports::{Doubt, Report, Verdict, page, results};

use crate::paired;

/// Six launches of two things that differ by a tenth, and of one that does not; the difference is declared to be for
/// `purpose`, and so are `others` comparisons without one.
fn run(purpose: Purpose, others: usize) -> PairedRun {
    let mut run = paired::run(6, [1.0, 1.0, 1.1, 1.0]);
    let declared = |own, reference| Declared {
        own,
        reference,
        purpose,
    };
    run.comparisons = vec![declared(2, 0)];
    run.comparisons.extend(vec![declared(3, 0); others]);
    run
}

fn verdict(run: &PairedRun) -> Verdict {
    Analysis::with_draws(run, 500).compared[0].verdict
}

#[test]
fn a_difference_among_many_that_are_none_needs_a_smaller_p() {
    // All launches of six agree: p is 0.03125, and nothing smaller can be had.
    assert_eq!(verdict(&run(Purpose::Exploratory, 0)), Verdict::Slower);
    let among_so_many = Doubt::NotAmongSoMany {
        p: 0.03125,
        corrected_p: 0.125,
    };
    let explored = verdict(&run(Purpose::Exploratory, 3));
    assert_eq!(explored, Verdict::CannotTell(among_so_many));
    assert_eq!(
        among_so_many.to_string(),
        "alone its p of 0.0312 would do, and for all that are looked at it is 0.125"
    );
    // By Holm no p of six launches can be small enough for two, and by Benjamini and Hochberg two differences are.
    let confirmed = verdict(&run(Purpose::Confirmatory, 1));
    assert!(matches!(
        confirmed,
        Verdict::CannotTell(Doubt::OutOfReach { compared: 2, .. })
    ));
    let mut both = run(Purpose::Exploratory, 0);
    both.comparisons.extend(both.comparisons.clone());
    assert_eq!(verdict(&both), Verdict::Slower);
}

#[test]
fn page_json_and_markdown_say_what_a_row_is_corrected_by() {
    let mut run = paired::run(8, [1.0, 1.0, 1.3, 1.9]);
    let explored = run.comparisons[1];
    run.comparisons.push(Declared { own: 3, ..explored });
    run.comparisons[3].reference = 0;
    let report = Report::new(Vec::new(), None).with_run(run);
    let analysis = report.paired.as_ref().unwrap();
    let corrections: Vec<Option<Correction>> =
        analysis.compared.iter().map(|it| it.corrected.by).collect();
    let (holm, explored) = (Correction::Holm, Correction::BenjaminiHochberg);
    assert_eq!(
        corrections,
        [None, Some(holm), Some(explored), Some(explored)]
    );
    let html = page::render(&report);
    assert_eq!(
        html.matches("<span class=\"interval\">Holm, of 1</span>")
            .count(),
        1
    );
    let explored = "<span class=\"interval\">Benjamini and Hochberg, of 2</span>";
    assert_eq!(html.matches(explored).count(), 2);
    let says = "p is corrected by Holm for the 1 declared and by Benjamini and Hochberg for the 2 exploratory.";
    assert!(analysis.markdown().contains(says));
    let json: serde_json::Value = serde_json::from_str(&results::to_json(&report)).unwrap();
    let corrections = ["null", "\"holm\"", "\"benjamini_hochberg\""];
    for (row, correction) in corrections.into_iter().enumerate() {
        assert_eq!(
            json["comparisons"][row]["correction"].to_string(),
            correction
        );
    }
    assert_eq!(json["comparisons"][2]["family"], 2);
}
