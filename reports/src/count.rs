//! What a counter showed that several incremented at once, as a bench records it.

use serde::{Deserialize, Serialize};

use crate::{RowName, Statement};

/// The counts of a run, and what they are to show.
///
/// # Example
///
/// ```
/// use reports::{Count, RowName};
///
/// let count = Count {
///     row: RowName::by("threads", "mutex"),
///     is_control: false,
///     runs: 3,
///     expected: 60_000,
///     got: 60_000,
///     span_ns: None,
/// };
/// assert_eq!(count.lost(), 0);
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Counts {
    /// The workload and its variant, as criterion's group is called.
    pub group: String,
    /// The row that the others are compared with.
    pub reference: RowName,
    /// A count for each row that was measured.
    pub rows: Vec<Count>,
    /// What the counts and their times are to show.
    pub statements: Vec<Statement>,
}

/// What a row's counter should have shown, and what it did.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Count {
    /// The row. Its time is that of criterion's row of the same name.
    pub row: RowName,
    /// Whether nothing protects the counter, so that it has to lose increments.
    pub is_control: bool,
    /// How many times the counter was counted up from zero.
    pub runs: u64,
    /// How many increments were made, in all runs.
    pub expected: u64,
    /// What the counters showed at the end, added up.
    pub got: u64,
    /// How long it took, in nanoseconds, where criterion has no row: a control stops when it has lost something.
    #[serde(default)]
    pub span_ns: Option<f64>,
}

impl Count {
    /// How many increments are missing; less than zero if there are too many.
    #[must_use]
    pub fn lost(&self) -> i128 {
        i128::from(self.expected) - i128::from(self.got)
    }

    /// Whether the counter must not have lost anything, and yet shows another number than it should.
    #[must_use]
    pub fn is_wrong(&self) -> bool {
        !self.is_control && self.lost() != 0 || self.lost() < 0
    }
}
