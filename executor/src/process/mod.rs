//! Processes as workers. Linux with glibc, which alone gives a constructor the arguments of `main`.
//!
//! A worker is this same executable, started again. A constructor that runs before `main`
//! recognises it and serves tasks instead of going on; so the program calls nothing and registers
//! nothing.

mod bulk;
mod child;
mod claim;
mod codec;
mod descriptor;
mod entry;
mod inbox;
mod kept;
mod memory;
mod options;
mod page;
mod pool;
mod remote;
mod roster;
mod shared;
mod state;
mod supervisor;
mod transport;
mod watch;
mod wire;
mod worker;

pub use options::{OnWorkerDeath, ProcessPoolBuilder};
pub use pool::{Counters, ProcessPoolExecutor};
