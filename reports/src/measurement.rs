//! The plain record that everything downstream of a reader works on.

use crate::statistics::Interval;
use std::fmt;

use serde::{Deserialize, Serialize};

/// The samples of one workload on one backend at one worker count, and what they say.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Measurement {
    /// The named computation, such as `pi`.
    pub workload: String,
    /// Its setting, such as `10000000 terms/64 parts`; `None` where the workload has only one.
    pub variant: Option<String>,
    /// What ran it, such as `threads`. `sequential` is the reference.
    pub backend: String,
    /// With how many workers.
    pub parameter: Parameter,
    /// How many elements (tasks, increments) one run processes, if the bench says so.
    pub elements: Option<u64>,
    /// Time of one run in nanoseconds, a value per sample, in the order they were taken.
    pub samples_ns: Vec<f64>,
    /// The median of the samples with its interval.
    pub median: Estimate,
    /// When the samples were written, in unix seconds.
    pub measured_at: Option<u64>,
}

impl Measurement {
    /// The backend that every variant is compared with.
    pub const SEQUENTIAL: &'static str = "sequential";

    /// Whether this is the reference of its variant.
    #[must_use]
    pub fn is_sequential(&self) -> bool {
        self.backend == Self::SEQUENTIAL
    }

    /// Says what is wrong with it, if anything is: samples and median are times, and the interval holds them in order.
    pub(crate) fn validate(&self) -> Result<(), String> {
        let is_time = |value: &f64| value.is_finite() && *value > 0.0;
        let Estimate {
            point_ns,
            low_ns,
            high_ns,
            level,
        } = self.median;
        let are_times = [point_ns, low_ns, high_ns].iter().all(is_time);
        if self.samples_ns.is_empty() || !self.samples_ns.iter().all(is_time) {
            return Err(format!("the samples of {} are no times", self.label()));
        }
        if !are_times || low_ns > high_ns || !(0.0..1.0).contains(&level) {
            return Err(format!(
                "the median of {} is no time with its interval",
                self.label()
            ));
        }
        match self.elements {
            Some(0) => Err(format!("{} has no elements", self.label())),
            _ => Ok(()),
        }
    }

    /// What the bench counts as one element of this workload.
    pub(crate) fn element_name(&self) -> &'static str {
        match self.workload.as_str() {
            "overhead" | "process pool" => "task",
            "counter" => "increment",
            _ => "element",
        }
    }

    /// Workload and variant as criterion's group is called: `pi/10000000 terms/64 parts`.
    pub(crate) fn group(&self) -> String {
        match &self.variant {
            None => self.workload.clone(),
            Some(variant) => format!("{}/{variant}", self.workload),
        }
    }

    /// Backend and worker count in words: `threads (2 workers)`.
    #[must_use]
    pub fn label(&self) -> String {
        match &self.parameter {
            Parameter::None => self.backend.clone(),
            parameter => format!("{} ({parameter})", self.backend),
        }
    }
}

/// What distinguishes measurements of one backend: nearly always its number of workers.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Parameter {
    /// Nothing: the backend was measured in one form only.
    None,
    /// The number of workers, at least one.
    Workers(u32),
    /// Something that is no number of workers, kept as it was written.
    Other(String),
}

impl fmt::Display for Parameter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::None => Ok(()),
            Self::Workers(1) => f.write_str("1 worker"),
            Self::Workers(count) => write!(f, "{count} workers"),
            Self::Other(text) => f.write_str(text),
        }
    }
}

/// A time with its interval, all in nanoseconds.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Estimate {
    /// The estimate itself.
    pub point_ns: f64,
    /// Lower end of the interval.
    pub low_ns: f64,
    /// Upper end of the interval.
    pub high_ns: f64,
    /// Confidence level of the interval, such as 0.95.
    pub level: f64,
}

impl Estimate {
    /// The interval, in nanoseconds.
    pub(crate) fn interval_ns(self) -> Interval {
        Interval {
            low: self.low_ns,
            high: self.high_ns,
        }
    }

    /// That of one of `count` equal parts.
    pub(crate) fn by(self, count: f64) -> Self {
        Self {
            point_ns: self.point_ns / count,
            low_ns: self.low_ns / count,
            high_ns: self.high_ns / count,
            level: self.level,
        }
    }
}
