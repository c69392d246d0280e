//! One model in a process of its own, with a bug or without.

use std::time::Instant;

use super::{Bug, CHOICE};
use crate::harness::run_test;

/// What came of a run.
#[derive(Clone, Debug)]
pub(super) struct Run {
    pub(super) bug: Option<Bug>,
    /// The path of the test that is the model.
    pub(super) test: &'static str,
    pub(super) end: End,
    pub(super) seconds: f64,
}

#[derive(Clone, Debug)]
pub(super) enum End {
    /// By the model of this name.
    Passed { model: String },
    /// In this interleaving, with this panic before all others.
    Failed {
        model: String,
        interleaving: u64,
        panic: String,
    },
    /// Neither, which is a fault of the list or of this harness.
    Broken(String),
}

impl Run {
    pub(super) fn of(bug: Option<Bug>, test: &'static str) -> Run {
        let start = Instant::now();
        let name = bug.map_or_else(String::new, |bug| format!("{bug:?}"));
        let end = match run_test(test, (CHOICE, &name)) {
            Ok((false, output)) => passed(&output),
            Ok((true, output)) => failed(&output),
            Err(late) => Some(End::Broken(late)),
        };
        Run {
            bug,
            test,
            end: end.unwrap_or_else(|| End::Broken("is no model, or said nothing".to_owned())),
            seconds: start.elapsed().as_secs_f64(),
        }
    }

    pub(super) fn passed(&self) -> bool {
        matches!(self.end, End::Passed { .. })
    }

    /// The model's name, or else the test's.
    pub(super) fn model(&self) -> &str {
        match &self.end {
            End::Passed { model } | End::Failed { model, .. } => model,
            End::Broken(_) => self.test,
        }
    }
}

/// From `loom | L1 set_vs_result | exhaustive | …`
fn passed(output: &str) -> Option<End> {
    let line = output.lines().find(|line| line.starts_with("loom | "))?;
    let model = line.split(" | ").nth(1)?.to_owned();
    Some(End::Passed { model })
}

/// From `L1 set_vs_result, interleaving 3: panicked at …`
fn failed(output: &str) -> Option<End> {
    let (before, panic) = output.split_once(": panicked at ")?;
    let line = before.lines().last()?;
    let (model, interleaving) = line.split_once(", interleaving ")?;
    Some(End::Failed {
        model: model.to_owned(),
        interleaving: interleaving.parse().ok()?,
        // The destructors that follow may panic, too.
        panic: panic.split("panicked at ").next()?.to_owned(),
    })
}
