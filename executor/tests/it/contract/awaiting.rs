//! Futures of an executor that are awaited.

use std::thread;

use executor::{Executor, TaskError};

use crate::backends::{Backend, on_every_executor};
use crate::block_on::block_on;
use crate::gate::{Gate, pass, pass_and_return};

on_every_executor!(
    an_awaited_future_gives_its_value,
    an_awaited_failure_gives_its_error,
    a_cancel_wakes_who_awaits,
    many_await_one_future,
);

fn double(n: u64) -> u64 {
    n * 2
}

fn an_awaited_future_gives_its_value<B: Backend>() {
    let pool = B::pool(2);
    let sum = block_on(async {
        let (one, other) = (pool.submit(double, (1,))?, pool.submit(double, (2,))?);
        Ok::<u64, executor::Error>(one.await? + *(&other).await?)
    });
    assert_eq!(sum.unwrap(), 6);
    let gate = Gate::new();
    let held = pool.submit(pass_and_return, (gate.key(), 7)).unwrap();
    let opener = thread::spawn(|| gate.open());
    assert_eq!(block_on(held).unwrap(), 7);
    opener.join().unwrap();
}

fn an_awaited_failure_gives_its_error<B: Backend>() {
    let pool = B::pool(1);
    let failing = pool.submit(|| -> u64 { panic!("on purpose") }, ()).unwrap();
    assert!(matches!(block_on(failing), Err(TaskError::Panicked(_))));
}

fn a_cancel_wakes_who_awaits<B: Backend>() {
    let pool = B::pool(1);
    let mut gate = Gate::new();
    let _running = pool.submit(pass, (gate.key(),)).unwrap();
    gate.await_arrivals(1);
    let pending = pool.submit(double, (1,)).unwrap();
    let waiter = thread::spawn({
        let pending = pending.clone();
        move || block_on(pending)
    });
    assert!(pending.cancel());
    assert!(matches!(waiter.join().unwrap(), Err(TaskError::Cancelled)));
    gate.open();
}

fn many_await_one_future<B: Backend>() {
    let pool = B::pool(1);
    let gate = Gate::new();
    let future = pool.submit(pass_and_return, (gate.key(), 7)).unwrap();
    thread::scope(|scope| {
        let waiters: Vec<_> = (0..4)
            .map(|_| scope.spawn(|| block_on(&future).copied()))
            .collect();
        gate.open();
        for waiter in waiters {
            assert_eq!(waiter.join().unwrap().unwrap(), 7);
        }
    });
}
