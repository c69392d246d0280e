//! Wrong programs, each of which shuttle has to report: proof that it samples the schedules that matter, and that the
//! pool does not swallow what it finds.

use std::cell::Cell;

use shuttle::scheduler::{PctScheduler, RandomScheduler};

use crate::base::ThreadPoolExecutor;
use crate::harness::{is_deterministic, must_fail, run, seed, thread};
use crate::payload::Payload;
use crate::sync::{Arc, AtomicU32, Condvar, Mutex, Ordering};

const SCHEDULES: usize = 500;

/// Under each scheduler by itself.
fn wrong(name: &str, phrase: &str, body: fn()) {
    must_fail(&format!("{name}, random"), phrase, move || {
        run(RandomScheduler::new_from_seed(seed(), SCHEDULES), body);
    });
    must_fail(&format!("{name}, pct(3)"), phrase, move || {
        run(PctScheduler::new_from_seed(seed(), 3, SCHEDULES), body);
    });
}

#[test]
fn a_lost_update_of_two_tasks_is_reported() {
    wrong("lost update", "an update was lost", || {
        let pool = ThreadPoolExecutor::new(2).unwrap();
        let count = Arc::new(AtomicU32::new(0));
        let tasks = [(); 2].map(|()| {
            let count = Arc::clone(&count);
            let add = move || {
                let before = count.load(Ordering::SeqCst);
                count.store(before + 1, Ordering::SeqCst);
                Ok(())
            };
            pool.spawn(add).unwrap()
        });
        for task in tasks {
            task.result().unwrap();
        }
        assert_eq!(count.load(Ordering::SeqCst), 2, "an update was lost");
    });
}

/// The oldest mistake with a condition variable: the wait does not ask whether it is too late.
#[test]
fn a_lost_wake_up_is_reported() {
    wrong("lost wake-up", "deadlock! blocked tasks", || {
        let place = Arc::new((Mutex::new(false), Condvar::new()));
        let clone = Arc::clone(&place);
        let setter = thread(move || {
            *clone.0.lock() = true;
            clone.1.notify_one();
        });
        drop(place.1.wait(place.0.lock()));
        setter.join().unwrap();
    });
}

#[test]
fn locks_in_opposite_order_are_reported() {
    wrong("opposite locks", "deadlock! blocked tasks", || {
        let pool = ThreadPoolExecutor::new(2).unwrap();
        let locks = Arc::new([Mutex::new(()), Mutex::new(())]);
        let tasks = [(0, 1), (1, 0)].map(|(first, second)| {
            let locks = Arc::clone(&locks);
            let task = move || {
                let _first = locks[first].lock();
                let _second = locks[second].lock();
                Ok(())
            };
            pool.spawn(task).unwrap()
        });
        for task in tasks {
            task.result().unwrap();
        }
    });
}

#[test]
fn a_false_assertion_in_a_task_is_reported() {
    wrong("assertion in a task", "one and one is three", || {
        let pool = ThreadPoolExecutor::new(1).unwrap();
        let task = pool.spawn(|| {
            assert_eq!(1 + 1, 3, "one and one is three");
            Ok(())
        });
        drop(task.unwrap().result());
    });
}

#[test]
fn a_leaked_payload_is_reported() {
    let name = "leaked payload";
    must_fail(name, "payloads made and dropped", || {
        run(RandomScheduler::new_from_seed(seed(), 1), || {
            std::mem::forget(Payload::new(1));
        });
    });
}

std::thread_local!(static EXECUTIONS: Cell<u32> = const { Cell::new(0) });

#[test]
fn a_scenario_that_remembers_its_last_execution_is_reported() {
    must_fail("not deterministic", "possible nondeterminism", || {
        is_deterministic(|| {
            EXECUTIONS.set(EXECUTIONS.get() + 1);
            for _ in 0..EXECUTIONS.get() {
                thread(|| ()).join().unwrap();
            }
        });
    });
}
