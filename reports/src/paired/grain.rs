//! From which length of its tasks a backend pays: efficiency against the length, and where it crosses what is asked.

use std::collections::BTreeMap;

use super::{Cell, Observation, PairedRun};
use crate::statistics::{Bootstrap, Generator, mean, median};

/// The share of the ideal that counts as efficient.
const EFFICIENT: f64 = 0.9;

/// How a backend does on equal tasks, the shortest first.
#[derive(Debug, Clone, PartialEq)]
pub struct Grain {
    /// The backend.
    pub backend: String,
    /// With how many workers.
    pub workers: u32,
    /// What was measured.
    pub points: Vec<GrainPoint>,
    /// From which length on it takes less time than a loop.
    pub pays: Crossing,
    /// From which length on it has nine tenths of the ideal, which is the loop's time divided by the workers.
    pub is_efficient: Crossing,
}

/// A backend on tasks of one length.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct GrainPoint {
    /// How long a task is, by the sequential loop, in nanoseconds.
    pub task_ns: f64,
    /// The ideal time by the time it takes.
    pub efficiency: f64,
    /// By how much it is longer than ideal, divided by the tasks, in nanoseconds.
    pub overhead_ns: f64,
}

/// A length of tasks in nanoseconds, with a 95 % interval. Zero is below the shortest that was measured, and infinity
/// above the longest.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Crossing {
    /// The length, interpolated: in its logarithm, and linear in efficiency.
    pub at: f64,
    /// The interval's lower end.
    pub low: f64,
    /// Its upper end.
    pub high: f64,
}

/// For one backend: the cell and its reference at each length, by what they are asked to do.
type Lengths = BTreeMap<(u64, u64), (usize, usize)>;

/// The grains of all backends that have run equal tasks beside a sequential loop of them.
pub(super) fn grains(run: &PairedRun, rows: &[Observation], bootstrap: Bootstrap) -> Vec<Grain> {
    let mut backends: Vec<(&str, u32, Lengths)> = Vec::new();
    for (place, cell) in run.cells.iter().enumerate() {
        let Some(((workers, tasks), loops)) =
            cell.workers.zip(cell.tasks).zip(sequential(run, cell))
        else {
            continue;
        };
        let known = backends
            .iter_mut()
            .find(|(name, count, _)| (*name, *count) == (&cell.backend, workers));
        let lengths = match known {
            Some((_, _, lengths)) => lengths,
            None => {
                backends.push((&cell.backend, workers, Lengths::new()));
                &mut backends.last_mut().expect("it was pushed").2
            }
        };
        lengths.insert((cell.size / tasks.max(1), tasks), (place, loops));
    }
    let grains = backends
        .into_iter()
        .filter_map(|(backend, workers, lengths)| {
            let of = Grain::of(rows, &lengths, workers, bootstrap)?;
            Some(Grain {
                backend: backend.to_owned(),
                ..of
            })
        });
    grains.collect()
}

/// The loop over the same tasks.
fn sequential(run: &PairedRun, cell: &Cell) -> Option<usize> {
    let is_loop = |it: &Cell| {
        let key = |cell: &Cell| (cell.workload.clone(), cell.size, cell.tasks);
        it.workers.is_none() && key(it) == key(cell)
    };
    run.cells.iter().position(is_loop)
}

impl Grain {
    fn of(
        rows: &[Observation],
        lengths: &Lengths,
        workers: u32,
        bootstrap: Bootstrap,
    ) -> Option<Grain> {
        let mut points = Vec::new();
        // For each launch the logarithm of the speed-up at each length.
        let mut launches: BTreeMap<u32, Vec<f64>> = BTreeMap::new();
        for (number, (&(_, tasks), &(own, loops))) in lengths.iter().enumerate() {
            let (own_ns, loop_ns) = (time(rows, own)?, time(rows, loops)?);
            let (ideal, tasks) = (loop_ns / f64::from(workers), tasks.max(1) as f64);
            points.push(GrainPoint {
                task_ns: loop_ns / tasks,
                efficiency: ideal / own_ns,
                overhead_ns: (own_ns - ideal) / tasks,
            });
            for (launch, speed_up) in log_speed_ups(rows, own, loops) {
                let launch = launches.entry(launch).or_default();
                // A launch that lacks a length is left out below.
                if launch.len() == number {
                    launch.push(speed_up);
                }
            }
        }
        let launches: Vec<Vec<f64>> = launches
            .into_values()
            .filter(|it| it.len() == points.len())
            .collect();
        let task_ns: Vec<f64> = points.iter().map(|point| point.task_ns).collect();
        let ideal = f64::from(workers);
        let crossing = |efficiency| Crossing::of(&task_ns, &launches, ideal, efficiency, bootstrap);
        Some(Grain {
            backend: String::new(),
            workers,
            pays: crossing(1.0 / ideal)?,
            is_efficient: crossing(EFFICIENT)?,
            points,
        })
    }
}

