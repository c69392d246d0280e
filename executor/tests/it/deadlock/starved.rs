//! Tasks that wait for others which no worker is left to run.

use std::hint::black_box;
use std::sync::Arc;
use std::sync::mpsc::channel;
use std::time::Duration;

use executor::{Future, ReturnWhen, ThreadPoolExecutor, WhenStarved, collect, promise, wait};

use super::{Local, Outcome, deadlock, on_threads_and_rayon};
use crate::alone::alone_with;
use crate::gate::{Gate, pass};
use crate::watchdog::watch;

on_threads_and_rayon!(
    a_task_on_the_only_worker_waits_for_one_that_it_submits,
    every_worker_waits_for_a_task_that_it_has_submitted,
    naive_fibonacci_ends_on_few_workers,
    a_task_runs_only_what_it_waits_for,
    a_pool_that_does_not_help_says_that_no_worker_is_free,
    of_many_that_no_worker_is_free_for_the_first_are_told_and_the_others_counted,
    the_last_to_wait_wakes_one_that_can_help,
    what_a_waiting_worker_runs_is_counted,
    who_waits_for_all_runs_whichever_no_worker_is_free_for,
    what_a_waiting_worker_runs_leaves_nothing_in_the_queue,
    tasks_that_fill_the_stack_end_with_an_error_at_most,
);

/// Its value goes with its future, and what is queued next takes its place.
fn what_a_waiting_worker_runs_leaves_nothing_in_the_queue<P: Local>() {
    let pool = P::pool(1);
    let inner = Arc::clone(&pool);
    let left = pool.go(move || {
        let value = Arc::new(());
        for round in 0..50 {
            let own = Arc::clone(&value);
            let runs = inner.go(move || own);
            let also = runs.clone();
            assert!(runs.result().is_ok());
            drop(runs);
            assert_eq!(Arc::strong_count(&value), 2, "round {round}");
            drop(also);
            assert_eq!(Arc::strong_count(&value), 1, "round {round}");
            assert!(inner.go(|| ()).cancel());
        }
        inner.counters().queued
    });
    let left = left.into_result().unwrap();
    assert!(left <= 1, "{left}");
}

fn parent<P: Local>(pool: &Arc<P>) -> Outcome {
    let child = pool.go(|| 1);
    Ok(child.result()? + 1)
}

fn a_task_on_the_only_worker_waits_for_one_that_it_submits<P: Local>() {
    let pool = P::pool(1);
    let inner = Arc::clone(&pool);
    assert_eq!(
        pool.go(move || parent(&inner))
            .into_result()
            .unwrap()
            .unwrap(),
        2
    );
}

fn every_worker_waits_for_a_task_that_it_has_submitted<P: Local>() {
    for workers in [2, 4] {
        let pool = P::pool(workers);
        let mut gate = Gate::new();
        let parents: Vec<_> = (0..workers)
            .map(|_| {
                let (inner, gate) = (Arc::clone(&pool), gate.key());
                pool.go(move || {
                    pass(gate);
                    parent(&inner)
                })
            })
            .collect();
        gate.await_arrivals(workers);
        gate.open();
        for parent in parents {
            assert_eq!(*parent.result().unwrap().as_ref().unwrap(), 2);
        }
    }
}

fn fibonacci<P: Local>(pool: &Arc<P>, n: u32) -> Outcome {
    if n < 2 {
        return Ok(n);
    }
    let [low, high] = [n - 2, n - 1].map(|n| {
        let inner = Arc::clone(pool);
        pool.go(move || fibonacci(&inner, n))
    });
    let sum = |a: &Outcome, b: &Outcome| Ok(a.clone()? + b.clone()?);
    sum(low.result()?, high.result()?)
}

fn naive_fibonacci_ends_on_few_workers<P: Local>() {
    for workers in [1, 2, 4] {
        let pool = P::pool(workers);
        assert_eq!(fibonacci(&pool, 20).unwrap(), 6765, "{workers} workers");
        let inner = Arc::clone(&pool);
        let within = pool.go(move || fibonacci(&inner, 20));
        assert_eq!(within.into_result().unwrap().unwrap(), 6765);
    }
}

