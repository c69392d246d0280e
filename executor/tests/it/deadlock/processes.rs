//! Callbacks of a pool of processes stand in line for one thread: what waits for those behind one that waits.

use std::sync::mpsc::{Receiver, channel};
use std::thread;

use executor::{
    Executor, Future, ProcessPoolExecutor, Shutdown, ShutdownOutcome, TaskError, collect, promise,
};

use super::{Local, Outcome, deadlock, linger, on_threads_and_rayon};
use crate::gate::{Gate, pass};
use crate::watchdog::watch;

on_threads_and_rayon!(
    a_callback_waits_for_a_task_that_waits_for_what_is_made_behind_it,
    a_callback_waits_for_a_task_that_waits_for_what_comes_into_line_behind_it,
    a_callback_waits_for_a_task_that_waits_for_what_is_gathered_around_it,
    a_callback_waits_for_a_task_that_waits_for_the_end_of_its_pool,
    a_callback_waits_for_a_task_that_drops_the_last_of_its_pool,
    a_task_may_wait_for_what_stands_behind_a_callback_that_goes_on,
    a_task_may_wait_for_the_end_of_a_pool_whose_callback_goes_on,
);

/// A task of the processes that waits at a gate.
fn gated(pool: &ProcessPoolExecutor) -> (Future<()>, Gate) {
    let mut gate = Gate::new();
    let task = pool.submit(pass, (gate.key(),)).unwrap();
    gate.await_arrivals(1);
    (task, gate)
}

/// The outcomes of a callback and a task that wait for each other, one of which is told.
fn one_is_told(by_callback: &Outcome, in_task: &Outcome) {
    let told = [by_callback, in_task].into_iter().find(|it| it.is_err());
    let text = deadlock(told.expect("one of them is told"));
    let callback = "a callback, destructor or initializer on a thread of ProcessPoolExecutor-";
    assert!(text.contains(callback), "{text}");
}

#[test]
fn a_callback_waits_for_what_comes_into_line_behind_it() {
    watch(|| {
        let pool = ProcessPoolExecutor::new(2).unwrap();
        let ((first, first_gate), (last, last_gate)) = (gated(&pool), gated(&pool));
        let made = last.then(|_| Ok(3));
        let (entered, enters) = channel();
        let (tell, told) = channel();
        first.add_done_callback(move |_| {
            entered.send(()).unwrap();
            let outcome: Outcome = made.into_result();
            tell.send(outcome).unwrap();
        });
        first_gate.open();
        enters.recv().unwrap();
        linger();
        last_gate.open();
        one_is_told(&told.recv().unwrap(), &Ok(0));
    });
}

/// A callback of `first` waits for a task of threads, which waits for what is made of `last`.
fn wait_before_what_is_made<P: Local>(
    (first, first_gate): (Future<()>, Gate),
    (last, last_gate): (Future<()>, Option<Gate>),
) {
    let threads = P::pool(1);
    let (tell_task, told_task) = channel::<Future<Outcome>>();
    let (entered, enters) = channel();
    let (tell, told) = channel();
    first.add_done_callback(move |_| {
        let task = told_task.recv().unwrap();
        entered.send(()).unwrap();
        tell.send(task.into_result()).unwrap();
    });
    let made = last.then(|_| Ok(3)).then(|number| Ok(*number? + 1));
    let waits = threads.go(move || made.into_result());
    tell_task.send(waits.clone()).unwrap();
    first_gate.open();
    enters.recv().unwrap();
    linger();
    last_gate.into_iter().for_each(Gate::open);
    let by_callback = told.recv().unwrap();
    one_is_told(&by_callback.map(|_| 0), waits.result().unwrap());
}

fn a_callback_waits_for_a_task_that_waits_for_what_is_made_behind_it<P: Local>() {
    let pool = ProcessPoolExecutor::new(1).unwrap();
    let first = gated(&pool);
    let last = (first.0.clone(), None);
    wait_before_what_is_made::<P>(first, last);
}

fn a_callback_waits_for_a_task_that_waits_for_what_comes_into_line_behind_it<P: Local>() {
    let pool = ProcessPoolExecutor::new(2).unwrap();
    let (first, (last, gate)) = (gated(&pool), gated(&pool));
    wait_before_what_is_made::<P>(first, (last, Some(gate)));
}

/// Of the two steps that make the collection one has been made, and the other stands in line behind the callback.
fn a_callback_waits_for_a_task_that_waits_for_what_is_gathered_around_it<P: Local>() {
    let (pool, threads) = (ProcessPoolExecutor::new(1).unwrap(), P::pool(1));
    let (first, gate) = gated(&pool);
    let (go, goes) = channel::<()>();
    first.add_done_callback(move |_| goes.recv().unwrap());
    let [before, between, behind] = [1, 2, 3].map(|n: u32| {
        let task = pool.submit(|n: u32| n, (n,));
        task.unwrap()
    });
    let collected = collect([before, behind.clone()]).then(|it| Ok(it?.iter().sum()));
    let (tell_task, told_task) = channel::<Future<Outcome>>();
    let (tell, told) = channel();
    between.add_done_callback(move |_| {
        let task = told_task.recv().unwrap();
        tell.send(task.into_result()).unwrap();
    });
    let waits = threads.go(move || collected.into_result());
    tell_task.send(waits.clone()).unwrap();
    gate.open();
    // A wait for it could read its reply here, and put its step in line before the callback, whose task's reply
    // another thread has just read: then nobody waits in a circle.
    while !behind.done() {
        thread::yield_now();
    }
    linger();
    go.send(()).unwrap();
    let by_callback = told.recv().unwrap();
    one_is_told(&by_callback.map(|_| 0), waits.result().unwrap());
}

