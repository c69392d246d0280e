//! Python's `concurrent.futures` model: one [`Executor`] trait over threads, processes and rayon,
//! and futures that can be shared, cancelled, waited for and iterated over as they complete.
//!
//! ```
//! use executor::{Executor, ProcessPoolExecutor, ThreadPoolExecutor};
//!
//! /// The terms `first..=last` of the Leibniz series, times four.
//! fn partial_pi(first: u64, last: u64) -> f64 {
//!     (first..=last)
//!         .map(|k| if k % 2 == 1 { 4.0 } else { -4.0 } / (2 * k - 1) as f64)
//!         .sum()
//! }
//!
//! fn pi(executor: &impl Executor, terms: u64) -> Result<f64, executor::Error> {
//!     let low = executor.submit(partial_pi, (1, terms / 2))?;
//!     let high = executor.submit(partial_pi, (terms / 2 + 1, terms))?;
//!     Ok(low.result()? + high.result()?)
//! }
//!
//! # fn main() -> Result<(), executor::Error> {
//! let pool = ProcessPoolExecutor::new(2)?; // ThreadPoolExecutor::new(2)? changes nothing else
//! let value = pi(&pool, 100_000)?;
//! assert!((value - std::f64::consts::PI).abs() < 1e-4);
//! # assert_eq!(value, pi(&ThreadPoolExecutor::new(2)?, 100_000)?);
//! # Ok(())
//! # } // drop = shutdown and wait, as the end of Python's `with`
//! ```
//!
//! # What to call
//!
//! * [`Executor::submit`] gives a [`Future`]; its [`result`](Future::result) waits and lends the
//!   value, [`into_result`](Future::into_result) gives it away: `pool.submit(f, (x,))?.into_result()?`.
//!   [`Executor::map`] yields the results of many in the order of the items.
//! * [`wait`] waits for several futures, [`as_completed`] yields them as they end.
//! * [`Future::cancel`] keeps a task from starting; [`Future::add_done_callback`] is told of the
//!   end.
//! * [`fallible`] makes a task's own error the error of its future.
//! * [`Executor::shutdown`] ends an executor; so does dropping it.
//!
//! * State that tasks share: [`shared`] memory, or a [`Manager`]; which of them, see [`sharing`].
//!
//! # Coming from Python
//!
//! | Python | here |
//! |---|---|
//! | `submit(f, 1, 2)` | `submit(f, (1, 2))?` |
//! | `future.result()`, `result(timeout=t)` | [`result`](Future::result), [`result_timeout`](Future::result_timeout) |
//! | `future.exception()` | [`error`](Future::error) |
//! | a task that raises | [`fallible`] |
//! | `set_running_or_notify_cancel`, `set_result` | [`Promise::claim`], [`Promise::finish`] |
//! | `wait(fs, timeout=t)` | [`wait_timeout`]; for futures of different results, [`AnyFuture`] |
//! | `as_completed(fs, timeout=t)` | [`as_completed_timeout`] |
//! | `map(f, xs, chunksize=n)` | [`map_chunked`](Executor::map_chunked) |
//! | `shutdown(wait=…, cancel_futures=…)` | [`shutdown`](Executor::shutdown) with a [`Shutdown`] |
//! | the end of a `with` block | drop |
//! | `ProcessPoolExecutor(initializer=f, initargs=(x,))` | [`initializer(f, (x,))`](ProcessPoolBuilder::initializer) |
//! | `max_tasks_per_child=n` | [`max_tasks_per_child`](ProcessPoolBuilder::max_tasks_per_child) |
//! | `terminate_workers()`, `kill_workers()` | [the same](ProcessPoolExecutor::terminate_workers) |
//! | `BrokenProcessPool` on any worker's death | [`TaskError::WorkerDied`] for the task that it ran; as Python with [`OnWorkerDeath::Break`] |
//! | `multiprocessing.Value`, `Array`, `Lock`, `Event`, … | [`shared`] |
//! | `multiprocessing.Manager()` and its proxies | [`Manager`], [`Proxy`]; see [`manager`] |
//! | `if __name__ == "__main__"` | nothing; see [what a worker lacks](ProcessPoolExecutor#what-a-worker-lacks) |
//!
//! # Which executor
//!
//! * [`ThreadPoolExecutor`]: the default choice. The least overhead for a task, closures that
//!   capture, results that need not be serialisable.
//! * [`RayonExecutor`]: for tasks that use rayon inside.
//! * [`ProcessPoolExecutor`]: for tasks that may crash, leak, or change the process they run in: a
//!   dead worker costs the task that it ran and is replaced. In Rust it is no faster than threads:
//!   there is no global lock to get away from.
//! * [`AnyExecutor`]: chosen at run time.
//!
//! # What is promised
//!
//! 1. Failures end futures: a task that panics, a worker that dies, a promise that is dropped, a
//!    pool that breaks, each ends its futures with an error that says so ([`TaskError`]). Tasks that
//!    wait for each other in a circle are not found out yet, nor tasks that wait for others of their
//!    own pool when all its workers do; they wait for ever, as in Python.
//!    The program's panic hook still sees a task's panic first, and by default prints it.
//! 2. A task runs at most once, and a cancelled one never.
//! 3. No lock of this crate is held while code of yours runs: tasks, callbacks, destructors. (One exception,
//!    by its nature: [`Proxy::call`] has the lock of its object, in the manager.)
//! 4. A dropped executor leaves no thread and no process behind. (Dropped by one of its own tasks or
//!    callbacks it can't wait for that, and they end by themselves.)
//!
//! # Features
//!
//! `rayon` ([`RayonExecutor`]), `process` ([`ProcessPoolExecutor`]), `shared` ([`shared`]) and `manager`
//! ([`Manager`]), all on by default; the last three are for Linux with glibc.

