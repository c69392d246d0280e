//! The files of `executor/src/base`, compiled against shuttle, and scenarios that are too big for loom.
//!
//! Shuttle samples schedules where loom explores them all, so a scenario can have eight threads and thirty tasks. A
//! scenario's claim is the second argument of [`harness::scenario`]. The claims of `process/` and the protocols of
//! `shared/` are not here: loom has all of their schedules.
//!
//! The flag is shuttle's own, beside loom's, although shuttle needs none: without it `cargo test` would build shuttle
//! and proptest and sample schedules for minutes, and under loom's flag there would be two checkers in one run.
#![cfg(shuttle)]

#[path = "../../../executor/src/base/mod.rs"]
#[expect(
    dead_code,
    unreachable_pub,
    unused_imports,
    reason = "these files are a library's; the scenarios call what they need of it"
)]
mod base;
mod sync;

mod canaries;
mod cancelling;
mod deadlock;
mod deriving;
mod harness;
mod histories;
mod idle;
mod nesting;
mod payload;
mod room;
mod runs;
mod scopes;
mod shutdown;
mod submitting;
mod waiting;
