//! The runner of properties: kept seeds, the number of cases, and the guard against vacuity.

use std::any::type_name_of_val;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::env;
use std::fmt::Debug;
use std::fs;
use std::path::Path;

use proptest::strategy::Strategy;
use proptest::test_runner::{Config, FileFailurePersistence, TestCaseResult, TestRunner};

use crate::watchdog::watch_as;

const CASES: u32 = 128;

/// How many where a case builds pools.
const CASES_WITH_POOLS: u32 = 48;

/// Of as many cases as a run asks for, one in so many is enough where a case builds pools.
const SHARE_WITH_POOLS: u32 = 8;

/// One in how many cases must reach each interesting branch.
const ONE_IN: usize = 10;

/// The branches that cases came to.
#[derive(Default)]
pub(crate) struct Reached {
    cases: usize,
    branches: BTreeMap<&'static str, usize>,
}

/// What a case says where it has been.
pub(crate) struct Case<'r> {
    reached: &'r RefCell<Reached>,
    seen: RefCell<Vec<&'static str>>,
}

impl Case<'_> {
    /// The case came to this branch; counted once a case.
    pub(crate) fn reached(&self, branch: &'static str) {
        if !self.seen.borrow().contains(&branch) {
            self.seen.borrow_mut().push(branch);
            *self
                .reached
                .borrow_mut()
                .branches
                .entry(branch)
                .or_default() += 1;
        }
    }

    /// As `reached`, on a condition.
    pub(crate) fn reached_if(&self, condition: bool, branch: &'static str) {
        if condition {
            self.reached(branch);
        }
    }
}

/// A property: the file of its seeds, and the branches that its cases must come to.
pub(crate) struct Property {
    /// A name in `proptest-regressions`. Properties of one topic share it, and each replays all.
    pub(crate) seeds: &'static str,
    pub(crate) branches: &'static [&'static str],
    /// Whether each case costs more than usual, so that there are fewer.
    pub(crate) builds_pools: bool,
}

impl Property {
    pub(crate) const fn new(seeds: &'static str, branches: &'static [&'static str]) -> Property {
        Property {
            seeds,
            branches,
            builds_pools: false,
        }
    }

    /// For cases that build pools of their own: threads start with each of them, and processes on
    /// some executors, so there are fewer.
    pub(crate) const fn with_pools(self) -> Property {
        Property {
            builds_pools: true,
            ..self
        }
    }

    fn path(&self) -> &'static str {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/proptest-regressions");
        // Two words of memory per property, for the runner wants a path that lives forever.
        Box::leak(format!("{folder}/{}.txt", self.seeds).into_boxed_str())
    }

    fn config(&self) -> Config {
        let mut config = Config::default();
        let is_asked = env::var_os("PROPTEST_CASES").is_some();
        config.cases = match (is_asked, self.builds_pools) {
            (false, false) => CASES,
            (false, true) => CASES_WITH_POOLS,
            (true, false) => config.cases,
            (true, true) => config.cases.div_ceil(SHARE_WITH_POOLS),
        };
        config.failure_persistence = Some(Box::new(FileFailurePersistence::Direct(self.path())));
        config
    }

    /// Runs the cases; panics with the smallest that fails, or if a branch was not reached enough.
    pub(crate) fn check<S>(&self, strategy: S, test: impl Fn(&Case<'_>, S::Value) -> TestCaseResult)
    where
        S: Strategy,
        S::Value: Debug,
    {
        let reached = self.run(self.config(), &strategy, test);
        for branch in self.branches {
            let count = reached.branches.get(branch).copied().unwrap_or(0);
            println!("{count} of {} cases reached: {branch}", reached.cases);
            assert!(
                count * ONE_IN >= reached.cases,
                "only {count} of {} cases reached: {branch}",
                reached.cases
            );
        }
    }

    /// As `check`, under the watchdog.
    pub(crate) fn watched<S>(
        &'static self,
        strategy: S,
        test: impl Fn(&Case<'_>, S::Value) -> TestCaseResult + Send + 'static,
    ) where
        S: Strategy + Send + 'static,
        S::Value: Debug,
    {
        watch_as(type_name_of_val(&test), move || self.check(strategy, test));
    }

    fn run<S>(
        &self,
        config: Config,
        strategy: &S,
        test: impl Fn(&Case<'_>, S::Value) -> TestCaseResult,
    ) -> Reached
    where
        S: Strategy,
        S::Value: Debug,
    {
        let reached = RefCell::new(Reached::default());
        let result = TestRunner::new(config).run(strategy, |value| {
            reached.borrow_mut().cases += 1;
            let case = Case {
                reached: &reached,
                seen: RefCell::default(),
            };
            test(&case, value)
        });
        if let Err(failure) = result {
            panic!("{failure}");
        }
        reached.into_inner()
    }
}

/// With no case of its own, a property runs as many as its file holds seeds.
#[test]
fn kept_seeds_are_replayed() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/proptest-regressions");
    let mut files = 0;
    for entry in fs::read_dir(folder).expect("the folder of kept seeds") {
        let path = entry.expect("a file of kept seeds").path();
        let kept = kept_in(&path);
        assert!(kept > 0, "{} keeps no seed", path.display());
        let name = path
            .file_stem()
            .and_then(|stem| stem.to_str())
            .expect("a name");
        let property = Property::new(Box::leak(name.into()), &[]);
        let config = Config {
            cases: 0,
            ..property.config()
        };
        let reached = property.run(config, &proptest::num::u64::ANY, |_, _| Ok(()));
        assert_eq!(reached.cases, kept, "{name}");
        files += 1;
    }
    assert!(files > 0);
}

fn kept_in(path: &Path) -> usize {
    let text = fs::read_to_string(path).expect("a text of kept seeds");
    text.lines().filter(|line| line.starts_with("cc ")).count()
}

/// The guard itself: a branch that no case comes to fails the property.
#[test]
#[should_panic(expected = "cases reached: the moon")]
fn a_branch_that_is_not_reached_fails_the_property() {
    let property = Property::new("waiting", &["anything", "the moon"]);
    property.check(proptest::num::u64::ANY, |case, _| {
        case.reached("anything");
        Ok(())
    });
}
