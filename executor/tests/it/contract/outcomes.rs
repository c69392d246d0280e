//! Submitting tasks, and what they leave: values, errors and panics.

use std::fmt;
use std::panic::panic_any;
use std::time::Duration;

use executor::{BuildError, Executor, Future, TaskError, TimedOut, fallible};

use crate::alone::alone_with;
use crate::backends::{Backend, every_executor, on_every_executor};
use crate::gate::{Gate, pass_and_return};
use crate::watchdog;

on_every_executor!(
    submit_returns_the_result,
    functions_of_no_to_eight_arguments_are_called_with_them,
    owned_arguments_and_results_arrive_whole,
    a_result_is_lent_twice,
    a_result_is_moved_out,
    result_times_out_and_comes_later,
    a_finished_task_has_no_error,
    a_panic_carries_message_and_place,
    a_panic_with_a_payload_that_is_no_string_says_so,
    a_worker_lives_on_after_a_panic,
    a_fallible_task_fails_with_type_and_message,
    a_fallible_task_that_succeeds_leaves_its_value,
    a_failure_names_the_sources_of_the_error,
    a_task_that_passes_another_ones_error_on_fails_with_it,
    without_fallible_the_result_is_the_value,
    zero_workers_is_an_error,
    max_workers_is_what_was_asked_for,
    the_default_is_as_many_workers_as_processors,
    as_many_tasks_run_at_once_as_there_are_workers,
    one_worker_starts_tasks_in_the_order_of_submission,
    futures_of_a_dropped_executor_keep_their_results,
    a_task_without_future_still_runs,
);

fn add(a: i64, b: i64) -> i64 {
    a + b
}

fn submit_returns_the_result<B: Backend>() {
    let pool = B::pool(2);
    assert_eq!(*pool.submit(add, (2, 3)).unwrap().result().unwrap(), 5);
}

fn functions_of_no_to_eight_arguments_are_called_with_them<B: Backend>() {
    let pool = B::pool(2);
    let digits = [
        pool.submit(String::new, ()).unwrap(),
        pool.submit(|a: u8| format!("{a}"), (1,)).unwrap(),
        pool.submit(|a: u8, b: u8| format!("{a}{b}"), (1, 2))
            .unwrap(),
        pool.submit(|a: u8, b: u8, c: u8| format!("{a}{b}{c}"), (1, 2, 3))
            .unwrap(),
        pool.submit(
            |a: u8, b: u8, c: u8, d: u8| format!("{a}{b}{c}{d}"),
            (1, 2, 3, 4),
        )
        .unwrap(),
        pool.submit(
            |a: u8, b: u8, c: u8, d: u8, e: u8| format!("{a}{b}{c}{d}{e}"),
            (1, 2, 3, 4, 5),
        )
        .unwrap(),
        pool.submit(
            |a: u8, b: u8, c: u8, d: u8, e: u8, f: u8| format!("{a}{b}{c}{d}{e}{f}"),
            (1, 2, 3, 4, 5, 6),
        )
        .unwrap(),
        pool.submit(
            |a: u8, b: u8, c: u8, d: u8, e: u8, f: u8, g: u8| format!("{a}{b}{c}{d}{e}{f}{g}"),
            (1, 2, 3, 4, 5, 6, 7),
        )
        .unwrap(),
        pool.submit(
            |a: u8, b: u8, c: u8, d: u8, e: u8, f: u8, g: u8, h: u8| {
                format!("{a}{b}{c}{d}{e}{f}{g}{h}")
            },
            (1, 2, 3, 4, 5, 6, 7, 8),
        )
        .unwrap(),
    ];
    for (count, future) in digits.iter().enumerate() {
        assert_eq!(*future.result().unwrap(), "12345678"[..count]);
    }
}

fn owned_arguments_and_results_arrive_whole<B: Backend>() {
    let pool = B::pool(2);
    let text: String = ('a'..='z').cycle().take(100_000).collect();
    let future = pool
        .submit(
            |text: String, extra: Option<Vec<u64>>| (extra, text),
            (text.clone(), Some(vec![u64::MAX, 0])),
        )
        .unwrap();
    assert_eq!(
        future.into_result().unwrap(),
        (Some(vec![u64::MAX, 0]), text)
    );
}

fn a_result_is_lent_twice<B: Backend>() {
    let pool = B::pool(1);
    let future = pool.submit(|| vec![1, 2, 3], ()).unwrap();
    let first = future.result().unwrap();
    let second = future.result().unwrap();
    assert_eq!(first, &[1, 2, 3]);
    assert!(std::ptr::eq(first, second));
    assert!(future.done() && !future.running() && !future.cancelled());
}

