//! Equivalence: not "no difference was found" but "a difference that matters was ruled out".

use super::Interval;

/// Whether two one-sided tests, each at five per cent, rule out a ratio outside the margin: the 90 % interval lies within
/// it. The margin is a factor above one and holds both ways, 1/margin to margin.
///
/// # Example
///
/// ```
/// use reports::statistics::{Interval, is_equivalent};
///
/// let ninety = Interval { low: 0.97, high: 1.02 };
/// assert!(is_equivalent(ninety, 1.05));
/// assert!(!is_equivalent(ninety, 1.01));
/// ```
#[must_use]
pub fn is_equivalent(ninety: Interval, margin: f64) -> bool {
    ninety.low > 1.0 / margin && ninety.high < margin
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_interval_that_ends_at_the_margin_is_not_within() {
        let within = |low, high| is_equivalent(Interval { low, high }, 1.25);
        assert!(within(0.81, 1.24));
        assert!(!within(0.8, 1.24));
        assert!(!within(0.81, 1.25));
        assert!(!within(f64::NAN, 1.0));
    }
}