mod any_executor;
#[cfg_attr(
    not(all(feature = "process", target_os = "linux", target_env = "gnu")),
    expect(
        dead_code,
        reason = "some of it is for the process pool, which is left out"
    )
)]
mod base;
mod error;
mod executor;
#[cfg(test)]
mod liveness_oracle;
#[cfg(all(feature = "manager", target_os = "linux", target_env = "gnu"))]
pub mod manager;
mod map;
mod panics;
#[cfg(all(feature = "process", target_os = "linux", target_env = "gnu"))]
mod process;
#[cfg(all(
    any(feature = "manager", feature = "shared"),
    target_os = "linux",
    target_env = "gnu"
))]
mod random;
#[cfg(feature = "rayon")]
mod rayon_pool;
mod serde_error;
#[cfg(all(feature = "shared", target_os = "linux", target_env = "gnu"))]
pub mod shared;
#[cfg(all(
    feature = "manager",
    feature = "shared",
    target_os = "linux",
    target_env = "gnu"
))]
pub mod sharing;
mod spin;
mod sync;
mod task;

pub use any_executor::AnyExecutor;
pub use base::{
    AnyFuture, AsCompleted, AsCompletedTimeout, BuildError, Deadlock, DeadlockedWait,
    DoneAndNotDone, Failure, Future, Panic, Promise, ReturnWhen, State, SubmitError, TaskError,
    ThreadPoolBuilder, ThreadPoolExecutor, TimedOut, WhenStarved, WorkerDeath, WorkerExit,
    as_completed, as_completed_timeout, promise, wait, wait_timeout,
};
pub use error::Error;
pub use executor::{Executor, Shutdown};
#[cfg(all(feature = "manager", target_os = "linux", target_env = "gnu"))]
pub use manager::{Manager, ManagerError, Proxy};
pub use map::Map;
#[cfg(all(feature = "process", target_os = "linux", target_env = "gnu"))]
pub use process::{Counters, OnWorkerDeath, ProcessPoolBuilder, ProcessPoolExecutor};
#[cfg(feature = "rayon")]
pub use rayon_pool::{RayonBuilder, RayonExecutor};
#[cfg(all(feature = "shared", target_os = "linux", target_env = "gnu"))]
pub use shared::{LockProblem, SharedError};
pub use task::{Fallible, Payload, Task, TaskOnce, fallible};

/// For the targets of `fuzz/`, and there only when they are built.
#[cfg(fuzzing)]
#[doc(hidden)]
pub mod forged {
    use crate::manager::forged::Script;
    use crate::process::forged::{Stream, check_value};

    /// Any bytes, as a description of what arrives on a channel.
    pub fn stream(bytes: &[u8]) {
        Stream::described_by(bytes).check();
    }

    /// Any bytes, as a description of what clients send to a manager.
    pub fn request(bytes: &[u8]) {
        Script::described_by(bytes).check();
    }

    /// Any bytes, as a payload.
    pub fn value(bytes: &[u8]) {
        check_value(bytes);
    }
}
