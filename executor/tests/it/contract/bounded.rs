//! A queue of limited length: who waits for room in it, and who is refused.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use executor::{BuildError, Executor, Future, Shutdown, SubmitError};

use crate::backends::{Backend, Closures, on_every_executor, on_executors_of_this_process};
use crate::gate::{Gate, Marks, leave_mark, pass};

on_every_executor!(
    a_queue_limit_of_zero_is_an_error,
    a_full_queue_refuses_what_is_tried_and_gives_it_back,
    what_is_tried_is_accepted_while_there_is_room,
    an_unlimited_queue_refuses_nothing_that_is_tried,
    submit_waits_for_room_until_a_task_begins,
    cancelling_a_task_that_waits_makes_room,
    shutdown_sends_those_away_who_wait_for_room_and_gives_their_tasks_back,
    many_submitters_share_a_short_queue,
    what_is_tried_after_shutdown_says_so_though_the_queue_is_full,
    who_waits_for_room_for_a_limited_time_is_refused_at_its_end,
    who_waits_for_room_for_a_limited_time_is_let_in_before_its_end,
);

on_executors_of_this_process!(
    workers_that_all_submit_to_their_own_full_queue_do_not_hang,
    a_worker_waits_for_room_while_another_works,
);

fn bounded<B: Backend>(workers: usize, limit: usize) -> B::Pool {
    B::build_bounded(workers, limit).expect("a pool can be built")
}

/// Has every worker stand at the gate, and so many tasks wait behind.
fn fill<P: Executor>(pool: &P, gate: &mut Gate, workers: usize, limit: usize) -> Vec<Future<()>> {
    let mut futures = Vec::new();
    for _ in 0..workers {
        futures.push(pool.submit(pass, (gate.key(),)).unwrap());
        gate.await_arrivals(1);
    }
    for _ in 0..limit {
        futures.push(pool.submit(pass, (gate.key(),)).unwrap());
    }
    futures
}

fn a_queue_limit_of_zero_is_an_error<B: Backend>() {
    let Err(error) = B::build_bounded(1, 0) else {
        panic!("it was built")
    };
    let BuildError::InvalidOption { option, .. } = error else {
        panic!("{error}")
    };
    assert_eq!(option, "queue_limit");
}

fn a_full_queue_refuses_what_is_tried_and_gives_it_back<B: Backend>() {
    let pool = bounded::<B>(2, 3);
    let mut gate = Gate::new();
    let futures = fill(&pool, &mut gate, 2, 3);
    let large = vec![7_u8; 1 << 20];
    let place = large.as_ptr();
    let refused = pool.try_submit(|bytes: Vec<u8>| bytes.len(), (large,));
    let (error, task, args) = refused.unwrap_err().into_parts();
    assert!(matches!(error, SubmitError::Full), "{error}");
    assert_eq!(format!("{error:?}"), error.to_string());
    assert_eq!(args.0.as_ptr(), place);
    gate.open();
    let length = pool.submit(task, args).unwrap();
    assert_eq!(*length.result().unwrap(), 1 << 20);
    assert!(futures.iter().all(|future| future.result().is_ok()));
}

fn what_is_tried_is_accepted_while_there_is_room<B: Backend>() {
    let pool = bounded::<B>(1, 2);
    let mut gate = Gate::new();
    fill(&pool, &mut gate, 1, 1);
    let last = pool.try_submit(|| 1, ()).unwrap();
    assert!(pool.try_submit(|| 2, ()).is_err());
    gate.open();
    assert_eq!(*last.result().unwrap(), 1);
    assert_eq!(*pool.try_submit(|| 3, ()).unwrap().result().unwrap(), 3);
}

fn an_unlimited_queue_refuses_nothing_that_is_tried<B: Backend>() {
    let pool = B::pool(1);
    let mut gate = Gate::new();
    fill(&pool, &mut gate, 1, 0);
    let futures: Vec<_> = (0..100_u32)
        .map(|n| pool.try_submit(|n: u32| n, (n,)).unwrap())
        .collect();
    gate.open();
    for (n, future) in (0..).zip(futures) {
        assert_eq!(future.into_result().unwrap(), n);
    }
}

