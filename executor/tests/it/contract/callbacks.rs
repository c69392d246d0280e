//! Callbacks of the futures of an executor. Those of pending ones that are cancelled are in `cancel`.

use std::any::type_name;
use std::panic;
use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, Mutex, Once};
use std::thread;

use executor::{Executor, Future, Shutdown, SubmitError};

use crate::backends::{Backend, on_every_executor};
use crate::gate::{Gate, pass, pass_and_return};

on_every_executor!(
    callbacks_run_once_in_the_order_of_adding,
    a_callback_added_late_runs_at_once_on_the_thread_that_adds_it,
    a_callback_sees_the_outcome,
    callbacks_of_a_panicked_task_run,
    a_panicking_callback_does_not_keep_the_next_from_running,
    a_panicking_callback_does_not_harm_the_worker,
    a_callbacks_panic_is_reported_by_the_panic_hook,
    a_result_is_there_before_the_callbacks_have_ended,
    callbacks_run_once_when_a_worker_comes_across_a_cancelled_task,
    a_callback_submits_to_the_same_executor,
    a_callback_drops_the_executor,
    a_callback_shuts_the_executor_down,
    a_callback_waits_for_another_future,
    shutdown_waits_for_callbacks,
);

fn callbacks_run_once_in_the_order_of_adding<B: Backend>() {
    let pool = B::pool(1);
    let gate = Gate::new();
    let future = pool.submit(pass_and_return, (gate.key(), 7)).unwrap();
    let (called, calls) = channel();
    for n in 0..10 {
        let called = called.clone();
        let this = future.clone();
        future.add_done_callback(move |future| {
            assert!(future.done() && *future == this);
            called.send(n).unwrap();
        });
    }
    drop(called);
    assert!(calls.try_recv().is_err());
    gate.open();
    // The iterator ends when the last callback, and with it the last sender, is gone.
    assert_eq!(
        calls.iter().collect::<Vec<_>>(),
        (0..10).collect::<Vec<_>>()
    );
    pool.shutdown(Shutdown::wait());
}

fn a_callback_added_late_runs_at_once_on_the_thread_that_adds_it<B: Backend>() {
    let pool = B::pool(1);
    let value = pool.submit(|| 7, ()).unwrap();
    let panic = pool.submit(|| -> i32 { panic!("on purpose") }, ()).unwrap();
    panic.error();
    let mut gate = Gate::new();
    drop(pool.submit(pass, (gate.key(),)).unwrap());
    gate.await_arrivals(1);
    let cancelled = pool.submit(|| 7, ()).unwrap();
    assert!(cancelled.cancel());
    for future in [value, panic, cancelled] {
        let (called, calls) = channel();
        future.add_done_callback(move |_| called.send(thread::current().id()).unwrap());
        assert_eq!(
            calls.try_iter().collect::<Vec<_>>(),
            [thread::current().id()]
        );
    }
}

fn a_callback_sees_the_outcome<B: Backend>() {
    let pool = B::pool(1);
    let gate = Gate::new();
    let future = pool.submit(pass_and_return, (gate.key(), 7)).unwrap();
    let (called, calls) = channel();
    future.add_done_callback(move |future| called.send(future.result().copied().ok()).unwrap());
    gate.open();
    assert_eq!(calls.recv(), Ok(Some(7)));
}

fn callbacks_of_a_panicked_task_run<B: Backend>() {
    let pool = B::pool(1);
    let gate = Gate::new();
    let task = |gate: String| {
        pass(gate);
        panic!("on purpose");
    };
    let future: Future<()> = pool.submit(task, (gate.key(),)).unwrap();
    let (called, calls) = channel();
    future.add_done_callback(move |future| called.send(future.error().is_some()).unwrap());
    gate.open();
    assert_eq!(calls.recv(), Ok(true));
}

fn a_panicking_callback_does_not_keep_the_next_from_running<B: Backend>() {
    let pool = B::pool(1);
    let gate = Gate::new();
    let future = pool.submit(pass_and_return, (gate.key(), 7)).unwrap();
    let (called, calls) = channel();
    future.add_done_callback(|_| panic!("on purpose"));
    future.add_done_callback(move |_| called.send(()).unwrap());
    gate.open();
    assert_eq!(calls.recv(), Ok(()));
    assert_eq!(*future.result().unwrap(), 7);
    // Nor does the call that adds one panic.
    future.add_done_callback(|_| panic!("on purpose"));
}

fn a_panicking_callback_does_not_harm_the_worker<B: Backend>() {
    let pool = B::pool(1);
    for n in 0..10 {
        let future = pool.submit(|n: u32| n, (n,)).unwrap();
        future.add_done_callback(|_| panic!("on purpose"));
        assert_eq!(*future.result().unwrap(), n);
    }
}

/// What panics have said since this was called first, with a pool built before: pools have a hook of
/// their own, and the two must not be put in place together.
fn panics() -> &'static Mutex<Vec<String>> {
    static PANICS: Mutex<Vec<String>> = Mutex::new(Vec::new());
    static INSTALLED: Once = Once::new();
    INSTALLED.call_once(|| {
        let before = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            let said = info.payload_as_str().unwrap_or_default().to_owned();
            PANICS.lock().expect("nobody panics here").push(said);
            before(info);
        }));
    });
    &PANICS
}

