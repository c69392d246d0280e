//! The table of faults: each point with each action that means something there.
//!
//! The groups run side by side, each in a process of its own, and within it one case after another;
//! so after each case threads, descriptors and children can be counted.
//!
//! What is not in the table: actions about a reply where there is none, and a worker that is stopped
//! before it is ready and stays so, which the pool gives half a minute.

use super::alone::{Footprint, alone};
use super::case::{Case, Cost, TASKS, run};
use super::{Action, Point};

use Action::{
    Close, CloseOutput, DoubleReply, Drip, Fail, Garbage, Kill, Leave, OverLong, Panic, Stop,
    StopForGood, Unclaimed, WrongId,
};
use Cost::{APanic, EveryTask, Nothing, ThePool, TheTask, TheTaskAndThePool, WhatItBegins};

/// Ways to end at once.
const DEATHS: [Action; 5] = [Panic, Leave, Fail, Kill, StopForGood];

/// What the pool must find out, while the worker goes on.
const OFFENCES: [Action; 5] = [CloseOutput, Close, Garbage, OverLong, WrongId];

/// How far tasks are sent ahead, and at which task the fault strikes then.
const DEPTHS: [(usize, u32); 3] = [(0, 1), (1, 2), (16, 3)];

/// The cases of a point: what a death there costs, and what an offence does.
fn cases_at(point: Point, death: Cost, offence: Cost) -> Vec<Case> {
    let mut pairs = vec![(Stop, Nothing)];
    pairs.extend(DEATHS.map(|action| (action, death)));
    pairs.extend(OFFENCES.map(|action| (action, offence)));
    match point {
        Point::BeforeClaim => pairs.push((Unclaimed, Nothing)),
        Point::DuringRun => pairs[1] = (Panic, APanic),
        Point::HalfReady | Point::HalfReply => pairs.push((Drip, Nothing)),
        Point::AfterReply => pairs.push((DoubleReply, WhatItBegins)),
        _ => {}
    }
    let pairs = pairs.into_iter();
    pairs
        .map(|(action, cost)| Case::new(point, action, cost))
        .collect()
}

/// The same cases with nothing, one task and many sent ahead.
fn at_all_depths(cases: Vec<Case>) -> Vec<Case> {
    let all = cases.into_iter().flat_map(|case| {
        DEPTHS.map(|(prefetch, visit)| Case {
            prefetch,
            // What is sent ahead arrives in one piece with the first.
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

/// Runs the cases one after another; after each, all must be as before.
fn run_all(cases: &[Case]) {
    let harmless = Case::new(Point::OnShutdown, Leave, Nothing);
    let before = Footprint::after(|| run(&harmless));
    for case in cases {
        println!("{case}");
        run(case);
        before.assert_restored();
    }
}

#[test]
fn before_the_greeting() {
    alone(|| run_all(&cases_at(Point::BeforeHello, Nothing, Nothing)));
}

#[test]
fn after_the_greeting() {
    alone(|| run_all(&cases_at(Point::AfterHello, Nothing, Nothing)));
}

#[test]
fn amid_the_word_that_it_is_ready() {
    alone(|| run_all(&cases_at(Point::HalfReady, Nothing, Nothing)));
}

#[test]
fn after_the_word_that_it_is_ready() {
    alone(|| run_all(&cases_at(Point::AfterReady, Nothing, WhatItBegins)));
}

#[test]
fn amid_the_frame_of_a_task() {
    let cases = || cases_at(Point::HalfTask, Nothing, WhatItBegins);
    alone(|| run_all(&at_all_depths(cases())));
}

#[test]
fn before_the_claim() {
    let cases = || cases_at(Point::BeforeClaim, Nothing, WhatItBegins);
    alone(|| run_all(&at_all_depths(cases())));
}

#[test]
fn after_the_claim() {
    let cases = || cases_at(Point::AfterClaim, TheTask, WhatItBegins);
    alone(|| run_all(&at_all_depths(cases())));
}

#[test]
fn amid_the_task() {
    let cases = || cases_at(Point::DuringRun, TheTask, WhatItBegins);
    alone(|| run_all(&at_all_depths(cases())));
}

#[test]
fn before_the_reply() {
    let cases = || cases_at(Point::BeforeReply, TheTask, WhatItBegins);
    alone(|| run_all(&at_all_depths(cases())));
}

#[test]
fn amid_the_reply() {
    let cases = || cases_at(Point::HalfReply, TheTask, WhatItBegins);
    alone(|| run_all(&at_all_depths(cases())));
}

#[test]
fn after_the_reply() {
    let cases = || cases_at(Point::AfterReply, Nothing, WhatItBegins);
    alone(|| run_all(&at_all_depths(cases())));
}

#[test]
fn when_it_is_told_to_leave() {
    alone(|| run_all(&cases_at(Point::OnShutdown, Nothing, Nothing)));
}

#[test]
fn with_a_payload_in_memory() {
    let ballast = 100_000;
    let pairs = [
        (Point::BeforeClaim, Kill, Nothing),
        (Point::BeforeClaim, StopForGood, Nothing),
        (Point::AfterClaim, Kill, TheTask),
        (Point::AfterClaim, Garbage, WhatItBegins),
        (Point::BeforeReply, Fail, TheTask),
        (Point::AfterReply, Kill, Nothing),
        (Point::AfterReply, DoubleReply, WhatItBegins),
    ];
    alone(|| {
        let cases = pairs.map(|(point, action, cost)| Case {
            ballast,
            ..Case::new(point, action, cost)
        });
        run_all(&at_all_depths(cases.to_vec()));
    });
}

#[test]
fn with_an_initializer() {
    let pairs = [
        (Point::AfterHello, Kill, Nothing),
        (Point::HalfTask, Kill, Nothing),
        (Point::BeforeReply, Kill, Nothing),
        (Point::BeforeReply, Garbage, Nothing),
        (Point::HalfReady, Fail, Nothing),
        (Point::HalfReady, Drip, Nothing),
        (Point::AfterReady, Panic, Nothing),
    ];
    alone(|| {
        run_all(&pairs.map(|(point, action, cost)| Case {
            initializes: true,
            ..Case::new(point, action, cost)
        }));
    });
}

#[test]
fn when_every_worker_has_it() {
    let cause = |text| ThePool(text);
    let pairs = [
        (Point::BeforeHello, Panic, cause("signal 6 before it was")),
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
            cause("signal 9 before it was ready"),
        ),
        (Point::AfterReady, Fail, cause("code 3 before it had run")),
        (Point::HalfTask, Kill, cause("signal 9 before it had run")),
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

#[test]
fn when_a_death_breaks_the_pool() {
    let deaths = [Panic, Leave, Fail, Kill, StopForGood];
    alone(|| {
        for point in [Point::AfterClaim, Point::BeforeReply] {
            run_all(&deaths.map(|action| Case::new(point, action, TheTaskAndThePool)));
        }
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
