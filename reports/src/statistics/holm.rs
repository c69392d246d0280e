//! Holm's correction: many comparisons, one chance of a false alarm among all of them.

/// The p of each, corrected for all of them being looked at, in their order.
///
/// The smallest is multiplied by their number, the next by one less, and so on; none may become smaller than the one
/// before it, nor larger than 1.
///
/// # Example
///
/// ```
/// assert_eq!(reports::statistics::holm(&[0.5, 0.01]), [0.5, 0.02]);
/// ```
#[must_use]
pub fn holm(ps: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..ps.len()).collect();
    order.sort_by(|a, b| ps[*a].total_cmp(&ps[*b]));
    let mut corrected = vec![1.0; ps.len()];
    let mut least: f64 = 0.0;
    for (place, index) in order.into_iter().enumerate() {
        least = least.max((ps.len() - place) as f64 * ps[index]).min(1.0);
        corrected[index] = least;
    }
    corrected
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn corrected_values_are_those_of_the_definition() {
        // By hand, and what R's `p.adjust(c(0.01, 0.04, 0.03, 0.005), "holm")` prints.
        let corrected = holm(&[0.01, 0.04, 0.03, 0.005]);
        for (got, expected) in corrected.iter().zip([0.03, 0.06, 0.06, 0.02]) {
            assert!((got - expected).abs() < 1e-12, "{corrected:?}");
        }
    }

    #[test]
    fn one_needs_no_correction_and_many_end_at_one() {
        assert!(holm(&[]).is_empty());
        assert_eq!(holm(&[0.03]), [0.03]);
        assert_eq!(holm(&[0.6, 0.7, 0.8]), [1.0; 3]);
    }
}
