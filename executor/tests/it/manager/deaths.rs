//! Clients that die, and threads that end, with something in their hands or while they wait.

use std::mem::forget;
use std::thread;

use executor::manager::{
    AcquireError, BarrierProxy, Condition, ConditionProxy, EventProxy, Exclusive, LockProxy,
    QueueProxy, RLockProxy, SemaphoreProxy,
};
use executor::{Manager, ManagerError, ProcessPoolExecutor, Proxy, Task};

use super::census::{await_clients, await_idle};
use super::sleepers::{Sleepers, announce};
use crate::process::deaths::kill;
use crate::watchdog::watch;

/// A worker process that sleeps in a call.
struct Victim {
    _pool: ProcessPoolExecutor,
    pid: u32,
}

impl Victim {
    /// Runs a task that announces itself and then sleeps, and waits until it does.
    fn asleep<T, F>(task: F, proxy: &Proxy<T>) -> Victim
    where
        T: Send + 'static,
        F: Task<(Proxy<T>, String), Output = ()>,
    {
        let sleepers = Sleepers::new();
        let pool = ProcessPoolExecutor::new(1).unwrap();
        drop(pool.submit(task, (proxy.clone(), sleepers.key())).unwrap());
        let pid = sleepers.await_one();
        Victim { _pool: pool, pid }
    }

    /// Kills it, and waits until the manager, with so many other clients, has noticed.
    fn die(self, manager: &Manager, others: usize) {
        let manager = manager.pid().unwrap();
        await_idle(manager);
        kill(self.pid, "-KILL");
        await_clients(manager, others);
    }
}

/// Holds what it has until it is killed: a place at which to wait for ever.
fn wait_for_ever(manager_is_gone: impl Fn() -> Result<(), ManagerError>, sleepers: &str) {
    announce(sleepers);
    manager_is_gone().unwrap();
}

fn hold<L: Exclusive>(lock: Proxy<L>, sleepers: String) {
    let held = lock.acquire().unwrap();
    announce(&sleepers);
    // Nobody wakes it.
    thread::park();
    drop(held);
}

/// Whether the lock was found without an owner's release; it is in order after that.
fn was_abandoned<L: Exclusive>(lock: &Proxy<L>) -> bool {
    let found = match lock.try_acquire() {
        Ok(held) => {
            drop(held);
            false
        }
        Err(AcquireError::OwnerDied(held)) => {
            assert_eq!(lock.locked(), Ok(true));
            held.release().unwrap();
            true
        }
        Err(AcquireError::Failed(error)) => panic!("{error}"),
    };
    lock.acquire().unwrap().release().unwrap();
    found
}

#[test]
fn a_lock_of_a_killed_process_is_released_and_said_to_be_abandoned() {
    watch(|| {
        let manager = Manager::start().unwrap();
        let lock = manager.lock().unwrap();
        Victim::asleep(hold, &lock).die(&manager, 1);
        assert!(was_abandoned(&lock));
        assert!(!was_abandoned(&lock));
    });
}

#[test]
fn who_waits_for_a_lock_whose_owner_is_killed_gets_it_and_is_told() {
    watch(|| {
        let manager = Manager::start().unwrap();
        let lock = manager.lock().unwrap();
        let victim = Victim::asleep(hold, &lock);
        let (sleepers, waits) = (Sleepers::new(), lock.clone());
        let key = sleepers.key();
        let waiter = thread::spawn(move || {
            waits.locked().unwrap();
            announce(&key);
            matches!(waits.acquire(), Err(AcquireError::OwnerDied(_)))
        });
        sleepers.await_one();
        victim.die(&manager, 1);
        assert!(waiter.join().unwrap());
        await_clients(manager.pid().unwrap(), 1);
        assert!(!was_abandoned(&lock));
    });
}

fn hold_twice(lock: RLockProxy, sleepers: String) {
    forget(lock.acquire().unwrap());
    hold(lock, sleepers);
}

#[test]
fn a_recursive_lock_of_a_killed_process_is_free_however_often_it_was_acquired() {
    watch(|| {
        let manager = Manager::start().unwrap();
        let lock = manager.rlock().unwrap();
        Victim::asleep(hold_twice, &lock).die(&manager, 1);
        assert!(was_abandoned(&lock));
        assert!(!was_abandoned(&lock));
    });
}

