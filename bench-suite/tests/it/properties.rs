//! Pi for any number of terms, cut into any number of parts, on any number of workers.

use std::cell::Cell;

use bench_suite::workload::pi::{expected, is_near_pi, on, partial, split};
use executor::{Executor, ProcessPoolExecutor, RayonExecutor, ThreadPoolExecutor};
use proptest::prop_oneof;
use proptest::test_runner::{Config, FileFailurePersistence, TestCaseResult, TestRunner};
use proptest::{prop_assert, prop_assert_eq};

/// Where the seeds of cases that once failed are kept, which come first from then on.
const SEEDS: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/tests/it/proptest-regressions.txt"
);

/// Terms and parts; at least a tenth of the cases must have more parts than terms, and as many parts that
/// are not equally long.
fn check(name: &str, cases: u32, test: impl Fn(u64, u64) -> TestCaseResult) {
    let mut config = Config {
        failure_persistence: Some(Box::new(FileFailurePersistence::Direct(SEEDS))),
        ..Config::default()
    };
    if std::env::var_os("PROPTEST_CASES").is_none() {
        config.cases = cases;
    }
    let cases = config.cases;
    let (scattered, uneven) = (Cell::new(0), Cell::new(0));
    let size = || prop_oneof![1..9_u64, 1..5_000_u64];
    let result = TestRunner::new(config).run(&(size(), size()), |(terms, parts)| {
        scattered.set(scattered.get() + u32::from(parts > terms));
        uneven.set(uneven.get() + u32::from(!terms.is_multiple_of(parts)));
        test(terms, parts)
    });
    if let Err(failure) = result {
        panic!("{failure}");
    }
    for (branch, count) in [("more parts than terms", scattered), ("uneven", uneven)] {
        let count = count.get();
        println!("{count} of {cases} cases reached: {branch}");
        assert!(
            count * 10 >= cases,
            "{name}: only {count} of {cases}: {branch}"
        );
    }
}

#[test]
fn parts_are_the_series_cut_and_their_sum_is_near_pi_by_the_terms_alone() {
    check("parts", 256, |terms, parts| {
        let mut next = 1;
        for (first, last) in split(terms, parts) {
            prop_assert_eq!(first, next);
            next = last + 1;
        }
        prop_assert_eq!(next, terms + 1);
        // The bound shrinks with the terms, and asks for all of them.
        prop_assert!(is_near_pi(expected(terms, parts), terms));
        prop_assert!(!is_near_pi(partial(1, terms.div_ceil(2) - 1), terms));
        let rounding = terms as f64 * f64::EPSILON;
        prop_assert!((expected(terms, parts) - partial(1, terms)).abs() <= rounding);
        Ok(())
    });
}

#[test]
fn every_executor_gives_the_same_to_the_bit_whatever_its_workers() {
    // Made once: a case is about the parts.
    let threads = [1, 3].map(|workers| ThreadPoolExecutor::new(workers).expect("threads"));
    let rayon = RayonExecutor::new(2).expect("rayon's threads");
    let processes = ProcessPoolExecutor::new(2).expect("processes");
    check("executors", 64, |terms, parts| {
        let parts = parts.min(200);
        let alone = expected(terms, parts).to_bits();
        for pool in &threads {
            prop_assert_eq!(bits(pool, terms, parts), alone, "threads");
        }
        prop_assert_eq!(bits(&rayon, terms, parts), alone, "rayon");
        prop_assert_eq!(bits(&processes, terms, parts), alone, "processes");
        Ok(())
    });
}

fn bits(pool: &impl Executor, terms: u64, parts: u64) -> u64 {
    on(pool, terms, parts).expect("a sum").to_bits()
}
