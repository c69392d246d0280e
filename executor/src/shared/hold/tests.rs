//! What tells a thread that takes its lock once more from one that has a dead thread's number.

#![expect(
    unsafe_code,
    reason = "writes to the C library's lock what the kernel leaves"
)]

use std::mem::forget;
use std::sync::Arc;
use std::sync::atomic::AtomicU32;
use std::thread;
use std::time::Duration;

use super::*;
use crate::shared::object::{Object, accept};
use crate::shared::{LockError, RLock, Value};

/// Has a thread die with a lock of `object`'s and leaves the lock as if the kernel had not marked it, and
/// this thread had the dead one's number.
fn inherit<O: Object + Sync>(object: &O) {
    thread::scope(|scope| {
        scope.spawn(|| forget(take(object.mapping(), Patience::None)));
    });
    let word = (&raw const object.mapping().head().mutex).cast::<AtomicU32>();
    // SAFETY: the C library's lock starts with this number, uses it as an atomic, and is borrowed.
    let word = unsafe { &*word };
    // ORDERING: Relaxed: no other thread has the lock any more.
    word.store(
        rustix::thread::gettid().as_raw_pid() as u32,
        Ordering::Relaxed,
    );
}

#[test]
fn the_lock_of_a_dead_thread_is_not_its_namesakes() {
    let lock = RLock::new().unwrap();
    inherit(&lock);
    for _ in 0..2 {
        // A guard would be on a list that is gone, so it must not be dropped.
        match lock.try_acquire().map(forget) {
            Err(LockError::Unrecoverable) => {}
            other => panic!("{other:?}"),
        }
        let timed = lock.acquire_timeout(Duration::MAX).map(forget);
        assert!(matches!(timed, Err(LockError::Unrecoverable)), "{timed:?}");
        let waiting = lock.acquire().map(forget);
        assert!(
            matches!(waiting, Err(LockError::Unrecoverable)),
            "{waiting:?}"
        );
    }
    let value = Value::new(5_u8).unwrap();
    inherit(&value);
    assert_eq!(value.get(), Err(LockProblem::HeldByCaller));
}

#[test]
fn a_state_is_not_written_by_a_dead_threads_namesake() {
    let value = Value::new(5_u8).unwrap();
    inherit(&value);
    let hold = Hold {
        mapping: value.mapping(),
        was_panicking: false,
        is_abandoned: Cell::new(false),
        _thread: PhantomData,
    };
    hold.set_state(POISONED);
    // It has nothing to let go of.
    forget(hold);
    let state = &value.mapping().head().state;
    // ORDERING: Relaxed: only this thread writes it.
    assert_eq!(state.load(Ordering::Relaxed), SOUND);
}

#[test]
fn another_mapping_of_a_forgotten_guards_lock_is_no_way_to_let_go_of_it() {
    let lock = RLock::new().unwrap();
    let descriptor = Arc::new(lock.mapping().descriptor().try_clone().unwrap());
    forget(lock.acquire().unwrap());
    drop(lock);
    let again: RLock = accept(descriptor).unwrap();
    let taken = again.try_acquire();
    assert!(matches!(taken, Err(LockError::Unrecoverable)), "{taken:?}");
}

#[test]
fn a_thread_takes_its_lock_once_more_whoever_had_it_before() {
    let lock = RLock::new().unwrap();
    for _ in 0..3 {
        thread::scope(|scope| {
            scope.spawn(|| drop([(); 2].map(|()| lock.acquire().unwrap())));
        });
        drop([(); 3].map(|()| lock.acquire().unwrap()));
    }
    assert!(lock.try_acquire().is_ok());
}

#[test]
fn what_one_guard_of_a_thread_has_lost_another_can_still_recover() {
    let lock = RLock::new().unwrap();
    thread::scope(|scope| {
        scope.spawn(|| forget(lock.acquire().unwrap()));
    });
    let (Err(LockError::OwnerDied(first)), Err(LockError::OwnerDied(second))) =
        (lock.acquire(), lock.acquire())
    else {
        panic!("nobody was told");
    };
    drop(first);
    assert!(matches!(lock.acquire(), Err(LockError::Unrecoverable)));
    drop(second.recover());
    assert!(lock.acquire().is_ok());
}
