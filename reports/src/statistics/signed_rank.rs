//! Wilcoxon's signed-rank test: whether differences lie about zero.

use statrs::distribution::{ContinuousCDF, Normal};

/// Up to so many differences the distribution is counted out; beyond, the normal one is as good.
const EXACT: usize = 25;

/// The smallest two-sided p that so many launches can reach, however clear the difference: all of them on one side, of
/// 2^n equally likely patterns of signs, and its mirror, 2^(1-n). One for no launch.
///
/// # Example
///
/// ```
/// use reports::statistics::smallest_reachable_p;
///
/// // Six launches can't stand a correction for two comparisons at five per cent; ten stand one for twenty-five.
/// assert_eq!(smallest_reachable_p(6), 0.03125);
/// assert!(25.0 * smallest_reachable_p(10) < 0.05);
/// ```
#[must_use]
pub fn smallest_reachable_p(launches: usize) -> f64 {
    let exponent = 1 - i32::try_from(launches).unwrap_or(i32::MAX);
    2f64.powi(exponent).min(1.0)
}

/// The two-sided p of the differences, if they are equally likely to lie on either side of zero; 1 if there are none.
///
/// Zeros are left out, as Wilcoxon did; equal sizes share the mean of their ranks, and the distribution is that of the
/// shared ranks. With more than 25 differences the normal approximation is used, corrected for ties and continuity.
#[must_use]
pub fn signed_rank(differences: &[f64]) -> f64 {
    let mut sorted: Vec<f64> = differences.iter().copied().filter(|d| *d != 0.0).collect();
    sorted.sort_unstable_by(|a, b| a.abs().total_cmp(&b.abs()));
    let ranks = doubled_ranks(&sorted);
    let total: usize = ranks.iter().sum();
    let with_rank = sorted.iter().zip(&ranks);
    let positive: usize = with_rank.filter(|(d, _)| **d > 0.0).map(|(_, r)| r).sum();
    let smaller = positive.min(total - positive);
    let tail = match ranks.len() {
        0 => 1.0,
        1..=EXACT => exact_tail(&ranks, total, smaller),
        _ => normal_tail(&ranks, total, smaller),
    };
    (2.0 * tail).min(1.0)
}

/// The largest sum that the ranks of the fewer sign may have so that p is at most `alpha`, of so many launches of which no
/// two differ alike; `None` if no sum is small enough.
pub(super) fn largest_significant(launches: usize, alpha: f64) -> Option<usize> {
    let ranks: Vec<usize> = (1..=launches).map(|rank| 2 * rank).collect();
    let total = ranks.iter().sum();
    let is_significant = |sum: &usize| {
        let tail = match launches {
            ..=EXACT => exact_tail(&ranks, total, 2 * sum),
            _ => normal_tail(&ranks, total, 2 * sum),
        };
        2.0 * tail <= alpha
    };
    (0..=total / 4).take_while(is_significant).last()
}

/// The ranks by size, times two, so that shared ones are whole numbers.
fn doubled_ranks(sorted: &[f64]) -> Vec<usize> {
    let mut ranks = Vec::with_capacity(sorted.len());
    for equal in sorted.chunk_by(|a, b| a.abs() == b.abs()) {
        let first = ranks.len() + 1;
        let shared = 2 * first + equal.len() - 1;
        ranks.extend(equal.iter().map(|_| shared));
    }
    ranks
}

/// The share of the patterns of signs whose positive ranks sum to `at_most` or less.
fn exact_tail(ranks: &[usize], total: usize, at_most: usize) -> f64 {
    let mut patterns = vec![0_u64; total + 1];
    patterns[0] = 1;
    for rank in ranks {
        for sum in (*rank..=total).rev() {
            patterns[sum] += patterns[sum - rank];
        }
    }
    let few: u64 = patterns[..=at_most].iter().sum();
    few as f64 / 2f64.powi(ranks.len() as i32)
}