/// The median over launches of their medians, of one run; `None` if it was not measured, or an answer was wrong.
fn time(rows: &[Observation], cell: usize) -> Option<f64> {
    let mut launches: BTreeMap<u32, Vec<f64>> = BTreeMap::new();
    for row in rows.iter().filter(|row| row.cell == cell) {
        if !row.ok {
            return None;
        }
        launches
            .entry(row.launch)
            .or_default()
            .push(row.wall_ns as f64 / row.runs as f64);
    }
    let mut medians: Vec<f64> = launches
        .values_mut()
        .filter_map(|times| median(times))
        .collect();
    median(&mut medians)
}

/// By launch the mean of its blocks.
fn log_speed_ups(rows: &[Observation], own: usize, loops: usize) -> BTreeMap<u32, f64> {
    let launches = super::analysis::pairs(rows, own, loops);
    let of_launch = |(launch, pairs): (u32, Vec<crate::Pair>)| {
        let logs: Vec<f64> = pairs
            .iter()
            .map(|pair| (pair.reference_ns / pair.own_ns).ln())
            .collect();
        Some((launch, mean(&logs)?))
    };
    launches.into_iter().filter_map(of_launch).collect()
}

impl Crossing {
    fn of(
        task_ns: &[f64],
        launches: &[Vec<f64>],
        workers: f64,
        efficiency: f64,
        bootstrap: Bootstrap,
    ) -> Option<Crossing> {
        let at = |chosen: &[&Vec<f64>]| {
            let efficiencies = (0..task_ns.len()).map(|length| {
                let logs: Vec<f64> = chosen.iter().map(|launch| launch[length]).collect();
                mean(&logs).map_or(0.0, f64::exp) / workers
            });
            crossed(task_ns, &efficiencies.collect::<Vec<_>>(), efficiency)
        };
        let all: Vec<&Vec<f64>> = launches.iter().collect();
        if all.is_empty() {
            return None;
        }
        let mut generator = Generator::new(bootstrap.seed);
        let draw = |_| {
            let drawn: Vec<&Vec<f64>> = all
                .iter()
                .map(|_| all[generator.below(all.len())])
                .collect();
            at(&drawn)
        };
        let mut drawn: Vec<f64> = (0..bootstrap.draws).map(draw).collect();
        drawn.sort_unstable_by(f64::total_cmp);
        // By rank: between a number and infinity there is nothing to interpolate.
        let quantile = |share: f64| drawn.get((share * drawn.len() as f64) as usize).copied();
        let at = at(&all);
        Some(Crossing {
            at,
            low: quantile(0.025).unwrap_or(at).min(at),
            high: quantile(0.975).unwrap_or(at).max(at),
        })
    }
}

/// The length from which on every longer one is efficient enough.
fn crossed(task_ns: &[f64], efficiencies: &[f64], enough: f64) -> f64 {
    let Some(below) = efficiencies.iter().rposition(|it| *it < enough) else {
        return 0.0;
    };
    let (Some(next), Some(next_ns)) = (efficiencies.get(below + 1), task_ns.get(below + 1)) else {
        return f64::INFINITY;
    };
    let share = (enough - efficiencies[below]) / (next - efficiencies[below]);
    let (from, to) = (task_ns[below].ln(), next_ns.ln());
    (from + share * (to - from)).exp()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_crossing_lies_between_the_two_lengths_around_it() {
        let lengths = [1e3, 1e4, 1e5];
        assert_eq!(crossed(&lengths, &[0.1, 0.2, 0.4], 0.5), f64::INFINITY);
        assert_eq!(crossed(&lengths, &[0.6, 0.7, 0.9], 0.5), 0.0);
        let half_way = crossed(&lengths, &[0.1, 0.4, 0.6], 0.5);
        assert!(
            (half_way / 10_f64.powf(4.5) - 1.0).abs() < 1e-9,
            "{half_way}"
        );
        // One that is efficient by chance, with a longer one that is not, is no crossing.
        let last = crossed(&lengths, &[0.6, 0.4, 0.6], 0.5);
        assert!(last > 1e4, "{last}");
    }
}
