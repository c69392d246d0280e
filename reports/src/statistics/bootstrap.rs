//! The hierarchical bootstrap: launches are drawn with replacement, and in each of them its blocks.
//!
//! Blocks of one launch resemble each other more than blocks of two, so that to draw blocks alone would make intervals too
//! narrow. To draw both counts the blocks' noise twice, since the launches' means have it already: where that is most of
//! the noise, 98 of 100 intervals of 95 % held the truth when it was tried. So the launches' means are first drawn together
//! by what the blocks explain (Davison and Hinkley, 1997, section 3.8). With ten launches the percentile interval still is
//! a little narrow, which is why the wider of it and Student's is shown.

use super::{Generator, Interval, mean, pseudo_median, variance};

/// How a bootstrap is made; it has to be recorded with what came of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bootstrap {
    /// How many times to draw.
    pub draws: usize,
    /// The seed of the draws.
    pub seed: u64,
}

/// What the draws gave, sorted.
#[derive(Debug, Clone, PartialEq)]
pub struct Replicates(Vec<f64>);

impl Bootstrap {
    /// As many draws as the page's numbers are made with.
    pub const DRAWS: usize = 10_000;

    /// Draws the pseudo-median of the launches' means; `None` without launches, or if one of them is empty.
    #[must_use]
    pub fn pseudo_median_of_means(self, launches: &[Vec<f64>]) -> Option<Replicates> {
        self.hierarchical(&drawn_together(launches)?, mean, pseudo_median)
    }

    /// Draws launches, and blocks in each, and reduces them: `within` the blocks of a launch, `across` the launches. Both
    /// are never given an empty slice. `None` without launches, or if one of them is empty.
    #[must_use]
    pub fn hierarchical(
        self,
        launches: &[Vec<f64>],
        within: impl Fn(&[f64]) -> Option<f64>,
        across: impl Fn(&[f64]) -> Option<f64>,
    ) -> Option<Replicates> {
        if launches.is_empty() || launches.iter().any(Vec::is_empty) {
            return None;
        }
        let mut generator = Generator::new(self.seed);
        let (mut of_launches, mut blocks) = (Vec::new(), Vec::new());
        let mut replicates = Vec::with_capacity(self.draws);
        for _ in 0..self.draws {
            of_launches.clear();
            for _ in launches {
                let launch = &launches[generator.below(launches.len())];
                blocks.clear();
                blocks.extend(launch.iter().map(|_| launch[generator.below(launch.len())]));
                of_launches.push(within(&blocks)?);
            }
            replicates.push(across(&of_launches)?);
        }
        Replicates::of(replicates)
    }

    /// Draws each list with replacement, and reduces what was drawn. `None` if a list is empty.
    pub(super) fn draw(
        self,
        lists: &[&[f64]],
        reduce: impl Fn(&[Vec<f64>]) -> Option<f64>,
    ) -> Option<Replicates> {
        if lists.iter().any(|list| list.is_empty()) {
            return None;
        }
        let mut generator = Generator::new(self.seed);
        let mut drawn: Vec<Vec<f64>> = lists.iter().map(|list| list.to_vec()).collect();
        let mut replicates = Vec::with_capacity(self.draws);
        for _ in 0..self.draws {
            for (drawn, list) in drawn.iter_mut().zip(lists) {
                drawn.fill_with(|| list[generator.below(list.len())]);
            }
            replicates.push(reduce(&drawn)?);
        }
        Replicates::of(replicates)
    }
}

/// The launches, their means nearer to each other, so that these and the blocks have the variance that the means had.
fn drawn_together(launches: &[Vec<f64>]) -> Option<Vec<Vec<f64>>> {
    let means: Option<Vec<f64>> = launches.iter().map(|blocks| mean(blocks)).collect();
    let means = means?;
    let centre = mean(&means)?;
    let of_means = launches.iter().filter_map(|blocks| {
        let of_blocks = variance(blocks)?;
        Some(of_blocks / blocks.len() as f64)
    });
    let of_means: Vec<f64> = of_means.collect();
    let explained = mean(&of_means).zip(variance(&means));
    let kept = match explained {
        Some((by_blocks, all)) if all > 0.0 => (1.0 - by_blocks / all).max(0.0).sqrt(),
        // One launch, one block in each, or no difference: nothing is counted twice.
        _ => 1.0,
    };
    let moved = launches.iter().zip(&means).map(|(blocks, own)| {
        let by = (1.0 - kept) * (centre - own);
        blocks.iter().map(|value| value + by).collect()
    });
    Some(moved.collect())
}

