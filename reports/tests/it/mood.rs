//! The machine's mood: whether what disturbed a run sways its verdicts.

use reports::paired::{Observation, PairedRun};
use reports::{Report, page};

use crate::paired;

/// A run whose rows are changed.
fn changed(run: PairedRun, change: impl Fn(&mut Observation)) -> PairedRun {
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
    let html = html(run);
    assert!(html.contains("<strong>Swayed. </strong>"));
    assert!(html.contains("pi, processes (2 workers), slower with them and equivalent without."));
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
