//! What was seen on each visit to a cell, a column for each thing.

use serde::{Deserialize, Serialize};

/// The second list holds what records of before do not have: there it is `None`, and no column is written.
macro_rules! columns {
    (
        { $($(#[$doc:meta])* $name:ident: $type:ty,)* }
        { $($(#[$later_doc:meta])* $later:ident: $later_type:ty,)* }
    ) => {
        /// One visit to a cell: so many runs of it, one after another.
        #[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
        pub struct Observation {
            $($(#[$doc])* pub $name: $type,)*
            $($(#[$later_doc])* pub $later: Option<$later_type>,)*
        }

        /// All visits, in columns, which keeps the record small.
        #[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
        pub struct Observations {
            $($name: Vec<$type>,)*
            $(#[serde(default, skip_serializing_if = "Vec::is_empty")] $later: Vec<Option<$later_type>>,)*
        }

        impl Observations {
            /// Adds a visit.
            pub fn push(&mut self, row: Observation) {
                let before = self.len();
                $(self.$name.push(row.$name);)*
                $(add(&mut self.$later, row.$later, before);)*
            }

            /// The visits, in the order they were added.
            pub fn rows(&self) -> impl Iterator<Item = Observation> + '_ {
                let rows = [$(self.$name.len(),)*].into_iter().min().unwrap_or(0);
                (0..rows).map(|row| Observation {
                    $($name: self.$name[row],)*
                    $($later: self.$later.get(row).copied().flatten(),)*
                })
            }

            /// Says which column is not as long as the first.
            pub(super) fn validate(&self) -> Result<(), String> {
                let rows = self.launch.len();
                let columns = [
                    $((stringify!($name), self.$name.len()),)*
                    $((stringify!($later), if self.$later.is_empty() { rows } else { self.$later.len() }),)*
                ];
                match columns.into_iter().find(|(_, has)| *has != rows) {
                    Some((name, has)) => {
                        Err(format!("column {name} has {has} rows, and launch has {rows}"))
                    }
                    None => Ok(()),
                }
            }
        }
    };
}

/// Adds a value to a column that may not be there: it is, from the first value on that is known.
fn add<T: Clone>(column: &mut Vec<Option<T>>, value: Option<T>, before: usize) {
    if value.is_some() && column.is_empty() {
        column.resize(before, None);
    }
    if value.is_some() || !column.is_empty() {
        column.push(value);
    }
}

columns! {
    {
        /// The launch.
        launch: u32,
        /// The block in the launch.
        block: u32,
        /// The place in the block.
        position: u32,
        /// The cell, by its place in the list.
        cell: usize,
        /// How many runs.
        runs: u64,
        /// How long they took, all together.
        wall_ns: u64,
        /// CPU time of this process, in user code: all of it less the kernel's.
        user_ns: u64,
        /// CPU time of this process, in the kernel, which the system counts in ticks.
        system_ns: u64,
        /// CPU time of its living children, in user code, likewise.
        children_user_ns: u64,
        /// CPU time of its living children, in the kernel, likewise.
        children_system_ns: u64,
        /// How often a thread of theirs gave up the processor.
        voluntary_switches: u64,
        /// How often one was taken off it.
        involuntary_switches: u64,
        /// Ticks that the machine below took from all processors; zero if it does not say.
        steal_ticks: u64,
        /// How long the control group was throttled; zero if it does not say.
        throttled_ns: u64,
        /// The calibrator, a fixed loop, on average of the block's beginning and end.
        calibrator_ns: u64,
        /// Whether every answer was right.
        ok: bool,
    }
    {
        /// Pages that were found in memory: of this process and of its living children.
        minor_faults: u64,
        /// Pages that had to be fetched from a disk.
        major_faults: u64,
        /// How long something in the whole machine waited for a processor.
        cpu_pressure_ns: u64,
        /// The calibrator before the block.
        calibrator_before_ns: u64,
        /// The calibrator after the block.
        calibrator_after_ns: u64,
    }
}

impl Observations {
    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.launch.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.launch.is_empty()
    }

    /// As a launch writes them for whoever has started it.
    ///
    /// # Panics
    ///
    /// Never: columns are JSON.
    #[must_use]
    pub fn to_json(&self) -> String {
        serde_json::to_string(self).expect("columns have no keys but texts")
    }

    /// Reads what a launch has written.
    ///
    /// # Errors
    ///
    /// What is wrong with it, in words.
    pub fn from_json(text: &str) -> Result<Self, String> {
        let read: Self = serde_json::from_str(text).map_err(|error| error.to_string())?;
        read.validate()?;
        Ok(read)
    }

    /// Adds those of another.
    pub fn append(&mut self, other: &Self) {
        for row in other.rows() {
            self.push(row);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_an_old_record_does_not_have_is_not_known_and_not_written() {
        let mut old = Observations::default();
        old.push(Observation::default());
        let text = old.to_json();
        assert!(!text.contains("faults"), "{text}");
        let mut read = Observations::from_json(&text).expect("it is as before");
        assert_eq!(read.rows().next().and_then(|row| row.minor_faults), None);
        // A visit that knows it comes to one that does not.
        let known = Observation {
            minor_faults: Some(7),
            ..Observation::default()
        };
        read.push(known);
        read.push(Observation::default());
        let faults: Vec<Option<u64>> = read.rows().map(|row| row.minor_faults).collect();
        assert_eq!(faults, [None, Some(7), None]);
        assert_eq!(Observations::from_json(&read.to_json()), Ok(read));
    }

    #[test]
    fn a_column_that_is_too_short_is_refused() {
        let mut rows = Observations::default();
        for faults in [1, 2] {
            rows.push(Observation {
                major_faults: Some(faults),
                ..Observation::default()
            });
        }
        rows.major_faults.pop();
        let refused = rows.validate().expect_err("it is too short");
        assert_eq!(refused, "column major_faults has 1 rows, and launch has 2");
    }
}
