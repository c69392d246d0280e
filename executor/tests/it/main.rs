//! The integration tests of the crate, one module per subject.
//!
//! `contract` runs on every executor of `backends`; what only one kind promises stands beside it.
//! `gate` holds the tools of the scenarios, `watchdog` keeps them from hanging, and `alone` gives
//! a scenario a process of its own, for counts that belong to a whole process.
// The models' flag changes nothing here, and they take long enough without it.
#![cfg(not(loom))]

mod alone;
mod backends;
mod block_on;
mod contract;
mod deadlock;
#[cfg(all(
    feature = "process",
    feature = "rayon",
    target_os = "linux",
    target_env = "gnu"
))]
mod examples;
mod exit;
mod futures;
mod gate;
mod leaks;
#[cfg(all(feature = "manager", target_os = "linux", target_env = "gnu"))]
mod manager;
#[cfg(all(feature = "process", target_os = "linux", target_env = "gnu"))]
mod process;
mod properties;
mod scope;
#[cfg(all(feature = "shared", target_os = "linux", target_env = "gnu"))]
mod shared;
mod sizes;
#[cfg(feature = "tracing")]
mod spans;
mod stress;
mod threads;
mod watchdog;
