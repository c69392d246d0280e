//! When arguments, closures and results are dropped, and destructors that panic.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;

use executor::{Executor, Future, Shutdown, TaskError};

use super::cancel::blocked_pool;
use super::counted::{self, Counted};
use crate::backends::{Backend, Closures, on_every_executor, on_executors_of_this_process};

on_every_executor!(
    an_argument_is_gone_when_its_result_is_there_though_the_future_lives,
    a_panicking_tasks_argument_is_gone_when_its_error_is_there,
    a_cancelled_tasks_argument_is_gone_when_cancel_returns,
);

on_executors_of_this_process!(
    what_a_task_captures_is_dropped_before_its_result_is_seen,
    a_cancelled_tasks_closure_is_dropped_before_cancel_returns,
    a_shutdown_drops_the_closures_of_what_it_cancels,
    a_refused_tasks_closure_is_dropped,
    a_panicking_destructor_in_a_cancelled_closure_harms_nobody,
    a_panicking_destructor_in_a_closure_that_shutdown_cancels_harms_nobody,
    a_panicking_destructor_of_a_result_that_nobody_wants_harms_no_worker,
    a_panicking_destructor_of_what_a_task_captures_is_the_tasks_panic,
    a_panicking_destructor_of_a_panics_payload_harms_no_worker,
    no_lock_is_held_while_destructors_and_callbacks_use_the_pool,
);

/// That none is alive here, and none where the one worker of the pool is.
#[track_caller]
fn assert_all_gone<P: Executor>(pool: &P) {
    assert_eq!(counted::alive(), 0);
    let there = pool.submit(counted::alive, ()).unwrap();
    assert_eq!(*there.result().unwrap(), 0);
}

fn an_argument_is_gone_when_its_result_is_there_though_the_future_lives<B: Backend>() {
    let _alone = counted::alone();
    let pool = B::pool(1);
    let task = |argument: Counted| (argument.number(), counted::alive());
    let future = pool.submit(task, (Counted::new(7),)).unwrap();
    assert_eq!(*future.result().unwrap(), (7, 1));
    assert_all_gone(&pool);
}

fn a_panicking_tasks_argument_is_gone_when_its_error_is_there<B: Backend>() {
    let _alone = counted::alone();
    let pool = B::pool(1);
    let task = |argument: Counted| panic!("{} on purpose", argument.number());
    let future: Future<()> = pool.submit(task, (Counted::new(7),)).unwrap();
    assert!(
        matches!(future.result(), Err(TaskError::Panicked(panic)) if panic.message == "7 on purpose")
    );
    assert_all_gone(&pool);
}

fn a_cancelled_tasks_argument_is_gone_when_cancel_returns<B: Backend>() {
    let _alone = counted::alone();
    let (pool, gate, _blocked) = blocked_pool::<B>();
    let task = |argument: Counted| argument.number();
    let future = pool.submit(task, (Counted::new(7),)).unwrap();
    assert!(future.cancel());
    assert_eq!(counted::alive(), 0);
    gate.open();
    assert_all_gone(&pool);
}

/// Says so when it is dropped, and then panics.
struct Grenade(Sender<thread::ThreadId>);

impl Drop for Grenade {
    fn drop(&mut self) {
        self.0.send(thread::current().id()).unwrap();
        panic!("a destructor that panics, on purpose");
    }
}

fn grenade() -> (Grenade, Receiver<thread::ThreadId>) {
    let (dropped, drops) = channel();
    (Grenade(dropped), drops)
}

#[track_caller]
fn assert_usable<P: Executor>(pool: &P) {
    for n in 0..3 {
        assert_eq!(*pool.submit(|n: i32| n, (n,)).unwrap().result().unwrap(), n);
    }
}

fn what_a_task_captures_is_dropped_before_its_result_is_seen<B: Backend<Pool: Closures>>() {
    let pool = B::pool(1);
    let captured = Arc::new([0_u8; 4096]);
    let inside = Arc::clone(&captured);
    let future = pool.run(move || inside.len());
    assert_eq!(*future.result().unwrap(), 4096);
    assert_eq!(Arc::strong_count(&captured), 1);
}

fn a_cancelled_tasks_closure_is_dropped_before_cancel_returns<B: Backend<Pool: Closures>>() {
    let (pool, gate, _blocked) = blocked_pool::<B>();
    let captured = Arc::new(());
    let inside = Arc::clone(&captured);
    let future = pool.run(move || drop(inside));
    assert!(future.cancel());
    assert_eq!(Arc::strong_count(&captured), 1);
    gate.open();
    assert_usable(&pool);
}