fn a_result_is_moved_out<B: Backend>() {
    let pool = B::pool(1);
    for _ in 0..100 {
        let future = pool.submit(|| vec![1, 2, 3], ()).unwrap();
        let lent = future.result().unwrap().as_ptr().addr();
        // The last future a user holds: the worker's own reference must not count.
        let moved = future.into_result().unwrap();
        assert_eq!(moved.as_ptr().addr(), lent);
    }
}

fn result_times_out_and_comes_later<B: Backend>() {
    let pool = B::pool(1);
    let mut gate = Gate::new();
    let future = pool.submit(pass_and_return, (gate.key(), 7)).unwrap();
    let timed_out = TimedOut {
        unfinished: 1,
        total: 1,
    };
    gate.await_arrivals(1);
    assert!(future.running());
    for timeout in [Duration::ZERO, Duration::from_millis(1)] {
        assert_eq!(future.result_timeout(timeout).unwrap_err(), timed_out);
    }
    gate.open();
    assert_eq!(*future.result().unwrap(), 7);
    assert_eq!(*future.result_timeout(Duration::ZERO).unwrap().unwrap(), 7);
}

fn a_finished_task_has_no_error<B: Backend>() {
    let pool = B::pool(1);
    assert!(pool.submit(add, (1, 1)).unwrap().error().is_none());
}

fn a_panic_carries_message_and_place<B: Backend>() {
    let pool = B::pool(1);
    let line = line!() + 1;
    let plain = pool.submit(|| -> u8 { panic!("no digits") }, ()).unwrap();
    let formatted = pool
        .submit(|n: u8| -> u8 { panic!("digit {n}") }, (7,))
        .unwrap();
    let Err(TaskError::Panicked(panic)) = plain.result() else {
        panic!("it did not panic: {plain:?}")
    };
    assert_eq!(panic.message, "no digits");
    let place = panic.place.as_deref().expect("the hook is in place");
    assert!(
        place.starts_with(&format!("{}:{line}:", file!())),
        "{place}"
    );
    let Some(TaskError::Panicked(panic)) = formatted.error() else {
        panic!("it did not panic: {formatted:?}")
    };
    assert_eq!(panic.message, "digit 7");
    assert!(formatted.done() && !formatted.cancelled());
}

#[inline(never)]
fn somewhere_deep_down() -> u8 {
    panic!("there")
}

fn leave_a_backtrace<B: Backend>() {
    let pool = B::pool(1);
    let future = pool.submit(somewhere_deep_down, ()).unwrap();
    let Some(TaskError::Panicked(panic)) = future.error() else {
        panic!("it did not panic: {future:?}")
    };
    let backtrace = panic.backtrace.as_deref().expect("it was asked for");
    assert!(backtrace.contains("somewhere_deep_down"), "{backtrace}");
}

#[test]
fn a_panic_carries_its_backtrace_if_that_is_asked_for() {
    alone_with(&[("RUST_BACKTRACE", "1")], watchdog::limit(), || {
        // As a slice: with no feature there is but one executor.
        let all: &[(_, fn())] = &every_executor!(leave_a_backtrace as fn());
        all.iter().for_each(|(_, leave)| leave());
    });
}

fn a_panic_with_a_payload_that_is_no_string_says_so<B: Backend>() {
    let pool = B::pool(1);
    let future = pool.submit(|| -> u8 { panic_any(7_u8) }, ()).unwrap();
    let Some(TaskError::Panicked(panic)) = future.error() else {
        panic!("it did not panic: {future:?}")
    };
    assert_eq!(panic.message, "the payload is not a string");
}

fn a_worker_lives_on_after_a_panic<B: Backend>() {
    let pool = B::pool(1);
    let worker = || format!("{} {:?}", std::process::id(), std::thread::current().name());
    let before = pool.submit(worker, ()).unwrap().into_result().unwrap();
    for _ in 0..10 {
        let future = pool.submit(|| -> u8 { panic!("on purpose") }, ()).unwrap();
        assert!(future.error().is_some());
    }
    let after = pool.submit(worker, ()).unwrap().into_result().unwrap();
    assert_eq!(after, before);
}

#[derive(Debug)]
struct Outer(Inner);

#[derive(Debug)]
struct Inner;

impl fmt::Display for Outer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the outer one")
    }
}

impl fmt::Display for Inner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the inner one")
    }
}

impl std::error::Error for Inner {}

impl std::error::Error for Outer {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.0)
    }
}

fn a_fallible_task_fails_with_type_and_message<B: Backend>() {
    let pool = B::pool(1);
    let future = pool
        .submit(
            fallible(|text: String| text.parse::<i32>()),
            ("six".to_owned(),),
        )
        .unwrap();
    let Err(TaskError::Failed(failure)) = future.result() else {
        panic!("it did not fail: {future:?}")
    };
    let name = std::any::type_name::<std::num::ParseIntError>();
    assert_eq!(failure.type_name, name);
    assert_eq!(failure.message, "invalid digit found in string");
    assert!(future.done() && !future.cancelled());
}

