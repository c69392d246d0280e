//! How a backend does with more and more workers: on the same work, and on the same work for each.

use super::analysis::effect;
use super::redrawn::Redrawn;
use super::series::{estimate, times};
use super::{Figure, Observation, PairedRun};
use crate::statistics::{Bootstrap, LEAST_COUNTS, Scalability, serial_fraction};
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
    /// The Universal Scalability Law through the points, where the workers share the work and enough counts were measured.
    pub law: Option<Law>,
}

/// What the Universal Scalability Law makes of a backend, each number with its 95 % interval from the launches.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Law {
    /// The share of the work that waits for others. By chance it can be below zero.
    pub contention: Ratio,
    /// What each pair of workers costs to keep agreed, likewise.
    pub coherency: Ratio,
    /// Beyond how many workers it becomes slower; `None` unless the whole interval of the coherency says that it does. The
    /// upper end is infinite where some draws of the launches have no such number.
    pub peak: Option<Ratio>,
}

impl Law {
    /// The law through so many workers and the cells that have them; `None` with fewer than [`LEAST_COUNTS`].
    fn of(rows: &[Observation], cells: &[(f64, usize)], bootstrap: Bootstrap) -> Option<Self> {
        if cells.len() < LEAST_COUNTS {
            return None;
        }
        let law = Redrawn::of(rows, cells, bootstrap, Scalability::of)?;
        let coherency = law.between(|law| law.coherency);
        let peak = law.between(|law| law.peak().unwrap_or(f64::INFINITY));
        Some(Self {
            contention: law.between(|law| law.contention),
            coherency,
            peak: Some(peak).filter(|it| coherency.low > 0.0 && it.point.is_finite()),
        })
    }
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
        let counted = cells
            .iter()
            .filter_map(|&cell| Some((run.cells[cell].workers?.into(), cell)));
        let counted: Vec<(f64, usize)> = counted
            .filter(|(_, cell)| times(rows, *cell).is_some())
            .collect();
        (!points.is_empty()).then(|| Scaling {
            is_weak,
            backend: run.cells[first].backend.clone(),
            points,
            law: Law::of(rows, &counted, bootstrap).filter(|_| !is_weak),
        })
    };
    let series = run.series.iter();
    let series =
        series.filter(|it| matches!(it.figure, Figure::StrongScaling | Figure::WeakScaling));
    series.filter_map(|it| of(it.figure, &it.cells)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::statistics::Generator;

    const COUNTS: [u32; 6] = [1, 2, 3, 4, 6, 8];
    const CELLS: [(f64, usize); 6] = [(1.0, 0), (2.0, 1), (3.0, 2), (4.0, 3), (6.0, 4), (8.0, 5)];

    /// Ten launches of two blocks on six counts, by the law; launches differ by a per cent, single times by two.
    fn rows(contention: f64, coherency: f64, seed: u64) -> Vec<Observation> {
        let mut generator = Generator::new(seed);
        let mut rows = Vec::new();
        for launch in 0..10 {
            let of_launch = 0.01 * generator.normal();
            for (block, cell) in
                (0..2).flat_map(|block| (0..COUNTS.len()).map(move |it| (block, it)))
            {
                let workers = f64::from(COUNTS[cell]);
                let time = 1.0 / workers
                    + contention * (1.0 - 1.0 / workers)
                    + coherency * (workers - 1.0);
                let noise = (of_launch + 0.02 * generator.normal()).exp();
                rows.push(Observation {
                    launch,
                    block,
                    cell,
                    runs: 1,
                    wall_ns: (1e8 * time * noise) as u64,
                    ok: true,
                    ..Observation::default()
                });
            }
        }
        rows
    }

    fn law(contention: f64, coherency: f64, seed: u64) -> Law {
        let bootstrap = Bootstrap { draws: 300, seed };
        Law::of(&rows(contention, coherency, seed), &CELLS, bootstrap).expect("six counts")
    }

    #[test]
    fn the_intervals_hold_the_law_that_made_the_times() {
        const RUNS: u64 = 300;
        let holds = |ratio: Ratio, truth: f64| ratio.low <= truth && truth <= ratio.high;
        let (contention, coherency) = (0.05, 0.01);
        let laws: Vec<Law> = (0..RUNS)
            .map(|seed| law(contention, coherency, seed))
            .collect();
        for (of, truth) in [
            (
                laws.iter().map(|it| it.contention).collect::<Vec<_>>(),
                contention,
            ),
            (laws.iter().map(|it| it.coherency).collect(), coherency),
        ] {
            let held = of.into_iter().filter(|it| holds(*it, truth)).count();
            let share = held as f64 / RUNS as f64;
            // Percentile intervals of medians of ten launches, as the glossary has it: about ninety-five.
            assert!((0.9..=0.99).contains(&share), "{truth}: {share}");
            println!("{truth}: {share}");
        }
    }

    #[test]
    fn a_peak_is_told_only_where_the_coherency_is_above_zero_for_sure() {
        let peak = law(0.05, 0.02, 1).peak.expect("it is for sure");
        let truth = (0.95_f64 / 0.02).sqrt();
        assert!(peak.low <= truth && truth <= peak.high, "{peak:?}");
        let told = (0..100).filter(|seed| law(0.05, 0.0, *seed).peak.is_some());
        let told = told.count();
        assert!(told <= 8, "{told} of 100");
    }

    #[test]
    fn five_counts_have_no_law_and_neither_has_what_no_launch_has_whole() {
        let bootstrap = Bootstrap { draws: 10, seed: 1 };
        let mut rows = rows(0.05, 0.01, 1);
        assert_eq!(Law::of(&rows, &CELLS[..5], bootstrap), None);
        rows.retain(|row| (row.launch < 5) == (row.cell < 3));
        assert_eq!(Law::of(&rows, &CELLS, bootstrap), None);
    }
}