fn a_shutdown_drops_the_closures_of_what_it_cancels<B: Backend<Pool: Closures>>() {
    let (pool, gate, _blocked) = blocked_pool::<B>();
    let captured = Arc::new(());
    let inside = Arc::clone(&captured);
    let future = pool.run(move || drop(inside));
    pool.shutdown(Shutdown::no_wait().cancel_pending());
    assert!(future.cancelled());
    assert_eq!(Arc::strong_count(&captured), 1);
    gate.open();
}

fn a_refused_tasks_closure_is_dropped<B: Backend<Pool: Closures>>() {
    let pool = B::pool(1);
    pool.shutdown(Shutdown::wait());
    let captured = Arc::new(());
    let inside = Arc::clone(&captured);
    assert!(pool.accept(move || drop(inside)).is_err());
    assert_eq!(Arc::strong_count(&captured), 1);
}

fn a_panicking_destructor_in_a_cancelled_closure_harms_nobody<B: Backend<Pool: Closures>>() {
    let (pool, gate, _blocked) = blocked_pool::<B>();
    let (grenade, drops) = grenade();
    let future = pool.run(move || drop(grenade));
    let (called, calls) = channel();
    future.add_done_callback(move |future| called.send(future.cancelled()).unwrap());
    assert!(future.cancel());
    assert_eq!(drops.iter().count(), 1);
    assert_eq!(calls.recv(), Ok(true));
    gate.open();
    assert_usable(&pool);
}

fn a_panicking_destructor_in_a_closure_that_shutdown_cancels_harms_nobody<
    B: Backend<Pool: Closures>,
>() {
    let (pool, gate, blocked) = blocked_pool::<B>();
    let (grenade, drops) = grenade();
    let first = pool.run(move || drop(grenade));
    let second = pool.run(|| 1);
    pool.shutdown(Shutdown::no_wait().cancel_pending());
    assert!(first.cancelled() && second.cancelled());
    assert_eq!(drops.iter().count(), 1);
    gate.open();
    pool.shutdown(Shutdown::wait());
    assert!(blocked.result().is_ok());
}

fn a_panicking_destructor_of_a_result_that_nobody_wants_harms_no_worker<
    B: Backend<Pool: Closures>,
>() {
    let (pool, gate, _blocked) = blocked_pool::<B>();
    let worker = pool.run(|| thread::current().id());
    let (grenade, drops) = grenade();
    drop(pool.run(move || grenade));
    let after = pool.run(|| thread::current().id());
    gate.open();
    let worker = *worker.result().unwrap();
    assert_eq!(drops.iter().collect::<Vec<_>>(), [worker]);
    assert_eq!(*after.result().unwrap(), worker);
    assert_usable(&pool);
}

fn a_panicking_destructor_of_what_a_task_captures_is_the_tasks_panic<B: Backend<Pool: Closures>>() {
    let pool = B::pool(1);
    let (grenade, drops) = grenade();
    let future = pool.run(move || {
        let _inside = grenade;
        1
    });
    let Err(TaskError::Panicked(panic)) = future.result() else {
        panic!("{future:?}")
    };
    assert!(panic.message.contains("destructor"));
    assert_eq!(drops.iter().count(), 1);
    assert_usable(&pool);
}

/// A panic's payload whose destructor panics in its turn.
fn a_panicking_destructor_of_a_panics_payload_harms_no_worker<B: Backend<Pool: Closures>>() {
    let pool = B::pool(1);
    let (grenade, drops) = grenade();
    let future: Future<()> = pool.run(move || std::panic::panic_any(grenade));
    assert!(matches!(future.result(), Err(TaskError::Panicked(_))));
    assert_eq!(drops.iter().count(), 1);
    assert_usable(&pool);
}

/// Submits a task when it is dropped.
struct Submits<P: Closures>(Arc<P>, Sender<Future<i32>>);

impl<P: Closures> Drop for Submits<P> {
    fn drop(&mut self) {
        self.1.send(self.0.run(|| 7)).unwrap();
    }
}

fn no_lock_is_held_while_destructors_and_callbacks_use_the_pool<B: Backend<Pool: Closures>>() {
    let (pool, gate, blocked) = blocked_pool::<B>();
    let pool = Arc::new(pool);
    let (sender, submitted) = channel();
    let inside = Submits(Arc::clone(&pool), sender.clone());
    let cancelled = pool.run(move || drop(inside));
    let result = Submits(Arc::clone(&pool), sender.clone());
    drop(pool.run(move || result));
    blocked.add_done_callback({
        let pool = Arc::clone(&pool);
        move |_| sender.send(pool.run(|| 7)).unwrap()
    });
    assert!(cancelled.cancel());
    gate.open();
    let futures: Vec<Future<i32>> = submitted.iter().collect();
    assert_eq!(futures.len(), 3);
    assert!(futures.iter().all(|future| *future.result().unwrap() == 7));
}
