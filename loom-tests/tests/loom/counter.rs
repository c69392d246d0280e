//! The counter of the benches, two tasks that add to it, behind a lock and as an atomic.

use crate::base::ThreadPoolExecutor;
use crate::harness::{Bound, Child, model, must_fail};
use crate::sync::{Arc, AtomicU32, Mutex, Ordering, UnsafeCell};

pub(crate) const CHILDREN: &[Child] = &[("L40 counter_naive_control", naive)];

const EACH: u32 = 2;

/// Runs `add` `EACH` times in each of two tasks on two workers, and waits for both.
fn two_tasks<C: Send + Sync + 'static>(counter: &Arc<C>, add: fn(&C)) {
    let pool = ThreadPoolExecutor::new(2).unwrap();
    let tasks = [(); 2].map(|()| {
        let counter = Arc::clone(counter);
        let task = move || {
            for _ in 0..EACH {
                add(&counter);
            }
            Ok(())
        };
        pool.spawn(task).unwrap()
    });
    for task in tasks {
        task.result().unwrap();
    }
}

#[test]
fn counter_lock() {
    model(
        "L38 counter_lock",
        "two tasks that add under a lock lose no update",
        Bound::Preemptions(2),
        &[],
        || {
            let counter = Arc::new(Mutex::new(0));
            two_tasks(&counter, |counter| *counter.lock() += 1);
            assert_eq!(*counter.lock(), 2 * EACH);
        },
    );
}

#[test]
fn counter_atomic() {
    model(
        "L39 counter_atomic",
        "two tasks that add to an atomic lose no update, and a result carries what its task wrote",
        Bound::Preemptions(2),
        &[],
        || {
            let counter = Arc::new(AtomicU32::new(0));
            two_tasks(&counter, |counter| {
                // ORDERING: Relaxed, so that only the result can carry the value to the reader.
                counter.fetch_add(1, Ordering::Relaxed);
            });
            assert_eq!(counter.load(Ordering::Relaxed), 2 * EACH);
        },
    );
}

#[test]
fn published_data() {
    model(
        "L39b published_data",
        "what a task wrote without any synchronisation is there for whoever has its result",
        Bound::Preemptions(3),
        &[],
        || {
            let pool = ThreadPoolExecutor::new(1).unwrap();
            let data = Arc::new(Plain(UnsafeCell::new(0)));
            let written = Arc::clone(&data);
            let task = pool.spawn(move || {
                written.set(7);
                Ok(())
            });
            task.unwrap().result().unwrap();
            assert_eq!(data.get(), 7);
        },
    );
}

/// A number that two threads must not use at once; loom tells if they do.
pub(crate) struct Plain(pub(crate) UnsafeCell<u32>);

#[expect(
    unsafe_code,
    reason = "loom's cell reports a race instead of having one"
)]
// SAFETY: the threads of a model are coroutines on one thread of the operating system, and loom
// panics at an access that races with another.
unsafe impl Sync for Plain {}

impl Plain {
    #[expect(unsafe_code, reason = "see `Plain`")]
    pub(crate) fn get(&self) -> u32 {
        // SAFETY: see `Plain`.
        self.0.with(|number| unsafe { *number })
    }

    #[expect(unsafe_code, reason = "see `Plain`")]
    pub(crate) fn set(&self, value: u32) {
        // SAFETY: see `Plain`.
        self.0.with_mut(|number| unsafe { *number = value });
    }
}

/// The control: a load and a store lose updates, and the search must find one that is lost.
fn naive() {
    model(
        "L40 counter_naive_control",
        "must fail: a load and a store are no addition",
        Bound::Preemptions(2),
        &[],
        || {
            let counter = Arc::new(AtomicU32::new(0));
            two_tasks(&counter, |counter| {
                let value = counter.load(Ordering::Relaxed);
                counter.store(value + 1, Ordering::Relaxed);
            });
            let total = counter.load(Ordering::Relaxed);
            assert_eq!(total, 2 * EACH, "an update was lost");
        },
    );
}

#[test]
fn counter_naive_control() {
    must_fail("L40 counter_naive_control", "an update was lost");
}
