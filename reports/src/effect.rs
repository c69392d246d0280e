//! The size of a difference between two times, by launches: paired, or of two runs.

use crate::statistics::{
    Bootstrap, Interval, Replicates, mean, pseudo_median, rank_sum, shift, signed_rank,
    smallest_rank_sum_p, smallest_reachable_p, student_interval, variance, welch_interval,
};
use crate::{Estimate, Pair, Ratio};

/// What times say of their ratio, before anybody judges it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Effect {
    /// How many launches there were; on the side that has fewer, if they were not paired.
    pub launches: usize,
    /// How many blocks they had, all together; those of no launch that is not paired are counted.
    pub blocks: usize,
    /// The time by that of the reference, with the wider of two 95 % intervals: the bootstrap's and Student's.
    pub ratio: Ratio,
    /// The 90 % interval of the same method, for equivalence: it lies within the other.
    pub ninety: Interval,
    /// The two-sided p of the exact signed-rank test on launches, or of the rank-sum test if they were not paired; not
    /// corrected.
    pub p: f64,
    /// The smallest p that so many launches can reach.
    pub smallest_p: f64,
    /// The standard deviation of the launches' log ratios; `None` of one launch, or if they were not paired.
    pub deviation: Option<f64>,
    /// In which share of the blocks, or of the pairs of launches, it took less time than the reference; equal ones count
    /// half.
    pub wins: f64,
}

impl Effect {
    /// Estimates the ratio from the pairs of each launch: the mean of the log ratios of its blocks, then the pseudo-median
    /// of the launches.
    ///
    /// Neither the order of the launches nor that of the blocks in them matters. Pairs without a finite ratio, and then
    /// launches without pairs, are left out; `None` if nothing is left.
    #[must_use]
    pub fn of(launches: &[Vec<Pair>], bootstrap: Bootstrap) -> Option<Self> {
        let launches = log_ratios(launches);
        let means: Vec<f64> = launches.iter().filter_map(|blocks| mean(blocks)).collect();
        let point = pseudo_median(&means)?;
        let replicates = bootstrap.pseudo_median_of_means(&launches)?;
        let [ninety_five, ninety] = intervals(&replicates, |level| student_interval(&means, level));
        let blocks = launches.concat();
        Some(Self {
            launches: launches.len(),
            blocks: blocks.len(),
            ratio: Ratio {
                point: point.exp(),
                low: ninety_five.low,
                high: ninety_five.high,
            },
            ninety,
            p: signed_rank(&means),
            smallest_p: smallest_reachable_p(means.len()),
            deviation: variance(&means).map(f64::sqrt),
            wins: wins(&blocks),
        })
    }

    /// Estimates the ratio from the launches' medians of two runs that were not made side by side: Hodges and Lehmann's shift
    /// of their logarithms, with the wider of the bootstrap's and Welch's interval.
    ///
    /// The order of the launches does not matter. `None` if there are none on a side, once what is no time is left out.
    #[must_use]
    pub fn unpaired(own: &[f64], reference: &[f64], bootstrap: Bootstrap) -> Option<Self> {
        let (own, reference) = (logs(own), logs(reference));
        let point = shift(&own, &reference)?;
        let replicates = bootstrap.shift(&own, &reference)?;
        let welch = |level| welch_interval(&own, &reference, level);
        let [ninety_five, ninety] = intervals(&replicates, welch);
        let differences = own
            .iter()
            .flat_map(|a| reference.iter().map(move |b| a - b));
        Some(Self {
            launches: own.len().min(reference.len()),
            blocks: 0,
            ratio: Ratio {
                point: point.exp(),
                low: ninety_five.low,
                high: ninety_five.high,
            },
            ninety,
            p: rank_sum(&own, &reference),
            smallest_p: smallest_rank_sum_p(own.len(), reference.len()),
            deviation: None,
            wins: wins(&differences.collect::<Vec<f64>>()),
        })
    }

    /// What two medians of one launch each say of their ratio: it, and what their intervals allow, but of no launch but this.
    #[must_use]
    pub fn of_one_launch(own: &Estimate, reference: &Estimate) -> Self {
        let ratio = Ratio::of(own, reference);
        Self {
            launches: 1,
            blocks: 0,
            ratio,
            ninety: ratio.interval(),
            p: 1.0,
            smallest_p: 1.0,
            deviation: None,
            wins: wins(&[ratio.point.ln()]),
        }
    }

    /// How far from one, as a factor above one, the ratio may be by its interval: of a control, which compares a thing
    /// with itself, the floor for every other verdict.
    #[must_use]
    pub fn floor(&self) -> f64 {
        self.ratio.high.max(1.0 / self.ratio.low).max(1.0)
    }
}

/// The ratio's intervals of 95 and of 90 %, by the draws or by the other method, whichever has the wider one of 95 %.
///
/// The method is chosen once. Were it chosen for each level, the two could be of different methods, and then neither need
/// lie within the other.
fn intervals(replicates: &Replicates, other: impl Fn(f64) -> Option<Interval>) -> [Interval; 2] {
    let levels = [0.95, 0.90];
    let drawn = levels.map(|level| replicates.interval(level));
    let chosen = match levels.map(other) {
        [Some(wide), Some(narrow)] if drawn[0].wider(wide) == wide => [wide, narrow],
        _ => drawn,
    };
    chosen.map(Interval::exp)
}

/// The share of log ratios below zero; those at zero count half.
fn wins(log_ratios: &[f64]) -> f64 {
    let wins = log_ratios.iter().map(|ratio| match *ratio {
        ..0.0 => 1.0,
        0.0 => 0.5,
        _ => 0.0,
    });
    wins.sum::<f64>() / log_ratios.len() as f64
}

/// The logarithms of times, sorted, without those that have none.
fn logs(times: &[f64]) -> Vec<f64> {
    let logs = times.iter().map(|time| time.ln());
    let mut logs: Vec<f64> = logs.filter(|log| log.is_finite()).collect();
    logs.sort_unstable_by(f64::total_cmp);
    logs
}

/// The logarithms of the ratios, sorted, so that the bootstrap's draws don't depend on the order they came in.
fn log_ratios(launches: &[Vec<Pair>]) -> Vec<Vec<f64>> {
    let blocks = |pairs: &Vec<Pair>| {
        let logs = pairs
            .iter()
            .map(|pair| pair.own_ns.ln() - pair.reference_ns.ln());
        let mut logs: Vec<f64> = logs.filter(|log| log.is_finite()).collect();
        logs.sort_unstable_by(f64::total_cmp);
        logs
    };
    let mut launches: Vec<Vec<f64>> = launches.iter().map(blocks).collect();
    launches.retain(|blocks| !blocks.is_empty());
    let order = |a: &f64, b: &f64| a.total_cmp(b);
    launches.sort_by(|a, b| {
        let differing = a.iter().zip(b).map(|(a, b)| order(a, b));
        let first = differing.into_iter().find(|order| order.is_ne());
        first.unwrap_or_else(|| a.len().cmp(&b.len()))
    });
    launches
}
