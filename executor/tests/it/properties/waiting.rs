//! What `wait` returns, over promises that end at random and over tasks of each executor.

use std::thread;
use std::time::Duration;

use executor::ReturnWhen::{AllCompleted, FirstCompleted, FirstException};
use executor::{
    AnyFuture, DoneAndNotDone, Executor, Future, Promise, ReturnWhen, State, TaskError, fallible,
    promise, wait, wait_timeout,
};
use proptest::collection::vec;
use proptest::prelude::{Just, Strategy, any, prop_oneof};
use proptest::sample::Index;
use proptest::test_runner::TestCaseResult;
use proptest::{prop_assert, prop_assert_eq};

use super::script::{act, script};
use super::vacuity::Property;
use crate::backends::{Backend, on_every_executor};
use crate::gate::{Gate, pass};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    Value,
    Error,
    Lost,
    Cancelled,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum When {
    Before,
    During,
    Never,
}

/// One promise: when and how it ends, its place among those that end during the wait, and whether
/// it is claimed from the start.
pub(super) type Plan = (When, End, u32, bool);

pub(super) fn plan() -> impl Strategy<Value = Plan> {
    let when = prop_oneof![
        5 => Just(When::Before),
        5 => Just(When::During),
        4 => Just(When::Never),
    ];
    let end = prop_oneof![
        4 => Just(End::Value),
        1 => Just(End::Error),
        1 => Just(End::Lost),
        2 => Just(End::Cancelled),
    ];
    (when, end, any::<u32>(), any::<bool>())
}

pub(super) fn end(promise: Promise<i32>, future: &Future<i32>, end: End) {
    match end {
        End::Value => assert!(promise.finish(Ok(7))),
        End::Error => assert!(promise.finish(Err(TaskError::Decode("on purpose".into())))),
        End::Lost => drop(promise),
        End::Cancelled => assert!(future.cancel()),
    }
}

pub(super) fn make(plans: &[Plan]) -> (Vec<Option<Promise<i32>>>, Vec<Future<i32>>) {
    plans
        .iter()
        .map(|(_, end, _, claimed)| {
            let (mut promise, future) = promise();
            // What is claimed can't be cancelled.
            assert!(!claimed || *end == End::Cancelled || promise.claim());
            (Some(promise), future)
        })
        .unzip()
}

/// The indices of the plans with this `when`, in the order in which they end.
pub(super) fn indices(plans: &[Plan], when: When) -> Vec<usize> {
    let mut indices: Vec<usize> = (0..plans.len()).filter(|&n| plans[n].0 == when).collect();
    indices.sort_by_key(|&n| plans[n].2);
    indices
}

/// Ends the plans with this `when`, in their order.
pub(super) fn end_planned(
    plans: &[Plan],
    when: When,
    promises: &mut [Option<Promise<i32>>],
    futures: &[Future<i32>],
) {
    for n in indices(plans, when) {
        let promise = promises[n].take().expect("not ended");
        end(promise, &futures[n], plans[n].1);
    }
}

pub(super) fn mode() -> impl Strategy<Value = ReturnWhen> {
    prop_oneof![
        Just(FirstCompleted),
        Just(FirstException),
        Just(AllCompleted)
    ]
}

/// The reference: whether a wait for these may return, by how each has ended, if it has.
pub(super) fn may_return(mode: ReturnWhen, ends: &[Option<End>]) -> bool {
    let all = ends.iter().all(Option::is_some);
    let failed = ends
        .iter()
        .any(|end| matches!(end, Some(End::Error | End::Lost)));
    match mode {
        FirstCompleted => all || ends.iter().any(Option::is_some),
        FirstException => all || failed,
        AllCompleted => all,
    }
}

/// The reference: each future once, where it came first.
pub(super) fn distinct<'f, T>(given: &[&'f Future<T>]) -> Vec<&'f Future<T>> {
    let mut distinct = Vec::new();
    for future in given {
        if !distinct.contains(future) {
            distinct.push(*future);
        }
    }
    distinct
}

fn end_of<T>(future: &Future<T>) -> Option<End> {
    match future.state() {
        State::Pending | State::Running => None,
        State::Cancelled => Some(End::Cancelled),
        State::Finished if future.failed() => Some(End::Error),
        State::Finished => Some(End::Value),
    }
}

/// P1 to P4: done and not done are the distinct inputs in their order, and done is enough.
pub(super) fn check_outcome<T>(
    given: &[&Future<T>],
    mode: ReturnWhen,
    outcome: &DoneAndNotDone<&Future<T>>,
) -> TestCaseResult {
    let (done, rest): (Vec<_>, Vec<_>) = distinct(given)
        .into_iter()
        .partition(|future| outcome.done.contains(future));
    prop_assert_eq!(&outcome.done, &done);
    prop_assert_eq!(&outcome.not_done, &rest);
    let ends: Vec<_> = done
        .iter()
        .map(|future| end_of(future))
        .chain(rest.iter().map(|_| None))
        .collect();
    prop_assert!(may_return(mode, &ends), "{mode:?} returned with {ends:?}");
    Ok(())
}

static PROMISES: Property = Property::new(
    "waiting",
    &[
        "ended during the wait",
        "can't end",
        "twice the same",
        "ended before",
    ],
);

