//! Cancelling tasks, pending and running.

use std::sync::mpsc::channel;
use std::thread;
use std::time::Duration;

use executor::{Executor, Future, ReturnWhen, Shutdown, State, TaskError, as_completed, wait};

use crate::backends::{Backend, on_every_executor, on_executors_of_this_process};
use crate::gate::{Gate, Marks, leave_mark, pass, pass_and_return};

on_every_executor!(
    a_cancelled_task_never_runs,
    cancelling_again_is_true_again,
    a_running_task_is_not_cancelled,
    a_finished_task_is_not_cancelled_and_keeps_its_outcome,
    result_is_told_at_once,
    wait_is_told_at_once,
    as_completed_is_told_at_once,
    callbacks_run_once_in_order_when_cancelled,
    tasks_behind_cancelled_ones_run,
    cancelling_everything_leaves_the_pool_usable,
);

/// A pool of one worker which is held at the gate.
pub(super) fn blocked_pool<B: Backend>() -> (B::Pool, Gate, Future<()>) {
    let pool = B::pool(1);
    let mut gate = Gate::new();
    let blocked = pool.submit(pass, (gate.key(),)).unwrap();
    gate.await_arrivals(1);
    (pool, gate, blocked)
}

fn is_cancelled<T>(result: &Result<T, TaskError>) -> bool {
    matches!(result, Err(TaskError::Cancelled))
}

fn a_cancelled_task_never_runs<B: Backend>() {
    let marks = Marks::new();
    let (pool, gate, blocked) = blocked_pool::<B>();
    let future = pool.submit(leave_mark, (marks.key(), 1)).unwrap();
    assert_eq!(future.state(), State::Pending);
    assert!(future.cancel());
    assert!(future.cancelled() && future.done() && !future.running());
    assert!(is_cancelled(&future.result()));
    assert!(matches!(future.error(), Some(TaskError::Cancelled)));
    let at_once = future.result_timeout(Duration::ZERO).unwrap();
    assert!(is_cancelled(&at_once));
    gate.open();
    blocked.result().unwrap();
    pool.shutdown(Shutdown::wait());
    assert_eq!(marks.count(1), 0);
    assert_eq!(future.state(), State::Cancelled);
}

fn cancelling_again_is_true_again<B: Backend>() {
    let (pool, gate, _blocked) = blocked_pool::<B>();
    let future = pool.submit(|| 1, ()).unwrap();
    assert!(future.cancel());
    assert!(future.cancel());
    gate.open();
    pool.shutdown(Shutdown::wait());
    assert!(future.cancel());
    assert!(is_cancelled(&future.into_result()));
}

fn a_running_task_is_not_cancelled<B: Backend>() {
    let pool = B::pool(1);
    let mut gate = Gate::new();
    let future = pool.submit(pass_and_return, (gate.key(), 7)).unwrap();
    gate.await_arrivals(1);
    assert!(!future.cancel());
    assert!(future.running() && !future.cancelled() && !future.done());
    gate.open();
    assert_eq!(*future.result().unwrap(), 7);
}

fn a_finished_task_is_not_cancelled_and_keeps_its_outcome<B: Backend>() {
    let pool = B::pool(1);
    let value = pool.submit(|| 7, ()).unwrap();
    let panic = pool.submit(|| -> u8 { panic!("on purpose") }, ()).unwrap();
    value.result().unwrap();
    panic.result().unwrap_err();
    assert!(!value.cancel() && !panic.cancel());
    assert_eq!(*value.result().unwrap(), 7);
    assert!(matches!(panic.error(), Some(TaskError::Panicked(_))));
}

/// Runs `waits` on a thread with a clone of a pending future, cancels, and expects it to return
/// while the only worker is still held: nobody but `cancel` can have told it.
fn is_told_by_cancel<B: Backend>(waits: fn(Future<u32>)) {
    let (pool, gate, _blocked) = blocked_pool::<B>();
    for _ in 0..20 {
        let future = pool.submit(|| 1_u32, ()).unwrap();
        let (starting, start) = channel();
        let waiter = thread::spawn({
            let future = future.clone();
            move || {
                starting.send(()).unwrap();
                waits(future);
            }
        });
        start.recv().unwrap();
        assert!(future.cancel());
        waiter.join().unwrap();
    }
    gate.open();
}

