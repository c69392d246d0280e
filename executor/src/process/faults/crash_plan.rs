//! Crash plans: any number of workers and tasks, any step, any signal or exit.
//!
//! A struck pool is compared with what its futures must say, case by case as in the table. The
//! property fails if fewer than a tenth of the cases came to each branch that makes it interesting.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use proptest::prelude::{Just, any};
use proptest::sample::select;
use proptest::strategy::{Strategy, Union};
use proptest::test_runner::{Config, FileFailurePersistence, TestRunner};

use super::alone::{Footprint, alone_with};
use super::case::{Case, Cost, TASKS, assert_nothing_left, run};
use super::{Action, Point};

/// How many cases; an eighth of what `PROPTEST_CASES` says, if it says anything, for each builds a pool.
const CASES: u32 = 128;
const SHARE: u32 = 8;

/// What so many cases may take.
const LIMIT_OF_ALL: Duration = Duration::from_secs(600);

/// Longer than any case takes, but for a stopped worker that nobody sees to.
const LIMIT: Duration = Duration::from_secs(30);

const BRANCHES: [&str; 5] = [
    "nothing lost",
    "a task lost",
    "replaced",
    "one worker",
    "sent ahead",
];

/// What a death at a point costs.
fn cost_at(point: Point) -> Cost {
    match point {
        Point::AfterClaim | Point::DuringRun | Point::BeforeReply | Point::HalfReply => {
            Cost::TheTask
        }
        _ => Cost::Nothing,
    }
}

fn cases() -> impl Strategy<Value = Case> {
    let actions = [
        Action::Kill,
        Action::Fail,
        Action::Leave,
        Action::StopForGood,
    ];
    let depths = Union::new([Just(0).boxed(), (1..=255_usize).boxed()]);
    let ballast = Union::new([Just(0).boxed(), (0..200_000_usize).boxed()]);
    let plan = (
        select(Point::ALL.to_vec()),
        select(actions.to_vec()),
        1..=3_u32,
    );
    (plan, 1..=4_usize, depths, ballast, any::<bool>()).prop_map(
        |((point, action, visit), workers, prefetch, ballast, initializes)| {
            // What is sent ahead is read in one piece; and eight tasks are to be enough for one
            // worker to come there so often.
            let is_once = !point.comes_with_each_task() || point == Point::HalfTask;
            let visit = if is_once {
                1
            } else {
                visit.min(TASKS / workers as u32)
            };
            // Half of a frame that brings a descriptor can't be read without it.
            let ballast = if point == Point::HalfTask { 0 } else { ballast };
            Case {
                visit,
                workers,
                prefetch,
                ballast,
                initializes: initializes && point != Point::BeforeReply,
                ..Case::new(point, action, cost_at(point))
            }
        },
    )
}

/// Where the seeds of cases that once failed are kept, which come first from then on.
const SEEDS: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/tests/it/proptest-regressions/crash_plan.txt"
);

fn config() -> Config {
    let config = Config::default();
    let cases = match std::env::var_os("PROPTEST_CASES") {
        Some(_) => config.cases.div_ceil(SHARE),
        None => CASES,
    };
    Config {
        cases,
        failure_persistence: Some(Box::new(FileFailurePersistence::Direct(SEEDS))),
        ..config
    }
}

#[test]
fn a_crash_costs_what_the_worker_had_begun() {
    let config = config();
    let limit = LIMIT_OF_ALL * config.cases.div_ceil(CASES);
    alone_with(&[], limit, || {
        let harmless = Case::new(Point::OnShutdown, Action::Leave, Cost::Nothing);
        let before = Footprint::after(|| run(&harmless));
        let reached = RefCell::new(BTreeMap::<_, u32>::new());
        let count = config.cases;
        let result = TestRunner::new(config).run(&cases(), |case| {
            println!("{case}");
            let start = Instant::now();
            run(&case);
            assert_nothing_left(&before);
            assert!(start.elapsed() < LIMIT, "{case}: {:?}", start.elapsed());
            let is_so = [
                case.cost == Cost::Nothing,
                case.cost == Cost::TheTask,
                case.point != Point::OnShutdown,
                case.workers == 1,
                case.prefetch > 0,
            ];
            for (branch, is_so) in BRANCHES.into_iter().zip(is_so) {
                *reached.borrow_mut().entry(branch).or_default() += u32::from(is_so);
            }
            Ok(())
        });
        if let Err(failure) = result {
            panic!("{failure}");
        }
        for (branch, times) in reached.into_inner() {
            println!("{times} of {count} cases reached: {branch}");
            assert!(times * 10 >= count, "only {times} of {count}: {branch}");
        }
    });
}
