//! A future of whatever result, as those take it who wait for several.

use std::fmt;

use super::deadlock::Deadlock;
use super::future::Future;
use super::liveness::Watched;
use super::state::State;
use super::waiter::{Token, Waiter};
use crate::sync::{Arc, Deadline};

/// A future of any type of result, as [`wait`](crate::wait) and
/// [`as_completed`](crate::as_completed) take them.
///
/// A [`Future`] is one and a reference to one is one. To wait for futures of different results
/// together, name them `&dyn AnyFuture`:
///
/// ```
/// use executor::{AnyFuture, ReturnWhen, wait};
///
/// # fn main() -> Result<(), executor::Error> {
/// let pool = executor::ThreadPoolExecutor::new(2)?;
/// let number = pool.submit(|| 42, ())?;
/// let text = pool.submit(|| "forty-two", ())?;
/// let futures: [&dyn AnyFuture; 2] = [&number, &text];
/// assert!(wait(futures, ReturnWhen::AllCompleted).not_done.is_empty());
/// # Ok(())
/// # }
/// ```
pub trait AnyFuture: sealed::Sealed {
    /// Where the task stands.
    ///
    /// ```
    /// use executor::{AnyFuture, State};
    ///
    /// let (_promise, future) = executor::promise::<u32>();
    /// let futures: [&dyn AnyFuture; 1] = [&future];
    /// assert_eq!(futures[0].state(), State::Pending);
    /// ```
    fn state(&self) -> State;

    /// Whether the task finished with an error; a cancelled one did not.
    ///
    /// ```
    /// use executor::AnyFuture;
    ///
    /// let (promise, future) = executor::promise::<u32>();
    /// drop(promise);
    /// assert!(AnyFuture::failed(&future));
    /// ```
    fn failed(&self) -> bool;
}

impl<T> AnyFuture for Future<T> {
    fn state(&self) -> State {
        Future::state(self)
    }

    fn failed(&self) -> bool {
        self.done()
            && self.state() == State::Finished
            && matches!(self.handle.outcome(), Some(Err(_)))
    }
}

impl<F: AnyFuture + ?Sized> AnyFuture for &F {
    fn state(&self) -> State {
        (**self).state()
    }

    fn failed(&self) -> bool {
        (**self).failed()
    }
}

/// What waiting needs to know of a future, whatever its result.
pub(crate) trait Observed {
    fn address(&self) -> *const ();
    fn done(&self) -> bool;
    fn watched(&self) -> Arc<dyn Watched>;
    fn block_until(&self, deadline: Option<Deadline>) -> Result<bool, Arc<Deadlock>>;
    /// Runs its task in this thread, if that is pending and is its scope's to run wherever it is needed.
    fn run_if_scoped(&self) {}
    fn register_waiter(&self, waiter: &Arc<Waiter>, token: Token) -> bool;
    fn unregister_waiter(&self, waiter: &Arc<Waiter>);
}

impl<T> Observed for Future<T> {
    fn address(&self) -> *const () {
        self.handle.address()
    }

    fn done(&self) -> bool {
        Future::done(self)
    }

    fn watched(&self) -> Arc<dyn Watched> {
        self.handle.watched()
    }

    fn block_until(&self, deadline: Option<Deadline>) -> Result<bool, Arc<Deadlock>> {
        Future::block_until(self, deadline)
    }

    fn register_waiter(&self, waiter: &Arc<Waiter>, token: Token) -> bool {
        self.handle.register_waiter(waiter, token)
    }

    fn unregister_waiter(&self, waiter: &Arc<Waiter>) {
        self.handle.unregister_waiter(waiter);
    }
}

/// Keeps other types from claiming to be futures.
pub(crate) mod sealed {
    use super::{Future, Observed, fmt};

    /// A look at a future, for this crate's eyes.
    pub struct Look<'f>(pub(crate) &'f dyn Observed);

    impl fmt::Debug for Look<'_> {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            write!(f, "<Look at {:p}>", self.0.address())
        }
    }

    /// What a future can do that nobody else can.
    pub trait Sealed {
        #[doc(hidden)]
        fn look(&self) -> Look<'_>;
    }

    impl<T> Sealed for Future<T> {
        fn look(&self) -> Look<'_> {
            Look(self)
        }
    }

    impl<F: Sealed + ?Sized> Sealed for &F {
        fn look(&self) -> Look<'_> {
            (**self).look()
        }
    }
}
