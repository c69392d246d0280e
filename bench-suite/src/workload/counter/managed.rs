//! The counter that a manager holds, for tasks in processes or threads: with the manager's lock, as the
//! book's program does it, or by a function that the manager runs.

use executor::manager::{LockProxy, ValueProxy};
use executor::{Error, Executor, Manager};

use super::TASKS;

/// How an increment is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// Take the manager's lock, read, write, release: four round trips.
    ByTheBook,
    /// Have the manager run a function on the value: one.
    Call,
}

impl Way {
    /// Both.
    pub const ALL: [Way; 2] = [Way::ByTheBook, Way::Call];

    /// Its name in the report.
    pub const fn name(self) -> &'static str {
        match self {
            Way::ByTheBook => "manager value and lock",
            Way::Call => "manager value, by call",
        }
    }
}

/// A manager with a number and a lock.
#[derive(Debug)]
pub struct Managed {
    value: ValueProxy<u64>,
    lock: LockProxy,
    // Dropped last: its end is that of what it holds.
    manager: Manager,
}

impl Managed {
    /// Starts a manager.
    ///
    /// # Errors
    ///
    /// The system refused a process or a socket.
    pub fn start() -> Result<Managed, Error> {
        let manager = Manager::start()?;
        Ok(Managed {
            value: manager.value(0)?,
            lock: manager.lock()?,
            manager,
        })
    }

    /// The number.
    pub fn value(&self) -> &ValueProxy<u64> {
        &self.value
    }

    /// The manager's process.
    ///
    /// # Panics
    ///
    /// Never: the manager was started here.
    pub fn pid(&self) -> u32 {
        self.manager.pid().expect("this process has started it")
    }

    /// So many increments by each of the tasks, from zero; what the number is then.
    ///
    /// # Errors
    ///
    /// A task was not accepted or failed, or the manager is gone.
    pub fn count(&self, executor: &impl Executor, way: Way, increments: u64) -> Result<u64, Error> {
        self.value.set_value(0)?;
        let tasks: Vec<_> = (0..TASKS)
            .map(|_| {
                let (value, lock) = (self.value.clone(), self.lock.clone());
                Ok(match way {
                    Way::ByTheBook => executor.submit(by_the_book, (value, lock, increments))?,
                    Way::Call => executor.submit(by_call, (value, increments))?,
                })
            })
            .collect::<Result<_, Error>>()?;
        for task in tasks {
            task.result()?;
        }
        Ok(self.value.value()?)
    }
}

fn by_the_book(value: ValueProxy<u64>, lock: LockProxy, increments: u64) {
    const THERE: &str = "the manager is there";
    for _ in 0..increments {
        let held = lock.acquire().expect(THERE);
        let number = value.value().expect(THERE);
        value.set_value(number + 1).expect(THERE);
        // Not dropped: that would not wait for the manager, which the book's program does.
        held.release().expect(THERE);
    }
}

fn by_call(value: ValueProxy<u64>, increments: u64) {
    for _ in 0..increments {
        increment(&value);
    }
}

/// One increment, in one round trip.
///
/// # Panics
///
/// If the manager is gone.
pub fn increment(value: &ValueProxy<u64>) {
    let incremented = value.call(|number: &mut u64| *number += 1, ());
    incremented.expect("the manager is there");
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::backend::Backend;

    #[test]
    fn no_increment_is_lost_in_a_manager() -> Result<(), Error> {
        let managed = Managed::start()?;
        for backend in [Backend::Threads, Backend::Processes] {
            let pool = backend.pool(2)?;
            for way in Way::ALL {
                // The second time from zero again.
                for _ in 0..2 {
                    let got = managed.count(&pool, way, 300)?;
                    assert_eq!(got, 2 * 300, "{backend:?} {way:?}");
                }
            }
        }
        Ok(())
    }
}
