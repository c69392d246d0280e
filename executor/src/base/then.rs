//! `then` and `flatten`: a future made of another one's outcome.

use std::any::type_name;

use super::aftermath::Aftermath;
use super::derivation::{Derived, Plan};
use super::error::TaskError;
use super::future::Future;
use crate::sync;

/// The function that is called with the outcome.
struct Call<F>(F);

impl<F: Send + 'static> Plan for Call<F> {
    fn call_off(self, _aftermath: &mut Aftermath) {
        drop(sync::catch_unwind(move || drop(self.0)));
    }
}

/// Whatever the inner future leaves.
struct Whatever;

impl Plan for Whatever {
    fn call_off(self, _aftermath: &mut Aftermath) {}
}

impl<T> Future<T> {
    /// Calls `function` with the outcome of this future when there is one; the future of what it
    /// returns.
    ///
    /// An error is passed on by `?`, or made a value. What the function returns is the outcome of the
    /// new future; `Err(TaskError::Cancelled)` makes it a cancelled one, so that who passes errors on
    /// passes a cancel on too. A panic is the new future's error.
    ///
    /// The function is called where a callback would be, in the order of adding; see
    /// [`add_done_callback`](Future::add_done_callback). If this future has ended that is in this very
    /// call. So a long one is better submitted to a pool, and the future of that [flattened]. Chains
    /// may be as long as they like: each function is called when the one before has returned, and not
    /// by it. (A function that itself calls `then` on what has ended does run the next one inside: a loop made of
    /// such steps takes stack for each.)
    ///
    /// Cancelling the new future drops the function, if it was not called yet, and leaves this future
    /// alone, which others may wait for. Dropping the new future changes nothing: the function is
    /// called.
    ///
    /// [flattened]: Future::flatten
    ///
    /// # Example
    ///
    /// ```
    /// use executor::{TaskError, ThreadPoolExecutor};
    ///
    /// # fn main() -> Result<(), executor::Error> {
    /// let pool = ThreadPoolExecutor::new(2)?;
    /// let number = pool.submit(|| 21, ())?;
    /// let doubled = number.then(|outcome| Ok(outcome? * 2));
    /// assert_eq!(doubled.into_result()?, 42);
    ///
    /// let failing = pool.submit(|| -> i32 { panic!("no number") }, ())?;
    /// let mended = failing
    ///     .then(|outcome| Ok(outcome? * 2))
    ///     .then(|outcome| Ok(outcome.copied().unwrap_or(0)));
    /// assert_eq!(mended.into_result()?, 0);
    /// # Ok(())
    /// # }
    /// ```
    pub fn then<U, F>(&self, function: F) -> Future<U>
    where
        T: Send + Sync,
        U: Send + 'static,
        F: FnOnce(Result<&T, TaskError>) -> Result<U, TaskError> + Send + 'static,
    {
        let (derived, future) = Derived::new(Call(function), vec![self.source()]);
        let mut aftermath = Aftermath::new();
        let call = derived.callback(move |derived, source: &Future<T>, aftermath| {
            if let Some(Call(function)) = derived.derivation().take() {
                let running = derived.running(type_name::<F>());
                let outcome = sync::catch_unwind(|| function(source.outcome()))
                    .unwrap_or_else(|panic| Err(TaskError::Panicked(panic)));
                drop(running);
                derived.end(outcome, aftermath);
            }
        });
        self.when_ended(call, &mut aftermath);
        aftermath.run();
        future
    }
}

impl<T: Clone + Send + Sync + 'static> Future<Future<T>> {
    /// The outcome of the future that this future leaves.
    ///
    /// For functions of [`then`](Future::then) that submit tasks. What keeps this future from leaving a
    /// future is the new future's error, or cancels it. Cancelling the new future leaves both alone.
    ///
    /// # Errors
    ///
    /// The new future's error is [`TaskError::Cycle`] if the inner future itself waits for the new one,
    /// in any number of steps of `then`, `flatten` and [`collect`](crate::collect): neither could ever
    /// end.
    ///
    /// # Example
    ///
    /// ```
    /// use std::sync::Arc;
    ///
    /// use executor::ThreadPoolExecutor;
    ///
    /// # fn main() -> Result<(), executor::Error> {
    /// let pool = Arc::new(ThreadPoolExecutor::new(2)?);
    /// let number = pool.submit(|| 21, ())?;
    /// let on = Arc::clone(&pool);
    /// let doubled = number
    ///     .then(move |outcome| {
    ///         let number = *outcome?;
    ///         Ok(on.submit(move || number * 2, ())?)
    ///     })
    ///     .flatten();
    /// assert_eq!(doubled.into_result()?, 42);
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn flatten(&self) -> Future<T> {
        let (derived, future) = Derived::new(Whatever, vec![self.source()]);
        let own = future.source();
        let mut aftermath = Aftermath::new();
        let pass_on = derived.callback(move |derived, outer: &Future<Future<T>>, aftermath| {
            let inner = match outer.outcome() {
                Ok(inner) => inner,
                Err(error) => return end(derived, Err(error), aftermath),
            };
            // First the link and then the look: of several that close a circle together, each with
            // its own link, the last to make it finds the others'.
            derived.derivation().depend_on(vec![inner.source()]);
            sync::graph().look_again_at_derived();
            if inner.source().reaches(&own) {
                return end(derived, Err(TaskError::Cycle), aftermath);
            }
            let pass_on = derived.callback(|derived, inner: &Future<T>, aftermath| {
                // Cloning is the user's code.
                let outcome = sync::catch_unwind(|| inner.outcome().cloned())
                    .unwrap_or_else(|panic| Err(TaskError::Panicked(panic)));
                end(derived, outcome, aftermath);
            });
            inner.when_ended(pass_on, aftermath);
        });
        self.when_ended(pass_on, &mut aftermath);
        aftermath.run();
        future
    }
}

/// Ends it unless it was cancelled.
fn end<T: Send>(
    derived: Derived<T, Whatever>,
    outcome: Result<T, TaskError>,
    aftermath: &mut Aftermath,
) {
    if let Some(Whatever) = derived.derivation().take() {
        derived.end(outcome, aftermath);
    }
}
