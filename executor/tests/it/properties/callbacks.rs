//! Callbacks run exactly once, in order, whatever the moment.

use std::sync::mpsc::channel;
use std::sync::{Arc, Barrier};
use std::thread;

use executor::promise;
use proptest::prelude::any;
use proptest::{prop_assert, prop_assert_eq};

use super::vacuity::Property;
use super::waiting::{end, plan};

static PROPERTY: Property = Property::new("callbacks", &["during", "before the end", "after"]);

/// One thread adds callbacks while another ends the future. Those that came in time run on the
/// thread of the end, the others on the one that adds; each in the order of adding; and the first
/// that came too late is followed by no other that came in time.
#[test]
fn callbacks_run_exactly_once_in_order_whatever_the_moment() {
    PROPERTY.watched(
        (plan(), 0..6_usize, 0..6_usize, 0..3_usize, any::<bool>()),
        |case, ((_, how, _, claimed), before, during, after, panics)| {
            let (mut promise, future) = promise();
            if claimed && how != super::waiting::End::Cancelled {
                promise.claim();
            }
            let (called, calls) = channel();
            let add = |number: usize| {
                let called = called.clone();
                future.add_done_callback(move |future| {
                    assert!(future.done());
                    called
                        .send((number, thread::current().id()))
                        .expect("heard");
                    assert!(!panics || number.is_multiple_of(2), "on purpose");
                });
            };
            (0..before).for_each(add);
            let start = Arc::new(Barrier::new(2));
            let ender = thread::spawn({
                let (start, future) = (Arc::clone(&start), future.clone());
                move || {
                    start.wait();
                    end(promise, &future, how);
                    thread::current().id()
                }
            });
            start.wait();
            (before..before + during).for_each(add);
            let ender = ender.join().expect("the future ends");
            (before + during..before + during + after).for_each(add);
            let seen: Vec<(usize, thread::ThreadId)> = calls.try_iter().collect();
            let (in_time, late): (Vec<_>, Vec<_>) =
                seen.iter().partition(|(_, thread)| *thread == ender);
            let numbers: Vec<usize> = in_time.iter().chain(&late).map(|(n, _)| *n).collect();
            prop_assert_eq!(numbers, (0..before + during + after).collect::<Vec<_>>());
            prop_assert!(in_time.len() >= before && late.len() >= after);
            case.reached_if(before > 0, "before the end");
            case.reached_if(during > 0, "during");
            case.reached_if(after > 0, "after");
            Ok(())
        },
    );
}
