//! What every executor promises: one suite, run on each.
//!
//! The tasks are functions and closures that capture nothing, with serialisable arguments, and
//! their effects are seen through results and files, so that a worker may be another process.

mod any;
mod awaiting;
mod bounded;
mod callbacks;
mod cancel;
mod capturing;
mod completing;
mod composing;
mod counted;
mod counters;
mod dropping;
#[cfg(all(feature = "process", target_os = "linux"))]
mod forked;
mod map;
mod map_bounded;
mod map_options;
mod outcomes;
mod shutdown;
mod states;
#[cfg(feature = "shared")]
mod tokens;
mod waiting;
mod workers;
