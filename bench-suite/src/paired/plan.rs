//! How much is measured.

use std::time::Duration;

/// How many launches, blocks and runs.
#[derive(Debug, Clone)]
pub struct Plan {
    /// How many launches.
    pub launches: u32,
    /// How many blocks each has: an even number, for every second one is a mirror.
    pub blocks: u32,
    /// How long a visit to a cell is to last: long against the first run after somebody else's, and short enough that
    /// a disturbance hits few of them.
    pub visit: Duration,
    /// The seed of the orders, and of the bootstrap.
    pub seed: u64,
    /// How long a launch may say nothing before it is taken for hung. It says something after each block.
    pub silence: Duration,
}

impl Plan {
    /// Always the same, so that two runs visit the cells in the same orders.
    const SEED: u64 = 20_260_101;

    /// Far more than any block takes, and little beside the whole run.
    const SILENCE: Duration = Duration::from_secs(90);

    /// A first impression: six launches are the fewest that allow any verdict.
    #[must_use]
    pub fn quick() -> Plan {
        Plan {
            launches: 6,
            blocks: 2,
            visit: Duration::from_millis(3),
            seed: Plan::SEED,
            silence: Plan::SILENCE,
        }
    }

    /// All of it: ten launches allow a verdict after a correction for a dozen comparisons.
    #[must_use]
    pub fn full() -> Plan {
        Plan {
            launches: 10,
            blocks: 12,
            visit: Duration::from_millis(15),
            ..Plan::quick()
        }
    }
}
