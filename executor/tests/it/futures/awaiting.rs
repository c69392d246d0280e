//! `.await`, and the wakers that it leaves.

use std::pin::{Pin, pin};
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::channel;
use std::task::{Context, Poll, Wake, Waker};
use std::thread;

use executor::{AwaitResult, Future, TaskError, ThreadPoolExecutor, promise};

use crate::block_on::block_on;
use crate::watchdog::watch;

/// A waker that counts.
#[derive(Default)]
struct Counter(AtomicUsize);

impl Wake for Counter {
    fn wake(self: Arc<Self>) {
        // ORDERING: Relaxed, here and below: one thread at a time has the counter.
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

impl Counter {
    fn wakes(&self) -> usize {
        self.0.load(Ordering::Relaxed)
    }
}

fn poll<'f>(
    awaiting: Pin<&mut AwaitResult<'f, i32>>,
    counter: &Arc<Counter>,
) -> Poll<Result<&'f i32, TaskError>> {
    let waker = Waker::from(Arc::clone(counter));
    awaiting.poll(&mut Context::from_waker(&waker))
}

#[test]
fn awaiting_a_reference_lends_the_value() {
    watch(|| {
        let (promise, future) = promise();
        let thread = thread::spawn(move || promise.finish(Ok(7)));
        assert_eq!(*block_on(&future).unwrap(), 7);
        assert_eq!(*block_on(&future).unwrap(), 7, "any number of times");
        thread.join().unwrap();
    });
}

#[test]
fn awaiting_the_last_future_moves_the_value_out() {
    #[derive(Debug)]
    struct Once(Arc<()>);
    impl Clone for Once {
        fn clone(&self) -> Once {
            panic!("cloned, though nobody else has the future")
        }
    }
    watch(|| {
        let (promise, future) = promise();
        let held = Arc::new(());
        let value = Once(Arc::clone(&held));
        let thread = thread::spawn(move || promise.finish(Ok(value)));
        let value = block_on(future).unwrap();
        assert!(Arc::ptr_eq(&value.0, &held));
        thread.join().unwrap();
    });
}

#[test]
fn awaiting_one_of_several_futures_clones_the_value() {
    let (promise, future) = promise();
    let other = future.clone();
    promise.finish(Ok(vec![7]));
    assert_eq!(block_on(future).unwrap(), [7]);
    assert_eq!(*other.result().unwrap(), [7]);
}

#[test]
fn awaiting_gives_the_error_of_a_task_that_left_none() {
    let (writer, lost) = promise::<i32>();
    drop(writer);
    assert!(matches!(block_on(&lost), Err(TaskError::Lost)));
    let (_writer, cancelled) = promise::<i32>();
    cancelled.cancel();
    assert!(matches!(block_on(cancelled), Err(TaskError::Cancelled)));
}

#[test]
fn a_waker_is_woken_once_by_the_end() {
    let (promise, future) = promise();
    let counter = Arc::<Counter>::default();
    let mut awaiting = pin!((&future).into_future());
    for _ in 0..3 {
        assert!(poll(awaiting.as_mut(), &counter).is_pending());
    }
    assert_eq!(counter.wakes(), 0);
    promise.finish(Ok(7));
    assert_eq!(counter.wakes(), 1);
    assert!(poll(awaiting.as_mut(), &counter).is_ready());
}

#[test]
fn of_several_wakers_only_the_newest_is_woken() {
    let (promise, future) = promise();
    let counters: [Arc<Counter>; 3] = Default::default();
    let mut awaiting = pin!((&future).into_future());
    for counter in &counters {
        assert!(poll(awaiting.as_mut(), counter).is_pending());
    }
    assert_eq!(Arc::strong_count(&counters[0]), 1, "replaced ones are gone");
    promise.finish(Ok(7));
    assert_eq!(
        counters.each_ref().map(|counter| counter.wakes()),
        [0, 0, 1]
    );
    assert_eq!(Arc::strong_count(&counters[2]), 1);
}

#[test]
fn each_of_several_who_await_is_woken() {
    let (promise, future) = promise();
    let other = future.clone();
    let counters: [Arc<Counter>; 3] = Default::default();
    let mut one = pin!((&future).into_future());
    let mut two = pin!((&future).into_future());
    let mut three = pin!((&other).into_future());
    assert!(poll(one.as_mut(), &counters[0]).is_pending());
    assert!(poll(two.as_mut(), &counters[1]).is_pending());
    assert!(poll(three.as_mut(), &counters[2]).is_pending());
    promise.finish(Ok(7));
    assert_eq!(
        counters.each_ref().map(|counter| counter.wakes()),
        [1, 1, 1]
    );
}

