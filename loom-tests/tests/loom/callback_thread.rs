//! The thread that runs callbacks of futures which end elsewhere.

use crate::base::aftermath::Aftermath;
use crate::base::callback_thread::{CallbackThread, OnCallbackThread};
use crate::base::cell::Body;
use crate::base::observers::Callbacks;
use crate::base::promise::Writer;
use crate::base::{Future, TaskError, ThreadPoolExecutor};
use crate::harness::{Bound, Payload, callback, in_two_lengths, join, model, reach, thread};
use crate::sync::thread::JoinHandle;
use crate::sync::{Arc, AtomicU32, Ordering};

impl<T: Send + 'static> Body<T> for OnCallbackThread {
    type Keeper = ();

    fn release(self, callbacks: Callbacks<T>, _aftermath: &mut Aftermath) {
        self.run_callbacks(callbacks);
    }

    fn name() -> &'static str {
        "of a worker elsewhere"
    }
}

type Elsewhere = Writer<Payload, OnCallbackThread>;

fn start() -> (Arc<CallbackThread>, OnCallbackThread, JoinHandle<()>) {
    CallbackThread::start("model".to_owned(), 1 << 20).unwrap()
}

fn future(way: &OnCallbackThread) -> (Elsewhere, Future<Payload>) {
    Writer::new(way.clone(), ())
}

#[test]
fn sends_vs_leaving() {
    model(
        "T1 sends_vs_leaving",
        "what two threads send runs once each before the callback thread leaves, which it does when they have gone",
        Bound::Preemptions(3),
        &[],
        || {
            let (callbacks, way, handle) = start();
            let ran = Arc::new(AtomicU32::new(0));
            let count = Arc::clone(&ran);
            let also = way.clone();
            let other = thread(move || {
                also.run(move || {
                    count.fetch_add(1, Ordering::Relaxed);
                });
            });
            let count = Arc::clone(&ran);
            way.run(move || {
                count.fetch_add(1, Ordering::Relaxed);
            });
            drop(way);
            assert!(callbacks.has_left_by(None).unwrap());
            assert_eq!(ran.load(Ordering::Relaxed), 2);
            join([other, handle]);
        },
    );
}

/// Waits, and says `told` if that is a deadlock.
fn wait_or(future: &Future<Payload>, told: &'static str) -> i32 {
    match future.result() {
        Ok(value) => value.value(),
        Err(TaskError::Deadlock(_)) => {
            reach(told);
            0
        }
        Err(error) => panic!("{error}"),
    }
}

in_two_lengths!(
    waits_before_what_stands_in_line,
    "T2 waits_before_what_stands_in_line",
    one_in_line_is_told
);

fn one_in_line_is_told(name: &'static str, bound: Bound) {
    model(
        name,
        "of a callback and a task that waits for what is to be made in line behind it, each waiting for the other, \
         one is told, also if what makes it came into line when both slept; and both end",
        bound,
        &["the callback was told", "the task was told"],
        || {
            let (callbacks, way, handle) = start();
            let (mut one, first) = future(&way);
            let (mut other, second) = future(&way);
            drop(way);
            let pool = ThreadPoolExecutor::new(1).unwrap();
            let made = second.then(|outcome| Ok(Payload::new(outcome?.value() + 1)));
            let waits = pool.spawn(move || Ok(Payload::new(wait_or(&made, "the task was told"))));
            let waits = waits.unwrap();
            let awaited = waits.clone();
            first.add_done_callback(callback(move |_| {
                assert_eq!(wait_or(&awaited, "the callback was told"), 0);
            }));
            assert!(one.finish(Ok(Payload::new(1))));
            assert!(other.finish(Ok(Payload::new(7))));
            drop((one, other));
            assert!([0, 8].contains(&waits.result().unwrap().value()));
            assert!(callbacks.has_left_by(None).unwrap());
            join([handle]);
            pool.shut_down(true, false);
        },
    );
}

#[test]
fn waits_for_the_end_of_its_thread() {
    model(
        "T3 waits_for_the_end_of_its_thread",
        "of a callback and a task that waits for the end of the callback's thread, each waiting for the other, one \
         is told, and both end",
        Bound::Preemptions(2),
        &["the callback was told", "the task was told"],
        || {
            let (callbacks, way, handle) = start();
            let (mut one, first) = future(&way);
            drop(way);
            let pool = ThreadPoolExecutor::new(1).unwrap();
            let awaited = Arc::clone(&callbacks);
            let waits = pool.spawn(move || match awaited.has_left_by(None) {
                Ok(_) => Ok(Payload::new(1)),
                Err(_) => {
                    reach("the task was told");
                    Ok(Payload::new(0))
                }
            });
            let waits = waits.unwrap();
            let ended = waits.clone();
            first.add_done_callback(callback(move |_| {
                wait_or(&ended, "the callback was told");
            }));
            assert!(one.finish(Ok(Payload::new(1))));
            drop(one);
            assert!(waits.result().unwrap().value() < 2);
            assert!(callbacks.has_left_by(None).unwrap());
            join([handle]);
            pool.shut_down(true, false);
        },
    );
}
