//! The lines of `results.json`: data with every digit, and what is computed from them with as many as each build gives.

use std::io;

use serde::Serialize;
use serde_json::ser::{CompactFormatter, Formatter, Serializer};

/// The fields of the outermost object, each as it will stand in the file.
pub(super) struct Lines(Vec<String>);

impl Lines {
    pub(super) fn new() -> Self {
        Self(Vec::new())
    }

    /// What is read back, and has to be the same then.
    pub(super) fn data(&mut self, name: &str, value: &impl Serialize) {
        self.push(name, &json(value, CompactFormatter));
    }

    /// A list of what is read back.
    pub(super) fn data_list<T: Serialize>(&mut self, name: &str, items: impl Iterator<Item = T>) {
        self.push_list(name, items.map(|item| json(&item, CompactFormatter)));
    }

    /// What is computed.
    pub(super) fn field(&mut self, name: &str, value: &impl Serialize) {
        self.push(name, &json(value, Rounded));
    }

    /// A list of what is computed.
    pub(super) fn list<T: Serialize>(&mut self, name: &str, items: impl Iterator<Item = T>) {
        self.push_list(name, items.map(|item| json(&item, Rounded)));
    }

    /// The whole file.
    pub(super) fn into_text(self) -> String {
        format!("{{\n{}\n}}\n", self.0.join(",\n"))
    }

    fn push(&mut self, name: &str, value: &str) {
        self.0.push(format!("\"{name}\":{value}"));
    }

    fn push_list(&mut self, name: &str, items: impl Iterator<Item = String>) {
        let items: Vec<String> = items.collect();
        match items.is_empty() {
            true => self.push(name, "[]"),
            false => self.push(name, &format!("[\n{}\n]", items.join(",\n"))),
        }
    }
}

fn json(value: &impl Serialize, formatter: impl Formatter) -> String {
    let mut text = Vec::new();
    let mut serializer = Serializer::with_formatter(&mut text, formatter);
    value
        .serialize(&mut serializer)
        .expect("a record has no keys but texts");
    String::from_utf8(text).expect("JSON is text")
}

/// Writes floating-point numbers with nine significant digits.
///
/// Logarithms and exponentials may differ in the last of sixteen digits from build to build and from machine to machine.
/// The page shows the digest of this file, and whoever makes both again from the same data is to get the same one.
struct Rounded;

impl Formatter for Rounded {
    fn write_f64<W: ?Sized + io::Write>(&mut self, writer: &mut W, value: f64) -> io::Result<()> {
        CompactFormatter.write_f64(writer, rounded(value))
    }
}

fn rounded(value: f64) -> f64 {
    format!("{value:.8e}").parse().unwrap_or(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_differs_in_the_last_digit_by_build_is_written_alike() {
        // As two builds had it from the same data.
        let builds = [1.074_696_935_738_633_f64, 1.074_696_935_738_633_1];
        assert_ne!(builds[0], builds[1]);
        let written = |value: f64, write: fn(&mut Lines, f64)| {
            let mut lines = Lines::new();
            write(&mut lines, value);
            lines.into_text()
        };
        let computed = |value| written(value, |lines, it| lines.field("ratio", &Some(it)));
        assert_eq!(computed(builds[0]), "{\n\"ratio\":1.07469694\n}\n");
        assert_eq!(computed(builds[0]), computed(builds[1]));
        let listed = |value| written(value, |lines, it| lines.list("ratios", [it].into_iter()));
        assert_eq!(listed(builds[0]), listed(builds[1]));
        let data = |value| written(value, |lines, it| lines.data("time", &it));
        assert_ne!(data(builds[0]), data(builds[1]));
    }

    #[test]
    fn rounding_keeps_nine_digits_of_any_size_and_whole_numbers() {
        for (value, expected) in [
            (0.0, 0.0),
            (2.0, 2.0),
            (-0.000_123_456_789_87, -0.000_123_456_790),
            (98_765_432_198.0, 98_765_432_200.0),
            (1e-300, 1e-300),
        ] {
            assert_eq!(rounded(value), expected, "{value}");
        }
        assert_eq!(json(&u64::MAX, Rounded), u64::MAX.to_string());
        assert_eq!(json(&f64::NAN, Rounded), "null");
    }
}
