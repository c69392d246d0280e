//! Percentiles of a list, and intervals for them that suppose nothing about how the values are spread.

use statrs::distribution::{Binomial, DiscreteCDF};

use super::Interval;

/// A percentile that fewer samples than this lie beyond says little: one of them more or less would move it.
pub const LEAST_BEYOND: usize = 10;

/// A percentile of a sorted list.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Percentile {
    /// The value that the share of the list does not exceed: a value of the list, and none between two.
    pub point: f64,
    /// The interval that holds the true percentile with 95 % probability at least, by the binomial distribution.
    pub interval: Interval,
    /// How many values lie beyond it.
    pub beyond: usize,
}

impl Percentile {
    /// The percentile at `share`, which lies between zero and one; `None` if fewer than [`LEAST_BEYOND`] values lie beyond
    /// it, or below it. The values have to be sorted.
    ///
    /// # Example
    ///
    /// ```
    /// use reports::statistics::Percentile;
    ///
    /// let sorted: Vec<f64> = (1..=1_000).map(f64::from).collect();
    /// assert_eq!(Percentile::of(&sorted, 0.99).map(|it| (it.point, it.beyond)), Some((990.0, 10)));
    /// // Only one value lies beyond it.
    /// assert_eq!(Percentile::of(&sorted, 0.999), None);
    /// ```
    #[must_use]
    pub fn of(sorted: &[f64], share: f64) -> Option<Self> {
        let count = sorted.len();
        let rank = rank(count, share)?;
        let (beyond, below) = (count - rank, rank - 1);
        if beyond.min(below) < LEAST_BEYOND {
            return None;
        }
        let (low, high) = ranks(count, share)?;
        Some(Self {
            point: sorted[rank - 1],
            interval: Interval {
                low: sorted[low - 1],
                high: sorted[high - 1],
            },
            beyond,
        })
    }
}

/// The place, counted from one, of the value that the share of so many values does not exceed; `None` of nothing.
pub(crate) fn rank(count: usize, share: f64) -> Option<usize> {
    // A product that misses a whole number by rounding alone is that number.
    let place = (share * count as f64 * (1.0 - 1e-12)).ceil() as usize;
    (count > 0).then(|| place.clamp(1, count))
}

/// The places, counted from one, of the ends of the interval: so many of the values lie below the true percentile as a
/// binomial says, so that either end is passed by no more than one in forty.
fn ranks(count: usize, share: f64) -> Option<(usize, usize)> {
    let binomial = Binomial::new(share, count as u64).ok()?;
    let tail = 0.025;
    // The lowest number that is not exceeded with that probability, by halving.
    let quantile = |probability: f64| {
        let (mut below, mut at) = (0, count as u64);
        while below < at {
            let middle = below.midpoint(at);
            match binomial.cdf(middle) >= probability {
                true => at = middle,
                false => below = middle + 1,
            }
        }
        at as usize
    };
    let low = quantile(tail).clamp(1, count);
    let high = (quantile(1.0 - tail) + 1).clamp(1, count);
    Some((low, high))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::statistics::Generator;

    fn counted(count: u32) -> Vec<f64> {
        (1..=count).map(f64::from).collect()
    }

    #[test]
    fn it_is_a_value_of_the_list() {
        let at = |count, share| Percentile::of(&counted(count), share).map(|it| it.point);
        assert_eq!(at(100, 0.5), Some(50.0));
        assert_eq!(at(101, 0.5), Some(51.0));
        assert_eq!(at(10_000, 0.999), Some(9_990.0));
        assert_eq!(at(1_000, 0.9), Some(900.0));
    }

    #[test]
    fn with_fewer_than_ten_values_beyond_there_is_none() {
        assert!(Percentile::of(&counted(1_000), 0.99).is_some());
        assert!(Percentile::of(&counted(999), 0.99).is_none());
        assert!(Percentile::of(&counted(1_000), 0.01).is_none());
        assert!(Percentile::of(&[], 0.5).is_none());
    }

    #[test]
    fn the_median_s_interval_is_that_of_the_sign_test() {
        // From the tables, as in `median`: of a hundred values the 40th to the 61st.
        assert_eq!(ranks(100, 0.5), Some((40, 61)));
        // Of thirty the 10th to the 21st.
        assert_eq!(ranks(30, 0.5), Some((10, 21)));
    }

    #[test]
    fn the_interval_holds_the_true_percentile_as_often_as_it_says() {
        let (share, mut held, runs) = (0.95, 0, 1_000);
        let mut generator = Generator::new(11);
        for _ in 0..runs {
            let mut values: Vec<f64> = (0..400).map(|_| generator.unit()).collect();
            values.sort_unstable_by(f64::total_cmp);
            let interval = Percentile::of(&values, share)
                .expect("twenty lie beyond")
                .interval;
            held += u32::from((interval.low..=interval.high).contains(&share));
        }
        let coverage = f64::from(held) / f64::from(runs);
        assert!((0.94..0.99).contains(&coverage), "{coverage}");
    }
}
