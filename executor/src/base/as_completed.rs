//! Iterating over futures in the order in which they end.

use std::collections::VecDeque;
use std::fmt;
use std::time::Duration;

use super::any_future::AnyFuture;
use super::error::TimedOut;
use super::liveness::{self, Wait};
use super::wait::distinct;
use super::waiter::{Token, Waiter};
use crate::sync::{Arc, Deadline};

/// Yields futures as they end.
///
/// They may be futures or references to futures, from any executors. One that is given twice is
/// yielded once. Those that have ended already come first, in the order given; the rest in the
/// order in which they end. A cancelled future has ended. (Python's yields those first in any order, and a
/// cancelled one only when a worker has come across its task.)
///
/// What was yielded is not held any more. Dropping the iterator leaves the futures alone.
///
/// Inside a task or a callback, where none of those that are left could ever end, one is yielded all the same; its
/// [`result`](crate::Future::result) is the deadlock.
///
/// # Example
///
/// ```
/// use executor::as_completed;
///
/// # fn main() -> Result<(), executor::Error> {
/// let pool = executor::ThreadPoolExecutor::new(2)?;
/// let futures = [pool.submit(|| 1, ())?, pool.submit(|| 2, ())?];
/// let mut sum = 0;
/// for future in as_completed(futures) {
///     sum += future.result()?;
/// }
/// assert_eq!(sum, 3);
/// # Ok(())
/// # }
/// ```
pub fn as_completed<F: AnyFuture>(futures: impl IntoIterator<Item = F>) -> AsCompleted<F> {
    AsCompleted {
        pending: Pending::new(futures),
    }
}

/// Yields futures as they end, for at most `timeout` in all.
///
/// As [`as_completed`], but when the time is over the iterator yields [`TimedOut`] once, with the
/// number of futures that had not ended, and then ends itself. Futures whose end it was told of are
/// yielded however late it is. The clock starts at this call (in CPython, at the first `next`, though its documentation says otherwise). Inside a task
/// it runs nothing itself for which no worker is left, as the form without a timeout does: the time passes.
///
/// # Example
///
/// ```
/// use std::time::Duration;
///
/// use executor::{TimedOut, as_completed_timeout};
///
/// let (promise, one) = executor::promise();
/// let (_still_open, other) = executor::promise::<i32>();
/// promise.finish(Ok(42));
/// let mut ended = as_completed_timeout([&one, &other], Duration::from_millis(1));
/// assert_eq!(ended.next(), Some(Ok(&one)));
/// assert_eq!(ended.next(), Some(Err(TimedOut { unfinished: 1, total: 2 })));
/// assert_eq!(ended.next(), None);
/// ```
pub fn as_completed_timeout<F: AnyFuture>(
    futures: impl IntoIterator<Item = F>,
    timeout: Duration,
) -> AsCompletedTimeout<F> {
    AsCompletedTimeout {
        deadline: Deadline::after(timeout),
        pending: Pending::new(futures),
        timed_out: false,
    }
}

/// The iterator of [`as_completed`].
///
/// ```
/// let pool = executor::ThreadPoolExecutor::new(2)?;
/// let futures = [pool.submit(|| 1, ())?, pool.submit(|| 2, ())?];
/// let mut completed = executor::as_completed(&futures);
/// assert_eq!(completed.size_hint(), (2, Some(2)));
/// println!("{} came first", completed.next().expect("two of them").result()?);
/// # Ok::<(), executor::Error>(())
/// ```
#[must_use = "it waits for nothing until it is iterated over"]
pub struct AsCompleted<F: AnyFuture> {
    pending: Pending<F>,
}

impl<F: AnyFuture> Iterator for AsCompleted<F> {
    type Item = F;

    fn next(&mut self) -> Option<F> {
        self.pending.next(None).ok().flatten()
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.pending.left, Some(self.pending.left))
    }
}

impl<F: AnyFuture> ExactSizeIterator for AsCompleted<F> {}

impl<F: AnyFuture> fmt::Debug for AsCompleted<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.pending.fmt("AsCompleted", f)
    }
}

