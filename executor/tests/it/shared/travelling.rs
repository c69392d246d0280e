//! Objects as arguments, results and arguments of initializers of process pools.

use std::sync::OnceLock;
use std::sync::atomic::Ordering::Relaxed;

use executor::shared::{
    Array, Atomic, AtomicArray, Barrier, Condition, Event, Lock, LockError, RLock, Semaphore, Value,
};
use executor::{LockProblem, ProcessPoolExecutor, TaskError, fallible};
use serde::{Deserialize, Serialize};

use crate::alone::{Footprint, alone};
use crate::watchdog::watch;

/// One of each.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct All {
    value: Value<u32>,
    array: Array<u8>,
    atomic: Atomic<i16>,
    atomics: AtomicArray<usize>,
    lock: Lock,
    recursive: RLock,
    event: Event,
    semaphore: Semaphore,
    barrier: Barrier,
    condition: Condition,
}

fn all() -> All {
    All {
        value: Value::new(1).unwrap(),
        array: Array::zeroed(5).unwrap(),
        atomic: Atomic::new(1).unwrap(),
        atomics: AtomicArray::zeroed(5).unwrap(),
        lock: Lock::new().unwrap(),
        recursive: RLock::new().unwrap(),
        event: Event::new().unwrap(),
        semaphore: Semaphore::bounded(1).unwrap(),
        barrier: Barrier::new(2).unwrap(),
        condition: Condition::new().unwrap(),
    }
}

/// Does something to each.
fn use_all(all: &All) {
    *all.value.lock().unwrap() += 1;
    all.array.lock().unwrap()[4] += 1;
    // ORDERING: Relaxed in all of this file: the end of a task orders what it did before.
    all.atomic.fetch_add(1, Relaxed);
    all.atomics[4].fetch_add(1, Relaxed);
    drop((
        all.lock.acquire().unwrap(),
        all.recursive.acquire().unwrap(),
    ));
    all.event.set();
    all.semaphore.acquire();
    all.barrier.abort();
    all.condition.notify_all();
}

/// That something was done to each, so often.
fn assert_used(all: &All, times: u8) {
    assert_eq!(all.value.get(), Ok(1 + u32::from(times)));
    assert_eq!(*all.array.lock().unwrap(), [0, 0, 0, 0, times]);
    assert_eq!(all.atomic.load(Relaxed), 1 + i16::from(times));
    assert_eq!(all.atomics[4].load(Relaxed), usize::from(times));
    assert!(all.lock.try_acquire().is_ok() && all.recursive.try_acquire().is_ok());
    assert!(all.event.is_set() && !all.semaphore.try_acquire());
    assert!(all.barrier.is_broken() && all.barrier.parties() == 2);
}

#[test]
fn every_object_travels_to_a_task_and_back_and_is_the_same() {
    watch(|| {
        let pool = ProcessPoolExecutor::new(1).unwrap();
        let sent = all();
        let round_trip = |all: All| {
            use_all(&all);
            (all.clone(), all)
        };
        let task = pool.submit(round_trip, (sent.clone(),)).unwrap();
        let (one, other) = task.into_result().unwrap();
        assert!(one == sent && other == sent);
        assert_used(&one, 1);
        assert!(sent.semaphore.release(1).is_ok() && sent.semaphore.release(1).is_err());
    });
}

#[test]
fn an_object_made_in_a_worker_lives_on_here() {
    watch(|| {
        let pool = ProcessPoolExecutor::new(1).unwrap();
        let made = pool.submit(all, ()).unwrap().into_result().unwrap();
        drop(pool);
        use_all(&made);
        assert_used(&made, 1);
        // And goes on to the worker of another pool.
        let pool = ProcessPoolExecutor::new(1).unwrap();
        let look = fallible(|all: All| all.value.get());
        let task = pool.submit(look, (made.clone(),)).unwrap();
        assert_eq!(task.into_result().unwrap(), 2);
    });
}

static GIVEN: OnceLock<All> = OnceLock::new();

#[test]
fn every_worker_gets_the_objects_of_its_initializer() {
    watch(|| {
        let keep = |all: All| drop(GIVEN.set(all));
        let given = all();
        let pool = ProcessPoolExecutor::builder()
            .max_workers(2)
            .max_tasks_per_child(1)
            .initializer(keep, (given.clone(),))
            .build()
            .unwrap();
        let count = || {
            let all = GIVEN.get().expect("the initializer has run");
            *all.value.lock().unwrap() += 1;
            all.event.set();
            std::process::id()
        };
        let tasks: Vec<_> = (0..6).map(|_| pool.submit(count, ()).unwrap()).collect();
        given.event.wait();
        let pids: std::collections::HashSet<_> = tasks
            .into_iter()
            .map(|it| it.into_result().unwrap())
            .collect();
        assert_eq!(pids.len(), 6);
        assert_eq!(given.value.get(), Ok(7));
    });
}

