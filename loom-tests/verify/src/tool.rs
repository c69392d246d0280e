//! The tools, and how their versions are found out.

use std::process::{Command, Stdio};

const LOCK: &str = include_str!("../../../Cargo.lock");

/// What a lane checks with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tool {
    /// The compiler's own test harness.
    Cargo,
    /// A library, in the version of the lock file.
    Library(&'static str),
    /// A part of the nightly compiler, by its name.
    Nightly(&'static str),
    /// A program that says its version.
    Program(&'static str),
}

impl Tool {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Cargo => "cargo test",
            Self::Library(name) | Self::Nightly(name) | Self::Program(name) => name,
        }
    }

    /// `None` if it is not there, or does not say.
    pub(crate) fn version(self) -> Option<String> {
        match self {
            Self::Cargo => answer("cargo", &["--version"]).as_deref().and_then(number),
            Self::Library(name) => locked(LOCK, name),
            Self::Nightly(_) => {
                let said = answer("rustup", &["run", "nightly", "rustc", "--version"]);
                said.as_deref().and_then(number)
            }
            Self::Program(name) => answer(name, &["--version"]).as_deref().and_then(number),
        }
    }
}

/// The revision of the repository, marked if files differ from it.
pub(crate) fn revision() -> String {
    let said = answer(
        "git",
        &[
            "describe",
            "--always",
            "--dirty",
            "--abbrev=12",
            "--exclude=*",
        ],
    );
    said.map_or_else(|| "unknown".to_owned(), |said| said.trim().to_owned())
}

/// The version in the lock file.
fn locked(lock: &str, name: &str) -> Option<String> {
    let entry = lock
        .split_once(&format!("name = \"{name}\"\nversion = \""))?
        .1;
    Some(entry.split_once('"')?.0.to_owned())
}

/// The first word that has a digit in it, without a name before it: of `valgrind-3.19.0` the number.
fn number(said: &str) -> Option<String> {
    let mut words = said.split_whitespace();
    let word = words.find(|word| word.contains(|char: char| char.is_ascii_digit()))?;
    let start = word.find(|char: char| char.is_ascii_digit())?;
    Some(word[start..].to_owned())
}

fn answer(program: &str, arguments: &[&str]) -> Option<String> {
    let output = Command::new(program)
        .args(arguments)
        // Asking must not change the repository's index.
        .env("GIT_OPTIONAL_LOCKS", "0")
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .output()
        .ok()?;
    let said = String::from_utf8(output.stdout).ok()?;
    (output.status.success() && !said.trim().is_empty()).then_some(said)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read_as_tools_say_them() {
        assert_eq!(
            number("cargo 1.95.0 (f2d3ce0bd 2026-03-21)").unwrap(),
            "1.95.0"
        );
        assert_eq!(number("valgrind-3.19.0\n").unwrap(), "3.19.0");
        assert_eq!(
            number("rustc 1.97.0-nightly (1 2)").unwrap(),
            "1.97.0-nightly"
        );
        assert_eq!(number("no version"), None);
    }

    #[test]
    fn libraries_have_the_version_of_the_lock_file() {
        for library in ["loom", "shuttle", "proptest"] {
            assert!(Tool::Library(library).version().is_some(), "{library}");
        }
        assert_eq!(Tool::Library("loo").version(), None);
        assert_eq!(Tool::Program("no-such-program").version(), None);
    }
}
