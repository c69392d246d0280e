//! What every pool shares: futures, waiting for them, and the thread pool.
//!
//! Named after the `_base` module of CPython's `concurrent.futures`. These files are compiled
//! twice: here, where `crate::sync` is the standard library's, and in `loom-tests`, where it is
//! loom's. So whatever synchronises is taken from `crate::sync`, and nothing else is.

pub(crate) mod admitted;
pub(crate) mod aftermath;
pub(crate) mod any_future;
pub(crate) mod as_completed;
mod awaiting;
pub(crate) mod callback_thread;
pub(crate) mod cell;
mod collect;
pub(crate) mod core;
pub(crate) mod counters;
mod deadlock;
mod derivation;
mod error;
pub(crate) mod future;
pub(crate) mod keeper;
pub(crate) mod liveness;
pub(crate) mod observers;
pub(crate) mod promise;
pub(crate) mod queue;
pub(crate) mod queued_task;
mod refused;
pub(crate) mod room;
pub(crate) mod scoped;
pub(crate) mod source;
pub(crate) mod stack;
pub(crate) mod state;
mod then;
mod thread_pool;
mod wait;
pub(crate) mod waiter;

pub use any_future::AnyFuture;
pub use as_completed::{AsCompleted, AsCompletedTimeout, as_completed, as_completed_timeout};
pub use awaiting::{AwaitIntoResult, AwaitResult};
pub use collect::collect;
pub use counters::Counters;
pub use deadlock::{Deadlock, DeadlockedWait};
pub use error::{
    BuildError, Failure, Panic, SubmitError, TaskError, TimedOut, WorkerDeath, WorkerExit,
};
pub use future::Future;
pub use liveness::WhenStarved;
pub use promise::{Promise, promise};
pub use refused::Refused;
pub use state::State;
pub use thread_pool::{ThreadPoolBuilder, ThreadPoolExecutor};
pub use wait::{DoneAndNotDone, ReturnWhen, wait, wait_timeout};
