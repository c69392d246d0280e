//! The estimators behind the verdicts, one a file.
//!
//! statrs supplies the distributions; what it lacks is written here. Each is tested against known values, and all of them
//! together by simulation: how often an interval holds the truth, and how often a verdict is false.

mod benjamini_hochberg;
mod bootstrap;
mod detectable;
mod equivalence;
mod exchangeable;
mod generator;
mod holm;
mod interval;
mod karp_flatt;
mod least_squares;
mod median;
mod modes;
mod percentile;
mod pseudo_median;
mod rank_sum;
#[cfg(test)]
mod samples;
mod scalability;
mod shift;
mod signed_rank;
mod student;
mod variance_split;

pub use benjamini_hochberg::benjamini_hochberg;
pub use bootstrap::{Bootstrap, Replicates};
pub use detectable::{Hurdles, POWER, smallest_detectable};
pub use equivalence::is_equivalent;
pub use exchangeable::Order;
pub use generator::Generator;
pub use holm::holm;
pub use interval::{Interval, Side};
pub use karp_flatt::serial_fraction;
pub use least_squares::Line;
pub use median::{median, median_interval};
pub use modes::{Mode, Modes};
pub(crate) use percentile::rank;
pub use percentile::{LEAST_BEYOND, Percentile};
pub use pseudo_median::pseudo_median;
pub use rank_sum::{rank_sum, smallest_rank_sum_p};
pub use scalability::{LEAST_COUNTS, Scalability};
pub use shift::{shift, welch_interval};
pub use signed_rank::{signed_rank, smallest_reachable_p};
pub use student::student_interval;
pub use variance_split::VarianceSplit;

/// The arithmetic mean; `None` of nothing.
#[must_use]
pub fn mean(values: &[f64]) -> Option<f64> {
    (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64)
}

/// The sample variance; `None` of fewer than two values.
#[must_use]
pub fn variance(values: &[f64]) -> Option<f64> {
    let mean = mean(values)?;
    let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
    (values.len() > 1).then(|| squares / (values.len() - 1) as f64)
}
