//! Baselines: results that were saved under a name, to be compared with later.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::{Conclusion, Error, Grade, Report, results, write};

/// A folder of baselines, one `NAME.json` each: a `results.json`, with its environment inside.
///
/// # Example
///
/// ```
/// # fn main() -> Result<(), reports::Error> {
/// use reports::{Baselines, Report};
///
/// let folder = std::env::temp_dir().join("no-such-folder-of-baselines");
/// assert!(Baselines::in_folder(folder).list()?.is_empty());
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Baselines {
    folder: PathBuf,
}

/// A baseline of a folder.
#[derive(Debug)]
pub struct Baseline {
    /// Its name.
    pub name: String,
    /// What was saved, or why that can't be read.
    pub report: Result<Report, Error>,
}

impl Baselines {
    /// The baselines of a folder, which need not be there yet.
    #[must_use]
    pub fn in_folder(folder: PathBuf) -> Self {
        Self { folder }
    }

    /// Saves a report under a name, and returns the file's path.
    ///
    /// # Errors
    ///
    /// [`Error::BadName`] if the name is no plain one. Unless `force` is given, [`Error::Exists`] if there is one of that name,
    /// and [`Error::Unfit`] if the run is invalid or so loud that nothing could be compared with it.
    /// [`Error::Unwritable`]. A former baseline is then as it was.
    pub fn save(&self, name: &str, report: &Report, force: bool) -> Result<PathBuf, Error> {
        let path = self.path(name)?;
        let contents = results::to_json(report);
        if force {
            write::replace(&path, contents.as_bytes())?;
            return Ok(path);
        }
        if let Some(reason) = unfit(report) {
            return Err(Error::Unfit { reason });
        }
        write::create(&path, contents.as_bytes())?;
        Ok(path)
    }

    /// Loads a baseline.
    ///
    /// # Errors
    ///
    /// [`Error::BadName`], [`Error::NoBaseline`], and those of [`results::read`].
    pub fn load(&self, name: &str) -> Result<Report, Error> {
        let path = self.path(name)?;
        match results::read(&path) {
            Err(Error::Unreadable { source, .. }) if source.kind() == io::ErrorKind::NotFound => {
                Err(Error::NoBaseline {
                    name: name.to_owned(),
                    folder: self.folder.clone(),
                })
            }
            read => read,
        }
    }

    /// All baselines, by name; one that can't be read is listed with the reason.
    ///
    /// # Errors
    ///
    /// [`Error::Unreadable`] if the folder is there and can't be read.
    pub fn list(&self) -> Result<Vec<Baseline>, Error> {
        let unreadable = |source| Error::unreadable(&self.folder, source);
        let entries = match fs::read_dir(&self.folder) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            entries => entries.map_err(unreadable)?,
        };
        let mut paths: Vec<PathBuf> = Vec::new();
        for entry in entries {
            paths.push(entry.map_err(unreadable)?.path());
        }
        paths.sort();
        let named = paths.iter().filter_map(|path| Some((name_of(path)?, path)));
        let baselines = named.map(|(name, path)| Baseline {
            name,
            report: results::read(path),
        });
        Ok(baselines.collect())
    }

    /// Letters, digits, `-`, `_` and `.`, and not the last first: a name is no way out of the folder.
    fn path(&self, name: &str) -> Result<PathBuf, Error> {
        let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
        if name.is_empty() || name.starts_with('.') || !name.chars().all(is_plain) {
            return Err(Error::BadName {
                name: name.to_owned(),
            });
        }
        Ok(self.folder.join(format!("{name}.json")))
    }
}

fn name_of(path: &Path) -> Option<String> {
    let is_json = path.extension()? == "json";
    is_json.then(|| {
        path.file_stem()
            .map(|stem| stem.to_string_lossy().into_owned())
    })?
}

/// Why a report is no baseline, if so.
fn unfit(report: &Report) -> Option<String> {
    if Conclusion::of(report) == Conclusion::Invalid {
        return Some("an answer or a count was wrong".to_owned());
    }
    let floor = report.paired.as_ref()?.floor?;
    (Grade::of(floor) == Grade::D)
        .then(|| format!("the run has grade D: a thing differs from itself by {floor:.2}"))
}
