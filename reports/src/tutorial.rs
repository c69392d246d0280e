//! What tutorials on Python's `concurrent.futures` claim, in our own words, and what was measured or checked of it.
//!
//! The claims are data ([`CLAIMS`]). Each is tested on CPython, where a run has measured it, and in Rust; what is not
//! tested says what is missing, and which command would measure it.

mod behaviours;
mod claims;
mod settle;

pub use behaviours::{Behaviour, Behaviours};
pub use claims::CLAIMS;

use crate::{Ratio, Report, Standing};

/// A claim.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TutorialClaim {
    /// `C1` to `C11`.
    pub number: &'static str,
    /// The claim, without its full stop.
    pub text: &'static str,
    /// What tests it on CPython.
    pub on_cpython: Ground,
    /// What tests it, or its counterpart, in Rust.
    pub in_rust: Ground,
    /// Whether it is said of CPython alone: then the test in Rust is its counterpart, and does not decide it.
    pub is_of_cpython: bool,
}

/// What a claim is tested by.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Ground {
    /// A cell of the paired run takes more than so many times as long as another one.
    Slower {
        /// The cell that is to be slower.
        own: CellName,
        /// The cell it is set against.
        reference: CellName,
        /// More than how many times.
        times: f64,
    },
    /// Two cells of the paired run take the same time within the margin.
    Level {
        /// One of them.
        own: CellName,
        /// The other one.
        reference: CellName,
    },
    /// Counters that nothing protects have lost increments.
    Loss,
    /// A check that `scripts/python_checks.py` makes under the number of the claim.
    Behaviour(&'static str),
    /// Tests that pass, which are named; nothing is timed.
    Tests(&'static [Citation]),
}

/// A cell of the paired run, whatever its workers and its size.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CellName {
    /// The workload.
    pub workload: &'static str,
    /// What runs it.
    pub backend: &'static str,
    /// In which way, where there are several.
    pub way: Option<&'static str>,
}

/// Tests of one lane of the correctness suite.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Citation {
    /// The lane that runs them.
    pub lane: &'static str,
    /// The names of the tests, or of the models.
    pub tests: &'static [&'static str],
}

/// What came of testing a claim on one side.
#[derive(Debug, Clone, PartialEq)]
pub struct Tested {
    /// What may be said.
    pub standing: Standing,
    /// The ratio of times with its interval, if that is what was measured.
    pub ratio: Option<Ratio>,
    /// What was measured or checked, or what is missing, in sentences.
    pub says: String,
    /// What measures or checks it, if it was not and something does.
    pub command: Option<&'static str>,
}

/// A claim and what came of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    /// The claim.
    pub claim: TutorialClaim,
    /// On CPython.
    pub on_cpython: Tested,
    /// In Rust.
    pub in_rust: Tested,
}

impl Report {
    /// What came of each claim of the tutorials, in their order.
    ///
    /// # Example
    ///
    /// ```
    /// use reports::{Report, Standing};
    ///
    /// let answers = Report::new(Vec::new(), None).tutorial();
    /// assert_eq!(answers.len(), 11);
    /// assert!(answers.iter().all(|answer| answer.standing() == Standing::NotMeasured));
    /// ```
    #[must_use]
    pub fn tutorial(&self) -> Vec<Answer> {
        let answer = |claim: &TutorialClaim| Answer {
            claim: *claim,
            on_cpython: settle::settle(claim.on_cpython, self),
            in_rust: settle::settle(claim.in_rust, self),
        };
        CLAIMS.iter().map(answer).collect()
    }
}

impl Answer {
    /// What may be said of the claim: refuted if a side that decides it refutes it, and confirmed if all of them that were
    /// tested confirm it.
    #[must_use]
    pub fn standing(&self) -> Standing {
        let in_rust = (!self.claim.is_of_cpython).then_some(self.in_rust.standing);
        let sides = || [self.on_cpython.standing].into_iter().chain(in_rust);
        let any = |standing| sides().any(|side| side == standing);
        [
            Standing::Refuted,
            Standing::NotConfirmed,
            Standing::Confirmed,
        ]
        .into_iter()
        .find(|standing| any(*standing))
        .unwrap_or(Standing::NotMeasured)
    }
}

/// What may be said of a claim, in shape and words.
pub(crate) fn words(standing: Standing) -> (&'static str, &'static str) {
    match standing {
        Standing::Confirmed => ("✓", "holds"),
        Standing::Refuted => ("✗", "refuted"),
        Standing::NotConfirmed => ("?", "can't tell"),
        Standing::NotMeasured => ("○", "not measured"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(is_of_cpython: bool, on_cpython: Standing, in_rust: Standing) -> Standing {
        let tested = |standing| Tested {
            standing,
            ratio: None,
            says: String::new(),
            command: None,
        };
        let answer = Answer {
            claim: TutorialClaim {
                is_of_cpython,
                ..CLAIMS[0]
            },
            on_cpython: tested(on_cpython),
            in_rust: tested(in_rust),
        };
        answer.standing()
    }

    #[test]
    fn a_claim_holds_only_where_every_side_that_was_tested_shows_it() {
        use Standing::{Confirmed, NotConfirmed, NotMeasured, Refuted};
        assert_eq!(answer(false, Confirmed, Confirmed), Confirmed);
        assert_eq!(answer(false, NotMeasured, Confirmed), Confirmed);
        assert_eq!(answer(false, Confirmed, NotConfirmed), NotConfirmed);
        assert_eq!(answer(false, Confirmed, Refuted), Refuted);
        assert_eq!(answer(false, NotMeasured, NotMeasured), NotMeasured);
    }

    #[test]
    fn rust_does_not_decide_what_is_said_of_cpython_alone() {
        let decided = |on_cpython| answer(true, on_cpython, Standing::Refuted);
        assert_eq!(decided(Standing::Confirmed), Standing::Confirmed);
        assert_eq!(decided(Standing::NotMeasured), Standing::NotMeasured);
    }
}
