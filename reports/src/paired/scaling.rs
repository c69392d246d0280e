//! How a backend does with more and more workers: on the same work, and on the same work for each.

use super::analysis::effect;
use super::series::estimate;
use super::{Figure, Observation, PairedRun};
use crate::statistics::{Bootstrap, serial_fraction};
use crate::{Estimate, Ratio};

/// A backend on more and more workers.
#[derive(Debug, Clone, PartialEq)]
pub struct Scaling {
    /// Whether each worker has the same work, and not all of them together.
    pub is_weak: bool,
    /// The backend.
    pub backend: String,
    /// What was measured, the fewest workers first.
    pub points: Vec<ScalingPoint>,
}

/// A backend on so many workers.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ScalingPoint {
    /// How many.
    pub workers: u32,
    /// The time of one run.
    pub time: Estimate,
    /// The ideal time by this one, where the ideal is what one worker takes: divided by the workers if they share the
    /// work. `None` if the two were not measured side by side.
    pub efficiency: Option<Ratio>,
    /// Karp and Flatt's serial fraction, where the workers share the work.
    pub serial_fraction: Option<f64>,
}

/// Strong and weak scaling, in the record's order.
pub(super) fn scalings(
    run: &PairedRun,
    rows: &[Observation],
    bootstrap: Bootstrap,
) -> Vec<Scaling> {
    let of = |figure: Figure, cells: &[usize]| {
        let is_weak = figure == Figure::WeakScaling;
        let first = *cells.first()?;
        let points = cells.iter().filter_map(|&cell| {
            let workers = run.cells[cell].workers?;
            let time = estimate(rows, cell, 1.0, bootstrap)?;
            let ratio = match cell == first {
                true => Some(Ratio {
                    point: 1.0,
                    low: 1.0,
                    high: 1.0,
                }),
                false => effect(rows, cell, first, bootstrap).map(|effect| effect.ratio),
            };
            let shared = if is_weak { 1.0 } else { f64::from(workers) };
            let of = |ratio: f64| 1.0 / (ratio * shared);
            Some(ScalingPoint {
                workers,
                time,
                efficiency: ratio.map(|it| Ratio {
                    point: of(it.point),
                    low: of(it.high),
                    high: of(it.low),
                }),
                serial_fraction: ratio
                    .filter(|_| !is_weak)
                    .and_then(|it| serial_fraction(1.0 / it.point, workers)),
            })
        });
        let points: Vec<ScalingPoint> = points.collect();
        (!points.is_empty()).then(|| Scaling {
            is_weak,
            backend: run.cells[first].backend.clone(),
            points,
        })
    };
    let series = run.series.iter();
    let series =
        series.filter(|it| matches!(it.figure, Figure::StrongScaling | Figure::WeakScaling));
    series.filter_map(|it| of(it.figure, &it.cells)).collect()
}
