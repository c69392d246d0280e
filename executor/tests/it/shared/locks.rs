//! Who has a lock, who waits for it and for how long.

use std::fs::OpenOptions;
use std::io::Write;
use std::thread;
use std::time::{Duration, Instant};

use executor::shared::{Array, Event, Lock, LockError, RLock, Value};
use executor::{Executor, LockProblem, fallible};

use super::seats::{Seats, await_all_asleep, seats, sit};
use crate::backends::{Backend, on_every_executor};
use crate::watchdog::watch;

const MOMENT: Duration = Duration::from_millis(50);

/// What taking a lock comes to, without the guard; and that it waits for as long as it should.
fn outcome<G, E: Into<LockProblem>>(
    least: Duration,
    take: impl FnOnce() -> Result<G, E>,
) -> Result<(), LockProblem> {
    let start = Instant::now();
    let taken = take().map(drop).map_err(Into::into);
    assert!(start.elapsed() >= least);
    taken
}

fn held_elsewhere_a_lock_is_not_had_and_a_timed_wait_takes_its_time<B: Backend>() {
    let pool = B::pool(1);
    let (lock, value) = (Lock::new().unwrap(), Value::new(1_u8).unwrap());
    let (recursive, array) = (RLock::new().unwrap(), Array::from_slice(&[1_u8]).unwrap());
    let (held, over) = (Event::new().unwrap(), Event::new().unwrap());
    let hold = |locks: (Lock, RLock, Value<u8>, Array<u8>), held: Event, over: Event| {
        let _guards = (
            locks.0.acquire()?,
            locks.1.acquire()?,
            locks.2.lock()?,
            locks.3.lock()?,
        );
        held.set();
        over.wait();
        Ok::<_, executor::Error>(())
    };
    let locks = (
        lock.clone(),
        recursive.clone(),
        value.clone(),
        array.clone(),
    );
    let args = (locks, held.clone(), over.clone());
    let holder = pool.submit(fallible(hold), args).unwrap();
    held.wait();
    let none = Duration::ZERO;
    let blocks = Err(LockProblem::WouldBlock);
    assert_eq!(outcome(none, || lock.try_acquire()), blocks);
    assert_eq!(outcome(none, || recursive.try_acquire()), blocks);
    assert_eq!(outcome(none, || value.try_lock()), blocks);
    assert_eq!(outcome(none, || array.try_lock()), blocks);
    let late = Err(LockProblem::TimedOut);
    for time in [none, MOMENT] {
        assert_eq!(outcome(time, || lock.acquire_timeout(time)), late);
        assert_eq!(outcome(time, || recursive.acquire_timeout(time)), late);
        assert_eq!(outcome(time, || value.lock_timeout(time)), late);
        assert_eq!(outcome(time, || array.lock_timeout(time)), late);
    }
    over.set();
    holder.into_result().unwrap();
    for time in [none, MOMENT, Duration::MAX] {
        assert_eq!(outcome(none, || lock.acquire_timeout(time)), Ok(()));
        assert_eq!(outcome(none, || recursive.acquire_timeout(time)), Ok(()));
        assert_eq!(outcome(none, || value.lock_timeout(time)), Ok(()));
        assert_eq!(outcome(none, || array.lock_timeout(time)), Ok(()));
    }
    assert_eq!(outcome(none, || lock.try_acquire()), Ok(()));
}

fn who_waits_for_a_lock_gets_it_when_it_is_free<B: Backend>() {
    let pool = B::pool(3);
    let (value, seats) = (Value::new(0_u32).unwrap(), seats(3));
    let wait = |value: Value<u32>, seats: Seats, seat: u32, timed: bool| {
        sit(&seats, seat);
        if timed {
            *value.lock_timeout(Duration::from_secs(1000))? += 1;
        } else {
            *value.lock()? += 1;
        }
        Ok::<_, LockProblem>(())
    };
    let guard = value.lock().unwrap();
    let tasks: Vec<_> = (0..3)
        .map(|seat| {
            let args = (value.clone(), seats.clone(), seat, seat == 1);
            pool.submit(fallible(wait), args).unwrap()
        })
        .collect();
    await_all_asleep(&seats);
    assert_eq!(*guard, 0);
    drop(guard);
    for task in tasks {
        task.into_result().unwrap();
    }
    assert_eq!(value.get(), Ok(3));
}

