//! A manager that is gone: killed or shut down, with everybody in the middle of something.

use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::Duration;

use executor::manager::{Lock, LockGuard, LockProxy, Permit, QueueProxy, SemaphoreProxy};
use executor::{Manager, ManagerError, ProcessPoolExecutor};

use super::sleepers::{Sleepers, announce};
use crate::gate::{Gate, pass};
use crate::process::deaths::{await_end, kill};
use crate::watchdog::watch;

fn is_gone<T>(outcome: Result<T, ManagerError>) -> bool {
    matches!(outcome, Err(ManagerError::Gone(_)))
}

/// What a thread waits in: it announces itself, waits, and tells whether it was told of the end.
type Waiting = Box<dyn FnOnce(&dyn Fn()) -> bool + Send>;

/// Starts a thread that waits in each kind of call, and waits until all sleep.
struct Waiters {
    /// What came of each.
    outcomes: Receiver<(&'static str, bool)>,
    count: usize,
    /// What this thread had at the end of the manager.
    held: (LockGuard<Lock>, Permit),
}

impl Waiters {
    fn asleep(manager: &Manager) -> Waiters {
        let lock = manager.lock().unwrap();
        let semaphore = manager.semaphore(1).unwrap();
        let held = (lock.acquire().unwrap(), semaphore.acquire().unwrap());
        let (outcome, outcomes) = channel();
        let sleepers = Sleepers::new();
        let waits = ways(manager, lock, semaphore);
        let count = waits.len();
        for (what, wait) in waits {
            let (outcome, key) = (outcome.clone(), sleepers.key());
            thread::spawn(move || outcome.send((what, wait(&|| announce(&key)))));
        }
        sleepers.await_all(count);
        Waiters {
            outcomes,
            count,
            held,
        }
    }

