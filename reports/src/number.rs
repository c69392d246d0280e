//! How numbers, times and dates are written: at most three significant digits, one way everywhere.

use crate::statistics::{Mode, Modes};

/// Units of time a figure or a cell may use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TimeUnit {
    Nanoseconds,
    Microseconds,
    Milliseconds,
    Seconds,
}

impl TimeUnit {
    const ALL: [Self; 4] = [
        Self::Nanoseconds,
        Self::Microseconds,
        Self::Milliseconds,
        Self::Seconds,
    ];

    /// The largest unit in which the value, as it will be written, is at least one.
    pub(crate) fn of(value_ns: f64) -> Self {
        let written = rounded(value_ns);
        let fits = |unit: &&Self| written >= unit.nanoseconds();
        *Self::ALL
            .iter()
            .rev()
            .find(fits)
            .unwrap_or(&Self::Nanoseconds)
    }

    /// One unit for a figure: that of the smallest value, unless the largest would then need many digits.
    pub(crate) fn shared(smallest_ns: f64, largest_ns: f64) -> Self {
        let unit = Self::of(smallest_ns);
        if largest_ns / unit.nanoseconds() < 1e5 {
            unit
        } else {
            Self::of((smallest_ns * largest_ns).sqrt())
        }
    }

    pub(crate) fn nanoseconds(self) -> f64 {
        match self {
            Self::Nanoseconds => 1.0,
            Self::Microseconds => 1e3,
            Self::Milliseconds => 1e6,
            Self::Seconds => 1e9,
        }
    }

    pub(crate) fn symbol(self) -> &'static str {
        match self {
            Self::Nanoseconds => "ns",
            Self::Microseconds => "µs",
            Self::Milliseconds => "ms",
            Self::Seconds => "s",
        }
    }

    /// The value in this unit, without its symbol.
    pub(crate) fn number(self, value_ns: f64) -> String {
        significant(value_ns / self.nanoseconds())
    }
}

/// The value with three significant digits, never with an exponent: `0.0123`, `1.23`, `123`, `12300`.
pub(crate) fn significant(value: f64) -> String {
    if value == 0.0 || !value.is_finite() {
        return format!("{value:.0}");
    }
    let value = rounded(value);
    let exponent = value.abs().log10().floor();
    // The logarithm of 1000 may come out a hair under 3; the digits printed would then be one too many.
    let exponent = if value.abs() >= 10f64.powf(exponent + 1.0) {
        exponent + 1.0
    } else {
        exponent
    };
    let decimals = (2.0 - exponent).max(0.0) as usize;
    format!("{value:.decimals$}")
}

/// The value rounded to three significant digits.
fn rounded(value: f64) -> f64 {
    format!("{value:.2e}").parse().unwrap_or(value)
}

/// A tick's label: no trailing zeros.
pub(crate) fn tick(value: f64) -> String {
    let text = significant(value);
    match text.contains('.') {
        true => text.trim_end_matches('0').trim_end_matches('.').to_owned(),
        false => text,
    }
}

/// A time in the unit that suits it: `12.3 ms`.
pub(crate) fn time(value_ns: f64) -> String {
    let unit = TimeUnit::of(value_ns);
    format!("{}\u{a0}{}", unit.number(value_ns), unit.symbol())
}

/// An interval in the unit that suits `point_ns`: `12.1–12.5 ms`.
pub(crate) fn time_interval(point_ns: f64, low_ns: f64, high_ns: f64) -> String {
    let unit = TimeUnit::of(point_ns);
    let (low, high) = (unit.number(low_ns), unit.number(high_ns));
    format!("{low}–{high}\u{a0}{}", unit.symbol())
}

/// A factor: `2.31×`.
pub(crate) fn factor(value: f64) -> String {
    format!("{}×", significant(value))
}

/// An interval of factors: `2.25–2.38×`.
pub(crate) fn factor_interval(low: f64, high: f64) -> String {
    format!("{}–{}×", significant(low), significant(high))
}

/// Digits in groups of three, from five digits on, parted by a narrow space at which no line breaks.
pub(crate) fn grouped(digits: &str) -> String {
    if digits.len() < 5 {
        return digits.to_owned();
    }
    let mut shown = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            shown.push('\u{202f}');
        }
        shown.push(digit);
    }
    shown
}

/// How much more or less a ratio is than one: `+12.3 %`, `−0.45 %`.
pub(crate) fn signed_percent(ratio: f64) -> String {
    let percent = 100.0 * (ratio - 1.0);
    let sign = match percent {
        ..0.0 => "−",
        0.0 => "",
        _ => "+",
    };
    format!("{sign}{}\u{a0}%", significant(percent.abs()))
}

