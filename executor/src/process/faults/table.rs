//! The table of faults: each point with each action that means something there.
//!
//! The groups run side by side, each in a process of its own, and within it one case after another;
//! so after each case threads, descriptors and children can be counted.
//!
//! What is not in the table: actions about a reply where there is none, and a worker that is stopped
//! before it is ready and stays so, which the pool gives half a minute.

use std::collections::BTreeSet;
use std::thread;

use super::alone::{Footprint, alone};
use super::case::{Case, Cost, TASKS, assert_nothing_left, run, run_all};
use super::{Action, Point};

use Action::{
    Close, CloseOutput, DoubleReply, Drip, Fail, FalseSkip, Garbage, Kill, Leave, NoMemory,
    OverLong, Panic, ReadyTwice, Stop, StopForGood, StopUnseen, TaskBack, Unclaimed, WrongId,
};
use Cost::{APanic, EveryTask, Nothing, ThePool, TheTask, TheTaskAndThePool, WhatItBegins};

/// Ways to end at once.
const DEATHS: [Action; 5] = [Panic, Leave, Fail, Kill, StopForGood];

/// What the pool must find out, while the worker goes on.
const OFFENCES: [Action; 5] = [CloseOutput, Close, Garbage, OverLong, WrongId];

/// How far tasks are sent ahead, and at which task the fault strikes then.
const DEPTHS: [(usize, u32); 3] = [(0, 1), (1, 2), (16, 3)];

/// What a death at a point costs, and what an offence does there.
fn costs_at(point: Point) -> (Cost, Cost) {
    match point {
        Point::BeforeHello | Point::AfterHello | Point::HalfReady | Point::OnShutdown => {
            (Nothing, Nothing)
        }
        Point::AfterReady | Point::HalfTask | Point::BeforeClaim | Point::AfterReply => {
            (Nothing, WhatItBegins)
        }
        Point::AfterClaim | Point::DuringRun | Point::BeforeReply | Point::HalfReply => {
            (TheTask, WhatItBegins)
        }
    }
}

/// The cases of a point.
fn cases_at(point: Point) -> Vec<Case> {
    let (death, offence) = costs_at(point);
    let mut pairs = vec![(Stop, Nothing)];
    pairs.extend(DEATHS.map(|action| (action, death)));
    pairs.extend(OFFENCES.map(|action| (action, offence)));
    match point {
        Point::AfterReady => pairs.push((ReadyTwice, WhatItBegins)),
        Point::BeforeClaim => pairs.extend([(Unclaimed, Nothing), (FalseSkip, WhatItBegins)]),
        Point::BeforeReply => {
            pairs.extend([TaskBack, NoMemory].map(|action| (action, WhatItBegins)));
        }
        Point::DuringRun => pairs[1] = (Panic, APanic),
        Point::HalfReady | Point::HalfReply => pairs.push((Drip, Nothing)),
        Point::AfterReply => pairs.push((DoubleReply, WhatItBegins)),
        _ => {}
    }
    let pairs = pairs.into_iter();
    let cases = pairs.map(|(action, cost)| Case::new(point, action, cost));
    if point.comes_with_each_task() {
        at_all_depths(cases)
    } else {
        cases.collect()
    }
}

/// The same cases with nothing, one task and many sent ahead.
fn at_all_depths(cases: impl Iterator<Item = Case>) -> Vec<Case> {
    let all = cases.flat_map(|case| {
        DEPTHS.map(|(prefetch, visit)| Case {
            prefetch,
            // What is sent ahead is read in one piece with the first.
            visit: if case.point == Point::HalfTask {
                1
            } else {
                visit
            },
            ..case
        })
    });
    all.collect()
}

/// Every case of the table.
pub(super) fn all() -> Vec<Case> {
    let mut all: Vec<Case> = Point::ALL.into_iter().flat_map(cases_at).collect();
    all.extend(in_memory());
    all.extend(with_initializer());
    all.extend(breaking());
    all
}

#[test]
fn before_the_greeting() {
    alone(|| run_all(&cases_at(Point::BeforeHello)));
}

#[test]
fn after_the_greeting() {
    alone(|| run_all(&cases_at(Point::AfterHello)));
}

#[test]
fn amid_the_word_that_it_is_ready() {
    alone(|| run_all(&cases_at(Point::HalfReady)));
}

#[test]
fn after_the_word_that_it_is_ready() {
    alone(|| run_all(&cases_at(Point::AfterReady)));
}

#[test]
fn amid_the_frame_of_a_task() {
    alone(|| run_all(&cases_at(Point::HalfTask)));
}

#[test]
fn before_the_claim() {
    alone(|| run_all(&cases_at(Point::BeforeClaim)));
}

#[test]
fn after_the_claim() {
    alone(|| run_all(&cases_at(Point::AfterClaim)));
}

