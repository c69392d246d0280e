//! `.await`: wakers that come, are replaced and go while the future ends.

use std::pin::{Pin, pin};
use std::task::{Context, Poll, Wake, Waker};

use crate::base::{AwaitResult, promise};
use crate::harness::{Bound, Payload, join, model, reach, thread};
use crate::sync::{Arc, Condvar, Mutex};

/// A waker that can be waited for, and counts.
struct Alarm {
    wakes: Mutex<usize>,
    wakeup: Condvar,
}

impl Alarm {
    fn new() -> Arc<Alarm> {
        Arc::new(Alarm {
            wakes: Mutex::new(0),
            wakeup: Condvar::new(),
        })
    }

    fn wakes(&self) -> usize {
        *self.wakes.lock()
    }

    fn wait(&self) {
        let mut wakes = self.wakes.lock();
        while *wakes == 0 {
            wakes = self.wakeup.wait(wakes);
        }
    }
}

impl Wake for Alarm {
    fn wake(self: Arc<Self>) {
        *self.wakes.lock() += 1;
        self.wakeup.notify_one();
    }
}

type Polled = Poll<i32>;

fn poll(awaiting: Pin<&mut AwaitResult<'_, Payload>>, alarm: &Arc<Alarm>) -> Polled {
    let waker = Waker::from(Arc::clone(alarm));
    let polled = awaiting.poll(&mut Context::from_waker(&waker));
    polled.map(|value| value.unwrap().value())
}

#[test]
fn register_vs_finish() {
    model(
        "A1 register_vs_finish",
        "whoever awaits a future that ends meanwhile is ready at once or woken, once",
        Bound::Exhaustive,
        &["woken", "ready at once"],
        || {
            let (promise, future) = promise();
            let setter = thread(move || assert!(promise.finish(Ok(Payload::new(7)))));
            let alarm = Alarm::new();
            let mut awaiting = pin!((&future).into_future());
            let expected = match poll(awaiting.as_mut(), &alarm) {
                Poll::Ready(value) => {
                    assert_eq!(value, 7);
                    reach("ready at once");
                    0
                }
                Poll::Pending => {
                    alarm.wait();
                    assert_eq!(poll(awaiting.as_mut(), &alarm), Poll::Ready(7));
                    reach("woken");
                    1
                }
            };
            join([setter]);
            assert_eq!(alarm.wakes(), expected);
        },
    );
}

#[test]
fn drop_vs_finish() {
    model(
        "A2 drop_vs_finish",
        "an await that is dropped while the future ends leaves no waker behind",
        Bound::Exhaustive,
        &["woken", "not woken"],
        || {
            let (promise, future) = promise();
            let alarm = Alarm::new();
            let mut awaiting = Box::pin((&future).into_future());
            assert_eq!(poll(awaiting.as_mut(), &alarm), Poll::Pending);
            let setter = thread(move || assert!(promise.finish(Ok(Payload::new(7)))));
            drop(awaiting);
            join([setter]);
            // Held here alone, whether it was woken or taken off.
            assert_eq!(Arc::strong_count(&alarm), 1);
            match alarm.wakes() {
                0 => reach("not woken"),
                1 => reach("woken"),
                _ => panic!("woken twice"),
            }
            assert_eq!(future.result().unwrap().value(), 7);
        },
    );
}

#[test]
fn replace_vs_finish() {
    model(
        "A3 replace_vs_finish",
        "of a waker and the one that replaces it while the future ends one is woken, and the newer \
         unless the poll that brought it was ready",
        Bound::Exhaustive,
        &["the older", "the newer"],
        || {
            let (promise, future) = promise();
            let (older, newer) = (Alarm::new(), Alarm::new());
            let mut awaiting = pin!((&future).into_future());
            assert_eq!(poll(awaiting.as_mut(), &older), Poll::Pending);
            let setter = thread(move || assert!(promise.finish(Ok(Payload::new(7)))));
            match poll(awaiting.as_mut(), &newer) {
                Poll::Ready(value) => assert_eq!(value, 7),
                Poll::Pending => {
                    newer.wait();
                    assert_eq!(older.wakes(), 0);
                    reach("the newer");
                }
            }
            join([setter]);
            assert!(older.wakes() + newer.wakes() <= 1);
            if older.wakes() == 1 {
                reach("the older");
            }
            assert_eq!(Arc::strong_count(&older), 1);
            assert_eq!(Arc::strong_count(&newer), 1);
        },
    );
}

#[test]
fn await_vs_cancel() {
    model(
        "A4 await_vs_cancel",
        "whoever awaits a future that is cancelled is woken by the cancel",
        Bound::Exhaustive,
        &["cancelled", "ran"],
        || {
            let (promise, future) = promise::<Payload>();
            let alarm = Alarm::new();
            let mut awaiting = pin!((&future).into_future());
            let waker = Waker::from(Arc::clone(&alarm));
            let mut context = Context::from_waker(&waker);
            assert!(awaiting.as_mut().poll(&mut context).is_pending());
            let clone = future.clone();
            let canceller = thread(move || {
                clone.cancel();
            });
            let ran = promise.finish(Ok(Payload::new(7)));
            alarm.wait();
            assert!(awaiting.as_mut().poll(&mut context).is_ready());
            reach(if ran { "ran" } else { "cancelled" });
            join([canceller]);
            assert_eq!(future.cancelled(), !ran);
        },
    );
}
