//! Scenarios that a pool of workers is to pass: a contract, properties, and programs that deadlock.
//!
//! They know a pool by two traits, [`Pool`] and [`Handle`]; whoever has another pool writes these two for it and calls
//! [`check`] in a test. Each scenario runs in a process of its own, so that one that hangs or takes the process down is
//! a [`Verdict`] and not the end of the run. The README is a guide; `pools.md` is what came of some pools, ours and others'.
//!
//! ```
//! use std::thread::{self, JoinHandle};
//! use conformance::{Failure, Handle, Pool, Refused};
//!
//! /// A thread for each task: as a pool it is wrong, and `check` would say in what.
//! struct Threads;
//!
//! struct Answer<T>(JoinHandle<T>);
//!
//! impl Pool for Threads {
//!     type Handle<T: Send + 'static> = Answer<T>;
//!
//!     fn start(_workers: usize) -> Self {
//!         Threads
//!     }
//!
//!     fn submit<T, F>(&self, task: F) -> Result<Answer<T>, Refused>
//!     where
//!         T: Send + 'static,
//!         F: FnOnce() -> T + Send + 'static,
//!     {
//!         Ok(Answer(thread::spawn(task)))
//!     }
//! }
//!
//! impl<T: Send + 'static> Handle<T> for Answer<T> {
//!     fn join(self) -> Result<T, Failure> {
//!         self.0.join().map_err(|_| Failure::Lost)
//!     }
//! }
//!
//! assert_eq!(Threads::start(2).submit(|| 42).unwrap().join(), Ok(42));
//! ```
//!
//! The contract suite of the `executor` crate asks for more, on three executors; here is what can be asked of anybody's.
#![forbid(unsafe_code)]

mod check;
mod contract;
mod deadlocks;
mod gate;
mod pool;
mod properties;
mod scenario;
mod table;

pub use check::check;
pub use pool::{Failure, Handle, Pool, Refused, Within};
pub use scenario::Verdict;
pub use table::Row;
