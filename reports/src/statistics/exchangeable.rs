//! Whether the order of values matters: lag-1 autocorrelation and runs, against the same values in random order.
//!
//! Launches and blocks are resampled and ranked as if each could have come at any place. Where neighbours resemble each other,
//! because something changed while the run lasted, that is not so, and intervals are narrower than they say. Neighbours that
//! differ more than others make them wider, which misleads nobody, so the tests ask for resemblance only.

use super::{Generator, mean, median};

/// So many random orders are tried. The smallest p that the two tests have together is then 2 by one more, 0.001.
const ORDERS: usize = 1_999;

/// What the order of values shows.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Order {
    /// The correlation of each value with the one before it, about the mean of its series. With few values it is a little below
    /// zero if the order does not matter.
    pub autocorrelation: f64,
    /// How often values above the median of their series follow each other without one below, and the other way round: runs.
    pub runs: usize,
    /// The p that neighbours resemble each other so much by chance, by both tests together: twice the smaller of the two.
    pub p: f64,
}

impl Order {
    /// What the order of one or more series shows; `None` if no series has three values, or nothing varies.
    ///
    /// The autocorrelation is that of Box and Jenkins, r₁ = Σ (xₜ − x̄)(xₜ₊₁ − x̄) / Σ (xₜ − x̄)², the sums over all series; the
    /// runs are those of Wald and Wolfowitz (1940). The p of each is the share of random orders, each series' values among
    /// themselves, that resemble as much; the given order is counted as one of them (Phipson and Smyth, 2010). So it holds
    /// whatever the values are like, and however few they are.
    ///
    /// # Example
    ///
    /// ```
    /// use reports::statistics::Order;
    ///
    /// let grows: Vec<f64> = (1..=12).map(f64::from).collect();
    /// let order = Order::of(&[grows], 1).unwrap();
    /// assert!(order.autocorrelation > 0.7 && order.runs == 2 && order.p < 0.01);
    /// ```
    #[must_use]
    pub fn of(series: &[Vec<f64>], seed: u64) -> Option<Self> {
        let mut series: Vec<Series> = series.iter().filter_map(|it| Series::of(it)).collect();
        let squares: f64 = series
            .iter()
            .flat_map(|it| &it.about_mean)
            .map(|x| x * x)
            .sum();
        if !squares.is_finite() || squares <= 0.0 {
            return None;
        }
        let (products, runs) = seen(&series);
        let mut generator = Generator::new(seed);
        // As many products, and as few runs, as the given order has; it is one of those that do.
        let (mut as_much, mut as_few) = (1, 1);
        for _ in 0..ORDERS {
            series.iter_mut().for_each(|it| it.shuffle(&mut generator));
            let (drawn, drawn_runs) = seen(&series);
            // The same products added in another order differ in their last bits.
            as_much += usize::from(drawn >= products - 1e-9 * squares);
            as_few += usize::from(drawn_runs <= runs);
        }
        Some(Self {
            autocorrelation: products / squares,
            runs,
            p: (2.0 * as_much.min(as_few) as f64 / (ORDERS + 1) as f64).min(1.0),
        })
    }
}

/// A series by what the two tests ask of it.
struct Series {
    about_mean: Vec<f64>,
    middle: f64,
}

impl Series {
    fn of(values: &[f64]) -> Option<Self> {
        // The mean of equal values may differ from them in its last bit.
        let varies = values.iter().any(|value| *value != values[0]);
        let mean = mean(values).filter(|_| values.len() > 2 && varies)?;
        let about_mean: Vec<f64> = values.iter().map(|value| value - mean).collect();
        let middle = median(&mut about_mean.clone())?;
        Some(Self { about_mean, middle })
    }

    fn shuffle(&mut self, generator: &mut Generator) {
        generator.shuffle(&mut self.about_mean);
    }

    fn products(&self) -> f64 {
        let neighbours = self.about_mean.windows(2);
        neighbours.map(|pair| pair[0] * pair[1]).sum()
    }

    /// Values at the median are on neither side, and are passed over.
    fn runs(&self) -> usize {
        let sides = self
            .about_mean
            .iter()
            .filter(|value| **value != self.middle);
        let mut last = None;
        let mut runs = 0;
        for is_above in sides.map(|value| *value > self.middle) {
            runs += usize::from(last != Some(is_above));
            last = Some(is_above);
        }
        runs
    }
}

