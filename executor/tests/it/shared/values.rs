//! Values and their locks, from threads and processes.

use executor::shared::{SharedError, Value, Zeroable};
use executor::{Executor, LockProblem, fallible};

use crate::backends::{Backend, on_every_executor};
use crate::watchdog::watch;

fn add(total: Value<u64>, times: u32) -> Result<(), LockProblem> {
    for _ in 0..times {
        *total.lock()? += 1;
    }
    Ok(())
}

fn four_times_ten_thousand_locked_increments_are_forty_thousand<B: Backend>() {
    let pool = B::pool(4);
    let total = Value::new(0_u64).unwrap();
    let tasks: Vec<_> = (0..4)
        .map(|_| pool.submit(fallible(add), (total.clone(), 10_000)).unwrap())
        .collect();
    for task in tasks {
        task.into_result().unwrap();
    }
    assert_eq!(total.get(), Ok(40_000));
}

fn what_a_task_writes_is_read_here_and_the_reverse<B: Backend>() {
    let pool = B::pool(1);
    let (whole, real) = (Value::new(7_i64).unwrap(), Value::new(0.5_f64).unwrap());
    let bytes = Value::new(*b"text").unwrap();
    let write = |whole: Value<i64>, real: Value<f64>, bytes: Value<[u8; 4]>| {
        assert_eq!((whole.get(), real.get()), (Ok(7), Ok(0.5)));
        whole.set(-1)?;
        real.set(1.5)?;
        bytes.lock()?[0] = b'n';
        Ok::<(), executor::Error>(())
    };
    let args = (whole.clone(), real.clone(), bytes.clone());
    let task = pool.submit(fallible(write), args).unwrap();
    task.into_result().unwrap();
    assert_eq!((whole.get(), real.get()), (Ok(-1), Ok(1.5)));
    assert_eq!(bytes.get(), Ok(*b"next"));
}

/// A struct of a user's.
#[derive(Clone, Copy, Debug, PartialEq)]
#[repr(C, align(512))]
struct Account([u64; 64]);

/// Its declaration as plain data.
#[expect(unsafe_code, reason = "plain data is declared by unsafe traits")]
mod plain {
    use executor::shared::{Pod, Zeroable};

    use super::Account;

    // SAFETY: zeros are numbers.
    unsafe impl Zeroable for Account {}
    // SAFETY: it is numbers as large as its alignment, and so without padding.
    unsafe impl Pod for Account {}
}

fn a_struct_is_shared_whatever_its_alignment<B: Backend>() {
    let pool = B::pool(1);
    let account = Value::new(Account::zeroed()).unwrap();
    let pay = |account: Value<Account>| {
        let mut guard = account.lock()?;
        guard.0[63] += 5;
        Ok::<_, LockProblem>(std::ptr::from_ref(&*guard).addr() % 512)
    };
    let place = pool.submit(fallible(pay), (account.clone(),)).unwrap();
    assert_eq!(place.into_result().unwrap(), 0);
    assert_eq!(account.get().unwrap().0[63], 5);
}

fn a_thousand_values_are_shared_one_after_the_other<B: Backend>() {
    let pool = B::pool(2);
    let add = fallible(|value: Value<u32>| value.set(value.get()? + 1));
    let values: Vec<_> = (0..200).map(|n| Value::new(n).unwrap()).collect();
    for _ in 0..5 {
        let tasks: Vec<_> = values
            .iter()
            .map(|value| pool.submit(add, (value.clone(),)).unwrap())
            .collect();
        for task in tasks {
            task.into_result().unwrap();
        }
    }
    for (n, value) in values.iter().enumerate() {
        assert_eq!(value.get(), Ok(n as u32 + 5));
    }
}

on_every_executor!(
    four_times_ten_thousand_locked_increments_are_forty_thousand,
    what_a_task_writes_is_read_here_and_the_reverse,
    a_struct_is_shared_whatever_its_alignment,
    a_thousand_values_are_shared_one_after_the_other,
);

#[test]
#[expect(
    clippy::mutable_key_type,
    reason = "it is equal and hashed by which object it is"
)]
fn a_clone_is_the_same_value_and_another_value_is_not() {
    watch(|| {
        let (one, other) = (Value::new(1).unwrap(), Value::new(1).unwrap());
        let clone = one.clone();
        assert!(one == clone && one != other);
        clone.set(2).unwrap();
        assert_eq!((one.get(), other.get()), (Ok(2), Ok(1)));
        let set: std::collections::HashSet<_> = [&one, &clone, &other].into_iter().collect();
        assert_eq!(set.len(), 2);
        assert_eq!(format!("{one:?}"), format!("{clone:?}"));
        assert_ne!(format!("{one:?}"), format!("{other:?}"));
    });
}

#[test]
fn errors_of_locks_and_objects_are_errors_of_the_crate() {
    fn held_twice() -> Result<(), executor::Error> {
        let value = Value::new(1)?;
        let _first = value.lock()?;
        let _second = value.lock()?;
        Ok(())
    }
    watch(|| {
        let error = held_twice().unwrap_err();
        assert!(matches!(
            error,
            executor::Error::Lock(LockProblem::HeldByCaller)
        ));
        assert!(error.to_string().contains("holds the lock already"));
        let error = executor::Error::from(SharedError::BarrierBroken);
        assert!(error.to_string().contains("broken"));
        assert!(std::error::Error::source(&error).is_none());
    });
}
