//! Sentences that a paired run can confirm or refute: that one cell takes more than so many times as long as another.

use serde::{Deserialize, Serialize};

use super::analysis::effect;
use super::{Observation, PairedRun};
use crate::number::{factor, factor_interval};
use crate::statistics::{Bootstrap, Side};
use crate::{LEAST_LAUNCHES, Ratio, Settled, Standing};

/// A sentence, and the cells that decide it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Stated {
    /// The sentence, without its full stop.
    pub text: String,
    /// The cell that is to be slower.
    pub own: usize,
    /// The cell it is set against.
    pub reference: usize,
    /// More than how many times.
    pub times: f64,
}

/// What two cells say of a sentence.
pub(crate) struct Told {
    pub(crate) standing: Standing,
    pub(crate) ratio: Ratio,
    /// The numbers behind that, in words.
    pub(crate) numbers: String,
}

/// What the run says of its sentences. One is confirmed or refuted only if the whole interval lies on one side.
pub(super) fn settled(run: &PairedRun, rows: &[Observation], bootstrap: Bootstrap) -> Vec<Settled> {
    let settle = |stated: &Stated| {
        let places = (stated.own, stated.reference);
        let told = told(run, rows, places, stated.times, bootstrap);
        Settled {
            text: stated.text.clone(),
            standing: told
                .as_ref()
                .map_or(Standing::NotMeasured, |told| told.standing),
            numbers: told.map_or_else(String::new, |told| told.numbers),
        }
    };
    run.statements.iter().map(settle).collect()
}

/// Whether the first of two cells takes more than so many times as long as the second; `None` if no launch has measured
/// both, or an answer was wrong.
pub(crate) fn takes_longer(run: &PairedRun, places: (usize, usize), times: f64) -> Option<Told> {
    let rows: Vec<Observation> = run.observations.rows().collect();
    let bootstrap = Bootstrap {
        draws: Bootstrap::DRAWS,
        seed: run.seed,
    };
    told(run, &rows, places, times, bootstrap)
}

fn told(
    run: &PairedRun,
    rows: &[Observation],
    (own, reference): (usize, usize),
    times: f64,
    bootstrap: Bootstrap,
) -> Option<Told> {
    let effect = effect(rows, own, reference, bootstrap)?;
    let ratio = effect.ratio;
    let standing = match ratio.interval().side(times) {
        _ if effect.launches < LEAST_LAUNCHES => Standing::NotConfirmed,
        Side::Above => Standing::Confirmed,
        Side::AtMost => Standing::Refuted,
        Side::Both => Standing::NotConfirmed,
    };
    let numbers = format!(
        "{} takes {} ({}) the time of {}; {} launches.",
        run.cells[own].label(),
        factor(ratio.point),
        factor_interval(ratio.low, ratio.high),
        run.cells[reference].label(),
        effect.launches,
    );
    Some(Told {
        standing,
        ratio,
        numbers,
    })
}
