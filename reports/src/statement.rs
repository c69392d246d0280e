//! Sentences that measurements can confirm or refute.

use serde::{Deserialize, Serialize};

use crate::number::{factor, factor_interval, grouped, time};
use crate::statistics::Side;
use crate::{Count, MIN_SAMPLES, Pair, RowName, pair};

/// A sentence about the counter, and what decides it.
///
/// # Example
///
/// ```
/// use reports::{Evidence, Standing, Statement};
///
/// let statement = Statement {
///     text: "Without a lock updates are lost".into(),
///     evidence: Evidence::Loss,
/// };
/// assert_eq!(statement.settle(&[]).standing, Standing::NotMeasured);
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Statement {
    /// The sentence, without its full stop.
    pub text: String,
    /// What decides it.
    pub evidence: Evidence,
}

/// What decides a statement.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Evidence {
    /// An increment of `own` takes more than `times` as long as one of the `reference`.
    Slower {
        /// More than how many times.
        times: f64,
        /// The row that is to be slower.
        own: RowName,
        /// The row it is set against.
        reference: RowName,
        /// Times of one increment, measured in turns; empty if they were not.
        pairs: Vec<Pair>,
    },
    /// Each control has lost increments.
    Loss,
}

/// What the data say of a statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// They show it.
    Confirmed,
    /// They show its contrary.
    Refuted,
    /// They show neither.
    NotConfirmed,
    /// There are none.
    NotMeasured,
}

/// A statement with what the data say of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Settled {
    /// The sentence.
    pub text: String,
    /// What may be said of it.
    pub standing: Standing,
    /// The numbers behind that, in words; empty if there are none.
    pub numbers: String,
}

impl Statement {
    /// Settles the statement by its own measurements and the counts of its run.
    #[must_use]
    pub fn settle(&self, counts: &[Count]) -> Settled {
        let (standing, numbers) = match &self.evidence {
            Evidence::Slower { pairs, .. } if pairs.is_empty() => {
                (Standing::NotMeasured, String::new())
            }
            Evidence::Slower {
                times,
                own,
                reference,
                pairs,
            } => slower(*times, [own, reference], pairs),
            Evidence::Loss => loss(counts),
        };
        Settled {
            text: self.text.clone(),
            standing,
            numbers,
        }
    }
}

fn slower(times: f64, [own, reference]: [&RowName; 2], pairs: &[Pair]) -> (Standing, String) {
    let ratio = pair::ratio(pairs);
    let [own_time, reference_time] = pair::estimates(pairs).map(|estimate| time(estimate.point_ns));
    let standing = match ratio.interval().side(times) {
        _ if pairs.len() < MIN_SAMPLES => Standing::NotConfirmed,
        Side::Above => Standing::Confirmed,
        Side::AtMost => Standing::Refuted,
        Side::Both => Standing::NotConfirmed,
    };
    let numbers = format!(
        "{} takes {} ({}) the time of {}: {own_time} an increment, not {reference_time}. Medians of {} turns.",
        own.label(),
        factor(ratio.point),
        factor_interval(ratio.low, ratio.high),
        reference.label(),
        pairs.len(),
    );
    (standing, numbers)
}

fn loss(counts: &[Count]) -> (Standing, String) {
    let (controls, protected): (Vec<&Count>, Vec<_>) =
        counts.iter().partition(|count| count.is_control);
    if controls.is_empty() {
        return (Standing::NotMeasured, String::new());
    }
    let standing = match controls.iter().all(|control| control.lost() > 0) {
        true => Standing::Confirmed,
        false => Standing::NotConfirmed,
    };
    let mut sentences: Vec<String> = controls.into_iter().map(control).collect();
    if !protected.is_empty() {
        let made = protected.iter().map(|count| u128::from(count.expected));
        let wrong = protected.iter().filter(|count| count.is_wrong()).count();
        let rows = protected.len();
        sentences.push(format!(
            "Protected counters that show a wrong number: {wrong} of {rows}, after {} increments.",
            grouped(&made.sum::<u128>().to_string()),
        ));
    }
    (standing, sentences.join(" "))
}

