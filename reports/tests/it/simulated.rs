//! Simulated paired runs, from fixed seeds: how often an interval holds the truth, and how often a verdict is false.
//!
//! Times are log-normal. Every launch has a ratio of its own, a little off the true one; each time is disturbed by itself;
//! and the machine grows slower by a fifth while the run lasts, which the mirrored blocks are to cancel.

use reports::statistics::{Bootstrap, Generator, smallest_reachable_p};
use reports::{Doubt, Effect, LEAST_LAUNCHES, Pair, Terms, Verdict, judge};

/// The full run's shape.
const LAUNCHES: usize = 10;
const BLOCKS: usize = 12;

/// Far fewer draws than a page has; the interval's ends wobble more, its coverage hardly.
const DRAWS: usize = 500;

/// How noisy a simulated machine is, as standard deviations of logarithms.
#[derive(Clone, Copy)]
struct Noise {
    launch: f64,
    time: f64,
}

/// What most cells of the suite show on a quiet machine: launches differ by a per cent, single times by three.
const STATED: Noise = Noise {
    launch: 0.01,
    time: 0.03,
};

/// One run in which the time is `ratio` times the reference's.
fn run(generator: &mut Generator, ratio: f64, noise: Noise) -> Vec<Vec<Pair>> {
    let drift = 1.2f64.ln() / (LAUNCHES * BLOCKS * 2) as f64;
    let mut elapsed = 0.0;
    let launches = (0..LAUNCHES).map(|_| {
        let of_launch = ratio.ln() + noise.launch * generator.normal();
        let blocks = (0..BLOCKS).map(|block| {
            let mut time = |log: f64| {
                elapsed += drift;
                1e6 * (log + elapsed + noise.time * generator.normal()).exp()
            };
            if block % 2 == 0 {
                let own_ns = time(of_launch);
                Pair {
                    own_ns,
                    reference_ns: time(0.0),
                }
            } else {
                let reference_ns = time(0.0);
                Pair {
                    own_ns: time(of_launch),
                    reference_ns,
                }
            }
        });
        blocks.collect()
    });
    launches.collect()
}

fn effect(launches: &[Vec<Pair>], seed: u64) -> Effect {
    let bootstrap = Bootstrap { draws: DRAWS, seed };
    Effect::of(launches, bootstrap).expect("there are launches")
}

/// The verdict of a comparison that is the only one, in a run whose control has the same noise.
fn verdict(generator: &mut Generator, ratio: f64, noise: Noise) -> Verdict {
    let control = effect(&run(generator, 1.0, noise), 1);
    let effect = effect(&run(generator, ratio, noise), 2);
    let terms = Terms {
        margin: Terms::MARGIN,
        floor: control.floor(),
        corrected_p: effect.p,
        compared: 1,
    };
    judge(Some(&effect), &terms)
}

fn coverage(noise: Noise, seed: u64) -> f64 {
    const RUNS: u32 = 1_000;
    let mut generator = Generator::new(seed);
    let held = (0..RUNS).filter(|number| {
        let truth = 1.3;
        let ratio = effect(&run(&mut generator, truth, noise), u64::from(*number)).ratio;
        ratio.low <= truth && truth <= ratio.high
    });
    held.count() as f64 / f64::from(RUNS)
}

#[test]
fn the_interval_holds_the_truth_as_often_as_it_says() {
    // As stated; where launches are all the noise; and where single times are.
    let noises = [(0.01, 0.03), (0.05, 0.02), (0.0, 0.05)];
    for (place, (launch, time)) in noises.into_iter().enumerate() {
        let share = coverage(Noise { launch, time }, 11 + place as u64);
        assert!((0.92..=0.97).contains(&share), "{launch} {time}: {share}");
        println!("launches {launch}, times {time}: {share}");
    }
}

#[test]
fn a_thing_against_itself_is_faster_or_slower_in_six_runs_of_a_hundred_at_most() {
    let louder = Noise {
        launch: 0.05,
        time: 0.1,
    };
    for (noise, seed) in [(STATED, 21), (louder, 22)] {
        let mut generator = Generator::new(seed);
        let alarms = (0..200).filter(|number| {
            let control = effect(&run(&mut generator, 1.0, noise), *number);
            // The hardest case: no control of its own, no margin, no other comparison.
            let terms = Terms {
                margin: 1.0,
                floor: 1.0,
                corrected_p: control.p,
                compared: 1,
            };
            matches!(
                judge(Some(&control), &terms),
                Verdict::Faster | Verdict::Slower
            )
        });
        let alarms = alarms.count();
        assert!(alarms <= 12, "{alarms} of 200");
        println!("{alarms} of 200");
    }
}

