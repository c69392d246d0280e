//! `as_completed` over promises.

use std::time::Duration;

use executor::{
    AnyFuture, Future, Promise, TaskError, TimedOut, as_completed, as_completed_timeout, promise,
};

use crate::watchdog::watch;

fn promises(count: usize) -> (Vec<Option<Promise<i32>>>, Vec<Future<i32>>) {
    (0..count)
        .map(|_| {
            let (promise, future) = promise();
            (Some(promise), future)
        })
        .unzip()
}

fn finish(promise: &mut Option<Promise<i32>>, outcome: Result<i32, TaskError>) {
    assert!(promise.take().expect("finished once").finish(outcome));
}

#[test]
fn each_of_five_kinds_comes_once() {
    watch(|| {
        let (mut promises, futures) = promises(5);
        finish(&mut promises[0], Ok(1));
        finish(&mut promises[1], Err(TaskError::Lost));
        futures[2].cancel();
        assert!(promises[3].as_mut().unwrap().claim());
        let mut ended = as_completed(&futures);
        let before: Vec<_> = ended.by_ref().take(3).collect();
        assert_eq!(before, futures[..3].iter().collect::<Vec<_>>());
        finish(&mut promises[4], Ok(5));
        finish(&mut promises[3], Ok(4));
        assert_eq!(ended.next(), Some(&futures[4]));
        assert_eq!(ended.next(), Some(&futures[3]));
        assert_eq!(ended.next(), None);
        assert_eq!(ended.next(), None);
    });
}

#[test]
fn the_order_is_that_of_the_ends() {
    watch(|| {
        let (mut promises, futures) = promises(4);
        let mut ended = as_completed(&futures);
        for n in [2, 0, 3, 1] {
            finish(&mut promises[n], Ok(0));
        }
        for n in [2, 0, 3, 1] {
            assert_eq!(ended.next(), Some(&futures[n]));
        }
    });
}

#[test]
fn a_future_given_three_times_by_a_lazy_iterator_comes_once() {
    watch(|| {
        let (mut promises, futures) = promises(1);
        let mut ended = as_completed((0..3).map(|_| futures[0].clone()));
        assert_eq!(ended.len(), 1);
        finish(&mut promises[0], Ok(1));
        assert_eq!(ended.next().as_ref(), Some(&futures[0]));
        assert!(ended.next().is_none());
    });
}

#[test]
fn its_length_is_what_is_left() {
    watch(|| {
        let (mut promises, futures) = promises(2);
        let mut ended = as_completed(&futures);
        assert_eq!((ended.len(), ended.size_hint()), (2, (2, Some(2))));
        assert_eq!(format!("{ended:?}"), "AsCompleted(2 of 2 left)");
        finish(&mut promises[1], Ok(1));
        ended.next();
        assert_eq!(ended.len(), 1);
        assert_eq!(format!("{ended:?}"), "AsCompleted(1 of 2 left)");
    });
}

#[test]
fn a_zero_timeout_yields_what_has_ended_and_then_the_error_once() {
    watch(|| {
        let (mut promises, futures) = promises(4);
        finish(&mut promises[3], Ok(1));
        finish(&mut promises[1], Ok(1));
        let mut ended = as_completed_timeout(&futures, Duration::ZERO);
        assert_eq!(ended.next(), Some(Ok(&futures[1])));
        assert_eq!(ended.next(), Some(Ok(&futures[3])));
        let error = TimedOut {
            unfinished: 2,
            total: 4,
        };
        assert_eq!(ended.next(), Some(Err(error)));
        assert_eq!(ended.next(), None);
        assert_eq!(
            error.to_string(),
            "timed out with 2 (of 4) futures unfinished; none of them was cancelled"
        );
    });
}

#[test]
fn what_has_ended_comes_however_late_it_is() {
    watch(|| {
        let (mut promises, futures) = promises(3);
        let mut ended = as_completed_timeout(&futures, Duration::ZERO);
        finish(&mut promises[1], Ok(1));
        futures[0].cancel();
        assert_eq!(ended.next(), Some(Ok(&futures[1])));
        assert_eq!(ended.next(), Some(Ok(&futures[0])));
        assert!(matches!(
            ended.next(),
            Some(Err(TimedOut {
                unfinished: 1,
                total: 3
            }))
        ));
        assert_eq!(ended.next(), None);
    });
}

#[test]
fn nothing_with_a_zero_timeout_ends_without_error() {
    watch(|| {
        let mut ended = as_completed_timeout::<&Future<i32>>([], Duration::ZERO);
        assert_eq!(ended.next(), None);
        assert_eq!(as_completed::<&Future<i32>>([]).next(), None);
    });
}

#[test]
fn all_that_ended_in_time_need_no_more_time() {
    watch(|| {
        let (mut promises, futures) = promises(3);
        let mut ended = as_completed_timeout(&futures, Duration::from_secs(3600));
        for promise in &mut promises {
            finish(promise, Ok(1));
        }
        assert_eq!(ended.by_ref().filter_map(Result::ok).count(), 3);
        assert_eq!(ended.next(), None);
    });
}

#[test]
fn a_half_consumed_one_leaves_the_rest_alone() {
    watch(|| {
        let (mut promises, futures) = promises(3);
        finish(&mut promises[0], Ok(0));
        let mut ended = as_completed(&futures);
        ended.next();
        drop(ended);
        assert!(!futures[1].done() && !futures[2].done());
        finish(&mut promises[1], Ok(1));
        finish(&mut promises[2], Ok(2));
        assert_eq!(as_completed(&futures).count(), 3);
    });
}

#[test]
fn what_was_yielded_is_not_held() {
    watch(|| {
        let (mut promises, mut futures) = promises(2);
        finish(&mut promises[0], Ok(7));
        let mut ended = as_completed(futures.drain(..));
        let first = ended.next().unwrap();
        // It is the only one left, so the value can be moved out.
        assert!(matches!(first.try_into_result(), Ok(Ok(7))));
        finish(&mut promises[1], Ok(8));
        let second = ended.next().unwrap();
        assert!(matches!(second.try_into_result(), Ok(Ok(8))));
    });
}

#[test]
fn two_iterators_over_the_same_futures_see_the_same() {
    watch(|| {
        let (mut promises, futures) = promises(3);
        let one = as_completed(&futures);
        let other = as_completed(futures.iter().rev());
        for n in [1, 2, 0] {
            finish(&mut promises[n], Ok(0));
        }
        let order = [&futures[1], &futures[2], &futures[0]];
        assert_eq!(one.collect::<Vec<_>>(), order);
        assert_eq!(other.collect::<Vec<_>>(), order);
    });
}

#[test]
fn futures_of_different_types_go_together() {
    watch(|| {
        let (number, number_future) = promise::<i32>();
        let (text, text_future) = promise::<String>();
        let futures: [&dyn AnyFuture; 2] = [&number_future, &text_future];
        let mut ended = as_completed(futures);
        text.finish(Err(TaskError::Lost));
        assert!(ended.next().unwrap().failed());
        number.finish(Ok(7));
        assert!(!ended.next().unwrap().failed());
        assert!(ended.next().is_none());
    });
}

#[test]
fn an_iterator_shows_how_many_are_left() {
    let (_promises, futures) = promises(2);
    let plain = as_completed(&futures);
    assert_eq!(format!("{plain:?}"), "AsCompleted(2 of 2 left)");
    let timed = as_completed_timeout(&futures, Duration::ZERO);
    assert_eq!(format!("{timed:?}"), "AsCompletedTimeout(2 of 2 left)");
}
