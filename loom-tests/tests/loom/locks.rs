//! Deadlocks made of locks, inside tasks: whoever waits for a lock is taken to be live, so the library tells nobody.
//! Loom must report each of them, and its safe twin must end.

use crate::base::ThreadPoolExecutor;
use crate::harness::{Bound, Child, join, model, must_fail, thread};
use crate::pool::pool;
use crate::sync::{Arc, Condvar, Mutex};

pub(crate) const CHILDREN: &[Child] = &[
    ("D3 opposite_order", || {
        wrong("D3 opposite_order", || two_locks(Second::TheOtherWayRound));
    }),
    ("D4 held_while_waiting", || {
        wrong("D4 held_while_waiting", || {
            wait_for_one_that_locks(Guard::Kept)
        });
    }),
    ("D9 twice", || wrong("D9 twice", || lock_twice(Guard::Kept))),
    ("D10 upgrade", || {
        wrong("D10 upgrade", || two_upgrades(Guard::Kept))
    }),
    ("D12 no_predicate", || {
        wrong("D12 no_predicate", || notified_before(Sleeps::InAnyCase));
    }),
];

/// A model that must deadlock.
fn wrong(name: &'static str, body: fn()) {
    model(name, "must deadlock", Bound::Preemptions(2), &[], body);
}

/// A model of the same program without the mistake.
fn safe(name: &'static str, claim: &'static str, body: fn()) {
    model(name, claim, Bound::Preemptions(2), &[], body);
}

#[derive(Clone, Copy)]
enum Second {
    TheSameWay,
    TheOtherWayRound,
}

#[derive(Clone, Copy, PartialEq)]
enum Guard {
    Kept,
    Dropped,
}

#[derive(Clone, Copy, PartialEq)]
enum Sleeps {
    IfItIsNotSo,
    InAnyCase,
}

/// Two tasks on two workers that each take both of two locks.
fn two_locks(second: Second) {
    let pool = ThreadPoolExecutor::new(2).unwrap();
    let locks = Arc::new((Mutex::new(1), Mutex::new(2)));
    let one = Arc::clone(&locks);
    let first_task = pool
        .spawn(move || Ok(*one.0.lock() + *one.1.lock()))
        .unwrap();
    let second_task = pool.spawn(move || {
        Ok(match second {
            Second::TheSameWay => *locks.0.lock() + *locks.1.lock(),
            Second::TheOtherWayRound => *locks.1.lock() + *locks.0.lock(),
        })
    });
    assert_eq!(*first_task.result().unwrap(), 3);
    assert_eq!(*second_task.unwrap().result().unwrap(), 3);
}

/// Waits for a task that takes a lock which the caller may hold meanwhile.
fn wait_for_one_that_locks(guard: Guard) {
    let pool = pool(1);
    let lock = Arc::new(Mutex::new(1));
    let its = Arc::clone(&lock);
    let held = lock.lock();
    let task = pool.spawn(move || Ok(*its.lock())).unwrap();
    let held = (guard == Guard::Kept).then_some(held);
    assert_eq!(*task.result().unwrap(), 1);
    drop(held);
}

/// A task that takes a lock twice, while another thread takes it once.
fn lock_twice(guard: Guard) {
    let pool = pool(1);
    let lock = Arc::new(Mutex::new(1));
    let its = Arc::clone(&lock);
    let task = pool.spawn(move || {
        let first = its.lock();
        let first = (guard == Guard::Kept).then_some(first);
        let value = *its.lock();
        drop(first);
        Ok(value)
    });
    *lock.lock() += 0;
    assert_eq!(*task.unwrap().result().unwrap(), 1);
}

/// Two threads that read under a lock, and then write under it.
fn two_upgrades(reading: Guard) {
    let lock = Arc::new(loom::sync::RwLock::new(0));
    let add = move |lock: &loom::sync::RwLock<u32>| {
        let read = lock.read().unwrap();
        let read = (reading == Guard::Kept).then_some(read);
        *lock.write().unwrap() += 1;
        drop(read);
    };
    let its = Arc::clone(&lock);
    let other = thread(move || add(&its));
    add(&lock);
    join([other]);
    assert_eq!(*lock.read().unwrap(), 2);
}

/// Waits to be told by a task, which may have told already.
fn notified_before(sleeps: Sleeps) {
    let pool = pool(1);
    let place = Arc::new((Mutex::new(false), Condvar::new()));
    let its = Arc::clone(&place);
    let task = pool.spawn(move || {
        *its.0.lock() = true;
        its.1.notify_one();
        Ok(())
    });
    let mut is_so = place.0.lock();
    if sleeps == Sleeps::InAnyCase {
        is_so = place.1.wait(is_so);
    }
    while !*is_so {
        is_so = place.1.wait(is_so);
    }
    drop(is_so);
    task.unwrap().result().unwrap();
}

#[test]
fn locks_in_opposite_order_are_reported() {
    must_fail("D3 opposite_order", "deadlock; threads =");
}

#[test]
fn locks_in_one_order_end() {
    let claim = "two tasks that take two locks in one order both end";
    safe("D3-safe one_order", claim, || two_locks(Second::TheSameWay));
}

#[test]
fn a_lock_held_while_waiting_is_reported() {
    must_fail("D4 held_while_waiting", "deadlock; threads =");
}

#[test]
fn a_lock_released_before_waiting_ends() {
    let claim = "who lets go of a lock before it waits for a task that takes it gets its result";
    let body = || wait_for_one_that_locks(Guard::Dropped);
    safe("D4-safe released_before_waiting", claim, body);
}

#[test]
fn a_lock_taken_twice_is_reported() {
    must_fail("D9 twice", "deadlock; threads =");
}

#[test]
fn a_lock_taken_again_ends() {
    let claim = "a task that lets go of a lock can take it again";
    safe("D9-safe again", claim, || lock_twice(Guard::Dropped));
}

#[test]
fn two_upgrades_are_reported() {
    must_fail("D10 upgrade", "deadlock; threads =");
}

#[test]
fn two_writes_after_reading_end() {
    let claim = "two threads that let go of a lock that they read under can both write under it";
    safe("D10-safe read_then_write", claim, || {
        two_upgrades(Guard::Dropped)
    });
}

#[test]
fn a_wait_that_looks_at_nothing_is_reported() {
    must_fail("D12 no_predicate", "deadlock; threads =");
}

#[test]
fn a_wait_that_looks_first_ends() {
    let claim = "who looks before it waits on a condition is not missed, told before or after";
    safe("D12-safe predicate", claim, || {
        notified_before(Sleeps::IfItIsNotSo)
    });
}
