//! What `as_completed` yields, and in which order.

use std::collections::HashSet;
use std::sync::mpsc::channel;
use std::thread;
use std::time::Duration;

use executor::{Executor, Future, TimedOut, as_completed, as_completed_timeout, fallible};
use proptest::collection::vec;
use proptest::prelude::any;
use proptest::sample::Index;
use proptest::{prop_assert, prop_assert_eq};

use super::script::{act, script};
use super::vacuity::Property;
use super::waiting::{When, distinct, end_planned, indices, make, plan};
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
            end_planned(&plans, When::Before, &mut promises, &futures);
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
                    end_planned(plans, When::During, promises, futures);
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

static LEFT: Property = Property::new("completing", &["left early", "not all have ended"]);

#[test]
fn an_iterator_that_is_left_harms_no_future_and_its_timeout_counts_those_that_have_not_ended() {
    LEFT.watched(
        (
            vec(plan(), 1..8),
            vec(any::<Index>(), 1..12),
            any::<Index>(),
        ),
        |case, (plans, picks, most)| {
            let (mut promises, futures) = make(&plans);
            let mut finish = |when| end_planned(&plans, when, &mut promises, &futures);
            finish(When::Before);
            let given: Vec<_> = picks.iter().map(|pick| pick.get(&futures)).collect();
            let all = distinct(&given);
            let ended: Vec<_> = all.iter().copied().filter(|it| it.done()).collect();
            let unfinished = all.len() - ended.len();
            let timed_out = TimedOut {
                unfinished,
                total: all.len(),
            };
            let expected = ended.into_iter().map(Ok);
            let expected = expected.chain((unfinished > 0).then_some(Err(timed_out)));
            let expected: Vec<_> = expected.collect();
            let most = most.index(expected.len() + 1);
            let seen = as_completed_timeout(given.iter().copied(), Duration::ZERO).take(most);
            prop_assert_eq!(&seen.collect::<Vec<_>>()[..], &expected[..most]);
            case.reached_if(most < expected.len(), "left early");
            case.reached_if(
                unfinished > 0 && most == expected.len(),
                "not all have ended",
            );
            // Nobody waits any more, and the rest ends as if nobody ever had.
            finish(When::During);
            for (plan, future) in plans.iter().zip(&futures) {
                prop_assert_eq!(future.done(), plan.0 != When::Never);
            }
            let now = as_completed_timeout(given.iter().copied(), Duration::ZERO);
            let done = all.iter().filter(|it| it.done()).count();
            prop_assert_eq!(now.filter(Result::is_ok).count(), done);
            Ok(())
        },
    );
}