/// A number of things: `1 launch`, `2 launches`.
pub(crate) fn counted(count: usize, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}

/// Both groups of times: `0.15 ms in 42 % of the visits and 0.55 ms in 58 %`.
pub(crate) fn modes(modes: Modes) -> String {
    let percent = |mode: Mode| format!("{}\u{a0}%", significant(100.0 * mode.share));
    format!(
        "{} in {} of the visits and {} in {}",
        time(modes.low.median),
        percent(modes.low),
        time(modes.high.median),
        percent(modes.high)
    )
}

/// A size of memory: `15.6 GiB`.
pub(crate) fn bytes(value: u64) -> String {
    const UNITS: [(&str, u64); 3] = [("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10)];
    match UNITS.iter().find(|(_, size)| value >= *size) {
        Some((symbol, size)) => {
            format!("{}\u{a0}{symbol}", significant(value as f64 / *size as f64))
        }
        None => format!("{value}\u{a0}B"),
    }
}

/// Unix seconds as `2026-01-31 23:59:59 UTC`.
pub(crate) fn utc(unix_seconds: u64) -> String {
    let (days, seconds) = (unix_seconds / 86_400, unix_seconds % 86_400);
    let (year, month, day) = civil(days);
    let (hour, minute, second) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02} UTC")
}

/// Year, month and day of a day counted from 1970-01-01.
///
/// Whole years, then whole months, are taken off; a record of the year 10^9 would take its time, so the years stop at
/// 9999, which no honest clock will show.
fn civil(mut days: u64) -> (u64, u64, u64) {
    let leap = |year: u64| {
        year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400))
    };
    let mut year = 1970;
    while year < 9999 && days >= 365 + u64::from(leap(year)) {
        days -= 365 + u64::from(leap(year));
        year += 1;
    }
    let february = 28 + u64::from(leap(year));
    let lengths = [31, february, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    let mut month = 0;
    while month < 11 && days >= lengths[month] {
        days -= lengths[month];
        month += 1;
    }
    (year, month as u64 + 1, days.min(30) + 1)
}

/// How long, in words: `2 min 5 s`.
pub(crate) fn span(seconds: u64) -> String {
    match (seconds / 3600, seconds / 60 % 60, seconds % 60) {
        (0, 0, s) => format!("{s}\u{a0}s"),
        (0, m, s) => format!("{m}\u{a0}min {s}\u{a0}s"),
        (h, m, _) => format!("{h}\u{a0}h {m}\u{a0}min"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_three_significant_digits() {
        let cases = [
            (1.0, "1.00"),
            (0.012_345, "0.0123"),
            (9.996, "10.0"),
            (99.95, "100"),
            (999.6, "1000"),
            (1000.0, "1000"),
            (123_456.0, "123000"),
            (0.0, "0"),
        ];
        for (value, expected) in cases {
            assert_eq!(significant(value), expected);
        }
    }

    #[test]
    fn a_change_has_its_sign_and_none_has_none() {
        assert_eq!(signed_percent(1.5), "+50.0\u{a0}%");
        assert_eq!(signed_percent(0.75), "−25.0\u{a0}%");
        assert_eq!(signed_percent(1.0), "0\u{a0}%");
    }

    #[test]
    fn a_time_changes_unit_where_its_digits_do() {
        assert_eq!(time(999.4), "999\u{a0}ns");
        assert_eq!(time(999.6), "1.00\u{a0}µs");
        assert_eq!(time(0.5), "0.500\u{a0}ns");
        assert_eq!(time(13.25e6), "13.2\u{a0}ms");
        assert_eq!(time(3.3e9), "3.30\u{a0}s");
    }

    #[test]
    fn a_figure_of_many_decades_takes_a_unit_from_the_middle() {
        assert_eq!(TimeUnit::shared(300.0, 14_000.0), TimeUnit::Nanoseconds);
        assert_eq!(TimeUnit::shared(300.0, 3e9), TimeUnit::Microseconds);
    }

    #[test]
    fn dates_agree_with_known_ones() {
        assert_eq!(utc(0), "1970-01-01 00:00:00 UTC");
        assert_eq!(utc(951_782_399), "2000-02-28 23:59:59 UTC");
        assert_eq!(utc(951_782_400), "2000-02-29 00:00:00 UTC");
        assert_eq!(utc(1_798_761_599), "2026-12-31 23:59:59 UTC");
        assert!(utc(u64::MAX).starts_with("9999-"));
    }

    #[test]
    fn ticks_drop_their_zeros_and_nothing_else() {
        assert_eq!(tick(10.0), "10");
        assert_eq!(tick(100.0), "100");
        assert_eq!(tick(0.5), "0.5");
        assert_eq!(tick(1.5), "1.5");
    }
}
