//! What can go wrong between criterion's files and the page, each with the way out.

use std::io;
use std::path::{Path, PathBuf};
use std::{error, fmt};

/// Why there is no page.
///
/// The message names the file and says what to do next.
#[derive(Debug)]
#[non_exhaustive]
pub enum Error {
    /// There is no directory of criterion data, or nothing in it.
    NoMeasurements {
        /// Where they were looked for.
        root: PathBuf,
        /// Whether it holds the data of `cargo criterion`, which writes another format.
        cargo_criterion: bool,
    },
    /// A benchmark's directory lacks one of its files: criterion was interrupted.
    Incomplete {
        /// The directory.
        directory: PathBuf,
        /// The name of the missing file.
        missing: &'static str,
    },
    /// A file is there and cannot be understood.
    Malformed {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// The record of the correctness suite is there and cannot be understood.
    MalformedEvidence {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// A file that was to be a `results.json` is none.
    NotResults {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// A name that a baseline can't have.
    BadName {
        /// The name.
        name: String,
    },
    /// A baseline of that name is there.
    Exists {
        /// Its file.
        path: PathBuf,
    },
    /// There is no baseline of that name.
    NoBaseline {
        /// The name.
        name: String,
        /// Where it was looked for.
        folder: PathBuf,
    },
    /// A run is no good as a baseline.
    Unfit {
        /// Why.
        reason: String,
    },
    /// A file or directory is there and cannot be read.
    Unreadable {
        /// The file or directory.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The page, or the environment record, could not be written. What was there before is untouched.
    Unwritable {
        /// The file that was to be written.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

impl Error {
    pub(crate) fn malformed(path: &Path, reason: impl Into<String>) -> Self {
        Self::Malformed {
            path: path.to_owned(),
            reason: reason.into(),
        }
    }

    pub(crate) fn unreadable(path: &Path, source: io::Error) -> Self {
        Self::Unreadable {
            path: path.to_owned(),
            source,
        }
    }

    pub(crate) fn unwritable(path: &Path, source: io::Error) -> Self {
        Self::Unwritable {
            path: path.to_owned(),
            source,
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoMeasurements {
                root,
                cargo_criterion,
            } => {
                write!(f, "no measurements under {}: ", root.display())?;
                f.write_str(if *cargo_criterion {
                    "it holds data of `cargo criterion`, which this command does not read; run `cargo bench` instead"
                } else {
                    "run `cargo bench` first, or name another directory with --criterion"
                })
            }
            Self::Incomplete { directory, missing } => write!(
                f,
                "{} has no {missing}, so its benchmark was interrupted: \
                 run `cargo bench` again, or delete that directory",
                directory.display()
            ),
            Self::Malformed { path, reason } => write!(
                f,
                "cannot understand {}: {reason}. Run `cargo bench` again; if the file stays as it is, it was left by a \
                 benchmark that no longer exists or by another criterion than 0.8: delete its directory",
                path.display()
            ),
            Self::MalformedEvidence { path, reason } => write!(
                f,
                "cannot understand {}: {reason}. Run `scripts/verify` again, or delete the file",
                path.display()
            ),
            Self::NotResults { path, reason } => write!(
                f,
                "cannot understand {}: {reason}. It is no results.json that this version reads; \
                 `reports render` writes one beside its page",
                path.display()
            ),
            Self::BadName { name } => write!(
                f,
                "{name:?} is no name for a baseline: it takes letters, digits, `-`, `_` and `.`, and the last not first"
            ),
            Self::Exists { path } => write!(
                f,
                "{} is there. Nothing was changed; choose another name, or replace it with --force",
                path.display()
            ),
            Self::NoBaseline { name, folder } => write!(
                f,
                "no baseline {name:?} in {}; `reports baseline list` lists those that there are",
                folder.display()
            ),
            Self::Unfit { reason } => write!(
                f,
                "this run is no baseline: {reason}. Measure again, or save it all the same with --force"
            ),
            Self::Unreadable { path, source } => write!(
                f,
                "cannot read {}: {source}. Check that it is there, a file, and its permissions",
                path.display()
            ),
            Self::Unwritable { path, source } => write!(
                f,
                "cannot write {}: {source}. Nothing was changed; free the place or choose another (--out for the page)",
                path.display()
            ),
        }
    }
}

impl error::Error for Error {
    fn source(&self) -> Option<&(dyn error::Error + 'static)> {
        match self {
            Self::Unreadable { source, .. } | Self::Unwritable { source, .. } => Some(source),
            Self::NoMeasurements { .. }
            | Self::Incomplete { .. }
            | Self::Malformed { .. }
            | Self::MalformedEvidence { .. }
            | Self::NotResults { .. }
            | Self::BadName { .. }
            | Self::Exists { .. }
            | Self::NoBaseline { .. }
            | Self::Unfit { .. } => None,
        }
    }
}
