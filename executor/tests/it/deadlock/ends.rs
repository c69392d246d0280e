//! Shutting a pool down, or dropping the last of it, inside a task that its end waits for.

use std::sync::Arc;
use std::sync::mpsc::{Sender, channel};
use std::thread;
use std::time::Duration;

use executor::{Future, Shutdown, ShutdownOutcome, TaskError};

use super::{Local, Outcome, follow, on_threads_and_rayon};
use crate::gate::{Gate, pass};

on_threads_and_rayon!(
    a_task_shuts_its_own_pool_down,
    a_task_drops_the_last_of_its_own_pool,
    a_task_shuts_a_pool_down_whose_task_waits_for_it,
    a_task_that_shuts_a_pool_down_within_a_time_is_waited_for,
    a_task_drops_the_last_of_a_pool_whose_task_waits_for_it,
    two_pools_shut_each_other_down,
    callbacks_and_destructors_of_what_a_shutdown_cancels_may_wait_for_each_other,
    a_shutdown_that_cancels_comes_across_what_a_waiter_has_run,
    a_callback_of_what_a_shutdown_cancels_waits_for_a_scope_whose_task_that_cancels_too,
    a_task_may_wait_for_the_end_of_another_pool,
);

fn a_task_shuts_its_own_pool_down<P: Local>() {
    let pool = P::pool(1);
    let inner = Arc::clone(&pool);
    let stops = pool.go(move || inner.shutdown(Shutdown::wait()));
    stops.result().unwrap();
    pool.shutdown(Shutdown::wait());
}

fn a_task_drops_the_last_of_its_own_pool<P: Local>() {
    let pool = P::pool(2);
    let (tell, told) = channel::<Arc<P>>();
    let drops = pool.go(move || drop(told.recv()));
    tell.send(pool).unwrap();
    drops.result().unwrap();
}

fn a_task_shuts_a_pool_down_whose_task_waits_for_it<P: Local>() {
    for _ in 0..20 {
        let (one, other) = (P::pool(1), P::pool(1));
        let (tell, told) = channel();
        let ended = Arc::clone(&other);
        let stops = one.go(move || -> Outcome {
            told.recv().expect("the scenario sends it");
            ended.shutdown(Shutdown::wait());
            Ok(1)
        });
        let awaited = stops.clone();
        let waits = other.go(move || follow(&awaited));
        tell.send(()).unwrap();
        // Who comes last finds out: either the shutdown does not wait, or the other wait fails.
        assert_eq!(*stops.result().unwrap().as_ref().unwrap(), 1);
        waits.result().unwrap();
    }
}

/// Its wait ends in any case, and so does that of the other pool's task.
fn a_task_that_shuts_a_pool_down_within_a_time_is_waited_for<P: Local>() {
    for _ in 0..20 {
        let (one, other) = (P::pool(1), P::pool(1));
        let (tell, told) = channel();
        let ended = Arc::clone(&other);
        let stops = one.go(move || -> Outcome {
            told.recv().expect("the scenario sends it");
            let soon = Shutdown::wait().within(Duration::from_millis(5));
            assert_eq!(ended.shutdown(soon), ShutdownOutcome::TimedOut);
            Ok(1)
        });
        let awaited = stops.clone();
        let (begun, begins) = channel();
        let waits = other.go(move || {
            begun.send(()).unwrap();
            follow(&awaited)
        });
        begins.recv().unwrap();
        tell.send(()).unwrap();
        assert_eq!(waits.into_result().unwrap().unwrap(), 2);
        assert_eq!(*stops.result().unwrap().as_ref().unwrap(), 1);
    }
}

fn a_task_drops_the_last_of_a_pool_whose_task_waits_for_it<P: Local>() {
    for _ in 0..20 {
        let (one, other) = (P::pool(1), P::pool(1));
        let (tell, told) = channel();
        let drops = one.go(move || -> Outcome {
            let last: Arc<P> = told.recv().expect("the scenario sends it");
            drop(last);
            Ok(1)
        });
        let awaited = drops.clone();
        let waits = other.go(move || follow(&awaited));
        tell.send(other).unwrap();
        assert_eq!(*drops.result().unwrap().as_ref().unwrap(), 1);
        waits.result().unwrap();
    }
}

