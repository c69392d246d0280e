//! What queued tasks cost: to queue any, what each one costs, and whether that grows with their number.

use super::analysis::pairs;
use super::family::{Corrected, Correction};
use super::redrawn::Redrawn;
use super::series::{estimate, times};
use super::{Figure, Observation, PairedRun};
use crate::statistics::{Bootstrap, Line};
use crate::{Effect, Estimate, Pair, Ratio, Terms, Verdict, judge};

/// The largest number of tasks is compared with one that is at least so many times smaller.
const FAR: u64 = 100;

/// What tasks cost on a backend, by their number.
#[derive(Debug, Clone, PartialEq)]
pub struct Queued {
    /// The backend.
    pub backend: String,
    /// With how many workers.
    pub workers: u32,
    /// The time of one task, by how many were queued, the fewest first.
    pub points: Vec<(u64, Estimate)>,
    /// The line through the times of all of them, where there are enough numbers.
    pub costs: Option<Costs>,
    /// Whether a task costs more where there are many.
    pub growth: Option<Growth>,
}

/// The line through the times: what it costs to queue any, and each one.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Costs {
    /// The intercept. By chance it can be below zero.
    pub fixed: Estimate,
    /// The slope.
    pub marginal: Estimate,
}

/// The time of a task among many by its time among few.
#[derive(Debug, Clone, PartialEq)]
pub struct Growth {
    /// Few.
    pub few: u64,
    /// Many.
    pub many: u64,
    /// What the times say.
    pub effect: Effect,
    /// What may be said: slower is that it grows.
    pub verdict: Verdict,
}

/// What all backends' tasks cost. `terms` are those of every comparison but its p.
pub(super) fn queued(
    run: &PairedRun,
    rows: &[Observation],
    terms: Terms,
    bootstrap: Bootstrap,
) -> Vec<Queued> {
    let series = run.series.iter().filter(|it| it.figure == Figure::Queued);
    let of = |cells: &[usize]| {
        let first = run.cells.get(*cells.first()?)?;
        // A quick run leaves the largest out; growth is then told from those that are there.
        let measured = cells.iter().filter(|cell| times(rows, **cell).is_some());
        let mut cells: Vec<(u64, usize)> = measured
            .map(|&cell| (run.cells[cell].size.max(1), cell))
            .collect();
        cells.sort_unstable();
        let points = cells.iter().filter_map(|&(tasks, cell)| {
            Some((tasks, estimate(rows, cell, tasks as f64, bootstrap)?))
        });
        let points: Vec<(u64, Estimate)> = points.collect();
        let queued = (!points.is_empty()).then(|| Queued {
            backend: first.backend.clone(),
            workers: first.workers.unwrap_or(1),
            points,
            costs: Costs::of(rows, &cells, bootstrap),
            growth: None,
        });
        Some((queued?, grown(rows, &cells, bootstrap)))
    };
    let found: Vec<(Queued, Option<Grown>)> = series.filter_map(|it| of(&it.cells)).collect();
    // One family: a backend more is a chance more of a false alarm.
    let growths = found.iter().filter_map(|(_, grown)| grown.as_ref());
    let ps: Vec<f64> = growths.map(|(.., effect)| effect.p).collect();
    let mut corrected = Correction::BenjaminiHochberg.of(&ps).into_iter();
    let judged = found.into_iter().map(|(queued, grown)| Queued {
        growth: grown.and_then(|grown| Some(Growth::judged(grown, corrected.next()?, terms))),
        ..queued
    });
    judged.collect()
}

impl Costs {
    /// From the launches that have all of the numbers; `None` if there is no such launch, or fewer than three numbers:
    /// through two a line always fits.
    fn of(rows: &[Observation], cells: &[(u64, usize)], bootstrap: Bootstrap) -> Option<Self> {
        let measured = cells
            .iter()
            .filter(|(_, cell)| times(rows, *cell).is_some());
        let measured: Vec<(f64, usize)> = measured
            .map(|&(tasks, cell)| (tasks as f64, cell))
            .collect();
        if measured.len() < 3 {
            return None;
        }
        let line = Redrawn::of(rows, &measured, bootstrap, Line::through)?;
        let between = |of: fn(&Line) -> f64| {
            let Ratio { point, low, high } = line.between(of);
            Estimate {
                point_ns: point,
                low_ns: low,
                high_ns: high,
                level: 0.95,
            }
        };
        Some(Self {
            fixed: between(|line| line.fixed),
            marginal: between(|line| line.marginal),
        })
    }
}

/// Few, many, and the time of a task among many by that among few.
type Grown = (u64, u64, Effect);

/// The largest number against the largest that is far below it; `None` if there is none.
fn grown(rows: &[Observation], cells: &[(u64, usize)], bootstrap: Bootstrap) -> Option<Grown> {
    let &(many, own) = cells.last()?;
    let is_far = |it: &&(u64, usize)| it.0 <= many / FAR;
    let &(few, reference) = cells.iter().rev().find(is_far)?;
    let launches = pairs(rows, own, reference).into_values();
    let of_one = |pair: Pair| Pair {
        own_ns: pair.own_ns / many as f64,
        reference_ns: pair.reference_ns / few as f64,
    };
    let launches: Vec<Vec<Pair>> = launches
        .map(|pairs| pairs.into_iter().map(of_one).collect())
        .collect();
    Some((few, many, Effect::of(&launches, bootstrap)?))
}

impl Growth {
    fn judged((few, many, effect): Grown, corrected: Corrected, terms: Terms) -> Self {
        let terms = Terms {
            corrected_p: corrected.p,
            compared: corrected.least_factor(),
            ..terms
        };
        Self {
            few,
            many,
            effect,
            verdict: judge(Some(&effect), &terms),
        }
    }
}
