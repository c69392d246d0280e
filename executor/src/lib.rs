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
//! # A tour
//!
//! **Submit** a function and the tuple of its arguments to an executor, and get a [`Future`]: the result, now or
//! later. What the task can't say by its result it says by an error: it panicked, it failed (a [`fallible`]
//! task's own error), it was cancelled, its worker died ([`TaskError`]).
//!
//! ```
//! use executor::{TaskError, ThreadPoolExecutor, fallible};
//!
//! # fn main() -> Result<(), executor::Error> {
//! let pool = ThreadPoolExecutor::new(2)?;
//! let sum = pool.submit(|a: u32, b: u32| a + b, (2, 3))?;
//! assert_eq!(*sum.result()?, 5); // lent, as often as you like; into_result() gives it away
//!
//! let number = pool.submit(fallible(str::parse::<u32>), ("six",))?;
//! assert!(matches!(number.result(), Err(TaskError::Failed(_))));
//! # Ok(())
//! # }
//! ```
//!
//! **Map** a function over many items, and get the results in their order ([`Executor::map`]):
//!
//! ```
//! # use executor::{Executor, ThreadPoolExecutor};
//! # fn main() -> Result<(), executor::Error> {
//! # let pool = ThreadPoolExecutor::new(2)?;
//! let lengths: Vec<usize> = pool
//!     .map(|word: String| word.len(), ["one", "three"].map(str::to_owned))?
//!     .collect::<Result<_, _>>()?;
//! assert_eq!(lengths, [3, 5]);
//! # Ok(())
//! # }
//! ```
//!
//! **Wait** for several, of any executors: for the first, the first error or all ([`wait`]), or for one after the
//! other as they end ([`as_completed`]); both also for a limited time. **Be told** of the end instead, by
//! [`Future::add_done_callback`].
//!
//! ```
//! # use executor::ThreadPoolExecutor;
//! use executor::{ReturnWhen, as_completed, wait};
//!
//! # fn main() -> Result<(), executor::Error> {
//! # let pool = ThreadPoolExecutor::new(2)?;
//! let futures = [pool.submit(|| 1, ())?, pool.submit(|| 2, ())?];
//! let first = wait(&futures, ReturnWhen::FirstCompleted);
//! assert!(!first.done.is_empty());
//! let mut sum = 0;
//! for future in as_completed(futures) {
//!     sum += future.result()?;
//! }
//! assert_eq!(sum, 3);
//! # Ok(())
//! # }
//! ```
//!
//! **Go on** with what a future will leave: [`Future::then`] and [`Future::flatten`] make futures of futures,
//! [`collect`] makes one of many, and `.await` waits for one on any async runtime.
//!
//! ```
//! # use executor::ThreadPoolExecutor;
//! use executor::collect;
//!
//! # fn main() -> Result<(), executor::Error> {
//! # let pool = ThreadPoolExecutor::new(2)?;
//! let squares = [3, 4].map(|n| pool.submit(move || n * n, ()));
//! let squares = collect(squares.into_iter().collect::<Result<Vec<_>, _>>()?);
//! let sum = squares.then(|squares| Ok(squares?.iter().sum::<i32>()));
//! assert_eq!(sum.into_result()?, 25);
//! # Ok(())
//! # }
//! ```
//!
//! **Borrow** from the stack of the caller, in tasks of a [`scope`](ThreadPoolExecutor::scope).
//!
//! **Cancel** what has not begun ([`Future::cancel`]), and ask what runs to end ([`CancellationToken`]). **End** an
//! executor: dropping it waits for what it has accepted, [`Executor::shutdown`] can also leave that to itself, wait
//! for so long at most, or cancel what has not begun. **Hold back** who submits faster than tasks end, by a limit to
//! the queue ([`queue_limit`](ThreadPoolBuilder::queue_limit)). **Write** a future from elsewhere by a [`Promise`].
//!
//! **Swap** the executor. A function over `&impl Executor` runs on each of them; [`AnyExecutor`] is one that is
//! chosen at run time.
//!
//! * [`ThreadPoolExecutor`]: the default choice. The least overhead for a task, closures that
//!   capture, results that need not be serialisable.
//! * [`RayonExecutor`]: for tasks that use rayon inside.
//! * [`ProcessPoolExecutor`]: for tasks that may crash, leak, or change the process they run in: a
//!   dead worker costs the task that it ran and is replaced. In Rust it is no faster than threads:
//!   there is no global lock to get away from.
//!
//! **Share** state among tasks, if you must: by [`shared`] memory, or a [`Manager`].
//!
//! # Pages
//!
//! * [`coming_from_python`]: each name of Python's modules, its counterpart here, and each difference.
//! * [`which_pool`]: which executor for what, and what they cost.
//! * [`sharing`]: which way to share state, what it costs, and the traps.
//! * [What a worker process lacks](ProcessPoolExecutor#what-a-worker-lacks).
//!
//! # What is promised
//!
//! 1. Failures end futures: a task that panics, a worker that dies, a promise that is dropped, a
//!    pool that breaks, each ends its futures with an error that says so ([`TaskError`]). So does a wait
//!    inside a task that could never end, because tasks wait for each other in a circle or for workers
//!    that all wait: [`TaskError::Deadlock`] says who waits for whom. (Your own locks and channels are not
//!    part of that. Nor is an `.await`, which is a poll and no wait that could be seen: inside a task, use
//!    [`result`](Future::result).)
//!    The program's panic hook still sees a task's panic first, and by default prints it.
//! 2. A task runs at most once, and a cancelled one never.
//! 3. No lock of this crate is held while code of yours runs: tasks, callbacks, destructors. (One exception,
//!    by its nature: [`Proxy::call`] has the lock of its object, in the manager.)
//! 4. A dropped executor leaves no thread and no process behind. (Dropped by one of its own tasks or
//!    callbacks, or by a task that one of its own waits for, it can't wait for that, and they end by
//!    themselves.)
//!
//! # Features
//!
//! `tracing`, off by default: each task has a span of [tracing](https://docs.rs/tracing), a child of the
//! span in which it was submitted, and runs within it. A worker process has no subscriber of its parent's;
//! there the span has events in the parent, when the task is submitted and when it has finished.
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
mod cancellation;
#[cfg(all(
    feature = "manager",
    feature = "rayon",
    feature = "shared",
    target_os = "linux",
    target_env = "gnu"
))]
pub mod coming_from_python;
#[cfg(test)]
mod core_steps;
mod error;
mod executor;
#[cfg(unix)]
mod forked;
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
mod scope;
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
mod shutdown;
mod spin;
mod sync;
mod task;
mod trace;
#[cfg(all(
    feature = "manager",
    feature = "rayon",
    feature = "shared",
    target_os = "linux",
    target_env = "gnu"
))]
pub mod which_pool;