fn control(control: &Count) -> String {
    let (name, expected) = (control.row.label(), grouped(&control.expected.to_string()));
    let span = control.span_ns.map(time);
    let within = |word| {
        span.as_ref()
            .map_or_else(String::new, |span| format!(" {word} {span}"))
    };
    match control.lost() {
        ..=0 => format!("{name} lost none of {expected} increments{}.", within("in")),
        lost => format!(
            "{name} lost {} of {expected} increments{}.",
            grouped(&lost.to_string()),
            within("within")
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn slower_by(pairs: usize, own_ns: f64) -> Settled {
        let pair = Pair {
            own_ns,
            reference_ns: 1_000.0,
        };
        let statement = Statement {
            text: "A costs more than ten times B".into(),
            evidence: Evidence::Slower {
                times: 10.0,
                own: RowName::by("a", "far"),
                reference: RowName::by("b", "near"),
                pairs: vec![pair; pairs],
            },
        };
        statement.settle(&[])
    }

    fn count(is_control: bool, expected: u64, got: u64) -> Count {
        Count {
            row: RowName::by("threads", if is_control { "nothing" } else { "mutex" }),
            is_control,
            runs: 1,
            expected,
            got,
            span_ns: is_control.then_some(2e9),
        }
    }

    fn lost(counts: &[Count]) -> Settled {
        let statement = Statement {
            text: "Without a lock updates are lost".into(),
            evidence: Evidence::Loss,
        };
        statement.settle(counts)
    }

    #[test]
    fn a_factor_is_confirmed_or_refuted_by_its_whole_interval() {
        let standing = |pairs, own_ns| slower_by(pairs, own_ns).standing;
        assert_eq!(standing(MIN_SAMPLES, 10_001.0), Standing::Confirmed);
        // More than ten times is claimed, not ten times.
        assert_eq!(standing(MIN_SAMPLES, 10_000.0), Standing::Refuted);
        assert_eq!(standing(MIN_SAMPLES, 9_999.0), Standing::Refuted);
        assert_eq!(standing(MIN_SAMPLES - 1, 90_000.0), Standing::NotConfirmed);
        assert_eq!(standing(0, 90_000.0), Standing::NotMeasured);
    }

    #[test]
    fn an_interval_that_straddles_the_factor_confirms_nothing() {
        let pairs = [5.0, 5.0, 5.0, 20.0, 20.0, 20.0].map(|own_ns| Pair {
            own_ns,
            reference_ns: 1.0,
        });
        let rows = [&RowName::alone("a"), &RowName::alone("b")];
        assert_eq!(slower(10.0, rows, &pairs).0, Standing::NotConfirmed);
    }

    #[test]
    fn the_factor_comes_with_its_interval_and_both_times() {
        assert_eq!(
            slower_by(6, 12_000.0).numbers.replace('\u{a0}', " "),
            "a (far) takes 12.0× (12.0–12.0×) the time of b (near): 12.0 µs an increment, not 1.00 µs. Medians of 6 turns."
        );
    }

    #[test]
    fn a_loss_is_confirmed_by_controls_alone() {
        assert_eq!(lost(&[]).standing, Standing::NotMeasured);
        let sound = count(false, 60_000, 60_000);
        assert_eq!(
            lost(std::slice::from_ref(&sound)).standing,
            Standing::NotMeasured
        );
        let settled = lost(&[sound, count(true, 20_000, 13_500)]);
        assert_eq!(settled.standing, Standing::Confirmed);
        assert_eq!(
            settled.numbers.replace(['\u{a0}', '\u{202f}'], " "),
            "threads (nothing) lost 6500 of 20 000 increments within 2.00 s. \
             Protected counters that show a wrong number: 0 of 1, after 60 000 increments."
        );
    }

    #[test]
    fn a_control_that_lost_nothing_says_so_and_confirms_nothing() {
        let settled = lost(&[count(true, 20_000, 20_000), count(true, 20_000, 1)]);
        assert_eq!(settled.standing, Standing::NotConfirmed);
        let numbers = settled.numbers.replace(['\u{a0}', '\u{202f}'], " ");
        assert!(numbers.starts_with("threads (nothing) lost none of 20 000 increments in 2.00 s."));
    }

    #[test]
    fn a_protected_counter_that_is_wrong_is_named() {
        let settled = lost(&[count(true, 2, 1), count(false, 2, 3)]);
        assert!(settled.numbers.contains("wrong number: 1 of 1"));
    }
}
