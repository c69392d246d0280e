//! Intervals, and the one place where an interval is set against a bound.

use serde::Serialize;

/// Two ends, the lower first.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Interval {
    /// The lower end.
    pub low: f64,
    /// The upper end.
    pub high: f64,
}

/// Where a whole interval lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// No value of it is above the bound.
    AtMost,
    /// Every value of it is above the bound.
    Above,
    /// Neither: the data do not tell.
    Both,
}

impl Interval {
    /// On which side of `bound` the interval lies.
    ///
    /// An end that is no number lies nowhere: [`Side::Both`].
    ///
    /// # Example
    ///
    /// ```
    /// use reports::statistics::{Interval, Side};
    ///
    /// assert_eq!(Interval { low: 0.8, high: 0.9 }.side(1.0), Side::AtMost);
    /// assert_eq!(Interval { low: 0.8, high: 1.1 }.side(1.0), Side::Both);
    /// ```
    #[must_use]
    pub fn side(self, bound: f64) -> Side {
        if self.high <= bound {
            Side::AtMost
        } else if self.low > bound {
            Side::Above
        } else {
            Side::Both
        }
    }

    /// The wider of the two.
    #[must_use]
    pub fn wider(self, other: Self) -> Self {
        if other.high - other.low > self.high - self.low {
            other
        } else {
            self
        }
    }

    /// The interval of the exponentials.
    #[must_use]
    pub fn exp(self) -> Self {
        Self {
            low: self.low.exp(),
            high: self.high.exp(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_interval_that_ends_at_the_bound_is_at_most_that() {
        let interval = |low, high| Interval { low, high };
        assert_eq!(interval(0.5, 1.0).side(1.0), Side::AtMost);
        assert_eq!(interval(1.0, 1.5).side(1.0), Side::Both);
        assert_eq!(interval(1.1, 1.5).side(1.0), Side::Above);
        assert_eq!(interval(f64::NAN, f64::NAN).side(1.0), Side::Both);
    }

    #[test]
    fn the_wider_one_need_not_hold_the_other() {
        let (narrow, wide) = (
            Interval {
                low: 0.0,
                high: 1.0,
            },
            Interval {
                low: 0.5,
                high: 2.0,
            },
        );
        assert_eq!(narrow.wider(wide), wide);
        assert_eq!(wide.wider(narrow), wide);
    }
}
