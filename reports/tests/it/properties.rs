//! Random times and names: what intervals hold, and that whatever was measured can be shown. Times are as those
//! of a record that was read, in which what is no time is refused.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fmt::Debug;

use proptest::collection::vec;
use proptest::prelude::{Just, Strategy, any, prop_oneof};
use proptest::test_runner::{Config, FileFailurePersistence, TestCaseResult, TestRunner};
use proptest::{prop_assert, prop_assert_eq};
use reports::statistics::{Bootstrap, median, median_interval};
use reports::{Effect, Estimate, Measurement, Pair, Parameter, Report, markdown, page, verdicts};

use crate::data::environment;
use crate::html::Element;

/// Where the seeds of cases that once failed are kept, which come first from then on.
const SEEDS: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/tests/it/proptest-regressions.txt"
);

type Branches = BTreeMap<&'static str, bool>;

/// Runs the cases; fails with the smallest that does, or if fewer than a tenth came to a branch.
fn check<S>(strategy: S, test: impl Fn(&mut Branches, S::Value) -> TestCaseResult)
where
    S: Strategy,
    S::Value: Debug,
{
    let config = Config {
        failure_persistence: Some(Box::new(FileFailurePersistence::Direct(SEEDS))),
        ..Config::default()
    };
    let config = match std::env::var_os("PROPTEST_CASES") {
        Some(_) => config,
        None => Config {
            cases: 128,
            ..config
        },
    };
    let cases = config.cases;
    let reached = RefCell::new(BTreeMap::<_, u32>::new());
    let result = TestRunner::new(config).run(&strategy, |value| {
        let mut branches = Branches::new();
        test(&mut branches, value)?;
        for (branch, is_reached) in branches {
            *reached.borrow_mut().entry(branch).or_default() += u32::from(is_reached);
        }
        Ok(())
    });
    if let Err(failure) = result {
        panic!("{failure}");
    }
    for (branch, count) in reached.into_inner() {
        println!("{count} of {cases} cases reached: {branch}");
        assert!(count * 10 >= cases, "only {count} of {cases}: {branch}");
    }
}

fn time() -> impl Strategy<Value = f64> {
    1e-1..1e12_f64
}

fn pairs() -> impl Strategy<Value = Vec<Vec<Pair>>> {
    let pair = (1e2..1e9_f64, 1e2..1e9_f64).prop_map(|(own_ns, reference_ns)| Pair {
        own_ns,
        reference_ns,
    });
    vec(vec(pair, 1..5), 1..11)
}

fn effect(launches: &[Vec<Pair>]) -> Effect {
    let bootstrap = Bootstrap {
        draws: 500,
        seed: 5,
    };
    Effect::of(launches, bootstrap).expect("there are launches")
}

/// The launches with each pair changed.
fn with_each(launches: &[Vec<Pair>], change: impl Fn(&Pair) -> Pair) -> Vec<Vec<Pair>> {
    let change = |blocks: &Vec<Pair>| blocks.iter().map(&change).collect();
    launches.iter().map(change).collect()
}

#[test]
fn the_order_of_launches_and_blocks_changes_nothing() {
    check(pairs(), |branches, launches| {
        let mut reversed = launches.clone();
        reversed.reverse();
        for blocks in &mut reversed {
            blocks.reverse();
        }
        branches.insert("another order", reversed != launches);
        prop_assert_eq!(effect(&launches), effect(&reversed));
        Ok(())
    });
}

#[test]
fn a_clock_that_ticks_otherwise_changes_no_ratio() {
    let scale = (-3.0..3.0_f64).prop_map(|exponent| 10_f64.powf(exponent));
    check((pairs(), scale), |branches, (launches, scale)| {
        let scaled = with_each(&launches, |pair| Pair {
            own_ns: scale * pair.own_ns,
            reference_ns: scale * pair.reference_ns,
        });
        let (before, after) = (effect(&launches), effect(&scaled));
        prop_assert_eq!(before.p, after.p);
        let (a, b) = (before.ratio, after.ratio);
        for (a, b) in [(a.point, b.point), (a.low, b.low), (a.high, b.high)] {
            prop_assert!((a / b - 1.0).abs() < 1e-9);
        }
        branches.insert("a faster clock", scale > 1.0);
        branches.insert("a slower clock", scale < 1.0);
        Ok(())
    });
}

#[test]
fn what_is_faster_one_way_is_slower_the_other_way() {
    check(pairs(), |branches, launches| {
        let swapped = with_each(&launches, |pair| Pair {
            own_ns: pair.reference_ns,
            reference_ns: pair.own_ns,
        });
        let (one, other) = (effect(&launches), effect(&swapped));
        prop_assert!((one.ratio.point * other.ratio.point - 1.0).abs() < 1e-9);
        prop_assert_eq!(one.p, other.p);
        prop_assert!((one.wins + other.wins - 1.0).abs() < 1e-9);
        branches.insert("faster", one.ratio.point < 1.0);
        branches.insert("slower", one.ratio.point > 1.0);
        Ok(())
    });
}

