//! The counter in shared memory, for tasks in processes: with its own lock, or as an atomic.

use std::sync::atomic::Ordering;

use executor::shared::{Atomic, Value};
use executor::{Error, Executor};
use serde::{Deserialize, Serialize};

use super::TASKS;
use super::line::meet;

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

    /// Adds one.
    ///
    /// # Panics
    ///
    /// If somebody has died or panicked with the lock.
    fn increment(&self);
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

    fn increment(&self) {
        *self.lock().expect("nobody dies with the lock") += 1;
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

    fn increment(&self) {
        // ORDERING: Relaxed, only the number matters.
        self.fetch_add(1, Ordering::Relaxed);
    }
}

/// A counter, and the line where the tasks meet.
#[derive(Debug)]
pub struct Counting<C> {
    counter: C,
    line: Atomic<u64>,
}

impl<C: SharedCounter> Counting<C> {
    /// With a counter at zero.
    ///
    /// # Errors
    ///
    /// The system has no memory for it.
    pub fn new() -> Result<Counting<C>, Error> {
        Ok(Counting {
            counter: C::zero()?,
            line: Atomic::new(0)?,
        })
    }

    /// So many increments by each of the tasks, to which the counter goes as an argument; what it shows
    /// then.
    ///
    /// # Errors
    ///
    /// A task was not accepted or failed.
    pub fn on(&self, executor: &impl Executor, increments: u64) -> Result<u64, Error> {
        let submit = || {
            let arguments = (self.counter.clone(), self.line.clone(), increments);
            executor.submit(increment_often::<C>, arguments)
        };
        let tasks: Vec<_> = (0..TASKS).map(|_| submit()).collect::<Result<_, _>>()?;
        for task in tasks {
            task.result()?;
        }
        self.counter.take()
    }
}

/// What a task does.
fn increment_often<C: SharedCounter>(counter: C, line: Atomic<u64>, increments: u64) {
    meet(&line);
    for _ in 0..increments {
        counter.increment();
    }
}

#[cfg(test)]
mod tests {
    use executor::ProcessPoolExecutor;

    use super::super::{EXPECTED, INCREMENTS};
    use super::*;

    #[test]
    fn no_increment_is_lost_between_processes() -> Result<(), Error> {
        fn count<C: SharedCounter>(pool: &ProcessPoolExecutor) -> Result<(), Error> {
            let counting = Counting::<C>::new()?;
            // The second time from zero again.
            for _ in 0..2 {
                assert_eq!(counting.on(pool, INCREMENTS)?, EXPECTED, "{}", C::NAME);
            }
            Ok(())
        }
        let pool = ProcessPoolExecutor::new(2)?;
        count::<Value<u64>>(&pool)?;
        count::<Atomic<u64>>(&pool)
    }
}
