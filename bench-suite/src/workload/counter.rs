//! A counter that all tasks increment: nothing but contention.

pub mod clients;

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use executor::{AnyExecutor, Error, Future, ReturnWhen, SubmitError, wait};

/// Increments of one task.
pub const INCREMENTS: u64 = 10_000;

/// How many tasks share a counter: the same for every worker count, so that the work is too.
pub fn tasks() -> u64 {
    let machine = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    (machine as u64).max(8)
}

/// What a counter must show at the end.
pub fn expected() -> u64 {
    tasks() * INCREMENTS
}

/// A counter that survives being incremented by several tasks at once.
pub trait Counter: Send + Sync + 'static {
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
    fn new() -> Atomic {
        Atomic(AtomicU64::new(0))
    }

    fn increment(&self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }

    fn value(&self) -> u64 {
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
    for _ in 0..tasks() {
        increment_often(std::hint::black_box(&counter));
    }
    counter.value()
}

/// All the increments, a task for each [`INCREMENTS`]; what the counter shows then.
///
/// # Errors
///
/// A task was not accepted or failed.
///
/// # Panics
///
/// If the executor's tasks can't share memory with the caller.
pub fn on<C: Counter>(executor: &AnyExecutor) -> Result<u64, Error> {
    let counter = Arc::new(C::new());
    let futures: Vec<_> = (0..tasks())
        .map(|_| submit(executor, Arc::clone(&counter)))
        .collect::<Result<_, _>>()?;
    for future in wait(futures, ReturnWhen::AllCompleted).done {
        future.result()?;
    }
    Ok(counter.value())
}

fn submit<C: Counter>(executor: &AnyExecutor, counter: Arc<C>) -> Result<Future<()>, SubmitError> {
    let task = move || increment_often(&*counter);
    match executor {
        AnyExecutor::Threads(pool) => pool.submit(task, ()),
        AnyExecutor::Rayon(pool) => pool.submit(task, ()),
        other => panic!("{other:?} does not share memory with its tasks"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::backend::Backend;

    #[test]
    fn no_increment_is_lost() -> Result<(), Error> {
        assert_eq!(sequential::<Locked>(), expected());
        assert_eq!(sequential::<Atomic>(), expected());
        for backend in Backend::SHARING {
            let pool = backend.pool(2)?;
            assert_eq!(on::<Locked>(&pool)?, expected());
            assert_eq!(on::<Atomic>(&pool)?, expected());
        }
        Ok(())
    }
}
