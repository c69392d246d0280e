//! Measurements, environments and criterion directories for the other tests.

use std::fs;
use std::path::{Path, PathBuf};

use reports::{Environment, Estimate, Fact, LoadAverage, Measurement, Parameter, Report, page};
use serde_json::{Value, json};

use crate::{claims, costs, counter, paired};

/// The committed output of criterion 0.8.2: `normal` or `quick`.
pub(crate) fn fixture(mode: &str) -> PathBuf {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures");
    fixtures.join("criterion-0.8.2").join(mode)
}

pub(crate) fn fixture_measurements() -> Vec<Measurement> {
    reports::criterion::read(&fixture("normal")).expect("the fixture is readable")
}

/// A measurement with ten samples and an interval of one per cent to either side.
pub(crate) fn measured(group: &str, backend: &str, workers: u32, median_ns: f64) -> Measurement {
    let (workload, variant) = group.split_once('/').unwrap_or((group, ""));
    Measurement {
        workload: workload.to_owned(),
        variant: Some(variant.to_owned()).filter(|variant| !variant.is_empty()),
        backend: backend.to_owned(),
        parameter: match workers {
            0 => Parameter::None,
            count => Parameter::Workers(count),
        },
        elements: None,
        samples_ns: vec![median_ns; 10],
        median: Estimate {
            point_ns: median_ns,
            low_ns: 0.99 * median_ns,
            high_ns: 1.01 * median_ns,
            level: 0.95,
        },
        measured_at: Some(1_000),
    }
}

/// A report with both kinds of chart, per-element times, odd rows, and more backends than colours.
pub(crate) fn varied_report() -> Report {
    let mut all = vec![measured("pi/1000 terms", "sequential", 0, 13e6)];
    for (place, backend) in ["threads", "processes", "rayon", "rayon par_iter"]
        .iter()
        .enumerate()
    {
        for (workers, share) in [(1, 1.0), (2, 0.52), (4, 0.55)] {
            let median = 13e6 * share * (1.0 + 0.02 * place as f64);
            all.push(measured("pi/1000 terms", backend, workers, median));
        }
    }
    for place in 0..12 {
        let mut one = measured(
            "overhead/burst",
            &format!("pool {place}"),
            2,
            2e7 * 1.3f64.powi(place),
        );
        one.elements = Some(100_000);
        all.push(one);
    }
    let mut odd = measured("alone", "unnamed", 0, 0.4);
    odd.parameter = Parameter::Other("fast".to_owned());
    all.push(odd);
    Report::new(all, Some(environment()))
}

/// A report of everything that may vary, one of criterion's own data, one with figures to reach, one with counts, one
/// with a paired run and what it costs, one with a plain paired run, one with equal tasks in it, and one with a plain
/// paired run and a baseline.
pub(crate) fn reports() -> Vec<Report> {
    let fixture = Report::new(fixture_measurements(), None);
    let paired = varied_report().with_run(paired::run(8, [1.0, 1.0, 1.3, 1.9]));
    let then = varied_report().with_run(paired::run(8, [1.0, 1.0, 1.2, 2.2]));
    let changed = paired.clone().with_baseline("then", &then);
    vec![
        varied_report(),
        fixture,
        claims::report(),
        counter::report(),
        varied_report().with_run(costs::run()),
        paired,
        Report::new(Vec::new(), None).with_run(paired::grain_run()),
        changed,
    ]
}

/// The pages of those reports.
pub(crate) fn pages() -> Vec<String> {
    reports().iter().map(page::render).collect()
}

pub(crate) fn environment() -> Environment {
    let load = LoadAverage {
        one: 0.41,
        five: 0.3,
        fifteen: 0.2,
    };
    Environment {
        cpu: "Example 3000".to_owned(),
        logical_cores: Some(4),
        available_cores: Some(2),
        memory_bytes: Some(8 << 30),
        kernel: "Linux 6.1.0".to_owned(),
        os: "Debian".to_owned(),
        toolchain: "rustc 1.95.0".to_owned(),
        revision: "0123456789ab".to_owned(),
        dirty: Some(false),
        command: "cargo bench".to_owned(),
        started_at: 1_000,
        ended_at: Some(1_125),
        load_at_start: Some(load),
        load_at_end: None,
        facts: [("Physical cores", Some("2")), ("Clock source", None)]
            .map(|(name, value)| Fact {
                name: name.to_owned(),
                value: value.map(str::to_owned),
            })
            .to_vec(),
        claims: Vec::new(),
        counts: None,
        behaviours: None,
    }
}

/// One benchmark's files, to be spoilt.
pub(crate) struct Benchmark {
    pub(crate) benchmark: Value,
    pub(crate) sample: Value,
    pub(crate) estimates: Value,
}

impl Benchmark {
    pub(crate) fn sound() -> Self {
        Self {
            benchmark: json!({
                "group_id": "pi/10 terms", "function_id": "threads", "value_str": "2", "throughput": null,
                "full_id": "pi/10 terms/threads/2", "directory_name": "pi_10 terms/threads/2",
                "title": "pi/10 terms/threads/2"
            }),
            sample: json!({
                "sampling_mode": "Flat", "iters": [10.0, 10.0, 10.0], "times": [900.0, 1000.0, 1200.0]
            }),
            estimates: json!({
                "median": {
                    "confidence_interval": {
                        "confidence_level": 0.95, "lower_bound": 90.0, "upper_bound": 120.0
                    },
                    "point_estimate": 100.0, "standard_error": 1.0
                }
            }),
        }
    }

    /// Writes it as criterion would and returns the directory `new`.
    pub(crate) fn write(&self, root: &Path) -> PathBuf {
        let new = root
            .join("pi_10 terms")
            .join("threads")
            .join("2")
            .join("new");
        fs::create_dir_all(&new).unwrap();
        for (name, value) in [
            ("benchmark.json", &self.benchmark),
            ("sample.json", &self.sample),
            ("estimates.json", &self.estimates),
        ] {
            fs::write(new.join(name), value.to_string()).unwrap();
        }
        new
    }
}
