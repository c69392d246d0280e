//! What may be said about two times: the ratio, its interval, and the verdict the interval supports.

use serde::Serialize;

use crate::statistics::{Interval, Side};
use crate::{Estimate, Measurement};

/// Fewer samples than this support no verdict.
///
/// The range of n samples covers a median with probability 1 - 2^(1-n), so six is the least number from which any
/// 95 % interval of a median can be had. `cargo bench -- --quick` takes two.
pub const MIN_SAMPLES: usize = 6;

/// A ratio closer to one than this, half a per cent, may print as 1.00, and a page must not claim what it does not show.
const RESOLUTION: f64 = 1.005;

/// A ratio of two times with every value that their intervals allow.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Ratio {
    /// The ratio of the two medians.
    pub point: f64,
    /// The numerator's lower end over the denominator's upper end.
    pub low: f64,
    /// The numerator's upper end over the denominator's lower end.
    pub high: f64,
}

impl Ratio {
    /// The ratio of two estimates, with the conservative interval.
    #[must_use]
    pub fn of(numerator: &Estimate, denominator: &Estimate) -> Self {
        Self {
            point: numerator.point_ns / denominator.point_ns,
            low: numerator.low_ns / denominator.high_ns,
            high: numerator.high_ns / denominator.low_ns,
        }
    }

    /// Every value that is allowed.
    #[must_use]
    pub fn interval(self) -> Interval {
        Interval {
            low: self.low,
            high: self.high,
        }
    }

    /// The ratio the other way round.
    #[must_use]
    pub fn inverse(self) -> Self {
        Self {
            point: 1.0 / self.point,
            low: 1.0 / self.high,
            high: 1.0 / self.low,
        }
    }
}

/// What the samples of one launch support saying about one row of a table against another.
///
/// The [`Verdict`](crate::Verdict) is another thing: it rests on paired launches, and these data have none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RowVerdict {
    /// Its whole interval lies on the fast side of one, by half a per cent at least.
    Faster,
    /// Its whole interval lies on the slow side of one, by half a per cent at least.
    Slower,
    /// The interval contains one or comes within half a per cent of it: they cannot be told apart.
    Level,
    /// One of the two has fewer than [`MIN_SAMPLES`] samples, so that its interval means little.
    TooFewSamples,
    /// One of the two was measured in an earlier run, perhaps of other code or in other company.
    DifferentRuns,
}

impl RowVerdict {
    /// The verdict in words.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::Faster => "faster",
            Self::Slower => "slower",
            Self::Level => "level",
            Self::TooFewSamples => "too few samples",
            Self::DifferentRuns => "different runs",
        }
    }

    /// Its shape, for those who don't see colours.
    #[must_use]
    pub fn shape(self) -> &'static str {
        match self {
            Self::Faster => "▲",
            Self::Slower => "▼",
            Self::Level => "≈",
            Self::TooFewSamples | Self::DifferentRuns => "?",
        }
    }
}

/// One measurement against another.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Comparison {
    /// The other's time over this one's: above one, this one is faster.
    pub speed: Ratio,
    /// What may be said.
    pub verdict: RowVerdict,
}

impl Comparison {
    /// Compares a measurement with a reference; `same_run` says whether one run made both.
    #[must_use]
    pub fn new(own: &Measurement, reference: &Measurement, same_run: bool) -> Self {
        let speed = Ratio::of(&reference.median, &own.median);
        Self::of(speed, own, reference, same_run)
    }

    /// Says what may be said about a ratio of something that the two measured.
    pub(crate) fn of(
        speed: Ratio,
        own: &Measurement,
        reference: &Measurement,
        same_run: bool,
    ) -> Self {
        let samples = own.samples_ns.len().min(reference.samples_ns.len());
        let verdict = if !same_run {
            RowVerdict::DifferentRuns
        } else if samples < MIN_SAMPLES {
            RowVerdict::TooFewSamples
        } else if speed.interval().side(RESOLUTION) == Side::Above {
            RowVerdict::Faster
        } else if speed.interval().side(1.0 / RESOLUTION) == Side::AtMost {
            RowVerdict::Slower
        } else {
            RowVerdict::Level
        };
        Self { speed, verdict }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Parameter;

    fn measured(point_ns: f64, spread: f64, samples: usize) -> Measurement {
        Measurement {
            workload: "w".into(),
            variant: None,
            backend: "b".into(),
            parameter: Parameter::None,
            elements: None,
            samples_ns: vec![point_ns; samples],
            median: Estimate {
                point_ns,
                low_ns: point_ns * (1.0 - spread),
                high_ns: point_ns * (1.0 + spread),
                level: 0.95,
            },
            measured_at: None,
        }
    }

    fn verdict(own: &Measurement, reference: &Measurement) -> RowVerdict {
        Comparison::new(own, reference, true).verdict
    }

    #[test]
    fn a_difference_needs_intervals_that_do_not_meet() {
        let reference = measured(100.0, 0.01, 10);
        assert_eq!(
            verdict(&measured(50.0, 0.01, 10), &reference),
            RowVerdict::Faster
        );
        assert_eq!(
            verdict(&measured(200.0, 0.01, 10), &reference),
            RowVerdict::Slower
        );
        assert_eq!(
            verdict(&measured(101.5, 0.01, 10), &reference),
            RowVerdict::Level
        );
        assert_eq!(
            verdict(&measured(50.0, 0.99, 10), &reference),
            RowVerdict::Level
        );
    }

    #[test]
    fn a_difference_that_prints_as_one_is_level() {
        let (a, b) = (measured(100.0, 0.0, 10), measured(100.4, 0.0, 10));
        assert_eq!(verdict(&a, &b), RowVerdict::Level);
        assert_eq!(verdict(&b, &a), RowVerdict::Level);
    }

    #[test]
    fn two_samples_prove_nothing() {
        let (quick, full) = (measured(1.0, 0.0, 2), measured(100.0, 0.0, 100));
        assert_eq!(verdict(&quick, &full), RowVerdict::TooFewSamples);
        assert_eq!(verdict(&full, &quick), RowVerdict::TooFewSamples);
        let least = measured(1.0, 0.0, MIN_SAMPLES);
        assert_eq!(verdict(&least, &full), RowVerdict::Faster);
    }

    #[test]
    fn different_runs_are_not_judged() {
        let comparison = Comparison::new(&measured(1.0, 0.0, 10), &measured(9.0, 0.0, 10), false);
        assert_eq!(comparison.verdict, RowVerdict::DifferentRuns);
    }

    #[test]
    fn the_interval_of_a_ratio_is_the_widest_both_allow() {
        let ratio = Ratio::of(
            &measured(200.0, 0.1, 10).median,
            &measured(100.0, 0.1, 10).median,
        );
        assert!((ratio.low - 180.0 / 110.0).abs() < 1e-12);
        assert!((ratio.high - 220.0 / 90.0).abs() < 1e-12);
        assert!((ratio.inverse().low - 90.0 / 220.0).abs() < 1e-12);
    }
}
