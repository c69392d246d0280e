//! What a future holds: lent, moved out, cloned and dropped; and who may hold a future.

use std::cell::Cell;
use std::collections::{HashMap, HashSet};
use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use executor::{
    AnyFuture, AsCompleted, Future, Promise, TaskError, ThreadPoolExecutor, as_completed, promise,
};

use crate::watchdog::watch;

/// A value that counts how often it was cloned and dropped.
struct Counted(Arc<Counts>);

#[derive(Default)]
struct Counts {
    clones: AtomicUsize,
    drops: AtomicUsize,
}

impl Counts {
    fn seen(&self) -> (usize, usize) {
        // ORDERING: Relaxed; the threads of these tests are joined before they look.
        let clones = self.clones.load(Ordering::Relaxed);
        (clones, self.drops.load(Ordering::Relaxed))
    }
}

impl Clone for Counted {
    fn clone(&self) -> Self {
        self.0.clones.fetch_add(1, Ordering::Relaxed);
        Counted(Arc::clone(&self.0))
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.drops.fetch_add(1, Ordering::Relaxed);
    }
}

fn counted() -> (Counted, Arc<Counts>) {
    let counts = Arc::new(Counts::default());
    (Counted(Arc::clone(&counts)), counts)
}

#[test]
fn the_last_future_moves_its_value_out() {
    let (value, counts) = counted();
    let (promise, future) = promise();
    assert!(promise.finish(Ok(value)));
    let moved = future.into_result().unwrap();
    assert_eq!(counts.seen(), (0, 0));
    drop(moved);
    assert_eq!(counts.seen(), (0, 1));
}

#[test]
fn a_future_that_is_not_the_last_clones_its_value() {
    let (value, counts) = counted();
    let (promise, future) = promise();
    assert!(promise.finish(Ok(value)));
    let other = future.clone();
    drop(future.into_result().unwrap());
    assert_eq!(counts.seen(), (1, 1));
    drop(other.into_result().unwrap());
    assert_eq!(counts.seen(), (1, 2));
}

#[test]
fn a_clone_that_was_dropped_does_not_count() {
    let (value, counts) = counted();
    let (promise, future) = promise();
    for _ in 0..3 {
        drop(future.clone());
    }
    let other = future.clone();
    assert!(promise.finish(Ok(value)));
    thread::spawn(move || drop(other)).join().unwrap();
    drop(future.into_result().unwrap());
    assert_eq!(counts.seen(), (0, 1));
}

#[test]
fn the_last_of_several_is_the_one_that_moves() {
    let (value, counts) = counted();
    let (promise, first) = promise();
    assert!(promise.finish(Ok(value)));
    let second = first.clone();
    let Err(first) = first.try_into_result() else {
        panic!("it was not the last")
    };
    drop(second);
    let Ok(Ok(moved)) = first.try_into_result() else {
        panic!("it was the last")
    };
    assert_eq!(counts.seen(), (0, 0));
    drop(moved);
}

#[test]
fn try_into_result_gives_errors_and_cancellations_to_everybody() {
    let (failed, future) = promise::<i32>();
    failed.finish(Err(TaskError::Lost));
    assert!(matches!(future.try_into_result(), Ok(Err(TaskError::Lost))));
    let (_cancelled, future) = promise::<i32>();
    future.cancel();
    let other = future.clone();
    assert!(matches!(
        future.try_into_result(),
        Ok(Err(TaskError::Cancelled))
    ));
    assert!(matches!(other.into_result(), Err(TaskError::Cancelled)));
}

#[test]
fn a_value_is_dropped_once_with_its_last_future() {
    let (value, counts) = counted();
    let (promise, future) = promise();
    assert!(promise.finish(Ok(value)));
    let other = future.clone();
    drop(future);
    assert_eq!(counts.seen(), (0, 0));
    drop(other);
    assert_eq!(counts.seen(), (0, 1));
}

#[test]
fn a_value_that_nobody_waits_for_is_dropped_where_it_comes() {
    let (value, counts) = counted();
    let (promise, future) = promise();
    drop(future);
    assert!(promise.finish(Ok(value)));
    assert_eq!(counts.seen(), (0, 1));
}

#[test]
fn of_threads_that_take_one_value_together_all_get_it_and_one_moves() {
    watch(|| {
        let mut moved = 0;
        for _ in 0..200 {
            let (value, counts) = counted();
            let (promise, future) = promise();
            let threads: Vec<_> = (0..3)
                .map(|_| {
                    let future = future.clone();
                    thread::spawn(move || drop(future.into_result().unwrap()))
                })
                .collect();
            drop(future);
            assert!(promise.finish(Ok(value)));
            for thread in threads {
                thread.join().unwrap();
            }
            let (clones, drops) = counts.seen();
            assert!(clones <= 3, "{clones}");
            assert_eq!(drops, clones + 1);
            moved += usize::from(clones < 3);
        }
        assert!(moved > 0, "whoever comes last moves, at least now and then");
    });
}

