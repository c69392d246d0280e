//! Pi by the Leibniz series, 4 × (1 − 1/3 + 1/5 − …): computation alone, nothing shared.

use executor::Executor;
use rayon::iter::{IntoParallelIterator, ParallelIterator};

/// How many terms: the example's ten million, and a size at which the cost of tasks shows. What lies between is measured by
/// the paired run.
pub const TERMS: [u64; 2] = [100_000, 10_000_000];

/// Into how many parts the sum is cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Parts {
    /// One per worker, as the example does: the least overhead, and the slowest worker decides.
    PerWorker,
    /// A fixed number, several per worker: more overhead, and better balance.
    Fixed(u64),
}

impl Parts {
    /// Both ways.
    pub const ALL: [Parts; 2] = [Parts::PerWorker, Parts::Fixed(64)];

    /// Its name in the report.
    pub fn name(self) -> String {
        match self {
            Parts::PerWorker => "one part per worker".to_owned(),
            Parts::Fixed(parts) => format!("{parts} parts"),
        }
    }

    /// How many parts that is.
    pub fn count(self, workers: usize) -> u64 {
        match self {
            Parts::PerWorker => workers as u64,
            Parts::Fixed(parts) => parts,
        }
    }
}

/// The terms `first..=last` of the series, counted from 1, times four: the loop of the example.
pub fn partial(first: u64, last: u64) -> f64 {
    let mut sum = 0.0;
    for k in first..=last {
        let sign = if k % 2 == 1 { 1.0 } else { -1.0 };
        sum += sign / (2 * k - 1) as f64;
    }
    4.0 * sum
}

/// `1..=terms` cut into `parts` ranges of nearly equal length.
pub fn split(terms: u64, parts: u64) -> impl Iterator<Item = (u64, u64)> {
    (0..parts).map(move |part| (part * terms / parts + 1, (part + 1) * terms / parts))
}

/// The sum, a task for each part.
///
/// # Errors
///
/// A task was not accepted or failed.
pub fn on(executor: &impl Executor, terms: u64, parts: u64) -> Result<f64, executor::Error> {
    let futures: Vec<_> = split(terms, parts)
        .map(|range| executor.submit(partial, range))
        .collect::<Result<_, _>>()?;
    let mut sum = 0.0;
    for future in futures {
        sum += future.result()?;
    }
    Ok(sum)
}

/// The sum as rayon's users write it.
pub fn par_iter(terms: u64) -> f64 {
    let terms = (1..=terms).into_par_iter();
    4.0 * terms
        .map(|k| {
            let sign = if k % 2 == 1 { 1.0 } else { -1.0 };
            sign / (2 * k - 1) as f64
        })
        .sum::<f64>()
}

/// What [`on`] must give, to the bit: the same parts, added in the same order, by one thread.
pub fn expected(terms: u64, parts: u64) -> f64 {
    split(terms, parts)
        .map(|(first, last)| partial(first, last))
        .sum()
}

/// Whether `value` is as near to pi as so many terms bring it. An alternating series is off by less
/// than its first missing term, here 4/(2n + 1), and rounding by far less than that.
pub fn is_near_pi(value: f64, terms: u64) -> bool {
    (value - std::f64::consts::PI).abs() < 4.0 / (2 * terms + 1) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_term_is_in_one_part() {
        for (terms, parts) in [(10, 1), (10, 3), (64, 64), (100_000, 7), (5, 8)] {
            let mut next = 1;
            for (first, last) in split(terms, parts) {
                assert_eq!(first, next, "{terms} in {parts}");
                next = last + 1;
            }
            assert_eq!(next, terms + 1, "{terms} in {parts}");
        }
    }

    #[test]
    fn all_ways_lead_to_pi() {
        let terms = 100_000;
        assert!(is_near_pi(partial(1, terms), terms));
        assert!(is_near_pi(expected(terms, 64), terms));
        assert!(is_near_pi(par_iter(terms), terms));
        assert!(!is_near_pi(partial(1, terms / 4), terms));
        assert!(!is_near_pi(partial(2, terms), terms));
    }
}
