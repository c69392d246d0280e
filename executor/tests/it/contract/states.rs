//! What the futures of an executor say of themselves in each of their states.

use std::sync::mpsc::channel;
use std::thread;
use std::time::Duration;

use executor::{Executor, Future, State, TaskError, TimedOut, fallible};

use crate::backends::{Backend, on_every_executor};
use crate::gate::{Gate, pass, pass_and_return};

on_every_executor!(
    each_state_answers_by_the_truth_table,
    debug_shows_the_state_and_what_was_left,
    a_pending_task_times_out_and_is_not_cancelled,
    a_waiter_gets_the_value_when_it_comes,
    a_waiter_gets_the_error_when_it_comes,
    a_failure_without_a_message_is_a_failure,
    a_failed_task_is_not_cancelled_and_keeps_its_error,
    a_wait_that_timed_out_is_no_error_of_the_task,
);

/// A future in each state, behind a gate that holds the running one: pending, running, cancelled,
/// finished with a value, with a panic, with an error of its own.
fn one_of_each<P: Executor>(pool: &P) -> (Gate, [Future<u32>; 6]) {
    let mut gate = Gate::new();
    let value = pool.submit(|| 7_u32, ()).unwrap();
    let panic = pool.submit(|| -> u32 { panic!("on purpose") }, ()).unwrap();
    let task = || -> Result<u32, String> { Err("no good".to_owned()) };
    let failed = pool.submit(fallible(task), ()).unwrap();
    for ended in [&value, &panic, &failed] {
        ended.error();
    }
    let running = pool.submit(pass_and_return, (gate.key(), 1)).unwrap();
    gate.await_arrivals(1);
    let pending = pool.submit(|| 2_u32, ()).unwrap();
    let cancelled = pool.submit(|| 3_u32, ()).unwrap();
    assert!(cancelled.cancel());
    (gate, [pending, running, cancelled, value, panic, failed])
}

fn each_state_answers_by_the_truth_table<B: Backend>() {
    let pool = B::pool(1);
    let (gate, futures) = one_of_each(&pool);
    // State, done, running, cancelled.
    let table = [
        (State::Pending, false, false, false),
        (State::Running, false, true, false),
        (State::Cancelled, true, false, true),
        (State::Finished, true, false, false),
        (State::Finished, true, false, false),
        (State::Finished, true, false, false),
    ];
    for (future, row) in futures.iter().zip(table) {
        let answers = (
            future.state(),
            future.done(),
            future.running(),
            future.cancelled(),
        );
        assert_eq!(answers, row);
        assert_eq!(future.state().is_final(), future.done());
    }
    gate.open();
}

fn debug_shows_the_state_and_what_was_left<B: Backend>() {
    let pool = B::pool(1);
    let (gate, futures) = one_of_each(&pool);
    let ends = [
        " state=pending>",
        " state=running>",
        " state=cancelled>",
        " state=finished returned u32>",
        " state=finished raised the task panicked: on purpose, at ",
        " state=finished raised the task failed: no good>",
    ];
    for (future, end) in futures.iter().zip(ends) {
        let text = format!("{future:?}");
        let rest = text.strip_prefix("<Future at 0x").expect(&text);
        let rest = rest.trim_start_matches(|digit: char| digit.is_ascii_hexdigit());
        assert!(rest.starts_with(end), "{text}");
    }
    gate.open();
}

fn a_pending_task_times_out_and_is_not_cancelled<B: Backend>() {
    let pool = B::pool(1);
    let mut gate = Gate::new();
    let _running = pool.submit(pass, (gate.key(),)).unwrap();
    gate.await_arrivals(1);
    let pending = pool.submit(|| 7, ()).unwrap();
    for timeout in [Duration::ZERO, Duration::from_millis(1)] {
        assert!(pending.result_timeout(timeout).is_err());
        assert_eq!(pending.state(), State::Pending);
    }
    gate.open();
    assert_eq!(*pending.result().unwrap(), 7);
}

/// Has a thread wait for a task that is held at a gate and opens the gate; what the thread got.
fn wait_for<B: Backend>(task: fn(&B::Pool, String) -> Future<u32>) -> Result<u32, TaskError> {
    let pool = B::pool(1);
    let mut gate = Gate::new();
    let future = task(&pool, gate.key());
    gate.await_arrivals(1);
    let (starting, start) = channel();
    let waiter = thread::spawn(move || {
        starting.send(()).unwrap();
        future.into_result()
    });
    start.recv().unwrap();
    gate.open();
    waiter.join().unwrap()
}

fn a_waiter_gets_the_value_when_it_comes<B: Backend>() {
    for _ in 0..10 {
        let got = wait_for::<B>(|pool, gate| pool.submit(pass_and_return, (gate, 7)).unwrap());
        assert_eq!(got.unwrap(), 7);
    }
}

fn a_waiter_gets_the_error_when_it_comes<B: Backend>() {
    fn fail(gate: String) -> Result<u32, String> {
        pass(gate);
        Err("no good".to_owned())
    }
    for _ in 0..10 {
        let got = wait_for::<B>(|pool, gate| pool.submit(fallible(fail), (gate,)).unwrap());
        let Err(TaskError::Failed(failure)) = got else {
            panic!("it did not fail: {got:?}")
        };
        assert_eq!(failure.message, "no good");
    }
}

fn a_failure_without_a_message_is_a_failure<B: Backend>() {
    let pool = B::pool(1);
    let task = || -> Result<u32, String> { Err(String::new()) };
    let future = pool.submit(fallible(task), ()).unwrap();
    assert!(matches!(future.result(), Err(TaskError::Failed(_))));
    assert!(matches!(future.error(), Some(TaskError::Failed(_))));
}

fn a_failed_task_is_not_cancelled_and_keeps_its_error<B: Backend>() {
    let pool = B::pool(1);
    let task = || -> Result<u32, String> { Err("no good".to_owned()) };
    let future = pool.submit(fallible(task), ()).unwrap();
    let before = future.error().unwrap().to_string();
    assert!(!future.cancel() && !future.cancelled());
    assert_eq!(future.error().unwrap().to_string(), before);
}

fn a_wait_that_timed_out_is_no_error_of_the_task<B: Backend>() {
    let pool = B::pool(1);
    // A task whose own error is of the very type that a wait that timed out gives.
    let task = || -> Result<u32, TimedOut> {
        Err(TimedOut {
            unfinished: 1,
            total: 1,
        })
    };
    let future = pool.submit(fallible(task), ()).unwrap();
    let minute = Duration::from_secs(60);
    let Ok(Err(TaskError::Failed(failure))) = future.result_timeout(minute) else {
        panic!("it is not the task's error: {future:?}")
    };
    assert_eq!(failure.type_name, std::any::type_name::<TimedOut>());
}
