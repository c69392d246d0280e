//! When a scope ends: after its tasks, its callbacks and all that they held, whatever happens.

use std::mem;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use executor::{Executor, ScopedFuture, Shutdown, SubmitError, TaskError};

use super::Scopes;
use crate::backends::{Backend, on_executors_of_this_process};
use crate::gate::{Gate, pass};

on_executors_of_this_process!(
    a_scope_waits_for_tasks_whose_futures_are_gone,
    a_scope_waits_while_its_body_unwinds_and_passes_the_panic_on,
    a_scope_waits_for_what_runs,
    callbacks_may_borrow_and_end_before_the_scope,
    a_callback_that_panics_harms_nobody,
    a_cancelled_task_never_runs_and_is_gone,
    a_cancel_on_another_thread_is_waited_for,
    a_value_that_nobody_takes_is_dropped_in_the_scope,
    a_closure_whose_destructor_panics_is_gone_all_the_same,
    a_shut_down_pool_refuses_and_drops_the_task,
    a_shutdown_leaves_what_was_accepted,
    a_shutdown_that_cancels_cancels_scoped_tasks,
    a_scope_in_which_nothing_is_submitted_gives_the_bodys_value,
    what_the_scope_ran_itself_leaves_the_pool_usable,
    many_scopes_of_short_tasks_lose_nothing,
);

/// Counts how many of its kind there are.
struct Counted<'c>(&'c AtomicUsize);

