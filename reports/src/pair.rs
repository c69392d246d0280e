//! Two things measured in turns, which a ratio is best judged by: whatever else the machine does meanwhile, it does to
//! both.

use serde::{Deserialize, Serialize};

use crate::statistics::{Interval, median, median_interval};
use crate::{Estimate, Ratio};

/// With which probability an interval holds the true median.
const LEVEL: f64 = 0.95;

/// A figure and its reference, measured one right after the other.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Pair {
    /// Time of the figure, in nanoseconds.
    pub own_ns: f64,
    /// Time of the reference, in nanoseconds.
    pub reference_ns: f64,
}

/// The median of the pairs' ratios; at least one pair.
pub(crate) fn ratio(pairs: &[Pair]) -> Ratio {
    let (point, ends) = centre(pairs.iter().map(|pair| pair.own_ns / pair.reference_ns));
    Ratio {
        point,
        low: ends.low,
        high: ends.high,
    }
}

/// The medians of the figure and of the reference; at least one pair.
pub(crate) fn estimates(pairs: &[Pair]) -> [Estimate; 2] {
    let of = |time: fn(&Pair) -> f64| {
        let (point_ns, ends) = centre(pairs.iter().map(time));
        Estimate {
            point_ns,
            low_ns: ends.low,
            high_ns: ends.high,
            level: LEVEL,
        }
    };
    [of(|pair| pair.own_ns), of(|pair| pair.reference_ns)]
}

/// The median of at least one value, and its interval.
fn centre(values: impl Iterator<Item = f64>) -> (f64, Interval) {
    const ONE: &str = "there is a pair";
    let mut values: Vec<f64> = values.collect();
    (
        median(&mut values).expect(ONE),
        median_interval(&mut values, LEVEL).expect(ONE),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_slows_both_changes_no_ratio() {
        let pairs: Vec<Pair> = (1..=20)
            .map(|times| f64::from(times * times))
            .map(|slowed| Pair {
                own_ns: 3.0 * slowed,
                reference_ns: 2.0 * slowed,
            })
            .collect();
        let ratio = ratio(&pairs);
        assert_eq!([ratio.low, ratio.point, ratio.high], [1.5; 3]);
        let [own, reference] = estimates(&pairs);
        assert!((own.point_ns / reference.point_ns - 1.5).abs() < 1e-9);
        assert!(own.low_ns < 0.5 * own.high_ns);
    }
}
