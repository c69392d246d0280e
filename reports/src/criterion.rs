//! Reads what criterion 0.8 leaves on disk: the only place that knows its files.
//!
//! Criterion calls these files private, so they may change with any release; the tests read a committed copy of
//! 0.8.2's, normal and `--quick`. Used are, of each benchmark's directory `new`,
//!
//! * `benchmark.json`: which benchmark. Paths are cut to 64 characters a segment and prove nothing.
//! * `sample.json`: iterations and total nanoseconds of each sample. `--quick` writes two samples.
//! * `estimates.json`: the median with its bootstrap interval.
//!
//! Everything else (`base`, named baselines, `change`, `report`, `tukey.json`) is left alone.

use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;
use std::{fs, io};

use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::{Error, Estimate, Measurement, Parameter};

/// Criterion nests at most three directories (group, function, value); more is not its doing.
const MAX_DEPTH: usize = 6;

/// Relative difference between the median recomputed from the samples and the recorded one that rounding explains.
const MEDIAN_TOLERANCE: f64 = 1e-6;

/// Reads every benchmark under a criterion root, such as `target/criterion`, ordered by its identity.
///
/// A group id `pi/10000000 terms/64 parts` becomes the workload `pi` and the variant `10000000 terms/64 parts`, the
/// function id the backend, the value the number of workers.
///
/// # Errors
///
/// [`Error::NoMeasurements`] if there are none; [`Error::Incomplete`], [`Error::Malformed`] or [`Error::Unreadable`],
/// naming the file, as soon as one benchmark cannot be read completely: a page that leaves some out would mislead.
///
/// # Example
///
/// ```no_run
/// # fn main() -> Result<(), reports::Error> {
/// let measurements = reports::criterion::read("target/criterion".as_ref())?;
/// assert!(!measurements.is_empty());
/// # Ok(())
/// # }
/// ```
pub fn read(root: &Path) -> Result<Vec<Measurement>, Error> {
    let mut directories = Vec::new();
    match find(root, MAX_DEPTH, &mut directories) {
        Err(Error::Unreadable { path, source })
            if path == root && source.kind() == io::ErrorKind::NotFound => {}
        other => other?,
    }
    if directories.is_empty() {
        return Err(Error::NoMeasurements {
            root: root.to_owned(),
            cargo_criterion: root.join("data").join("main").is_dir(),
        });
    }
    let mut measurements = directories
        .iter()
        .map(|directory| read_benchmark(directory))
        .collect::<Result<Vec<_>, _>>()?;
    // Sorted, because the order of directory entries is the file system's whim.
    measurements.sort_by(|a, b| identity(a).cmp(&identity(b)));
    Ok(measurements)
}

fn identity(m: &Measurement) -> impl Ord {
    (
        m.workload.clone(),
        m.variant.clone(),
        m.backend.clone(),
        m.parameter.clone(),
        m.measured_at,
    )
}

/// Collects the directories named `new` that hold at least one of the three files.
///
/// Names are not used to skip anything: a workload may itself be called `base` or `report`.
fn find(directory: &Path, depth: usize, found: &mut Vec<PathBuf>) -> Result<(), Error> {
    let unreadable = |source| Error::unreadable(directory, source);
    for entry in fs::read_dir(directory).map_err(unreadable)? {
        let entry = entry.map_err(unreadable)?;
        if !entry.file_type().map_err(unreadable)?.is_dir() {
            continue;
        }
        let path = entry.path();
        if entry.file_name() == "new" && FILES.iter().any(|file| path.join(file).exists()) {
            found.push(path);
        } else if depth > 0 {
            find(&path, depth - 1, found)?;
        }
    }
    Ok(())
}

const FILES: [&str; 3] = ["benchmark.json", "sample.json", "estimates.json"];

#[derive(Deserialize)]
struct Benchmark {
    group_id: String,
    function_id: Option<String>,
    value_str: Option<String>,
    throughput: Option<serde_json::Value>,
}

#[derive(Deserialize)]
struct Sample {
    iters: Vec<f64>,
    times: Vec<f64>,
}

#[derive(Deserialize)]
struct Estimates {
    median: Median,
}

#[derive(Deserialize)]
struct Median {
    point_estimate: f64,
    confidence_interval: ConfidenceInterval,
}

#[derive(Deserialize)]
struct ConfidenceInterval {
    confidence_level: f64,
    lower_bound: f64,
    upper_bound: f64,
}

