//! What `as_completed` yields, and in which order.

use std::collections::HashSet;
use std::sync::mpsc::channel;
use std::thread;

use executor::{Executor, Future, as_completed, fallible};
use proptest::collection::vec;
use proptest::prelude::any;
use proptest::sample::Index;
use proptest::{prop_assert, prop_assert_eq};

use super::script::{act, script};
use super::vacuity::Property;
use super::waiting::{When, distinct, end, indices, make, plan};
use crate::backends::{Backend, on_every_executor};
use crate::gate::{Gate, pass};

static PROMISES: Property = Property::new("completing", &["some before and some later", "twice"]);

#[test]
fn promises_come_once_those_that_had_ended_first_and_the_rest_in_the_order_of_their_ends() {
    PROMISES.watched(
        (vec(plan(), 2..8), vec(any::<Index>(), 3..14)),
        |case, (plans, picks)| {
            let (mut promises, futures) = make(&plans);
            let given: Vec<_> = picks.iter().map(|pick| pick.get(&futures)).collect();
            for n in indices(&plans, When::Before) {
                end(
                    promises[n].take().expect("not ended"),
                    &futures[n],
                    plans[n].1,
                );
            }
            let (go, gone) = channel::<()>();
            let (before, later): (Vec<_>, Vec<_>) = distinct(&given)
                .into_iter()
                .partition(|future| future.done());
            let later: Vec<_> = indices(&plans, When::During)
                .into_iter()
                .map(|n| &futures[n])
                .filter(|future| later.contains(future))
                .collect();
            let seen: Vec<&Future<i32>> = thread::scope(|scope| {
                let (plans, futures, promises) = (&plans, &futures, &mut promises);
                scope.spawn(move || {
                    let _ = gone.recv();
                    for n in indices(plans, When::During) {
                        end(
                            promises[n].take().expect("not ended"),
                            &futures[n],
                            plans[n].1,
                        );
                    }
                });
                // The clock of the ends starts when the iterator is there.
                let ended = as_completed(given.iter().copied());
                drop(go);
                ended.take(before.len() + later.len()).collect()
            });
            prop_assert_eq!(&seen[..before.len()], &before[..]);
            prop_assert_eq!(&seen[before.len()..], &later[..]);
            case.reached_if(
                !before.is_empty() && later.len() > 1,
                "some before and some later",
            );
            case.reached_if(distinct(&given).len() < given.len(), "twice");
            Ok(())
        },
    );
}

on_every_executor!(tasks_come_once_each);

static TASKS: Property = Property::new("completing", &["another order", "cancelled", "twice"]);

fn tasks_come_once_each<B: Backend>() {
    let pool = B::pool(3);
    TASKS.check(
        (
            vec(script(), 1..16),
            vec(any::<Index>(), 0..16),
            any::<Index>(),
            any::<bool>(),
        ),
        |case, (scripts, picks, cancelled, held)| {
            let mut gate = Gate::new();
            if held {
                for _ in 0..pool.max_workers() {
                    pool.submit(pass, (gate.key(),)).expect("accepted");
                }
                gate.await_arrivals(pool.max_workers());
            }
            let futures: Vec<Future<i64>> = scripts
                .iter()
                .map(|script| {
                    pool.submit(fallible(act), (script.clone(),))
                        .expect("accepted")
                })
                .collect();
            // From the back, so that there is something that has not started.
            let given: Vec<_> = futures
                .iter()
                .rev()
                .chain(picks.iter().map(|pick| pick.get(&futures)))
                .collect();
            let mut ended = as_completed(given.iter().copied());
            let cancelled = cancelled.get(&futures).cancel();
            gate.open();
            let seen: Vec<_> = ended.by_ref().collect();
            prop_assert!(seen.iter().all(|future| future.done()));
            prop_assert_eq!(seen.len(), futures.len());
            let different: HashSet<_> = seen.iter().collect();
            prop_assert_eq!(different.len(), futures.len());
            case.reached_if(seen != distinct(&given), "another order");
            case.reached_if(cancelled, "cancelled");
            case.reached_if(given.len() > futures.len(), "twice");
            Ok(())
        },
    );
}
