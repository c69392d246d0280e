//! `collect`: one future of the values of many.

use super::aftermath::{Aftermath, Consequence};
use super::derivation::{Derivation, Derived, Plan};
use super::error::TaskError;
use super::future::Future;
use super::observers::Callback;
use super::source::Source;
use crate::sync::{self, Arc, Mutex};

/// The values of all the futures, in their order, as one future.
///
/// The first that fails fails the new future with its error at once, and the first that is cancelled
/// cancels it; the others are cancelled first, where they have not started. Cancelling the new future
/// cancels them too. Of no futures, it has finished with no values.
///
/// Values are moved out where nobody else has the future any more, and cloned otherwise. A future that
/// is given twice leaves its value twice. They may be of any executors.
///
/// # Example
///
/// ```
/// use executor::{ThreadPoolExecutor, collect};
///
/// # fn main() -> Result<(), executor::Error> {
/// let pool = ThreadPoolExecutor::new(2)?;
/// let squares = (1..=3).map(|n| pool.submit(move || n * n, ()));
/// let squares = collect(squares.collect::<Result<Vec<_>, _>>()?);
/// let sum = squares.then(|squares| Ok(squares?.iter().sum::<i32>()));
/// assert_eq!(sum.into_result()?, 14);
/// # Ok(())
/// # }
/// ```
pub fn collect<T>(futures: impl IntoIterator<Item = Future<T>>) -> Future<Vec<T>>
where
    T: Clone + Send + Sync + 'static,
{
    let futures: Vec<Future<T>> = futures.into_iter().collect();
    let inputs = futures.clone();
    let plan = Gathering {
        // This call counts as one: no value is taken while it still holds futures of its own.
        left: futures.len() + 1,
        inputs,
    };
    let sources = futures.iter().map(Future::source).collect();
    let (derived, future) = Derived::new(plan, sources);
    let address = derived.address();
    let collected = Arc::new(Collected {
        derivation: Arc::clone(derived.derivation()),
        derived: Mutex::new(Some(derived)),
        _address: future.source(),
    });
    let mut aftermath = Aftermath::new();
    for input in futures {
        let collected = Arc::clone(&collected);
        let count = move |input: &Future<T>, aftermath: &mut Aftermath| match input.outcome() {
            Ok(_) => collected.count(aftermath),
            Err(error) => collected.fail(error, aftermath),
        };
        input.when_ended(Callback::new(address, count), &mut aftermath);
    }
    collected.count(&mut aftermath);
    aftermath.run();
    future
}

/// The futures that values are gathered of.
struct Gathering<T> {
    inputs: Vec<Future<T>>,
    /// How many of them have not ended.
    left: usize,
}

impl<T> Gathering<T> {
    /// Cancels those that have not started, and lets go of all.
    fn cancel_inputs(self, aftermath: &mut Aftermath) {
        for input in &self.inputs {
            input.cancel_into(aftermath);
        }
        // The destructors of values are the user's.
        drop(sync::catch_unwind(move || drop(self.inputs)));
    }
}

impl<T: Send + Sync + 'static> Plan for Gathering<T> {
    fn call_off(self, aftermath: &mut Aftermath) {
        self.cancel_inputs(aftermath);
    }

    fn steps_left(&self) -> usize {
        self.left
    }
}

/// The writing end, for whichever of the futures decides the outcome.
struct Collected<T: Clone + Send + Sync + 'static> {
    derivation: Arc<Derivation<Gathering<T>>>,
    derived: Mutex<Option<Derived<Vec<T>, Gathering<T>>>>,
    /// Callbacks that come after the end still say where the cell was: no other comes to lie there while they do.
    _address: Source,
}

impl<T: Clone + Send + Sync + 'static> Collected<T> {
    /// The writing end, for whoever has taken the plan.
    fn gather(&self, plan: Gathering<T>) -> Option<Gather<T>> {
        let derived = self.derived.lock().take()?;
        Some(Gather { plan, derived })
    }

    /// One of the futures has left a value.
    fn count(&self, aftermath: &mut Aftermath) {
        let last = |plan: &mut Gathering<T>| {
            plan.left -= 1;
            plan.left == 0
        };
        let plan = self.derivation.take_when(last);
        if let Some(gather) = plan.and_then(|plan| self.gather(plan)) {
            // Later, when the callbacks of the last one have let go of it.
            aftermath.push(Box::new(gather));
        } else {
            // Who waits for the rest may have counted on this one to fail.
            sync::graph().look_again_at_derived();
        }
    }

    /// One of the futures has left an error or was cancelled.
    fn fail(&self, error: TaskError, aftermath: &mut Aftermath) {
        let plan = self.derivation.take_early();
        if let Some(Gather { plan, derived }) = plan.and_then(|plan| self.gather(plan)) {
            plan.cancel_inputs(aftermath);
            derived.end(Err(error), aftermath);
        }
    }
}

/// Takes the values and leaves them.
struct Gather<T: Clone + Send + Sync + 'static> {
    plan: Gathering<T>,
    derived: Derived<Vec<T>, Gathering<T>>,
}

impl<T: Clone + Send + Sync + 'static> Consequence for Gather<T> {
    fn happen(self: Box<Self>, aftermath: &mut Aftermath) {
        let Gather { plan, derived } = *self;
        let inputs = plan.inputs.into_iter();
        // Cloning is the user's code.
        let values = sync::catch_unwind(|| inputs.map(Future::into_result).collect())
            .unwrap_or_else(|panic| Err(TaskError::Panicked(panic)));
        derived.end(values, aftermath);
    }

    fn derives(&self) -> Vec<usize> {
        let address = self.derived.address();
        address.iter().map(|address| address.get()).collect()
    }
}
