//! Reading criterion's files: the committed ones, and many ways to be wrong.

use std::fs;

use reports::{Error, Measurement, Parameter, criterion};
use serde_json::{Value, json};
use tempfile::tempdir;

use crate::data::{Benchmark, fixture};

fn identity(m: &Measurement) -> String {
    format!(
        "{}|{:?}|{}|{:?}|{:?}",
        m.workload, m.variant, m.backend, m.parameter, m.elements
    )
}

#[test]
fn the_committed_output_of_0_8_2_is_read_by_its_fields() {
    let measurements = criterion::read(&fixture("normal")).unwrap();
    let variant = r#"pi|Some("1000000 terms/one part per worker")"#;
    let mut expected = vec![
        "alone|None|unnamed|None|None".to_owned(),
        r#"counter|Some("lock")|sequential|None|Some(1000)"#.to_owned(),
        r#"counter|Some("lock")|threads|Workers(2)|Some(1000)"#.to_owned(),
    ];
    for workers in [1, 2, 4] {
        expected.push(format!("{variant}|rayon par_iter|Workers({workers})|None"));
    }
    expected.push(format!("{variant}|sequential|None|None"));
    for workers in [1, 2, 4] {
        expected.push(format!("{variant}|threads|Workers({workers})|None"));
    }
    let found: Vec<String> = measurements.iter().map(identity).collect();
    assert_eq!(found, expected);

    let sequential = &measurements[6];
    assert_eq!(sequential.samples_ns.len(), 10);
    assert_eq!(sequential.samples_ns[0], 2_694_307.0 / 2.0);
    assert_eq!(sequential.median.point_ns, 1_346_432.066_964_285_7);
    assert_eq!(sequential.median.low_ns, 1_325_118.533_333_333_2);
    assert_eq!(sequential.median.high_ns, 1_348_172.25);
    assert_eq!(sequential.median.level, 0.95);
    assert!(sequential.measured_at.is_some());
}

#[test]
fn quick_mode_leaves_two_samples_and_they_are_read() {
    let measurements = criterion::read(&fixture("quick")).unwrap();
    assert!(measurements.len() >= 7);
    for m in &measurements {
        assert_eq!(m.samples_ns.len(), 2, "{}", identity(m));
    }
}

#[test]
fn nothing_to_read_says_what_to_run() {
    let place = tempdir().unwrap();
    fs::create_dir_all(place.path().join("pi").join("report")).unwrap();
    for root in [place.path().to_owned(), place.path().join("absent")] {
        let message = criterion::read(&root).unwrap_err().to_string();
        assert!(message.contains(root.to_str().unwrap()), "{message}");
        assert!(message.contains("run `cargo bench` first"), "{message}");
    }
}

#[test]
fn data_of_cargo_criterion_are_named_as_such() {
    let place = tempdir().unwrap();
    fs::create_dir_all(place.path().join("data/main/pi/threads")).unwrap();
    let message = criterion::read(place.path()).unwrap_err().to_string();
    assert!(message.contains("`cargo criterion`"), "{message}");
}

#[test]
fn a_file_instead_of_a_directory_is_unreadable() {
    let place = tempdir().unwrap();
    let root = place.path().join("criterion");
    fs::write(&root, "x").unwrap();
    assert!(matches!(
        criterion::read(&root),
        Err(Error::Unreadable { .. })
    ));
}

#[test]
fn an_interrupted_benchmark_is_named() {
    for missing in ["benchmark.json", "sample.json", "estimates.json"] {
        let place = tempdir().unwrap();
        let new = Benchmark::sound().write(place.path());
        fs::remove_file(new.join(missing)).unwrap();
        let error = criterion::read(place.path()).unwrap_err();
        assert!(matches!(error, Error::Incomplete { .. }));
        let message = error.to_string();
        assert!(message.contains(new.to_str().unwrap()), "{message}");
        assert!(message.contains(missing), "{message}");
        assert!(message.contains("run `cargo bench` again"), "{message}");
    }
}

/// The message for a benchmark spoilt by `spoil`, which must name the file.
fn refusal(file: &str, spoil: impl Fn(&mut Benchmark)) -> String {
    let place = tempdir().unwrap();
    let mut benchmark = Benchmark::sound();
    benchmark.write(place.path());
    assert_eq!(
        criterion::read(place.path()).unwrap().len(),
        1,
        "sound before it is spoilt"
    );
    spoil(&mut benchmark);
    let new = benchmark.write(place.path());
    let error = criterion::read(place.path()).unwrap_err();
    assert!(matches!(error, Error::Malformed { .. }), "{error}");
    let message = error.to_string();
    assert!(
        message.contains(new.join(file).to_str().unwrap()),
        "{message}"
    );
    assert!(message.contains("`cargo bench`"), "{message}");
    message
}

