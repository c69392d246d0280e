//! The counter in shared memory, for tasks in processes: with its own lock, or as an atomic.

use std::sync::atomic::Ordering;

use executor::shared::{Atomic, Value};
use executor::{Error, Executor, Task};
use serde::{Deserialize, Serialize};

use super::TASKS;

/// A counter that processes share.
pub trait SharedCounter:
    Clone + Serialize + for<'de> Deserialize<'de> + Send + Sync + 'static
{
    /// Its name in the report.
    const NAME: &'static str;

    /// A new one at zero.
    ///
    /// # Errors
    ///
    /// The system has no memory for it.
    fn zero() -> Result<Self, Error>;

    /// Sets it back to zero, while no task has it; what it showed.
    ///
    /// # Errors
    ///
    /// A task has died or panicked with the lock.
    fn take(&self) -> Result<u64, Error>;

    /// What a task does: so many increments.
    fn task() -> impl Task<(Self, u64), Output = ()>;
}

impl SharedCounter for Value<u64> {
    const NAME: &'static str = "shared-memory lock";

    fn zero() -> Result<Value<u64>, Error> {
        Ok(Value::new(0)?)
    }

    fn take(&self) -> Result<u64, Error> {
        let mut value = self.lock()?;
        Ok(std::mem::take(&mut *value))
    }

    fn task() -> impl Task<(Value<u64>, u64), Output = ()> {
        |counter: Value<u64>, increments: u64| {
            for _ in 0..increments {
                *counter.lock().expect("nobody dies with the lock") += 1;
            }
        }
    }
}

impl SharedCounter for Atomic<u64> {
    const NAME: &'static str = "shared atomic";

    fn zero() -> Result<Atomic<u64>, Error> {
        Ok(Atomic::new(0)?)
    }

    fn take(&self) -> Result<u64, Error> {
        // ORDERING: Relaxed, who waits for the tasks sees what they did.
        Ok(self.swap(0, Ordering::Relaxed))
    }

    fn task() -> impl Task<(Atomic<u64>, u64), Output = ()> {
        |counter: Atomic<u64>, increments: u64| {
            for _ in 0..increments {
                // ORDERING: Relaxed, only the number matters.
                counter.fetch_add(1, Ordering::Relaxed);
            }
        }
    }
}

/// So many increments by each of the tasks, to which the counter goes as an argument; what it shows
/// then.
///
/// # Errors
///
/// A task was not accepted or failed.
pub fn on<C: SharedCounter>(
    executor: &impl Executor,
    counter: &C,
    increments: u64,
) -> Result<u64, Error> {
    let tasks: Vec<_> = (0..TASKS)
        .map(|_| executor.submit(C::task(), (counter.clone(), increments)))
        .collect::<Result<_, _>>()?;
    for task in tasks {
        task.result()?;
    }
    counter.take()
}

#[cfg(test)]
mod tests {
    use executor::ProcessPoolExecutor;

    use super::super::{EXPECTED, INCREMENTS};
    use super::*;

    #[test]
    fn no_increment_is_lost_between_processes() -> Result<(), Error> {
        fn count<C: SharedCounter>(pool: &ProcessPoolExecutor) -> Result<(), Error> {
            let counter = C::zero()?;
            // The second time from zero again.
            for _ in 0..2 {
                assert_eq!(on(pool, &counter, INCREMENTS)?, EXPECTED, "{}", C::NAME);
            }
            Ok(())
        }
        let pool = ProcessPoolExecutor::new(2)?;
        count::<Value<u64>>(&pool)?;
        count::<Atomic<u64>>(&pool)
    }
}