#[test]
fn dropping_what_awaits_leaves_no_waker() {
    let (promise, future) = promise();
    let (gone, stays): (Arc<Counter>, Arc<Counter>) = Default::default();
    let mut staying = pin!((&future).into_future());
    {
        let mut going = Box::pin((&future).into_future());
        assert!(poll(going.as_mut(), &gone).is_pending());
        assert!(poll(staying.as_mut(), &stays).is_pending());
        assert_eq!(Arc::strong_count(&gone), 2);
    }
    assert_eq!(Arc::strong_count(&gone), 1);
    let mut owning = Box::pin(future.clone().into_future());
    let waker = Waker::from(Arc::clone(&gone));
    assert!(
        owning
            .as_mut()
            .poll(&mut Context::from_waker(&waker))
            .is_pending()
    );
    drop((owning, waker));
    assert_eq!(Arc::strong_count(&gone), 1);
    promise.finish(Ok(7));
    assert_eq!((gone.wakes(), stays.wakes()), (0, 1));
}

#[test]
fn a_waker_that_panics_harms_nobody() {
    struct Grenade;
    impl Wake for Grenade {
        fn wake(self: Arc<Self>) {
            panic!("a waker that panics, on purpose");
        }
    }
    watch(|| {
        let pool = ThreadPoolExecutor::new(1).unwrap();
        let (open, gate) = promise::<()>();
        let future = pool.submit(move || gate.into_result().is_ok(), ()).unwrap();
        let waker = Waker::from(Arc::new(Grenade));
        let mut grenade = pin!((&future).into_future());
        assert!(
            grenade
                .as_mut()
                .poll(&mut Context::from_waker(&waker))
                .is_pending()
        );
        let counter = Arc::<Counter>::default();
        let second = Waker::from(Arc::clone(&counter));
        let mut good = pin!((&future).into_future());
        assert!(
            good.as_mut()
                .poll(&mut Context::from_waker(&second))
                .is_pending()
        );
        let (called, calls) = channel();
        future.add_done_callback(move |_| called.send(()).unwrap());
        open.finish(Ok(()));
        calls.recv().unwrap();
        assert_eq!(counter.wakes(), 1);
        assert_eq!(*pool.submit(|| 8, ()).unwrap().result().unwrap(), 8);
    });
}

/// A waker may do what anybody may: it is woken with no lock held.
#[test]
fn a_waker_may_use_the_future() {
    struct Uses(Future<i32>);
    impl Wake for Uses {
        fn wake(self: Arc<Self>) {
            assert!(!self.0.cancel() && self.0.done());
            assert_eq!(*self.0.result().unwrap(), 7);
            self.0.add_done_callback(|future| assert!(future.done()));
        }
    }
    watch(|| {
        let (promise, future) = promise();
        let waker = Waker::from(Arc::new(Uses(future.clone())));
        let mut awaiting = pin!((&future).into_future());
        assert!(
            awaiting
                .as_mut()
                .poll(&mut Context::from_waker(&waker))
                .is_pending()
        );
        drop(waker);
        promise.finish(Ok(7));
    });
}

/// A waker whose destructor polls: the one that a replacement puts out is dropped with no lock held.
#[test]
fn a_waker_may_use_the_future_when_it_is_dropped() {
    struct Looks(Future<i32>);
    impl Wake for Looks {
        fn wake(self: Arc<Self>) {}
    }
    impl Drop for Looks {
        fn drop(&mut self) {
            self.0.add_done_callback(|_| ());
        }
    }
    watch(|| {
        let (promise, future) = promise();
        let mut awaiting = Box::pin((&future).into_future());
        for _ in 0..3 {
            let waker = Waker::from(Arc::new(Looks(future.clone())));
            assert!(
                awaiting
                    .as_mut()
                    .poll(&mut Context::from_waker(&waker))
                    .is_pending()
            );
        }
        drop(awaiting);
        promise.finish(Ok(7));
    });
}

#[test]
fn an_await_can_be_sent_where_its_future_can() {
    fn is_send<T: Send>(_: &T) {}
    let (_promise, future) = promise::<Vec<u8>>();
    is_send(&(&future).into_future());
    is_send(&future.into_future());
    // And one whose value stays on its thread can be awaited there.
    let local: Option<executor::AwaitIntoResult<Rc<()>>> = None;
    drop(local);
}

#[test]
#[should_panic(expected = "polled after it was ready")]
fn an_await_that_has_given_its_value_away_is_not_polled_again() {
    let (promise, future) = promise();
    promise.finish(Ok(7));
    let mut awaiting = pin!(future.into_future());
    let mut context = Context::from_waker(Waker::noop());
    assert!(awaiting.as_mut().poll(&mut context).is_ready());
    let _ = awaiting.as_mut().poll(&mut context);
}

#[test]
fn what_is_awaited_shows_its_future() {
    let (_promise, future) = promise::<i32>();
    let shown = format!("{future:?}");
    let lent = format!("{:?}", (&future).into_future());
    assert!(
        lent.starts_with("AwaitResult(") && lent.contains(&shown),
        "{lent}"
    );
    let owned = format!("{:?}", future.into_future());
    assert!(
        owned.starts_with("AwaitIntoResult(") && owned.contains(&shown),
        "{owned}"
    );
}
