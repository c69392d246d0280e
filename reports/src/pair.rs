//! Two things measured in turns, which a ratio is best judged by: whatever else the machine does meanwhile, it does to
//! both.

use serde::{Deserialize, Serialize};

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
    let [low, point, high] = median(pairs.iter().map(|pair| pair.own_ns / pair.reference_ns));
    Ratio { point, low, high }
}

/// The medians of the figure and of the reference; at least one pair.
pub(crate) fn estimates(pairs: &[Pair]) -> [Estimate; 2] {
    let of = |time: fn(&Pair) -> f64| {
        let [low_ns, point_ns, high_ns] = median(pairs.iter().map(time));
        Estimate {
            point_ns,
            low_ns,
            high_ns,
            level: LEVEL,
        }
    };
    [of(|pair| pair.own_ns), of(|pair| pair.reference_ns)]
}

/// The median of at least one value between the ends of its interval, which supposes nothing about how the values are
/// spread.
fn median(values: impl Iterator<Item = f64>) -> [f64; 3] {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    let last = values.len() - 1;
    let end = left_out(values.len());
    [
        values[end],
        f64::midpoint(values[last / 2], values[last.div_ceil(2)]),
        values[last - end],
    ]
}

/// How many of `count` sorted values may be left out at either end so that the others still span the median with
/// probability [`LEVEL`]: of values that fall to either side of it as a coin does, so few fall to one side no oftener
/// than in half of what is left.
fn left_out(count: usize) -> usize {
    let mut outcomes = 0.5f64.powi(i32::try_from(count).unwrap_or(i32::MAX));
    let mut fewer = outcomes;
    let mut left_out = 0;
    while left_out < count / 2 {
        outcomes *= (count - left_out) as f64 / (left_out + 1) as f64;
        fewer += outcomes;
        // Where there are so many values that the first chance is no number, none is left out.
        if fewer > (1.0 - LEVEL) / 2.0 || outcomes == 0.0 {
            break;
        }
        left_out += 1;
    }
    left_out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_interval_s_ends_are_those_of_the_sign_test() {
        // From the tables: the smaller tail of the binomial with a half, two-sided at five per cent.
        let table = [
            (1, 0),
            (5, 0),
            (6, 0),
            (8, 0),
            (9, 1),
            (12, 2),
            (20, 5),
            (30, 9),
            (100, 39),
        ];
        for (count, expected) in table {
            assert_eq!(left_out(count), expected, "{count}");
        }
    }

    #[test]
    fn a_median_lies_between_its_ends() {
        let shuffled = (0..9).map(|place| f64::from(place * 7 % 9));
        assert_eq!(median(shuffled), [1.0, 4.0, 7.0]);
        assert_eq!(median([3.0, 1.0].into_iter()), [1.0, 2.0, 3.0]);
    }

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