fn submit_waits_for_room_until_a_task_begins<B: Backend>() {
    let pool = bounded::<B>(1, 1);
    let mut gate = Gate::new();
    fill(&pool, &mut gate, 1, 1);
    let accepted = AtomicUsize::new(0);
    thread::scope(|scope| {
        let submitter = scope.spawn(|| {
            let future = pool.submit(|| 1, ()).unwrap();
            // ORDERING: Relaxed; the gate is opened after it was looked at.
            accepted.fetch_add(1, Ordering::Relaxed);
            future.into_result().unwrap()
        });
        // Gives a submit that does not wait some time to show it; none of it decides anything else.
        for _ in 0..1000 {
            thread::yield_now();
        }
        assert_eq!(accepted.load(Ordering::Relaxed), 0);
        gate.open();
        assert_eq!(submitter.join().unwrap(), 1);
    });
}

fn cancelling_a_task_that_waits_makes_room<B: Backend>() {
    let pool = bounded::<B>(1, 2);
    let mut gate = Gate::new();
    let futures = fill(&pool, &mut gate, 1, 2);
    assert!(pool.try_submit(|| 1, ()).is_err());
    assert!(futures[1].cancel());
    let tried = pool.try_submit(|| 2, ()).unwrap();
    thread::scope(|scope| {
        let submitter = scope.spawn(|| pool.submit(|| 3, ()).unwrap());
        // Whether the submitter sleeps by now or comes later: the worker is still held.
        assert!(futures[2].cancel());
        let submitted = submitter.join().unwrap();
        gate.open();
        assert_eq!(*submitted.result().unwrap(), 3);
    });
    assert_eq!(*tried.result().unwrap(), 2);
}

fn shutdown_sends_those_away_who_wait_for_room_and_gives_their_tasks_back<B: Backend>() {
    for how in [Shutdown::no_wait(), Shutdown::no_wait().cancel_pending()] {
        let marks = Marks::new();
        let pool = bounded::<B>(1, 1);
        let mut gate = Gate::new();
        let futures = fill(&pool, &mut gate, 1, 1);
        thread::scope(|scope| {
            let submitters = [0, 1, 2].map(|n| {
                let (pool, key) = (&pool, marks.key());
                scope.spawn(move || pool.submit(leave_mark, (key, n)).unwrap_err())
            });
            // Some sleep by now, and some come later.
            pool.shutdown(how);
            for (n, submitter) in (0..).zip(submitters) {
                let (error, _, args) = submitter.join().unwrap().into_parts();
                assert!(matches!(error, SubmitError::ShutDown), "{error}");
                assert_eq!(args, (marks.key(), n));
            }
        });
        gate.open();
        pool.shutdown(Shutdown::wait());
        assert!(futures[0].result().is_ok());
        assert_eq!(marks.tasks(), 0);
    }
}

fn many_submitters_share_a_short_queue<B: Backend>() {
    const TASKS: u32 = 50;
    let pool = bounded::<B>(2, 1);
    let sums: Vec<u32> = thread::scope(|scope| {
        let submitters: Vec<_> = (0..4)
            .map(|_| {
                scope.spawn(|| {
                    let futures: Vec<_> = (0..TASKS)
                        .map(|n| pool.submit(|n: u32| n, (n,)).unwrap())
                        .collect();
                    futures.iter().map(|it| *it.result().unwrap()).sum()
                })
            })
            .collect();
        let sums = submitters.into_iter().map(|it| it.join().unwrap());
        sums.collect()
    });
    assert_eq!(sums, [TASKS * (TASKS - 1) / 2; 4]);
}

