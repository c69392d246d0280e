//! Locks, conditions and semaphores: who has them, who is next, and what is counted under them.

use std::sync::mpsc::channel;
use std::thread;

use executor::manager::{
    AcquireError, ConditionProxy, LockProxy, RLockProxy, SemaphoreProxy, ValueProxy,
};
use executor::{Error, Manager, ManagerError, ProcessPoolExecutor, fallible};

use super::census::await_idle;
use super::sleepers::{Sleepers, announce};
use crate::watchdog::watch;

fn add_in_two_steps(lock: LockProxy, sum: ValueProxy<u64>, times: u32) -> Result<(), Error> {
    for _ in 0..times {
        let _held = lock.acquire()?;
        sum.set_value(sum.value()? + 1)?;
    }
    Ok(())
}

#[test]
fn four_processes_under_a_lock_lose_no_increment() {
    watch(|| {
        let manager = Manager::start().unwrap();
        let (lock, sum) = (manager.lock().unwrap(), manager.value(0_u64).unwrap());
        let pool = ProcessPoolExecutor::new(4).unwrap();
        let adding: Vec<_> = (0..4)
            .map(|_| {
                let args = (lock.clone(), sum.clone(), 100);
                pool.submit(fallible(add_in_two_steps), args).unwrap()
            })
            .collect();
        for task in adding {
            task.into_result().unwrap();
        }
        assert_eq!(sum.value(), Ok(400));
    });
}

fn add_in_one_step((sum, times): (ValueProxy<u64>, u32)) -> Result<(), Error> {
    for _ in 0..times {
        sum.call(|sum: &mut u64| *sum += 1, ())?;
    }
    Ok(())
}

#[test]
fn four_processes_that_call_lose_no_increment() {
    watch(|| {
        let manager = Manager::start().unwrap();
        let sum = manager.value(0_u64).unwrap();
        let pool = ProcessPoolExecutor::new(4).unwrap();
        let adding = pool.map(
            fallible(add_in_one_step),
            (0..4).map(|_| (sum.clone(), 200)),
        );
        for outcome in adding.unwrap() {
            outcome.unwrap();
        }
        assert_eq!(sum.value(), Ok(800));
    });
}

#[test]
fn who_has_a_lock_and_waits_for_it_is_told() {
    watch(|| {
        let manager = Manager::start().unwrap();
        let lock = manager.lock().unwrap();
        let held = lock.acquire().unwrap();
        for again in [lock.acquire(), lock.try_acquire()] {
            let Err(AcquireError::Failed(error)) = again else {
                panic!("it has it twice");
            };
            assert!(matches!(error, ManagerError::Deadlock(_)), "{error:?}");
        }
        assert_eq!(lock.locked(), Ok(true));
        held.release().unwrap();
        lock.acquire().unwrap().release().unwrap();
    });
}

/// Whether another thread gets the lock at once.
fn is_free(lock: &RLockProxy) -> bool {
    let lock = lock.clone();
    let other = thread::spawn(move || match lock.try_acquire() {
        Ok(held) => held.release().is_ok(),
        Err(AcquireError::Failed(ManagerError::TimedOut)) => false,
        Err(error) => panic!("{error}"),
    });
    other.join().unwrap()
}

#[test]
fn a_recursive_lock_is_free_when_it_is_released_as_often_as_acquired() {
    watch(|| {
        let manager = Manager::start().unwrap();
        let lock = manager.rlock().unwrap();
        let once = lock.acquire().unwrap();
        let twice = lock.acquire().unwrap();
        let thrice = lock.try_acquire().unwrap();
        drop(once);
        assert!(!is_free(&lock));
        thrice.release().unwrap();
        assert!(!is_free(&lock));
        // To drop it would not wait until it is done.
        twice.release().unwrap();
        assert!(is_free(&lock));
    });
}

#[test]
fn those_who_wait_for_a_lock_get_it_in_the_order_in_which_they_came() {
    watch(|| {
        let manager = Manager::start().unwrap();
        let (lock, order) = (manager.lock().unwrap(), manager.list(Vec::new()).unwrap());
        let held = lock.acquire().unwrap();
        let sleepers = Sleepers::new();
        let waiters: Vec<_> = (0..4_u8)
            .map(|n| {
                let (lock, order, key) = (lock.clone(), order.clone(), sleepers.key());
                let waiter = thread::spawn(move || {
                    order.len().unwrap();
                    announce(&key);
                    let _held = lock.acquire().unwrap();
                    order.push(n).unwrap();
                });
                sleepers.await_one();
                await_idle(manager.pid().unwrap());
                waiter
            })
            .collect();
        held.release().unwrap();
        for waiter in waiters {
            waiter.join().unwrap();
        }
        assert_eq!(order.value().unwrap(), [0, 1, 2, 3]);
    });
}

