//! What loom 0.7.2 gets wrong, reproduced: each is the reason of a rule in the README. When one of
//! these tests fails loom was mended, and the rule can go.

use std::collections::BTreeSet;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use loom::cell::UnsafeCell;
use loom::sync::atomic::{AtomicUsize, Ordering};
use loom::sync::{Condvar, Mutex};
use loom::thread;

use crate::counter::Plain;
use crate::harness::{Child, must_fail, must_pass};

pub(crate) const CHILDREN: &[Child] = &[
    ("loom: try_lock", try_lock),
    ("loom: unpark then wait then park", unpark_wait_park),
    ("loom: lost wake-up, no token", || lost_wakeup(false)),
    ("loom: lost wake-up, token", || lost_wakeup(true)),
    ("loom: caught race", caught_race),
    ("loom: unpark then join", unpark_join),
    ("loom: one order of two", || one_order_of_two(None)),
    ("loom: one order of two, a limit", || {
        one_order_of_two(Some(2))
    }),
];

fn check(body: impl Fn() + Send + Sync + 'static) {
    loom::model::Builder::new().check(body);
}

/// loom#166, loom#392: all values that a load may see while another thread adds one, after having
/// loaded itself or not.
fn values_seen(own_load: bool) -> BTreeSet<usize> {
    let seen = Arc::new(std::sync::Mutex::new(BTreeSet::new()));
    let values = Arc::clone(&seen);
    check(move || {
        let number = Arc::new(AtomicUsize::new(0));
        let clone = Arc::clone(&number);
        let adder = thread::spawn(move || {
            if own_load {
                clone.load(Ordering::Relaxed);
            }
            clone.fetch_add(1, Ordering::Relaxed);
        });
        values
            .lock()
            .unwrap()
            .insert(number.load(Ordering::Relaxed));
        adder.join().unwrap();
    });
    Arc::into_inner(seen).unwrap().into_inner().unwrap()
}

#[test]
fn a_load_hides_what_the_next_operation_races_with() {
    assert_eq!(values_seen(false), BTreeSet::from([0, 1]));
    assert_eq!(values_seen(true), BTreeSet::from([0]), "loom#166 is mended");
}

/// Another thread sees a lock taken, and says so to the one who holds it.
fn try_lock() {
    check(|| {
        let lock = Arc::new(Mutex::new(()));
        let clone = Arc::clone(&lock);
        let other = thread::spawn(move || drop(clone.try_lock()));
        let guard = lock.lock().unwrap();
        other.join().unwrap();
        drop(guard);
    });
}

#[test]
fn try_lock_blocks_where_it_must_not() {
    // loom#376: a `try_lock` returns whether or not the lock is taken, so nothing here can block.
    must_fail("loom: try_lock", "deadlock; threads =");
}

/// Correct: the token that the other thread leaves is there for the `park` after the wait.
fn unpark_wait_park() {
    check(|| {
        let place = Arc::new((Mutex::new(false), Condvar::new()));
        let clone = Arc::clone(&place);
        let main = thread::current();
        let other = thread::spawn(move || {
            main.unpark();
            *clone.0.lock().unwrap() = true;
            clone.1.notify_one();
        });
        let mut done = place.0.lock().unwrap();
        while !*done {
            done = place.1.wait(done).unwrap();
        }
        drop(done);
        thread::park();
        other.join().unwrap();
    });
}

/// Wrong: nobody ever notifies. With a token loom's wait returns at once, every time.
fn lost_wakeup(token: bool) {
    check(move || {
        let place = (Mutex::new(()), Condvar::new());
        if token {
            thread::current().unpark();
        }
        drop(place.1.wait(place.0.lock().unwrap()));
    });
}

#[test]
fn park_and_condvar_invent_deadlocks() {
    // loom#422, one direction: what is correct is reported.
    must_fail("loom: unpark then wait then park", "deadlock; threads =");
}

#[test]
fn park_and_condvar_miss_deadlocks() {
    // loom#422, the other direction: what never ends is not reported.
    must_fail("loom: lost wake-up, no token", "deadlock; threads =");
    must_pass("loom: lost wake-up, token");
}

/// Correct: `join` is no `park`, and leaves the token alone.
fn unpark_join() {
    check(|| {
        let main = thread::current();
        let other = thread::spawn(move || main.unpark());
        other.join().unwrap();
    });
}

#[test]
fn an_unpark_breaks_a_join() {
    // loom#249.
    must_fail("loom: unpark then join", "state.notified");
}

/// Two threads write at the same time, and one of them catches what loom has to say of it.
fn caught_race() {
    check(|| {
        let data = Arc::new(Plain(UnsafeCell::new(0)));
        let clone = Arc::clone(&data);
        let other = thread::spawn(move || {
            drop(std::panic::catch_unwind(AssertUnwindSafe(|| {
                clone.set(1);
            })));
        });
        drop(std::panic::catch_unwind(AssertUnwindSafe(|| data.set(2))));
        other.join().unwrap();
    });
}

#[test]
fn catching_hides_a_race() {
    // Loom's findings are panics: why the facade's `catch_unwind` catches nothing.
    must_pass("loom: caught race");
}

/// Wrong: one thread may write before the other looks. `limit` is the interleaving that is not run any more.
fn one_order_of_two(limit: Option<usize>) {
    let mut builder = loom::model::Builder::new();
    builder.max_permutations = limit;
    // How often loom looks at the limit.
    builder.checkpoint_interval = 1;
    builder.check(|| {
        let written = Arc::new(AtomicUsize::new(0));
        let clone = Arc::clone(&written);
        let writer = thread::spawn(move || clone.store(1, Ordering::Relaxed));
        assert_eq!(written.load(Ordering::Relaxed), 0, "main comes first");
        writer.join().unwrap();
    });
}

#[test]
fn a_limit_ends_a_search_in_silence() {
    // The mistake shows in the second interleaving; a search that is cut short before it passes.
    must_fail("loom: one order of two", "main comes first");
    must_pass("loom: one order of two, a limit");
}
