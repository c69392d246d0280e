//! The counts that are committed, `models.tsv`, and what a run is held to by them.
//!
//! The file is written by a run (`scripts/loom --renew`) and read by every other: a model whose line is
//! missing, says something else, or has another order of interleavings fails. So a search that loom
//! cuts short in silence is seen, and so is one that grows until nobody waits for it any more.

use std::collections::BTreeSet;
use std::fs::{File, OpenOptions};
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::matrix;

/// Names the file to which the models of a run add their lines, in the place of being compared.
const RENEW: &str = "LOOM_TESTS_RENEW";

const HOW_TO_RENEW: &str = "scripts/loom --renew writes loom-tests/models.tsv anew";

/// What a run has to say about a model.
#[derive(Debug)]
pub(crate) struct Count<'m> {
    pub(crate) name: &'m str,
    pub(crate) claim: &'m str,
    pub(crate) explored: &'m str,
    pub(crate) interleavings: usize,
    pub(crate) elapsed: Duration,
}

/// Compares with the committed count, or writes down what is to be the committed one.
///
/// Not where seeded bugs are built in: a bug that is made may cut the search short, and a model is to find or to
/// overlook it by what it claims.
pub(crate) fn settle(count: &Count<'_>) {
    if cfg!(seeded_bugs) {
        return;
    }
    match std::env::var_os(RENEW) {
        Some(file) => add_line(Path::new(&file), count),
        None => {
            let verdict = compare(&committed(), count);
            assert!(
                verdict.is_ok(),
                "{}. If that is as it should be: {HOW_TO_RENEW}",
                verdict.unwrap_err()
            );
        }
    }
}

/// One write to the end of the file, so that models that end at the same time don't mix their lines.
fn add_line(path: &Path, count: &Count<'_>) {
    let Count {
        name,
        claim,
        explored,
        interleavings,
        elapsed,
    } = count;
    let seconds = elapsed.as_secs_f64();
    let line = format!("{name}\t{explored}\t{interleavings}\t{seconds:.2}\t{claim}\n");
    let file = OpenOptions::new().create(true).append(true).open(path);
    file.and_then(|mut file| file.write_all(line.as_bytes()))
        .expect("the file of the new counts can be written");
}

fn committed() -> String {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("models.tsv");
    let mut text = String::new();
    File::open(path)
        .and_then(|mut file| file.read_to_string(&mut text))
        .expect("models.tsv is there");
    text
}

/// The lines of the file, without its heading, as their columns.
fn entries(text: &str) -> impl Iterator<Item = Vec<&str>> {
    text.lines().skip(1).map(|line| line.split('\t').collect())
}

fn compare(text: &str, count: &Count<'_>) -> Result<(), String> {
    let (name, now) = (count.name, count.interleavings);
    let Some(entry) = entries(text).find(|entry| entry[0] == name) else {
        return Err(format!("{name} is not in models.tsv"));
    };
    let [_, explored, interleavings, _, claim] = entry[..] else {
        return Err(format!(
            "the line of {name} in models.tsv has other columns"
        ));
    };
    if (explored, claim) != (count.explored, count.claim) {
        return Err(format!(
            "{name} is explored, or claims, something else than models.tsv says"
        ));
    }
    let before: usize = interleavings
        .parse()
        .map_err(|_| format!("models.tsv has no count for {name}"))?;
    if now * 2 < before {
        return Err(format!(
            "{name} had {before} interleavings and has less than half, {now}"
        ));
    }
    if now > before * 3 {
        return Err(format!(
            "{name} had {before} interleavings and has over three times as many, {now}"
        ));
    }
    Ok(())
}

/// What the long form is to go through, which is every line.
const LEAST_INTERLEAVINGS: usize = 1_000_000;

/// What one model may take, so that whoever changes something runs the models near by.
const MOST_SECONDS: f64 = 90.0;

#[test]
fn all_models_have_a_million_interleavings_and_none_takes_over_90_seconds() {
    let text = committed();
    let mut interleavings = 0;
    for entry in entries(&text) {
        let [name, _, count, seconds, _] = entry[..] else {
            panic!("models.tsv has a line with other columns: {entry:?}");
        };
        interleavings += count.parse::<usize>().expect("a count is a number");
        let seconds: f64 = seconds.parse().expect("a time is a number");
        assert!(seconds <= MOST_SECONDS, "{name} takes {seconds} s");
    }
    assert!(
        interleavings >= LEAST_INTERLEAVINGS,
        "all models together have {interleavings} interleavings"
    );
}

#[test]
fn a_count_is_held_to_its_line() {
    const TEXT: &str = "model\texplored\tinterleavings\tseconds\tclaim\nA one\texhaustive\t100\t0.10\tall is well\n";
    let with = |name, explored, interleavings, claim| {
        let count = Count {
            name,
            claim,
            explored,
            interleavings,
            elapsed: Duration::ZERO,
        };
        compare(TEXT, &count)
    };
    let of = |interleavings| with("A one", "exhaustive", interleavings, "all is well");
    assert!(of(50).is_ok() && of(100).is_ok() && of(300).is_ok());
    assert!(of(49).is_err() && of(301).is_err() && of(1).is_err());
    assert!(with("A two", "exhaustive", 100, "all is well").is_err());
    assert!(with("A one", "bounded (2)", 100, "all is well").is_err());
    assert!(with("A one", "exhaustive", 100, "all is better").is_err());
}

/// The other direction: a model that was renamed or removed leaves no line behind.
#[test]
fn every_line_has_its_model() {
    if std::env::var_os(RENEW).is_some() {
        return;
    }
    let sources = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/loom");
    let sources: Vec<String> = std::fs::read_dir(sources)
        .expect("the models have a folder")
        .map(|file| file.expect("a folder can be listed").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "rs"))
        .map(|path| std::fs::read_to_string(path).expect("a model can be read"))
        .collect();
    let text = committed();
    let mut names = BTreeSet::new();
    for entry in entries(&text) {
        let name = entry[0];
        assert!(names.insert(name), "{name} is in models.tsv twice");
        let literal = format!("\"{}\"", name.strip_prefix("long ").unwrap_or(name));
        let is_written = || sources.iter().any(|source| source.contains(&literal));
        assert!(
            matrix::names().any(|other| other == name) || is_written(),
            "models.tsv has a line for {name}, which is no model. {HOW_TO_RENEW}"
        );
    }
}
