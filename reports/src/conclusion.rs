//! What a whole report comes to, and the exit code that says so: from the verdicts, and from nothing else.

use serde::{Deserialize, Serialize};

use crate::paired::{Analysis, Purpose};
use crate::{Report, Verdict};

/// What a report comes to. Page, JSON, Markdown, terminal and exit code all show this one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Conclusion {
    /// Everything that was to be told could be told, and nothing has become slower.
    Fine,
    /// Something that is to be told can't be, or there was no paired run to tell it from.
    Inconclusive,
    /// A wrong answer or a wrong count: no time of this run is worth anything.
    Invalid,
}

impl Conclusion {
    /// What the report comes to.
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
        let paired = report.paired.iter().flat_map(|paired| &paired.compared);
        let family = paired.filter(|compared| compared.purpose == Purpose::Confirmatory);
        Self::of_verdicts(family.map(|compared| compared.verdict))
    }

    fn of_verdicts(verdicts: impl Iterator<Item = Verdict>) -> Self {
        let mut told = verdicts.map(|verdict| !matches!(verdict, Verdict::CannotTell(_)));
        // Nothing to tell is nothing told.
        match told.next() {
            Some(true) if told.all(|told| told) => Self::Fine,
            _ => Self::Inconclusive,
        }
    }

    /// 0, or 3 if the run is invalid, or, where a verdict was demanded, 2 if there is none.
    #[must_use]
    pub fn exit_code(self, verdict_required: bool) -> u8 {
        match self {
            Self::Inconclusive if verdict_required => 2,
            Self::Fine | Self::Inconclusive => 0,
            Self::Invalid => 3,
        }
    }

    /// The conclusion in words.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::Fine => "fine: each declared comparison has a verdict",
            Self::Inconclusive => {
                "inconclusive: a declared comparison has no verdict, or none was run"
            }
            Self::Invalid => "invalid: an answer or a count was wrong",
        }
    }
}

fn has_wrong_answers(report: &Report) -> bool {
    let counts = report.counted.iter().flat_map(|counted| &counted.rows);
    let answers = report.paired.as_ref();
    answers.is_some_and(Analysis::has_wrong_answers)
        || counts.into_iter().any(|row| row.count.is_wrong())
}
