//! A straight line through times that grow with a count.

/// What a line says of a cost.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Line {
    /// What it costs to do it at all: the line at a count of zero.
    pub fixed: f64,
    /// What each one more costs.
    pub marginal: f64,
}

impl Line {
    /// The line whose errors are least, each relative to its own value: of counts that differ by powers of ten the largest
    /// would otherwise decide alone. `None` with fewer than two counts, or a value that is not above zero.
    ///
    /// # Example
    ///
    /// ```
    /// use reports::statistics::Line;
    ///
    /// let line = Line::through(&[(1.0, 12.0), (10.0, 30.0), (100.0, 210.0)]).expect("three counts");
    /// assert!((line.fixed - 10.0).abs() < 1e-9 && (line.marginal - 2.0).abs() < 1e-9);
    /// ```
    #[must_use]
    pub fn through(points: &[(f64, f64)]) -> Option<Self> {
        let sound =
            |(count, value): &(f64, f64)| count.is_finite() && value.is_finite() && *value > 0.0;
        let (first, _) = points.first()?;
        if !points.iter().all(sound) || points.iter().all(|(count, _)| count == first) {
            return None;
        }
        let weighted = |term: fn(f64, f64) -> f64| {
            let terms = points.iter().map(|&(x, y)| term(x, y) / (y * y));
            terms.sum::<f64>()
        };
        let all = weighted(|_, _| 1.0);
        let mean_x = weighted(|x, _| x) / all;
        let mean_y = weighted(|_, y| y) / all;
        let moment = |of: fn(f64, f64) -> f64| {
            let terms = points
                .iter()
                .map(|&(x, y)| of(x - mean_x, y - mean_y) / (y * y));
            terms.sum::<f64>()
        };
        let marginal = moment(|x, y| x * y) / moment(|x, _| x * x);
        Some(Self {
            fixed: mean_y - marginal * mean_x,
            marginal,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_finds_the_costs_that_were_put_in_over_four_powers_of_ten() {
        let cost = |count: f64| (count, 5e4 + 300.0 * count);
        let points = [1e2, 1e3, 1e4, 1e5, 1e6].map(cost);
        let line = Line::through(&points).expect("five counts");
        assert!((line.fixed / 5e4 - 1.0).abs() < 1e-6, "{line:?}");
        assert!((line.marginal / 300.0 - 1.0).abs() < 1e-6, "{line:?}");
    }

    #[test]
    fn the_largest_count_does_not_decide_alone() {
        // A tenth too much at the largest is far more than all of the fixed cost.
        let cost = |count: f64| 5e4 + 300.0 * count;
        let mut points = [1e2, 1e3, 1e4, 1e5, 1e6].map(|count| (count, cost(count)));
        points[4].1 *= 1.1;
        let line = Line::through(&points).expect("five counts");
        assert!((line.fixed / 5e4 - 1.0).abs() < 0.05, "{line:?}");
    }

    #[test]
    fn one_count_has_no_line() {
        assert_eq!(Line::through(&[(3.0, 4.0)]), None);
        assert_eq!(Line::through(&[(3.0, 4.0), (3.0, 5.0)]), None);
        assert_eq!(Line::through(&[(3.0, 4.0), (4.0, 0.0)]), None);
    }
}