/// A collection of a task of the pool, whose step stood in line and has been made, and of `last`.
fn half_collected(pool: &ProcessPoolExecutor, last: Future<()>) -> Future<Vec<()>> {
    let (first, gate) = gated(pool);
    let collected = collect([first.clone(), last]);
    let (passed, passes) = channel();
    first.add_done_callback(move |_| passed.send(()).unwrap());
    gate.open();
    passes.recv().unwrap();
    collected
}

/// Waits for the collection in a callback of the pool, which has come to its wait when this returns; how many
/// results there are is told.
fn count_in_a_callback(
    pool: &ProcessPoolExecutor,
    collected: Future<Vec<()>>,
) -> Receiver<Result<usize, TaskError>> {
    let (entered, enters) = channel();
    let (tell, told) = channel();
    let (other, gate) = gated(pool);
    other.add_done_callback(move |_| {
        entered.send(()).unwrap();
        let results = collected.into_result();
        tell.send(results.map(|results| results.len())).unwrap();
    });
    gate.open();
    enters.recv().unwrap();
    linger();
    told
}

#[test]
fn a_callback_may_wait_for_a_collection_of_which_one_step_was_made_and_one_is_anybodys() {
    watch(|| {
        for _ in 0..20 {
            let pool = ProcessPoolExecutor::new(1).unwrap();
            let (promise, last) = promise();
            let told = count_in_a_callback(&pool, half_collected(&pool, last));
            promise.finish(Ok(()));
            assert_eq!(told.recv().unwrap().unwrap(), 2);
        }
    });
}

/// The other step is that of a thread which nobody knows, in a callback before it.
#[test]
fn a_callback_may_wait_for_a_collection_of_which_another_thread_is_about_to_make_a_step() {
    watch(|| {
        let pool = ProcessPoolExecutor::new(1).unwrap();
        let (promise, last) = promise();
        let (busy, is_busy) = channel();
        let (go, goes) = channel::<()>();
        last.add_done_callback(move |_| {
            busy.send(()).unwrap();
            goes.recv().unwrap();
        });
        let collected = half_collected(&pool, last);
        let finishes = thread::spawn(move || promise.finish(Ok(())));
        is_busy.recv().unwrap();
        let told = count_in_a_callback(&pool, collected);
        go.send(()).unwrap();
        assert_eq!(told.recv().unwrap().unwrap(), 2);
        finishes.join().unwrap();
    });
}

/// A callback waits for a task of threads that comes to wait for the end of the callback's pool, as `end` has it.
fn wait_for_the_end<P: Local>(end: fn(ProcessPoolExecutor) -> Outcome) {
    for _ in 0..5 {
        let pool = ProcessPoolExecutor::new(1).unwrap();
        let threads = P::pool(1);
        let (task, gate) = gated(&pool);
        let (tell_task, told_task) = channel::<Future<Outcome>>();
        let (tell, told) = channel();
        task.add_done_callback(move |_| {
            tell.send(told_task.recv().unwrap().into_result()).unwrap();
        });
        let waits = threads.go(move || end(pool));
        tell_task.send(waits.clone()).unwrap();
        gate.open();
        let by_callback = told.recv().unwrap();
        // Who comes last finds out: either the wait for the end does not wait, or the callback's fails.
        if let Err(told) = &by_callback {
            deadlock(&Err::<(), _>(told.clone()));
        }
        assert!(waits.result().unwrap().is_ok());
    }
}

fn a_callback_waits_for_a_task_that_waits_for_the_end_of_its_pool<P: Local>() {
    wait_for_the_end::<P>(|pool| match pool.shutdown(Shutdown::wait()) {
        ShutdownOutcome::Complete => Ok(1),
        ShutdownOutcome::NotWaited => Ok(2),
        other => panic!("{other:?}"),
    });
}

fn a_callback_waits_for_a_task_that_drops_the_last_of_its_pool<P: Local>() {
    wait_for_the_end::<P>(|pool| {
        drop(pool);
        Ok(1)
    });
}

/// A task of threads waits, in the way that `make` has it, for a task of processes with a callback that goes on only when
/// both sleep; what it has come to.
fn wait_behind_what_goes_on<P: Local, Wait, T>(
    make: impl FnOnce(ProcessPoolExecutor, &Future<()>) -> Wait,
) -> T
where
    Wait: FnOnce() -> T + Send + 'static,
    T: Clone + Send + 'static,
{
    let (pool, threads) = (ProcessPoolExecutor::new(1).unwrap(), P::pool(2));
    let (task, gate) = gated(&pool);
    let (go, goes) = channel::<()>();
    let held = threads.go(move || goes.recv().is_ok());
    task.add_done_callback(move |_| assert!(*held.result().unwrap()));
    let waits = threads.go(make(pool, &task));
    gate.open();
    task.result().unwrap();
    linger();
    go.send(()).unwrap();
    waits.into_result().unwrap()
}

fn a_task_may_wait_for_what_stands_behind_a_callback_that_goes_on<P: Local>() {
    let outcome = wait_behind_what_goes_on::<P, _, Outcome>(|pool, task| {
        let made = task.then(|_| Ok(3));
        move || {
            let outcome = made.into_result();
            drop(pool);
            outcome
        }
    });
    assert_eq!(outcome.unwrap(), 3);
}

fn a_task_may_wait_for_the_end_of_a_pool_whose_callback_goes_on<P: Local>() {
    let outcome =
        wait_behind_what_goes_on::<P, _, _>(|pool, _| move || pool.shutdown(Shutdown::wait()));
    assert_eq!(outcome, ShutdownOutcome::Complete);
}
