//! Scopes inside tasks: their end can't be left out, so the others of the circle are told.

use std::sync::Arc;
use std::sync::mpsc::channel;

use executor::{Future, ReturnWhen, Shutdown, ShutdownOutcome, wait};

use super::{Local, Outcome, deadlock, follow, linger, on_threads_and_rayon};

on_threads_and_rayon!(
    the_first_of_scoped_tasks_comes_to_who_waits_on_the_only_worker,
    a_scoped_task_that_waits_for_the_task_of_its_scope_is_told,
    the_first_of_many_scoped_tasks_is_told_that_it_waits_for_the_task_of_its_scope,
    a_scope_on_the_only_worker_runs_its_own_tasks,
    a_callback_that_waits_for_the_task_of_its_scope_is_told,
    a_scoped_task_that_waits_for_room_behind_its_own_scope_is_told,
    a_scoped_task_that_shuts_down_the_pool_of_its_scope_does_not_wait,
    a_task_that_waits_for_all_that_it_has_scoped_runs_them,
    what_a_worker_runs_for_its_scope_is_counted,
);

fn a_scoped_task_that_waits_for_the_task_of_its_scope_is_told<P: Local>() {
    for _ in 0..20 {
        let pool = P::pool(2);
        let inner = Arc::clone(&pool);
        let (tell, told) = channel::<Future<Outcome>>();
        let own = pool.go(move || -> Outcome {
            let own = told.recv().expect("the scenario sends it");
            inner.within(|scope| {
                let waits = scope.submit(|| follow(&own)).expect("the pool is open");
                drop(waits);
            });
            inner.within(|scope| {
                let waits = scope.submit(|| follow(&own)).expect("the pool is open");
                waits.into_result()?
            })
        });
        tell.send(own.clone()).unwrap();
        deadlock(&own.into_result().unwrap());
    }
}

/// So many that the scope has let go of some that it followed: of those that have ended, and no others.
fn the_first_of_many_scoped_tasks_is_told_that_it_waits_for_the_task_of_its_scope<P: Local>() {
    for _ in 0..20 {
        let pool = P::pool(2);
        let inner = Arc::clone(&pool);
        let (tell, told) = channel::<Future<u32>>();
        let (say, said) = channel();
        let own = pool.go(move || {
            let own = told.recv().expect("the scenario sends it");
            inner.within(|scope| {
                let (here, arrived) = channel::<()>();
                let (go, gone) = channel::<()>();
                let waits = move || {
                    drop(here);
                    gone.recv().unwrap_err();
                    say.send(own.result().copied()).unwrap();
                };
                drop(scope.submit(waits).unwrap());
                // The other worker has begun it, for this one does not wait for its scope yet.
                arrived.recv().unwrap_err();
                for _ in 0..50 {
                    scope.submit(|| ()).unwrap().result().unwrap();
                }
                drop(go);
                linger();
            });
            42
        });
        tell.send(own.clone()).unwrap();
        assert_eq!(own.into_result().unwrap(), 42);
        deadlock(&said.recv().unwrap());
    }
}

fn a_scope_on_the_only_worker_runs_its_own_tasks<P: Local>() {
    let pool = P::pool(1);
    let inner = Arc::clone(&pool);
    let sum = pool.go(move || {
        let numbers = [1, 2, 3];
        inner.within(|scope| {
            let sums = [0, 1, 2].map(|n| {
                scope
                    .submit({
                        let numbers = &numbers;
                        move || numbers[n]
                    })
                    .expect("the pool is open")
            });
            sums.into_iter()
                .map(|sum| sum.into_result().unwrap())
                .sum::<u32>()
        })
    });
    assert_eq!(sum.into_result().unwrap(), 6);
}

fn a_callback_that_waits_for_the_task_of_its_scope_is_told<P: Local>() {
    for _ in 0..20 {
        let pool = P::pool(2);
        let inner = Arc::clone(&pool);
        let (tell, told) = channel::<Future<u32>>();
        let (say, said) = channel();
        let own = pool.go(move || {
            let own = told.recv().expect("the scenario sends it");
            inner.within(|scope| {
                let (go, gone) = channel::<()>();
                let task = scope.submit(move || gone.recv().is_err()).unwrap();
                task.add_done_callback(move |_| say.send(own.result().copied()).unwrap());
                drop(go);
                linger();
            });
            42
        });
        tell.send(own.clone()).unwrap();
        assert_eq!(own.into_result().unwrap(), 42);
        deadlock(&said.recv().unwrap());
    }
}

fn a_scoped_task_that_waits_for_room_behind_its_own_scope_is_told<P: Local>() {
    for _ in 0..20 {
        let pool = P::bounded(2, 1);
        let inner = Arc::clone(&pool);
        let told = pool.go(move || {
            inner.within(|scope| {
                let (here, arrived) = channel::<()>();
                let (go, gone) = channel::<()>();
                let pool = &inner;
                let submits = move || {
                    drop(here);
                    gone.recv().unwrap_err();
                    pool.try_go(|| ())
                };
                let submits = scope.submit(submits).unwrap();
                arrived.recv().unwrap_err();
                // Fills the queue; the other worker is this one.
                inner.try_go(|| ()).unwrap();
                drop(go);
                linger();
                drop(submits);
            });
        });
        told.result().unwrap();
    }
}

fn a_scoped_task_that_shuts_down_the_pool_of_its_scope_does_not_wait<P: Local>() {
    for _ in 0..20 {
        let (outer, inner) = (P::pool(1), P::pool(1));
        let shut = Arc::clone(&outer);
        let outcome = outer.go(move || {
            let (say, said) = channel();
            inner.within(|scope| {
                let shuts = || say.send(shut.shutdown(Shutdown::wait())).unwrap();
                drop(scope.submit(shuts).unwrap());
                linger();
            });
            said.recv().unwrap()
        });
        assert_eq!(outcome.into_result().unwrap(), ShutdownOutcome::NotWaited);
    }
}

fn a_task_that_waits_for_all_that_it_has_scoped_runs_them<P: Local>() {
    let (pool, busy) = (P::pool(1), P::pool(1));
    let inner = Arc::clone(&busy);
    let (tell, told) = channel::<Future<usize>>();
    let waits = busy.go(move || {
        let own: Future<usize> = told.recv().expect("the scenario sends it");
        own.result().copied()
    });
    let own = pool.go(move || {
        inner.within(|scope| {
            let tasks = [1, 2].map(|number| scope.submit(move || number).unwrap());
            wait(&tasks, ReturnWhen::AllCompleted).done.len()
        })
    });
    tell.send(own.clone()).unwrap();
    assert_eq!(own.into_result().unwrap(), 2);
    assert_eq!(waits.into_result().unwrap().unwrap(), 2);
}

fn the_first_of_scoped_tasks_comes_to_who_waits_on_the_only_worker<P: Local>() {
    let pool = P::pool(1);
    let inner = Arc::clone(&pool);
    let waits = pool.go(move || {
        inner.within(|scope| {
            let tasks = [1, 2].map(|number| scope.submit(move || number).unwrap());
            wait(&tasks, ReturnWhen::FirstCompleted).done.len()
        })
    });
    assert!(waits.into_result().unwrap() >= 1);
}

fn what_a_worker_runs_for_its_scope_is_counted<P: Local>() {
    let pool = P::pool(1);
    let inner = Arc::clone(&pool);
    let scopes = pool.go(move || {
        inner.within(|scope| {
            for _ in 0..4 {
                drop(scope.submit(|| ()).unwrap());
            }
        });
    });
    scopes.result().unwrap();
    assert_eq!(pool.counters().finished, 5);
}
