//! Benjamini and Hochberg's correction: many comparisons, and a bound on how many of those that are called differences
//! are none.

/// The p of each, corrected so that of those that are at most α a share of α at most is expected to be false, in their
/// order.
///
/// The largest stays as it is, the next is multiplied by their number over one less, and so on; none may become larger than
/// the one after it (Benjamini and Hochberg, 1995). The bound holds if they are independent, and if they depend on each
/// other positively, as comparisons with one reference do (Benjamini and Yekutieli, 2001).
///
/// # Example
///
/// ```
/// assert_eq!(reports::statistics::benjamini_hochberg(&[0.5, 0.01]), [0.5, 0.02]);
/// ```
#[must_use]
pub fn benjamini_hochberg(ps: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..ps.len()).collect();
    order.sort_by(|a, b| ps[*a].total_cmp(&ps[*b]));
    let mut corrected = vec![1.0; ps.len()];
    let mut most: f64 = 1.0;
    for (place, index) in order.into_iter().enumerate().rev() {
        most = most.min(ps.len() as f64 / (place + 1) as f64 * ps[index]);
        corrected[index] = most;
    }
    corrected
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::statistics::Generator;

    #[test]
    fn corrected_values_are_those_of_the_definition() {
        // By hand, and what R's `p.adjust(c(0.01, 0.04, 0.03, 0.005, 0.5), "BH")` prints: sorted they are multiplied by 5,
        // 5/2, 5/3, 5/4 and 1, which gives 0.025, 0.025, 0.05, 0.05 and 0.5.
        let corrected = benjamini_hochberg(&[0.01, 0.04, 0.03, 0.005, 0.5]);
        for (got, expected) in corrected.iter().zip([0.025, 0.05, 0.05, 0.025, 0.5]) {
            assert!((got - expected).abs() < 1e-12, "{corrected:?}");
        }
    }

    #[test]
    fn the_paper_s_example_rejects_four_of_fifteen() {
        // Benjamini and Hochberg, 1995, section 4.1: fifteen p of a trial of a drug; Bonferroni rejects three.
        let ps = [
            0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240, 0.4262,
            0.5719, 0.6528, 0.7590, 1.0,
        ];
        let rejected = |corrected: Vec<f64>| corrected.iter().filter(|p| **p <= 0.05).count();
        assert_eq!(rejected(benjamini_hochberg(&ps)), 4);
        assert_eq!(rejected(crate::statistics::holm(&ps)), 3);
    }

    #[test]
    fn one_needs_no_correction_and_none_is_made_larger_than_one() {
        assert!(benjamini_hochberg(&[]).is_empty());
        assert_eq!(benjamini_hochberg(&[0.03]), [0.03]);
        assert_eq!(benjamini_hochberg(&[0.7, 1.0, 0.9]), [1.0; 3]);
        // All alike: nothing is raised.
        assert_eq!(benjamini_hochberg(&[0.04; 7]), [0.04; 7]);
    }

    #[test]
    fn of_what_is_found_one_in_twenty_is_false_at_most() {
        // Of 46 comparisons so many are of things that differ, whose p are small; the others' are uniform. The expected share
        // of false ones is 5 % times the share of those that do not differ; alone, one in twenty of these would be found.
        const ALL: usize = 46;
        const RUNS: u32 = 2_000;
        for differ in [0, 10, 36] {
            let mut generator = Generator::new(5 + differ as u64);
            let (mut shares, mut found) = (0.0, 0);
            for _ in 0..RUNS {
                let ps: Vec<f64> = (0..ALL)
                    .map(|place| match place < differ {
                        true => generator.unit().powi(8),
                        false => generator.unit(),
                    })
                    .collect();
                let corrected = benjamini_hochberg(&ps);
                let all = corrected.iter().filter(|p| **p <= 0.05).count();
                let is_false = corrected[differ..].iter().filter(|p| **p <= 0.05);
                shares += is_false.count() as f64 / all.max(1) as f64;
                found += all;
            }
            let share = shares / f64::from(RUNS);
            let bound = 0.05 * (ALL - differ) as f64 / ALL as f64;
            assert!((share - bound).abs() < 0.015, "{differ}: {share} {bound}");
            println!("{differ} differ: {share} false, {found} found in {RUNS}");
        }
    }
}
