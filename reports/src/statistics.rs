//! The estimators behind the verdicts, one a file.
//!
//! statrs supplies the distributions; what it lacks is written here. Each is tested against known values, and all of them
//! together by simulation: how often an interval holds the truth, and how often a verdict is false.

mod bootstrap;
mod equivalence;
mod generator;
mod holm;
mod interval;
mod karp_flatt;
mod median;
mod pseudo_median;
#[cfg(test)]
mod samples;
mod signed_rank;
mod student;

pub use bootstrap::{Bootstrap, Replicates};
pub use equivalence::is_equivalent;
pub use generator::Generator;
pub use holm::holm;
pub use interval::{Interval, Side};
pub use karp_flatt::serial_fraction;
pub use median::{median, median_interval};
pub use pseudo_median::pseudo_median;
pub use signed_rank::{signed_rank, smallest_reachable_p};
pub use student::student_interval;

/// The arithmetic mean; `None` of nothing.
#[must_use]
pub fn mean(values: &[f64]) -> Option<f64> {
    (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64)
}
