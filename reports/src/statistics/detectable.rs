//! The smallest difference that a run of so many launches could have seen.

use super::pseudo_median::walsh_averages;
use super::signed_rank::largest_significant;
use super::{Generator, median, student_interval};

/// So likely a difference of that size is found, which is what studies are planned by (Cohen, 1988).
pub const POWER: f64 = 0.8;

/// How many runs are simulated; the share that finds the difference is then known to a per cent or so.
const RUNS: usize = 1_000;

/// What a difference has to pass to be found.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Hurdles {
    /// The p of the signed-rank test has to be this at most.
    pub p: f64,
    /// Student's interval of this level has to lie on one side of zero.
    pub level: f64,
    /// The estimate has to be farther from zero than this.
    pub floor: f64,
}

/// The smallest difference that is found with probability [`POWER`], of launches that are normal and have that standard
/// deviation; `None` if none could be found, however large.
///
/// For Student's test alone it is (t₁₋α/₂ + t₀.₈) s/√n, with quantiles of n − 1 degrees of freedom (Zar, Biostatistical
/// Analysis, on the minimum detectable difference). The signed-rank test needs more where launches are few, and has no such
/// formula. So runs are simulated (Klotz, 1963, integrated for the same purpose): by how much would the launches of each
/// have to be moved to pass every hurdle? Each is passed from some shift on: the interval when its lower end is above zero,
/// the test when no more Walsh averages are below zero than it allows, the floor when the pseudo-median is above it. The
/// difference is the one that is enough for 80 % of the runs. They are the same for the same run, as the seed is fixed.
///
/// # Example
///
/// ```
/// use reports::statistics::{Hurdles, smallest_detectable};
///
/// let hurdles = Hurdles { p: 0.05, level: 0.95, floor: 0.0 };
/// let of_ten = smallest_detectable(0.02, 10, hurdles).unwrap();
/// // By the formula for Student's test alone, (2.262 + 0.883) 0.02 / √10 = 0.0199.
/// assert!(of_ten > 0.0199 && of_ten < 1.1 * 0.0199);
/// // Five launches can't reach a p of five per cent.
/// assert_eq!(smallest_detectable(0.02, 5, hurdles), None);
/// ```
#[must_use]
pub fn smallest_detectable(deviation: f64, launches: usize, hurdles: Hurdles) -> Option<f64> {
    let is_sound = deviation.is_finite() && deviation >= 0.0;
    let may_be_below = largest_significant(launches, hurdles.p).filter(|_| is_sound)?;
    let mut generator = Generator::new(1);
    let mut needed = Vec::with_capacity(RUNS);
    for _ in 0..RUNS {
        let run: Vec<f64> = (0..launches)
            .map(|_| deviation * generator.normal())
            .collect();
        let mut averages = walsh_averages(&run);
        let middle = median(&mut averages)?;
        let by_test = -averages.get(may_be_below)?;
        let by_interval = -student_interval(&run, hurdles.level)?.low;
        needed.push(by_test.max(by_interval).max(hurdles.floor - middle));
    }
    needed.sort_unstable_by(f64::total_cmp);
    needed.get((POWER * RUNS as f64) as usize).copied()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::statistics::{pseudo_median, signed_rank};

    /// The share of other simulated runs in which a difference passes every hurdle.
    fn found(difference: f64, deviation: f64, launches: usize, hurdles: Hurdles) -> f64 {
        const TRIED: usize = 2_000;
        let mut generator = Generator::new(77);
        let found = (0..TRIED).filter(|_| {
            let run: Vec<f64> = (0..launches)
                .map(|_| difference + deviation * generator.normal())
                .collect();
            let interval = student_interval(&run, hurdles.level).expect("two launches or more");
            let middle = pseudo_median(&run).expect("there are launches");
            signed_rank(&run) <= hurdles.p && interval.low > 0.0 && middle > hurdles.floor
        });
        found.count() as f64 / TRIED as f64
    }

    #[test]
    fn a_difference_of_that_size_is_found_in_eighty_runs_of_a_hundred() {
        // The full run alone and corrected for eleven, the quick one, more launches, and a floor that decides.
        let cases = [
            (10, 0.05, 0.0),
            (10, 0.05 / 11.0, 0.0),
            (6, 0.05, 0.0),
            (20, 0.05, 0.0),
            (10, 0.05, 0.05),
        ];
        for (launches, p, floor) in cases {
            let hurdles = Hurdles {
                p,
                level: 0.95,
                floor,
            };
            let smallest = smallest_detectable(0.03, launches, hurdles).expect("it can be reached");
            let share = found(smallest, 0.03, launches, hurdles);
            assert!(
                (share - POWER).abs() < 0.04,
                "{launches} {p} {floor}: {share}"
            );
            println!("{launches} launches, p {p}, floor {floor}: {smallest} is found in {share}");
        }
    }

    #[test]
    fn it_grows_with_the_deviation_alone_and_is_the_floor_without_one() {
        let of = |deviation, floor| {
            let hurdles = Hurdles {
                p: 0.05,
                level: 0.95,
                floor,
            };
            smallest_detectable(deviation, 10, hurdles).expect("it can be reached")
        };
        assert!((of(0.2, 0.0) / of(0.1, 0.0) - 2.0).abs() < 1e-9);
        assert_eq!(of(0.0, 0.03), 0.03);
        let not_finite = Hurdles {
            p: 0.05,
            level: 0.95,
            floor: 0.0,
        };
        assert_eq!(smallest_detectable(f64::NAN, 10, not_finite), None);
    }

    #[test]
    fn what_no_p_can_reach_is_never_found() {
        let hurdles = Hurdles {
            p: 0.05 / 12.0,
            level: 0.95,
            floor: 0.0,
        };
        assert_eq!(smallest_detectable(0.01, 8, hurdles), None);
        assert!(smallest_detectable(0.01, 9, hurdles).is_some());
    }
}