#[test]
fn an_interval_holds_its_estimate() {
    check((pairs(), any::<u64>()), |branches, (launches, seed)| {
        let bootstrap = Bootstrap { draws: 100, seed };
        let own: Vec<f64> = launches.iter().map(|blocks| blocks[0].own_ns).collect();
        let reference = launches.iter().map(|blocks| blocks[0].reference_ns);
        let reference: Vec<f64> = reference.collect();
        let paired = Effect::of(&launches, bootstrap).expect("there are launches");
        let unpaired = Effect::unpaired(&own, &reference, bootstrap).expect("there are launches");
        for effect in [paired, unpaired] {
            let ratio = effect.ratio;
            prop_assert!(
                ratio.low <= ratio.point && ratio.point <= ratio.high,
                "{effect:?}"
            );
        }
        let mut own = own;
        let middle = median(&mut own).expect("there are times");
        let interval = median_interval(&mut own, 0.95);
        prop_assert!(interval.is_none_or(|it| it.low <= middle && middle <= it.high));
        branches.insert("too few launches for a verdict", launches.len() < 6);
        branches.insert("enough launches", launches.len() >= 6);
        Ok(())
    });
}

#[test]
fn an_interval_of_ninety_per_cent_lies_in_that_of_ninety_five() {
    check((pairs(), any::<u64>()), |branches, (launches, seed)| {
        let bootstrap = Bootstrap { draws: 500, seed };
        let own: Vec<f64> = launches.iter().map(|blocks| blocks[0].own_ns).collect();
        let reference = launches.iter().flatten().map(|pair| pair.reference_ns);
        let reference: Vec<f64> = reference.collect();
        let paired = Effect::of(&launches, bootstrap).expect("there are launches");
        let unpaired = Effect::unpaired(&own, &reference, bootstrap).expect("there are launches");
        for effect in [paired, unpaired] {
            let (wide, narrow) = (effect.ratio, effect.ninety);
            prop_assert!(
                wide.low <= narrow.low && narrow.low <= narrow.high && narrow.high <= wide.high,
                "{effect:?}"
            );
        }
        branches.insert("lists of two lengths", own.len() != reference.len());
        branches.insert("few launches", launches.len() < 6);
        Ok(())
    });
}

const HIDING: [char; 3] = ['\u{202e}', '\u{0}', '\u{feff}'];

/// Also the marks of the page's own language, and such as hide text or turn it.
fn name() -> impl Strategy<Value = String> {
    prop_oneof![
        2 => any::<String>(),
        2 => "[<>&\"'/;=\u{202e}\u{0}\u{feff} -]{0,12}",
        2 => "[ab](/[ab])?",
        1 => Just(Measurement::SEQUENTIAL.to_owned()),
    ]
}

fn measurement() -> impl Strategy<Value = Measurement> {
    let parameter = prop_oneof![
        Just(Parameter::None),
        any::<u32>().prop_map(Parameter::Workers),
        (0..4_u32).prop_map(Parameter::Workers),
        name().prop_map(Parameter::Other),
    ];
    let names = (name(), proptest::option::of(name()), name(), parameter);
    let times = (time(), time(), time(), 0.5..0.999_f64);
    let median = times.prop_map(|(one, another, third, level)| {
        let mut sorted = [one, another, third];
        sorted.sort_by(f64::total_cmp);
        let [low_ns, point_ns, high_ns] = sorted;
        Estimate {
            point_ns,
            low_ns,
            high_ns,
            level,
        }
    });
    let elements = prop_oneof![Just(None), (1..u64::MAX).prop_map(Some)];
    let times = (vec(time(), 1..12), median, elements);
    (names, times, any::<Option<u64>>()).prop_map(
        |((workload, variant, backend, parameter), (samples_ns, median, elements), measured_at)| {
            Measurement {
                workload,
                variant,
                backend,
                parameter,
                elements,
                samples_ns,
                median,
                measured_at,
            }
        },
    )
}

#[test]
fn whatever_was_measured_and_however_it_is_called_can_be_shown() {
    check(
        (vec(measurement(), 0..16), name()),
        |branches, (all, command)| {
            let mut environment = environment();
            environment.command = command;
            let mut workloads: Vec<_> = all.iter().map(|it| &it.workload).collect();
            workloads.sort();
            branches.insert(
                "one workload twice",
                workloads.windows(2).any(|it| it[0] == it[1]),
            );
            branches.insert(
                "a mark of the page's language",
                all.iter().any(|it| it.backend.contains('<')),
            );
            let count = all.len();
            let report = Report::new(all, Some(environment));
            prop_assert_eq!(report.rows().count(), count);
            let texts = markdown(&report) + &verdicts(&report);
            prop_assert!(!texts.contains(HIDING), "a mark that hides text");
            let html = page::render(&report);
            let root = Element::parse(&html);
            prop_assert!(root.named("script").is_empty());
            prop_assert!(!html.contains(HIDING), "a mark that hides text");
            for drawing in root.named("svg") {
                for (name, value) in drawing.all().into_iter().flat_map(Element::attributes) {
                    let is_number = [
                        "x", "y", "x1", "x2", "y1", "y2", "cx", "cy", "width", "height", "points",
                        "d",
                    ]
                    .contains(&name);
                    let is_broken = value.contains("NaN") || value.contains("inf");
                    prop_assert!(!is_number || !is_broken, "{} is {}", name, value);
                }
            }
            branches.insert("a drawing", !root.named("svg").is_empty());
            Ok(())
        },
    );
}
