//! What a whole report comes to, and the exit code that says so: from the verdicts, and from nothing else.

use serde::{Deserialize, Serialize};

use crate::paired::{Analysis, Purpose};
use crate::{Against, Report, Verdict};

/// What a report comes to. Page, JSON, Markdown, terminal and exit code all show this one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Conclusion {
    /// Everything that was to be told could be told, and nothing has become slower.
    Fine,
    /// Something is slower than in the baseline.
    Regression,
    /// Something that is to be told can't be, or there was no paired run to tell it from.
    Inconclusive,
    /// A wrong answer or a wrong count, so that no time of the run is worth anything; or a baseline of another processor.
    Invalid,
}

impl Conclusion {
    /// What the report comes to. Where there is a baseline, the question is what has changed since; without one, nothing
    /// can be a regression.
    ///
    /// # Example
    ///
    /// ```
    /// use reports::{Conclusion, Report};
    ///
    /// let conclusion = Conclusion::of(&Report::new(Vec::new(), None));
    /// assert_eq!(conclusion, Conclusion::Inconclusive);
    /// assert_eq!((conclusion.exit_code(false), conclusion.exit_code(true)), (0, 2));
    /// ```
    #[must_use]
    pub fn of(report: &Report) -> Self {
        if has_wrong_answers(report) {
            return Self::Invalid;
        }
        if let Some(against) = &report.against {
            return Self::of_baseline(against);
        }
        let paired = report.paired.iter().flat_map(|paired| &paired.compared);
        let family = paired.filter(|compared| compared.purpose == Purpose::Confirmatory);
        Self::of_verdicts(family.map(|compared| compared.verdict))
    }

    fn of_baseline(against: &Against) -> Self {
        let verdicts = || against.family().map(|shift| shift.verdict);
        if against.is_indicative || against.is_invalid {
            Self::Invalid
        } else if verdicts().any(|verdict| verdict == Verdict::Slower) {
            Self::Regression
        } else {
            Self::of_verdicts(verdicts())
        }
    }

    fn of_verdicts(verdicts: impl Iterator<Item = Verdict>) -> Self {
        let mut told = verdicts.map(|verdict| !matches!(verdict, Verdict::CannotTell(_)));
        // Nothing to tell is nothing told.
        match told.next() {
            Some(true) if told.all(|told| told) => Self::Fine,
            _ => Self::Inconclusive,
        }
    }

    /// 0; 1 after a regression; 3 if the run is invalid; or, where a verdict was demanded, 2 if there is none.
    #[must_use]
    pub fn exit_code(self, verdict_required: bool) -> u8 {
        match self {
            Self::Inconclusive if verdict_required => 2,
            Self::Fine | Self::Inconclusive => 0,
            Self::Regression => 1,
            Self::Invalid => 3,
        }
    }

    /// The conclusion in words.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::Fine => "fine: each declared comparison has a verdict, and none is a regression",
            Self::Regression => "regression: something has become slower than in the baseline",
            Self::Inconclusive => {
                "inconclusive: a declared comparison has no verdict, or none was run"
            }
            Self::Invalid => {
                "invalid: an answer or a count was wrong, or the baseline is of another processor"
            }
        }
    }
}

fn has_wrong_answers(report: &Report) -> bool {
    let counts = report.counted.iter().flat_map(|counted| &counted.rows);
    let answers = report.paired.as_ref();
    answers.is_some_and(Analysis::has_wrong_answers)
        || counts.into_iter().any(|row| row.count.is_wrong())
}
