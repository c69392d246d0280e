//! Which comparisons are judged together, and how their p are raised for that.
//!
//! What is to be confirmed is declared before the run, is little, and each false alarm in it would be one too many: Holm.
//! What is only explored is much, and there it is enough that few of those that are called differences are none: Benjamini
//! and Hochberg. A control is the floor of both and of no family.

use super::Purpose;
use crate::statistics::{benjamini_hochberg, holm};
use crate::verdict::ALPHA;

/// How the p of a family are raised.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Correction {
    /// The chance that any of the family is called a difference and is none stays below five per cent.
    Holm,
    /// Of those of the family that are called differences, five per cent at most are expected to be none.
    BenjaminiHochberg,
}

/// The p of a comparison as its family has it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Corrected {
    /// The raised p; its own, if nothing raises it.
    pub p: f64,
    /// What it is raised by; `None` of a control.
    pub by: Option<Correction>,
    /// How many the family has, this one among them; 1 of a control.
    pub family: usize,
    /// The p that would be enough, if the others of the family stay as they are: each that is found makes it larger.
    pub needed: f64,
}

impl Purpose {
    /// What the p of such comparisons are raised by; `None` if they are not.
    #[must_use]
    pub fn correction(self) -> Option<Correction> {
        match self {
            Self::Control => None,
            Self::Confirmatory => Some(Correction::Holm),
            Self::Exploratory => Some(Correction::BenjaminiHochberg),
        }
    }
}

impl Correction {
    /// Whose it is, in words.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::Holm => "Holm",
            Self::BenjaminiHochberg => "Benjamini and Hochberg",
        }
    }

    /// In `results.json`.
    #[must_use]
    pub fn key(self) -> &'static str {
        match self {
            Self::Holm => "holm",
            Self::BenjaminiHochberg => "benjamini_hochberg",
        }
    }

    /// The p of one family, raised, in their order.
    #[must_use]
    pub(crate) fn of(self, ps: &[f64]) -> Vec<Corrected> {
        let raised = match self {
            Self::Holm => holm(ps),
            Self::BenjaminiHochberg => benjamini_hochberg(ps),
        };
        let family = ps.len();
        let found = raised.iter().filter(|p| **p <= ALPHA).count();
        let raised = raised.into_iter().map(|p| {
            let others = found - usize::from(p <= ALPHA);
            Corrected {
                p,
                by: Some(self),
                family,
                needed: match self {
                    Self::Holm => ALPHA / (family - others) as f64,
                    Self::BenjaminiHochberg => ALPHA * (others + 1) as f64 / family as f64,
                },
            }
        });
        raised.collect()
    }
}

impl Corrected {
    /// By how much the smallest p that can be reached is multiplied at least, whatever the others show: by Holm the first of
    /// the family by its size; by Benjamini and Hochberg not at all, as the others may be as small.
    #[must_use]
    pub(crate) fn least_factor(&self) -> usize {
        match self.by {
            Some(Correction::Holm) => self.family,
            Some(Correction::BenjaminiHochberg) | None => 1,
        }
    }
}

/// Each p raised within its family, in their order.
pub(super) fn corrected(tested: &[(Purpose, f64)]) -> Vec<Corrected> {
    let mut all: Vec<Corrected> = tested
        .iter()
        .map(|&(_, p)| Corrected {
            p,
            by: None,
            family: 1,
            needed: ALPHA,
        })
        .collect();
    for by in [Correction::Holm, Correction::BenjaminiHochberg] {
        let family: Vec<usize> = (0..tested.len())
            .filter(|&place| tested[place].0.correction() == Some(by))
            .collect();
        let ps: Vec<f64> = family.iter().map(|&place| tested[place].1).collect();
        for (place, corrected) in family.into_iter().zip(by.of(&ps)) {
            all[place] = corrected;
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_p_is_raised_within_its_own_family() {
        use Purpose::{Confirmatory, Control, Exploratory};
        let tested = [
            (Control, 0.04),
            (Exploratory, 0.5),
            (Confirmatory, 0.02),
            (Exploratory, 0.01),
            (Confirmatory, 0.01),
            (Exploratory, 0.03),
        ];
        let corrected = corrected(&tested);
        let ps: Vec<f64> = corrected.iter().map(|it| it.p).collect();
        // By hand: Holm of 0.02 and 0.01; Benjamini and Hochberg of 0.5, 0.01 and 0.03.
        for (got, expected) in ps.iter().zip([0.04, 0.5, 0.02, 0.03, 0.02, 0.045]) {
            assert!((got - expected).abs() < 1e-12, "{ps:?}");
        }
        let families: Vec<usize> = corrected.iter().map(|it| it.family).collect();
        assert_eq!(families, [1, 3, 2, 3, 2, 3]);
        let factors: Vec<usize> = corrected.iter().map(Corrected::least_factor).collect();
        assert_eq!(factors, [1, 1, 2, 1, 2, 1]);
    }

    #[test]
    fn the_p_that_is_needed_is_the_largest_that_is_found() {
        // Three that are found beside one that is not.
        let others = [0.0001, 0.001, 0.002];
        for (by, needed) in [
            (Correction::Holm, 0.05),
            (Correction::BenjaminiHochberg, 0.05),
        ] {
            let alone = by.of(&[&others[..], &[0.9]].concat())[3];
            assert!((alone.needed - needed).abs() < 1e-12, "{alone:?}");
        }
        // Beside three that are none, and so many that one is found among the first.
        let none = [0.6, 0.7, 0.9];
        for by in [Correction::Holm, Correction::BenjaminiHochberg] {
            let needed = by.of(&[&none[..], &[0.8]].concat())[3].needed;
            assert!((needed - 0.0125).abs() < 1e-12, "{needed}");
            for (p, is_found) in [(0.99 * needed, true), (1.01 * needed, false)] {
                let p = by.of(&[&none[..], &[p]].concat())[3].p;
                assert_eq!(p <= ALPHA, is_found, "{by:?} {p}");
            }
        }
    }
}
