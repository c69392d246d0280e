//! How far two lists are apart that were not measured side by side.

use statrs::distribution::{ContinuousCDF, StudentsT};

use super::{Bootstrap, Interval, Replicates, mean, median, variance};

/// Hodges and Lehmann's shift: the median of the differences of each value of one list from each of the other; `None` if
/// one of them is empty.
///
/// # Example
///
/// ```
/// use reports::statistics::shift;
///
/// assert_eq!(shift(&[11.0, 12.0, 90.0], &[1.0, 2.0, 3.0]), Some(10.0));
/// ```
#[must_use]
pub fn shift(own: &[f64], reference: &[f64]) -> Option<f64> {
    let differences = own
        .iter()
        .flat_map(|a| reference.iter().map(move |b| a - b));
    median(&mut differences.collect::<Vec<f64>>())
}

/// Welch's interval for the difference of two means, which need not vary alike; `None` if a list has fewer than two values.
#[must_use]
pub fn welch_interval(own: &[f64], reference: &[f64], level: f64) -> Option<Interval> {
    let difference = mean(own)? - mean(reference)?;
    let error = |values: &[f64]| Some(variance(values)? / values.len() as f64);
    let (a, b) = (error(own)?, error(reference)?);
    if a + b == 0.0 {
        return Some(Interval {
            low: difference,
            high: difference,
        });
    }
    let of = |error: f64, count: usize| error * error / (count - 1) as f64;
    let freedom = (a + b).powi(2) / (of(a, own.len()) + of(b, reference.len()));
    let student = StudentsT::new(0.0, 1.0, freedom).ok()?;
    let reach = student.inverse_cdf(f64::midpoint(1.0, level)) * (a + b).sqrt();
    Some(Interval {
        low: difference - reach,
        high: difference + reach,
    })
}

impl Bootstrap {
    /// Draws both lists with replacement, and their shift; `None` if one of them is empty.
    #[must_use]
    pub fn shift(self, own: &[f64], reference: &[f64]) -> Option<Replicates> {
        self.draw(&[own, reference], |drawn| shift(&drawn[0], &drawn[1]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn welch_s_interval_is_that_of_a_worked_example() {
        // Means 20 and 25, variances 16 and 4, five values each: 5.88 degrees of freedom, t = 2.459.
        let own = [15.0, 18.0, 20.0, 22.0, 25.0]
            .map(|it: f64| 20.0 + (it - 20.0) * (16.0f64 / 14.5).sqrt());
        let reference = [22.5, 24.0, 25.0, 26.0, 27.5]
            .map(|it: f64| 25.0 + (it - 25.0) * (4.0f64 / 3.625).sqrt());
        let interval = welch_interval(&own, &reference, 0.95).unwrap();
        assert!((f64::midpoint(interval.low, interval.high) + 5.0).abs() < 1e-9);
        let reach = (interval.high - interval.low) / 2.0;
        assert!((reach / 2.0 - 2.459).abs() < 0.005, "{reach}");
        assert_eq!(welch_interval(&[1.0], &reference, 0.95), None);
    }

    #[test]
    fn the_draws_lie_about_the_shift() {
        let own: Vec<f64> = (0..10).map(f64::from).collect();
        let reference: Vec<f64> = own.iter().map(|value| value - 20.0).collect();
        let bootstrap = Bootstrap {
            draws: 1_000,
            seed: 5,
        };
        let interval = bootstrap.shift(&own, &reference).unwrap().interval(0.95);
        assert!(interval.low < 20.0 && interval.high > 20.0 && interval.low > 16.0);
        assert!(bootstrap.shift(&own, &[]).is_none());
    }
}