#[test]
fn amid_the_task() {
    alone(|| run_all(&cases_at(Point::DuringRun)));
}

#[test]
fn before_the_reply() {
    alone(|| run_all(&cases_at(Point::BeforeReply)));
}

#[test]
fn amid_the_reply() {
    alone(|| run_all(&cases_at(Point::HalfReply)));
}

#[test]
fn after_the_reply() {
    alone(|| run_all(&cases_at(Point::AfterReply)));
}

#[test]
fn when_it_is_told_to_leave() {
    alone(|| run_all(&cases_at(Point::OnShutdown)));
}

fn in_memory() -> Vec<Case> {
    let pairs = [
        (Point::BeforeClaim, Kill, Nothing),
        (Point::BeforeClaim, StopForGood, Nothing),
        (Point::AfterClaim, Kill, TheTask),
        (Point::AfterClaim, Garbage, WhatItBegins),
        (Point::BeforeReply, Fail, TheTask),
        (Point::AfterReply, Kill, Nothing),
        (Point::AfterReply, DoubleReply, WhatItBegins),
    ];
    at_all_depths(pairs.into_iter().map(|(point, action, cost)| Case {
        ballast: 100_000,
        ..Case::new(point, action, cost)
    }))
}

#[test]
fn with_a_payload_in_memory() {
    alone(|| run_all(&in_memory()));
}

fn with_initializer() -> Vec<Case> {
    let pairs = [
        (Point::AfterHello, Kill),
        (Point::HalfTask, Kill),
        (Point::BeforeReply, Kill),
        (Point::BeforeReply, Garbage),
        (Point::HalfReady, Fail),
        (Point::HalfReady, Drip),
        (Point::AfterReady, Panic),
    ];
    let cases = pairs.map(|(point, action)| Case {
        initializes: true,
        ..Case::new(point, action, Nothing)
    });
    cases.to_vec()
}

#[test]
fn with_an_initializer() {
    alone(|| run_all(&with_initializer()));
}

fn breaking() -> Vec<Case> {
    let points = [Point::AfterClaim, Point::BeforeReply].into_iter();
    let cases =
        points.flat_map(|point| DEATHS.map(|action| Case::new(point, action, TheTaskAndThePool)));
    cases.collect()
}

#[test]
fn when_a_death_breaks_the_pool() {
    alone(|| run_all(&breaking()));
}

#[test]
fn when_every_worker_has_it() {
    let cause = |text| ThePool(text);
    let pairs = [
        (
            Point::BeforeHello,
            Panic,
            cause("signal 6 (SIGABRT) before it was"),
        ),
        (
            Point::BeforeHello,
            Leave,
            cause("code 0 before it was ready"),
        ),
        (Point::BeforeHello, Garbage, cause("before it was ready")),
        (Point::AfterHello, Close, cause("before it was ready")),
        (
            Point::HalfReady,
            Kill,
            cause("signal 9 (SIGKILL) before it was ready"),
        ),
        (Point::AfterReady, Fail, cause("code 3 before it had run")),
        (
            Point::HalfTask,
            Kill,
            cause("signal 9 (SIGKILL) before it had run"),
        ),
        (Point::BeforeClaim, Fail, cause("code 3 before it had run")),
        (Point::AfterClaim, Kill, EveryTask),
        (Point::HalfReply, Fail, EveryTask),
    ];
    alone(|| {
        run_all(&pairs.map(|(point, action, cost)| Case {
            everybody: true,
            ..Case::new(point, action, cost)
        }));
    });
}

/// A worker that closes its output and has nothing to do finds nothing out; the pool kills it when its
/// time is up.
#[test]
fn when_it_says_nothing_more() {
    alone(|| {
        run_all(&[Case {
            workers: 1,
            visit: TASKS,
            ..Case::new(Point::AfterReply, CloseOutput, WhatItBegins)
        }]);
    });
}

/// The pool gives up on a worker that does not leave.
#[test]
fn when_it_is_stopped_and_nobody_sees_to_it() {
    alone(|| {
        let points = [
            Point::BeforeHello,
            Point::AfterHello,
            Point::HalfReady,
            Point::OnShutdown,
        ];
        let before = Footprint::now();
        thread::scope(|scope| {
            for point in points {
                scope.spawn(move || run(&Case::new(point, StopUnseen, Nothing)));
            }
        });
        assert_nothing_left(&before);
    });
}

/// So that no edit of the lists above takes cases out unseen.
#[test]
fn the_table_is_whole() {
    let pairs = all().into_iter().map(|case| {
        let Case { point, action, .. } = case;
        format!("{point:?} {action:?}")
    });
    assert_eq!(
        (pairs.collect::<BTreeSet<_>>().len(), all().len()),
        (140, 344)
    );
}