pub use any_executor::AnyExecutor;
pub use base::{
    AnyFuture, AsCompleted, AsCompletedTimeout, AwaitIntoResult, AwaitResult, BuildError, Counters,
    Deadlock, DeadlockedWait, DoneAndNotDone, Failure, Future, Panic, Promise, Refused, ReturnWhen,
    State, SubmitError, TaskError, ThreadPoolBuilder, ThreadPoolExecutor, TimedOut, WhenStarved,
    WorkerDeath, WorkerExit, as_completed, as_completed_timeout, collect, promise, wait,
    wait_timeout,
};
pub use cancellation::CancellationToken;
pub use error::Error;
pub use executor::Executor;
#[cfg(all(feature = "manager", target_os = "linux", target_env = "gnu"))]
pub use manager::{Manager, ManagerError, Proxy};
pub use map::{Map, MapError, MapOptions, MapWith, Single};
#[cfg(all(feature = "process", target_os = "linux", target_env = "gnu"))]
pub use process::{OnWorkerDeath, ProcessPoolBuilder, ProcessPoolExecutor};
#[cfg(feature = "rayon")]
pub use rayon_pool::{RayonBuilder, RayonExecutor};
pub use scope::{Scope, ScopedFuture};
#[cfg(all(feature = "shared", target_os = "linux", target_env = "gnu"))]
pub use shared::{LockProblem, SharedError};
pub use shutdown::{Shutdown, ShutdownOutcome};
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
