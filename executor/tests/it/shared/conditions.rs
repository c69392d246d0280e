//! Conditions, from threads and processes, with the guards of every object.

use std::thread;
use std::time::{Duration, Instant};

use executor::shared::{Array, Condition, Guard, Lock, LockError, RLock, Value};
use executor::{Executor, LockProblem, fallible};

use super::seats::{Seats, asleep, await_all_asleep, seated, seats, sit, stand_up};
use crate::backends::{Backend, on_every_executor};
use crate::watchdog::watch;

/// Sleeps until notified, sitting meanwhile, and counts itself awake.
fn sleep(
    awake: Value<u32>,
    condition: Condition,
    seats: Seats,
    seat: u32,
) -> Result<(), LockProblem> {
    let guard = awake.lock()?;
    sit(&seats, seat);
    let mut guard = if seat == 1 {
        condition.wait_timeout(guard, Duration::from_secs(1000))?.0
    } else {
        condition.wait(guard)?
    };
    stand_up(&seats, seat);
    *guard += 1;
    Ok(())
}

fn of_six_that_sleep_as_many_are_woken_as_are_notified<B: Backend>() {
    let pool = B::pool(6);
    let (awake, condition) = (Value::new(0).unwrap(), Condition::new().unwrap());
    let seats = seats(6);
    let tasks: Vec<_> = (0..6)
        .map(|seat| {
            let args = (awake.clone(), condition.clone(), seats.clone(), seat);
            pool.submit(fallible(sleep), args).unwrap()
        })
        .collect();
    await_all_asleep(&seats);
    condition.notify(0);
    for (count, expected) in [(2, 2), (1, 3)] {
        condition.notify(count);
        while awake.get().unwrap() < expected {
            thread::yield_now();
        }
        // Whoever else had been woken would have stood up, or be about to: it would not sleep.
        assert_eq!(seated(&seats), 6 - expected as usize);
        assert_eq!(asleep(&seats), 6 - expected as usize);
        assert_eq!(awake.get(), Ok(expected));
    }
    condition.notify_all();
    for task in tasks {
        task.into_result().unwrap();
    }
    assert_eq!(awake.get(), Ok(6));
}

fn what_is_produced_is_consumed<B: Backend>() {
    let pool = B::pool(4);
    // How many there are, and how many were consumed.
    let stock = Array::<u32>::zeroed(2).unwrap();
    let (filled, emptied) = (Condition::new().unwrap(), Condition::new().unwrap());
    let consume = |stock: Array<u32>, filled: Condition, emptied: Condition| {
        for _ in 0..200 {
            let mut guard = filled.wait_while(stock.lock()?, |stock| stock[0] == 0)?;
            guard[0] -= 1;
            guard[1] += 1;
            drop(guard);
            emptied.notify(1);
        }
        Ok::<_, LockProblem>(())
    };
    let produce = |stock: Array<u32>, filled: Condition, emptied: Condition| {
        for _ in 0..200 {
            let mut guard = emptied.wait_while(stock.lock()?, |stock| stock[0] == 3)?;
            guard[0] += 1;
            filled.notify(1);
        }
        Ok::<_, LockProblem>(())
    };
    let args = || (stock.clone(), filled.clone(), emptied.clone());
    let tasks = [
        pool.submit(fallible(consume), args()).unwrap(),
        pool.submit(fallible(produce), args()).unwrap(),
        pool.submit(fallible(consume), args()).unwrap(),
        pool.submit(fallible(produce), args()).unwrap(),
    ];
    for task in tasks {
        task.into_result().unwrap();
    }
    assert_eq!(*stock.lock().unwrap(), [0, 400]);
}

fn a_recursive_lock_is_free_while_its_holder_waits<B: Backend>() {
    let pool = B::pool(1);
    let (lock, condition) = (RLock::new().unwrap(), Condition::new().unwrap());
    let done = Value::new(false as u8).unwrap();
    let act = |lock: RLock, condition: Condition, done: Value<u8>| {
        let _guard = lock.acquire()?;
        done.set(1)?;
        condition.notify_all();
        Ok::<_, executor::Error>(())
    };
    let outer = lock.acquire().unwrap();
    let inner = lock.acquire().unwrap();
    let task = pool
        .submit(
            fallible(act),
            (lock.clone(), condition.clone(), done.clone()),
        )
        .unwrap();
    let inner = condition
        .wait_while(inner, |_| done.get() == Ok(0))
        .unwrap();
    task.into_result().unwrap();
    let is_free = |lock: RLock| lock.try_acquire().is_ok();
    for guard in [inner, outer] {
        let task = pool.submit(is_free, (lock.clone(),)).unwrap();
        assert!(!task.into_result().unwrap());
        drop(guard);
    }
    let task = pool.submit(is_free, (lock.clone(),)).unwrap();
    assert!(task.into_result().unwrap());
}

fn a_panic_meanwhile_is_told_with_the_guard<B: Backend>() {
    let pool = B::pool(1);
    let (value, condition) = (Value::new(1).unwrap(), Condition::new().unwrap());
    let panic = |value: Value<u32>, condition: Condition| {
        let mut guard = value.lock().expect("it is well");
        *guard = 2;
        condition.notify_all();
        panic!("on purpose");
    };
    let guard = value.lock().unwrap();
    let task = pool
        .submit(panic, (value.clone(), condition.clone()))
        .unwrap();
    let Err(LockError::Poisoned(found)) = condition.wait_while(guard, |it| **it == 1) else {
        panic!("it is poisoned")
    };
    assert_eq!(*found, 2);
    drop(found.recover());
    let result: Result<(), _> = task.into_result();
    assert!(result.is_err());
    assert_eq!(value.get(), Ok(2));
}

on_every_executor!(
    of_six_that_sleep_as_many_are_woken_as_are_notified,
    what_is_produced_is_consumed,
    a_recursive_lock_is_free_while_its_holder_waits,
    a_panic_meanwhile_is_told_with_the_guard,
);

/// Nobody notifies, so a timed wait takes its time, and gives the guard back.
fn time_out<G: Guard>(condition: &Condition, mut guard: G) {
    for time in [0, 30].map(Duration::from_millis) {
        let start = Instant::now();
        let notified;
        (guard, notified) = condition.wait_timeout(guard, time).unwrap();
        assert!(!notified && start.elapsed() >= time);
        let ended;
        (guard, ended) = condition.wait_while_timeout(guard, time, |_| true).unwrap();
        assert!(!ended && start.elapsed() >= 2 * time);
    }
    let (_guard, ended) = condition
        .wait_while_timeout(guard, Duration::ZERO, |_| false)
        .unwrap();
    assert!(ended);
}

#[test]
fn timed_waits_give_every_guard_back() {
    watch(|| {
        let condition = Condition::new().unwrap();
        condition.notify_all();
        let (value, array) = (Value::new(1).unwrap(), Array::from_slice(&[1]).unwrap());
        let (lock, recursive) = (Lock::new().unwrap(), RLock::new().unwrap());
        time_out(&condition, value.lock().unwrap());
        time_out(&condition, array.lock().unwrap());
        time_out(&condition, lock.acquire().unwrap());
        let _outer = recursive.acquire().unwrap();
        time_out(&condition, recursive.acquire().unwrap());
        assert!(value.try_lock().is_ok() && array.try_lock().is_ok());
        assert!(lock.try_acquire().is_ok());
    });
}
