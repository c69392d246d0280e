//! What would be told if the disturbed visits were left out. They stay in the data, because to drop what looks bad is to
//! choose the result; but a verdict that rests on them is to be known as one.

use crate::Verdict;
use crate::paired::{Analysis, Observation, Observations, PairedRun};

/// A verdict that would be another one.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Swayed {
    /// What is compared, by its own cell.
    pub(crate) label: String,
    /// The verdict on all visits.
    pub(crate) all: Verdict,
    /// The verdict on those that were not disturbed.
    pub(crate) undisturbed: Verdict,
}

/// The verdicts that the disturbed visits sway; `None` if there were none.
pub(crate) fn swayed(run: &PairedRun, analysis: &Analysis) -> Option<Vec<Swayed>> {
    let calm = without_disturbed(run)?;
    let calm = Analysis::new(&calm);
    let both = analysis.compared.iter().zip(&calm.compared);
    let swayed = both.filter(|(all, calm)| all.verdict.words() != calm.verdict.words());
    let swayed = swayed.map(|(all, calm)| Swayed {
        label: all.own.label(),
        all: all.verdict,
        undisturbed: calm.verdict,
    });
    Some(swayed.collect())
}

/// The run without its disturbed visits; `None` if there were none.
fn without_disturbed(run: &PairedRun) -> Option<PairedRun> {
    let is_disturbed = |row: &Observation| row.steal_ticks + row.throttled_ns > 0;
    let mut observations = Observations::default();
    for row in run.observations.rows().filter(|row| !is_disturbed(row)) {
        observations.push(row);
    }
    (observations.len() < run.observations.len()).then(|| PairedRun {
        observations,
        ..run.clone()
    })
}
