//! Writes files whole or not at all, and the page in one step.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use crate::evidence::Evidence;
use crate::paired::{Analysis, PairedRun};
use crate::{Environment, Error, Report, criterion, page};

/// Reads criterion's data and the environment record, and writes the page; returns the page's path.
///
/// A missing environment record is no error: the page then says that it was not recorded. Whoever looks at `out` meets
/// the former page or the new one, never a part.
///
/// # Errors
///
/// Those of [`Report::read`], and [`Error::Unwritable`]. Then `out` is as it was.
///
/// # Example
///
/// ```no_run
/// # fn main() -> Result<(), reports::Error> {
/// let places = reports::Locations::find();
/// let page = reports::write_page(&places.criterion, &places.environment, &places.page)?;
/// println!("{}", page.display());
/// # Ok(())
/// # }
/// ```
pub fn write_page(criterion_root: &Path, environment: &Path, out: &Path) -> Result<PathBuf, Error> {
    Report::read(criterion_root, environment)?.write(out)?;
    Ok(out.to_owned())
}

impl Report {
    /// Reads criterion's data, the environment record, and two records beside that: the paired run, `paired.json`, and
    /// the evidence of the correctness suite, `correctness.json`. A missing record is no error; nor are missing data of
    /// criterion, if there is a paired run.
    ///
    /// # Errors
    ///
    /// Those of [`criterion::read`], [`Environment::load`], [`PairedRun::load`] and [`Evidence::load`].
    pub fn read(criterion_root: &Path, environment: &Path) -> Result<Self, Error> {
        let paired = PairedRun::load(&environment.with_file_name("paired.json"))?;
        let measurements = match criterion::read(criterion_root) {
            Err(Error::NoMeasurements { .. }) if paired.is_some() => Vec::new(),
            read => read?,
        };
        let mut report = Self::new(measurements, Environment::load(environment)?);
        report.paired = paired.as_ref().map(Analysis::new);
        report.evidence = Evidence::load(&environment.with_file_name("correctness.json"))?;
        Ok(report)
    }

    /// Writes the page.
    ///
    /// # Errors
    ///
    /// [`Error::Unwritable`]; then `out` is as it was.
    pub fn write(&self, out: &Path) -> Result<(), Error> {
        replace(out, page::render(self).as_bytes())
    }
}

/// Replaces the file at `path`: written beside it under a temporary name, then renamed.
pub(crate) fn replace(path: &Path, contents: &[u8]) -> Result<(), Error> {
    try_replace(path, contents).map_err(|source| Error::unwritable(path, source))
}

fn try_replace(path: &Path, contents: &[u8]) -> io::Result<()> {
    let directory = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    fs::create_dir_all(directory)?;
    // Readable by all, like any page: a temporary file is otherwise its owner's alone.
    let mut builder = tempfile::Builder::new();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        builder.permissions(fs::Permissions::from_mode(0o666));
    }
    let mut file = builder.prefix(".writing-").tempfile_in(directory)?;
    file.write_all(contents)?;
    // A full disk may say so only here; after the rename it would be too late.
    file.as_file().sync_all()?;
    file.persist(path).map_err(|error| error.error)?;
    Ok(())
}
