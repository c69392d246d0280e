//! The counts of a run beside the times of their rows.

use crate::{Comparison, Count, Counts, Estimate, Ratio, Row, RowName, Settled, Workload};

/// The counts of a run, with what may be said about them.
#[derive(Debug, Clone, PartialEq)]
pub struct Counted {
    /// The row that the others are compared with.
    pub reference: RowName,
    /// A row for each count, in the record's order.
    pub rows: Vec<CountedRow>,
    /// The statements, in the record's order.
    pub statements: Vec<Settled>,
}

/// A count with the time of its row.
#[derive(Debug, Clone, PartialEq)]
pub struct CountedRow {
    /// The count.
    pub count: Count,
    /// The median time of one increment; `None` if this run has not measured it.
    pub increment: Option<Estimate>,
    /// Against the reference; `None` if this is it, or one of the two was not measured.
    pub to_reference: Option<Comparison>,
}

impl Counted {
    /// Puts counts and measurements together; `None` if nothing was counted.
    pub(crate) fn new(counts: &Counts, workloads: &[Workload]) -> Option<Self> {
        if counts.rows.is_empty() {
            return None;
        }
        let measured = |name: &RowName| {
            let variants = workloads.iter().flat_map(|workload| &workload.variants);
            let mut rows = variants.flat_map(|variant| &variant.rows);
            rows.find(|row| {
                let measurement = &row.measurement;
                // What was counted in this run is not timed by another.
                !row.earlier && measurement.group() == counts.group && name.names(measurement)
            })
        };
        let reference = measured(&counts.reference);
        let rows = counts.rows.iter().map(|count| {
            let own = measured(&count.row);
            let others = own.zip(reference);
            CountedRow {
                count: count.clone(),
                increment: own.and_then(increment),
                to_reference: others
                    .filter(|(own, reference)| !std::ptr::eq(*own, *reference))
                    .and_then(|(own, reference)| compare(own, reference)),
            }
        });
        let statements = counts.statements.iter();
        Some(Self {
            reference: counts.reference.clone(),
            rows: rows.collect(),
            statements: statements
                .map(|statement| statement.settle(&counts.rows))
                .collect(),
        })
    }

    /// Whether the reference was measured.
    pub(crate) fn has_reference(&self) -> bool {
        self.rows.iter().any(|row| row.to_reference.is_some())
    }
}

/// The time of one increment.
fn increment(row: &Row) -> Option<Estimate> {
    let measurement = &row.measurement;
    Some(measurement.median.by(measurement.elements? as f64))
}

fn compare(own: &Row, reference: &Row) -> Option<Comparison> {
    let speed = Ratio::of(&increment(reference)?, &increment(own)?);
    Some(Comparison::of(
        speed,
        &own.measurement,
        &reference.measurement,
        true,
    ))
}
