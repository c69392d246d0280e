//! How many workers run what there is, and many who use one executor.

use std::collections::HashSet;
use std::process;
use std::sync::Arc;
use std::sync::mpsc::channel;
use std::thread;

use executor::{Executor, Future, MapOptions, Shutdown, SubmitError, TaskError};

use crate::backends::{Backend, Closures, on_every_executor, on_executors_of_this_process};
use crate::gate::{Gate, pass};

on_every_executor!(
    sixty_blocked_tasks_on_four_workers_are_run_by_four,
    ten_threads_submit_map_and_cancel_on_one_executor,
    the_place_of_a_panic_is_not_that_of_one_that_a_task_caught,
);

on_executors_of_this_process!(
    a_task_that_captures_is_given_what_it_captured_itself,
    a_task_submits_to_its_own_executor_while_another_thread_shuts_it_down,
);

/// A gate's `pass` that says by whom: the process and the thread.
fn pass_as(gate: String) -> (u32, String) {
    pass(gate);
    (process::id(), format!("{:?}", thread::current().id()))
}

fn sixty_blocked_tasks_on_four_workers_are_run_by_four<B: Backend>() {
    let pool = B::pool(4);
    let mut gate = Gate::new();
    let futures: Vec<_> = (0..60)
        .map(|_| pool.submit(pass_as, (gate.key(),)).unwrap())
        .collect();
    gate.await_arrivals(4);
    assert_eq!(futures.iter().filter(|future| future.running()).count(), 4);
    gate.open();
    let workers: HashSet<_> = futures
        .into_iter()
        .map(|future| future.into_result().unwrap())
        .collect();
    assert_eq!(workers.len(), 4);
}

fn ten_threads_submit_map_and_cancel_on_one_executor<B: Backend>() {
    let pool = B::pool(4);
    thread::scope(|scope| {
        for thread in 0..10_u64 {
            let pool = &pool;
            scope.spawn(move || {
                for round in 0..20 {
                    let n = thread * 100 + round;
                    let kept = pool.submit(|n: u64| n * n, (n,)).unwrap();
                    let dropped = pool.submit(|n: u64| n, (n,)).unwrap();
                    let cancelled = dropped.cancel();
                    let squares: Vec<u64> = pool
                        .map_with(|n: u64| n * n, n..n + 10, MapOptions::new().chunksize(3))
                        .unwrap()
                        .collect::<Result<_, _>>()
                        .unwrap();
                    assert_eq!(squares, (n..n + 10).map(|n| n * n).collect::<Vec<_>>());
                    assert_eq!(*kept.result().unwrap(), n * n);
                    match dropped.result() {
                        Ok(value) => assert!(!cancelled && *value == n),
                        Err(TaskError::Cancelled) => assert!(cancelled),
                        Err(error) => panic!("{error}"),
                    }
                }
            });
        }
    });
}

fn the_place_of_a_panic_is_not_that_of_one_that_a_task_caught<B: Backend>() {
    let pool = B::pool(1);
    let catches = || {
        drop(std::panic::catch_unwind(|| {
            panic!("caught by the task itself")
        }))
    };
    pool.submit(catches, ()).unwrap().result().unwrap();
    // This way of panicking calls no hook, so nobody knows the place.
    let resumes = || std::panic::resume_unwind(Box::new("resumed"));
    let future: Future<()> = pool.submit(resumes, ()).unwrap();
    let Err(TaskError::Panicked(panic)) = future.result() else {
        panic!("it did not panic")
    };
    assert_eq!((panic.message.as_str(), &panic.place), ("resumed", &None));
}

fn a_task_that_captures_is_given_what_it_captured_itself<B: Backend<Pool: Closures>>() {
    let pool = B::pool(2);
    let shared = Arc::new(vec![1, 2, 3]);
    let inside = Arc::clone(&shared);
    let here = thread::current().id();
    let future = pool.run(move || (inside, here));
    let (outside, id) = future.result().unwrap();
    assert!(Arc::ptr_eq(outside, &shared));
    assert_eq!(*id, here);
}

fn a_task_submits_to_its_own_executor_while_another_thread_shuts_it_down<
    B: Backend<Pool: Closures>,
>() {
    for _ in 0..50 {
        let pool = Arc::new(B::pool(2));
        let (ready, go) = channel();
        let inner = Arc::clone(&pool);
        let future = pool.run(move || {
            ready.send(()).unwrap();
            inner.accept(|| 1).map(|future| future.result().copied())
        });
        go.recv().unwrap();
        pool.shutdown(Shutdown::wait());
        // Accepted and run, or refused; the task returns in either case.
        match future.result().unwrap() {
            Ok(result) => assert_eq!(*result.as_ref().unwrap(), 1),
            Err(error) => assert!(matches!(error, SubmitError::ShutDown)),
        }
    }
}
