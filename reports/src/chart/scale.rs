//! A logarithmic scale and its ticks.

/// The least ratio between the ends of an axis. A narrower one would blow noise up to a mountain range.
const MIN_RATIO: f64 = 1.6;

/// Maps values to pixels, logarithmically.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct LogScale {
    low: f64,
    high: f64,
    from_px: f64,
    to_px: f64,
}

impl LogScale {
    /// A scale that holds all the values (positive, at least one) with a margin, drawn from one pixel to the other.
    pub(super) fn around(values: impl Iterator<Item = f64>, from_px: f64, to_px: f64) -> Self {
        let (low, high) = values.fold((f64::INFINITY, 0.0f64), |(low, high), value| {
            (low.min(value), high.max(value))
        });
        let missing = (MIN_RATIO / (high / low)).max(1.0).sqrt();
        let margin = (high / low).powf(0.06) * missing;
        Self {
            low: low / margin,
            high: high * margin,
            from_px,
            to_px,
        }
    }

    /// A scale whose ends are the values themselves.
    pub(super) fn exact(low: f64, high: f64, from_px: f64, to_px: f64) -> Self {
        Self {
            low,
            high,
            from_px,
            to_px,
        }
    }

    pub(super) fn place(&self, value: f64) -> f64 {
        if self.high <= self.low {
            return f64::midpoint(self.from_px, self.to_px);
        }
        let share = (value / self.low).ln() / (self.high / self.low).ln();
        self.from_px + share * (self.to_px - self.from_px)
    }

    /// Round numbers inside the scale, in multiples of `unit`: at least two, and no more than fit at `spacing_px`.
    pub(super) fn ticks(&self, unit: f64, spacing_px: f64) -> Vec<f64> {
        const PATTERNS: [&[f64]; 4] = [
            &[1.0, 1.5, 2.0, 3.0, 5.0, 7.0],
            &[1.0, 2.0, 5.0],
            &[1.0, 3.0],
            &[1.0],
        ];
        let length = (self.to_px - self.from_px).abs();
        let most = ((length / spacing_px) as usize).max(2);
        let spaced = |ticks: &Vec<f64>| {
            ticks
                .windows(2)
                .all(|pair| (self.place(pair[1]) - self.place(pair[0])).abs() >= 0.6 * spacing_px)
        };
        let patterns = PATTERNS
            .iter()
            .map(|pattern| self.decades(pattern, 1, unit));
        let sparse = (2..=6).map(|step| self.decades(&[1.0], step, unit));
        let linear = [5.0, 4.0, 3.0, 2.0].map(|count| self.linear(count, unit));
        let candidates: Vec<_> = patterns.chain(sparse).chain(linear).collect();
        // Two ticks do not show that the scale is logarithmic; three do, where there is room for them.
        [3, 2]
            .iter()
            .flat_map(|least| candidates.iter().map(move |ticks| (least, ticks)))
            .find(|(least, ticks)| (**least..=most).contains(&ticks.len()) && spaced(ticks))
            .map_or_else(|| vec![self.low, self.high], |(_, ticks)| ticks.clone())
    }

    /// The pattern's multiples of every `step`-th power of ten.
    fn decades(&self, pattern: &[f64], step: i32, unit: f64) -> Vec<f64> {
        let (low, high) = (self.low / unit, self.high / unit);
        // Zero and infinity have no logarithm, and would make this all of the integers.
        let power = |log: f64| (log as i32).clamp(f64::MIN_10_EXP, f64::MAX_10_EXP);
        let (first, last) = (power(low.log10().floor()), power(high.log10().ceil()));
        let powers = (first..=last).filter(|power| power.rem_euclid(step) == 0);
        powers
            .flat_map(|power| pattern.iter().map(move |factor| factor * 10f64.powi(power)))
            .filter(|tick| (low..=high).contains(tick))
            .map(|tick| tick * unit)
            .collect()
    }

    /// About `count` equal steps of 1, 2 or 5, for a scale within one decade.
    fn linear(&self, count: f64, unit: f64) -> Vec<f64> {
        let (low, high) = (self.low / unit, self.high / unit);
        let rough = (high - low) / count;
        let power = 10f64.powf(rough.log10().floor());
        let factors = [1.0, 2.0, 5.0, 10.0];
        let step = factors
            .map(|f| f * power)
            .into_iter()
            .find(|step| *step >= rough);
        let Some(step) = step else { return Vec::new() };
        let first = (low / step).ceil();
        (0..10)
            .map(|index| (first + f64::from(index)) * step)
            .take_while(|tick| *tick <= high)
            .map(|tick| tick * unit)
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ends_and_middle_are_where_they_belong() {
        let scale = LogScale::exact(1.0, 100.0, 0.0, 200.0);
        assert_eq!(scale.place(1.0), 0.0);
        assert!((scale.place(10.0) - 100.0).abs() < 1e-9);
        assert!((scale.place(100.0) - 200.0).abs() < 1e-9);
    }

    #[test]
    fn equal_values_stand_in_the_middle_of_a_wide_axis() {
        let scale = LogScale::around([5.0, 5.0].into_iter(), 0.0, 100.0);
        assert!((scale.place(5.0) - 50.0).abs() < 1e-9);
        assert!(scale.high / scale.low >= MIN_RATIO - 1e-9);
    }

    #[test]
    fn ticks_are_few_inside_and_ascending_whatever_the_range() {
        for exponent in -3..14 {
            for ratio in [1.0, 1.1, 2.0, 7.0, 30.0, 1e3, 1e6, 1e12] {
                for mantissa in [1.0, 1.7, 4.2, 9.9] {
                    let low = mantissa * 10f64.powi(exponent);
                    let scale = LogScale::around([low, low * ratio].into_iter(), 0.0, 300.0);
                    let ticks = scale.ticks(1.0, 50.0);
                    assert!((2..=6).contains(&ticks.len()), "{low} x {ratio}: {ticks:?}");
                    assert!(ticks.windows(2).all(|pair| pair[0] < pair[1]));
                    let inside = scale.low * 0.999_999..=scale.high * 1.000_001;
                    assert!(ticks.iter().all(|tick| inside.contains(tick)));
                }
            }
        }
    }

    #[test]
    fn ends_without_a_logarithm_have_no_more_powers_of_ten_than_a_number_may_have() {
        let powers = (f64::MAX_10_EXP - f64::MIN_10_EXP + 1) as usize;
        for (low, high) in [(0.0, 1.0), (1.0, f64::INFINITY), (0.0, f64::INFINITY)] {
            let scale = LogScale::exact(low, high, 0.0, 100.0);
            assert!(scale.decades(&[1.0], 1, 1.0).len() <= powers);
            assert!(!scale.ticks(1.0, 50.0).is_empty());
        }
    }
}
