//! A reference to an executor is one.

use std::time::Duration;

use super::Executor;
use crate::base::{Counters, Future, Refused};
use crate::shutdown::{Shutdown, ShutdownOutcome};
use crate::task::{Payload, Task};

/// So a function that takes an `impl Executor` by value also takes a reference. (An `Arc` is passed as `&*pool`. It is
/// no executor itself: then `pool.submit(…)` would be the trait's also where the pool's own takes more.)
impl<E: Executor> Executor for &E {
    fn submit<F, Args>(&self, task: F, args: Args) -> Result<Future<F::Output>, Refused<F, Args>>
    where
        F: Task<Args>,
        Args: Payload,
        F::Output: Payload,
    {
        E::submit(self, task, args)
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
        E::try_submit(self, task, args)
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
        E::submit_timeout(self, task, args, timeout)
    }

    fn shutdown(&self, how: Shutdown) -> ShutdownOutcome {
        E::shutdown(self, how)
    }

    fn counters(&self) -> Counters {
        E::counters(self)
    }

    fn max_workers(&self) -> usize {
        E::max_workers(self)
    }
}
