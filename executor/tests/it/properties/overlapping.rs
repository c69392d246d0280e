//! Waits for overlapping sets of futures, some at the same time and some after each other.

use std::sync::Barrier;
use std::thread;
use std::time::Duration;

use executor::ReturnWhen::AllCompleted;
use executor::{DoneAndNotDone, Future, ReturnWhen, wait, wait_timeout};
use proptest::collection::vec;
use proptest::prelude::any;
use proptest::sample::Index;
use proptest::{prop_assert, prop_assert_eq};

use super::vacuity::Property;
use super::waiting::{Plan, When, check_outcome, end_planned, make, may_return, mode, plan};

static PROPERTY: Property = Property::new(
    "waiting",
    &["waits overlap", "a wait after another", "ended meanwhile"],
);

/// Whether a wait for these ends when all have ended that ever do.
fn returns(plans: &[Plan], chosen: &[usize], mode: ReturnWhen) -> bool {
    let ends = chosen.iter().map(|&n| &plans[n]);
    let ends: Vec<_> = ends
        .map(|(when, end, ..)| (*when != When::Never).then_some(*end))
        .collect();
    may_return(mode, &ends)
}

/// One wait after the other, each as soon as the one before has returned.
fn wait_for_each<'f>(
    futures: &'f [Future<i32>],
    sets: &[(Vec<usize>, ReturnWhen)],
) -> Vec<DoneAndNotDone<&'f Future<i32>>> {
    let wait_for = |(chosen, mode): &(Vec<usize>, ReturnWhen)| {
        wait(chosen.iter().map(|&n| &futures[n]), *mode)
    };
    sets.iter().map(wait_for).collect()
}

#[test]
fn waits_for_overlapping_sets_all_return_and_agree_on_what_is_done() {
    let set = || (vec(any::<Index>(), 1..6), mode());
    let waiters = vec(vec(set(), 1..3), 2..4);
    PROPERTY.watched((vec(plan(), 2..7), waiters), |case, (plans, waiters)| {
        let (mut promises, futures) = make(&plans);
        let choose = |(picks, mode): (Vec<Index>, ReturnWhen)| {
            let chosen: Vec<_> = picks.iter().map(|pick| pick.index(plans.len())).collect();
            (chosen, mode)
        };
        // A wait that nothing ends is none of the case.
        let waiters: Vec<Vec<_>> = waiters
            .into_iter()
            .map(|sets| sets.into_iter().map(choose))
            .map(|sets| sets.filter(|(chosen, mode)| returns(&plans, chosen, *mode)))
            .map(Iterator::collect)
            .collect();
        let mut finish = |when| end_planned(&plans, when, &mut promises, &futures);
        finish(When::Before);
        let start = Barrier::new(waiters.len() + 1);
        let outcomes: Vec<_> = thread::scope(|scope| {
            let wait_for = |sets| {
                let (start, futures) = (&start, &futures);
                scope.spawn(move || {
                    start.wait();
                    wait_for_each(futures, sets)
                })
            };
            let threads: Vec<_> = waiters.iter().map(|sets| wait_for(&sets[..])).collect();
            start.wait();
            finish(When::During);
            let ended = threads.into_iter().map(|it| it.join().expect("no panic"));
            ended.collect()
        });
        for (sets, outcomes) in waiters.iter().zip(&outcomes) {
            let mut before: Option<&DoneAndNotDone<_>> = None;
            for ((chosen, mode), outcome) in sets.iter().zip(outcomes) {
                let given: Vec<_> = chosen.iter().map(|&n| &futures[n]).collect();
                check_outcome(&given, *mode, outcome)?;
                // What a wait has told of stays done for the waits after it.
                let told = before.into_iter().flat_map(|before| &before.done);
                prop_assert!(told.into_iter().all(|it| !outcome.not_done.contains(it)));
                case.reached_if(before.is_some(), "a wait after another");
                before = Some(outcome);
                let now = wait_timeout(given, AllCompleted, Duration::ZERO);
                let ended = chosen.iter().filter(|&&n| plans[n].0 != When::Never);
                prop_assert!(ended.clone().all(|&n| now.done.contains(&&futures[n])));
                let mut ended: Vec<_> = ended.collect();
                ended.sort();
                ended.dedup();
                prop_assert_eq!(now.done.len(), ended.len());
                let meanwhile = chosen.iter().any(|&n| plans[n].0 == When::During);
                case.reached_if(meanwhile, "ended meanwhile");
            }
        }
        let sets: Vec<_> = waiters.iter().filter_map(|sets| sets.first()).collect();
        let overlap =
            |one: usize, other: usize| sets[one].0.iter().any(|n| sets[other].0.contains(n));
        let pairs = (1..sets.len()).flat_map(|one| (0..one).map(move |other| (one, other)));
        case.reached_if(
            pairs.into_iter().any(|(one, other)| overlap(one, other)),
            "waits overlap",
        );
        Ok(())
    });
}
