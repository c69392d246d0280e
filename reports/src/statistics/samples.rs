//! Samples from books, whose statistics are printed there.

/// Nonparametric Statistical Methods, table 3.1: what nine patients' depression factors fell by, in thousandths.
pub(super) fn hollander_and_wolfe() -> Vec<f64> {
    let before = [1830, 500, 1620, 2480, 1680, 1880, 1550, 3060, 1300];
    let after = [878, 647, 598, 2050, 1060, 1290, 1060, 3140, 1290];
    before
        .iter()
        .zip(after)
        .map(|(before, after)| f64::from(before - after))
        .collect()
}
