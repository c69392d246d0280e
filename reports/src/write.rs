//! Writes files whole or not at all, and the page with its twins in one step.

use std::ffi::OsString;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use crate::evidence::Evidence;
use crate::paired::PairedRun;
use crate::{Environment, Error, Report, criterion, csv, markdown, page, results};

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
        report.evidence = Evidence::load(&environment.with_file_name("correctness.json"))?;
        Ok(match paired {
            Some(run) => report.with_run(run),
            None => report,
        })
    }

    /// Writes the page and its [`Twins`]. Where there was no paired run, the observations of a former one are removed:
    /// they would not be this page's.
    ///
    /// # Errors
    ///
    /// [`Error::Unwritable`]; then all of them are as they were, unless the system refused in the middle of renaming.
    pub fn write(&self, out: &Path) -> Result<(), Error> {
        let twins = Twins::of(out);
        let observations = self.run.as_ref().map(csv::observations);
        let mut files = vec![
            (out, page::render(self)),
            (twins.results.as_path(), results::to_json(self)),
            (&twins.summary, markdown(self)),
        ];
        let is_paired = observations.is_some();
        files.extend(observations.map(|observations| (twins.observations.as_path(), observations)));
        replace_all(&files)?;
        match is_paired {
            true => Ok(()),
            false => remove(&twins.observations),
        }
    }
}

/// The files beside a page that say the same to programs, spreadsheets and discussions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Twins {
    /// `results.json`: the data and the verdicts.
    pub results: PathBuf,
    /// `observations.csv`: what a paired run saw, a row for each visit to a cell.
    pub observations: PathBuf,
    /// `summary.md`: the verdicts in Markdown.
    pub summary: PathBuf,
}

impl Twins {
    /// The twins of a page: beside it, and with its name before theirs, unless that is `index`.
    ///
    /// # Example
    ///
    /// ```
    /// use std::path::Path;
    ///
    /// use reports::Twins;
    ///
    /// assert_eq!(Twins::of(Path::new("a/index.html")).results, Path::new("a/results.json"));
    /// assert_eq!(Twins::of(Path::new("a/monday.html")).summary, Path::new("a/monday.summary.md"));
    /// ```
    #[must_use]
    pub fn of(page: &Path) -> Self {
        let stem = page.file_stem().filter(|stem| *stem != "index");
        let twin = |name: &str| {
            let mut own = stem.map_or_else(OsString::new, ToOwned::to_owned);
            if stem.is_some() {
                own.push(".");
            }
            own.push(name);
            page.with_file_name(own)
        };
        Self {
            results: twin("results.json"),
            observations: twin("observations.csv"),
            summary: twin("summary.md"),
        }
    }
}

fn remove(path: &Path) -> Result<(), Error> {
    match fs::remove_file(path) {
        Err(source) if source.kind() != io::ErrorKind::NotFound => {
            Err(Error::unwritable(path, source))
        }
        _ => Ok(()),
    }
}

/// Replaces the file at `path`: written beside it under a temporary name, then renamed.
pub(crate) fn replace(path: &Path, contents: &[u8]) -> Result<(), Error> {
    replace_all(&[(path, contents)])
}

/// Creates the file at `path`, whole or not at all.
pub(crate) fn create(path: &Path, contents: &[u8]) -> Result<(), Error> {
    let prepared = prepare(path, contents).map_err(|source| Error::unwritable(path, source))?;
    match prepared.file.persist_noclobber(path) {
        Ok(_) => Ok(()),
        Err(error) if error.error.kind() == io::ErrorKind::AlreadyExists => Err(Error::Exists {
            path: path.to_owned(),
        }),
        Err(error) => Err(Error::unwritable(path, error.error)),
    }
}

/// Replaces files: all are written beside their places under temporary names, and only when that is done, renamed.
fn replace_all(files: &[(&Path, impl AsRef<[u8]>)]) -> Result<(), Error> {
    let prepared = files.iter().map(|(path, contents)| {
        prepare(path, contents.as_ref()).map_err(|source| Error::unwritable(path, source))
    });
    let prepared: Vec<Prepared> = prepared.collect::<Result<_, Error>>()?;
    for Prepared { place, file } in prepared {
        file.persist(&place)
            .map_err(|error| Error::unwritable(&place, error.error))?;
    }
    Ok(())
}

/// The contents of a file, beside the place where they are to be.
struct Prepared {
    place: PathBuf,
    file: NamedTempFile,
}

/// Where a file is to be written: not over the link that leads there, and not over a device or a pipe.
fn place_of(path: &Path) -> io::Result<PathBuf> {
    let place = match fs::canonicalize(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(path.to_owned()),
        place => place?,
    };
    let what = fs::metadata(&place)?;
    if what.is_dir() {
        return Err(io::ErrorKind::IsADirectory.into());
    }
    if !what.is_file() {
        return Err(io::Error::other("that is a device or a pipe, and no file"));
    }
    Ok(place)
}

/// The contents in a temporary file beside its place.
fn prepare(path: &Path, contents: &[u8]) -> io::Result<Prepared> {
    let place = place_of(path)?;
    let directory = match place.parent() {
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
    Ok(Prepared { place, file })
}
