//! What was seen on each visit to a cell, a column for each thing.

use serde::{Deserialize, Serialize};

macro_rules! columns {
    ($($(#[$doc:meta])* $name:ident: $type:ty,)*) => {
        /// One visit to a cell: so many runs of it, one after another.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
        pub struct Observation {
            $($(#[$doc])* pub $name: $type,)*
        }

        /// All visits, in columns, which keeps the record small.
        #[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
        pub struct Observations {
            $($name: Vec<$type>,)*
        }

        impl Observations {
            /// Adds a visit.
            pub fn push(&mut self, row: Observation) {
                $(self.$name.push(row.$name);)*
            }

            /// The visits, in the order they were added.
            pub fn rows(&self) -> impl Iterator<Item = Observation> + '_ {
                let rows = [$(self.$name.len(),)*].into_iter().min().unwrap_or(0);
                (0..rows).map(|row| Observation { $($name: self.$name[row],)* })
            }

            /// Says which column is not as long as the first.
            pub(super) fn validate(&self) -> Result<(), String> {
                let rows = self.launch.len();
                $(if self.$name.len() != rows {
                    let (name, has) = (stringify!($name), self.$name.len());
                    return Err(format!("column {name} has {has} rows, and launch has {rows}"));
                })*
                Ok(())
            }
        }
    };
}

columns! {
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