#[test]
fn a_planted_slow_down_of_ten_per_cent_is_found() {
    let mut generator = Generator::new(31);
    let found = (0..200).filter(|_| verdict(&mut generator, 1.1, STATED) == Verdict::Slower);
    let found = found.count();
    assert!(found >= 190, "{found} of 200");
    println!("{found} of 200");
}

#[test]
fn a_planted_slow_down_of_one_per_cent_is_no_difference() {
    let mut generator = Generator::new(41);
    for _ in 0..200 {
        let verdict = verdict(&mut generator, 1.01, STATED);
        let claims_one = matches!(verdict, Verdict::Faster | Verdict::Slower);
        assert!(!claims_one, "{verdict:?}");
    }
}

/// What the launches of a run take, each with an offset of its own: nothing is paired.
fn medians(generator: &mut Generator, ratio: f64, noise: f64) -> Vec<f64> {
    let launches = (0..LAUNCHES).map(|_| 1e6 * (ratio.ln() + noise * generator.normal()).exp());
    launches.collect()
}

/// How often two runs of the same noise, the second `ratio` times as long, get a verdict that is not wanted.
fn unwanted(seed: u64, ratio: f64, margin: f64, is_wanted: impl Fn(Verdict) -> bool) -> usize {
    let mut generator = Generator::new(seed);
    let unwanted = (0..200).filter(|number| {
        let [then, now] = [1.0, ratio].map(|ratio| medians(&mut generator, ratio, 0.02));
        let bootstrap = Bootstrap {
            draws: DRAWS,
            seed: *number,
        };
        let effect = Effect::unpaired(&now, &then, bootstrap).expect("there are launches");
        let terms = Terms {
            margin,
            floor: 1.0,
            corrected_p: effect.p,
            compared: 1,
        };
        !is_wanted(judge(Some(&effect), &terms))
    });
    unwanted.count()
}

#[test]
fn two_runs_of_the_same_thing_differ_in_six_of_a_hundred_at_most() {
    let is_no_alarm = |verdict| !matches!(verdict, Verdict::Faster | Verdict::Slower);
    let alarms = unwanted(61, 1.0, 1.0, is_no_alarm);
    assert!(alarms <= 12, "{alarms} of 200");
}

#[test]
fn a_slow_down_of_ten_per_cent_is_found_between_two_runs() {
    let missed = unwanted(62, 1.1, Terms::MARGIN, |verdict| verdict == Verdict::Slower);
    assert!(missed <= 10, "{missed} of 200");
}

#[test]
fn few_launches_are_explained_and_decide_nothing() {
    let mut generator = Generator::new(51);
    let launches = run(&mut generator, 3.0, STATED);
    let of = |count: usize, compared| {
        let bootstrap = Bootstrap {
            draws: DRAWS,
            seed: 1,
        };
        let effect = Effect::of(&launches[..count], bootstrap);
        let p = effect.map_or(1.0, |effect| effect.p);
        let terms = Terms {
            margin: 1.05,
            floor: 1.0,
            corrected_p: p,
            compared,
        };
        judge(effect.as_ref(), &terms)
    };
    let too_few = |launches| Doubt::TooFewLaunches {
        launches,
        smallest_p: smallest_reachable_p(launches),
    };
    assert_eq!(of(0, 1), Verdict::CannotTell(Doubt::NotMeasured));
    for count in 1..LEAST_LAUNCHES {
        let doubt = too_few(count);
        assert_eq!(of(count, 1), Verdict::CannotTell(doubt));
    }
    assert_eq!(of(LEAST_LAUNCHES, 1), Verdict::Slower);
    let doubt = Doubt::OutOfReach {
        launches: 6,
        smallest_p: 0.03125,
        compared: 12,
    };
    assert_eq!(of(6, 12), Verdict::CannotTell(doubt));
    let says = [
        (Doubt::NotMeasured, "no launch has measured both"),
        (
            too_few(1),
            "1 launch, and no verdict is given below 6: the smallest p that one can reach is 1.00",
        ),
        (
            too_few(2),
            "2 launches, and no verdict is given below 6: the smallest p that they can reach is 0.500",
        ),
        (
            doubt,
            "the smallest p that 6 launches can reach is 0.0312, and the first of 12 comparisons needs 0.00417",
        ),
    ];
    for (doubt, text) in says {
        assert_eq!(doubt.to_string(), text);
    }
}

#[test]
fn times_that_are_no_times_are_left_out() {
    let broken = [0.0, f64::NAN, f64::INFINITY, -1.0];
    let pairs = broken.map(|own_ns| Pair {
        own_ns,
        reference_ns: 1.0,
    });
    let bootstrap = Bootstrap {
        draws: DRAWS,
        seed: 1,
    };
    assert_eq!(Effect::of(&[pairs.to_vec()], bootstrap), None);
    assert_eq!(Effect::of(&[vec![], vec![]], bootstrap), None);
}
