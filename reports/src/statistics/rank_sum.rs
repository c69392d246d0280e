//! Mann and Whitney's rank-sum test: whether the values of one list tend to be larger than those of another.

use statrs::distribution::{ContinuousCDF, Normal};

/// Up to so many values, all together, the distribution is counted out; beyond, the normal one is as good.
const EXACT: usize = 50;

/// The two-sided p of two lists of numbers, if all their values are drawn alike; 1 if one of them is empty.
///
/// Equal values share the mean of their ranks, and the distribution is that of the shared ranks. With more than 50 values
/// the normal approximation is used, corrected for ties and continuity.
///
/// # Example
///
/// ```
/// use reports::statistics::rank_sum;
///
/// // All of one below all of the other: one of twenty ways to choose three of six, and its mirror.
/// assert!((rank_sum(&[1.0, 2.0, 3.0], &[4.0, 5.0, 6.0]) - 0.1).abs() < 1e-9);
/// ```
#[must_use]
pub fn rank_sum(own: &[f64], reference: &[f64]) -> f64 {
    if own.is_empty() || reference.is_empty() {
        return 1.0;
    }
    let own = own.iter().map(|value| (*value, true));
    let mut all: Vec<(f64, bool)> = own.chain(reference.iter().map(|it| (*it, false))).collect();
    all.sort_unstable_by(|a, b| a.0.total_cmp(&b.0));
    let ranks = doubled_ranks(&all);
    let is_own = |place: &usize| all[*place].1;
    let chosen: Vec<usize> = (0..all.len())
        .filter(is_own)
        .map(|place| ranks[place])
        .collect();
    let sum: usize = chosen.iter().sum();
    // Doubled ranks of `count` values sum to twice their number times the middle rank, on average.
    let mean = chosen.len() * (all.len() + 1);
    let distance = sum.abs_diff(mean);
    match all.len() {
        ..=EXACT => exact(&ranks, chosen.len(), mean, distance),
        _ => approximate(&ranks, chosen.len(), distance),
    }
}

/// The smallest p that so many values on either side can reach, however clear the difference.
#[must_use]
pub fn smallest_rank_sum_p(own: usize, reference: usize) -> f64 {
    let values = |from: usize, count: usize| -> Vec<f64> {
        (from..from + count).map(|value| value as f64).collect()
    };
    rank_sum(&values(0, own), &values(own, reference))
}

/// The ranks, times two, so that shared ones are whole numbers.
fn doubled_ranks(sorted: &[(f64, bool)]) -> Vec<usize> {
    let mut ranks = Vec::with_capacity(sorted.len());
    for equal in sorted.chunk_by(|a, b| a.0 == b.0) {
        let shared = 2 * ranks.len() + 1 + equal.len();
        ranks.extend(equal.iter().map(|_| shared));
    }
    ranks
}

/// The share of the ways to choose so many ranks whose sum is at least as far from the mean.
fn exact(ranks: &[usize], chosen: usize, mean: usize, distance: usize) -> f64 {
    let sums = 1 + ranks.iter().sum::<usize>();
    // ways[count][sum]; a float, because there are more ways to choose 25 of 50 than matter to the last one.
    let mut ways = vec![vec![0.0f64; sums]; chosen + 1];
    ways[0][0] = 1.0;
    for &rank in ranks {
        for count in (1..=chosen).rev() {
            let [fewer, these] = &mut ways[count - 1..=count] else {
                unreachable!("a range of two has two");
            };
            for sum in (rank..sums).rev() {
                these[sum] += fewer[sum - rank];
            }
        }
    }
    let all: f64 = ways[chosen].iter().sum();
    let far = ways[chosen].iter().enumerate();
    let far = far.filter(|(sum, _)| sum.abs_diff(mean) >= distance);
    far.map(|(_, ways)| ways).sum::<f64>() / all
}

fn approximate(ranks: &[usize], chosen: usize, distance: usize) -> f64 {
    let (count, chosen) = (ranks.len() as f64, chosen as f64);
    // In ranks that are not doubled. The variance of the ranks has the ties in it.
    let middle = (count + 1.0) / 2.0;
    let squares: f64 = ranks
        .iter()
        .map(|rank| (*rank as f64 / 2.0 - middle).powi(2))
        .sum();
    let variance = chosen * (count - chosen) / (count * (count - 1.0)) * squares;
    if variance == 0.0 {
        return 1.0;
    }
    let score = (distance as f64 / 2.0 - 0.5).max(0.0) / variance.sqrt();
    (2.0 * Normal::standard().cdf(-score)).min(1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_exact_p_counts_the_ways_to_choose() {
        // Of the 924 ways to choose six of twelve, one and its mirror.
        assert!((smallest_rank_sum_p(6, 6) - 2.0 / 924.0).abs() < 1e-9);
        // One place from there: another one, and its mirror.
        let p = rank_sum(
            &[0.0, 1.0, 2.0, 3.0, 4.0, 6.0],
            &[5.0, 7.0, 8.0, 9.0, 10.0, 11.0],
        );
        assert!((p - 4.0 / 924.0).abs() < 1e-9, "{p}");
    }

    #[test]
    fn shared_ranks_are_counted_out() {
        // The ranks are 1, 2.5, 2.5, 4. Two of them sum to 3.5 in two of six ways, and to 6.5 in two.
        assert!((rank_sum(&[1.0, 2.0], &[2.0, 3.0]) - 4.0 / 6.0).abs() < 1e-9);
    }

    #[test]
    fn the_approximation_continues_the_exact_values() {
        let lists = |count: u32| -> [Vec<f64>; 2] {
            // Interleaved, one of them four places ahead.
            let own = (0..count).map(|value| f64::from(3 * value));
            let reference = (0..count).map(|value| f64::from(3 * value + 13));
            [own.collect(), reference.collect()]
        };
        let [own, reference] = lists(25);
        let exact = rank_sum(&own, &reference);
        let mut ranks: Vec<(f64, bool)> = own.iter().map(|it| (*it, true)).collect();
        ranks.extend(reference.iter().map(|it| (*it, false)));
        ranks.sort_unstable_by(|a, b| a.0.total_cmp(&b.0));
        let sum: usize = (0..50)
            .filter(|place| ranks[*place].1)
            .map(|place| 2 * (place + 1))
            .sum();
        let near = approximate(&doubled_ranks(&ranks), 25, sum.abs_diff(25 * 51));
        assert!(
            exact > 0.04 && (exact - near).abs() < 0.02 * exact,
            "{exact} {near}"
        );
        assert!(smallest_rank_sum_p(500, 8) < 1e-5);
    }

    #[test]
    fn nothing_and_equals_show_nothing() {
        assert_eq!(rank_sum(&[], &[1.0]), 1.0);
        assert_eq!(rank_sum(&[1.0; 9], &[1.0; 9]), 1.0);
        assert_eq!(rank_sum(&[1.0; 90], &[1.0; 90]), 1.0);
    }
}
