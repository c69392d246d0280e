//! `AnyExecutor`: which executor, chosen at run time.

use std::time::Duration;

use crate::base::{Counters, Future, Refused, ThreadPoolExecutor};
use crate::executor::Executor;
#[cfg(all(feature = "process", target_os = "linux", target_env = "gnu"))]
use crate::process::ProcessPoolExecutor;
#[cfg(feature = "rayon")]
use crate::rayon_pool::RayonExecutor;
use crate::shutdown::{Shutdown, ShutdownOutcome};
use crate::task::{Payload, Task};

/// One of the executors of this crate, for programs that choose when they run.
///
/// # Example
///
/// ```
/// use executor::{AnyExecutor, Executor, RayonExecutor, ThreadPoolExecutor};
///
/// # fn main() -> Result<(), executor::Error> {
/// let steals_work = std::env::var_os("STEAL_WORK").is_some();
/// let pool: AnyExecutor = if steals_work {
///     RayonExecutor::new(2)?.into()
/// } else {
///     ThreadPoolExecutor::new(2)?.into()
/// };
/// assert_eq!(*pool.submit(|n: u64| n + 1, (41,))?.result()?, 42);
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
#[non_exhaustive]
pub enum AnyExecutor {
    /// Threads of this process.
    Threads(ThreadPoolExecutor),
    /// Threads of a rayon pool.
    #[cfg(feature = "rayon")]
    Rayon(RayonExecutor),
    /// Processes.
    #[cfg(all(feature = "process", target_os = "linux", target_env = "gnu"))]
    Processes(ProcessPoolExecutor),
}

/// Calls a method on whichever executor it is.
macro_rules! delegate {
    ($any:expr, $executor:ident => $call:expr) => {
        match $any {
            AnyExecutor::Threads($executor) => $call,
            #[cfg(feature = "rayon")]
            AnyExecutor::Rayon($executor) => $call,
            #[cfg(all(feature = "process", target_os = "linux", target_env = "gnu"))]
            AnyExecutor::Processes($executor) => $call,
        }
    };
}

impl Executor for AnyExecutor {
    fn submit<F, Args>(&self, task: F, args: Args) -> Result<Future<F::Output>, Refused<F, Args>>
    where
        F: Task<Args>,
        Args: Payload,
        F::Output: Payload,
    {
        delegate!(self, executor => executor.submit(task, args))
    }

    fn try_submit<F, Args>(
        &self,
        task: F,
        args: Args,
    ) -> Result<Future<F::Output>, Refused<F, Args>>
    where
        F: Task<Args>,
        Args: Payload,
        F::Output: Payload,
    {
        delegate!(self, executor => Executor::try_submit(executor, task, args))
    }

    fn submit_timeout<F, Args>(
        &self,
        task: F,
        args: Args,
        timeout: Duration,
    ) -> Result<Future<F::Output>, Refused<F, Args>>
    where
        F: Task<Args>,
        Args: Payload,
        F::Output: Payload,
    {
        delegate!(self, executor => Executor::submit_timeout(executor, task, args, timeout))
    }

    fn shutdown(&self, how: Shutdown) -> ShutdownOutcome {
        delegate!(self, executor => executor.shutdown(how))
    }

    fn counters(&self) -> Counters {
        delegate!(self, executor => executor.counters())
    }

    fn max_workers(&self) -> usize {
        delegate!(self, executor => executor.max_workers())
    }
}

impl From<ThreadPoolExecutor> for AnyExecutor {
    fn from(executor: ThreadPoolExecutor) -> AnyExecutor {
        AnyExecutor::Threads(executor)
    }
}

#[cfg(feature = "rayon")]
impl From<RayonExecutor> for AnyExecutor {
    fn from(executor: RayonExecutor) -> AnyExecutor {
        AnyExecutor::Rayon(executor)
    }
}

#[cfg(all(feature = "process", target_os = "linux", target_env = "gnu"))]
impl From<ProcessPoolExecutor> for AnyExecutor {
    fn from(executor: ProcessPoolExecutor) -> AnyExecutor {
        AnyExecutor::Processes(executor)
    }
}
