//! A counter that two tasks increment, in each of the ways that are compared: nothing but contention.
//!
//! One size for all of them, that of the example: two tasks of ten thousand increments. Whatever the
//! counter is kept in, it must show their sum at the end; the control, which nothing protects, must not. Where an
//! increment is short, the tasks meet at a [`line`](line::meet) before the first one.

pub mod clients;
pub mod control;
pub mod in_memory;
pub mod line;
pub mod managed;
pub mod shared;

/// How many tasks share a counter, each on a worker of its own.
pub const TASKS: u64 = 2;

/// Increments of one task.
pub const INCREMENTS: u64 = 10_000;

/// What a counter must show after one run.
pub const EXPECTED: u64 = TASKS * INCREMENTS;
