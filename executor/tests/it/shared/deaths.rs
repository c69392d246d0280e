//! Processes and threads that die: with a lock, while they wait, or as copies of others.

use std::fs;
use std::hint::spin_loop;
use std::mem::forget;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::thread;
use std::time::Duration;

use executor::shared::{Barrier, Condition, Event, Lock, LockError, RLock, Semaphore, Value};
use executor::{LockProblem, ProcessPoolExecutor};

use super::seats::{await_all_asleep, seats, sit, stand_up};
use crate::alone::{Footprint, alone};
use crate::process::system::{Fork, exit_code, fork, kill, leave, wait_to_be_killed};
use crate::watchdog::watch;

/// Runs something in a copy of the process, which is killed if it comes to its end; its pid.
fn in_a_copy(run: impl FnOnce()) -> u32 {
    match fork() {
        Fork::Original(pid) => pid,
        Fork::Copy => {
            // What failed in there must not go on as if it were the original.
            if catch_unwind(AssertUnwindSafe(run)).is_err() {
                leave(1);
            }
            wait_to_be_killed()
        }
    }
}

/// Two numbers that are equal whenever the lock is free.
type Pair = [u64; 2];

#[test]
fn five_hundred_killed_holders_are_five_hundred_times_told() {
    alone(|| {
        let pair = Value::<Pair>::new([0, 0]).unwrap();
        let holds = Event::new().unwrap();
        for round in 0..500 {
            let pid = in_a_copy(|| {
                let mut guard = pair.lock().unwrap();
                guard[0] += 1;
                holds.set();
                wait_to_be_killed();
            });
            holds.wait();
            holds.clear();
            kill(pid);
            match pair.lock() {
                Err(LockError::OwnerDied(found)) => {
                    assert_eq!(*found, [round + 1, round]);
                    found.recover()[1] += 1;
                }
                other => panic!("{other:?}"),
            }
            assert_eq!(pair.get(), Ok([round + 1; 2]));
        }
    });
}

#[test]
fn holders_killed_at_any_moment_are_told_if_they_left_something_undone() {
    alone(|| {
        let pair = Value::<Pair>::new([0, 0]).unwrap();
        let running = Event::new().unwrap();
        let (mut died, mut seed) = (0, 1_u32);
        for _ in 0..500 {
            let pid = in_a_copy(|| {
                running.set();
                loop {
                    let mut guard = pair.lock().unwrap();
                    guard[0] += 1;
                    guard[1] += 1;
                }
            });
            running.wait();
            running.clear();
            seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            for _ in 0..seed >> 20 {
                spin_loop();
            }
            kill(pid);
            match pair.lock() {
                Ok(guard) => assert_eq!(guard[0], guard[1]),
                Err(LockError::OwnerDied(found)) => {
                    died += 1;
                    let mut guard = found.recover();
                    guard[1] = guard[0];
                }
                Err(other) => panic!("{other}"),
            }
        }
        println!("of 500 were killed under the lock: {died}");
        assert!(died > 0, "the kills never come to the interesting moment");
    });
}

#[test]
fn who_waits_for_a_lock_is_told_of_its_holders_death_and_one_recovers() {
    alone(|| {
        let value = Value::new(0_u32).unwrap();
        let (holds, seats) = (Event::new().unwrap(), seats(3));
        let pid = in_a_copy(|| {
            let mut guard = value.lock().unwrap();
            *guard = 100;
            holds.set();
            wait_to_be_killed();
        });
        holds.wait();
        let told = thread::scope(|scope| {
            let waiters: Vec<_> = (0..3)
                .map(|seat| {
                    let (value, seats) = (&value, &seats);
                    scope.spawn(move || {
                        sit(seats, seat);
                        match value.lock() {
                            Ok(mut guard) => {
                                *guard += 1;
                                false
                            }
                            Err(LockError::OwnerDied(found)) => {
                                *found.recover() += 1;
                                true
                            }
                            Err(other) => panic!("{other}"),
                        }
                    })
                })
                .collect();
            await_all_asleep(&seats);
            kill(pid);
            let told = waiters.into_iter().map(|it| it.join().unwrap());
            told.filter(|told| *told).count()
        });
        assert_eq!((told, value.get()), (1, Ok(103)));
    });
}

/// Has a thread die with a guard.
fn die_with<G>(take: impl FnOnce() -> G + Send) {
    thread::scope(|scope| {
        scope.spawn(|| forget(take()));
    });
}

