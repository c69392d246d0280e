//! Processes as workers. Linux with glibc, which alone gives a constructor the arguments of `main`.
//!
//! A worker is this same executable, started again. A constructor that runs before `main`
//! recognises it and serves tasks instead of going on; so the program calls nothing and registers
//! nothing.

mod child;
mod descriptor;
mod entry;
mod pool;
mod remote;
mod state;
mod supervisor;
mod transport;
mod wire;
mod worker;

pub use pool::{ProcessPoolBuilder, ProcessPoolExecutor};