/// Says whether the other one was cancelled, when this is dropped.
struct Waits {
    other: Future<u32>,
    say: Sender<bool>,
}

impl Drop for Waits {
    fn drop(&mut self) {
        let outcome = self.other.result();
        let is_cancelled = matches!(outcome, Err(TaskError::Cancelled));
        self.say.send(is_cancelled).expect("the scenario listens");
    }
}

/// The first of them waits for the last, which is cancelled in the same go.
fn callbacks_and_destructors_of_what_a_shutdown_cancels_may_wait_for_each_other<P: Local>() {
    let pool = P::pool(1);
    let mut gate = Gate::new();
    let key = gate.key();
    let busy = pool.go(move || pass(key));
    gate.await_arrivals(1);
    let (tell, told) = channel::<Waits>();
    let first = pool.go(|| 1);
    // What it was told is dropped with it.
    let second = pool.go(move || u32::from(told.recv().is_err()));
    let last = pool.go(|| 3);
    let (say, said) = channel();
    let waits = |say| Waits {
        other: last.clone(),
        say,
    };
    let in_callback = waits(say.clone());
    first.add_done_callback(move |_| drop(in_callback));
    tell.send(waits(say)).unwrap();
    pool.shutdown(Shutdown::no_wait().cancel_pending());
    assert_eq!(said.iter().collect::<Vec<_>>(), [true, true]);
    assert!(second.cancelled());
    gate.open();
    busy.result().unwrap();
}

/// The waiting worker ran the task itself, which is in the queue still.
fn a_shutdown_that_cancels_comes_across_what_a_waiter_has_run<P: Local>() {
    let pool = P::pool(1);
    let inner = Arc::clone(&pool);
    let mut gate = Gate::new();
    let key = gate.key();
    let helps = pool.go(move || {
        let (made, behind) = (inner.go(|| 1), inner.go(|| 2));
        assert_eq!(*made.result().unwrap(), 1);
        pass(key);
        (made, behind)
    });
    gate.await_arrivals(1);
    pool.shutdown(Shutdown::no_wait().cancel_pending());
    gate.open();
    let (made, behind) = helps.into_result().unwrap();
    assert!(behind.cancelled());
    assert_eq!(made.into_result().unwrap(), 1);
}

fn two_pools_shut_each_other_down<P: Local>() {
    for _ in 0..20 {
        let (one, other) = (P::pool(1), P::pool(1));
        let (ends, tells): (Vec<_>, Vec<_>) = [(&one, &other), (&other, &one)]
            .into_iter()
            .map(|(from, to)| {
                let (to, (tell, told)) = (Arc::clone(to), channel::<()>());
                let end = from.go(move || {
                    told.recv().expect("the scenario says when");
                    to.shutdown(Shutdown::wait());
                });
                (end, tell)
            })
            .unzip();
        for tell in tells {
            tell.send(()).unwrap();
        }
        for end in ends {
            end.result().unwrap();
        }
    }
}

fn a_task_may_wait_for_the_end_of_another_pool<P: Local>() {
    let (one, other) = (P::pool(1), P::pool(1));
    let counted = other.go(|| 1);
    let ended = Arc::clone(&other);
    let waits = one.go(move || {
        ended.shutdown(Shutdown::wait());
        counted.done()
    });
    assert!(waits.result().unwrap());
}

/// The scope waits until what its task held is dropped.
fn a_callback_of_what_a_shutdown_cancels_waits_for_a_scope_whose_task_that_cancels_too<P: Local>() {
    let pool = P::pool(1);
    let mut gate = Gate::new();
    let key = gate.key();
    drop(pool.go(move || pass(key)));
    gate.await_arrivals(1);
    let first = pool.go(|| ());
    let (end, ended) = channel::<()>();
    first.add_done_callback(move |_| assert!(ended.recv().is_err()));
    let (enter, entered) = channel::<()>();
    thread::scope(|threads| {
        let pool = &pool;
        threads.spawn(move || {
            let end = end;
            pool.within(|scope| {
                let cancelled = scope.submit(|| ()).unwrap();
                drop(enter);
                while !cancelled.done() {
                    thread::yield_now();
                }
            });
            drop(end);
        });
        entered.recv().unwrap_err();
        pool.shutdown(Shutdown::no_wait().cancel_pending());
    });
    assert!(first.cancelled());
    gate.open();
}
