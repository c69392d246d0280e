//! `as_completed`: each future once, in the order of the ends.

use crate::base::as_completed::Pending;
use crate::base::{as_completed, as_completed_timeout, promise};
use crate::harness::{Bound, Payload, join, model, reach, thread};
use crate::pool::{pool, submit};
use crate::waiting::{SECOND, set};

#[test]
fn as_completed_two() {
    model(
        "L22 as_completed_two",
        "two futures that end in some order are yielded in that order, each once",
        Bound::Exhaustive,
        &["in the order of the ends", "in the order given"],
        || {
            let (promise_a, a) = promise();
            let (promise_b, b) = promise();
            let setter = thread(move || {
                assert!(promise_a.finish(Ok(Payload::new(1))));
                assert!(promise_b.finish(Ok(Payload::new(2))));
            });
            let futures = as_completed([&b, &a]);
            // Those that have ended before come in the order given.
            let both_ended_before = a.done() && b.done();
            let order: Vec<_> = futures.collect();
            if order == [&a, &b] {
                reach("in the order of the ends");
            } else {
                assert_eq!(order, [&b, &a]);
                assert!(both_ended_before);
                reach("in the order given");
            }
            join([setter]);
        },
    );
}

#[test]
fn as_completed_two_setters() {
    model(
        "L22b as_completed_two_setters",
        "two futures that end at the same time are yielded once each",
        Bound::Preemptions(3),
        &["a first", "b first"],
        || {
            let (a, set_a) = set(1);
            let (b, set_b) = set(2);
            let order: Vec<_> = as_completed([&a, &b]).collect();
            if order == [&a, &b] {
                reach("a first");
            } else {
                assert_eq!(order, [&b, &a]);
                reach("b first");
            }
            join([set_a, set_b]);
        },
    );
}

#[test]
fn as_completed_duplicate() {
    model(
        "L20b as_completed_duplicate",
        "a future given twice is yielded once",
        Bound::Exhaustive,
        &["ended before", "ended after"],
        || {
            let (a, set_a) = set(1);
            let clone = a.clone();
            reach(if a.done() {
                "ended before"
            } else {
                "ended after"
            });
            assert_eq!(as_completed([&a, &clone]).collect::<Vec<_>>(), [&a]);
            join([set_a]);
        },
    );
}

#[test]
fn as_completed_dropped() {
    model(
        "L23 as_completed_dropped",
        "an iterator that is dropped midway, while futures end, leaves them alone and leaks nothing",
        Bound::Exhaustive,
        &["dropped before the end of b", "dropped after the end of b"],
        || {
            let (promise_a, a) = promise();
            let (promise_b, b) = promise();
            promise_a.finish(Ok(Payload::new(1)));
            let setter = thread(move || assert!(promise_b.finish(Ok(Payload::new(2)))));
            let mut futures = as_completed([&a, &b]);
            assert_eq!(futures.next(), Some(&a));
            reach(if b.done() {
                "dropped after the end of b"
            } else {
                "dropped before the end of b"
            });
            drop(futures);
            assert_eq!(b.result().unwrap().value(), 2);
            join([setter]);
        },
    );
}

#[test]
fn as_completed_timed_out() {
    model(
        "X8 as_completed_timed_out",
        "a timed iteration yields what has ended, or that it timed out, once, and ends",
        Bound::Exhaustive,
        &["in time", "timed out"],
        || {
            let (a, set_a) = set(1);
            let items: Vec<_> = as_completed_timeout([&a], SECOND).collect();
            assert_eq!(items.len(), 1);
            match &items[0] {
                Ok(future) => {
                    assert_eq!(future.result().unwrap().value(), 1);
                    reach("in time");
                }
                Err(timed_out) => {
                    assert_eq!((timed_out.unfinished, timed_out.total), (1, 1));
                    reach("timed out");
                }
            }
            join([set_a]);
        },
    );
}

#[test]
fn as_completed_added() {
    model(
        "L23b as_completed_added",
        "a future that is added while it ends, and gets the token of one that was yielded, is \
         yielded once",
        Bound::Exhaustive,
        &["ended before", "ended after"],
        || {
            let (promise_a, a) = promise();
            promise_a.finish(Ok(Payload::new(1)));
            let (b, set_b) = set(2);
            let mut pending = Pending::new([]);
            pending.push(&a);
            assert_eq!(pending.next(None), Ok(Some(&a)));
            reach(if b.done() {
                "ended before"
            } else {
                "ended after"
            });
            pending.push(&b);
            assert_eq!(pending.next(None), Ok(Some(&b)));
            assert_eq!(pending.next(None), Ok(None));
            join([set_b]);
        },
    );
}

#[test]
fn as_completed_of_what_a_shutdown_cancels() {
    model(
        "L24 as_completed_cancel",
        "an iteration over the futures of a pool ends when a shutdown cancels some of them",
        Bound::Preemptions(3),
        &["cancelled", "ran"],
        || {
            let pool = pool(1);
            let futures = [submit(&pool, 1), submit(&pool, 2)];
            let consumer = thread(move || {
                let all: Vec<_> = as_completed(&futures).collect();
                assert_eq!(all.len(), 2);
                let ran = all.iter().filter(|future| !future.cancelled()).count();
                reach(if ran == 2 { "ran" } else { "cancelled" });
            });
            pool.shut_down(false, true);
            join([consumer]);
        },
    );
}
