//! The counter in the memory of one process, for tasks that share it.

use std::hint::black_box;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use executor::{AnyExecutor, Error, Future, ReturnWhen, SubmitError, wait};

use super::line::meet;
use super::{INCREMENTS, TASKS};

/// A counter that survives being incremented by several tasks at once.
pub trait Counter: Send + Sync + 'static {
    /// Its name in the report.
    const NAME: &'static str;

    /// A new one at zero.
    fn new() -> Self;

    /// Adds one.
    fn increment(&self);

    /// What it shows.
    fn value(&self) -> u64;
}

/// A number under a mutex.
#[derive(Debug)]
pub struct Locked(Mutex<u64>);

impl Counter for Locked {
    const NAME: &'static str = "mutex";

    fn new() -> Locked {
        Locked(Mutex::new(0))
    }

    fn increment(&self) {
        // Read and written under the lock, as the example does.
        let mut value = self.0.lock().expect("nothing panics under the lock");
        *value += 1;
    }

    fn value(&self) -> u64 {
        *self.0.lock().expect("nothing panics under the lock")
    }
}

/// A number that is added to in one indivisible step.
#[derive(Debug)]
pub struct Atomic(AtomicU64);

impl Counter for Atomic {
    const NAME: &'static str = "atomic";

    fn new() -> Atomic {
        Atomic(AtomicU64::new(0))
    }

    fn increment(&self) {
        // ORDERING: Relaxed, only the number matters.
        self.0.fetch_add(1, Ordering::Relaxed);
    }

    fn value(&self) -> u64 {
        // ORDERING: Relaxed, who waits for the tasks sees what they did.
        self.0.load(Ordering::Relaxed)
    }
}

fn increment_often<C: Counter>(counter: &C) {
    for _ in 0..INCREMENTS {
        counter.increment();
    }
}

/// All the increments, by one thread; what the counter shows then.
pub fn sequential<C: Counter>() -> u64 {
    let counter = C::new();
    for _ in 0..TASKS {
        increment_often(black_box(&counter));
    }
    counter.value()
}

/// All the increments, by the tasks; what the counter shows then.
///
/// # Errors
///
/// A task was not accepted or failed.
///
/// # Panics
///
/// If the executor's tasks can't share memory with the caller.
pub fn on<C: Counter>(executor: &AnyExecutor) -> Result<u64, Error> {
    let shared = Arc::new((C::new(), AtomicU64::new(0)));
    let futures: Vec<_> = (0..TASKS)
        .map(|_| submit(executor, Arc::clone(&shared)))
        .collect::<Result<_, _>>()?;
    for future in wait(futures, ReturnWhen::AllCompleted).done {
        future.result()?;
    }
    Ok(shared.0.value())
}

/// Submits a task that increments the counter once all have come to the line.
fn submit<C: Counter>(
    executor: &AnyExecutor,
    shared: Arc<(C, AtomicU64)>,
) -> Result<Future<()>, SubmitError> {
    let task = move || {
        let (counter, line) = &*shared;
        meet(line);
        increment_often(counter);
    };
    let submitted = match executor {
        AnyExecutor::Threads(pool) => pool.submit(task, ()),
        AnyExecutor::Rayon(pool) => pool.submit(task, ()),
        other => panic!("{other:?} does not share memory with its tasks"),
    };
    Ok(submitted?)
}

#[cfg(test)]
mod tests {
    use super::super::EXPECTED;
    use super::*;
    use crate::backend::Backend;

    #[test]
    fn no_increment_is_lost() -> Result<(), Error> {
        assert_eq!(sequential::<Locked>(), EXPECTED);
        assert_eq!(sequential::<Atomic>(), EXPECTED);
        for backend in Backend::SHARING {
            let pool = backend.pool(2)?;
            assert_eq!(on::<Locked>(&pool)?, EXPECTED);
            assert_eq!(on::<Atomic>(&pool)?, EXPECTED);
        }
        Ok(())
    }
}
