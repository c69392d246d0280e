//! Threads that leave because they are idle, and those that take their place.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use executor::{Executor, Shutdown, ShutdownOutcome, ThreadPoolExecutor};

use crate::alone::{Footprint, alone, threads};
use crate::gate::{Gate, pass};
use crate::watchdog::watch;

fn pool(workers: usize, timeout: Duration) -> ThreadPoolExecutor {
    let builder = ThreadPoolExecutor::builder().max_workers(workers);
    builder.idle_timeout(timeout).build().unwrap()
}

fn await_workers(pool: &ThreadPoolExecutor, count: usize) {
    while pool.counters().workers != count {
        thread::yield_now();
    }
}

#[test]
fn idle_threads_leave_and_the_next_task_runs() {
    watch(|| {
        let pool = pool(3, Duration::from_millis(1));
        for round in 0..20 {
            let mut gate = Gate::new();
            let futures = [(); 3].map(|()| {
                let key = gate.key();
                let future = pool.submit(pass, (key,)).unwrap();
                gate.await_arrivals(1);
                future
            });
            assert_eq!(pool.counters().workers, 3);
            gate.open();
            assert!(futures.iter().all(|future| future.result().is_ok()));
            await_workers(&pool, 0);
            assert_eq!(pool.counters().replaced, 3 * round);
        }
    });
}

#[test]
fn a_thread_that_works_does_not_leave() {
    watch(|| {
        let pool = pool(1, Duration::ZERO);
        let mut gate = Gate::new();
        let held = pool.submit(pass, (gate.key(),)).unwrap();
        gate.await_arrivals(1);
        assert_eq!(pool.counters().workers, 1);
        gate.open();
        held.result().unwrap();
        await_workers(&pool, 0);
    });
}

#[test]
fn without_an_idle_timeout_threads_stay() {
    watch(|| {
        let pool = ThreadPoolExecutor::new(2).unwrap();
        pool.submit(|| 1, ()).unwrap().result().unwrap();
        assert_eq!(pool.counters().workers, 1);
    });
}

#[test]
fn a_thread_that_takes_the_place_of_another_is_initialized() {
    watch(|| {
        let starts = Arc::new(AtomicUsize::new(0));
        let counter = Arc::clone(&starts);
        let pool = ThreadPoolExecutor::builder()
            .max_workers(1)
            .idle_timeout(Duration::ZERO)
            // ORDERING: Relaxed, here and below; the end of the task orders it.
            .initializer(move || {
                counter.fetch_add(1, Ordering::Relaxed);
            })
            .build()
            .unwrap();
        for round in 1..=3 {
            pool.submit(|| 1, ()).unwrap().result().unwrap();
            assert_eq!(starts.load(Ordering::Relaxed), round);
            await_workers(&pool, 0);
        }
    });
}

#[test]
fn tasks_submitted_while_threads_leave_all_run() {
    watch(|| {
        let pool = pool(4, Duration::ZERO);
        thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    for n in 0..500 {
                        assert_eq!(*pool.submit(move || n, ()).unwrap().result().unwrap(), n);
                    }
                });
            }
        });
        assert_eq!(pool.shutdown(Shutdown::wait()), ShutdownOutcome::Complete);
        assert_eq!(pool.counters().finished, 2000);
    });
}

/// How many pieces of memory the process has mapped.
fn mappings() -> usize {
    let maps = std::fs::read_to_string("/proc/self/maps").expect("Linux has it");
    maps.lines().count()
}

#[test]
fn threads_that_have_left_are_not_kept() {
    alone(|| {
        let before = Footprint::after(|| drop(pool(1, Duration::ZERO)));
        let pool = pool(2, Duration::ZERO);
        let (empty, mapped) = (threads(), mappings());
        for _ in 0..200 {
            pool.submit(|| 1, ()).unwrap().result().unwrap();
            await_workers(&pool, 0);
        }
        // The last to leave may have one before it to join.
        while threads() > empty {
            thread::yield_now();
        }
        // A thread that nobody has joined keeps its stack, in one mapping and its guard in another.
        let more = mappings().saturating_sub(mapped);
        assert!(more < 100, "{more} mappings more");
        drop(pool);
        before.assert_restored();
    });
}

#[test]
fn a_thread_takes_the_place_of_one_that_has_left_and_the_next_of_none() {
    watch(|| {
        let pool = pool(2, Duration::from_millis(1));
        pool.submit(|| 1, ()).unwrap().result().unwrap();
        await_workers(&pool, 0);
        let mut gate = Gate::new();
        let futures = [(); 2].map(|()| {
            let future = pool.submit(pass, (gate.key(),)).unwrap();
            gate.await_arrivals(1);
            future
        });
        assert_eq!(pool.counters().workers, 2);
        assert_eq!(pool.counters().replaced, 1);
        gate.open();
        assert!(futures.iter().all(|future| future.result().is_ok()));
    });
}

/// As others leave, the last of them joins the one before, and takes that off the list of the pool's threads.
#[test]
fn a_worker_that_stays_is_still_known_as_one_when_others_have_left() {
    alone(|| {
        let pool = Arc::new(pool(3, Duration::from_millis(1)));
        let empty = threads();
        let mut gate = Gate::new();
        let (key, own) = (gate.key(), Arc::clone(&pool));
        let stays = pool.submit(
            move || {
                pass(key);
                own.shutdown(Shutdown::wait().within(Duration::from_millis(50)))
            },
            (),
        );
        gate.await_arrivals(1);
        let mut others = Gate::new();
        for _ in 0..2 {
            pool.submit(pass, (others.key(),)).unwrap();
        }
        others.await_arrivals(2);
        others.open();
        while threads() > empty + 1 {
            thread::yield_now();
        }
        gate.open();
        // It would have waited for itself.
        assert_eq!(
            stays.unwrap().into_result().unwrap(),
            ShutdownOutcome::NotWaited
        );
    });
}
