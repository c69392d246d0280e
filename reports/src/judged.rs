//! Whether the measurements show that a figure is reached.

use crate::statistics::{Interval, Side};
use crate::{Claim, Estimate, MIN_SAMPLES, Ratio, Reach, Row, RowName, Workload, pair};

/// What the data support saying about a claim.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// The whole interval is within reach.
    Reached,
    /// The whole interval is out of reach.
    NotReached,
    /// The interval straddles what is to be reached.
    CannotTell,
    /// A row has fewer than [`MIN_SAMPLES`] samples, so that its interval means little.
    TooFewSamples,
    /// The figure and its reference are not of the same run.
    DifferentRuns,
}

impl Outcome {
    fn of(interval: Interval, at_most: f64) -> Self {
        match interval.side(at_most) {
            Side::AtMost => Self::Reached,
            Side::Above => Self::NotReached,
            Side::Both => Self::CannotTell,
        }
    }
}

/// A claim with the measurements that decide it.
#[derive(Debug, Clone, PartialEq)]
pub struct Judged {
    /// The claim.
    pub claim: Claim,
    /// The figure: of one element if that is claimed, else of one run.
    pub median: Estimate,
    /// Of the reference, likewise, if it was measured.
    pub reference: Option<Estimate>,
    /// The figure by that of the reference.
    pub ratio: Option<Ratio>,
    /// What may be said.
    pub outcome: Outcome,
    /// Whether the figure was measured before the recorded run started.
    pub earlier: bool,
}

impl Judged {
    /// Judges a claim; `None` if what decides it was not measured.
    pub(crate) fn new(claim: &Claim, workloads: &[Workload]) -> Option<Self> {
        if !claim.pairs.is_empty() {
            return Some(Self::by_pairs(claim));
        }
        let own = row(workloads, &claim.group, &claim.row)?;
        let reference = claim.reference.as_ref();
        let reference = reference.and_then(|name| row(workloads, &claim.group, name));
        let median = figure(own, claim.reach)?;
        let reference_median = reference.and_then(|row| figure(row, claim.reach));
        let ratio = reference_median.map(|reference| Ratio::of(&median, &reference));
        let outcome = match claim.reach {
            Reach::Run(at_most) | Reach::Element(at_most) => {
                judge(&[own], Outcome::of(median.interval_ns(), at_most))
            }
            Reach::Ratio(at_most) => {
                let ratio = ratio?;
                judge(&[own, reference?], Outcome::of(ratio.interval(), at_most))
            }
        };
        Some(Self {
            claim: claim.clone(),
            median,
            reference: reference_median,
            ratio,
            outcome,
            earlier: own.earlier,
        })
    }

    /// Judges by pairs, of which there is one at least. They stand in the record, so they are of its run.
    fn by_pairs(claim: &Claim) -> Self {
        let [median, reference] = pair::estimates(&claim.pairs);
        let ratio = pair::ratio(&claim.pairs);
        let outcome = match claim.pairs.len() {
            ..MIN_SAMPLES => Outcome::TooFewSamples,
            MIN_SAMPLES.. => match claim.reach {
                Reach::Run(at_most) | Reach::Element(at_most) => {
                    Outcome::of(median.interval_ns(), at_most)
                }
                Reach::Ratio(at_most) => Outcome::of(ratio.interval(), at_most),
            },
        };
        Self {
            claim: claim.clone(),
            median,
            reference: Some(reference),
            ratio: Some(ratio),
            outcome,
            earlier: false,
        }
    }
}

/// The outcome, unless the rows that decide it allow none.
fn judge(rows: &[&Row], outcome: Outcome) -> Outcome {
    if rows.iter().any(|row| row.earlier != rows[0].earlier) {
        Outcome::DifferentRuns
    } else if rows
        .iter()
        .any(|row| row.measurement.samples_ns.len() < MIN_SAMPLES)
    {
        Outcome::TooFewSamples
    } else {
        outcome
    }
}

fn row<'a>(workloads: &'a [Workload], group: &str, name: &RowName) -> Option<&'a Row> {
    let mut rows = workloads.iter().flat_map(|workload| {
        let variants = workload.variants.iter();
        variants.flat_map(|variant| &variant.rows)
    });
    rows.find(|row| row.measurement.group() == group && name.names(&row.measurement))
}

