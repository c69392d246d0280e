//! Cells that a figure shows together, declared before anything is measured, and what each of them takes.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Cell, Observation, PairedRun};
use crate::Estimate;
use crate::statistics::{Bootstrap, median};

/// Cells that belong together.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Series {
    /// What they show.
    pub figure: Figure,
    /// Their places in the list, in the order of the figure.
    pub cells: Vec<usize>,
}

/// What cells show together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Figure {
    /// What so many queued tasks cost, on one backend; the size of a cell is their number.
    Queued,
    /// The same work on more and more workers of one backend, one worker first.
    StrongScaling,
    /// The same work for each worker, on more and more workers of one backend, one worker first.
    WeakScaling,
    /// To start a pool, have a task done and shut it down, on several backends.
    StartUp,
    /// The same tasks on pools of several libraries; the size of a cell is their number.
    Peers,
}

/// What the cells of a figure take, one beside the other.
#[derive(Debug, Clone, PartialEq)]
pub struct SideBySide {
    /// What they show.
    pub figure: Figure,
    /// What all of them do.
    pub workload: String,
    /// Each of them with the time of one, by its size; those that were not measured, or are void, are left out.
    pub rows: Vec<(Cell, Estimate)>,
}

impl Series {
    /// Says what is wrong with it, if anything is.
    pub(super) fn validate(&self, cells: usize) -> Result<(), String> {
        match self.cells.iter().find(|cell| **cell >= cells) {
            Some(cell) => Err(format!(
                "a figure is to show cell {cell}, and there are {cells}"
            )),
            None => Ok(()),
        }
    }
}

/// The figures of start-up and of peers; cells of one workload are in one.
pub(super) fn side_by_side(
    run: &PairedRun,
    rows: &[Observation],
    bootstrap: Bootstrap,
) -> Vec<SideBySide> {
    let of = |series: &Series| {
        let shown = series.cells.iter().filter_map(|&cell| {
            let named = run.cells[cell].clone();
            let estimate = estimate(rows, cell, named.size.max(1) as f64, bootstrap)?;
            Some((named, estimate))
        });
        let shown: Vec<(Cell, Estimate)> = shown.collect();
        let workload = shown.first()?.0.workload.clone();
        Some(SideBySide {
            figure: series.figure,
            workload,
            rows: shown,
        })
    };
    let series = run.series.iter();
    let series = series.filter(|it| matches!(it.figure, Figure::StartUp | Figure::Peers));
    let mut figures: Vec<SideBySide> = Vec::new();
    for one in series.filter_map(of) {
        let is_same =
            |it: &&mut SideBySide| (it.figure, &it.workload) == (one.figure, &one.workload);
        match figures.iter_mut().find(is_same) {
            Some(known) => known.rows.extend(one.rows),
            None => figures.push(one),
        }
    }
    figures
}

/// The times of one run of a cell, launch by launch; `None` if there are none, or if an answer was wrong.
pub(super) fn times(rows: &[Observation], cell: usize) -> Option<BTreeMap<u32, Vec<f64>>> {
    let mut launches: BTreeMap<u32, Vec<f64>> = BTreeMap::new();
    for row in rows.iter().filter(|row| row.cell == cell) {
        if !row.ok {
            return None;
        }
        let time = row.wall_ns as f64 / row.runs as f64;
        launches.entry(row.launch).or_default().push(time);
    }
    (!launches.is_empty()).then_some(launches)
}

/// The time of one of so many parts of a run: the median over launches of their medians, with a 95 % interval by the
/// bootstrap of launches and blocks; `None` as for the times.
pub(super) fn estimate(
    rows: &[Observation],
    cell: usize,
    parts: f64,
    bootstrap: Bootstrap,
) -> Option<Estimate> {
    let launches = times(rows, cell)?.into_values();
    let launches: Vec<Vec<f64>> = launches
        .map(|times| times.into_iter().map(|time| time / parts).collect())
        .collect();
    let medians: Vec<f64> = launches.iter().filter_map(|it| middle(it)).collect();
    let point_ns = middle(&medians)?;
    let interval = bootstrap
        .hierarchical(&launches, middle, middle)?
        .interval(0.95);
    Some(Estimate {
        point_ns,
        low_ns: interval.low.min(point_ns),
        high_ns: interval.high.max(point_ns),
        level: 0.95,
    })
}

/// The median, of values that stay as they are.
pub(super) fn middle(values: &[f64]) -> Option<f64> {
    median(&mut values.to_vec())
}
