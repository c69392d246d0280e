//! The table of lanes: each with its tool, its command, and how to read from its output how much it checked.

use std::time::Duration;

use reports::evidence::Counted;

use crate::counting::{self, Tally};
use crate::tool::Tool;

/// How thorough a run is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    /// Every day.
    Short,
    /// Now and then: hours.
    Long,
}

/// One tool with one command.
#[derive(Debug)]
pub(crate) struct Lane {
    pub(crate) name: &'static str,
    /// What it checks, for whoever chooses.
    pub(crate) checks: &'static str,
    pub(crate) tool: Tool,
    /// For a shell, at the root of the repository.
    pub(crate) short: &'static str,
    pub(crate) long: &'static str,
    pub(crate) counted: Counted,
    pub(crate) count: fn(&str, Form) -> Result<Tally, String>,
    /// A lane that takes longer hangs.
    pub(crate) limit: Duration,
}

impl Lane {
    pub(crate) fn command(&self, form: Form) -> &'static str {
        match form {
            Form::Short => self.short,
            Form::Long => self.long,
        }
    }
}

const fn minutes(minutes: u64) -> Duration {
    Duration::from_secs(60 * minutes)
}

const CONTRACT: &str = "scripts/contract";
const KILL_MATRIX: &str = "scripts/kill-matrix";
const POOLS: &str = "cargo test -p conformance --test pools -- --show-output";
const FAULTS: &str = "cargo test -p executor --lib -- faults::";

/// Every lane, in the order of a run: what fails soonest comes first.
pub(crate) const ALL: [Lane; 15] = [
    Lane {
        name: "std",
        checks: "unit, integration and documentation tests of the workspace",
        tool: Tool::Cargo,
        short: "cargo test",
        long: "cargo test",
        counted: Counted::Tests,
        count: counting::tests,
        limit: minutes(60),
    },
    Lane {
        name: "contract",
        checks: "what every executor promises, on each of them",
        tool: Tool::Cargo,
        short: CONTRACT,
        long: CONTRACT,
        counted: Counted::Cases,
        count: counting::contract,
        limit: minutes(30),
    },
    Lane {
        name: "pools",
        checks: "scenarios for anybody's pool, on ours, others' and a wrong one",
        tool: Tool::Cargo,
        short: POOLS,
        long: POOLS,
        counted: Counted::Cases,
        count: counting::pools,
        limit: minutes(30),
    },
    Lane {
        name: "properties",
        checks: "random cases compared with reference models",
        tool: Tool::Library("proptest"),
        short: "scripts/properties",
        long: "scripts/properties --long",
        counted: Counted::Cases,
        count: counting::properties,
        limit: minutes(240),
    },
    Lane {
        name: "loom",
        checks: "models of the core's own sources under every schedule, up to their bounds",
        tool: Tool::Library("loom"),
        short: "scripts/loom",
        long: "scripts/loom --include-ignored",
        counted: Counted::Interleavings,
        count: counting::loom,
        limit: minutes(120),
    },
    Lane {
        name: "kill-matrix",
        checks: "whether the models find the bugs that are planted in those sources",
        tool: Tool::Library("loom"),
        short: KILL_MATRIX,
        long: KILL_MATRIX,
        counted: Counted::SeededBugs,
        count: counting::kill_matrix,
        limit: minutes(60),
    },
    Lane {
        name: "shuttle",
        checks: "schedules, at random and by priorities, of what is too big for loom",
        tool: Tool::Library("shuttle"),
        short: "scripts/shuttle",
        long: "scripts/shuttle --long",
        counted: Counted::Schedules,
        count: counting::shuttle,
        limit: minutes(120),
    },
    Lane {
        name: "faults",
        checks: "workers and managers that misbehave at each step of their protocols",
        tool: Tool::Cargo,
        short: FAULTS,
        long: FAULTS,
        counted: Counted::Tests,
        count: counting::tests,
        limit: minutes(60),
    },
    Lane {
        name: "deadlocks",
        checks: "what ends with an error where others hang, many times beside a busy core",
        tool: Tool::Cargo,
        short: "scripts/repeat 20 deadlock::",
        long: "scripts/repeat --release 1000 deadlock::",
        counted: Counted::Cases,
        count: counting::deadlocks,
        limit: minutes(240),
    },
    Lane {
        name: "fuzz",
        checks: "the fuzz targets' assertions, on inputs that properties make up",
        tool: Tool::Library("proptest"),
        short: "cargo test -p executor --lib -- forged:: --show-output",
        long: "PROPTEST_CASES=65536 cargo test -p executor --lib -- forged:: --show-output",
        counted: Counted::Cases,
        count: counting::forged,
        limit: minutes(120),
    },
    Lane {
        name: "asan",
        checks: "the library's tests under AddressSanitizer",
        tool: Tool::Nightly("AddressSanitizer"),
        short: "scripts/sanitize",
        long: "scripts/sanitize",
        counted: Counted::Tests,
        count: counting::tests,
        limit: minutes(120),
    },
    Lane {
        name: "valgrind",
        checks: "unit tests of unsafe code, and the tests of futures, under memcheck",
        tool: Tool::Program("valgrind"),
        short: "scripts/valgrind",
        long: "scripts/valgrind",
        counted: Counted::Tests,
        count: counting::tests,
        limit: minutes(60),
    },
    Lane {
        name: "miri",
        checks: "the tests of futures under Miri, with many seeds",
        tool: Tool::Nightly("Miri"),
        short: "scripts/miri",
        long: "scripts/miri --long",
        counted: Counted::Tests,
        count: counting::tests,
        limit: minutes(240),
    },
    Lane {
        name: "tsan",
        checks: "the library's tests under ThreadSanitizer",
        tool: Tool::Nightly("ThreadSanitizer"),
        short: "scripts/sanitize --threads",
        long: "scripts/sanitize --threads",
        counted: Counted::Tests,
        count: counting::tests,
        limit: minutes(120),
    },
    Lane {
        name: "mutants",
        checks: "whether tests and models find edits that a tool makes in the core",
        tool: Tool::Program("cargo-mutants"),
        short: "scripts/mutants --minutes 8",
        long: "scripts/mutants",
        counted: Counted::Mutants,
        count: counting::mutants,
        limit: minutes(600),
    },
];
