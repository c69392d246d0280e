//! The median, and an interval for it that supposes nothing about how the values are spread.

use super::Interval;

/// The middle value, or halfway between the two in the middle; `None` of nothing. Sorts the values.
#[must_use]
pub fn median(values: &mut [f64]) -> Option<f64> {
    values.sort_unstable_by(f64::total_cmp);
    let last = values.len().checked_sub(1)?;
    Some(f64::midpoint(values[last / 2], values[last.div_ceil(2)]))
}

/// The interval that holds the true median with probability `level` at least, by the sign test; with fewer values than
/// that needs it is their range. `None` of nothing. Sorts the values.
#[must_use]
pub fn median_interval(values: &mut [f64], level: f64) -> Option<Interval> {
    values.sort_unstable_by(f64::total_cmp);
    let last = values.len().checked_sub(1)?;
    let end = left_out(values.len(), level);
    Some(Interval {
        low: values[end],
        high: values[last - end],
    })
}

/// How many of `count` sorted values may be left out at either end so that the others still span the median with
/// probability `level`: of values that fall to either side of it as a coin does, so few fall to one side no oftener
/// than in half of what is left.
fn left_out(count: usize, level: f64) -> usize {
    let mut outcomes = 0.5f64.powi(i32::try_from(count).unwrap_or(i32::MAX));
    let mut fewer = outcomes;
    let mut left_out = 0;
    while left_out < count / 2 {
        outcomes *= (count - left_out) as f64 / (left_out + 1) as f64;
        fewer += outcomes;
        // Where there are so many values that the first chance is no number, none is left out.
        if fewer > (1.0 - level) / 2.0 || outcomes == 0.0 {
            break;
        }
        left_out += 1;
    }
    left_out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_interval_s_ends_are_those_of_the_sign_test() {
        // From the tables: the smaller tail of the binomial with a half, two-sided at five per cent.
        let table = [
            (1, 0),
            (5, 0),
            (6, 0),
            (8, 0),
            (9, 1),
            (12, 2),
            (20, 5),
            (30, 9),
            (100, 39),
        ];
        for (count, expected) in table {
            assert_eq!(left_out(count, 0.95), expected, "{count}");
        }
    }

    #[test]
    fn a_median_lies_between_its_ends() {
        let mut shuffled: Vec<f64> = (0..9).map(|place| f64::from(place * 7 % 9)).collect();
        assert_eq!(median(&mut shuffled), Some(4.0));
        let ends = Interval {
            low: 1.0,
            high: 7.0,
        };
        assert_eq!(median_interval(&mut shuffled, 0.95), Some(ends));
        assert_eq!(median(&mut [3.0, 1.0]), Some(2.0));
    }

    #[test]
    fn nothing_has_no_median() {
        assert_eq!(median(&mut []), None);
        assert_eq!(median_interval(&mut [], 0.95), None);
    }
}
