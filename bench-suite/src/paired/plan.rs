//! How much is measured.
//!
//! A whole `cargo bench` is to take eight minutes at most on two quiet processors once it is built, and a quick one a minute
//! and a half. Criterion's part takes somewhat more than half of that, so the paired run has three and a half minutes, or
//! 35 seconds. A launch starts each cell and runs it once, which takes about three seconds, most of them CPython's, for
//! which a quick run has no time; then come the blocks. Fourteen cells have something to be confirmed and are visited in
//! all blocks; a hundred are explored, in two.

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
    /// How long a run of a cell may take, or else it is left out.
    pub longest_run: Duration,
    /// Of how many tasks a launch measures the waits, on each backend.
    pub waits: usize,
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

    /// With ten launches these are enough for the last percentile, beyond which one in a thousand lies: ten have to, and
    /// these leave room for a launch that fails.
    const WAITS: usize = 1_200;

    /// A first impression: six launches are the fewest that allow any verdict.
    #[must_use]
    pub fn quick() -> Plan {
        Plan {
            launches: 6,
            blocks: 2,
            visit: Duration::from_millis(2),
            longest_run: Duration::from_millis(100),
            waits: 400,
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
            longest_run: Duration::from_secs(10),
            waits: Plan::WAITS,
            ..Plan::quick()
        }
    }
}
