//! Programs that deadlock on a pool that knows nothing of it, each beside a twin that must not.
//!
//! A program passes if it comes to its end: because somebody is told, or because somebody helps.

use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Duration;

use crate::gate::Gate;
use crate::pool::{Failure, Handle, Pool, Within};
use crate::scenario::{accepted, ensure, fail, lacks, pool, scenarios};

scenarios!("deadlocks":
    a_task_waits_for_itself,
    two_tasks_wait_for_each_other,
    two_tasks_wait_for_each_other_and_one_gives_up,
    three_tasks_wait_in_a_ring,
    three_tasks_wait_in_a_chain,
    the_only_worker_waits_for_a_child,
    two_workers_are_enough_for_a_child,
    naive_recursion_on_two_workers,
    a_task_shuts_its_own_pool_down,
    another_thread_shuts_down_while_a_task_runs,
);

/// What a task was told by the wait for the one before it.
type Told = Result<(), Failure>;

/// A task that is sent the handle to wait for.
struct Waiter<P: Pool> {
    handle: P::Handle<()>,
    send: Sender<P::Handle<()>>,
}

/// A task that waits for the one that it is sent, and then says what it was told.
fn waiter<P: Pool>(pool: &P, say: &Sender<Told>) -> Waiter<P> {
    let (send, receive): (_, Receiver<P::Handle<()>>) = channel();
    let say = say.clone();
    let handle = accepted(pool.submit(move || {
        let told = receive.recv().map_or(Err(Failure::Lost), Handle::join);
        drop(say.send(told));
    }));
    Waiter { handle, send }
}

fn give<P: Pool>(send: &Sender<P::Handle<()>>, handle: P::Handle<()>) {
    ensure!(send.send(handle).is_ok(), "a task does not listen any more");
}

/// A ring of so many tasks, each waiting for the next one.
fn ring<P: Pool>(size: usize) {
    let pool = pool::<P>(size);
    let (say, said) = channel();
    let waiters: Vec<Waiter<P>> = (0..size).map(|_| waiter(pool, &say)).collect();
    let (mut handles, sends): (Vec<_>, Vec<_>) =
        waiters.into_iter().map(|it| (it.handle, it.send)).unzip();
    handles.rotate_left(1);
    for (send, handle) in sends.iter().zip(handles) {
        give::<P>(send, handle);
    }
    let told: Vec<Told> = said.iter().take(size).collect();
    let deadlocks = told
        .iter()
        .filter(|it| matches!(it, Err(Failure::Deadlock(_))))
        .count();
    ensure!(
        deadlocks > 0,
        "it came to an end, and nobody was told of a deadlock: {told:?}"
    );
}

fn a_task_waits_for_itself<P: Pool>() {
    ring::<P>(1);
}

fn two_tasks_wait_for_each_other<P: Pool>() {
    ring::<P>(2);
}

fn three_tasks_wait_in_a_ring<P: Pool>() {
    ring::<P>(3);
}

fn two_tasks_wait_for_each_other_and_one_gives_up<P: Pool>() {
    let pool = pool::<P>(2);
    let (say, said) = channel();
    let first = waiter(pool, &say);
    let (send, receive): (_, Receiver<P::Handle<()>>) = channel();
    let second = accepted(pool.submit(move || {
        let Ok(handle) = receive.recv() else {
            fail("the scenario sends it")
        };
        match handle.join_within(Duration::from_millis(10)) {
            Within::Lacking => lacks("timed wait"),
            // A pool may know that the time will pass in vain, and say so at once.
            Within::NotYet(_) | Within::Ended(Err(Failure::Deadlock(_))) => {}
            Within::Ended(result) => fail(format!("who waits for it has ended: {result:?}")),
        }
    }));
    give::<P>(&send, first.handle);
    give::<P>(&first.send, second);
    let told = said.recv();
    ensure!(told == Ok(Ok(())), "the first was told {told:?}");
}

/// With a worker for each, so that nobody waits for a worker.
fn three_tasks_wait_in_a_chain<P: Pool>() {
    let pool = pool::<P>(4);
    let (say, said) = channel();
    let waiters: Vec<Waiter<P>> = (0..3).map(|_| waiter(pool, &say)).collect();
    let mut next = accepted(pool.submit(|| ()));
    for waiter in waiters {
        give::<P>(&waiter.send, next);
        next = waiter.handle;
    }
    ensure!(next.join() == Ok(()), "the last of the chain has no result");
    let told: Vec<Told> = said.iter().take(3).collect();
    ensure!(told.iter().all(Result::is_ok), "they were told {told:?}");
}

fn parent_and_child<P: Pool>(workers: usize) {
    let pool = pool::<P>(workers);
    let parent = accepted(pool.submit(move || accepted(pool.submit(|| 41)).join()));
    match parent.join() {
        Ok(Ok(41) | Err(Failure::Deadlock(_))) => {}
        other => fail(format!("the parent left {other:?}")),
    }
}

fn the_only_worker_waits_for_a_child<P: Pool>() {
    parent_and_child::<P>(1);
}

fn two_workers_are_enough_for_a_child<P: Pool>() {
    parent_and_child::<P>(2);
}

fn fibonacci<P: Pool>(pool: &'static P, n: u32) -> Result<u32, Failure> {
    if n < 2 {
        return Ok(n);
    }
    let low = accepted(pool.submit(move || fibonacci(pool, n - 2)));
    let high = accepted(pool.submit(move || fibonacci(pool, n - 1)));
    Ok(low.join()?? + high.join()??)
}

fn naive_recursion_on_two_workers<P: Pool>() {
    match fibonacci(pool::<P>(2), 12) {
        Ok(144) | Err(Failure::Deadlock(_)) => {}
        other => fail(format!("it left {other:?}")),
    }
}

fn a_task_shuts_its_own_pool_down<P: Pool>() {
    let pool = pool::<P>(1);
    let (tell, told) = channel();
    drop(accepted(pool.submit(move || {
        pool.shut_down().unwrap_or_else(|| lacks("shutdown"));
        tell.send(42)
    })));
    ensure!(told.recv() == Ok(42), "the task did not come to its end");
}

fn another_thread_shuts_down_while_a_task_runs<P: Pool>() {
    let (pool, gate) = (pool::<P>(1), Gate::default());
    let held = gate.clone();
    let handle = accepted(pool.submit(move || {
        held.pass();
        42
    }));
    gate.await_arrivals(1);
    let shutdown = std::thread::spawn(|| pool.shut_down().unwrap_or_else(|| lacks("shutdown")));
    gate.open();
    ensure!(shutdown.join().is_ok(), "the shutdown panics");
    let result = handle.join();
    ensure!(result == Ok(42), "the result is {result:?}");
}
