//! Karp and Flatt's metric: which share of the work behaves as if it were serial.

/// The serial fraction that a speed-up on so many workers shows; `None` on fewer than two, or if it is no speed-up.
///
/// By Amdahl's law it would be the same on every number of workers. One that grows says that overhead grows; one below
/// zero, that the speed-up is more than linear.
///
/// # Example
///
/// ```
/// assert_eq!(reports::statistics::serial_fraction(2.0, 2), Some(0.0));
/// assert_eq!(reports::statistics::serial_fraction(1.0, 2), Some(1.0));
/// ```
#[must_use]
pub fn serial_fraction(speed_up: f64, workers: u32) -> Option<f64> {
    if workers < 2 || !speed_up.is_finite() || speed_up <= 0.0 {
        return None;
    }
    let one_worker = 1.0 / f64::from(workers);
    Some((1.0 / speed_up - one_worker) / (1.0 - one_worker))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_finds_the_fraction_that_amdahl_s_law_was_given() {
        for serial in [0.0, 0.05, 0.5, 1.0] {
            for workers in [2, 4, 64] {
                let time = serial + (1.0 - serial) / f64::from(workers);
                let found = serial_fraction(1.0 / time, workers).expect("two workers or more");
                assert!((found - serial).abs() < 1e-12);
            }
        }
    }

    #[test]
    fn a_speed_up_of_three_quarters_more_on_two_is_a_seventh_serial() {
        // By hand: (1/1.75 - 1/2) / (1 - 1/2) = 2 (4/7 - 1/2) = 1/7.
        let found = serial_fraction(1.75, 2).expect("two workers");
        assert!((found - 1.0 / 7.0).abs() < 1e-12, "{found}");
    }

    #[test]
    fn one_worker_has_none() {
        assert_eq!(serial_fraction(1.0, 1), None);
        assert_eq!(serial_fraction(0.0, 2), None);
        assert_eq!(serial_fraction(f64::NAN, 2), None);
    }
}
