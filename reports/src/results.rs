//! `results.json`: the data of a report, and beside them the verdicts for whoever only wants those.
//!
//! The data are what is read back, and the verdicts are judged anew: a file can't claim what its numbers don't show. Its
//! layout is `results.schema.json`, at the root of this crate.

mod figures;
mod lines;
mod record;

use std::fs;
use std::path::Path;

use serde::Deserialize;

use crate::evidence::Evidence;
use crate::paired::PairedRun;
use crate::{Conclusion, Environment, Error, Grade, Measurement, Report, Warning};
use figures::{LatencyRecord, QueuedRecord, ScalingRecord, SideBySideRecord};
use lines::Lines;
use record::{
    BaselineRecord, ClaimRecord, ComparisonRecord, CountRecord, RowRecord, StatementRecord,
    SummaryRecord, TutorialRecord,
};

/// The layout that is written and read.
pub const SCHEMA_VERSION: u32 = 1;

/// What is read back.
#[derive(Deserialize)]
struct Data {
    schema_version: u32,
    environment: Option<Environment>,
    measurements: Vec<Measurement>,
    paired: Option<PairedRun>,
    #[serde(default)]
    evidence: Option<Evidence>,
}

/// The report as `results.json`: the same report gives the same bytes. A line holds a field, or an item of a list.
///
/// What was measured has every digit. What is computed from it has nine, so that another build gives the same bytes too.
///
/// # Example
///
/// ```
/// use reports::{Report, results};
///
/// let text = results::to_json(&Report::new(Vec::new(), None));
/// assert!(text.starts_with("{\n\"schema_version\":1,\n\"conclusion\":\"inconclusive\",\n"));
/// ```
#[must_use]
pub fn to_json(report: &Report) -> String {
    let paired = report.paired.as_ref();
    let counted = report.counted.as_ref();
    let floor = paired.and_then(|paired| paired.floor);
    let mut lines = Lines::new();
    lines.field("schema_version", &SCHEMA_VERSION);
    lines.field("conclusion", &Conclusion::of(report));
    lines.field("grade", &floor.map(Grade::of));
    lines.field("floor", &floor);
    lines.field("margin", &paired.map(|paired| paired.margin));
    let warnings = Warning::all(report);
    lines.list("warnings", warnings.iter().map(ToString::to_string));
    lines.data("environment", &report.environment);
    lines.list(
        "comparisons",
        paired
            .iter()
            .flat_map(|it| it.compared.iter().chain(&it.between))
            .map(ComparisonRecord::of),
    );
    lines.list(
        "cells",
        paired
            .iter()
            .flat_map(|it| &it.cells)
            .map(SummaryRecord::of),
    );
    let figures = || paired.into_iter();
    let queued = figures().flat_map(|it| &it.queued);
    lines.list("queued", queued.map(QueuedRecord::of));
    let scalings = figures().flat_map(|it| &it.scalings);
    lines.list("scalings", scalings.map(ScalingRecord::of));
    let side_by_side = figures().flat_map(|it| &it.side_by_side);
    lines.list("side_by_side", side_by_side.map(SideBySideRecord::of));
    let tails = figures().flat_map(|it| &it.tails);
    lines.list("latencies", tails.map(LatencyRecord::of));
    lines.field("baseline", &report.against.as_ref().map(BaselineRecord::of));
    lines.list("claims", report.claims.iter().map(ClaimRecord::of));
    lines.list(
        "counts",
        counted.iter().flat_map(|it| &it.rows).map(CountRecord::of),
    );
    lines.list(
        "statements",
        counted
            .iter()
            .flat_map(|it| &it.statements)
            .map(StatementRecord::of),
    );
    let answers = report.tutorial();
    lines.list("tutorial", answers.iter().map(TutorialRecord::of));
    lines.data_list("measurements", report.rows().map(RowRecord::of));
    lines.data("paired", &report.run);
    lines.data("evidence", &report.evidence);
    lines.into_text()
}

/// Reads a report back from its `results.json`, and judges it anew.
///
/// # Errors
///
/// [`Error::Unreadable`]; [`Error::NotResults`] says what is wrong.
pub fn read(path: &Path) -> Result<Report, Error> {
    let text = fs::read(path).map_err(|source| Error::unreadable(path, source))?;
    from_json(&text).map_err(|reason| Error::NotResults {
        path: path.to_owned(),
        reason,
    })
}

fn from_json(text: &[u8]) -> Result<Report, String> {
    let data: Data = serde_json::from_slice(text).map_err(|error| error.to_string())?;
    if data.schema_version != SCHEMA_VERSION {
        return Err(format!(
            "schema_version is {}, and this version reads {SCHEMA_VERSION}",
            data.schema_version
        ));
    }
    for measurement in &data.measurements {
        measurement.validate()?;
    }
    let mut report = Report::new(data.measurements, data.environment);
    if let Some(evidence) = &data.evidence {
        evidence.validate()?;
    }
    report.evidence = data.evidence;
    match data.paired {
        None => Ok(report),
        Some(run) => run.validate().map(|()| report.with_run(run)),
    }
}
