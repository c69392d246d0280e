//! Scopes in tasks, tasks that submit, and pools whose workers are all in scopes.

use std::sync::Mutex;

use executor::Scope;

use super::Scopes;
use crate::backends::{Backend, on_executors_of_this_process};

on_executors_of_this_process!(
    a_task_submits_to_its_scope,
    a_task_waits_for_a_task_that_it_submits,
    a_scope_in_a_task_of_a_pool_of_one_ends,
    scopes_in_all_workers_end,
    nested_scopes_borrow_from_each_other,
    a_scope_of_one_pool_in_a_task_of_another_ends,
    a_long_chain_of_submits_is_waited_for,
);

fn a_task_submits_to_its_scope<B: Backend<Pool: Scopes>>() {
    let pool = B::pool(1);
    let seen = Mutex::new(Vec::new());
    pool.scope(|scope| {
        scope
            .submit(|| {
                seen.lock().unwrap().push(1);
                scope.submit(|| seen.lock().unwrap().push(2)).is_ok()
            })
            .unwrap();
    });
    assert_eq!(seen.into_inner().unwrap(), [1, 2]);
}

fn a_task_waits_for_a_task_that_it_submits<B: Backend<Pool: Scopes>>() {
    fn fib<'scope>(scope: &'scope Scope<'scope, '_>, n: u64) -> u64 {
        if n < 2 {
            return n;
        }
        let one = scope.submit(move || fib(scope, n - 1)).unwrap();
        let other = scope.submit(move || fib(scope, n - 2)).unwrap();
        one.into_result().unwrap() + other.into_result().unwrap()
    }
    for workers in [1, 2] {
        let pool = B::pool(workers);
        assert_eq!(pool.scope(|scope| fib(scope, 10)), 55);
    }
}

fn sum<P: Scopes>(pool: &P, numbers: &[u64]) -> u64 {
    if let [number] = numbers {
        return *number;
    }
    let (low, high) = numbers.split_at(numbers.len() / 2);
    pool.scope(|scope| {
        let low = scope.submit(|| sum(pool, low)).unwrap();
        let high = scope.submit(|| sum(pool, high)).unwrap();
        low.into_result().unwrap() + high.into_result().unwrap()
    })
}

fn a_scope_in_a_task_of_a_pool_of_one_ends<B: Backend<Pool: Scopes>>() {
    let pool = B::pool(1);
    let numbers: Vec<u64> = (1..=64).collect();
    let total = pool.scope(|scope| {
        let total = scope.submit(|| sum(&pool, &numbers)).unwrap();
        total.into_result().unwrap()
    });
    assert_eq!(total, 64 * 65 / 2);
}

fn scopes_in_all_workers_end<B: Backend<Pool: Scopes>>() {
    for workers in [1, 2, 3] {
        let pool = B::pool(workers);
        let numbers: Vec<u64> = (1..=16).collect();
        let totals = pool.scope(|scope| {
            let totals: Vec<_> = (0..8)
                .map(|_| scope.submit(|| sum(&pool, &numbers)).unwrap())
                .collect();
            let totals = totals.into_iter().map(|total| total.into_result().unwrap());
            totals.collect::<Vec<_>>()
        });
        assert_eq!(totals, [16 * 17 / 2; 8]);
    }
}

fn nested_scopes_borrow_from_each_other<B: Backend<Pool: Scopes>>() {
    let pool = B::pool(1);
    let outer = 1;
    let value = pool.scope(|scope| {
        let task = || {
            let inner = outer + 1;
            pool.scope(|nested| {
                let task = nested.submit(|| outer + inner).unwrap();
                task.into_result().unwrap()
            })
        };
        scope.submit(task).unwrap().into_result().unwrap()
    });
    assert_eq!(value, 3);
}

fn a_scope_of_one_pool_in_a_task_of_another_ends<B: Backend<Pool: Scopes>>() {
    let (one, other) = (B::pool(1), B::pool(1));
    let mut numbers = [0; 4];
    one.scope(|scope| {
        for number in &mut numbers {
            let (one, other) = (&one, &other);
            scope
                .submit(move || {
                    other.scope(|inner| {
                        let task = || one.scope(|last| drop(last.submit(|| *number = 7).unwrap()));
                        drop(inner.submit(task).unwrap());
                    })
                })
                .unwrap();
        }
    });
    assert_eq!(numbers, [7; 4]);
}

fn a_long_chain_of_submits_is_waited_for<B: Backend<Pool: Scopes>>() {
    fn go<'scope>(scope: &'scope Scope<'scope, '_>, seen: &'scope Mutex<u32>, left: u32) {
        *seen.lock().unwrap() += 1;
        if left > 0 {
            scope.submit(move || go(scope, seen, left - 1)).unwrap();
        }
    }
    let pool = B::pool(2);
    let seen = Mutex::new(0);
    pool.scope(|scope| go(scope, &seen, 10_000));
    assert_eq!(seen.into_inner().unwrap(), 10_001);
}
