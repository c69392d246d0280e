//! Waits with an end: what is left when the time is over, and that nothing is lost at that moment.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc::channel;
use std::thread;
use std::time::Duration;

use executor::manager::{AcquireError, Condition, Lock, LockGuard, QueueProxy};
use executor::{Manager, ManagerError};

use super::census::await_clients;
use super::sleepers::{Sleepers, announce};
use crate::watchdog::watch;

/// Long enough to be parked, and to go by.
const SHORT: Duration = Duration::from_millis(5);

/// So short that it is over at about the moment at which something happens.
const TINY: Duration = Duration::from_micros(60);

fn is_late(outcome: &Result<LockGuard<Lock>, AcquireError<Lock>>) -> bool {
    matches!(outcome, Err(AcquireError::Failed(ManagerError::TimedOut)))
}

#[test]
fn each_wait_ends_with_its_time_and_what_is_waited_for_can_be_used_after_it() {
    watch(|| {
        let manager = Manager::start().unwrap();
        for timeout in [Duration::ZERO, SHORT] {
            let queue = manager.queue(1).unwrap();
            assert_eq!(queue.get_timeout(timeout), Err(ManagerError::Empty));
            queue.put_timeout(1_u8, timeout).unwrap();
            assert_eq!(queue.put_timeout(2, timeout), Err(ManagerError::Full));
            assert_eq!(queue.get_timeout(timeout), Ok(1));
            assert_eq!(queue.len(), Ok(0), "what was late is not put");

            let event = manager.event().unwrap();
            assert_eq!(event.wait_timeout(timeout), Ok(false));
            event.set().unwrap();
            assert_eq!(event.wait_timeout(timeout), Ok(true));

            let semaphore = manager.semaphore(1).unwrap();
            let permit = semaphore.acquire_timeout(timeout).unwrap();
            let late = semaphore.acquire_timeout(timeout);
            assert_eq!(late.err(), Some(ManagerError::TimedOut));
            drop(permit);
            assert_eq!(semaphore.units(), Ok(1));
        }
    });
}

#[test]
fn a_lock_that_others_have_is_waited_for_so_long_at_most() {
    watch(|| {
        let manager = Manager::start().unwrap();
        let lock = manager.lock().unwrap();
        let held = lock.acquire().unwrap();
        let theirs = lock.clone();
        let other = thread::spawn(move || {
            is_late(&theirs.acquire_timeout(SHORT)) && is_late(&theirs.try_acquire())
        });
        assert!(other.join().unwrap());
        held.release().unwrap();
        lock.acquire_timeout(SHORT).unwrap().release().unwrap();
    });
}

#[test]
fn a_time_past_counting_is_no_limit() {
    watch(|| {
        let manager = Manager::start().unwrap();
        let queue = manager.queue::<u8>(0).unwrap();
        let (sleepers, waits) = (Sleepers::new(), queue.clone());
        let key = sleepers.key();
        let waiter = thread::spawn(move || {
            waits.len().unwrap();
            announce(&key);
            let centuries = Duration::from_secs(u64::MAX / 4_000_000_000);
            (
                waits.get_timeout(Duration::MAX),
                waits.get_timeout(centuries),
            )
        });
        sleepers.await_one();
        queue.put(1).unwrap();
        queue.put(2).unwrap();
        assert_eq!(waiter.join().unwrap(), (Ok(1), Ok(2)));
    });
}

#[test]
fn a_condition_that_nobody_notifies_gives_the_lock_back_in_time() {
    watch(|| {
        let manager = Manager::start().unwrap();
        let condition = manager.condition().unwrap();
        let held = condition.acquire().unwrap();
        for timeout in [Duration::ZERO, SHORT] {
            assert_eq!(held.wait_timeout(timeout), Ok(false));
            assert_eq!(condition.locked(), Ok(true));
            assert_eq!(held.wait_for_timeout(|| Ok(false), timeout), Ok(false));
            assert_eq!(held.wait_for_timeout(|| Ok(true), timeout), Ok(true));
        }
        assert_eq!(
            held.notify_all(),
            Ok(0),
            "nobody waits any more, and it is ours"
        );
        held.release().unwrap();
    });
}

/// As only its debug output tells.
fn is_waited_for(condition: &mut Condition) -> bool {
    format!("{condition:?}").contains("waiting: [1]")
}

#[test]
fn a_condition_whose_time_is_over_waits_for_the_lock_all_the_same() {
    watch(|| while !is_seen_to_wait_for_the_lock_after_its_time() {});
}

/// False if the time was over before the lock was had here: a manager that comes to run so late finds
/// the request for it behind the end of the wait, whichever was sent first.
fn is_seen_to_wait_for_the_lock_after_its_time() -> bool {
    let manager = Manager::start().unwrap();
    let condition = manager.condition().unwrap();
    let (sleepers, theirs) = (Sleepers::new(), condition.clone());
    let key = sleepers.key();
    let (began, begins) = channel();
    let (ended, ends) = channel();
    thread::spawn(move || {
        let held = theirs.acquire().unwrap();
        began.send(()).unwrap();
        // The other one is to have the lock next, or the time may be over before it comes.
        sleepers.await_one();
        let was_notified = held.wait_timeout(SHORT).unwrap();
        ended.send((was_notified, theirs.locked())).unwrap();
    });
    begins.recv().unwrap();
    announce(&key);
    let held = condition.acquire().unwrap();
    let was_in_time = condition.call(is_waited_for, ()).unwrap();
    if was_in_time {
        // Its time goes by, and the manager takes it from those who wait to be notified.
        while condition.call(is_waited_for, ()).unwrap() {
            assert!(ends.try_recv().is_err());
        }
        assert_eq!(held.notify_all(), Ok(0));
        assert!(
            ends.try_recv().is_err(),
            "it has the lock that is held here"
        );
    }
    held.release().unwrap();
    assert_eq!(ends.recv().unwrap(), (false, Ok(true)));
    was_in_time
}

