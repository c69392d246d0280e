//! Waiting for several futures.

use std::collections::HashSet;
use std::time::Duration;

use super::any_future::{AnyFuture, Observed};
use super::liveness::{self, Wait, Watched};
use super::waiter::Waiter;
use crate::sync::{Arc, Deadline, bug};

/// When [`wait`] returns.
///
/// ```
/// use executor::{ReturnWhen, TaskError, promise, wait};
///
/// let (failing, one) = promise::<()>();
/// let (_still_open, other) = promise::<()>();
/// failing.finish(Err(TaskError::Lost));
/// let outcome = wait([&one, &other], ReturnWhen::FirstException);
/// assert_eq!((outcome.done, outcome.not_done), (vec![&one], vec![&other]));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
pub enum ReturnWhen {
    /// When at least one future has ended.
    FirstCompleted,
    /// When one has failed, or all have ended. Being cancelled is not failing.
    FirstException,
    /// When all have ended.
    #[default]
    AllCompleted,
}

/// The futures that had ended when [`wait`] returned, and the rest.
///
/// Each of the distinct futures that were waited for is in one of the two, in the order in which
/// they were given. One that ended between the wake-up and the look is counted as done.
///
/// ```
/// use std::time::Duration;
///
/// let (promise, first) = executor::promise();
/// let (_promise, second) = executor::promise::<u32>();
/// promise.finish(Ok(1));
/// let all = executor::ReturnWhen::AllCompleted;
/// let wait = executor::wait_timeout([&first, &second], all, Duration::ZERO);
/// assert_eq!((wait.done, wait.not_done), (vec![&first], vec![&second]));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DoneAndNotDone<F> {
    /// Those that had ended: finished or cancelled.
    pub done: Vec<F>,
    /// Those that had not.
    pub not_done: Vec<F>,
}

/// Waits for futures.
///
/// They may be futures or references to futures, from any executors. One that is given twice
/// counts once. Nothing to wait for returns at once. A cancelled future has ended. (In Python it has not
/// until a worker comes across its task, which after a shutdown is never.)
///
/// Inside a task or a callback it also returns when the wait could never end, because tasks wait for each other or
/// for workers that wait; then the [`result`](crate::Future::result) of one that has not ended says so.
///
/// # Example
///
/// ```
/// use executor::{ReturnWhen, wait};
///
/// # fn main() -> Result<(), executor::Error> {
/// let pool = executor::ThreadPoolExecutor::new(2)?;
/// let futures = [pool.submit(|| 1, ())?, pool.submit(|| 2, ())?];
/// let outcome = wait(&futures, ReturnWhen::AllCompleted);
/// assert_eq!(outcome.done.len(), 2);
/// assert!(outcome.not_done.is_empty());
/// # Ok(())
/// # }
/// ```
pub fn wait<F: AnyFuture>(
    futures: impl IntoIterator<Item = F>,
    return_when: ReturnWhen,
) -> DoneAndNotDone<F> {
    wait_until(futures, return_when, None)
}

/// Waits for futures for at most `timeout`.
///
/// As [`wait`], but returns what has ended when the time is over; that is no error. A zero timeout
/// looks and does not wait. Inside a task the thread runs nothing of what it waits for itself, though no
/// worker may be left for it.
///
/// # Example
///
/// ```
/// use std::time::Duration;
///
/// use executor::{ReturnWhen, wait_timeout};
///
/// let (promise, future) = executor::promise();
/// let outcome = wait_timeout([&future], ReturnWhen::AllCompleted, Duration::from_millis(1));
/// assert_eq!(outcome.not_done, [&future]);
/// promise.finish(Ok(42));
/// assert_eq!(*future.result()?, 42);
/// # Ok::<(), executor::Error>(())
/// ```
pub fn wait_timeout<F: AnyFuture>(
    futures: impl IntoIterator<Item = F>,
    return_when: ReturnWhen,
    timeout: Duration,
) -> DoneAndNotDone<F> {
    wait_until(futures, return_when, Deadline::after(timeout))
}

fn wait_until<F: AnyFuture>(
    futures: impl IntoIterator<Item = F>,
    return_when: ReturnWhen,
    deadline: Option<Deadline>,
) -> DoneAndNotDone<F> {
    let futures = distinct(futures);
    match return_when {
        // Nobody may have to run them but who waits, and for that it must say that it needs them all.
        ReturnWhen::AllCompleted if liveness::concerns_this_thread() => {
            if deadline.is_none() {
                futures
                    .iter()
                    .for_each(|future| future.look().0.run_if_scoped());
            }
            wait_for_one(&futures, deadline, Wait::All, |_| false);
        }
        // Whoever needs them all can wait for one after the other.
        ReturnWhen::AllCompleted => {
            for future in &futures {
                if !matches!(future.look().0.block_until(deadline), Ok(true)) {
                    break;
                }
            }
        }
        ReturnWhen::FirstCompleted => {
            wait_for_one(&futures, deadline, Wait::Any, |_| true);
        }
        // Any of them may fail.
        ReturnWhen::FirstException => {
            wait_for_one(&futures, deadline, Wait::Any, AnyFuture::failed);
        }
    }
    let (done, not_done) = futures
        .into_iter()
        .partition(|future| future.look().0.done());
    DoneAndNotDone { done, not_done }
}

/// Waits until a future has ended that `is_enough`, or all have, or the deadline has passed, or to wait
/// for `kind` of those that are left would be a deadlock.
fn wait_for_one<F: AnyFuture>(
    futures: &[F],
    deadline: Option<Deadline>,
    kind: fn(Vec<Arc<dyn Watched>>) -> Wait,
    is_enough: impl Fn(&F) -> bool,
) {
    if futures
        .iter()
        .any(|future| future.look().0.done() && is_enough(future))
    {
        return;
    }
    let registered = Registered::new(futures);
    for &token in &registered.ended_before {
        if is_enough(&futures[token]) {
            return;
        }
    }
    let left = || {
        let left = futures.iter().map(|future| future.look().0);
        let left = left.filter(|future| !future.done());
        kind(left.map(Observed::watched).collect())
    };
    for _ in 0..registered.pending {
        match liveness::next(&registered.waiter, deadline, left) {
            Ok(Some(token)) if !is_enough(&futures[token]) => {}
            Ok(_) | Err(_) => return,
        }
    }
}

/// A waiter that is registered with each of some futures, by its index.
struct Registered<'f, F: AnyFuture> {
    waiter: Arc<Waiter>,
    futures: &'f [F],
    /// Those that had ended before they could be registered with.
    ended_before: Vec<usize>,
    /// How many will tell the waiter.
    pending: usize,
}

impl<'f, F: AnyFuture> Registered<'f, F> {
    fn new(futures: &'f [F]) -> Self {
        let waiter = Arc::new(Waiter::new());
        let ended_before: Vec<usize> = (0..futures.len())
            .filter(|&token| !futures[token].look().0.register_waiter(&waiter, token))
            .collect();
        Registered {
            pending: futures.len() - ended_before.len(),
            waiter,
            futures,
            ended_before,
        }
    }
}

impl<F: AnyFuture> Drop for Registered<'_, F> {
    fn drop(&mut self) {
        for future in self.futures {
            future.look().0.unregister_waiter(&self.waiter);
        }
    }
}

/// The futures without those that came before, in their order.
pub(crate) fn distinct<F: AnyFuture>(futures: impl IntoIterator<Item = F>) -> Vec<F> {
    let mut seen = HashSet::new();
    futures
        .into_iter()
        .filter(|future| seen.insert(future.look().0.address()) || bug!(CountsDuplicates))
        .collect()
}
