//! A worker that is slow to start holds up nobody else.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc::channel;
use std::thread;

use executor::ThreadPoolExecutor;

use crate::gate::{Gate, pass};
use crate::watchdog::watch;

/// A pool of two whose second worker can't get past its initializer until the gate is opened.
fn pool_with_a_slow_second_worker(slow: &Gate) -> ThreadPoolExecutor {
    let started = AtomicU32::new(0);
    let key = slow.key();
    ThreadPoolExecutor::builder()
        .max_workers(2)
        .initializer(move || {
            if started.fetch_add(1, Ordering::Relaxed) == 1 {
                pass(key.clone());
            }
        })
        .build()
        .unwrap()
}

#[test]
fn an_idle_worker_takes_a_task_while_another_initializes() {
    watch(|| {
        let mut slow = Gate::new();
        let pool = pool_with_a_slow_second_worker(&slow);
        let mut busy = Gate::new();
        let first = pool.submit(pass, (busy.key(),)).unwrap();
        busy.await_arrivals(1);
        let second = pool.submit(|| 2, ()).unwrap();
        slow.await_arrivals(1);
        busy.open();
        first.result().unwrap();
        assert_eq!(*second.result().unwrap(), 2);
        // The first worker is free, or sleeps; the second still initializes.
        for n in 0..100 {
            assert_eq!(*pool.submit(move || n, ()).unwrap().result().unwrap(), n);
        }
        slow.open();
    });
}

#[test]
fn a_task_leaves_its_child_to_a_worker_that_still_initializes() {
    watch(|| {
        let mut slow = Gate::new();
        let pool = Arc::new(pool_with_a_slow_second_worker(&slow));
        let inner = Arc::clone(&pool);
        let (submitted, submits) = channel();
        let parent = move || {
            let child = inner.submit(|| thread::current().id(), ()).unwrap();
            submitted.send(()).unwrap();
            (thread::current().id(), child.into_result().unwrap())
        };
        let parent = pool.submit(parent, ()).unwrap();
        submits.recv().unwrap();
        slow.await_arrivals(1);
        slow.open();
        let (first, second) = parent.into_result().unwrap();
        assert_ne!(
            first, second,
            "a worker was coming, and it helped all the same"
        );
    });
}

#[test]
fn workers_initialize_side_by_side() {
    watch(|| {
        let mut gate = Gate::new();
        let key = gate.key();
        let pool = ThreadPoolExecutor::builder()
            .max_workers(4)
            .initializer(move || pass(key.clone()))
            .build()
            .unwrap();
        let futures: Vec<_> = (0..4)
            .map(|n| pool.submit(move || n, ()).unwrap())
            .collect();
        gate.await_arrivals(4);
        gate.open();
        for (n, future) in futures.iter().enumerate() {
            assert_eq!(*future.result().unwrap(), n);
        }
    });
}