#[test]
fn a_wait_for_promises_returns_the_distinct_inputs_and_enough_of_them_done() {
    PROMISES.watched(
        (vec(plan(), 0..6), vec(any::<Index>(), 0..8), mode()),
        |case, (plans, picks, mode)| {
            let (mut promises, futures) = make(&plans);
            let picks: Vec<usize> = match futures.len() {
                0 => Vec::new(),
                count => picks.iter().map(|pick| pick.index(count)).collect(),
            };
            let given: Vec<_> = picks.iter().map(|&n| &futures[n]).collect();
            case.reached_if(distinct(&given).len() < given.len(), "twice the same");
            end_planned(&plans, When::Before, &mut promises, &futures);
            let ends_if = |ended: &[When]| -> Vec<Option<End>> {
                let ends = picks
                    .iter()
                    .map(|&n| ended.contains(&plans[n].0).then_some(plans[n].1));
                ends.collect()
            };
            let returns_at_once = may_return(mode, &ends_if(&[When::Before]));
            let returns = may_return(mode, &ends_if(&[When::Before, When::During]));
            case.reached_if(returns && !returns_at_once, "ended during the wait");
            case.reached_if(returns_at_once && !given.is_empty(), "ended before");
            case.reached_if(!returns, "can't end");
            let outcome = thread::scope(|scope| {
                let others = scope.spawn(|| {
                    end_planned(&plans, When::During, &mut promises, &futures);
                });
                if returns {
                    return Some(wait(given.iter().copied(), mode));
                }
                others.join().expect("the promises end");
                None
            });
            let now = wait_timeout(given.iter().copied(), mode, Duration::ZERO);
            if let Some(outcome) = outcome {
                check_outcome(&given, mode, &outcome)?;
                // P5: what had ended before is done, and what is done stays done.
                for &n in &picks {
                    let done = outcome.done.contains(&&futures[n]);
                    prop_assert!(done || plans[n].0 != When::Before);
                    prop_assert!(!done || now.done.contains(&&futures[n]));
                }
            }
            // Now that nothing moves any more, the answer is exactly the plan.
            let ended: Vec<_> = picks
                .iter()
                .filter(|&&n| plans[n].0 != When::Never)
                .collect();
            let ended: Vec<_> = ended.into_iter().map(|&n| &futures[n]).collect();
            prop_assert_eq!(&now.done, &distinct(&ended));
            // P6: neither the order nor doubles of the inputs matter.
            let turned = wait_timeout(
                given.iter().rev().chain(&given).copied(),
                mode,
                Duration::ZERO,
            );
            prop_assert_eq!(turned.done.len(), now.done.len());
            prop_assert!(turned.done.iter().all(|future| now.done.contains(future)));
            Ok(())
        },
    );
}

fn submit_pass(pool: &impl Executor, gate: &Gate) -> Future<i64> {
    let task = |gate: String| {
        pass(gate);
        1
    };
    pool.submit(task, (gate.key(),)).expect("accepted")
}

on_every_executor!(a_wait_for_tasks_returns_the_distinct_inputs_and_enough_of_them_done);

static TASKS: Property = Property::new(
    "waiting",
    &["not all done", "twice the same", "cancelled", "failed"],
);

fn a_wait_for_tasks_returns_the_distinct_inputs_and_enough_of_them_done<B: Backend>() {
    let pool = B::pool(2);
    TASKS.check(
        (
            vec((script(), any::<bool>()), 1..12),
            vec(any::<Index>(), 0..12),
            mode(),
            any::<bool>(),
        ),
        |case, (tasks, picks, mode, held)| {
            let (mut gate, mut start) = (Gate::new(), Gate::new());
            let blocked = submit_pass(&pool, &gate);
            gate.await_arrivals(1);
            if held {
                submit_pass(&pool, &start);
                start.await_arrivals(1);
            }
            let futures: Vec<Future<i64>> = tasks
                .iter()
                .map(|(script, _)| {
                    pool.submit(fallible(act), (script.clone(),))
                        .expect("accepted")
                })
                .collect();
            let mut given: Vec<_> = picks.iter().map(|pick| pick.get(&futures)).collect();
            case.reached_if(distinct(&given).len() < given.len(), "twice the same");
            // The blocked one may be waited for too, if another is enough.
            if mode == FirstCompleted && !given.is_empty() {
                given.push(&blocked);
            }
            let (tasks, all) = (&tasks, &futures);
            let (outcome, cancelled) = thread::scope(|scope| {
                let canceller = scope.spawn(move || {
                    let chosen = tasks.iter().zip(all).rev().filter(|((_, yes), _)| *yes);
                    let count = chosen.filter(|(_, future)| future.cancel()).count();
                    start.open();
                    count
                });
                let outcome = wait(given.iter().copied(), mode);
                (outcome, canceller.join().expect("the canceller ends"))
            });
            gate.open();
            case.reached_if(cancelled > 0, "cancelled");
            case.reached_if(!outcome.not_done.is_empty(), "not all done");
            case.reached_if(outcome.done.iter().any(AnyFuture::failed), "failed");
            check_outcome(&given, mode, &outcome)?;
            let all = wait(&futures, AllCompleted);
            prop_assert!(all.not_done.is_empty() && all.done.len() == futures.len());
            Ok(())
        },
    );
}
