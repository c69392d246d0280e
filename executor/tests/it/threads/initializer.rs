//! What each thread runs before its first task.

use std::cell::Cell;
use std::collections::HashSet;
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Mutex};
use std::thread;

use executor::{Executor, Future, Shutdown, SubmitError, TaskError, ThreadPoolExecutor};

use crate::gate::{Gate, pass};
use crate::watchdog::watch;

thread_local! {
    static PREPARED: Cell<u32> = const { Cell::new(0) };
}

#[test]
fn each_worker_is_initialized_once_before_its_first_task() {
    watch(|| {
        let pool = ThreadPoolExecutor::builder()
            .max_workers(3)
            .initializer(|| PREPARED.set(PREPARED.get() + 1))
            .build()
            .unwrap();
        let mut gate = Gate::new();
        let task = |gate: String| {
            pass(gate);
            (thread::current().id(), PREPARED.get())
        };
        let futures: Vec<_> = (0..12)
            .map(|_| pool.submit(task, (gate.key(),)).unwrap())
            .collect();
        gate.await_arrivals(3);
        gate.open();
        let seen: HashSet<_> = futures
            .iter()
            .map(|future| *future.result().unwrap())
            .collect();
        assert_eq!(seen.len(), 3);
        assert!(seen.iter().all(|(_, prepared)| *prepared == 1));
    });
}

#[test]
fn no_task_no_initializer() {
    watch(|| {
        let (called, calls) = channel();
        let pool = ThreadPoolExecutor::builder()
            .initializer(move || called.send(()).unwrap())
            .build()
            .unwrap();
        drop(pool);
        assert_eq!(calls.iter().count(), 0);
    });
}

/// A pool of one worker whose initializer waits for a word and then panics.
fn failing_pool() -> (ThreadPoolExecutor, std::sync::mpsc::Sender<()>) {
    let (go, word) = channel();
    let word: Mutex<Receiver<()>> = Mutex::new(word);
    let pool = ThreadPoolExecutor::builder()
        .max_workers(1)
        .initializer(move || {
            word.lock().unwrap().recv().unwrap();
            panic!("no database");
        })
        .build()
        .unwrap();
    (pool, go)
}

#[test]
fn a_failing_initializer_breaks_the_pool_for_those_who_wait_and_those_who_come() {
    watch(|| {
        let (pool, go) = failing_pool();
        let ran = Arc::new(());
        let queued: Vec<Future<()>> = (0..5)
            .map(|_| {
                let ran = Arc::clone(&ran);
                pool.submit(move || drop(ran), ()).unwrap()
            })
            .collect();
        let (called, calls) = channel();
        queued[4].add_done_callback(move |future| called.send(future.error()).unwrap());
        go.send(()).unwrap();
        for future in &queued {
            let Err(TaskError::PoolBroken(cause)) = future.result() else {
                panic!("{future:?}")
            };
            assert!(cause.contains("no database"), "{cause}");
        }
        assert!(matches!(calls.recv(), Ok(Some(TaskError::PoolBroken(_)))));
        let Err(SubmitError::Broken(cause)) = pool.submit(|| 1, ()).map_err(SubmitError::from)
        else {
            panic!("it was accepted")
        };
        assert!(cause.contains("no database"), "{cause}");
        pool.shutdown(Shutdown::wait());
        assert_eq!(Arc::strong_count(&ran), 1, "what was queued is dropped");
        drop(pool);
    });
}

#[test]
fn callbacks_of_what_a_failing_initializer_fails_may_wait_for_each_other() {
    watch(|| {
        let (pool, go) = failing_pool();
        let futures = [1, 2].map(|n| pool.submit(move || n, ()).unwrap());
        let (say, said) = channel();
        let last = futures[1].clone();
        futures[0].add_done_callback(move |_| say.send(last.into_result()).unwrap());
        go.send(()).unwrap();
        // And not run, by the worker that waits in the callback and is none any more.
        let outcome = said.recv().unwrap();
        assert!(
            matches!(outcome, Err(TaskError::PoolBroken(_))),
            "{outcome:?}"
        );
    });
}

#[test]
fn a_failing_initializer_fails_the_tasks_of_a_scope() {
    watch(|| {
        let (pool, go) = failing_pool();
        let (tell, told) = channel();
        pool.scope(|scope| {
            let queued = scope.submit(|| 7).unwrap();
            queued.add_done_callback(|error| tell.send(error).unwrap());
            go.send(()).unwrap();
            // Not by a wait for the future: whoever waits for it runs it.
            let error = told.recv().unwrap();
            assert!(matches!(error, Some(TaskError::PoolBroken(_))), "{error:?}");
        });
    });
}

#[test]
fn a_task_cancelled_before_the_pool_breaks_stays_cancelled() {
    watch(|| {
        let (pool, go) = failing_pool();
        let cancelled = pool.submit(|| 1, ()).unwrap();
        let queued = pool.submit(|| 1, ()).unwrap();
        assert!(cancelled.cancel());
        go.send(()).unwrap();
        assert!(matches!(queued.result(), Err(TaskError::PoolBroken(_))));
        assert!(matches!(cancelled.result(), Err(TaskError::Cancelled)));
    });
}

#[test]
fn a_worker_whose_initializer_succeeded_finishes_its_task_though_the_pool_breaks() {
    watch(|| {
        let first = Mutex::new(true);
        let pool = ThreadPoolExecutor::builder()
            .max_workers(2)
            .initializer(move || {
                let is_first = std::mem::take(&mut *first.lock().unwrap());
                assert!(is_first, "only one database");
            })
            .build()
            .unwrap();
        let mut gate = Gate::new();
        let running = pool.submit(pass, (gate.key(),)).unwrap();
        gate.await_arrivals(1);
        // The second worker is started for this one, and breaks the pool.
        let queued = pool.submit(|| 1, ()).unwrap();
        assert!(matches!(queued.result(), Err(TaskError::PoolBroken(_))));
        assert!(running.running());
        assert!(matches!(
            pool.submit(|| 1, ()).map_err(SubmitError::from),
            Err(SubmitError::Broken(_))
        ));
        gate.open();
        running.result().unwrap();
    });
}