fn normal_tail(ranks: &[usize], total: usize, at_most: usize) -> f64 {
    // In ranks that are not doubled. The variance is a quarter of the sum of their squares, ties or none.
    let squares: f64 = ranks.iter().map(|rank| (*rank as f64 / 2.0).powi(2)).sum();
    let below_mean = total as f64 / 4.0 - at_most as f64 / 2.0 - 0.5;
    let score = below_mean.max(0.0) / (squares / 4.0).sqrt();
    Normal::standard().cdf(-score)
}

#[cfg(test)]
mod tests {
    use super::super::samples::hollander_and_wolfe;
    use super::*;

    /// Differences of the sizes 1, 2, …, of which those with the given ranks are positive.
    fn positive(count: i32, ranks: &[i32]) -> Vec<f64> {
        let signed = (1..=count).map(|rank| if ranks.contains(&rank) { rank } else { -rank });
        signed.map(f64::from).collect()
    }

    #[test]
    fn the_critical_values_are_those_of_the_tables() {
        // Wilcoxon's table, two-sided at five per cent: n, and the largest sum of ranks that is significant.
        let table: [(i32, &[i32]); 9] = [
            (6, &[]),
            (7, &[2]),
            (8, &[3]),
            (9, &[5]),
            (10, &[8]),
            (12, &[4, 9]),
            (15, &[10, 15]),
            (20, &[14, 18, 20]),
            (25, &[20, 22, 23, 24]),
        ];
        for (count, ranks) in table {
            assert!(signed_rank(&positive(count, ranks)) <= 0.05, "{count}");
            let more: Vec<i32> = match ranks {
                [] => vec![1],
                [first @ .., last] if *last < count => [first, &[last + 1]].concat(),
                _ => [&[1], ranks].concat(),
            };
            assert!(signed_rank(&positive(count, &more)) > 0.05, "{count}");
            let sum: i32 = ranks.iter().sum();
            let largest = largest_significant(count as usize, 0.05);
            assert_eq!(largest, usize::try_from(sum).ok(), "{count}");
        }
        assert_eq!(largest_significant(5, 0.05), None);
    }

    #[test]
    fn hollander_and_wolfe_s_example_has_its_printed_p() {
        // Nonparametric Statistical Methods, table 3.1, as R's `wilcox.test` documents it: V = 40, one-sided 0.01953.
        let differences = hollander_and_wolfe();
        assert_eq!(signed_rank(&differences), 2.0 * 10.0 / 512.0);
    }

    #[test]
    fn shared_ranks_and_zeros_are_counted_out() {
        // By hand: sizes 1 1 2 share the ranks 1.5 1.5 3; a sum of 1.5 or less has 3 of 8 patterns.
        assert_eq!(signed_rank(&[1.0, -1.0, -2.0, 0.0]), 0.75);
        assert_eq!(signed_rank(&[]), 1.0);
        assert_eq!(signed_rank(&[0.0; 12]), 1.0);
    }

    #[test]
    fn no_p_is_below_what_can_be_reached() {
        for launches in 0..=EXACT {
            let all_slower = vec![1.0; launches];
            assert_eq!(signed_rank(&all_slower), smallest_reachable_p(launches));
        }
    }

    #[test]
    fn the_approximation_continues_the_exact_values() {
        // The same pattern just below and just above the seam: every third difference is positive.
        let p = |count| {
            let ranks: Vec<i32> = (1..=count).filter(|rank| rank % 3 == 0).collect();
            signed_rank(&positive(count, &ranks))
        };
        let doubled = |count: i32| {
            let differences = positive(count, &[3, 6, 9, 12, 15, 18, 21, 24]);
            let mut sorted = differences.clone();
            sorted.sort_unstable_by(|a, b| a.abs().total_cmp(&b.abs()));
            let ranks = doubled_ranks(&sorted);
            let total = ranks.iter().sum();
            (
                exact_tail(&ranks, total, 216),
                normal_tail(&ranks, total, 216),
            )
        };
        let (exact, normal) = doubled(25);
        assert!((exact - normal).abs() < 2e-3, "{exact} {normal}");
        assert!(p(26) < p(25) * 1.2 && p(26) > p(25) * 0.5);
    }
}