#[test]
fn what_a_dead_holder_left_is_recovered_or_lost_for_everybody() {
    watch(|| {
        let value = Value::new(5_u8).unwrap();
        die_with(|| value.lock().unwrap());
        // A look leaves things as they are.
        for _ in 0..2 {
            assert_eq!(value.get(), Err(LockProblem::OwnerDied));
            assert_eq!(value.set(6), Err(LockProblem::OwnerDied));
        }
        let Err(LockError::OwnerDied(found)) = value.try_lock() else {
            panic!("its holder died")
        };
        assert_eq!(*found, 5);
        *found.recover() = 7;
        assert_eq!(value.get(), Ok(7));
        die_with(|| value.lock().unwrap());
        // The first to take it sees to nothing.
        assert!(matches!(value.lock(), Err(LockError::OwnerDied(_))));
        for _ in 0..3 {
            assert!(matches!(value.lock(), Err(LockError::Unrecoverable)));
            assert_eq!(value.get(), Err(LockProblem::Unrecoverable));
        }
        let pool = ProcessPoolExecutor::new(1).unwrap();
        let look = |value: Value<u8>| value.get() == Err(LockProblem::Unrecoverable);
        let task = pool.submit(look, (value.clone(),)).unwrap();
        assert!(task.into_result().unwrap());
    });
}

#[test]
fn who_dies_over_a_recovery_or_a_poisoned_lock_leaves_it_to_the_next() {
    watch(|| {
        let value = Value::new(5_u8).unwrap();
        die_with(|| value.lock().unwrap());
        for _ in 0..3 {
            die_with(|| value.lock().map(drop).unwrap_err());
        }
        for _ in 0..3 {
            die_with(|| match value.lock() {
                Err(LockError::OwnerDied(found)) => found.recover(),
                other => panic!("{other:?}"),
            });
        }
        let panics = || {
            let _guard = match value.lock() {
                Err(LockError::OwnerDied(found)) => found.recover(),
                other => panic!("{other:?}"),
            };
            panic!("on purpose");
        };
        assert!(catch_unwind(AssertUnwindSafe(panics)).is_err());
        die_with(|| match value.lock() {
            Err(LockError::Poisoned(found)) => found,
            other => panic!("{other:?}"),
        });
        assert_eq!(value.get(), Err(LockProblem::OwnerDied));
    });
}

#[test]
fn every_lock_tells_of_its_holders_death() {
    watch(|| {
        let (lock, recursive) = (Lock::new().unwrap(), RLock::new().unwrap());
        die_with(|| lock.acquire().unwrap());
        die_with(|| (recursive.acquire().unwrap(), recursive.acquire().unwrap()));
        assert!(matches!(lock.acquire(), Err(LockError::OwnerDied(_))));
        match recursive.acquire() {
            Err(LockError::OwnerDied(found)) => drop(found.recover()),
            other => panic!("{other:?}"),
        }
        // Free again, although the dead one had it twice.
        thread::scope(|scope| {
            let other = scope.spawn(|| recursive.try_acquire().is_ok());
            assert!(other.join().unwrap());
        });
    });
}

#[test]
fn a_forgotten_guard_harms_nobody_though_its_object_is_dropped() {
    watch(|| {
        for _ in 0..50 {
            let told = Value::new(1).unwrap();
            thread::scope(|scope| {
                scope.spawn(|| {
                    let neighbours = [Lock::new().unwrap(), Lock::new().unwrap()];
                    let before = neighbours[0].acquire().unwrap();
                    let value = Value::new(1_u8).unwrap();
                    forget(value.lock().unwrap());
                    drop(value);
                    // The lists of locks run through memory that would be gone.
                    let after = neighbours[1].acquire().unwrap();
                    drop((before, after));
                    forget(told.lock().unwrap());
                });
            });
            // The kernel has walked the whole list.
            assert!(matches!(told.lock(), Err(LockError::OwnerDied(_))));
        }
    });
}

#[test]
fn a_forked_copy_that_drops_its_guards_does_no_harm() {
    alone(|| {
        let (value, recursive) = (Value::new(5).unwrap(), RLock::new().unwrap());
        let guard = value.lock().unwrap();
        let nested = [recursive.acquire().unwrap(), recursive.acquire().unwrap()];
        for panics in [false, true] {
            match fork() {
                Fork::Original(pid) => assert_eq!(exit_code(pid), Some(0)),
                Fork::Copy => {
                    let unwinds = catch_unwind(AssertUnwindSafe(|| {
                        let _guards = (guard, nested);
                        assert!(!panics, "on purpose");
                    }));
                    let busy = matches!(value.try_lock(), Err(LockError::WouldBlock))
                        && matches!(recursive.try_acquire(), Err(LockError::WouldBlock));
                    drop((value, recursive));
                    leave(i32::from(!busy || unwinds.is_err() != panics));
                }
            }
        }
        let is_busy = || {
            thread::scope(|scope| {
                let other =
                    scope.spawn(|| (value.try_lock().is_err(), recursive.try_acquire().is_err()));
                other.join().unwrap()
            })
        };
        assert_eq!(is_busy(), (true, true));
        drop((guard, nested));
        assert_eq!(is_busy(), (false, false));
        assert_eq!(value.get(), Ok(5));
    });
}

