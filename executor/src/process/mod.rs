//! Processes as workers. Linux with glibc, which alone gives a constructor the arguments of `main`.
//!
//! A worker is this same executable, started again. A constructor that runs before `main`
//! recognises it and serves tasks instead of going on; so the program calls nothing and registers
//! nothing.
//!
//! ```text
//! the face       pool  options
//! a task         remote (its writing end)  kept (who knows whether it has begun)
//! the parent     shared ▸ state ▸ roster (a worker and what is on its way to it)
//!                supervisor  watch  inbox (who reads)  child (the process)
//! the worker     entry (before main)  worker  leave  invocation ▸ descriptor (which function)
//! between them   transport ▸ socket ▸ wire (frames), assembler ▸ content ▸ codec (values) ▸ bulk, memory (large ones)
//!                passing (descriptors that values bring)
//!                page ▸ claim (who has a task)
//! ```

pub(crate) mod assembler;
mod bulk;
pub(crate) mod child;
mod claim;
pub(crate) mod codec;
pub(crate) mod content;
pub(crate) mod descriptor;
pub(crate) mod entry;
#[cfg(test)]
pub(crate) mod faults;
#[cfg(any(test, fuzzing))]
pub(crate) mod forged;
mod inbox;
pub(crate) mod invocation;
mod kept;
pub(crate) mod leave;
pub(crate) mod memory;
mod options;
mod page;
#[cfg_attr(
    not(any(test, feature = "manager", feature = "shared")),
    expect(dead_code, reason = "what brings descriptors is left out")
)]
pub(crate) mod passing;
mod place;
mod pool;
mod remote;
mod roster;
mod shared;
pub(crate) mod socket;
mod state;
mod supervisor;
mod transport;
mod watch;
pub(crate) mod wire;
pub(crate) mod worker;

pub use options::{OnWorkerDeath, ProcessPoolBuilder};
pub use pool::ProcessPoolExecutor;