#[test]
fn a_party_that_gives_up_breaks_the_barrier_for_all() {
    watch(|| {
        let manager = Manager::start().unwrap();
        let barrier = manager.barrier(3).unwrap();
        let theirs = barrier.clone();
        let waiter = thread::spawn(move || theirs.wait());
        while barrier.waiting() != Ok(1) {
            thread::yield_now();
        }
        let broken = Err(ManagerError::BrokenBarrier);
        assert_eq!(barrier.wait_timeout(SHORT), broken);
        assert_eq!(waiter.join().unwrap(), broken);
        assert_eq!(barrier.wait(), broken);
        assert_eq!((barrier.broken(), barrier.waiting()), (Ok(true), Ok(0)));
        barrier.reset().unwrap();
        assert_eq!(barrier.broken(), Ok(false));
        let theirs = [barrier.clone(), barrier.clone()];
        let others = theirs.map(|barrier| thread::spawn(move || barrier.wait().is_ok()));
        assert!(barrier.wait().is_ok());
        assert!(others.map(|other| other.join().unwrap()) == [true; 2]);
    });
}

#[test]
fn abort_and_reset_send_those_away_who_wait() {
    watch(|| {
        let manager = Manager::start().unwrap();
        let barrier = manager.barrier(2).unwrap();
        for resets in [false, true, true, false] {
            let theirs = barrier.clone();
            let waiter = thread::spawn(move || theirs.wait());
            while barrier.waiting() != Ok(1) {
                thread::yield_now();
            }
            match resets {
                true => barrier.reset().unwrap(),
                false => barrier.abort().unwrap(),
            }
            assert_eq!(waiter.join().unwrap(), Err(ManagerError::BrokenBarrier));
            assert_eq!(barrier.broken(), Ok(!resets));
            assert_eq!(barrier.waiting(), Ok(0));
            barrier.reset().unwrap();
        }
    });
}

/// Takes items with very little patience, until it finds the last; counts how often it was in vain.
fn take_impatiently(queue: &QueueProxy<u32>, late: &AtomicU32) -> Vec<u32> {
    let mut taken = Vec::new();
    loop {
        match queue.get_timeout(TINY) {
            Ok(u32::MAX) => return taken,
            Ok(item) => taken.push(item),
            // ORDERING: Relaxed, here and below: it is only a number.
            Err(ManagerError::Empty) => drop(late.fetch_add(1, Ordering::Relaxed)),
            Err(error) => panic!("{error}"),
        }
    }
}

#[test]
fn a_time_that_ends_as_an_item_comes_loses_no_item() {
    watch(|| {
        const ITEMS: u32 = 1_500;
        let manager = Manager::start().unwrap();
        let queue = manager.queue(0).unwrap();
        let late = AtomicU32::new(0);
        let take = || take_impatiently(&queue, &late);
        let taken = thread::scope(|scope| {
            let takers = [scope.spawn(take), scope.spawn(take)];
            for n in 0..ITEMS {
                if n.is_multiple_of(50) {
                    // Now and then they are quicker.
                    let before = late.load(Ordering::Relaxed);
                    while late.load(Ordering::Relaxed) == before {
                        thread::yield_now();
                    }
                }
                queue.put(n).unwrap();
            }
            queue.put(u32::MAX).unwrap();
            queue.put(u32::MAX).unwrap();
            takers.map(|taker| taker.join().unwrap())
        });
        assert!(taken.iter().all(|taken| taken.is_sorted()));
        let mut all = taken.concat();
        all.sort_unstable();
        assert!(all.into_iter().eq(0..ITEMS));
    });
}

#[test]
fn a_time_that_ends_as_room_comes_puts_an_item_once_or_not_at_all() {
    watch(|| {
        let manager = Manager::start().unwrap();
        let queue = manager.queue(1).unwrap();
        let theirs = queue.clone();
        let putter = thread::spawn(move || {
            let put = |n: &u32| match theirs.put_timeout(*n, TINY) {
                Ok(()) => true,
                Err(ManagerError::Full) => false,
                Err(error) => panic!("{error}"),
            };
            let put = (0..1_500).filter(put).collect::<Vec<u32>>();
            theirs.put(u32::MAX).unwrap();
            put
        });
        let taken: Vec<u32> =
            std::iter::from_fn(|| queue.get().ok().filter(|n| *n != u32::MAX)).collect();
        assert_eq!(putter.join().unwrap(), taken);
    });
}

#[test]
fn a_time_that_ends_as_a_lock_or_a_unit_comes_leaves_none_behind() {
    watch(|| {
        let manager = Manager::start().unwrap();
        let lock = manager.lock().unwrap();
        let semaphore = manager.bounded_semaphore(1).unwrap();
        let users: Vec<_> = (0..3)
            .map(|_| {
                let (lock, semaphore) = (lock.clone(), semaphore.clone());
                thread::spawn(move || {
                    for _ in 0..300 {
                        let held = lock.acquire_timeout(TINY);
                        assert!(held.is_ok() || is_late(&held), "{held:?}");
                        let permit = semaphore.acquire_timeout(TINY);
                        assert!(matches!(permit, Ok(_) | Err(ManagerError::TimedOut)));
                    }
                })
            })
            .collect();
        for user in users {
            user.join().unwrap();
        }
        await_clients(manager.pid().unwrap(), 1);
        assert_eq!((lock.locked(), semaphore.units()), (Ok(false), Ok(1)));
        lock.try_acquire().unwrap().release().unwrap();
    });
}