fn a_task_runs_only_what_it_waits_for<P: Local>() {
    let pool = P::pool(1);
    let inner = Arc::clone(&pool);
    let order = pool.go(move || {
        let other = inner.go(|| std::thread::current().id());
        let mine = inner.go(|| ());
        mine.result().unwrap();
        (other.done(), other)
    });
    let (was_done, other) = order.try_into_result().unwrap().unwrap();
    assert!(!was_done, "it was queued first, but nobody waited for it");
    other.result().unwrap();
}

fn a_pool_that_does_not_help_says_that_no_worker_is_free<P: Local>() {
    let pool = P::strict(1);
    let inner = Arc::clone(&pool);
    let outcome = pool.go(move || parent(&inner)).into_result().unwrap();
    let text = deadlock(&outcome);
    assert!(text.contains("has no free worker"), "{text}");
    assert!(text.contains("parent"), "{text}");
}

/// Pools are told apart by numbers, and zero is that of none: a future that is pending there is anybody's to finish.
#[test]
fn the_first_pool_of_a_program_says_that_no_worker_is_free() {
    alone_with(&[], Duration::from_secs(30), || {
        // With a name, or that would have the first of the numbers.
        let builder = ThreadPoolExecutor::builder().thread_name_prefix("first");
        let pool = builder.max_workers(1).when_starved(WhenStarved::Fail);
        let pool = Arc::new(pool.build().expect("a pool can be built"));
        let inner = Arc::clone(&pool);
        let text = deadlock(&pool.go(move || parent(&inner)).into_result().unwrap());
        assert!(text.contains("first has no free worker"), "{text}");
    });
}

#[test]
fn a_task_of_a_limited_queue_is_told_by_its_name() {
    watch(|| {
        let builder = ThreadPoolExecutor::builder().max_workers(1).queue_limit(4);
        let pool = builder.when_starved(WhenStarved::Fail).build();
        let pool = Arc::new(pool.expect("a pool can be built"));
        let inner = Arc::clone(&pool);
        let text = deadlock(&pool.go(move || parent(&inner)).into_result().unwrap());
        // The closure that is submitted in it.
        assert!(text.contains("parent"), "{text}");
    });
}

fn of_many_that_no_worker_is_free_for_the_first_are_told_and_the_others_counted<P: Local>() {
    let pool = P::strict(1);
    let inner = Arc::clone(&pool);
    let waits = move || {
        let children: Vec<Future<u32>> = (0..10).map(|number| inner.go(move || number)).collect();
        collect(children).into_result()
    };
    let text = deadlock(&pool.go(waits).into_result().unwrap());
    // The collected future is one of the eleven, and eight are told.
    assert!(text.contains(" and 3 more;"), "{text}");
}

/// Two workers. The first task waits for a child while the second worker could take it; but that takes
/// another task, which waits for the first one. Now the first one's thread has to run the child itself.
fn the_last_to_wait_wakes_one_that_can_help<P: Local>() {
    for _ in 0..100 {
        let pool = P::pool(2);
        let inner = Arc::clone(&pool);
        let (tell, told) = channel();
        let (tell_second, second) = channel();
        let first = pool.go(move || {
            // Both are queued before this one waits, and the free worker takes them in order.
            tell_second
                .send(inner.go(move || super::wait_for_the_one(&told)))
                .unwrap();
            super::follow(&inner.go(|| Ok(1)))
        });
        tell.send(first.clone()).unwrap();
        let second = second.recv().unwrap();
        assert_eq!(first.into_result().unwrap().unwrap(), 2);
        assert_eq!(second.into_result().unwrap().unwrap(), 3);
        assert_eq!(pool.counters().workers, 2, "no other worker was needed");
    }
}

fn what_a_waiting_worker_runs_is_counted<P: Local>() {
    let pool = P::pool(1);
    let inner = Arc::clone(&pool);
    let outcome = pool.go(move || parent(&inner)).into_result().unwrap();
    assert_eq!(outcome.unwrap(), 2);
    assert_eq!(pool.counters().finished, 2);
}

