//! Executor.

mod base;
mod executor;
mod map;
mod panics;
#[cfg(all(feature = "process", target_os = "linux"))]
mod process;
#[cfg(feature = "rayon")]
mod rayon_pool;
mod serde_error;
mod spin;
mod sync;
mod task;

pub use base::{
    AnyFuture, AsCompleted, AsCompletedTimeout, BuildError, DoneAndNotDone, Error, Failure, Future,
    Panic, Promise, ReturnWhen, State, SubmitError, TaskError, ThreadPoolBuilder,
    ThreadPoolExecutor, TimedOut, WorkerDeath, WorkerExit, as_completed, as_completed_timeout,
    promise, wait, wait_timeout,
};
pub use executor::{Executor, Shutdown};
pub use map::Map;
#[cfg(all(feature = "process", target_os = "linux"))]
pub use process::{ProcessPoolBuilder, ProcessPoolExecutor};
#[cfg(feature = "rayon")]
pub use rayon_pool::RayonExecutor;
pub use task::{Fallible, Payload, Task, TaskOnce, fallible};