fn a_fallible_task_that_succeeds_leaves_its_value<B: Backend>() {
    let pool = B::pool(1);
    let future = pool
        .submit(
            fallible(|text: String| text.parse::<i32>()),
            ("6".to_owned(),),
        )
        .unwrap();
    assert_eq!(*future.result().unwrap(), 6);
}

fn a_failure_names_the_sources_of_the_error<B: Backend>() {
    let pool = B::pool(1);
    let future = pool
        .submit(fallible(|| -> Result<u8, Outer> { Err(Outer(Inner)) }), ())
        .unwrap();
    let Some(TaskError::Failed(failure)) = future.error() else {
        panic!("it did not fail: {future:?}")
    };
    assert_eq!(failure.type_name, std::any::type_name::<Outer>());
    assert_eq!(failure.message, "the outer one: the inner one");
}

fn a_task_that_passes_another_ones_error_on_fails_with_it<B: Backend>() {
    let pool = B::pool(1);
    let bare = || -> Result<u8, TaskError> { Err(TaskError::Cancelled) };
    let wrapped = || -> Result<u8, executor::Error> { Err(TaskError::Cancelled)? };
    let boxed =
        || -> Result<u8, Box<dyn std::error::Error + Send + Sync>> { Err(TaskError::Cancelled)? };
    let bare = pool.submit(fallible(bare), ()).unwrap();
    let wrapped = pool.submit(fallible(wrapped), ()).unwrap();
    let boxed = pool.submit(fallible(boxed), ()).unwrap();
    for future in [bare, wrapped, boxed] {
        assert!(matches!(future.error(), Some(TaskError::Cancelled)));
        assert!(!future.cancelled());
    }
}

fn without_fallible_the_result_is_the_value<B: Backend>() {
    let pool = B::pool(1);
    let future = pool
        .submit(|| -> Result<u8, String> { Err("mine".to_owned()) }, ())
        .unwrap();
    assert_eq!(future.into_result().unwrap(), Err("mine".to_owned()));
}

fn zero_workers_is_an_error<B: Backend>() {
    assert!(matches!(B::build(0), Err(BuildError::NoWorkers)));
}

fn max_workers_is_what_was_asked_for<B: Backend>() {
    assert_eq!(B::pool(1).max_workers(), 1);
    assert_eq!(B::pool(3).max_workers(), 3);
}

fn the_default_is_as_many_workers_as_processors<B: Backend>() {
    let processors = std::thread::available_parallelism().unwrap().get();
    assert_eq!(B::build_default().unwrap().max_workers(), processors);
}

fn as_many_tasks_run_at_once_as_there_are_workers<B: Backend>() {
    let pool = B::pool(3);
    let mut gate = Gate::new();
    let futures: Vec<_> = (0..9)
        .map(|n| pool.submit(pass_and_return, (gate.key(), n)).unwrap())
        .collect();
    gate.await_arrivals(3);
    assert_eq!(futures.iter().filter(|future| future.running()).count(), 3);
    gate.open();
    for (n, future) in (0..).zip(futures) {
        assert_eq!(*future.result().unwrap(), n);
    }
}

fn one_worker_starts_tasks_in_the_order_of_submission<B: Backend>() {
    let pool = B::pool(1);
    let gates: Vec<Gate> = (0..5).map(|_| Gate::new()).collect();
    let futures: Vec<_> = (0..)
        .zip(&gates)
        .map(|(n, gate)| pool.submit(pass_and_return, (gate.key(), n)).unwrap())
        .collect();
    for (n, mut gate) in gates.into_iter().enumerate() {
        gate.await_arrivals(1);
        assert!(futures[..n].iter().all(Future::done));
        assert!(futures[n].running());
        assert!(
            futures[n + 1..]
                .iter()
                .all(|future| !future.done() && !future.running())
        );
        gate.open();
        futures[n].result().unwrap();
    }
}

fn futures_of_a_dropped_executor_keep_their_results<B: Backend>() {
    let pool = B::pool(1);
    let value = pool.submit(add, (2, 3)).unwrap();
    let error = pool.submit(|| -> u8 { panic!("on purpose") }, ()).unwrap();
    drop(pool);
    assert!(value.done() && error.done());
    assert_eq!(*value.result().unwrap(), 5);
    assert!(error.error().is_some());
}

fn a_task_without_future_still_runs<B: Backend>() {
    let marks = crate::gate::Marks::new();
    let pool = B::pool(1);
    drop(
        pool.submit(crate::gate::leave_mark, (marks.key(), 1))
            .unwrap(),
    );
    drop(pool);
    assert_eq!(marks.count(1), 1);
}