impl Replicates {
    /// Sorts them; `None` if there are none.
    fn of(mut replicates: Vec<f64>) -> Option<Self> {
        replicates.sort_unstable_by(f64::total_cmp);
        (!replicates.is_empty()).then_some(Self(replicates))
    }

    /// The percentile interval: what is left when both tails outside of `level` are cut off.
    #[must_use]
    pub fn interval(&self, level: f64) -> Interval {
        let tail = (1.0 - level) / 2.0;
        Interval {
            low: self.quantile(tail),
            high: self.quantile(1.0 - tail),
        }
    }

    /// Linear between the two nearest replicates.
    fn quantile(&self, probability: f64) -> f64 {
        let place = probability.clamp(0.0, 1.0) * (self.0.len() - 1) as f64;
        let (low, high) = (place.floor() as usize, place.ceil() as usize);
        self.0[low] + place.fract() * (self.0[high] - self.0[low])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FEW: Bootstrap = Bootstrap {
        draws: 2_000,
        seed: 1,
    };

    #[test]
    fn the_same_seed_draws_the_same_interval() {
        let launches = vec![vec![1.0, 2.0, 4.0], vec![2.0, 3.0, 3.0]];
        let interval = |seed| {
            let bootstrap = Bootstrap { seed, ..FEW };
            let drawn = bootstrap.pseudo_median_of_means(&launches);
            drawn.expect("there are launches").interval(0.95)
        };
        assert_eq!(interval(7), interval(7));
        assert_ne!(interval(7), interval(8));
    }

    #[test]
    fn launches_that_differ_widen_the_interval_and_blocks_alone_do_not_hide_it() {
        // The same ten values: once as launches that agree, once as launches that do not.
        let agree = vec![vec![0.0, 1.0]; 5];
        let differ = [vec![vec![0.0, 0.0]; 2], vec![vec![1.0, 1.0]; 3]].concat();
        let width = |launches: &[Vec<f64>]| {
            let drawn = FEW.pseudo_median_of_means(launches);
            let interval = drawn.expect("there are launches").interval(0.95);
            interval.high - interval.low
        };
        assert!(width(&differ) > 1.2 * width(&agree));
    }

    #[test]
    fn the_mean_s_replicates_have_the_variance_that_theory_gives_them() {
        // One launch of the values 0 and 1, n of each: the mean of 2n draws has the variance 1/(8n).
        let launch = [vec![0.0; 50], vec![1.0; 50]].concat();
        let drawn = FEW.hierarchical(&[launch], mean, mean);
        let Replicates(means) = drawn.expect("there is a launch");
        let squares: Vec<f64> = means.iter().map(|m| (m - 0.5).powi(2)).collect();
        let variance = mean(&squares).expect("there are draws");
        assert!((variance - 1.0 / 400.0).abs() < 2e-4, "{variance}");
    }

    #[test]
    fn launches_come_together_by_what_their_blocks_explain() {
        // By hand: means 0 and 4, variance 8; the means' variance by the blocks 2/2 = 1; kept is the root of 7/8.
        let together = drawn_together(&[vec![-1.0, 1.0], vec![3.0, 5.0]]).expect("two launches");
        let kept = 0.875f64.sqrt();
        let expected = [
            [1.0 - 2.0 * kept, 3.0 - 2.0 * kept],
            [1.0 + 2.0 * kept, 3.0 + 2.0 * kept],
        ];
        for (got, expected) in together.concat().iter().zip(expected.concat()) {
            assert!((got - expected).abs() < 1e-12, "{together:?}");
        }
        // The blocks explain more than there is: one centre.
        let together = drawn_together(&[vec![-9.0, 9.0], vec![-8.0, 10.0]]).expect("two launches");
        assert_eq!(mean(&together[0]), mean(&together[1]));
        let alone = vec![vec![1.0], vec![5.0]];
        assert_eq!(drawn_together(&alone), Some(alone));
    }

    #[test]
    fn nothing_draws_nothing() {
        assert!(FEW.pseudo_median_of_means(&[]).is_none());
        assert!(FEW.pseudo_median_of_means(&[vec![1.0], vec![]]).is_none());
        let none = Bootstrap { draws: 0, seed: 0 };
        assert!(none.pseudo_median_of_means(&[vec![1.0]]).is_none());
    }
}
