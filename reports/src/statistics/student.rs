//! Student's interval for a mean: the one of the two intervals that knows how few launches there are.

use statrs::distribution::{ContinuousCDF, StudentsT};

use super::{Interval, mean};

/// The interval that holds the true mean with probability `level`, if the values are normal; `None` of fewer than two.
#[must_use]
pub fn student_interval(values: &[f64], level: f64) -> Option<Interval> {
    if values.len() < 2 {
        return None;
    }
    let mean = mean(values)?;
    let freedom = (values.len() - 1) as f64;
    let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
    let standard_error = (squares / freedom / values.len() as f64).sqrt();
    let student = StudentsT::new(0.0, 1.0, freedom).ok()?;
    let reach = student.inverse_cdf(f64::midpoint(1.0, level)) * standard_error;
    Some(Interval {
        low: mean - reach,
        high: mean + reach,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_reach_is_that_of_the_tables() {
        // Quantiles of Student's t as printed in any table: degrees of freedom, two-sided level, quantile.
        let table = [
            (1, 0.95, 12.706),
            (5, 0.95, 2.571),
            (9, 0.95, 2.262),
            (9, 0.90, 1.833),
            (30, 0.95, 2.042),
        ];
        for (freedom, level, quantile) in table {
            // Half of the values at -1 and half at 1, or one at 0 beside them: the standard error is known.
            let count = freedom + 1;
            let values: Vec<f64> = (0..count)
                .map(|place| match (count % 2, place) {
                    (1, 0) => 0.0,
                    _ if place % 2 == 0 => 1.0,
                    _ => -1.0,
                })
                .collect();
            let squares = (count - count % 2) as f64;
            let error = (squares / freedom as f64 / count as f64).sqrt();
            let interval = student_interval(&values, level).expect("two values or more");
            assert!(
                (interval.high / error - quantile).abs() < 5e-4,
                "{freedom} {level}: {}",
                interval.high / error
            );
            assert!((interval.low + interval.high).abs() < 1e-12);
        }
    }

    #[test]
    fn one_value_has_no_interval() {
        assert_eq!(student_interval(&[], 0.95), None);
        assert_eq!(student_interval(&[1.0], 0.95), None);
    }
}