fn seen(series: &[Series]) -> (f64, usize) {
    (
        series.iter().map(Series::products).sum(),
        series.iter().map(Series::runs).sum(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn autocorrelation_and_runs_are_those_of_the_definitions() {
        // By hand: 1 2 3 4 6 8 about their mean of 4 are -3 -2 -1 0 2 4; the products 6 2 0 0 8 by the squares 34. Above and
        // below the median of 3.5 it changes once.
        let order = Order::of(&[vec![1.0, 2.0, 3.0, 4.0, 6.0, 8.0]], 1).expect("it varies");
        assert!(
            (order.autocorrelation - 16.0 / 34.0).abs() < 1e-12,
            "{order:?}"
        );
        assert_eq!(order.runs, 2);
        // One at the median is passed over: below, above, below, above.
        let order = Order::of(&[vec![1.0, 5.0, 3.0, 2.0, 4.0]], 1).expect("it varies");
        assert_eq!(order.runs, 4);
        // Two series: nothing is said of the step between them.
        let order = Order::of(&[vec![0.0, 1.0, 2.0], vec![9.0, 8.0, 7.0]], 1).expect("it varies");
        assert_eq!((order.autocorrelation, order.runs), (0.0, 4));
    }

    #[test]
    fn the_p_of_runs_is_that_of_wald_and_wolfowitz() {
        // Five above and five below in two runs: 2 of the 252 patterns have so few, and they are those whose neighbours are the
        // most alike. That of both tests is twice as much.
        let step = [vec![0.0; 5], vec![1.0; 5]].concat();
        let order = Order::of(&[step], 1).expect("it varies");
        let expected = 2.0 * 2.0 / 252.0;
        assert!((order.p - expected).abs() < 0.008, "{order:?}");
        // In ten runs no pattern has more.
        let comb: Vec<f64> = (0..10).map(|place| f64::from(place % 2)).collect();
        assert_eq!(Order::of(&[comb], 1).expect("it varies").p, 1.0);
    }

    #[test]
    fn what_has_no_order_has_none() {
        assert_eq!(Order::of(&[], 1), None);
        assert_eq!(Order::of(&[vec![1.0, 2.0]], 1), None);
        assert_eq!(Order::of(&[vec![0.1; 9]], 1), None);
        assert_eq!(Order::of(&[vec![3.0, f64::NAN, 4.0]], 1), None);
    }

    /// How many of 1 000 times so many series of so many values have a p of one per cent at most.
    fn alarms(series: usize, length: usize, next: impl Fn(&mut Generator, f64) -> f64) -> usize {
        let mut generator = Generator::new(9);
        let alarms = (0..1_000).filter(|seed| {
            let drawn: Vec<Vec<f64>> = (0..series)
                .map(|_| {
                    let mut last = 0.0;
                    let values = (0..length).map(|_| {
                        last = next(&mut generator, last);
                        last
                    });
                    values.collect()
                })
                .collect();
            Order::of(&drawn, *seed).expect("it varies").p <= 0.01
        });
        alarms.count()
    }

    #[test]
    fn values_in_any_order_give_an_alarm_in_one_of_a_hundred_at_most() {
        // Launches of a run; the blocks of ten launches; and values of which one in twenty is ten times as large.
        for (series, length) in [(1, 10), (10, 12)] {
            let alarms = alarms(series, length, |generator, _| generator.normal());
            assert!(alarms <= 17, "{series} of {length}: {alarms} of 1000");
            println!("{series} of {length}: {alarms} of 1000");
        }
        let wild = alarms(1, 10, |generator, _| {
            let size = if generator.below(20) == 0 { 10.0 } else { 1.0 };
            size * generator.normal()
        });
        assert!(wild <= 17, "{wild} of 1000");
    }

    #[test]
    fn what_resembles_its_neighbour_is_found() {
        let alarms = alarms(10, 12, |generator, last| 0.6 * last + generator.normal());
        assert!(alarms >= 900, "{alarms} of 1000");
    }
}
