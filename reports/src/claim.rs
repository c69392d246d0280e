//! Figures that a bench is to reach.

use serde::{Deserialize, Serialize};

use crate::{Measurement, Pair, Parameter};

/// A figure that is to be reached, as a bench states it beside its measurements.
///
/// # Example
///
/// ```
/// use reports::{Claim, Reach, RowName};
///
/// let claim = Claim {
///     figure: "round trip through a pool of 2".into(),
///     group: "process pool/one task at a time".into(),
///     row: RowName::new("processes", 2),
///     reference: Some(RowName::alone("unix socket")),
///     reach: Reach::Ratio(0.8),
///     pairs: Vec::new(),
/// };
/// assert_eq!(claim.row.label(), "processes (2 workers)");
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Claim {
    /// What is measured, in the reader's words.
    pub figure: String,
    /// The workload and its variant, as criterion's group is called.
    pub group: String,
    /// The row of that variant.
    pub row: RowName,
    /// The row it is set against, if there is one.
    pub reference: Option<RowName>,
    /// What is to be reached.
    pub reach: Reach,
    /// The figure and its reference measured in turns: the times of what is claimed about, a run or an element. If there
    /// are any, they decide and not the rows.
    #[serde(default)]
    pub pairs: Vec<Pair>,
}

/// A row of a variant, by its names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RowName {
    /// What ran it.
    pub backend: String,
    /// With how many workers, or what else the row says of itself.
    pub parameter: Parameter,
}

impl RowName {
    /// A backend with so many workers.
    #[must_use]
    pub fn new(backend: &str, workers: u32) -> Self {
        Self {
            backend: backend.to_owned(),
            parameter: Parameter::Workers(workers),
        }
    }

    /// A backend whose row has nothing beside it.
    #[must_use]
    pub fn alone(backend: &str) -> Self {
        Self {
            backend: backend.to_owned(),
            parameter: Parameter::None,
        }
    }

    /// A backend that does it in one way of several, which is no number of workers.
    #[must_use]
    pub fn by(backend: &str, way: &str) -> Self {
        Self {
            backend: backend.to_owned(),
            parameter: Parameter::Other(way.to_owned()),
        }
    }

    /// Backend and worker count in words: `threads (2 workers)`, `threads (mutex)`.
    #[must_use]
    pub fn label(&self) -> String {
        match &self.parameter {
            Parameter::None => self.backend.clone(),
            parameter => format!("{} ({parameter})", self.backend),
        }
    }

    pub(crate) fn names(&self, measurement: &Measurement) -> bool {
        measurement.backend == self.backend && measurement.parameter == self.parameter
    }
}

/// The most that a figure may be.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub enum Reach {
    /// The time of one run, in nanoseconds.
    Run(f64),
    /// The time of one run by its number of elements, in nanoseconds.
    Element(f64),
    /// The time by that of the reference.
    Ratio(f64),
}