fn a_callbacks_panic_is_reported_by_the_panic_hook<B: Backend>() {
    let pool = B::pool(1);
    let panics = panics();
    let mut gate = Gate::new();
    let said = |when: &str| format!("on purpose, {when} on {}", type_name::<B>());
    let throw = |when: &str| {
        let message = said(when);
        move |_: &Future<()>| panic!("{message}")
    };
    let future = pool.submit(pass, (gate.key(),)).unwrap();
    gate.await_arrivals(1);
    let pending = pool.submit(pass, (gate.key(),)).unwrap();
    future.add_done_callback(throw("in time"));
    future.add_done_callback(throw("after another one"));
    pending.add_done_callback(throw("when cancelled"));
    pending.cancel();
    gate.open();
    future.result().unwrap();
    future.add_done_callback(throw("late"));
    // After this no callback is left to run.
    drop(pool);
    let heard = panics.lock().unwrap();
    for when in ["in time", "after another one", "when cancelled", "late"] {
        let times = heard.iter().filter(|heard| **heard == said(when)).count();
        assert_eq!(times, 1, "{when}");
    }
}

fn a_result_is_there_before_the_callbacks_have_ended<B: Backend>() {
    let pool = B::pool(1);
    let gate = Gate::new();
    let future = pool.submit(pass_and_return, (gate.key(), 7)).unwrap();
    let (go, gone) = channel();
    // The callback ends only when the result has been had.
    future.add_done_callback(move |_| assert_eq!(gone.recv(), Ok(7)));
    gate.open();
    go.send(*future.result().unwrap()).unwrap();
}

fn callbacks_run_once_when_a_worker_comes_across_a_cancelled_task<B: Backend>() {
    let pool = B::pool(1);
    let mut gate = Gate::new();
    drop(pool.submit(pass, (gate.key(),)).unwrap());
    gate.await_arrivals(1);
    let cancelled = pool.submit(pass, (gate.key(),)).unwrap();
    let (called, calls) = channel();
    cancelled.add_done_callback(move |future| called.send(future.cancelled()).unwrap());
    assert!(cancelled.cancel());
    gate.open();
    // The worker comes across it before it takes this one.
    pool.submit(|| 1, ()).unwrap().result().unwrap();
    drop(pool);
    assert_eq!(calls.iter().collect::<Vec<_>>(), [true]);
}

/// Submits a task whose callback does the same, until none is left.
fn chain<P: Executor + Send + Sync + 'static>(pool: Arc<P>, left: u32, seen: Sender<u32>) {
    if left == 0 {
        return;
    }
    let future = pool.submit(|n: u32| n, (left,)).unwrap();
    future.add_done_callback(move |future| {
        seen.send(*future.result().unwrap()).unwrap();
        chain(pool, left - 1, seen);
    });
}

fn a_callback_submits_to_the_same_executor<B: Backend>() {
    let pool = Arc::new(B::pool(1));
    let (sender, seen) = channel();
    chain(Arc::clone(&pool), 100, sender);
    assert_eq!(
        seen.iter().collect::<Vec<_>>(),
        (1..=100).rev().collect::<Vec<_>>()
    );
}

fn a_callback_drops_the_executor<B: Backend>() {
    let pool = B::pool(2);
    let gate = Gate::new();
    let future = pool.submit(pass, (gate.key(),)).unwrap();
    let other = pool.submit(|| 1, ()).unwrap();
    let (called, calls) = channel();
    future.add_done_callback(move |_| {
        drop(pool);
        called.send(()).unwrap();
    });
    gate.open();
    assert_eq!(calls.recv(), Ok(()));
    assert_eq!(*other.result().unwrap(), 1);
}

fn a_callback_shuts_the_executor_down<B: Backend>() {
    let pool = Arc::new(B::pool(1));
    let gate = Gate::new();
    let future = pool.submit(pass, (gate.key(),)).unwrap();
    let queued = pool.submit(|| 1, ()).unwrap();
    let (called, calls) = channel();
    future.add_done_callback({
        let pool = Arc::clone(&pool);
        move |_| {
            pool.shutdown(Shutdown::wait());
            called.send(()).unwrap();
        }
    });
    gate.open();
    assert_eq!(calls.recv(), Ok(()));
    assert_eq!(*queued.result().unwrap(), 1);
    let refused = pool.submit(|| 1, ()).unwrap_err();
    assert!(matches!(refused.error(), SubmitError::ShutDown));
}

fn a_callback_waits_for_another_future<B: Backend>() {
    let pool = B::pool(2);
    let gate = Gate::new();
    let future = pool.submit(pass, (gate.key(),)).unwrap();
    let other = pool.submit(|| 1, ()).unwrap();
    let (called, calls) = channel();
    future.add_done_callback({
        let other = other.clone();
        move |_| called.send(other.into_result().unwrap()).unwrap()
    });
    gate.open();
    assert_eq!(calls.recv(), Ok(1));
}

fn shutdown_waits_for_callbacks<B: Backend>() {
    for _ in 0..5 {
        let pool = B::pool(2);
        let gate = Gate::new();
        let (called, calls) = channel();
        for n in 0..5 {
            let called = called.clone();
            let future = pool.submit(pass, (gate.key(),)).unwrap();
            future.add_done_callback(move |_| {
                thread::yield_now();
                called.send(n).unwrap();
            });
        }
        gate.open();
        pool.shutdown(Shutdown::wait());
        assert_eq!(calls.try_iter().count(), 5);
    }
}
