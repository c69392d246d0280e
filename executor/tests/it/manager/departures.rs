//! Clients that leave while the manager is at a request of theirs: what they had does not wait for that.

use std::mem::forget;
use std::thread;
use std::time::Duration;

use executor::manager::{AcquireError, EventProxy, LockProxy, ValueProxy};
use executor::{Manager, ManagerError, ProcessPoolExecutor};

use super::census::{await_clients, await_idle};
use super::sleepers::{Sleepers, announce};
use crate::process::deaths::kill;
use crate::watchdog::watch;

/// Enough for what happens at once.
const SOON: Duration = Duration::from_secs(10);

fn hold_and_call(lock: LockProxy, value: ValueProxy<u8>, event: EventProxy, sleepers: String) {
    let held = lock.acquire().unwrap();
    value.value().unwrap();
    announce(&sleepers);
    let wait = |_: &mut u8, event: EventProxy| event.wait();
    drop(value.call(wait, (event,)));
    drop(held);
}

#[test]
fn a_lock_of_a_process_killed_amid_a_call_is_released_before_that_ends() {
    watch(|| {
        let manager = Manager::start().unwrap();
        let (lock, event) = (manager.lock().unwrap(), manager.event().unwrap());
        let value = manager.value(1_u8).unwrap();
        let sleepers = Sleepers::new();
        let pool = ProcessPoolExecutor::new(1).unwrap();
        let args = (lock.clone(), value.clone(), event.clone(), sleepers.key());
        drop(pool.submit(hold_and_call, args).unwrap());
        let pid = sleepers.await_one();
        await_idle(manager.pid().unwrap());
        kill(pid, "-KILL");
        let found = lock.acquire_timeout(SOON);
        assert!(
            matches!(found, Err(AcquireError::OwnerDied(_))),
            "{found:?}"
        );
        drop(found);
        event.set().unwrap();
        assert_eq!(value.value(), Ok(1));
        await_clients(manager.pid().unwrap(), 1);
        assert_eq!(lock.locked(), Ok(false));
        lock.acquire().unwrap().release().unwrap();
    });
}

fn hold_and_acquire_in_a_call(lock: LockProxy, value: ValueProxy<bool>, sleepers: String) {
    forget(lock.acquire().unwrap());
    value.value().unwrap();
    announce(&sleepers);
    let acquire = |is_abandoned: &mut bool, lock: LockProxy| {
        *is_abandoned = matches!(lock.acquire(), Err(AcquireError::OwnerDied(_)));
    };
    drop(value.call(acquire, (lock,)));
}

#[test]
fn a_call_that_waits_for_what_its_own_dead_client_has_goes_on() {
    watch(|| {
        let manager = Manager::start().unwrap();
        let (lock, value) = (manager.lock().unwrap(), manager.value(false).unwrap());
        let sleepers = Sleepers::new();
        let pool = ProcessPoolExecutor::new(1).unwrap();
        let args = (lock.clone(), value.clone(), sleepers.key());
        drop(pool.submit(hold_and_acquire_in_a_call, args).unwrap());
        let pid = sleepers.await_one();
        await_idle(manager.pid().unwrap());
        kill(pid, "-KILL");
        assert_eq!(value.value(), Ok(true));
        let in_order = lock.acquire_timeout(SOON);
        assert!(in_order.is_ok(), "{in_order:?}");
    });
}

#[test]
fn what_a_thread_gives_back_as_it_ends_is_not_abandoned() {
    watch(|| {
        let manager = Manager::start().unwrap();
        let (lock, count) = (manager.lock().unwrap(), manager.value(0_u32).unwrap());
        for _ in 0..300 {
            let theirs = (lock.clone(), count.clone());
            let thread = thread::spawn(move || -> Result<(), ManagerError> {
                let held = theirs.0.acquire()?;
                theirs.1.call(|count: &mut u32| *count += 1, ())?;
                drop(held);
                Ok(())
            });
            let mine = lock.acquire().map(drop);
            assert!(mine.is_ok(), "{mine:?}");
            assert_eq!(thread.join().unwrap(), Ok(()));
            let mine = lock.acquire().map(drop);
            assert!(mine.is_ok(), "{mine:?}");
        }
        assert_eq!(count.value(), Ok(300));
    });
}

#[test]
fn who_has_nothing_of_an_object_leaves_although_somebody_is_at_it() {
    watch(|| {
        let manager = Manager::start().unwrap();
        let (value, event) = (manager.value(1_u8).unwrap(), manager.event().unwrap());
        let (leave, told) = std::sync::mpsc::channel::<()>();
        let (is_asked, asked) = std::sync::mpsc::channel();
        let looks = value.clone();
        let leaver = thread::spawn(move || {
            is_asked.send(looks.value()).unwrap();
            let _ = told.recv();
        });
        assert_eq!(asked.recv().unwrap(), Ok(1));
        let theirs = (value.clone(), event.clone());
        let caller = thread::spawn(move || {
            let wait = |_: &mut u8, event: EventProxy| event.wait();
            theirs.0.call(wait, (theirs.1,))
        });
        let pid = manager.pid().unwrap();
        // This thread, the leaver, the caller, and the call.
        await_clients(pid, 4);
        drop(leave);
        leaver.join().unwrap();
        await_clients(pid, 3);
        event.set().unwrap();
        assert_eq!(caller.join().unwrap(), Ok(Ok(())));
    });
}