#[test]
fn equality_is_identity() {
    let (one, first) = promise();
    let (two, second) = promise();
    one.finish(Ok(7));
    two.finish(Ok(7));
    assert!(first == first.clone() && second == second.clone());
    assert!(first != second, "whatever the values");
}

#[test]
fn futures_are_keys() {
    let mut urls = HashMap::new();
    let promises: Vec<Promise<i32>> = (0..10)
        .map(|n| {
            let (promise, future) = promise();
            urls.insert(future, format!("url {n}"));
            promise
        })
        .collect();
    let futures: Vec<Future<i32>> = urls.keys().cloned().collect();
    for (n, promise) in (0..).zip(promises) {
        promise.finish(Ok(n));
    }
    for future in as_completed(&futures) {
        // Its hash is the same now that it is done.
        assert_eq!(urls[future], format!("url {}", future.result().unwrap()));
    }
    let set: HashSet<&Future<i32>> = futures.iter().chain(&futures).collect();
    assert_eq!(set.len(), 10);
    // One hash for all would be allowed, and make each look-up a search.
    let state = RandomState::new();
    let hashes: HashSet<u64> = futures.iter().map(|it| state.hash_one(it)).collect();
    assert!(hashes.len() > 1);
}

/// Neither `Clone` nor `Sync`.
struct Plain(Cell<i32>);

#[test]
fn a_value_that_is_neither_clone_nor_sync_is_lent_and_moved() {
    watch(|| {
        let pool = ThreadPoolExecutor::new(1).unwrap();
        let future = pool.submit(|n| Plain(Cell::new(n)), (7,)).unwrap();
        let lent = future.result().unwrap();
        lent.0.set(8);
        let Ok(Ok(moved)) = future.try_into_result() else {
            panic!("it was never cloned")
        };
        assert_eq!(moved.0.get(), 8);

        let (promise, future) = promise();
        promise.finish(Ok(Plain(Cell::new(9))));
        let other_thread = thread::spawn(move || future.result().unwrap().0.get());
        assert_eq!(other_thread.join().unwrap(), 9);
    });
}

#[test]
fn a_value_without_size_is_a_value() {
    let (promise, future) = promise();
    promise.finish(Ok(()));
    future.result().unwrap();
    future.into_result().unwrap();
}

#[test]
fn a_finished_future_outlives_its_promise_and_goes_anywhere() {
    watch(|| {
        let (promise, future) = promise();
        promise.finish(Ok(vec![1, 2, 3]));
        let shared: &'static Future<Vec<i32>> = Box::leak(Box::new(future));
        let threads: Vec<_> = (0..4)
            .map(|_| thread::spawn(|| shared.result().unwrap().len()))
            .collect();
        for thread in threads {
            assert_eq!(thread.join().unwrap(), 3);
        }
    });
}

/// Holds if it compiles.
#[test]
fn futures_are_send_and_sync_as_their_values_allow() {
    fn send<T: Send>() {}
    fn sync<T: Sync>() {}
    fn clone<T: Clone>() {}
    fn any_future<T: AnyFuture + ?Sized>() {}
    send::<Future<i32>>();
    sync::<Future<i32>>();
    clone::<Future<i32>>();
    send::<Future<Cell<i32>>>();
    send::<Promise<i32>>();
    send::<Promise<Cell<i32>>>();
    sync::<Promise<i32>>();
    send::<TaskError>();
    sync::<TaskError>();
    send::<ThreadPoolExecutor>();
    sync::<ThreadPoolExecutor>();
    send::<AsCompleted<Future<i32>>>();
    any_future::<Future<Cell<i32>>>();
    any_future::<&dyn AnyFuture>();
    any_future::<dyn AnyFuture>();
}

/// The other half: what must not be. If `T: Sync`, two impls apply, the type parameter can't be
/// inferred, and the call does not compile.
#[test]
fn futures_of_what_is_not_sync_are_neither_sync_nor_clone() {
    trait NotSync<A> {
        fn holds() {}
    }
    impl<T: ?Sized> NotSync<()> for T {}
    impl<T: ?Sized + Sync> NotSync<u8> for T {}
    trait NotClone<A> {
        fn holds() {}
    }
    impl<T: ?Sized> NotClone<()> for T {}
    impl<T: Clone> NotClone<u8> for T {}
    trait NotSend<A> {
        fn holds() {}
    }
    impl<T: ?Sized> NotSend<()> for T {}
    impl<T: ?Sized + Send> NotSend<u8> for T {}

    <Future<Cell<i32>> as NotSync<_>>::holds();
    <Future<Cell<i32>> as NotClone<_>>::holds();
    <Future<std::rc::Rc<i32>> as NotSend<_>>::holds();
    <Future<std::rc::Rc<i32>> as NotSync<_>>::holds();
}
