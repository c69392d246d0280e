//! What is left of those who wait, and of clients that break the rules.

use std::thread;
use std::time::Duration;

use rustix::pipe::{PipeFlags, fcntl_getpipe_size, pipe_with};

use super::objects::Objects;
use crate::manager::{
    AcquireError, Barrier, BarrierProxy, Condition, LockProxy, Manager, ManagerError, Proxy,
};
use crate::process::passing;

mod leaving;

/// Waits until so many wait at a barrier.
fn until_waiting(barrier: &BarrierProxy, count: u32) {
    while barrier.waiting().unwrap() != count {
        thread::yield_now();
    }
}

#[test]
fn nobody_waits_at_a_broken_barrier() {
    let manager = Manager::start().unwrap();
    let barrier = manager.barrier(3).unwrap();
    thread::scope(|scope| {
        let waiting = [(); 2].map(|()| scope.spawn(|| barrier.wait()));
        until_waiting(&barrier, 2);
        barrier.abort().unwrap();
        for thread in waiting {
            assert_eq!(thread.join().unwrap(), Err(ManagerError::BrokenBarrier));
        }
    });
    assert_eq!(barrier.waiting(), Ok(0));
    let late = barrier.wait_timeout(Duration::ZERO);
    assert_eq!(late, Err(ManagerError::BrokenBarrier));
    assert_eq!(barrier.waiting(), Ok(0));
}

#[test]
fn those_whom_a_panic_sends_away_are_waited_for_no_more() {
    let manager = Manager::start().unwrap();
    let barrier = manager.barrier(2).unwrap();
    thread::scope(|scope| {
        let waiting = scope.spawn(|| barrier.wait());
        until_waiting(&barrier, 1);
        let broken = barrier.call(|_: &mut Barrier| -> () { panic!("on purpose") }, ());
        assert!(matches!(broken, Err(ManagerError::Panicked(_))));
        let sent_away = waiting.join().unwrap();
        assert!(matches!(sent_away, Err(ManagerError::Poisoned(_))));
    });
    barrier.clear_poison().unwrap();
    assert_eq!(barrier.waiting(), Ok(0));
    assert_eq!(barrier.broken(), Ok(true));
}

#[test]
fn those_whom_a_panic_sends_away_take_no_notification() {
    let manager = Manager::start().unwrap();
    let condition = manager.condition().unwrap();
    thread::scope(|scope| {
        let (waits, is_waiting) = std::sync::mpsc::channel();
        let condition = &condition;
        let waiting = scope.spawn(move || {
            let guard = condition.acquire().unwrap();
            waits.send(()).unwrap();
            guard.wait()
        });
        is_waiting.recv().unwrap();
        // Had when the other one waits.
        let guard = condition.acquire().unwrap();
        let broken = condition.call(|_: &mut Condition| -> () { panic!("on purpose") }, ());
        assert!(matches!(broken, Err(ManagerError::Panicked(_))));
        let sent_away = waiting.join().unwrap();
        assert!(matches!(sent_away, Err(ManagerError::Poisoned(_))));
        condition.clear_poison().unwrap();
        assert_eq!(guard.notify(1), Ok(0));
    });
}

/// The same proxy, of an object that it takes for another.
fn mistaken<T: Send + 'static, U: Send + 'static>(proxy: &Proxy<T>) -> Proxy<U> {
    let sent = passing::encoding(|| postcard::to_stdvec(proxy).unwrap());
    let arrived = passing::decoding(sent.descriptors, || postcard::from_bytes(&sent.outcome));
    arrived.outcome.unwrap()
}

#[test]
fn a_lock_comes_back_from_one_who_first_took_it_for_another() {
    let manager = Manager::start().unwrap();
    let lock = manager.rlock().unwrap();
    let other = lock.clone();
    let leaver = thread::spawn(move || {
        let mistaken: LockProxy = mistaken(&other);
        let refused = mistaken.try_acquire().map_err(ManagerError::from);
        assert!(matches!(refused, Err(ManagerError::WrongType { .. })));
        std::mem::forget(other.acquire());
    });
    leaver.join().unwrap();
    let found = lock.acquire_timeout(Duration::from_secs(10));
    assert!(
        matches!(found, Err(AcquireError::OwnerDied(_))),
        "{found:?}"
    );
}

#[test]
fn what_keeps_an_object_alive_is_the_smallest_pipe_there_is() {
    let objects = Objects::new(0).unwrap();
    let (_, lifeline) = objects.add("u8", Box::new(1_u8)).unwrap();
    let (usual, _) = pipe_with(PipeFlags::CLOEXEC).unwrap();
    let sizes = [&lifeline, &usual].map(|pipe| fcntl_getpipe_size(pipe).unwrap());
    assert!(sizes[0] < sizes[1], "{sizes:?}");
}