/// Has copies of the process do this, and kills them when they sleep over it.
fn kill_asleep(wait: impl Fn()) {
    let seats = seats(2);
    let pids = [0, 1].map(|seat| {
        in_a_copy(|| {
            sit(&seats, seat);
            wait();
        })
    });
    await_all_asleep(&seats);
    pids.into_iter().for_each(kill);
}

#[test]
fn who_is_killed_while_it_waits_harms_nobody() {
    alone(|| {
        let (event, units) = (Event::new().unwrap(), Semaphore::new(0).unwrap());
        let (value, condition) = (Value::new(0_u32).unwrap(), Condition::new().unwrap());
        let wait_for_change = || condition.wait_while(value.lock().unwrap(), |it| **it == 0);
        kill_asleep(|| event.wait());
        kill_asleep(|| units.acquire());
        kill_asleep(|| drop(wait_for_change()));
        let guard = value.lock().unwrap();
        kill_asleep(|| drop(value.lock()));
        drop(guard);
        // All of it works as before.
        for wait in [
            &(|| event.wait()) as &dyn Fn(),
            &|| units.acquire(),
            &|| drop(wait_for_change().unwrap()),
        ] {
            let seats = seats(1);
            let pid = in_a_copy(|| {
                sit(&seats, 0);
                wait();
                leave(0);
            });
            await_all_asleep(&seats);
            event.set();
            units.release(1).unwrap();
            value.set(1).unwrap();
            condition.notify(1);
            assert_eq!(exit_code(pid), Some(0));
            event.clear();
            value.set(0).unwrap();
            while units.try_acquire() {}
        }
    });
}

/// Of two that sleep the first is woken, and killed when somebody else has taken the lock again: nobody knows then that
/// the second one sleeps.
#[test]
fn who_is_killed_as_it_is_woken_leaves_nobody_asleep_beside_a_free_lock() {
    alone(|| {
        let value = Value::new(0_u32).unwrap();
        let take = || match value.lock() {
            Err(LockError::OwnerDied(found)) => found.recover(),
            taken => taken.unwrap(),
        };
        for _ in 0..5 {
            let (guard, seats) = (take(), seats(1));
            let first = in_a_copy(|| {
                sit(&seats, 0);
                drop(take());
            });
            await_all_asleep(&seats);
            stand_up(&seats, 0);
            let second = in_a_copy(|| {
                sit(&seats, 0);
                drop(take());
                leave(0);
            });
            await_all_asleep(&seats);
            drop(guard);
            let taken = value.try_lock();
            kill(first);
            drop(taken);
            assert_eq!(exit_code(second), Some(0));
        }
    });
}

#[test]
fn a_party_that_is_killed_while_it_waits_has_arrived() {
    alone(|| {
        let (barrier, seats) = (Barrier::new(2).unwrap(), seats(1));
        let pid = in_a_copy(|| {
            sit(&seats, 0);
            drop(barrier.wait());
        });
        await_all_asleep(&seats);
        kill(pid);
        assert_eq!(barrier.waiting(), 1);
        assert_eq!(barrier.wait().unwrap(), 1);
        assert!(barrier.wait_timeout(Duration::ZERO).is_err());
    });
}

#[test]
fn nothing_is_left_of_objects_when_everybody_is_killed() {
    alone(|| {
        let objects = || (Value::new(1_u8).unwrap(), Lock::new().unwrap());
        let use_them = || {
            let (value, lock) = objects();
            let pool = ProcessPoolExecutor::new(2).unwrap();
            for _ in 0..4 {
                let dies = |value: Value<u8>, lock: Lock| {
                    forget((value.lock(), lock.acquire()));
                    std::process::abort()
                };
                let task = pool.submit(dies, (value.clone(), lock.clone())).unwrap();
                let result: Result<(), _> = task.into_result();
                assert!(result.is_err());
            }
            let made_there = pool.submit(|| Value::new(7).unwrap(), ()).unwrap();
            let made_there = made_there.into_result().unwrap();
            pool.kill_workers();
            drop(pool);
            assert_eq!(made_there.get(), Ok(7));
        };
        let before = Footprint::after(use_them);
        for _ in 0..3 {
            use_them();
            before.assert_restored();
        }
        let maps = fs::read_to_string("/proc/self/maps").unwrap();
        assert!(!maps.contains("executor-shared"), "{maps}");
        let names = fs::read_dir("/dev/shm").into_iter().flatten().flatten();
        for name in names {
            assert!(!name.file_name().to_string_lossy().contains("executor"));
        }
    });
}
