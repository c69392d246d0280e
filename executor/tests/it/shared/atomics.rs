//! Numbers without a lock, from threads and processes.

use std::sync::atomic::Ordering::Relaxed;

use executor::Executor;
use executor::shared::{Atomic, AtomicArray};

use crate::backends::{Backend, on_every_executor};
use crate::watchdog::watch;

fn atomic_increments_are_all_there<B: Backend>() {
    let pool = B::pool(4);
    let total = Atomic::new(5_u64).unwrap();
    // ORDERING: Relaxed in all of this file: the end of a task orders what it did before.
    let add = |total: Atomic<u64>| {
        for _ in 0..10_000 {
            total.fetch_add(1, Relaxed);
        }
    };
    let tasks: Vec<_> = (0..4)
        .map(|_| pool.submit(add, (total.clone(),)).unwrap())
        .collect();
    for task in tasks {
        task.into_result().unwrap();
    }
    assert_eq!(total.load(Relaxed), 40_005);
}

fn every_width_is_shared<B: Backend>() {
    macro_rules! each {
        ($pool:ident: $($Integer:ty)*) => {$(
            let number = Atomic::new(<$Integer>::MAX - 1).unwrap();
            let numbers = AtomicArray::from_slice(&[0, 1, <$Integer>::MIN]).unwrap();
            let add = |number: Atomic<$Integer>, numbers: AtomicArray<$Integer>| {
                number.fetch_add(1, Relaxed);
                numbers[2].fetch_add(3, Relaxed);
                numbers.len()
            };
            let task = $pool.submit(add, (number.clone(), numbers.clone())).unwrap();
            assert_eq!(task.into_result().unwrap(), 3);
            assert_eq!(number.load(Relaxed), <$Integer>::MAX);
            assert_eq!(numbers[2].load(Relaxed), <$Integer>::MIN + 3);
            assert_eq!(numbers[1].load(Relaxed), 1);
        )*};
    }
    let pool = B::pool(1);
    each!(pool: u8 u16 u32 u64 usize i8 i16 i32 i64 isize);
}

on_every_executor!(atomic_increments_are_all_there, every_width_is_shared);

#[test]
fn an_array_of_atomics_starts_as_zeros() {
    watch(|| {
        let numbers = AtomicArray::<i32>::zeroed(1000).unwrap();
        assert_eq!(numbers.len(), 1000);
        assert!(numbers.iter().all(|it| it.load(Relaxed) == 0));
    });
}
