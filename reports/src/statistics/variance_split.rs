//! How much of the variance is between launches, and how much between the blocks of one, after Kalibera and Jones: it
//! says whether more launches or more blocks would narrow an interval.

use super::{mean, variance};

/// The two parts of the variance of a value that is measured in blocks of launches.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct VarianceSplit {
    /// Between launches, without what their blocks bring about; zero where the blocks explain all of it.
    pub launches: f64,
    /// Between the blocks of a launch.
    pub blocks: f64,
    /// How many blocks a launch has, on average.
    pub blocks_per_launch: f64,
}

impl VarianceSplit {
    /// Splits the variance of launches of blocks; `None` if there are no two launches, or none of them has two blocks.
    ///
    /// # Example
    ///
    /// ```
    /// use reports::statistics::VarianceSplit;
    ///
    /// // Launches differ by far more than the blocks of one.
    /// let launches = [vec![1.0, 1.1], vec![2.0, 2.1], vec![3.0, 3.1]];
    /// let split = VarianceSplit::of(&launches).unwrap();
    /// assert!(split.launch_share() > 0.99);
    /// assert!(split.with_twice_the_blocks() > 0.99);
    /// ```
    #[must_use]
    pub fn of(launches: &[Vec<f64>]) -> Option<Self> {
        let launches = || launches.iter().filter(|blocks| !blocks.is_empty());
        let means: Vec<f64> = launches().filter_map(|blocks| mean(blocks)).collect();
        let between = variance(&means)?;
        // Pooled, so that a launch counts by its blocks.
        let (squares, freedoms) = launches()
            .filter_map(|blocks| Some((variance(blocks)?, (blocks.len() - 1) as f64)))
            .fold((0.0, 0.0), |(squares, freedoms), (variance, freedom)| {
                (squares + variance * freedom, freedoms + freedom)
            });
        let all: usize = launches().map(Vec::len).sum();
        let blocks_per_launch = all as f64 / means.len() as f64;
        let blocks = (freedoms > 0.0).then(|| squares / freedoms)?;
        Some(Self {
            launches: (between - blocks / blocks_per_launch).max(0.0),
            blocks,
            blocks_per_launch,
        })
    }

    /// The share of the variance of a launch's mean that more blocks can't reduce; zero if nothing varies.
    #[must_use]
    pub fn launch_share(&self) -> f64 {
        let all = self.of_a_mean(1.0);
        if all > 0.0 { self.launches / all } else { 0.0 }
    }

    /// To what share twice as many blocks would narrow an interval. Twice as many launches narrow any to 0.71.
    #[must_use]
    pub fn with_twice_the_blocks(&self) -> f64 {
        let all = self.of_a_mean(1.0);
        if all > 0.0 {
            (self.of_a_mean(2.0) / all).sqrt()
        } else {
            1.0
        }
    }

    /// The variance of a launch's mean, if it had so many times its blocks.
    fn of_a_mean(&self, times: f64) -> f64 {
        self.launches + self.blocks / (times * self.blocks_per_launch)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::statistics::Generator;

    /// Launches and blocks of these standard deviations; sums of twelve uniform numbers are near enough to normal ones.
    fn drawn(launch: f64, block: f64, seed: u64) -> Vec<Vec<f64>> {
        let mut generator = Generator::new(seed);
        let mut normal = move || (0..12).map(|_| generator.unit()).sum::<f64>() - 6.0;
        let launches = (0..400).map(|_| {
            let of_launch = launch * normal();
            (0..12).map(|_| of_launch + block * normal()).collect()
        });
        launches.collect()
    }

    #[test]
    fn both_parts_are_found_again() {
        let split = VarianceSplit::of(&drawn(0.02, 0.05, 3)).expect("there are launches");
        assert!(
            (split.launches.sqrt() / 0.02 - 1.0).abs() < 0.1,
            "{split:?}"
        );
        assert!((split.blocks.sqrt() / 0.05 - 1.0).abs() < 0.05, "{split:?}");
        assert_eq!(split.blocks_per_launch, 12.0);
    }

    #[test]
    fn twice_the_blocks_help_as_far_as_blocks_are_the_noise() {
        let with_twice = |launch, block| {
            let split = VarianceSplit::of(&drawn(launch, block, 5)).expect("there are launches");
            split.with_twice_the_blocks()
        };
        // As much as twice the launches would, and not at all.
        assert!((with_twice(0.0, 0.05) - 0.5_f64.sqrt()).abs() < 0.05);
        assert!(with_twice(0.05, 0.005) > 0.99);
    }

    #[test]
    fn what_does_not_vary_has_no_share_and_what_is_not_repeated_no_split() {
        let still = VarianceSplit::of(&[vec![1.0, 1.0], vec![1.0, 1.0]]).expect("two of two");
        assert_eq!(
            (still.launch_share(), still.with_twice_the_blocks()),
            (0.0, 1.0)
        );
        assert_eq!(VarianceSplit::of(&[vec![1.0, 2.0]]), None);
        assert_eq!(VarianceSplit::of(&[vec![1.0], vec![2.0]]), None);
        assert_eq!(VarianceSplit::of(&[]), None);
    }
}
