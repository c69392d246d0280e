//! What goes on although something has gone wrong: releases of what is poisoned, notifications of those who
//! died, and waits that end though nobody can get at the object.

use std::sync::mpsc::channel;
use std::thread;
use std::time::Duration;

use executor::manager::{ConditionProxy, Lock, Queue, QueueProxy, Semaphore, ValueProxy};
use executor::{Manager, ManagerError, ProcessPoolExecutor};

use super::census::{await_clients, await_idle};
use super::sleepers::{Sleepers, announce};
use crate::process::deaths::kill;
use crate::watchdog::watch;

#[test]
fn what_is_poisoned_is_released_all_the_same() {
    watch(|| {
        let manager = Manager::start().unwrap();
        let lock = manager.lock().unwrap();
        let held = lock.acquire().unwrap();
        let panics = |_: &mut Lock| -> () { panic!("on purpose") };
        assert!(lock.call(panics, ()).is_err());
        drop(held);
        lock.clear_poison().unwrap();
        assert_eq!(lock.locked(), Ok(false));
        drop(lock.try_acquire().unwrap());

        let units = manager.bounded_semaphore(1).unwrap();
        let permit = units.acquire().unwrap();
        let panics = |_: &mut Semaphore| -> () { panic!("on purpose") };
        assert!(units.call(panics, ()).is_err());
        drop(permit);
        units.clear_poison().unwrap();
        assert_eq!(units.units(), Ok(1));
    });
}

#[test]
fn to_clear_the_poison_of_the_object_that_is_called_is_a_circle_and_told() {
    watch(|| {
        let manager = Manager::start().unwrap();
        let value = manager.value(1).unwrap();
        let clear = |_: &mut i32, itself: ValueProxy<i32>| itself.clear_poison();
        let outcome = value.call(clear, (value.clone(),)).unwrap();
        assert!(
            matches!(outcome, Err(ManagerError::Deadlock(_))),
            "{outcome:?}"
        );
        assert_eq!(value.value(), Ok(1));
    });
}

fn wait(condition: ConditionProxy, sleepers: String) {
    let held = condition.acquire().unwrap();
    announce(&sleepers);
    held.wait().unwrap();
}

#[test]
fn a_notification_of_one_who_dies_before_it_has_the_lock_goes_to_the_next() {
    watch(|| {
        let manager = Manager::start().unwrap();
        let condition = manager.condition().unwrap();
        let sleepers = Sleepers::new();
        let pool = ProcessPoolExecutor::new(1).unwrap();
        let task = (condition.clone(), sleepers.key());
        let task = pool.submit(wait, task).unwrap();
        let first = sleepers.await_one();
        thread::scope(|scope| {
            let (condition, key) = (&condition, sleepers.key());
            let second = scope.spawn(move || {
                let held = condition.acquire().unwrap();
                announce(&key);
                held.wait_timeout(Duration::from_secs(20))
            });
            sleepers.await_one();
            let held = condition.acquire().unwrap();
            assert_eq!(held.notify(1), Ok(1));
            let process = manager.pid().unwrap();
            await_idle(process);
            kill(first, "-KILL");
            // This thread, and the one that waits.
            await_clients(process, 2);
            held.release().unwrap();
            assert_eq!(second.join().unwrap(), Ok(true));
        });
        assert!(task.result().is_err());
    });
}

fn get_in_time(_: &mut u32, queue: QueueProxy<u32>, sleepers: String) -> Result<u32, ManagerError> {
    // It has a connection then, and sleeps over nothing but the queue.
    queue.len()?;
    announce(&sleepers);
    queue.get_timeout(Duration::from_secs(1))
}

/// Asks another object while this one is locked.
fn ask(_: &mut Queue<u32>, value: ValueProxy<u32>) -> Result<u32, ManagerError> {
    value.value()
}

#[test]
fn a_time_that_ends_while_nobody_can_get_at_the_object_ends_the_wait() {
    watch(|| {
        let manager = Manager::start().unwrap();
        let (value, queue) = (manager.value(5).unwrap(), manager.queue::<u32>(0).unwrap());
        let sleepers = Sleepers::new();
        thread::scope(|scope| {
            let (asked, waited) = channel();
            let args = (queue.clone(), sleepers.key());
            let value = &value;
            scope.spawn(move || asked.send(value.call(get_in_time, args)));
            sleepers.await_one();
            // It waits for the value until the first call has given up: then that closes the circle. If
            // the first call has not begun to wait for the queue by now, this one may close it.
            let asked = queue.call(ask, (value.clone(),)).unwrap();
            let waited = waited.recv().unwrap().unwrap();
            assert!(
                matches!(
                    (&asked, &waited),
                    (Ok(5), Err(ManagerError::Deadlock(_)))
                        | (Err(ManagerError::Deadlock(_)), Err(ManagerError::Empty))
                ),
                "{asked:?}, {waited:?}"
            );
        });
        // What was given up takes nothing.
        queue.put(7).unwrap();
        assert_eq!(queue.try_get(), Ok(7));
        queue.put(8).unwrap();
        assert_eq!(queue.len(), Ok(1));
    });
}