fn result_is_told_at_once<B: Backend>() {
    is_told_by_cancel::<B>(|future| assert!(is_cancelled(&future.result())));
}

fn wait_is_told_at_once<B: Backend>() {
    is_told_by_cancel::<B>(|future| {
        let outcome = wait([&future], ReturnWhen::AllCompleted);
        assert_eq!((outcome.done.len(), outcome.not_done.len()), (1, 0));
    });
    is_told_by_cancel::<B>(|future| {
        let outcome = wait([&future], ReturnWhen::FirstCompleted);
        assert_eq!((outcome.done.len(), outcome.not_done.len()), (1, 0));
    });
}

fn as_completed_is_told_at_once<B: Backend>() {
    let (pool, gate, blocked) = blocked_pool::<B>();
    let pending: Vec<_> = (0..3).map(|_| pool.submit(|| (), ()).unwrap()).collect();
    let mut ended = as_completed(pending.iter().chain([&blocked]));
    for cancelled in [2, 0, 1] {
        assert!(pending[cancelled].cancel());
        assert_eq!(ended.next(), Some(&pending[cancelled]));
    }
    gate.open();
    assert_eq!(ended.next(), Some(&blocked));
    assert_eq!(ended.next(), None);
}

/// Cancels a future with three callbacks; gives where they ran.
fn cancel_with_callbacks<B: Backend>() -> Vec<thread::ThreadId> {
    let (pool, gate, _blocked) = blocked_pool::<B>();
    let future = pool.submit(|| 1, ()).unwrap();
    let (called, calls) = channel();
    for n in 0..3 {
        let called = called.clone();
        future.add_done_callback(move |future| {
            let place = thread::current().id();
            called.send((n, future.cancelled(), place)).unwrap();
        });
    }
    drop(called);
    assert!(future.cancel());
    // They come while the only worker is held.
    let seen: Vec<_> = calls.iter().take(3).collect();
    assert_eq!(
        seen.iter().map(|call| call.0).collect::<Vec<_>>(),
        [0, 1, 2]
    );
    assert!(seen.iter().all(|call| call.1));
    assert!(future.cancel(), "once more, and no callback more");
    gate.open();
    pool.shutdown(Shutdown::wait());
    assert_eq!(calls.iter().count(), 0);
    seen.into_iter().map(|call| call.2).collect()
}

fn callbacks_run_once_in_order_when_cancelled<B: Backend>() {
    cancel_with_callbacks::<B>();
}

on_executors_of_this_process!(callbacks_run_in_the_call_that_cancels);

fn callbacks_run_in_the_call_that_cancels<B: Backend>() {
    assert_eq!(cancel_with_callbacks::<B>(), [thread::current().id(); 3]);
}

fn tasks_behind_cancelled_ones_run<B: Backend>() {
    let marks = Marks::new();
    let (pool, gate, _blocked) = blocked_pool::<B>();
    let futures: Vec<_> = (0..20)
        .map(|n| pool.submit(leave_mark, (marks.key(), n)).unwrap())
        .collect();
    for future in futures.iter().step_by(2) {
        assert!(future.cancel());
    }
    gate.open();
    for (n, future) in (0..).zip(&futures) {
        let result = future.result();
        assert_eq!(is_cancelled(&result), n % 2 == 0, "{n}: {result:?}");
        assert_eq!(marks.count(n), u64::from(n % 2 == 1));
    }
}

fn cancelling_everything_leaves_the_pool_usable<B: Backend>() {
    let (pool, gate, blocked) = blocked_pool::<B>();
    let futures: Vec<_> = (0..20).map(|_| pool.submit(|| 1, ()).unwrap()).collect();
    assert!(futures.iter().all(Future::cancel));
    gate.open();
    blocked.result().unwrap();
    assert_eq!(*pool.submit(|| 2, ()).unwrap().result().unwrap(), 2);
}
