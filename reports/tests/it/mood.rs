//! The machine's mood: what disturbs a run, whether that sways its verdicts, and what would narrow its intervals.

use reports::paired::{CellSummary, Disturbed, Observation, PairedRun};
use reports::{Report, page, results};

use crate::paired;

/// A run whose rows are changed.
pub(crate) fn changed(run: PairedRun, change: impl Fn(&mut Observation)) -> PairedRun {
    let rows: Vec<Observation> = run.observations.rows().collect();
    let mut run = PairedRun {
        observations: Default::default(),
        ..run
    };
    for mut row in rows {
        change(&mut row);
        run.observations.push(row);
    }
    run
}

fn html(run: PairedRun) -> String {
    page::render(&Report::new(Vec::new(), None).with_run(run))
}

#[test]
fn a_verdict_that_rests_on_disturbed_visits_is_known_as_one() {
    let run = paired::run(8, [1.0, 1.0, 1.0, 1.9]);
    let run = changed(run, |row| {
        // Processes are half as fast in all blocks but the last two, during which nothing disturbs.
        let is_disturbed = row.cell == 2 && row.block < 4;
        row.steal_ticks = u64::from(is_disturbed);
        row.wall_ns *= 1 + u64::from(is_disturbed);
    });
    let report = Report::new(Vec::new(), None).with_run(run);
    let html = page::render(&report);
    assert!(html.contains("<strong>Swayed. </strong>"));
    let says = "pi, processes ÷ threads (2 workers), slower with them and equivalent without.";
    assert!(html.contains(says));
    // A badge in the headline, and one in the table of verdicts.
    let badge = "<span class=\"badge\">swayed</span>";
    assert_eq!(html.matches(badge).count(), 2);
    assert!(html.contains("without them one verdict is another one, and marked."));
    let json: serde_json::Value = serde_json::from_str(&results::to_json(&report)).unwrap();
    let record = &json["comparisons"][1];
    assert_eq!(record["verdict"], "slower");
    assert_eq!(record["undisturbed"]["verdict"], "equivalent");
    let ratio = record["undisturbed"]["ratio"]["point"].as_f64().unwrap();
    assert!((ratio - 1.0).abs() < 0.02, "{ratio}");
}

#[test]
fn each_rule_of_what_disturbs_is_counted_by_itself() {
    let run = changed(paired::run(8, [1.0, 1.0, 1.3, 1.9]), |row| {
        row.steal_ticks = u64::from((row.launch, row.block, row.cell) == (3, 0, 0));
        // Both between the same two calibrators, and one of them taken off its processor as well.
        let is_uneven = (row.launch, row.block) == (1, 2);
        row.calibrator_before_ns = Some(1_000);
        row.calibrator_after_ns = Some(if is_uneven { 1_060 } else { 1_040 });
        if (row.launch, row.block, row.cell) == (1, 2, 0) {
            row.involuntary_switches += 100;
        }
    });
    let report = Report::new(Vec::new(), None).with_run(run);
    let expected = Disturbed {
        visits: 192,
        any: 5,
        taken: 1,
        switched: 1,
        uneven: 4,
    };
    assert_eq!(report.paired.as_ref().unwrap().disturbed, expected);
    let html = page::render(&report);
    assert!(html.contains("Something disturbed 5 of 192 visits: on 1 the machine below took time"));
    assert!(html.contains("Disturbed were 2 of 48 blocks"));
}

#[test]
fn a_comparison_of_which_nothing_undisturbed_is_left_can_t_be_told_without() {
    let run = changed(paired::run(8, [1.0, 1.0, 1.3, 1.9]), |row| {
        row.steal_ticks = u64::from(row.cell == 2);
    });
    let report = Report::new(Vec::new(), None).with_run(run);
    let compared = &report.paired.as_ref().unwrap().compared[1];
    let undisturbed = compared.undisturbed.unwrap();
    assert_eq!(undisturbed.ratio, None);
    assert_eq!(undisturbed.verdict.words(), "can't tell");
    assert!(compared.is_swayed());
}

#[test]
fn what_would_narrow_the_intervals_follows_from_where_the_variance_is() {
    // The references are still, and the others vary: from block to block, or from launch to launch.
    let varied = |own: fn(&Observation) -> usize| {
        html(changed(paired::run(8, [1.0; 4]), |row| {
            row.steal_ticks = 0;
            let percent = [0, 3, 1, 7, 2, 9, 4, 8][own(row)];
            row.wall_ns = 40_000 * (100 + u64::from(row.cell % 3 != 0) * percent);
        }))
    };
    let blocks = "more blocks would help nearly as much as more launches, and cost less.";
    let launches = "more launches would help, more blocks would not.";
    let by_block = varied(|row| row.block as usize);
    assert!(by_block.contains(blocks) && !by_block.contains(launches));
    assert!(by_block.contains("mean 0\u{a0}% is between launches, at the median of 2 declared"));
    let by_launch = varied(|row| row.launch as usize);
    assert!(by_launch.contains(launches) && !by_launch.contains(blocks));
    assert!(by_launch.contains("mean 100\u{a0}% is between launches"));
}