fn figure(row: &Row, reach: Reach) -> Option<Estimate> {
    let measurement = &row.measurement;
    match reach {
        Reach::Element(_) => Some(measurement.median.by(measurement.elements? as f64)),
        Reach::Run(_) | Reach::Ratio(_) => Some(measurement.median),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Measurement, Pair, Parameter, Report};

    fn measured(backend: &str, workers: Option<u32>, median_ns: f64) -> Measurement {
        Measurement {
            workload: "pool".into(),
            variant: Some("burst/a".into()),
            backend: backend.into(),
            parameter: workers.map_or(Parameter::None, Parameter::Workers),
            elements: Some(10),
            samples_ns: vec![median_ns; MIN_SAMPLES],
            median: Estimate {
                point_ns: median_ns,
                low_ns: 0.75 * median_ns,
                high_ns: 1.25 * median_ns,
                level: 0.95,
            },
            measured_at: None,
        }
    }

    fn judged(reach: Reach, rows: Vec<Measurement>) -> Option<Judged> {
        let claim = Claim {
            figure: "burst".into(),
            group: "pool/burst/a".into(),
            row: RowName::new("own", 2),
            reference: Some(RowName::alone("floor")),
            reach,
            pairs: Vec::new(),
        };
        Judged::new(&claim, &Report::new(rows, None).workloads)
    }

    fn outcome(reach: Reach) -> Outcome {
        let rows = vec![
            measured("own", Some(1), 7.0),
            measured("own", Some(2), 200.0),
            measured("floor", None, 100.0),
        ];
        judged(reach, rows).expect("both are measured").outcome
    }

    #[test]
    fn only_a_whole_interval_within_reach_reaches_it() {
        assert_eq!(outcome(Reach::Run(250.0)), Outcome::Reached);
        assert_eq!(outcome(Reach::Run(249.0)), Outcome::CannotTell);
        assert_eq!(outcome(Reach::Run(150.0)), Outcome::CannotTell);
        assert_eq!(outcome(Reach::Run(149.0)), Outcome::NotReached);
    }

    #[test]
    fn a_ratio_is_judged_by_what_both_intervals_allow() {
        assert_eq!(outcome(Reach::Ratio(3.34)), Outcome::Reached);
        assert_eq!(outcome(Reach::Ratio(3.33)), Outcome::CannotTell);
        assert_eq!(outcome(Reach::Ratio(1.21)), Outcome::CannotTell);
        assert_eq!(outcome(Reach::Ratio(1.19)), Outcome::NotReached);
    }

    #[test]
    fn the_time_of_an_element_is_that_of_a_run_by_their_number() {
        assert_eq!(outcome(Reach::Element(25.0)), Outcome::Reached);
        assert_eq!(outcome(Reach::Element(14.9)), Outcome::NotReached);
        let rows = vec![measured("own", Some(2), 200.0)];
        let judged = judged(Reach::Element(1.0), rows).expect("it is measured");
        assert!((judged.median.point_ns - 20.0).abs() < 1e-9);
        assert!((judged.median.high_ns - 25.0).abs() < 1e-9);
    }

    #[test]
    fn what_was_not_measured_is_not_judged() {
        assert_eq!(
            judged(Reach::Run(1.0), vec![measured("own", Some(1), 1.0)]),
            None
        );
        let own = vec![measured("own", Some(2), 1.0)];
        assert_eq!(judged(Reach::Ratio(9.0), own.clone()), None);
        let alone = judged(Reach::Run(9.0), own).expect("it is measured");
        assert_eq!((alone.outcome, alone.ratio), (Outcome::Reached, None));
    }

    #[test]
    fn pairs_decide_whatever_the_rows_say() {
        let pairs = vec![
            Pair {
                own_ns: 1.0,
                reference_ns: 2.0,
            };
            MIN_SAMPLES
        ];
        let mut claim = Claim {
            figure: "round trip".into(),
            group: "pool".into(),
            row: RowName::new("own", 2),
            reference: Some(RowName::alone("floor")),
            reach: Reach::Ratio(0.5),
            pairs,
        };
        let outcome = |claim: &Claim| Judged::new(claim, &[]).map(|judged| judged.outcome);
        assert_eq!(outcome(&claim), Some(Outcome::Reached));
        claim.reach = Reach::Element(1.0);
        assert_eq!(outcome(&claim), Some(Outcome::Reached));
        claim.reach = Reach::Ratio(0.4);
        assert_eq!(outcome(&claim), Some(Outcome::NotReached));
        claim.pairs.pop();
        assert_eq!(outcome(&claim), Some(Outcome::TooFewSamples));
    }

    #[test]
    fn two_samples_reach_nothing() {
        let mut rows = vec![
            measured("own", Some(2), 1.0),
            measured("floor", None, 100.0),
        ];
        rows[1].samples_ns.truncate(2);
        let of = |reach| {
            judged(reach, rows.clone())
                .expect("both are measured")
                .outcome
        };
        assert_eq!(of(Reach::Ratio(1.0)), Outcome::TooFewSamples);
        // The reference does not decide this one.
        assert_eq!(of(Reach::Run(9.0)), Outcome::Reached);
    }
}
