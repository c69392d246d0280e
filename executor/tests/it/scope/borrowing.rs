//! What tasks borrow, and what they leave.

use std::cell::Cell;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::channel;
use std::thread;
use std::time::Duration;

use executor::{ReturnWhen, TaskError, as_completed, fallible, wait};

use super::Scopes;
use crate::backends::{Backend, on_executors_of_this_process};
use crate::gate::{Gate, pass};

on_executors_of_this_process!(
    tasks_read_and_write_what_is_on_the_callers_stack,
    a_value_may_borrow,
    a_value_need_not_be_sync,
    a_result_is_lent_and_given,
    a_panic_is_its_futures_error,
    a_fallible_task_fails_its_future,
    a_future_in_an_arc_is_shared_by_tasks,
    a_future_is_awaited_on_another_thread,
    scoped_futures_are_waited_for_with_others,
    a_timed_wait_does_not_run_the_task,
    whoever_waits_for_a_task_that_nobody_has_begun_runs_it,
);

fn tasks_read_and_write_what_is_on_the_callers_stack<B: Backend<Pool: Scopes>>() {
    let pool = B::pool(2);
    let words = ["a", "bc", "def"].map(str::to_owned);
    let mut lengths = [0; 3];
    let total = AtomicUsize::new(0);
    pool.scope(|scope| {
        for (word, length) in words.iter().zip(&mut lengths) {
            let total = &total;
            scope
                .submit(move || {
                    *length = word.len();
                    // ORDERING: Relaxed, the scope's end comes between.
                    total.fetch_add(word.len(), Ordering::Relaxed);
                })
                .unwrap();
        }
    });
    assert_eq!((lengths, total.into_inner()), ([1, 2, 3], 6));
}

fn a_value_may_borrow<B: Backend<Pool: Scopes>>() {
    let pool = B::pool(2);
    let words = ["a", "bc", "def"].map(str::to_owned);
    let longest: &str = pool.scope(|scope| {
        let longest = scope.submit(|| words.iter().max_by_key(|word| word.len()).unwrap());
        longest.unwrap().into_result().unwrap()
    });
    assert_eq!(longest, "def");
}

fn a_value_need_not_be_sync<B: Backend<Pool: Scopes>>() {
    let pool = B::pool(1);
    let value = pool.scope(|scope| {
        let future = scope.submit(|| Cell::new(7)).unwrap();
        let other = scope.submit(move || future.into_result().unwrap().get());
        other.unwrap().into_result().unwrap()
    });
    assert_eq!(value, 7);
}

fn a_result_is_lent_and_given<B: Backend<Pool: Scopes>>() {
    let pool = B::pool(1);
    pool.scope(|scope| {
        let future = scope.submit(|| vec![7]).unwrap();
        assert_eq!(*future.result().unwrap(), [7]);
        assert_eq!(*future.result().unwrap(), [7]);
        assert!(future.done() && future.error().is_none());
        assert_eq!(future.into_result().unwrap(), [7]);
    });
}

fn a_panic_is_its_futures_error<B: Backend<Pool: Scopes>>() {
    let pool = B::pool(2);
    pool.scope(|scope| {
        let failing = scope.submit(|| -> i32 { panic!("on purpose") }).unwrap();
        let good = scope.submit(|| 7).unwrap();
        let Err(TaskError::Panicked(panic)) = failing.result() else {
            panic!("{failing:?}")
        };
        assert_eq!(panic.message, "on purpose");
        assert_eq!(*good.result().unwrap(), 7);
        assert!(failing.into_result().is_err());
        // One that nobody asks: the panic hook has reported it.
        drop(scope.submit(|| panic!("on purpose")));
    });
    assert!(pool.spawn(|| ()).result().is_ok());
}

fn a_fallible_task_fails_its_future<B: Backend<Pool: Scopes>>() {
    let pool = B::pool(1);
    let text = "six".to_owned();
    pool.scope(|scope| {
        let future = scope.submit(fallible(|| text.parse::<i32>())).unwrap();
        assert!(matches!(future.result(), Err(TaskError::Failed(_))));
    });
}

fn a_future_in_an_arc_is_shared_by_tasks<B: Backend<Pool: Scopes>>() {
    let pool = B::pool(2);
    let number = 20;
    let sum: i32 = pool.scope(|scope| {
        let base = Arc::new(scope.submit(|| number + 1).unwrap());
        let readers = [1, 2, 3].map(|n| {
            let base = Arc::clone(&base);
            scope.submit(move || n * *base.result().unwrap()).unwrap()
        });
        readers
            .map(|reader| reader.into_result().unwrap())
            .iter()
            .sum()
    });
    assert_eq!(sum, 126);
}

fn a_future_is_awaited_on_another_thread<B: Backend<Pool: Scopes>>() {
    let pool = B::pool(1);
    let text = "seven".to_owned();
    pool.scope(|scope| {
        let future = scope.submit(|| text.as_str()).unwrap();
        let length = thread::scope(|threads| {
            let waiter = threads.spawn(|| future.into_result().unwrap().len());
            waiter.join().unwrap()
        });
        assert_eq!(length, 5);
    });
}

fn scoped_futures_are_waited_for_with_others<B: Backend<Pool: Scopes>>() {
    let pool = B::pool(2);
    let number = 7;
    pool.scope(|scope| {
        let futures = [1, 2, 3].map(|n| scope.submit(move || n + number).unwrap());
        let outcome = wait(&futures, ReturnWhen::AllCompleted);
        assert_eq!((outcome.done.len(), outcome.not_done.len()), (3, 0));
        let failing = scope.submit(|| -> i32 { panic!("on purpose") }).unwrap();
        let all = futures.iter().chain([&failing, &failing]);
        let outcome = wait(all, ReturnWhen::FirstException);
        assert_eq!(outcome.done.len(), 4);
        assert_eq!(as_completed(&futures).count(), 3);
    });
}

fn a_timed_wait_does_not_run_the_task<B: Backend<Pool: Scopes>>() {
    let pool = B::pool(1);
    let mut gate = Gate::new();
    let key = gate.key();
    let _held = pool.spawn(move || pass(key));
    gate.await_arrivals(1);
    pool.scope(|scope| {
        let future = scope.submit(|| 7).unwrap();
        assert!(future.result_timeout(Duration::ZERO).is_err());
        assert!(future.result_timeout(Duration::from_millis(2)).is_err());
        assert!(!future.done() && !future.running());
        assert_eq!(*future.result().unwrap(), 7);
        assert_eq!(*future.result_timeout(Duration::ZERO).unwrap().unwrap(), 7);
    });
    gate.open();
}

fn whoever_waits_for_a_task_that_nobody_has_begun_runs_it<B: Backend<Pool: Scopes>>() {
    let pool = B::pool(1);
    let mut gate = Gate::new();
    let key = gate.key();
    let _held = pool.spawn(move || pass(key));
    gate.await_arrivals(1);
    let (sender, threads) = channel();
    pool.scope(|scope| {
        let here = || {
            let sender = sender.clone();
            move || sender.send(thread::current().id()).unwrap()
        };
        let futures = [(); 4].map(|()| scope.submit(here()).unwrap());
        // In another order than that of submission, and the rest by the scope itself.
        futures[2].result().unwrap();
        wait([&futures[1]], ReturnWhen::AllCompleted);
        assert!(!futures[0].done() && !futures[3].done());
    });
    let me = thread::current().id();
    assert_eq!(threads.try_iter().collect::<Vec<_>>(), [me; 4]);
    gate.open();
}