/// Waits to be notified, and counts.
fn wait_and_count(condition: &ConditionProxy, waiting: &ValueProxy<u32>, woken: &ValueProxy<u32>) {
    let held = condition.acquire().unwrap();
    waiting.call(|n: &mut u32| *n += 1, ()).unwrap();
    held.wait().unwrap();
    woken.call(|n: &mut u32| *n += 1, ()).unwrap();
    held.release().unwrap();
}

#[test]
fn notify_two_of_six_wakes_two() {
    watch(|| {
        let manager = Manager::start().unwrap();
        let condition = manager.condition().unwrap();
        let (waiting, woken) = (manager.value(0).unwrap(), manager.value(0).unwrap());
        let (ended, ends) = channel();
        for _ in 0..6 {
            let args = (condition.clone(), waiting.clone(), woken.clone());
            let ended = ended.clone();
            thread::spawn(move || {
                wait_and_count(&args.0, &args.1, &args.2);
                ended.send(()).unwrap();
            });
        }
        // Who counts has the lock, and who has let go of it waits.
        let held = loop {
            let held = condition.acquire().unwrap();
            if waiting.value() == Ok(6) {
                break held;
            }
        };
        assert_eq!(held.notify(2), Ok(2));
        assert_eq!(woken.value(), Ok(0), "they need the lock");
        held.release().unwrap();
        for _ in 0..2 {
            ends.recv().unwrap();
        }
        let held = condition.acquire().unwrap();
        assert_eq!(woken.value(), Ok(2));
        assert_eq!(held.notify_all(), Ok(4));
        assert_eq!(held.notify(1), Ok(0));
        held.release().unwrap();
        for _ in 0..4 {
            ends.recv().unwrap();
        }
        assert_eq!(woken.value(), Ok(6));
    });
}

#[test]
fn wait_for_returns_when_it_is_so() {
    watch(|| {
        let manager = Manager::start().unwrap();
        let (condition, stock) = (manager.condition().unwrap(), manager.value(0).unwrap());
        let (condition2, stock2) = (condition.clone(), stock.clone());
        let buyer = thread::spawn(move || {
            let held = condition2.acquire().unwrap();
            held.wait_for(|| Ok(stock2.value()? >= 3)).unwrap();
            stock2.call(|stock: &mut u32| *stock -= 3, ()).unwrap();
        });
        for _ in 0..3 {
            let held = condition.acquire().unwrap();
            stock.call(|stock: &mut u32| *stock += 1, ()).unwrap();
            held.notify_all().unwrap();
        }
        buyer.join().unwrap();
        assert_eq!(stock.value(), Ok(0));
    });
}

#[test]
fn notify_without_the_lock_can_only_be_tried_after_its_end() {
    watch(|| {
        let manager = Manager::start().unwrap();
        let condition = manager.condition().unwrap();
        let held = condition.acquire().unwrap();
        let again = condition.acquire();
        assert!(matches!(
            again,
            Err(AcquireError::Failed(ManagerError::Deadlock(_)))
        ));
        drop(again);
        assert_eq!(held.notify_all(), Ok(0));
    });
}

fn enter((semaphore, inside): (SemaphoreProxy, ValueProxy<u32>)) -> Result<u32, Error> {
    let permit = semaphore.acquire()?;
    let now = inside.call(
        |inside: &mut u32| {
            *inside += 1;
            *inside
        },
        (),
    )?;
    inside.call(|inside: &mut u32| *inside -= 1, ())?;
    drop(permit);
    // This comes after it, and so whoever sees the result sees the unit.
    semaphore.units()?;
    Ok(now)
}

#[test]
fn no_more_are_inside_than_a_semaphore_has_units() {
    watch(|| {
        let manager = Manager::start().unwrap();
        let (semaphore, inside) = (manager.semaphore(2).unwrap(), manager.value(0).unwrap());
        let pool = ProcessPoolExecutor::new(4).unwrap();
        let args = (0..80).map(|_| (semaphore.clone(), inside.clone()));
        let peak = pool.map(fallible(enter), args).unwrap();
        let peak = peak.map(Result::unwrap).max();
        assert!(peak <= Some(2), "{peak:?}");
        assert_eq!((inside.value(), semaphore.units()), (Ok(0), Ok(2)));
    });
}

#[test]
fn a_panic_under_a_lock_releases_it() {
    watch(|| {
        let manager = Manager::start().unwrap();
        let lock = manager.lock().unwrap();
        let theirs = lock.clone();
        let pool = ProcessPoolExecutor::new(1).unwrap();
        let panics = |lock: LockProxy| {
            let _held = lock.acquire().unwrap();
            panic!("under the lock");
        };
        let outcome: Result<(), _> = pool.submit(panics, (theirs,)).unwrap().into_result();
        assert!(outcome.is_err());
        lock.acquire().unwrap().release().unwrap();
    });
}