#[test]
fn the_lock_of_a_condition_of_a_killed_process_is_abandoned() {
    watch(|| {
        let manager = Manager::start().unwrap();
        let condition = manager.condition().unwrap();
        Victim::asleep(hold, &condition).die(&manager, 1);
        assert!(was_abandoned(&condition));
        assert!(!was_abandoned(&condition));
    });
}

#[test]
fn who_waits_to_be_notified_is_told_if_the_lock_was_abandoned_meanwhile() {
    watch(|| {
        let manager = Manager::start().unwrap();
        let condition = manager.condition().unwrap();
        let notify_and_hold = |condition: ConditionProxy, sleepers: String| {
            let held = condition.acquire().unwrap();
            held.notify_all().unwrap();
            announce(&sleepers);
            thread::park();
            drop(held);
        };
        let held = condition.acquire().unwrap();
        let other = condition.clone();
        let killer = thread::spawn(move || {
            let sleepers = Sleepers::new();
            let pool = ProcessPoolExecutor::new(1).unwrap();
            let args = (other, sleepers.key());
            drop(pool.submit(notify_and_hold, args).unwrap());
            kill(sleepers.await_one(), "-KILL");
        });
        assert_eq!(held.wait(), Err(ManagerError::OwnerDied));
        assert_eq!(
            condition.locked(),
            Ok(true),
            "this thread has it all the same"
        );
        held.release().unwrap();
        killer.join().unwrap();
        assert!(!was_abandoned(&condition));
    });
}

#[test]
fn a_thread_that_ends_with_a_forgotten_guard_has_abandoned_the_lock() {
    watch(|| {
        let manager = Manager::start().unwrap();
        let (lock, semaphore) = (manager.lock().unwrap(), manager.semaphore(2).unwrap());
        let theirs = (lock.clone(), semaphore.clone());
        let forgetful = thread::spawn(move || {
            forget(theirs.0.acquire().unwrap());
            forget(theirs.1.acquire().unwrap());
        });
        forgetful.join().unwrap();
        await_clients(manager.pid().unwrap(), 1);
        assert!(was_abandoned(&lock));
        assert_eq!(semaphore.units(), Ok(2));
    });
}

#[test]
fn the_units_of_a_killed_process_come_back() {
    watch(|| {
        let manager = Manager::start().unwrap();
        let semaphore = manager.bounded_semaphore(3).unwrap();
        let hold = |semaphore: SemaphoreProxy, sleepers: String| {
            let held = (semaphore.acquire().unwrap(), semaphore.acquire().unwrap());
            announce(&sleepers);
            thread::park();
            drop(held);
        };
        let victim = Victim::asleep(hold, &semaphore);
        let mine = semaphore.acquire().unwrap();
        assert_eq!(semaphore.units(), Ok(0));
        victim.die(&manager, 1);
        assert_eq!(semaphore.units(), Ok(2));
        drop(mine);
        assert_eq!(semaphore.units(), Ok(3));
        assert_eq!(semaphore.release(), Err(ManagerError::TooManyReleases));
    });
}

#[test]
fn a_party_that_is_killed_breaks_the_barrier() {
    watch(|| {
        let manager = Manager::start().unwrap();
        let barrier = manager.barrier(3).unwrap();
        let come = |barrier: BarrierProxy, sleepers: String| {
            barrier.waiting().unwrap();
            wait_for_ever(|| barrier.wait().map(drop), &sleepers);
        };
        let victim = Victim::asleep(come, &barrier);
        let theirs = barrier.clone();
        let waiter = thread::spawn(move || theirs.wait());
        while barrier.waiting() != Ok(2) {
            thread::yield_now();
        }
        victim.die(&manager, 1);
        assert_eq!(waiter.join().unwrap(), Err(ManagerError::BrokenBarrier));
        assert_eq!(barrier.broken(), Ok(true));
    });
}

fn wait_for_lock(lock: LockProxy, sleepers: String) {
    lock.locked().unwrap();
    wait_for_ever(|| lock.acquire().map(drop).map_err(From::from), &sleepers);
}