#[test]
fn page_faults_and_pressure_are_shown_where_they_are_known() {
    let run = paired::run(8, [1.0, 1.0, 1.3, 1.9]);
    assert!(!html(run.clone()).contains("Page faults"));
    let html = html(changed(run, |row| {
        row.minor_faults = Some(8);
        row.major_faults = Some(u64::from(row.cell == 2) * 4);
        row.cpu_pressure_ns = Some(4_000_000);
    }));
    // Four runs to a visit.
    assert!(html.contains("<td class=\"n\">2.00</td><td class=\"n\">1.00\u{a0}ms</td>"));
    assert_eq!(html.matches("1.00 on a disk").count(), 1);
}

#[test]
fn a_verdict_that_stands_without_them_is_said_to_stand() {
    let html = html(paired::run(8, [1.0, 1.0, 1.3, 1.9]));
    assert!(html.contains("Without the disturbed visits every verdict would be the same."));
}

#[test]
fn an_undisturbed_run_says_nothing_of_it() {
    let run = changed(paired::run(8, [1.0, 1.0, 1.3, 1.9]), |row| {
        row.steal_ticks = 0
    });
    let html = html(run);
    assert!(!html.contains("Without the disturbed visits"));
    assert!(html.contains("Disturbed were 0 of 48 blocks"));
}

#[test]
fn a_cell_that_grows_slower_while_the_run_lasts_is_marked_and_no_other() {
    let run = changed(paired::run(10, [1.0, 1.0, 1.3, 1.9]), |row| {
        let slower = 1 + u64::from(row.cell == 2) * u64::from(row.launch);
        row.wall_ns = row.wall_ns * (20 + slower) / 20;
    });
    let report = Report::new(Vec::new(), None).with_run(run);
    let cells = &report.paired.as_ref().unwrap().cells;
    let marked: Vec<bool> = cells.iter().map(CellSummary::is_in_order).collect();
    assert_eq!(marked, [false, false, true, false]);
    let html = page::render(&report);
    assert!(html.contains("The times of 1 of 4 cells depend on when they were measured"));
    assert!(html.contains(" Marked are pi, processes (2 workers), 0."));
    let badge = "<span class=\"badge\">order matters</span>";
    assert_eq!(html.matches(badge).count(), 1);
    let json: serde_json::Value = serde_json::from_str(&results::to_json(&report)).unwrap();
    let orders = json["cells"].as_array().unwrap().iter();
    let orders: Vec<&serde_json::Value> = orders.map(|cell| &cell["order"]["is_marked"]).collect();
    assert_eq!(orders, [false, false, true, false]);
}

#[test]
fn a_cell_that_is_fast_or_slow_is_marked_with_both_and_no_other() {
    let run = changed(paired::run(10, [1.0, 1.0, 1.3, 1.9]), |row| {
        let is_slow = row.cell == 2 && row.block % 3 == 0;
        row.wall_ns *= if is_slow { 4 } else { 1 };
    });
    let report = Report::new(Vec::new(), None).with_run(run);
    let cells = &report.paired.as_ref().unwrap().cells;
    let marked = cells.iter().map(|cell| cell.several_modes().is_some());
    assert_eq!(marked.collect::<Vec<_>>(), [false, false, true, false]);
    let html = page::render(&report);
    assert!(
        html.contains("1 of the 4 cells with enough visits to tell has times of several modes")
    );
    let [fast, slow] = ["in 66.7\u{a0}% of the visits and ", "in 33.3\u{a0}%."];
    assert!(html.contains(fast) && html.contains(slow), "{html}");
    let badge = "<span class=\"badge\">several modes</span>";
    assert_eq!(html.matches(badge).count(), 1);
    let json: serde_json::Value = serde_json::from_str(&results::to_json(&report)).unwrap();
    let modes = &json["cells"][2]["modes"];
    assert_eq!(modes["is_marked"], true);
    let median = |mode: &str| modes[mode]["median_ns"].as_f64().unwrap();
    assert!((3.8..4.2).contains(&(median("high") / median("low"))));
}

#[test]
fn with_too_few_visits_nothing_is_said_of_modes() {
    let html = html(paired::run(8, [1.0, 1.0, 1.3, 1.9]));
    assert!(!html.contains("several modes"));
}