impl<'c> Counted<'c> {
    fn new(count: &'c AtomicUsize) -> Counted<'c> {
        // ORDERING: Relaxed, here and below: the scope's end orders it before the last look.
        count.fetch_add(1, Ordering::Relaxed);
        Counted(count)
    }
}

impl Drop for Counted<'_> {
    fn drop(&mut self) {
        // A moment in which a scope that does not wait for the destructor returns.
        thread::yield_now();
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Keeps all the workers of a pool busy until the gate opens.
fn hold<P: Scopes>(pool: &P, workers: usize) -> Gate {
    let mut gate = Gate::new();
    for _ in 0..workers {
        let key = gate.key();
        drop(pool.spawn(move || pass(key)));
    }
    gate.await_arrivals(workers);
    gate
}

fn a_scope_waits_for_tasks_whose_futures_are_gone<B: Backend<Pool: Scopes>>() {
    let pool = B::pool(2);
    for _ in 0..20 {
        let (count, ran) = (AtomicUsize::new(0), AtomicUsize::new(0));
        pool.scope(|scope| {
            for n in 0..10 {
                let (held, ran) = (Counted::new(&count), &ran);
                let task = move || {
                    let _held = held;
                    ran.fetch_add(1, Ordering::Relaxed);
                };
                let future = scope.submit(task).unwrap();
                if n % 2 == 0 {
                    mem::forget(future);
                }
            }
        });
        assert_eq!((count.into_inner(), ran.into_inner()), (0, 10));
    }
}

fn a_scope_waits_while_its_body_unwinds_and_passes_the_panic_on<B: Backend<Pool: Scopes>>() {
    let pool = B::pool(1);
    let gate = hold(&pool, 1);
    let (count, ran) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let outcome = catch_unwind(AssertUnwindSafe(|| {
        pool.scope(|scope| {
            for _ in 0..5 {
                let (held, ran) = (Counted::new(&count), &ran);
                let task = move || {
                    let _held = held;
                    ran.fetch_add(1, Ordering::Relaxed);
                };
                scope.submit(task).unwrap();
            }
            panic!("the body's own");
        })
    }));
    let panic = outcome.unwrap_err();
    assert_eq!(panic.downcast_ref(), Some(&"the body's own"));
    assert_eq!((count.into_inner(), ran.into_inner()), (0, 5));
    gate.open();
}

fn a_scope_waits_for_what_runs<B: Backend<Pool: Scopes>>() {
    let pool = B::pool(1);
    let mut gate = Gate::new();
    let key = gate.key();
    let mut passed = false;
    thread::scope(|threads| {
        let (pool, passed) = (&pool, &mut passed);
        threads.spawn(move || {
            let task = || {
                pass(key);
                *passed = true;
            };
            pool.scope(|scope| drop(scope.submit(task).unwrap()));
        });
        gate.await_arrivals(1);
        // Gives a scope that does not wait some time to show it; it decides nothing else.
        for _ in 0..1000 {
            thread::yield_now();
        }
        gate.open();
    });
    assert!(passed);
}

fn callbacks_may_borrow_and_end_before_the_scope<B: Backend<Pool: Scopes>>() {
    let pool = B::pool(2);
    for _ in 0..20 {
        let (count, called) = (AtomicUsize::new(0), AtomicUsize::new(0));
        pool.scope(|scope| {
            let futures = [0, 1, 2].map(|n| scope.submit(move || assert_ne!(n, 1)).unwrap());
            for (n, future) in futures.iter().enumerate() {
                let (held, called) = (Counted::new(&count), &called);
                future.add_done_callback(move |error| {
                    let _held = held;
                    assert_eq!(error.is_some(), n == 1);
                    called.fetch_add(1, Ordering::Relaxed);
                });
            }
        });
        assert_eq!((count.into_inner(), called.into_inner()), (0, 3));
    }
}

fn a_callback_that_panics_harms_nobody<B: Backend<Pool: Scopes>>() {
    let pool = B::pool(1);
    let mut called = false;
    pool.scope(|scope| {
        let future = scope.submit(|| 7).unwrap();
        future.add_done_callback(|_| panic!("on purpose"));
        future.add_done_callback(|_| called = true);
        assert_eq!(*future.result().unwrap(), 7);
        future.add_done_callback(|_| panic!("on purpose"));
    });
    assert!(called);
}

fn a_cancelled_task_never_runs_and_is_gone<B: Backend<Pool: Scopes>>() {
    let pool = B::pool(1);
    let gate = hold(&pool, 1);
    let count = AtomicUsize::new(0);
    let mut told = None;
    pool.scope(|scope| {
        let held = Counted::new(&count);
        let future = scope
            .submit(move || -> i32 {
                let _held = held;
                unreachable!("it was cancelled")
            })
            .unwrap();
        future.add_done_callback(|error| told = error);
        assert!(future.cancel() && future.cancelled() && future.cancel());
        assert_eq!(count.load(Ordering::Relaxed), 0);
        assert!(matches!(future.result(), Err(TaskError::Cancelled)));
    });
    assert!(matches!(told, Some(TaskError::Cancelled)));
    gate.open();
}

fn a_cancel_on_another_thread_is_waited_for<B: Backend<Pool: Scopes>>() {
    let pool = B::pool(2);
    for _ in 0..50 {
        let (count, ran) = (AtomicUsize::new(0), AtomicUsize::new(0));
        let cancelled = pool.scope(|scope| {
            let (held, ran) = (Counted::new(&count), &ran);
            let task = move || {
                let _held = held;
                ran.fetch_add(1, Ordering::Relaxed);
            };
            let future = Arc::new(scope.submit(task).unwrap());
            let also = Arc::clone(&future);
            // A task of the same scope, which goes on when the body has returned.
            let canceller = scope.submit(move || also.cancel()).unwrap();
            canceller.into_result().unwrap()
        });
        assert_eq!(count.into_inner(), 0);
        assert_eq!(ran.into_inner(), usize::from(!cancelled));
    }
}

fn a_value_that_nobody_takes_is_dropped_in_the_scope<B: Backend<Pool: Scopes>>() {
    let pool = B::pool(2);
    for _ in 0..20 {
        let count = AtomicUsize::new(0);
        pool.scope(|scope| {
            drop(scope.submit(|| Counted::new(&count)).unwrap());
            let future = scope.submit(|| Counted::new(&count)).unwrap();
            drop(future.result());
        });
        assert_eq!(count.into_inner(), 0);
    }
}

/// Counts itself out, and then panics.
struct Grenade<'c>(Counted<'c>);

impl Drop for Grenade<'_> {
    fn drop(&mut self) {
        let _counted = Counted::new(self.0.0);
        panic!("a destructor that panics, on purpose");
    }
}

