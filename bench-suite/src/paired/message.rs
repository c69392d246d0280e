//! What the driver tells a launch, and what a launch tells the driver: JSON, a message a line.

use serde::{Deserialize, Serialize};

use reports::paired::{Latency, Observations};

/// What a launch is to do.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Assignment {
    /// Find out how many runs a visit to each cell needs.
    Pilot {
        /// How long a visit is to last.
        visit_ns: u64,
        /// How long a run may take; a cell whose run takes longer is left out.
        run_ns: u64,
        /// The cells that are left out.
        skip: Vec<usize>,
    },
    /// Visit the cells in blocks.
    Launch {
        /// The launch's number.
        launch: u32,
        /// How many blocks.
        blocks: u32,
        /// The seed of the orders.
        seed: u64,
        /// How many runs a visit to each cell has; a cell with none is not visited.
        runs: Vec<u64>,
        /// Of how many tasks the waits are measured, on each backend, when the blocks are over.
        waits: usize,
    },
}

/// What a launch has to say.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Message {
    /// A cell can't be measured here.
    Missing {
        /// Which one.
        cell: usize,
        /// Why not.
        reason: String,
    },
    /// A cell hangs, and the launch gives up.
    Hung {
        /// Which one; beyond the last it is what measures waits.
        cell: usize,
    },
    /// What the pilot has found out.
    Chosen {
        /// How many runs a visit to each cell needs; zero for a cell that can't be measured.
        runs: Vec<u64>,
        /// How long a visit to each cell will take.
        visits_ns: Vec<u64>,
    },
    /// A block is done.
    Block(Box<Observations>),
    /// The waits of a backend are measured.
    Waits(Box<Latency>),
    /// The waits of a backend can't be measured here.
    NoWaits {
        /// Which one.
        backend: String,
        /// Why not.
        reason: String,
    },
}

macro_rules! json {
    ($type:ident) => {
        impl $type {
            /// As it is sent, in one line.
            ///
            /// # Panics
            ///
            /// Never: it is JSON.
            #[must_use]
            pub fn to_json(&self) -> String {
                serde_json::to_string(self).expect("it has no keys but texts")
            }

            /// Reads what was sent.
            ///
            /// # Errors
            ///
            /// What is wrong with it, in words.
            pub fn from_json(text: &str) -> Result<$type, String> {
                serde_json::from_str(text).map_err(|error| error.to_string())
            }
        }
    };
}

json!(Assignment);
json!(Message);