#[test]
fn a_killed_process_that_waits_for_a_lock_is_skipped() {
    watch(|| {
        let manager = Manager::start().unwrap();
        let lock = manager.lock().unwrap();
        let held = lock.acquire().unwrap();
        let victim = Victim::asleep(wait_for_lock, &lock);
        await_idle(manager.pid().unwrap());
        let (sleepers, waits) = (Sleepers::new(), lock.clone());
        let key = sleepers.key();
        let waiter = thread::spawn(move || {
            waits.locked().unwrap();
            announce(&key);
            waits.acquire().is_ok()
        });
        sleepers.await_one();
        victim.die(&manager, 2);
        assert_eq!(lock.locked(), Ok(true));
        held.release().unwrap();
        assert!(waiter.join().unwrap(), "nobody died who had it");
    });
}

#[test]
fn a_killed_process_that_waits_for_an_item_takes_none() {
    watch(|| {
        let manager = Manager::start().unwrap();
        let queue = manager.queue(1).unwrap();
        let get = |queue: QueueProxy<u8>, sleepers: String| {
            queue.len().unwrap();
            wait_for_ever(|| queue.get().map(drop), &sleepers);
        };
        Victim::asleep(get, &queue).die(&manager, 1);
        queue.put(1).unwrap();
        let put = |queue: QueueProxy<u8>, sleepers: String| {
            queue.len().unwrap();
            wait_for_ever(|| queue.put(2), &sleepers);
        };
        Victim::asleep(put, &queue).die(&manager, 1);
        assert_eq!(queue.get(), Ok(1));
        assert_eq!(queue.try_get(), Err(ManagerError::Empty));
    });
}

#[test]
fn a_killed_process_that_waits_for_a_unit_or_an_event_leaves_nothing() {
    watch(|| {
        let manager = Manager::start().unwrap();
        let semaphore = manager.semaphore(0).unwrap();
        let acquire = |semaphore: SemaphoreProxy, sleepers: String| {
            semaphore.units().unwrap();
            wait_for_ever(|| semaphore.acquire().map(drop), &sleepers);
        };
        Victim::asleep(acquire, &semaphore).die(&manager, 1);
        semaphore.release().unwrap();
        assert_eq!(semaphore.units(), Ok(1));
        let event = manager.event().unwrap();
        let wait = |event: EventProxy, sleepers: String| {
            event.is_set().unwrap();
            wait_for_ever(|| event.wait(), &sleepers);
        };
        Victim::asleep(wait, &event).die(&manager, 1);
        event.set().unwrap();
        assert_eq!(event.wait_timeout(std::time::Duration::ZERO), Ok(true));
    });
}

/// As only its debug output tells.
fn first_waits(condition: &mut Condition) -> bool {
    format!("{condition:?}").contains("waiting: [1]")
}

#[test]
fn a_killed_process_that_waits_to_be_notified_is_skipped() {
    watch(|| {
        let manager = Manager::start().unwrap();
        let condition = manager.condition().unwrap();
        let wait = |condition: ConditionProxy, sleepers: String| {
            let held = condition.acquire().unwrap();
            wait_for_ever(|| held.wait(), &sleepers);
        };
        let victim = Victim::asleep(wait, &condition);
        while condition.call(first_waits, ()) != Ok(true) {
            thread::yield_now();
        }
        let (sleepers, waits) = (Sleepers::new(), condition.clone());
        let key = sleepers.key();
        let waiter = thread::spawn(move || {
            let held = waits.acquire().unwrap();
            announce(&key);
            held.wait()
        });
        sleepers.await_one();
        victim.die(&manager, 2);
        let held = condition.acquire().unwrap();
        assert_eq!(held.notify(1), Ok(1));
        held.release().unwrap();
        assert_eq!(waiter.join().unwrap(), Ok(()));
    });
}

#[test]
fn a_client_killed_in_a_long_call_disturbs_nobody() {
    watch(|| {
        let manager = Manager::start().unwrap();
        let queue = manager.queue::<u8>(0).unwrap();
        let list = manager.list(vec![queue.clone()]).unwrap();
        let work = |list: Proxy<Vec<QueueProxy<u8>>>, sleepers: String| {
            list.len().unwrap();
            let get = |list: &mut Vec<QueueProxy<u8>>| list[0].get();
            wait_for_ever(|| list.call(get, ())?.map(drop), &sleepers);
        };
        let victim = Victim::asleep(work, &list);
        await_idle(manager.pid().unwrap());
        kill(victim.pid, "-KILL");
        assert_eq!(queue.len(), Ok(0));
        // The call goes on in the manager, and ends as it would have.
        queue.put(1).unwrap();
        assert_eq!(list.len(), Ok(1));
        assert_eq!(queue.len(), Ok(0));
    });
}