fn a_lock_protects_what_lies_elsewhere<B: Backend>() {
    let pool = B::pool(3);
    let lock = Lock::new().unwrap();
    let file = std::env::temp_dir().join(format!(
        "executor-lines-{}-{:?}",
        std::process::id(),
        thread::current().id()
    ));
    let write = |lock: Lock, file: String, letter: char| {
        for _ in 0..50 {
            let _guard = lock.acquire().unwrap();
            let mut file = OpenOptions::new()
                .create(true)
                .append(true)
                .open(&file)
                .unwrap();
            for _ in 0..10 {
                write!(file, "{letter}").unwrap();
            }
            writeln!(file).unwrap();
        }
    };
    let path = file.to_str().unwrap().to_owned();
    let tasks = ['a', 'b', 'c'].map(|letter| {
        let args = (lock.clone(), path.clone(), letter);
        pool.submit(write, args).unwrap()
    });
    for task in tasks {
        task.into_result().unwrap();
    }
    let lines = std::fs::read_to_string(&file).unwrap();
    std::fs::remove_file(file).unwrap();
    assert_eq!(lines.lines().count(), 150);
    for line in lines.lines() {
        let letter = line.chars().next().unwrap();
        assert_eq!(line, letter.to_string().repeat(10));
    }
}

fn a_recursive_lock_is_free_when_all_its_guards_are_gone<B: Backend>() {
    let pool = B::pool(1);
    let lock = RLock::new().unwrap();
    let is_free = |lock: RLock| lock.try_acquire().is_ok();
    let is_free_elsewhere = || {
        let task = pool.submit(is_free, (lock.clone(),)).unwrap();
        task.into_result().unwrap()
    };
    let guards = [
        lock.acquire().unwrap(),
        lock.try_acquire().unwrap(),
        lock.acquire_timeout(MOMENT).unwrap(),
    ];
    for guard in guards {
        assert!(!is_free_elsewhere());
        drop(guard);
    }
    assert!(is_free_elsewhere());
    drop(lock.acquire().unwrap());
    assert!(is_free_elsewhere());
}

on_every_executor!(
    held_elsewhere_a_lock_is_not_had_and_a_timed_wait_takes_its_time,
    who_waits_for_a_lock_gets_it_when_it_is_free,
    a_lock_protects_what_lies_elsewhere,
    a_recursive_lock_is_free_when_all_its_guards_are_gone,
);

#[test]
fn a_thread_that_would_wait_for_itself_is_told() {
    watch(|| {
        let lock = Lock::new().unwrap();
        let guard = lock.acquire().unwrap();
        for again in [
            lock.acquire(),
            lock.try_acquire(),
            lock.acquire_timeout(Duration::MAX),
        ] {
            assert!(matches!(again, Err(LockError::HeldByCaller)), "{again:?}");
        }
        drop(guard);
        let value = Value::new(1).unwrap();
        let guard = value.lock().unwrap();
        assert_eq!(value.get(), Err(LockProblem::HeldByCaller));
        assert_eq!(value.set(2), Err(LockProblem::HeldByCaller));
        drop(guard);
        assert_eq!(value.get(), Ok(1));
    });
}

#[test]
fn guards_of_many_locks_are_dropped_in_any_order() {
    watch(|| {
        let locks: Vec<_> = (0..50).map(|_| Lock::new().unwrap()).collect();
        // A thread's locks are on one list, whose neighbours come and go.
        let mut guards: Vec<_> = locks.iter().map(|lock| lock.acquire().unwrap()).collect();
        while !guards.is_empty() {
            drop(guards.swap_remove(17 % guards.len()));
        }
        assert!(locks.iter().all(|lock| lock.try_acquire().is_ok()));
    });
}
