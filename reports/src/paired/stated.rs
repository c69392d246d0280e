//! Sentences that a paired run can confirm or refute: that one cell takes more than so many times as long as another.

use serde::{Deserialize, Serialize};

use super::analysis::effect;
use super::{Observation, PairedRun};
use crate::number::{factor, factor_interval};
use crate::statistics::{Bootstrap, Side};
use crate::{LEAST_LAUNCHES, Settled, Standing};

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

/// What the run says of its sentences. One is confirmed or refuted only if the whole interval lies on one side.
pub(super) fn settled(run: &PairedRun, rows: &[Observation], bootstrap: Bootstrap) -> Vec<Settled> {
    let settle = |stated: &Stated| {
        let (standing, numbers) = standing(run, rows, stated, bootstrap);
        Settled {
            text: stated.text.clone(),
            standing,
            numbers,
        }
    };
    run.statements.iter().map(settle).collect()
}

fn standing(
    run: &PairedRun,
    rows: &[Observation],
    stated: &Stated,
    bootstrap: Bootstrap,
) -> (Standing, String) {
    let Stated {
        own,
        reference,
        times,
        ..
    } = *stated;
    let Some(effect) = effect(rows, own, reference, bootstrap) else {
        return (Standing::NotMeasured, String::new());
    };
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
    (standing, numbers)
}
