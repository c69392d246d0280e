//! Tasks that are sent ahead to a worker that has one.

use executor::{Executor, ProcessPoolExecutor, Shutdown, State};

use super::deaths::kill;
use crate::gate::{Gate, Marks, leave_mark, pass, pass_and_return};
use crate::watchdog::watch;

fn pool(max_workers: usize, depth: usize) -> ProcessPoolExecutor {
    ProcessPoolExecutor::builder()
        .max_workers(max_workers)
        .prefetch(depth)
        .build()
        .unwrap()
}

const DEPTHS: [usize; 4] = [0, 1, 16, 255];

#[test]
fn a_task_that_waits_at_a_worker_is_pending_and_can_be_cancelled() {
    watch(|| {
        for depth in DEPTHS {
            let pool = pool(1, depth);
            let marks = Marks::new();
            let mut gate = Gate::new();
            let running = pool.submit(pass, (gate.key(),)).unwrap();
            gate.await_arrivals(1);
            let waiting: Vec<_> = (0..300)
                .map(|n| pool.submit(leave_mark, (marks.key(), n)).unwrap())
                .collect();
            assert_eq!(running.state(), State::Running);
            assert!(!running.cancel());
            for (index, future) in waiting.iter().enumerate() {
                assert_eq!(future.state(), State::Pending);
                if index % 2 == 0 {
                    assert!(future.cancel() && future.cancel() && future.cancelled());
                }
            }
            gate.open();
            for (number, future) in (0..).zip(&waiting) {
                let ran = future.result().is_ok();
                assert_eq!(ran, number % 2 == 1, "{number} of depth {depth}");
                assert_eq!(marks.count(number), u64::from(ran), "{number}");
            }
        }
    });
}

#[test]
fn a_task_that_waits_at_a_busy_worker_goes_to_one_with_nothing_to_do() {
    watch(|| {
        for depth in DEPTHS {
            let pool = pool(2, depth);
            let (mut first, mut second) = (Gate::new(), Gate::new());
            let long = pool.submit(pass, (first.key(),)).unwrap();
            let short = pool.submit(pass, (second.key(),)).unwrap();
            first.await_arrivals(1);
            second.await_arrivals(1);
            let rest: Vec<_> = (0..40)
                .map(|n| pool.submit(|n: u32| n, (n,)).unwrap())
                .collect();
            second.open();
            for (number, future) in (0..).zip(rest) {
                assert_eq!(*future.result().unwrap(), number);
            }
            short.result().unwrap();
            assert!(long.running());
            first.open();
            long.result().unwrap();
        }
    });
}

#[test]
fn a_killed_worker_costs_the_task_that_it_ran_and_no_task_runs_twice() {
    watch(|| {
        for depth in DEPTHS {
            let pool = pool(2, depth);
            let marks = Marks::new();
            let mut gate = Gate::new();
            let held: Vec<_> = (0..2)
                .map(|_| pool.submit(pass, (gate.key(),)).unwrap())
                .collect();
            gate.await_arrivals(2);
            let waiting: Vec<_> = (0..50)
                .map(|n| pool.submit(leave_mark, (marks.key(), n)).unwrap())
                .collect();
            let victim = pool.worker_pids()[0];
            kill(victim, "-KILL");
            gate.open();
            let lost = held.iter().filter(|future| future.result().is_err());
            assert_eq!(lost.count(), 1, "of depth {depth}");
            for (number, future) in (0..).zip(waiting) {
                assert_eq!(*future.result().unwrap(), number);
                assert_eq!(marks.count(number), 1, "{number} of depth {depth}");
            }
        }
    });
}

#[test]
fn what_waits_behind_a_long_task_runs_in_the_place_of_a_worker_that_died() {
    watch(|| {
        for depth in DEPTHS {
            let pool = pool(2, depth);
            let mut gate = Gate::new();
            let long = pool.submit(pass, (gate.key(),)).unwrap();
            gate.await_arrivals(1);
            let dies_with = *pool.worker_pids().first().unwrap();
            let second = pool.submit(pass, (gate.key(),)).unwrap();
            gate.await_arrivals(1);
            let rest: Vec<_> = (0..10)
                .map(|n| pool.submit(|n: u32| n, (n,)).unwrap())
                .collect();
            let victim = pool.worker_pids().into_iter().find(|pid| *pid != dies_with);
            kill(victim.unwrap(), "-KILL");
            for (number, future) in (0..).zip(rest) {
                assert_eq!(*future.result().unwrap(), number, "of depth {depth}");
            }
            assert!(long.running() && second.result().is_err());
            gate.open();
        }
    });
}

#[test]
fn what_waits_behind_a_long_task_runs_in_the_place_of_a_worker_that_left() {
    watch(|| {
        let pool = ProcessPoolExecutor::builder()
            .max_workers(2)
            .max_tasks_per_child(3)
            .build()
            .unwrap();
        let mut gate = Gate::new();
        let long = pool.submit(pass, (gate.key(),)).unwrap();
        gate.await_arrivals(1);
        let rest: Vec<_> = (0..20)
            .map(|n| pool.submit(|n: u32| n, (n,)).unwrap())
            .collect();
        for (number, future) in (0..).zip(rest) {
            assert_eq!(*future.result().unwrap(), number);
        }
        assert!(long.running());
        gate.open();
    });
}

#[test]
fn a_shutdown_cancels_what_waits_at_a_worker() {
    watch(|| {
        for depth in DEPTHS {
            let pool = pool(1, depth);
            let mut gate = Gate::new();
            let running = pool.submit(pass_and_return, (gate.key(), 7)).unwrap();
            gate.await_arrivals(1);
            let waiting: Vec<_> = (0..20)
                .map(|_| pool.submit(pass_and_return, (gate.key(), 8)).unwrap())
                .collect();
            pool.shutdown(Shutdown::no_wait().cancel_pending());
            assert!(waiting.iter().all(executor::Future::cancelled));
            gate.open();
            assert_eq!(*running.result().unwrap(), 7);
        }
    });
}

#[test]
fn with_none_sent_ahead_one_worker_starts_tasks_in_the_order_of_submission() {
    watch(|| {
        let pool = pool(1, 0);
        static NEXT: std::sync::atomic::AtomicU32 = std::sync::atomic::AtomicU32::new(0);
        let next = || NEXT.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        let futures: Vec<_> = (0..100).map(|_| pool.submit(next, ()).unwrap()).collect();
        for (number, future) in (0..).zip(futures) {
            assert_eq!(*future.result().unwrap(), number);
        }
    });
}
