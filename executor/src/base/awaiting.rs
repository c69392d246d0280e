//! `.await` on a future, from any runtime and without one of ours.
//!
//! Whoever awaits leaves a waker with the future, once for each `.await`, and replaces it when it is
//! polled with another. Three can move: the one who polls, the one who ends the future, the one who
//! drops the `.await`.
//!
//! * The poll registers and then looks at the state, in the one operation that registering is: so
//!   either it finds the end, or whoever ends the future finds the waker.
//! * A replaced waker is taken off the list under the lock by which the newer one is put there: the
//!   one who ends the future finds one of the two, and the older only if it came first.
//! * The drop takes the waker off the list; if the end came first it is gone, or about to be woken
//!   for nothing, as wakers may be.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};

use super::error::TaskError;
use super::future::Future;

/// Waits for the task and lends its value, as [`result`](Future::result) does; made by `.await` on a
/// reference to a [`Future`].
///
/// ```
/// use std::pin::pin;
/// use std::task::{Context, Poll, Waker};
///
/// let (promise, future) = executor::promise();
/// let mut lent = pin!((&future).into_future());
/// let mut context = Context::from_waker(Waker::noop());
/// assert!(lent.as_mut().poll(&mut context).is_pending());
/// promise.finish(Ok(42));
/// assert!(matches!(lent.poll(&mut context), Poll::Ready(Ok(&42))));
/// ```
#[must_use = "it waits for nothing until it is polled"]
pub struct AwaitResult<'f, T> {
    future: &'f Future<T>,
    /// What the waker that was left with the future is known by there.
    waker: Option<u64>,
}

/// Waits for the task and gives its value, as [`into_result`](Future::into_result) does; made by
/// `.await` on a [`Future`].
///
/// ```
/// use std::pin::pin;
/// use std::task::{Context, Poll, Waker};
///
/// let (promise, future) = executor::promise();
/// let mut given = pin!(future.into_future());
/// let mut context = Context::from_waker(Waker::noop());
/// assert!(given.as_mut().poll(&mut context).is_pending());
/// promise.finish(Ok(42));
/// assert!(matches!(given.poll(&mut context), Poll::Ready(Ok(42))));
/// ```
#[must_use = "it waits for nothing until it is polled"]
pub struct AwaitIntoResult<T> {
    /// Gone when its value was given.
    future: Option<Future<T>>,
    /// What the waker that was left with the future is known by there.
    waker: Option<u64>,
}

impl<'f, T> std::future::Future for AwaitResult<'f, T> {
    type Output = Result<&'f T, TaskError>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let future = self.future;
        if future.register_waker(&mut self.waker, context.waker()) {
            Poll::Pending
        } else {
            Poll::Ready(future.outcome())
        }
    }
}

impl<T: Clone> std::future::Future for AwaitIntoResult<T> {
    type Output = Result<T, TaskError>;

    /// # Panics
    ///
    /// If it is polled again after it was ready.
    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let this = &mut *self;
        let future = this.future.as_ref().expect("polled after it was ready");
        if future.register_waker(&mut this.waker, context.waker()) {
            return Poll::Pending;
        }
        let future = this.end().expect("it was there just now");
        Poll::Ready(future.into_result())
    }
}

impl<T> AwaitIntoResult<T> {
    /// Takes the waker off the list, and the future out.
    fn end(&mut self) -> Option<Future<T>> {
        let future = self.future.take()?;
        if let Some(number) = self.waker.take() {
            future.unregister_waker(number);
        }
        Some(future)
    }
}

impl<T> Drop for AwaitResult<'_, T> {
    fn drop(&mut self) {
        if let Some(number) = self.waker.take() {
            self.future.unregister_waker(number);
        }
    }
}

impl<T> Drop for AwaitIntoResult<T> {
    fn drop(&mut self) {
        drop(self.end());
    }
}

/// A future can be awaited from any runtime; there is none of this crate's.
///
/// Gives the value, as [`into_result`](Future::into_result) does: moved out if this is the last
/// future of the task, cloned otherwise. A value that can't be cloned is lent: await a reference.
/// Dropping what awaits leaves the task alone, and nothing of itself with it.
///
/// The waker is woken once, by the thread that ends the task, with no lock held and after those
/// that wait in `result`. One that panics is reported by the panic hook, and harms nobody.
///
/// A poll is no wait, so it has none of what a wait inside a task has: a task that blocks on an `.await` of
/// something that no worker is left for, or that waits for it in turn, hangs, and nobody is told. There, use
/// [`result`](Future::result).
///
/// # Errors
///
/// What kept the task from leaving a value; see [`TaskError`].
///
/// # Example
///
/// ```
/// # use std::pin::pin;
/// # use std::task::{Context, Poll, Wake, Waker};
/// # struct Unpark(std::thread::Thread);
/// # impl Wake for Unpark {
/// #     fn wake(self: std::sync::Arc<Self>) { self.0.unpark() }
/// # }
/// # fn block_on<F: Future>(future: F) -> F::Output {
/// #     let mut future = pin!(future);
/// #     let waker = Waker::from(std::sync::Arc::new(Unpark(std::thread::current())));
/// #     loop {
/// #         match future.as_mut().poll(&mut Context::from_waker(&waker)) {
/// #             Poll::Ready(output) => return output,
/// #             Poll::Pending => std::thread::park(),
/// #         }
/// #     }
/// # }
/// use executor::ThreadPoolExecutor;
///
/// async fn double(pool: &ThreadPoolExecutor, n: u64) -> Result<u64, executor::Error> {
///     let future = pool.submit(move || n * 2, ())?;
///     Ok(future.await?)
/// }
///
/// # fn main() -> Result<(), executor::Error> {
/// let pool = ThreadPoolExecutor::new(2)?;
/// // `block_on` is any runtime's.
/// assert_eq!(block_on(double(&pool, 21))?, 42);
/// # Ok(())
/// # }
/// ```
impl<T: Clone> IntoFuture for Future<T> {
    type Output = Result<T, TaskError>;
    type IntoFuture = AwaitIntoResult<T>;

    fn into_future(self) -> AwaitIntoResult<T> {
        AwaitIntoResult {
            future: Some(self),
            waker: None,
        }
    }
}

/// Lends the value, as [`result`](Future::result) does; otherwise as `.await` on the future itself.
///
/// # Errors
///
/// What kept the task from leaving a value; see [`TaskError`].
///
/// # Example
///
/// ```
/// # fn main() -> Result<(), executor::Error> {
/// async fn length(future: &executor::Future<String>) -> Result<usize, executor::Error> {
///     Ok(future.await?.len())
/// }
/// # Ok(())
/// # }
/// ```
impl<'f, T> IntoFuture for &'f Future<T> {
    type Output = Result<&'f T, TaskError>;
    type IntoFuture = AwaitResult<'f, T>;

    fn into_future(self) -> AwaitResult<'f, T> {
        AwaitResult {
            future: self,
            waker: None,
        }
    }
}

impl<T> fmt::Debug for AwaitResult<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("AwaitResult").field(self.future).finish()
    }
}

impl<T> fmt::Debug for AwaitIntoResult<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("AwaitIntoResult")
            .field(&self.future)
            .finish()
    }
}