#[test]
fn as_many_objects_travel_at_once_as_fit_and_no_more() {
    watch(|| {
        let pool = ProcessPoolExecutor::new(1).unwrap();
        let mut values: Vec<_> = (0..252).map(|n| Value::new(n).unwrap()).collect();
        let reverse = |values: Vec<Value<i32>>| values.into_iter().rev().collect::<Vec<_>>();
        let task = pool.submit(reverse, (values.clone(),)).unwrap();
        let mut back = task.into_result().unwrap();
        back.reverse();
        assert_eq!(back, values);
        // The same one more is no other one.
        values.push(values[0].clone());
        let task = pool.submit(reverse, (values.clone(),)).unwrap();
        assert!(task.into_result().is_ok());
        values.push(Value::new(0).unwrap());
        let task = pool.submit(reverse, (values,)).unwrap();
        match task.into_result() {
            Err(TaskError::Encode(why)) => {
                assert!(why.contains("shared Value can't be sent"), "{why}");
            }
            other => panic!("{other:?}"),
        }
        assert_eq!(pool.submit(|| 5, ()).unwrap().into_result().unwrap(), 5);
    });
}

#[test]
fn an_object_is_no_object_of_another_type() {
    /// Travels as what it holds, and arrives as something else.
    #[derive(Clone, Serialize)]
    struct Disguised(Value<u32>);
    impl<'de> Deserialize<'de> for Disguised {
        fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            Value::<i32>::deserialize(deserializer)?;
            unreachable!("it is refused");
        }
    }
    watch(|| {
        let pool = ProcessPoolExecutor::new(1).unwrap();
        let value = Disguised(Value::new(1).unwrap());
        let task = pool.submit(|_: Disguised| (), (value,)).unwrap();
        match task.into_result() {
            Err(TaskError::Decode(why)) => {
                assert!(why.contains("shared Value can't be received"), "{why}");
                assert!(why.contains("another type"), "{why}");
            }
            other => panic!("{other:?}"),
        }
    });
}

#[test]
fn a_killed_worker_leaves_its_lock_to_be_recovered() {
    watch(|| {
        let pool = ProcessPoolExecutor::new(2).unwrap();
        let value = Value::new(1).unwrap();
        for _ in 0..10 {
            let die = |value: Value<i32>| {
                let mut guard = value.lock().expect("it is well");
                *guard = -1;
                std::process::abort()
            };
            let task = pool.submit(die, (value.clone(),)).unwrap();
            let result: Result<(), _> = task.into_result();
            assert!(
                matches!(result, Err(TaskError::WorkerDied(_))),
                "{result:?}"
            );
            let mend = |value: Value<i32>| match value.lock() {
                Err(LockError::OwnerDied(found)) => {
                    assert_eq!(*found, -1);
                    *found.recover() = 1;
                }
                other => panic!("{other:?}"),
            };
            let task = pool.submit(mend, (value.clone(),)).unwrap();
            task.into_result().unwrap();
            assert_eq!(value.get(), Ok(1));
        }
    });
}

#[test]
fn objects_that_come_and_go_leave_nothing_in_either_process() {
    fn open_files() -> usize {
        std::fs::read_dir("/proc/self/fd").unwrap().count()
    }
    alone(|| {
        let pool = ProcessPoolExecutor::new(1).unwrap();
        let kept = Value::new(0_u32).unwrap();
        let count = |kept: Value<u32>, passing: Value<u32>| {
            *kept.lock()? += passing.get()?;
            Ok::<_, LockProblem>(passing)
        };
        let round = || {
            for _ in 0..100 {
                let passing = Value::new(1).unwrap();
                let args = (kept.clone(), passing.clone());
                let task = pool.submit(fallible(count), args).unwrap();
                assert_eq!(task.into_result().unwrap(), passing);
            }
            pool.submit(open_files, ()).unwrap().into_result().unwrap()
        };
        let mut there = 0;
        let before = {
            there += round();
            Footprint::now()
        };
        assert_eq!(round(), there);
        before.assert_restored();
        assert_eq!(kept.get(), Ok(200));
    });
}
