//! `collect`: one future of the values of many.

use std::sync::Arc;

use executor::{Future, Promise, State, TaskError, collect, promise};

fn promises(count: usize) -> (Vec<Promise<i32>>, Vec<Future<i32>>) {
    (0..count).map(|_| promise()).unzip()
}

#[test]
fn collect_gives_the_values_in_order() {
    let (promises, futures) = promises(3);
    let collected = collect(futures);
    for (n, promise) in (0..3).zip(promises).rev() {
        assert_eq!(collected.state(), State::Pending);
        promise.finish(Ok(n));
    }
    assert_eq!(*collected.result().unwrap(), [0, 1, 2]);
}

#[test]
fn collect_of_nothing_is_nothing() {
    let collected = collect(Vec::<Future<i32>>::new());
    assert!(collected.done());
    assert!(collected.into_result().unwrap().is_empty());
}

#[test]
fn collect_of_what_has_ended_is_done_at_once() {
    let (promises, futures) = promises(3);
    for (n, promise) in (0..).zip(promises) {
        promise.finish(Ok(n));
    }
    assert_eq!(collect(futures).into_result().unwrap(), [0, 1, 2]);
}

#[test]
fn collect_fails_at_once_with_the_first_error_and_cancels_the_others() {
    let (mut promises, futures) = promises(4);
    assert!(promises[0].claim());
    let collected = collect(futures.clone());
    drop(promises.remove(2));
    assert!(matches!(collected.result(), Err(TaskError::Lost)));
    let states = futures.iter().map(Future::state).collect::<Vec<_>>();
    assert_eq!(
        states,
        [
            State::Running,
            State::Cancelled,
            State::Finished,
            State::Cancelled
        ]
    );
    assert!(promises.remove(0).finish(Ok(1)), "what runs goes on");
}

#[test]
fn collect_fails_at_once_with_the_error_of_what_has_ended_before() {
    let (mut promises, futures) = promises(3);
    drop(promises.remove(1));
    let collected = collect(futures.clone());
    assert!(matches!(collected.result(), Err(TaskError::Lost)));
    assert!(futures[0].cancelled() && futures[2].cancelled());
}

#[test]
fn collect_is_cancelled_with_one_of_its_futures() {
    let (_promises, futures) = promises(3);
    let collected = collect(futures.clone());
    futures[1].cancel();
    assert!(collected.cancelled());
    assert!(futures.iter().all(Future::cancelled));
}

#[test]
fn a_collected_future_that_is_cancelled_cancels_what_has_not_started() {
    let (mut promises, futures) = promises(3);
    assert!(promises[1].claim());
    let collected = collect(futures.clone());
    assert!(collected.cancel() && collected.cancelled());
    assert!(futures[0].cancelled() && futures[1].running() && futures[2].cancelled());
    assert!(promises.remove(1).finish(Ok(1)));
    assert!(collected.cancelled());
}

#[test]
fn a_collected_future_that_is_dropped_leaves_its_futures_alone() {
    let (promises, futures) = promises(2);
    drop(collect(futures.clone()));
    assert!(promises.into_iter().all(|promise| promise.finish(Ok(1))));
}

#[test]
fn a_future_that_is_given_twice_leaves_its_value_twice() {
    let (promise, future) = promise();
    let collected = collect([future.clone(), future]);
    promise.finish(Ok(7));
    assert_eq!(*collected.result().unwrap(), [7, 7]);
}

/// A value that must not be cloned.
struct Once {
    _held: Arc<()>,
}

impl Once {
    fn new(held: &Arc<()>) -> Once {
        let _held = Arc::clone(held);
        Once { _held }
    }
}

impl Clone for Once {
    fn clone(&self) -> Once {
        panic!("cloned, though nobody else has the future")
    }
}

#[test]
fn values_are_moved_where_nobody_else_has_the_future() {
    let held = Arc::new(());
    let (promises, futures): (Vec<_>, Vec<_>) = (0..3).map(|_| promise()).unzip();
    let collected = collect(futures);
    for promise in promises {
        promise.finish(Ok(Once::new(&held)));
    }
    let values = collected.try_into_result().ok().unwrap();
    assert_eq!(values.unwrap().len(), 3);
    assert_eq!(Arc::strong_count(&held), 1);
    // Also out of what has ended before.
    let (promise, future) = promise();
    promise.finish(Ok(Once::new(&held)));
    assert!(collect([future]).result().is_ok());
}

#[test]
fn a_value_that_panics_when_it_is_cloned_fails_the_collected_future() {
    let held = Arc::new(());
    let (promise, future) = promise();
    let collected = collect([future.clone()]);
    promise.finish(Ok(Once::new(&held)));
    assert!(matches!(collected.error(), Some(TaskError::Panicked(_))));
    drop((collected, future));
    assert_eq!(Arc::strong_count(&held), 1);
}

#[test]
fn no_other_future_lies_where_one_did_that_callbacks_still_speak_of() {
    let (one, first) = promise::<u32>();
    let (mut other, second) = promise::<u32>();
    assert!(other.claim());
    let address =
        |future: &Future<Vec<u32>>| format!("{future:?}").split(' ').nth(2).unwrap().to_owned();
    let failed = collect([first, second.clone()]);
    let before = address(&failed);
    drop(one);
    assert!(matches!(failed.into_result(), Err(TaskError::Lost)));
    let later: Vec<_> = (0..64).map(|_| collect([second.clone()])).collect();
    assert!(!later.iter().any(|future| address(future) == before));
    other.finish(Ok(1));
}
