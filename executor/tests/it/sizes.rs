//! Guards of sizes that a reader of the benchmarks relies on. The bytes of a task's one allocation
//! are guarded in `tests/allocations.rs`.

use std::mem::size_of;

use executor::{Future, TaskError};

#[test]
fn a_future_is_two_words_whatever_it_holds() {
    assert_eq!(size_of::<Future<()>>(), 16);
    assert_eq!(size_of::<Future<[u64; 100]>>(), 16);
    assert_eq!(size_of::<Option<Future<()>>>(), 16);
}

#[test]
fn an_error_is_at_most_three_words() {
    assert!(size_of::<TaskError>() <= 24, "{}", size_of::<TaskError>());
}
