//! The figures that the library's documentation tells are those of the committed sample, whose page it names.

use std::fs;
use std::path::Path;

use serde_json::Value;

/// The criterion rows of the sample.
struct Sample(Value);

impl Sample {
    fn read() -> Self {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("sample/results.json");
        Self(serde_json::from_slice(&fs::read(path).unwrap()).unwrap())
    }

    /// The median of a row and its interval, in nanoseconds: of one of this many elements.
    fn median(&self, row: [&str; 3], parameter: &Value, of: f64) -> [f64; 3] {
        let measurements = self.0["measurements"].as_array().unwrap();
        let found = measurements.iter().find(|it| {
            row == [&it["workload"], &it["variant"], &it["backend"]].map(|it| it.as_str().unwrap())
                && (parameter.is_null() || *parameter == it["parameter"])
        });
        let median = &found.unwrap_or_else(|| panic!("no row {row:?} {parameter}"))["median"];
        ["point_ns", "low_ns", "high_ns"].map(|key| median[key].as_f64().unwrap() / of)
    }

    /// `5.80 ms (5.71–5.93)`, for two workers where there are several counts.
    fn told(&self, row: [&str; 3]) -> String {
        let with_two = serde_json::json!({ "Workers": 2 });
        told(self.median(row, &with_two, 1.0))
    }

    fn of_each(&self, row: [&str; 3], elements: f64) -> String {
        told(self.median(row, &serde_json::json!({ "Workers": 2 }), elements))
    }

    /// `147 µs`: the median of a cell of the paired run.
    fn paired(&self, workload: &str, backend: &str) -> String {
        let cells = self.0["cells"].as_array().unwrap();
        let found = cells
            .iter()
            .find(|it| it["workload"] == workload && it["backend"] == backend);
        let median = found.unwrap()["median_ns"].as_f64().unwrap();
        let (unit, name) = unit_of(median);
        format!("{} {name}", three_digits(median / unit))
    }

    fn counter(&self, backend: &str, kind: &str) -> [f64; 3] {
        let row = ["counter", "2 tasks of 10000 increments", backend];
        self.median(row, &serde_json::json!({ "Other": kind }), 1.0)
    }
}

/// Three digits, and the unit of the first.
fn told([point, low, high]: [f64; 3]) -> String {
    let (unit, name) = unit_of(point);
    let digits = |value: f64| three_digits(value / unit);
    format!(
        "{} {name} ({}–{})",
        digits(point),
        digits(low),
        digits(high)
    )
}

fn unit_of(point: f64) -> (f64, &'static str) {
    let units = [(1e9, "s"), (1e6, "ms"), (1e3, "µs"), (1.0, "ns")];
    units.into_iter().find(|(unit, _)| point >= *unit).unwrap()
}

fn three_digits(value: f64) -> String {
    let decimals = match value {
        100.0.. => 0,
        10.0.. => 1,
        _ => 2,
    };
    format!("{value:.decimals$}")
}

/// Fails with the rows that the page lacks, as they should be.
fn assert_tells(page: &str, rows: &[String]) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../executor/src")
        .join(page);
    let text = fs::read_to_string(path).unwrap();
    let missing: Vec<&String> = rows.iter().filter(|row| !text.contains(*row)).collect();
    let list: Vec<String> = missing.iter().map(|row| format!("//! {row}")).collect();
    assert!(list.is_empty(), "{page} should say:\n{}", list.join("\n"));
}

#[test]
fn what_pools_cost_is_as_in_the_sample() {
    let sample = Sample::read();
    let three = |workload: &str, variant: &str| {
        let backends = ["threads", "rayon", "processes"];
        backends
            .map(|backend| sample.told([workload, variant, backend]))
            .join(" | ")
    };
    let sequential = |variant: &str| {
        let median = sample.median(["pi", variant, "sequential"], &Value::Null, 1.0);
        told(median).split(" (").next().unwrap().to_owned()
    };
    let burst = |backend: &str| sample.of_each(["overhead", "burst of 100000 tasks", backend], 1e5);
    let pool = |variant: &str| {
        let row = ["process pool", variant, "processes"];
        told(sample.median(row, &Value::Null, 1.0))
    };
    let [large, parts, small] = [
        "10000000 terms/one part per worker",
        "10000000 terms/64 parts",
        "100000 terms/64 parts",
    ];
    assert_tells(
        "which_pool.rs",
        &[
            format!(
                "| pi, 10 000 000 terms, in two parts on two workers (one after the other: {}) | {} |",
                sequential(large),
                three("pi", large)
            ),
            format!("| the same in 64 parts | {} |", three("pi", parts)),
            format!(
                "| pi, 100 000 terms, in 64 parts (one after the other: {}) | {} |",
                sequential(small),
                three("pi", small)
            ),
            format!(
                "| one empty task, submitted and waited for | {} |",
                three("overhead", "one task at a time")
            ),
            format!(
                "| a task of a burst | {} | {} | {} |",
                burst("threads"),
                burst("rayon"),
                sample.of_each(["process pool", "burst of 5000 tasks", "processes"], 5e3)
            ),
            format!(
                "| 64 KiB there and back | nothing: moved | nothing: moved | {} |",
                pool("64 KiB there and back")
            ),
            format!(
                "| 64 MiB there and back | nothing: moved | nothing: moved | {} |",
                pool("64 MiB there and back")
            ),
            format!(
                "| two workers started, one task, shut down (medians of the paired run) | {} |",
                ["threads", "rayon", "processes"]
                    .map(|backend| sample.paired("start of a pool, one task, its end", backend))
                    .join(" | ")
            ),
            format!(
                "| 20 000 increments of a counter under a lock, by two workers | {} | {} | {} in [shared memory](crate::shared) |",
                told(sample.counter("threads", "mutex")),
                told(sample.counter("rayon", "mutex")),
                told(sample.counter("processes", "shared-memory lock"))
            ),
        ],
    );
}

#[test]
fn what_sharing_costs_is_as_in_the_sample() {
    let sample = Sample::read();
    let rows = [
        ("threads, atomic", "threads", "atomic"),
        ("processes, shared atomic", "processes", "shared atomic"),
        (
            "processes, lock in shared memory",
            "processes",
            "shared-memory lock",
        ),
        ("threads, mutex", "threads", "mutex"),
        (
            "processes, manager, by one `call`",
            "processes",
            "manager value, by call",
        ),
        (
            "processes, manager's lock, `value`, `set_value`, release",
            "processes",
            "manager value and lock",
        ),
    ];
    let rows = rows.map(|(name, backend, kind)| {
        let median = sample.counter(backend, kind);
        let each = told(median.map(|run| run / 20_000.0));
        let each = each.split(" (").next().unwrap();
        format!("| {name} | {} | {each} |", told(median))
    });
    assert_tells("sharing.rs", &rows);
}