fn a_closure_whose_destructor_panics_is_gone_all_the_same<B: Backend<Pool: Scopes>>() {
    let pool = B::pool(1);
    let gate = hold(&pool, 1);
    let count = AtomicUsize::new(0);
    pool.scope(|scope| {
        let grenades = [(); 3].map(|()| Grenade(Counted::new(&count)));
        let futures = grenades.map(|grenade| {
            let task = move || drop(grenade);
            scope.submit(task).unwrap()
        });
        assert!(futures[0].cancel());
        assert!(matches!(futures[1].result(), Err(TaskError::Panicked(_))));
    });
    assert_eq!(count.into_inner(), 0);
    gate.open();
}

fn a_shut_down_pool_refuses_and_drops_the_task<B: Backend<Pool: Scopes>>() {
    let pool = B::pool(1);
    pool.shutdown(Shutdown::wait());
    let count = AtomicUsize::new(0);
    pool.scope(|scope| {
        let held = Counted::new(&count);
        let refused = scope.submit(move || drop(held));
        let refused = refused.err().unwrap();
        assert!(matches!(refused.error(), SubmitError::ShutDown));
        assert_eq!(count.load(Ordering::Relaxed), 1);
        drop(refused);
        assert_eq!(count.load(Ordering::Relaxed), 0);
    });
}

fn a_shutdown_leaves_what_was_accepted<B: Backend<Pool: Scopes>>() {
    let pool = B::pool(1);
    let gate = hold(&pool, 1);
    let mut numbers = [0; 3];
    pool.scope(|scope| {
        for number in &mut numbers {
            scope.submit(|| *number = 7).unwrap();
        }
        pool.shutdown(Shutdown::no_wait());
        assert!(scope.submit(|| ()).is_err());
    });
    assert_eq!(numbers, [7; 3]);
    gate.open();
}

fn a_shutdown_that_cancels_cancels_scoped_tasks<B: Backend<Pool: Scopes>>() {
    let pool = B::pool(1);
    let gate = hold(&pool, 1);
    let count = AtomicUsize::new(0);
    pool.scope(|scope| {
        let futures = [(); 3].map(|()| {
            let held = Counted::new(&count);
            scope.submit(move || drop(held)).unwrap()
        });
        pool.shutdown(Shutdown::no_wait().cancel_pending());
        assert!(futures.iter().all(ScopedFuture::cancelled));
        assert_eq!(count.load(Ordering::Relaxed), 0);
    });
    gate.open();
}

fn a_scope_in_which_nothing_is_submitted_gives_the_bodys_value<B: Backend<Pool: Scopes>>() {
    let text = "seven".to_owned();
    assert_eq!(B::pool(1).scope(|_| text.as_str()), "seven");
}

fn what_the_scope_ran_itself_leaves_the_pool_usable<B: Backend<Pool: Scopes>>() {
    let pool = B::pool(1);
    let gate = hold(&pool, 1);
    let mut sum = 0;
    pool.scope(|scope| {
        scope.submit(|| sum += 1).unwrap();
        drop(scope.submit(|| ()));
    });
    assert_eq!(sum, 1);
    // Its errands are still in the pool, and find nothing.
    gate.open();
    assert!(pool.spawn(|| ()).result().is_ok());
}

fn many_scopes_of_short_tasks_lose_nothing<B: Backend<Pool: Scopes>>() {
    let pool = B::pool(2);
    thread::scope(|threads| {
        for _ in 0..2 {
            threads.spawn(|| {
                for round in 0..100 {
                    let mut numbers = vec![0; round % 7];
                    pool.scope(|scope| {
                        for number in &mut numbers {
                            scope.submit(|| *number += 1).unwrap();
                        }
                    });
                    assert!(numbers.iter().all(|number| *number == 1));
                }
            });
        }
    });
}