/// The iterator of [`as_completed_timeout`].
///
/// ```
/// use std::time::Duration;
///
/// let (_promise, never) = executor::promise::<u32>();
/// let mut completed = executor::as_completed_timeout([&never], Duration::ZERO);
/// assert_eq!(completed.next().expect("what became of it").unwrap_err().unfinished, 1);
/// assert!(completed.next().is_none());
/// ```
#[must_use = "it waits for nothing until it is iterated over"]
pub struct AsCompletedTimeout<F: AnyFuture> {
    pending: Pending<F>,
    deadline: Option<Deadline>,
    timed_out: bool,
}

impl<F: AnyFuture> Iterator for AsCompletedTimeout<F> {
    type Item = Result<F, TimedOut>;

    fn next(&mut self) -> Option<Result<F, TimedOut>> {
        if self.timed_out {
            return None;
        }
        let item = self.pending.next(self.deadline);
        self.timed_out = item.is_err();
        item.transpose()
    }
}

impl<F: AnyFuture> fmt::Debug for AsCompletedTimeout<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.pending.fmt("AsCompletedTimeout", f)
    }
}

/// The futures that were not yielded yet. More can be added at any time.
pub(crate) struct Pending<F: AnyFuture> {
    /// By token; `None` where the future was yielded.
    futures: Vec<Option<F>>,
    /// The tokens of those that were yielded: each told the waiter once and tells it no more, so
    /// another future can have its token.
    free: Vec<usize>,
    /// The tokens of those that had ended before they could be registered with.
    ended_before: VecDeque<usize>,
    waiter: Arc<Waiter>,
    total: usize,
    left: usize,
}

impl<F: AnyFuture> Pending<F> {
    pub(crate) fn new(futures: impl IntoIterator<Item = F>) -> Self {
        let futures: Vec<Option<F>> = distinct(futures).into_iter().map(Some).collect();
        let waiter = Arc::new(Waiter::new());
        let ended_before = (0..futures.len())
            .filter(|&token| {
                futures[token]
                    .as_ref()
                    .is_some_and(|future| !future.look().0.register_waiter(&waiter, token))
            })
            .collect();
        Pending {
            total: futures.len(),
            left: futures.len(),
            futures,
            free: Vec::new(),
            ended_before,
            waiter,
        }
    }

    /// Adds a future that is not among them.
    pub(crate) fn push(&mut self, future: F) {
        let token = self.free.pop().unwrap_or(self.futures.len());
        if !future.look().0.register_waiter(&self.waiter, token) {
            self.ended_before.push_back(token);
        }
        if token == self.futures.len() {
            self.futures.push(Some(future));
        } else {
            self.futures[token] = Some(future);
        }
        self.total += 1;
        self.left += 1;
    }

    /// Those that are left, in no order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &F> {
        self.futures.iter().flatten()
    }

    /// The next that has ended; `None` if none is left.
    pub(crate) fn next(&mut self, deadline: Option<Deadline>) -> Result<Option<F>, TimedOut> {
        while self.left > 0 {
            let Some((token, has_ended)) = self.next_token(deadline) else {
                return Err(TimedOut {
                    unfinished: self.left,
                    total: self.total,
                });
            };
            // Nothing is left there of one that was yielded before its end.
            if let Some(future) = self.futures[token].take() {
                self.left -= 1;
                if has_ended {
                    self.free.push(token);
                }
                return Ok(Some(future));
            }
        }
        Ok(None)
    }

    /// The token of a future that has ended, or of the first one if none ever will; and whether it has.
    fn next_token(&mut self, deadline: Option<Deadline>) -> Option<(Token, bool)> {
        if let Some(token) = self.ended_before.pop_front() {
            return Some((token, true));
        }
        let left = || self.futures.iter().flatten();
        let wait = || Wait::Any(left().map(|future| future.look().0.watched()).collect());
        match liveness::next(&self.waiter, deadline, wait) {
            Ok(token) => Some((token?, true)),
            Err(_) => Some((self.futures.iter().position(Option::is_some)?, false)),
        }
    }

    fn fmt(&self, name: &str, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{name}({} of {} left)", self.left, self.total)
    }
}

impl<F: AnyFuture> Drop for Pending<F> {
    fn drop(&mut self) {
        for future in self.futures.iter().flatten() {
            future.look().0.unregister_waiter(&self.waiter);
        }
    }
}