#[test]
fn samples_that_are_no_times_are_refused() {
    let cases: [(Value, Value, &str); 7] = [
        (json!([]), json!([]), "no samples"),
        (
            json!([10, 10]),
            json!([900.0]),
            "2 iteration counts for 1 times",
        ),
        (json!([10, 10]), json!([900.0, 0.0]), "sample 2 took 0 ns"),
        (json!([10, 0]), json!([900.0, 900.0]), "for 0 iterations"),
        (json!([10]), json!([-900.0]), "which is no time"),
        (json!([10]), json!([null]), "expected f64"),
        (json!([10]), json!("900"), "expected a sequence"),
    ];
    for (iters, times, reason) in cases {
        let message = refusal("sample.json", |b| {
            b.sample["iters"] = iters.clone();
            b.sample["times"] = times.clone();
        });
        assert!(message.contains(reason), "{message}");
    }
}

#[test]
fn estimates_that_make_no_sense_are_refused() {
    let cases: [(&str, Value, &str); 6] = [
        ("/median/point_estimate", json!(null), "expected f64"),
        ("/median/point_estimate", json!(0.0), "which is no time"),
        ("/median/point_estimate", json!(101.0), "different runs"),
        (
            "/median/confidence_interval/lower_bound",
            json!(130.0),
            "which is no time",
        ),
        (
            "/median/confidence_interval/upper_bound",
            json!(-1.0),
            "which is no time",
        ),
        (
            "/median/confidence_interval/confidence_level",
            json!(95.0),
            "confidence level is 95",
        ),
    ];
    for (field, value, reason) in cases {
        let message = refusal("estimates.json", |b| {
            *b.estimates.pointer_mut(field).unwrap() = value.clone();
        });
        assert!(message.contains(reason), "{message}");
    }
}

#[test]
fn other_layouts_are_refused() {
    refusal("sample.json", |b| b.sample = json!({ "counts": [10.0] }));
    refusal("estimates.json", |b| b.estimates = json!({ "Median": {} }));
    refusal("benchmark.json", |b| b.benchmark = json!({ "id": "pi" }));
}

#[test]
fn truncated_files_are_refused() {
    for file in ["benchmark.json", "sample.json", "estimates.json"] {
        let place = tempdir().unwrap();
        let path = Benchmark::sound().write(place.path()).join(file);
        let text = fs::read_to_string(&path).unwrap();
        for length in [0, 1, text.len() / 2, text.len() - 1] {
            fs::write(&path, &text[..length]).unwrap();
            let error = criterion::read(place.path()).unwrap_err();
            assert!(matches!(error, Error::Malformed { .. }), "{error}");
            assert!(error.to_string().contains(path.to_str().unwrap()));
        }
    }
}

#[test]
fn odd_shapes_are_read_as_far_as_they_go() {
    let place = tempdir().unwrap();
    let mut benchmark = Benchmark::sound();
    let mut read = |fields: Value| {
        for (name, value) in fields.as_object().unwrap() {
            benchmark.benchmark[name] = value.clone();
        }
        benchmark.write(place.path());
        criterion::read(place.path()).unwrap().remove(0)
    };
    assert_eq!(
        read(json!({ "value_str": "64 kB" })).parameter,
        Parameter::Other("64 kB".into())
    );
    assert_eq!(
        read(json!({ "value_str": "0" })).parameter,
        Parameter::Other("0".into())
    );
    assert_eq!(read(json!({ "value_str": "" })).parameter, Parameter::None);
    assert_eq!(read(json!({ "function_id": null })).backend, "unnamed");
    assert_eq!(read(json!({ "group_id": "pi/" })).variant, None);
    let of = |throughput: Value| json!({ "throughput": throughput });
    assert_eq!(read(of(json!({ "Bytes": 7 }))).elements, None);
    assert_eq!(read(of(json!({ "Elements": 7 }))).elements, Some(7));
    let both = json!({ "ElementsAndBytes": { "elements": 8, "bytes": 9 } });
    assert_eq!(read(of(both)).elements, Some(8));
}

#[test]
fn names_that_criterion_uses_for_its_own_directories_are_no_trap() {
    let place = tempdir().unwrap();
    Benchmark::sound().write(&place.path().join("base").join("report"));
    Benchmark::sound().write(&place.path().join("new").join("change"));
    assert_eq!(criterion::read(place.path()).unwrap().len(), 2);
}