fn what_is_tried_after_shutdown_says_so_though_the_queue_is_full<B: Backend>() {
    let pool = bounded::<B>(1, 1);
    let mut gate = Gate::new();
    fill(&pool, &mut gate, 1, 1);
    pool.shutdown(Shutdown::no_wait());
    let refused = pool.try_submit(|| 1, ()).unwrap_err();
    assert!(
        matches!(refused.error(), SubmitError::ShutDown),
        "{refused}"
    );
    gate.open();
}

fn who_waits_for_room_for_a_limited_time_is_refused_at_its_end<B: Backend>() {
    let pool = bounded::<B>(1, 1);
    let mut gate = Gate::new();
    fill(&pool, &mut gate, 1, 1);
    for timeout in [Duration::ZERO, Duration::from_millis(5)] {
        let refused = pool.submit_timeout(|text: String| text.len(), ("four".to_owned(),), timeout);
        let (error, task, (text,)) = refused.unwrap_err().into_parts();
        assert!(matches!(error, SubmitError::Full), "{error}");
        assert_eq!(task(text), 4);
    }
    gate.open();
}

fn who_waits_for_room_for_a_limited_time_is_let_in_before_its_end<B: Backend>() {
    // The scenario's watchdog comes before either.
    for never_over in [Duration::from_secs(3600), Duration::MAX] {
        let pool = bounded::<B>(1, 1);
        let mut gate = Gate::new();
        let futures = fill(&pool, &mut gate, 1, 1);
        thread::scope(|scope| {
            let submitter = scope.spawn(|| pool.submit_timeout(|| 3, (), never_over));
            assert!(futures[1].cancel());
            let submitted = submitter.join().unwrap().unwrap();
            gate.open();
            assert_eq!(*submitted.result().unwrap(), 3);
        });
    }
}

fn workers_that_all_submit_to_their_own_full_queue_do_not_hang<B: Backend<Pool: Closures>>() {
    const WORKERS: usize = 3;
    for _ in 0..20 {
        let pool = Arc::new(bounded::<B>(WORKERS, 1));
        let mut gate = Gate::new();
        let ran = Arc::new(AtomicUsize::new(0));
        let tasks: Vec<_> = (0..WORKERS)
            .map(|_| {
                let (inner, key, ran) = (Arc::clone(&pool), gate.key(), Arc::clone(&ran));
                let task = pool.run(move || {
                    pass(key);
                    let (mut accepted, mut full) = (0, 0);
                    for _ in 0..10 {
                        let ran = Arc::clone(&ran);
                        // ORDERING: Relaxed; the shutdown orders it.
                        match inner.accept(move || ran.fetch_add(1, Ordering::Relaxed)) {
                            Ok(_) => accepted += 1,
                            Err(SubmitError::Deadlock(_)) => full += 1,
                            Err(error) => panic!("{error}"),
                        }
                    }
                    (accepted, full)
                });
                gate.await_arrivals(1);
                task
            })
            .collect();
        gate.open();
        let (mut accepted, mut full) = (0, 0);
        for task in &tasks {
            let (theirs, refused) = task.result().unwrap();
            accepted += theirs;
            full += refused;
        }
        assert_eq!(accepted + full, 10 * WORKERS);
        assert!(full > 0, "nobody makes room while all submit");
        pool.shutdown(Shutdown::wait());
        assert_eq!(ran.load(Ordering::Relaxed), accepted);
    }
}

fn a_worker_waits_for_room_while_another_works<B: Backend<Pool: Closures>>() {
    let pool = Arc::new(bounded::<B>(2, 1));
    let mut gate = Gate::new();
    let key = gate.key();
    let works = pool.run(move || pass(key));
    gate.await_arrivals(1);
    let inner = Arc::clone(&pool);
    let submits = pool.run(move || {
        // The first takes the only place. The second waits until the other worker has taken it up.
        let submitted = [1, 2].map(|n| inner.accept(move || n).unwrap());
        submitted.map(|future| future.into_result().unwrap())
    });
    gate.open();
    works.result().unwrap();
    assert_eq!(*submits.result().unwrap(), [1, 2]);
}
