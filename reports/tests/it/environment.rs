//! The record of machine and run.

use std::fs;

use reports::{Environment, Error, Report, Warning, criterion, page};
use tempfile::tempdir;

use crate::data;
use crate::html::Element;

#[test]
fn a_record_survives_saving_and_loading() {
    let place = tempdir().unwrap();
    let path = place.path().join("reports").join("environment.json");
    for record in [
        data::environment(),
        Environment::capture("cargo bench -- <pi>"),
    ] {
        record.save(&path).unwrap();
        assert_eq!(Environment::load(&path).unwrap(), Some(record));
    }
    let names: Vec<_> = fs::read_dir(path.parent().unwrap()).unwrap().collect();
    assert_eq!(names.len(), 1, "no temporary file stays behind");
}

#[test]
fn capturing_fills_every_piece_or_says_unknown() {
    let record = Environment::capture("cargo bench");
    for text in [
        &record.cpu,
        &record.kernel,
        &record.os,
        &record.toolchain,
        &record.revision,
    ] {
        assert!(!text.trim().is_empty());
        assert_eq!(text.trim(), text);
    }
    assert_eq!(record.command, "cargo bench");
    assert!(record.started_at > 1_700_000_000);
    assert_eq!(record.ended_at, None);
    if cfg!(target_os = "linux") {
        assert!(record.memory_bytes > Some(1 << 20));
        assert!(record.logical_cores >= Some(1));
        assert!(record.kernel.starts_with("Linux "));
        assert!(record.load_at_start.is_some());
    }
}

#[test]
fn no_record_is_no_error_and_a_broken_one_is() {
    let place = tempdir().unwrap();
    let path = place.path().join("environment.json");
    assert_eq!(Environment::load(&path).unwrap(), None);
    for text in ["", "{", "[]", "{\"cpu\": 3}"] {
        fs::write(&path, text).unwrap();
        let error = Environment::load(&path).unwrap_err();
        assert!(matches!(error, Error::Malformed { .. }), "{error}");
        assert!(error.to_string().contains(path.to_str().unwrap()));
    }
}

#[test]
fn a_record_that_is_there_and_cannot_be_read_is_not_called_missing() {
    let place = tempdir().unwrap();
    let error = Environment::load(place.path()).unwrap_err();
    assert!(matches!(error, Error::Unreadable { .. }), "{error}");
}

#[test]
fn a_record_that_cannot_be_saved_says_where() {
    let place = tempdir().unwrap();
    fs::write(place.path().join("reports"), "in the way").unwrap();
    let path = place.path().join("reports").join("environment.json");
    let error = data::environment().save(&path).unwrap_err();
    assert!(matches!(error, Error::Unwritable { .. }));
    assert!(error.to_string().contains(path.to_str().unwrap()));
}

#[test]
fn what_else_is_known_is_on_the_page_and_as_text_to_paste() {
    let html = page::render(&Report::new(Vec::new(), Some(data::environment())));
    let root = Element::parse(&html);
    let sections = root.named("section").into_iter();
    let mut sections = sections.filter(|it| it.attribute("id") == Some("environment"));
    let section = sections.next().unwrap();
    let texts = |name: &str| {
        let all = section.named(name).into_iter();
        all.map(Element::text).collect::<Vec<_>>()
    };
    let facts: Vec<_> = texts("dt").into_iter().zip(texts("dd")).collect();
    let fact = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    assert!(facts.contains(&fact("Physical cores", "2")), "{facts:?}");
    assert!(
        facts.contains(&fact("Clock source", "not known")),
        "{facts:?}"
    );
    let lines = facts.iter().map(|(name, value)| format!("{name}: {value}"));
    assert_eq!(texts("pre"), [lines.collect::<Vec<_>>().join("\n")]);
}

#[test]
fn a_run_that_did_not_come_to_its_end_says_so_and_what_it_lacks() {
    let measurements = criterion::read(&data::fixture("normal")).unwrap();
    let said = |ended_at| {
        let environment = Environment {
            ended_at,
            ..data::environment()
        };
        let report = Report::new(measurements.clone(), Some(environment));
        let warnings = Warning::all(&report).into_iter();
        warnings
            .filter(|it| it.about == "Interrupted")
            .map(|it| it.text)
            .collect::<Vec<_>>()
    };
    assert!(said(Some(1_125)).is_empty());
    let [text] = &said(None)[..] else {
        panic!("one warning");
    };
    let rows = measurements.len();
    let has = format!("It has {rows} measurements of criterion's and no paired run");
    assert!(text.contains(&has), "{text}");
}

#[test]
fn a_record_of_before_the_facts_were_asked_is_read_and_says_none_of_them() {
    let place = tempdir().unwrap();
    let path = place.path().join("environment.json");
    let mut record = serde_json::to_value(data::environment()).unwrap();
    record.as_object_mut().unwrap().remove("facts");
    fs::write(&path, record.to_string()).unwrap();
    let read = Environment::load(&path).unwrap().unwrap();
    assert!(read.facts.is_empty());
    assert!(!page::render(&Report::new(Vec::new(), Some(read))).contains("Clock source"));
}

#[test]
fn facts_from_a_file_are_only_text() {
    let mut environment = data::environment();
    environment.facts[0].name = "<b>\u{202e}".to_owned();
    environment.facts[0].value = Some("<script>".to_owned());
    let html = page::render(&Report::new(Vec::new(), Some(environment)));
    assert!(html.contains("&lt;b&gt;⟨U+202E⟩: &lt;script&gt;"), "{html}");
    assert!(!html.contains("<script"));
}
