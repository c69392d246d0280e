//! Where measurements are found and the page is put, unless told otherwise.

use std::env;
use std::path::PathBuf;
use std::process::{Command, Stdio};

/// The places a report is made from and to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Locations {
    /// Criterion's directory, `target/criterion`.
    pub criterion: PathBuf,
    /// The environment record, `target/reports/environment.json`.
    pub environment: PathBuf,
    /// The record of a paired run, `target/reports/paired.json`, beside that of the environment. It is read if it
    /// is there.
    pub paired: PathBuf,
    /// The record of the correctness suite, `target/reports/correctness.json`, which `scripts/verify` writes.
    pub evidence: PathBuf,
    /// The page, `target/reports/index.html`.
    pub page: PathBuf,
}

impl Locations {
    /// The places for this process, found as criterion finds its own.
    ///
    /// Criterion's directory is `CRITERION_HOME` if that is set. The target directory is `CARGO_TARGET_DIR`, else what
    /// `cargo metadata` names, else `target`.
    #[must_use]
    pub fn find() -> Self {
        let target = env::var_os("CARGO_TARGET_DIR")
            .map(PathBuf::from)
            .or_else(|| cargo_metadata("target_directory"))
            .unwrap_or_else(|| PathBuf::from("target"));
        let criterion = env::var_os("CRITERION_HOME").map(PathBuf::from);
        Self {
            criterion: criterion.unwrap_or_else(|| target.join("criterion")),
            environment: target.join("reports").join("environment.json"),
            paired: target.join("reports").join("paired.json"),
            evidence: target.join("reports").join("correctness.json"),
            page: target.join("reports").join("index.html"),
        }
    }
}

impl Locations {
    /// Where baselines are kept: `reports/baselines` in the workspace that `cargo metadata` names, else in this directory.
    #[must_use]
    pub fn baselines() -> PathBuf {
        let workspace = cargo_metadata("workspace_root").unwrap_or_default();
        workspace.join("reports").join("baselines")
    }
}

fn cargo_metadata(field: &str) -> Option<PathBuf> {
    let output = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
        .args(["metadata", "--format-version=1", "--no-deps"])
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .output()
        .ok()?;
    let metadata: serde_json::Value = serde_json::from_slice(&output.stdout).ok()?;
    Some(metadata.get(field)?.as_str()?.into())
}