/// The first ends by the second, which the waiting thread has to run; so it must not wait for one after the other.
fn who_waits_for_all_runs_whichever_no_worker_is_free_for<P: Local>() {
    let pool = P::pool(1);
    let inner = Arc::clone(&pool);
    let waits = pool.go(move || {
        let (promise, first) = promise();
        let second = inner.go(move || {
            promise.finish(Ok(1));
            2
        });
        wait([&first, &second], ReturnWhen::AllCompleted).done.len()
    });
    assert_eq!(waits.into_result().unwrap(), 2);
}

/// Each waits for the next, with a sixteenth of the stack in use: all of them on one would overflow it.
fn fill_the_stack<P: Local>(pool: &Arc<P>, n: u32) -> Outcome {
    let large = black_box([1_u8; 512 << 10]);
    let below = if n == 0 {
        0
    } else {
        let inner = Arc::clone(pool);
        pool.go(move || fill_the_stack(&inner, n - 1))
            .into_result()??
    };
    Ok(below + u32::from(black_box(&large)[n as usize]))
}

fn tasks_that_fill_the_stack_end_with_an_error_at_most<P: Local>() {
    let pool = P::pool(1);
    let inner = Arc::clone(&pool);
    let deep = pool.go(move || fill_the_stack(&inner, 40));
    match deep.into_result().unwrap() {
        // Spare workers have taken over.
        Ok(ran) => assert_eq!(ran, 41),
        // rayon has none.
        outcome @ Err(_) => drop(deadlock(&outcome)),
    }
}

fn countdown(pool: &Arc<ThreadPoolExecutor>, n: u32) -> Outcome {
    if n == 0 {
        return Ok(0);
    }
    let inner = Arc::clone(pool);
    let next = pool.go(move || countdown(&inner, n - 1));
    Ok(next.into_result()?? + 1)
}

#[test]
fn a_thousand_tasks_deep_spare_workers_take_over() {
    watch(|| {
        let pool = ThreadPoolExecutor::pool(1);
        let inner = Arc::clone(&pool);
        let deep = pool.go(move || countdown(&inner, 1000));
        assert_eq!(deep.into_result().unwrap().unwrap(), 1000);
        let workers = pool.counters().workers;
        assert!(workers > 1, "spare workers are workers too: {workers}");
    });
}

#[cfg(feature = "rayon")]
#[test]
fn some_sixty_tasks_deep_rayon_which_has_no_spare_workers_ends_and_tells_of_a_deadlock_deeper() {
    fn deep(pool: &Arc<executor::RayonExecutor>, n: u32) -> Outcome {
        if n == 0 {
            return Ok(0);
        }
        let inner = Arc::clone(pool);
        Ok(pool.go(move || deep(&inner, n - 1)).into_result()?? + 1)
    }
    watch(|| {
        let pool = executor::RayonExecutor::pool(1);
        for (n, ends) in [(60, true), (100, false)] {
            let inner = Arc::clone(&pool);
            let outcome = pool.go(move || deep(&inner, n)).into_result().unwrap();
            match ends {
                true => assert_eq!(outcome.unwrap(), n),
                false => drop(deadlock(&outcome)),
            }
        }
    });
}

#[test]
fn deeper_than_all_spare_workers_reach_is_a_deadlock() {
    watch(|| {
        let pool = ThreadPoolExecutor::build(1, WhenStarved::Help);
        let inner = Arc::clone(&pool);
        let deep = pool.go(move || countdown(&inner, 10_000));
        deadlock(&deep.into_result().unwrap());
    });
}

#[test]
fn the_least_stack_that_can_be_asked_for_does_not_overflow_by_waiting() {
    watch(|| {
        let builder = ThreadPoolExecutor::builder().max_workers(1);
        let pool = Arc::new(builder.stack_size(1).build().unwrap());
        let inner = Arc::clone(&pool);
        let deep = pool.go(move || countdown(&inner, 60));
        match deep.into_result().unwrap() {
            Ok(depth) => assert_eq!(depth, 60),
            outcome @ Err(_) => drop(deadlock(&outcome)),
        }
    });
}
