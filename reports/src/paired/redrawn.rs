//! What is fitted to the times of several cells at once, with intervals from launches drawn with replacement. A launch is
//! drawn with all of its cells, since what it has of its own is in all of them.

use std::collections::BTreeMap;

use super::Observation;
use super::series::{middle, times};
use crate::Ratio;
use crate::statistics::{Bootstrap, Generator};

/// What was fitted to the launches, and to each draw of them.
pub(super) struct Redrawn<T> {
    found: T,
    drawn: Vec<T>,
}

impl<T> Redrawn<T> {
    /// Fits the medians, over the launches that have all cells, of their times, each cell by what it stands for, such as a
    /// number of tasks. `None` without such a launch, or where nothing fits.
    pub(super) fn of(
        rows: &[Observation],
        cells: &[(f64, usize)],
        bootstrap: Bootstrap,
        fit: impl Fn(&[(f64, f64)]) -> Option<T>,
    ) -> Option<Self> {
        let measured = cells
            .iter()
            .filter_map(|&(at, cell)| Some((at, medians(rows, cell)?)));
        let measured: Vec<(f64, BTreeMap<u32, f64>)> = measured.collect();
        let of_launch = |launch: &u32| -> Option<Vec<f64>> {
            measured
                .iter()
                .map(|(_, of)| of.get(launch).copied())
                .collect()
        };
        let launches = measured.first()?.1.keys().filter_map(of_launch);
        let launches: Vec<Vec<f64>> = launches.collect();
        let fitted = |chosen: &[&Vec<f64>]| {
            let points = measured.iter().enumerate().map(|(place, (at, _))| {
                let times: Vec<f64> = chosen.iter().map(|launch| launch[place]).collect();
                Some((*at, middle(&times)?))
            });
            fit(&points.collect::<Option<Vec<_>>>()?)
        };
        let all: Vec<&Vec<f64>> = launches.iter().collect();
        let found = fitted(&all)?;
        let mut generator = Generator::new(bootstrap.seed);
        let mut draw = || {
            let drawn: Vec<&Vec<f64>> = all
                .iter()
                .map(|_| all[generator.below(all.len())])
                .collect();
            fitted(&drawn)
        };
        let drawn = (0..bootstrap.draws).filter_map(|_| draw()).collect();
        Some(Self { found, drawn })
    }

    /// One number of what was fitted, with its 95 % interval.
    pub(super) fn between(&self, of: impl Fn(&T) -> f64) -> Ratio {
        let mut values: Vec<f64> = self.drawn.iter().map(&of).collect();
        values.sort_unstable_by(f64::total_cmp);
        let quantile = |share: f64| values.get((share * values.len() as f64) as usize).copied();
        let point = of(&self.found);
        Ratio {
            point,
            low: quantile(0.025).unwrap_or(point).min(point),
            high: quantile(0.975).unwrap_or(point).max(point),
        }
    }
}

/// By launch the median of its blocks.
fn medians(rows: &[Observation], cell: usize) -> Option<BTreeMap<u32, f64>> {
    let launches = times(rows, cell)?.into_iter();
    let medians = launches.filter_map(|(launch, times)| Some((launch, middle(&times)?)));
    Some(medians.collect())
}