fn read_benchmark(directory: &Path) -> Result<Measurement, Error> {
    let [benchmark_path, sample_path, estimates_path] = FILES.map(|file| directory.join(file));
    for (file, path) in FILES
        .iter()
        .zip([&benchmark_path, &sample_path, &estimates_path])
    {
        if !path.exists() {
            return Err(Error::Incomplete {
                directory: directory.to_owned(),
                missing: file,
            });
        }
    }
    let benchmark: Benchmark = read_json(&benchmark_path)?;
    let samples_ns = per_iteration(&read_json(&sample_path)?)
        .map_err(|reason| Error::malformed(&sample_path, reason))?;
    let median = estimate(&read_json(&estimates_path)?, &samples_ns)
        .map_err(|reason| Error::malformed(&estimates_path, reason))?;
    let (workload, variant) = match benchmark.group_id.split_once('/') {
        Some((workload, variant)) => (workload.to_owned(), named(Some(variant.to_owned()))),
        None => (benchmark.group_id, None),
    };
    Ok(Measurement {
        workload,
        variant,
        backend: named(benchmark.function_id).unwrap_or_else(|| "unnamed".to_owned()),
        parameter: parameter(benchmark.value_str),
        elements: benchmark.throughput.as_ref().and_then(elements),
        samples_ns,
        median,
        measured_at: modified(&sample_path),
    })
}

fn read_json<T: DeserializeOwned>(path: &Path) -> Result<T, Error> {
    let text = fs::read(path).map_err(|source| Error::unreadable(path, source))?;
    serde_json::from_slice(&text).map_err(|error| Error::malformed(path, error.to_string()))
}

fn per_iteration(sample: &Sample) -> Result<Vec<f64>, String> {
    let Sample { iters, times } = sample;
    if iters.is_empty() {
        return Err("it has no samples".to_owned());
    }
    if iters.len() != times.len() {
        return Err(format!(
            "it has {} iteration counts for {} times",
            iters.len(),
            times.len()
        ));
    }
    let positive = |value: f64| value.is_finite() && value > 0.0;
    let values: Vec<f64> = iters.iter().zip(times).map(|(n, ns)| ns / n).collect();
    match (0..values.len()).find(|&i| !positive(iters[i]) || !positive(values[i])) {
        Some(i) => Err(format!(
            "sample {} took {} ns for {} iterations, which is no time",
            i + 1,
            times[i],
            iters[i]
        )),
        None => Ok(values),
    }
}

fn estimate(estimates: &Estimates, samples_ns: &[f64]) -> Result<Estimate, String> {
    let Median {
        point_estimate: point_ns,
        confidence_interval: interval,
    } = &estimates.median;
    let (low_ns, high_ns) = (interval.lower_bound, interval.upper_bound);
    // Written so that a NaN fails as well.
    if !(*point_ns > 0.0 && low_ns > 0.0 && low_ns <= high_ns && high_ns.is_finite()) {
        return Err(format!(
            "its median is {point_ns} ns with the interval {low_ns} to {high_ns}, which is no time"
        ));
    }
    let level = interval.confidence_level;
    if !(level > 0.0 && level < 1.0) {
        return Err(format!("its confidence level is {level}"));
    }
    let recomputed = median(samples_ns);
    if (recomputed - point_ns).abs() > MEDIAN_TOLERANCE * recomputed {
        return Err(format!(
            "its median is {point_ns} ns, but the samples beside it have {recomputed} ns: \
             the two files are of different runs"
        ));
    }
    Ok(Estimate {
        point_ns: *point_ns,
        low_ns,
        high_ns,
        level,
    })
}

/// The median of at least one value.
fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let middle = sorted.len() / 2;
    if sorted.len() % 2 == 1 {
        sorted[middle]
    } else {
        f64::midpoint(sorted[middle - 1], sorted[middle])
    }
}

fn named(text: Option<String>) -> Option<String> {
    text.filter(|text| !text.trim().is_empty())
}

fn parameter(value: Option<String>) -> Parameter {
    match named(value) {
        None => Parameter::None,
        Some(text) => match text.parse() {
            Ok(workers) if workers > 0 => Parameter::Workers(workers),
            _ => Parameter::Other(text),
        },
    }
}

/// Elements per run; throughput in bytes or bits says nothing about tasks and is left out.
fn elements(throughput: &serde_json::Value) -> Option<u64> {
    throughput
        .get("Elements")
        .or_else(|| throughput.get("ElementsAndBytes")?.get("elements"))?
        .as_u64()
        .filter(|&elements| elements > 0)
}

fn modified(path: &Path) -> Option<u64> {
    let time = fs::metadata(path).ok()?.modified().ok()?;
    Some(time.duration_since(UNIX_EPOCH).ok()?.as_secs())
}