    /// All are told; and what they, and this thread, had is dropped without a panic.
    fn assert_told(self) {
        for _ in 0..self.count {
            let (what, is_told) = self.outcomes.recv().expect("no panic");
            assert!(is_told, "{what}");
        }
        drop(self.held);
    }
}

fn ways(
    manager: &Manager,
    lock: LockProxy,
    semaphore: SemaphoreProxy,
) -> Vec<(&'static str, Waiting)> {
    let (queue, full) = (manager.queue::<u8>(0).unwrap(), manager.queue(1).unwrap());
    full.put(1_u8).unwrap();
    let (event, barrier) = (manager.event().unwrap(), manager.barrier(2).unwrap());
    let condition = manager.condition().unwrap();
    let value = manager.value(queue.clone()).unwrap();
    let call: Waiting = Box::new(move |announce| {
        value.call(|_: &mut QueueProxy<u8>| (), ()).unwrap();
        announce();
        is_gone(value.call(|queue: &mut QueueProxy<u8>| queue.get(), ()))
    });
    let get: Waiting = Box::new(move |announce| {
        queue.len().unwrap();
        announce();
        is_gone(queue.get_timeout(Duration::from_secs(3_600)))
    });
    let put: Waiting = Box::new(move |announce| {
        full.len().unwrap();
        announce();
        is_gone(full.put(2))
    });
    let acquire: Waiting = Box::new(move |announce| {
        lock.locked().unwrap();
        announce();
        is_gone(lock.acquire().map_err(ManagerError::from))
    });
    let unit: Waiting = Box::new(move |announce| {
        semaphore.units().unwrap();
        announce();
        is_gone(semaphore.acquire())
    });
    let set: Waiting = Box::new(move |announce| {
        event.is_set().unwrap();
        announce();
        is_gone(event.wait())
    });
    let come: Waiting = Box::new(move |announce| {
        barrier.broken().unwrap();
        announce();
        is_gone(barrier.wait())
    });
    let notified: Waiting = Box::new(move |announce| {
        let held = condition.acquire().unwrap();
        announce();
        is_gone(held.wait())
    });
    vec![
        ("call", call),
        ("get", get),
        ("put", put),
        ("acquire a lock", acquire),
        ("acquire a unit", unit),
        ("an event", set),
        ("a barrier", come),
        ("a condition", notified),
    ]
}

#[test]
fn who_waits_when_the_manager_is_killed_is_told_and_drops_do_not_panic() {
    watch(|| {
        let manager = Manager::start().unwrap();
        let pid = manager.pid().unwrap();
        let waiters = Waiters::asleep(&manager);
        let list = manager.list(vec![1_u8]).unwrap();
        kill(pid, "-KILL");
        waiters.assert_told();
        assert!(is_gone(list.value()));
        assert!(is_gone(list.push(1)));
        assert!(is_gone(manager.object_count()));
        assert!(is_gone(manager.value(1_u8)));
        manager.shutdown().unwrap();
        assert_eq!(manager.pid(), None);
        await_end(pid);
        drop((manager, list));
    });
}

#[test]
fn who_waits_when_the_manager_is_shut_down_is_told() {
    watch(|| {
        let manager = Manager::start().unwrap();
        let pid = manager.pid().unwrap();
        let waiters = Waiters::asleep(&manager);
        manager.shutdown().unwrap();
        await_end(pid);
        waiters.assert_told();
    });
}

#[test]
fn a_worker_that_waits_when_the_manager_is_killed_is_told() {
    watch(|| {
        let manager = Manager::start().unwrap();
        let queue = manager.queue::<u8>(0).unwrap();
        let pool = ProcessPoolExecutor::new(1).unwrap();
        let sleepers = Sleepers::new();
        let get = |queue: QueueProxy<u8>, sleepers: String| {
            queue.len()?;
            announce(&sleepers);
            queue.get()
        };
        let told = pool.submit(get, (queue.clone(), sleepers.key())).unwrap();
        sleepers.await_one();
        kill(manager.pid().unwrap(), "-KILL");
        assert!(is_gone(told.into_result().unwrap()));
        let again = pool.submit(|queue: QueueProxy<u8>| queue.len(), (queue,));
        assert!(is_gone(again.unwrap().into_result().unwrap()));
    });
}

#[test]
fn a_shut_down_manager_is_gone_and_can_be_shut_down_again() {
    watch(|| {
        let manager = Manager::start().unwrap();
        let (list, pid) = (manager.list(vec![1_u8]).unwrap(), manager.pid().unwrap());
        let lock = manager.lock().unwrap();
        let held = lock.acquire().unwrap();
        manager.shutdown().unwrap();
        await_end(pid);
        manager.shutdown().unwrap();
        assert_eq!(manager.pid(), None);
        assert!(is_gone(list.value()));
        assert!(is_gone(manager.event()));
        assert!(is_gone(held.release()));
        assert!(is_gone(lock.try_acquire().map_err(ManagerError::from)));
    });
}

#[test]
fn a_manager_whose_calls_never_end_is_shut_down_all_the_same() {
    watch(|| {
        let manager = Manager::start().unwrap();
        let value = manager.value(1_u8).unwrap();
        let mut gate = Gate::new();
        let (key, pid) = (gate.key(), manager.pid().unwrap());
        let caller = thread::spawn(move || value.call(|_: &mut u8, key: String| pass(key), (key,)));
        gate.await_arrivals(1);
        drop(manager);
        await_end(pid);
        assert!(is_gone(caller.join().unwrap()));
    });
}

#[test]
fn a_manager_that_is_stopped_is_shut_down_all_the_same() {
    watch(|| {
        let manager = Manager::start().unwrap();
        let pid = manager.pid().unwrap();
        kill(pid, "-STOP");
        manager.shutdown().unwrap();
        await_end(pid);
    });
}

#[test]
fn nobody_listens_where_no_manager_is() {
    watch(|| {
        for address in ["@executor-tests-nobody", "/tmp/executor-tests/nobody"] {
            assert!(is_gone(Manager::connect(address, "key")), "{address}");
        }
        let long = "x".repeat(200);
        let outcome = Manager::connect(&*long, "key").err();
        assert!(matches!(outcome, Some(ManagerError::InvalidArgument(_))));
    });
}
