//! Which versions of CPython are measured: `python3`, or those that the variable `PYTHONS` lists.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::python::{self, CPYTHON, PythonError};

/// The variable that lists programs, separated as those of `PATH`.
pub const PYTHONS: &str = "PYTHONS";

/// A CPython, and what it is called in the page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Interpreter {
    /// What is started.
    pub program: PathBuf,
    /// What the names of its backends begin with.
    pub name: String,
}

/// What became of the programs that were to be measured.
#[derive(Debug, Default)]
pub struct Found {
    /// Those that are CPython, each version once; if none is, the first program, so that its cells are there and say why
    /// they are empty. The tutorials' claims are tested on the first.
    pub interpreters: Vec<Interpreter>,
    /// For the page: which version the first is, and which programs are left out, and why.
    pub notes: Vec<String>,
}

impl Interpreter {
    /// The one that is measured if nobody asks for others.
    #[must_use]
    pub fn usual() -> Interpreter {
        Interpreter {
            program: "python3".into(),
            name: CPYTHON.trim_end().to_owned(),
        }
    }
}

/// The programs that the value of [`PYTHONS`] lists; `python3` if there is no value.
#[must_use]
pub fn asked_for(value: Option<&OsStr>) -> Vec<PathBuf> {
    let listed = value.into_iter().flat_map(std::env::split_paths);
    let listed = listed.filter(|it| !it.as_os_str().is_empty());
    // Launches are told in JSON: a name that is no text becomes one, and is not found.
    let text = |it: PathBuf| PathBuf::from(it.to_string_lossy().into_owned());
    let listed: Vec<PathBuf> = listed.map(text).collect();
    match listed.is_empty() {
        true => vec![Interpreter::usual().program],
        false => listed,
    }
}

/// Asks each program which CPython it is; one that is silent for `limit` is left out.
#[must_use]
pub fn find(programs: &[PathBuf], limit: Duration) -> Found {
    find_by(programs, |program| python::version(program, limit))
}

fn find_by(programs: &[PathBuf], version: impl Fn(&Path) -> Result<String, PythonError>) -> Found {
    let (mut found, mut versions) = (Found::default(), Vec::new());
    for program in programs {
        let version = match version(program) {
            Ok(version) if versions.contains(&version) => {
                let again = format!("{} is {version} again.", program.display());
                found.notes.push(again);
                continue;
            }
            Ok(version) => version,
            // What nobody asked for is not missed.
            Err(PythonError::NotFound(_)) if *program == Interpreter::usual().program => continue,
            Err(error) => {
                found.notes.push(format!("Not measured: {error}."));
                continue;
            }
        };
        let name = if versions.is_empty() {
            let name = Interpreter::usual().name;
            let note = format!("The backends named {name} are {version}.");
            found.notes.push(note);
            name
        } else {
            version.clone()
        };
        versions.push(version);
        let program = program.clone();
        found.interpreters.push(Interpreter { program, name });
    }
    if found.interpreters.is_empty() {
        let program = programs.first().cloned();
        found
            .interpreters
            .extend(program.map(|program| Interpreter {
                program,
                ..Interpreter::usual()
            }));
    }
    found
}

#[cfg(test)]
mod tests {
    use std::os::unix::ffi::OsStrExt;

    use super::*;

    #[test]
    fn the_variable_lists_programs_and_without_it_there_is_the_usual_one() {
        let usual = [PathBuf::from("python3")];
        assert_eq!(asked_for(None), usual);
        assert_eq!(asked_for(Some(OsStr::new(""))), usual);
        let no_text = asked_for(Some(OsStr::from_bytes(b"a\xff")));
        assert!(no_text[0].to_str().is_some(), "{no_text:?}");
        let two = asked_for(Some(OsStr::new("/opt/a/python:python3.13:")));
        assert_eq!(two, ["/opt/a/python", "python3.13"].map(PathBuf::from));
    }

    #[test]
    fn each_version_is_measured_once_under_a_name_of_its_own() {
        let programs = ["new", "old", "same", "other", "none"].map(PathBuf::from);
        let found = find_by(&programs, |program| match program.to_str() {
            Some("new" | "same") => Ok("CPython 3.13.0".to_owned()),
            Some("old") => Ok("CPython 3.11.7".to_owned()),
            Some("other") => Err(PythonError::NotCPython(
                "other".into(),
                "PyPy 3.10.1".to_owned(),
            )),
            _ => Err(PythonError::NotFound("none".into())),
        });
        let names: Vec<&str> = found.interpreters.iter().map(|it| &*it.name).collect();
        assert_eq!(names, ["CPython", "CPython 3.11.7"]);
        assert_eq!(
            found.notes,
            [
                "The backends named CPython are CPython 3.13.0.",
                "same is CPython 3.13.0 again.",
                "Not measured: other is PyPy 3.10.1, and not CPython.",
                "Not measured: no none was found.",
            ]
        );
    }

    #[test]
    fn where_there_is_none_the_first_is_to_say_so() {
        let none = |program: &Path| Err(PythonError::NotFound(program.to_owned()));
        let found = find_by(&asked_for(None), none);
        assert_eq!(found.interpreters, [Interpreter::usual()]);
        // Nobody has asked for it, so it is not missed.
        assert!(found.notes.is_empty());
        let found = find_by(&["a", "b"].map(PathBuf::from), none);
        assert_eq!(found.interpreters[0].program, Path::new("a"));
        assert_eq!((found.interpreters.len(), found.notes.len()), (1, 2));
    }
}
