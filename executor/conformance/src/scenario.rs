//! What a scenario is, what it can say, and the list of all.

use std::fmt;
use std::io::{self, Write};
use std::process::exit;

use crate::pool::{Pool, Refused};
use crate::{contract, deadlocks, properties};

/// What came of a scenario.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// All is as it should be.
    Passed,
    /// The pool does not offer what the scenario is about.
    Lacks(String),
    /// Something is not as it should be.
    Failed(String),
    /// The process was killed by a signal, as by an abort.
    Aborted,
    /// There was no end.
    Hung,
}

impl fmt::Display for Verdict {
    /// In a word, without the reason of a failure.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Passed => f.write_str("passed"),
            Self::Lacks(what) => write!(f, "no {what}"),
            Self::Failed(_) => f.write_str("FAILED"),
            Self::Aborted => f.write_str("ABORTED"),
            Self::Hung => f.write_str("HUNG"),
        }
    }
}

/// Precedes a verdict in the output of a scenario's process.
const MARK: &str = "conformance | ";

impl Verdict {
    /// The verdict in the output of a process, if it came to say one.
    pub(crate) fn in_output(output: &str) -> Option<Self> {
        let line = output.lines().find_map(|line| line.split_once(MARK))?.1;
        let (word, rest) = line.split_once(": ").unwrap_or((line, ""));
        match word {
            "passed" => Some(Self::Passed),
            "lacks" => Some(Self::Lacks(rest.to_owned())),
            "failed" => Some(Self::Failed(rest.to_owned())),
            _ => None,
        }
    }

    /// Says it and ends the process: at once, since the pool may wait for ever when it is dropped.
    pub(crate) fn conclude(&self) -> ! {
        let said = match self {
            Self::Passed => "passed".to_owned(),
            Self::Lacks(what) => format!("lacks: {what}"),
            Self::Failed(why) => format!("failed: {}", why.replace('\n', " ")),
            Self::Aborted | Self::Hung => unreachable!("nobody says this of himself"),
        };
        let mut out = io::stdout().lock();
        drop(writeln!(out, "\n{MARK}{said}").and_then(|()| out.flush()));
        exit(0)
    }
}

/// Ends the scenario: something is not as it should be.
pub(crate) fn fail(why: impl Into<String>) -> ! {
    Verdict::Failed(why.into()).conclude()
}

/// Ends the scenario: the pool has no such thing.
pub(crate) fn lacks(what: &str) -> ! {
    Verdict::Lacks(what.to_owned()).conclude()
}

/// Ends the scenario unless the condition holds. Not an `assert!`, whose unwinding would drop the pool.
macro_rules! ensure {
    ($condition:expr, $($why:tt)+) => {
        if !$condition {
            $crate::scenario::fail(format!($($why)+));
        }
    };
}
pub(crate) use ensure;

/// A pool for as long as the process lives, so that tasks can reach it, and no scenario but those about that drops it.
pub(crate) fn pool<P: Pool>(workers: usize) -> &'static P {
    Box::leak(Box::new(P::start(workers)))
}

/// The handle of a task that has to be accepted.
pub(crate) fn accepted<H>(answer: Result<H, Refused>) -> H {
    answer.unwrap_or_else(|Refused| fail("an open pool refuses a task"))
}

/// Something to run on a pool.
pub(crate) struct Scenario {
    pub(crate) group: &'static str,
    pub(crate) name: &'static str,
    pub(crate) run: fn(),
}

/// Makes the list of a module's scenarios, each a `fn scenario<P: Pool>()`.
macro_rules! scenarios {
    ($group:literal: $($scenario:ident),+ $(,)?) => {
        pub(crate) fn all<P: $crate::Pool>() -> Vec<$crate::scenario::Scenario> {
            vec![$($crate::scenario::Scenario {
                group: $group,
                name: stringify!($scenario),
                run: $scenario::<P>,
            }),+]
        }
    };
}
pub(crate) use scenarios;

/// Every scenario, in the order of the table.
pub(crate) fn all<P: Pool>() -> Vec<Scenario> {
    let mut all = contract::all::<P>();
    all.extend(properties::all::<P>());
    all.extend(deadlocks::all::<P>());
    all
}
