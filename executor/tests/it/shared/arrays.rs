//! Arrays and their locks, from threads and processes.

use executor::shared::{Array, AtomicArray, SharedError};
use executor::{Executor, LockProblem, fallible};

use crate::backends::{Backend, on_every_executor};
use crate::watchdog::watch;

fn every_task_fills_its_part_of_an_array<B: Backend>() {
    let pool = B::pool(3);
    let squares = Array::<u64>::zeroed(3000).unwrap();
    let fill = |squares: Array<u64>, part: usize| {
        for (n, place) in squares.lock()?.iter_mut().enumerate() {
            if n / 1000 == part {
                *place += (n * n) as u64;
            }
        }
        Ok::<_, LockProblem>(squares.len())
    };
    let tasks: Vec<_> = (0..3)
        .map(|part| {
            pool.submit(fallible(fill), (squares.clone(), part))
                .unwrap()
        })
        .collect();
    for task in tasks {
        assert_eq!(task.into_result().unwrap(), 3000);
    }
    let squares = squares.lock().unwrap();
    assert!(
        squares
            .iter()
            .enumerate()
            .all(|(n, it)| *it == (n * n) as u64)
    );
}

on_every_executor!(every_task_fills_its_part_of_an_array);

#[test]
fn an_array_starts_as_zeros_or_as_a_copy_and_keeps_its_length() {
    watch(|| {
        // Again and again, so that memory is used again.
        for length in [1, 7, 1000, 100_000] {
            for _ in 0..10 {
                let zeros = Array::<u16>::zeroed(length).unwrap();
                assert_eq!(zeros.len(), length);
                let mut guard = zeros.lock().unwrap();
                assert!(guard.len() == length && guard.iter().all(|it| *it == 0));
                guard.fill(u16::MAX);
            }
        }
        let numbers: Vec<f32> = (0..100).map(|n| n as f32).collect();
        let copy = Array::from_slice(&numbers).unwrap();
        assert_eq!(*copy.lock().unwrap(), numbers);
        copy.lock().unwrap()[5..].reverse();
        assert_eq!(copy.lock().unwrap()[5], 99.0);
        assert_eq!(numbers[5], 5.0);
    });
}

/// The name of the argument that is refused.
fn refused<T>(made: Result<T, SharedError>) -> &'static str {
    match made {
        Err(SharedError::InvalidArgument { argument, problem }) => {
            assert!(!problem.is_empty());
            argument
        }
        Err(other) => panic!("{other}"),
        Ok(_) => panic!("it was made"),
    }
}

#[test]
fn no_elements_and_more_than_there_can_be_are_argument_errors() {
    watch(|| {
        assert_eq!(refused(Array::<u8>::zeroed(0)), "len");
        assert_eq!(refused(Array::<u8>::from_slice(&[])), "len");
        assert_eq!(refused(AtomicArray::<u64>::zeroed(0)), "len");
        assert_eq!(refused(AtomicArray::<u64>::from_slice(&[])), "len");
        for length in [
            usize::MAX,
            usize::MAX / 8,
            usize::MAX / 8 - 15,
            usize::MAX / 16,
        ] {
            assert_eq!(refused(Array::<u64>::zeroed(length)), "len");
            assert_eq!(refused(AtomicArray::<u64>::zeroed(length)), "len");
        }
        // There could be so many, if the machine had them.
        let most = isize::MAX as usize - 4096;
        assert!(matches!(
            Array::<u8>::zeroed(most),
            Err(SharedError::System { .. })
        ));
    });
}
