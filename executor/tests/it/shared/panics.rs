//! Panics under a guard.

use std::panic::{AssertUnwindSafe, catch_unwind};

use executor::shared::{Array, Lock, LockError, RLock, Value};
use executor::{Executor, LockProblem, TaskError};

use crate::backends::{Backend, on_every_executor};
use crate::watchdog::watch;

fn a_panic_under_a_guard_poisons_until_somebody_recovers<B: Backend>() {
    let pool = B::pool(1);
    let value = Value::new(12).unwrap();
    let panic = |value: Value<u32>| {
        let mut guard = value.lock().expect("it is well");
        *guard = 13;
        panic!("on purpose");
    };
    let task = pool.submit(panic, (value.clone(),)).unwrap();
    let result: Result<(), _> = task.into_result();
    assert!(matches!(result, Err(TaskError::Panicked(_))), "{result:?}");
    // A look changes nothing.
    for _ in 0..2 {
        assert_eq!(value.get(), Err(LockProblem::Poisoned));
        assert_eq!(value.set(1), Err(LockProblem::Poisoned));
        match value.lock() {
            Err(LockError::Poisoned(found)) => assert_eq!(*found, 13),
            other => panic!("{other:?}"),
        }
    }
    let Err(LockError::Poisoned(found)) = value.try_lock() else {
        panic!("it is poisoned")
    };
    *found.recover() = 14;
    assert_eq!(value.get(), Ok(14));
}

on_every_executor!(a_panic_under_a_guard_poisons_until_somebody_recovers);

/// What a panic under the guard that `take` gives leaves.
fn panic_under<G>(take: impl FnOnce() -> G) {
    let outcome = catch_unwind(AssertUnwindSafe(|| {
        let _guard = take();
        panic!("on purpose");
    }));
    assert!(outcome.is_err());
}

#[test]
fn every_guard_poisons() {
    watch(|| {
        let array = Array::<u8>::zeroed(3).unwrap();
        panic_under(|| array.lock().unwrap());
        assert!(matches!(array.lock(), Err(LockError::Poisoned(found)) if found.len() == 3));
        let lock = Lock::new().unwrap();
        panic_under(|| lock.acquire().unwrap());
        assert!(matches!(lock.try_acquire(), Err(LockError::Poisoned(_))));
        let recursive = RLock::new().unwrap();
        panic_under(|| (recursive.acquire().unwrap(), recursive.acquire().unwrap()));
        let Err(LockError::Poisoned(outer)) = recursive.acquire() else {
            panic!("it is poisoned")
        };
        let Err(LockError::Poisoned(inner)) = recursive.acquire() else {
            panic!("it is poisoned")
        };
        drop((inner.recover(), outer));
        assert!(recursive.acquire().is_ok());
    });
}

/// Takes a lock and lets go of it while its thread unwinds.
struct LocksInItsDestructor(Value<u32>);

impl Drop for LocksInItsDestructor {
    fn drop(&mut self) {
        *self.0.lock().unwrap() += 1;
    }
}

#[test]
fn a_guard_that_is_taken_while_its_thread_unwinds_does_not_poison() {
    watch(|| {
        let value = Value::new(1).unwrap();
        panic_under(|| LocksInItsDestructor(value.clone()));
        assert_eq!(value.get(), Ok(2));
    });
}
