//! Measurements sorted into workloads and variants, with what may be said about each row.

use std::cmp::Ordering;

use crate::evidence::Evidence;
use crate::paired::{Analysis, PairedRun};
use crate::{
    Against, Comparison, Counted, Environment, Judged, Measurement, Parameter, RowVerdict,
};

/// Workloads that come first, in this order; others follow by the alphabet.
const WORKLOADS: [&str; 4] = ["pi", "counter", "overhead", "process pool"];

/// Backends that come first, in this order; others follow by the alphabet.
const BACKENDS: [&str; 4] = [Measurement::SEQUENTIAL, "threads", "processes", "rayon"];

/// Everything a page is made of.
#[derive(Debug, Clone, PartialEq)]
pub struct Report {
    /// The machine and the run, if they were recorded.
    pub environment: Option<Environment>,
    /// What was measured, in the page's order.
    pub workloads: Vec<Workload>,
    /// Every backend on the page, in its order.
    pub backends: Vec<String>,
    /// The figures to reach that the record states and the measurements can judge, in the record's order.
    pub claims: Vec<Judged>,
    /// What a shared counter showed, if the record says so.
    pub counted: Option<Counted>,
    /// What a paired run has shown, if there was one.
    pub paired: Option<Analysis>,
    /// What the last run of the correctness suite left, if there was one.
    pub evidence: Option<Evidence>,
    /// The record of that run.
    pub run: Option<PairedRun>,
    /// What has changed since a baseline, if one was given.
    pub against: Option<Against>,
}

/// A named computation.
#[derive(Debug, Clone, PartialEq)]
pub struct Workload {
    /// Its name.
    pub name: String,
    /// Its settings, alphabetically, with numbers in the order of their value.
    pub variants: Vec<Variant>,
}

/// One setting of a workload: the rows that may be compared with each other.
#[derive(Debug, Clone, PartialEq)]
pub struct Variant {
    /// Its name; `None` where the workload has no settings.
    pub name: Option<String>,
    /// Its measurements: at least one, by backend, then by worker count.
    pub rows: Vec<Row>,
    /// Index of the row with the shortest median.
    pub best: usize,
}

/// A measurement in its variant.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// The measurement.
    pub measurement: Measurement,
    /// Whether it was made before the recorded run started.
    pub earlier: bool,
    /// Against the sequential row; `None` if there is none or this is it.
    pub to_sequential: Option<Comparison>,
    /// Against the best row; `None` if this is it.
    pub to_best: Option<Comparison>,
}

impl Report {
    /// Sorts and compares the measurements. The order they come in does not matter.
    #[must_use]
    pub fn new(mut measurements: Vec<Measurement>, environment: Option<Environment>) -> Self {
        measurements.sort_by(page_order);
        let mut backends: Vec<String> = measurements.iter().map(|m| m.backend.clone()).collect();
        backends.sort_by(|a, b| listed_first(&BACKENDS, a, b));
        backends.dedup();

        let started_at = environment.as_ref().map_or(0, |run| run.started_at);
        let mut workloads: Vec<Workload> = Vec::new();
        for group in
            measurements.chunk_by(|a, b| (&a.workload, &a.variant) == (&b.workload, &b.variant))
        {
            let variant = Variant::new(group, started_at);
            match workloads.last_mut() {
                Some(workload) if workload.name == group[0].workload => {
                    workload.variants.push(variant);
                }
                _ => workloads.push(Workload {
                    name: group[0].workload.clone(),
                    variants: vec![variant],
                }),
            }
        }
        let claims = environment.iter().flat_map(|run| &run.claims);
        let claims = claims
            .filter_map(|claim| Judged::new(claim, &workloads))
            .collect();
        let counts = environment.as_ref().and_then(|run| run.counts.as_ref());
        let counted = counts.and_then(|counts| Counted::new(counts, &workloads));
        Self {
            environment,
            workloads,
            backends,
            claims,
            counted,
            paired: None,
            evidence: None,
            run: None,
            against: None,
        }
    }

    /// The report with a paired run in it, and what that shows.
    #[must_use]
    pub fn with_run(mut self, run: PairedRun) -> Self {
        self.paired = Some(Analysis::new(&run));
        self.run = Some(run);
        self
    }

    /// The number of the backend of a measurement, which decides its colour, dash and shape in every chart
    /// of its workload.
    ///
    /// The listed backends have the same on every page, whatever else was measured; the others of each
    /// workload are counted anew, so that no chart has to repeat a colour as long as there are enough.
    pub(crate) fn slot(&self, measurement: &Measurement) -> usize {
        let Measurement {
            workload, backend, ..
        } = measurement;
        let here = |name: &&String| {
            let mut rows = self.rows().map(|row| &row.measurement);
            listed_slot(name).is_none()
                && rows.any(|it| it.workload == *workload && it.backend == **name)
        };
        let mut others = self.backends.iter().filter(here);
        listed_slot(backend)
            .or_else(|| Some(BACKENDS.len() + others.position(|name| name == backend)?))
            .unwrap_or(0)
    }

    /// When the paired run started, in unix seconds, if that was not while the run lasted that the environment describes:
    /// a run that leaves the paired one out does not replace the record of the last one.
    #[must_use]
    pub fn paired_of_another_run(&self) -> Option<u64> {
        let (environment, run) = (self.environment.as_ref()?, self.run.as_ref()?);
        let end = environment.ended_at.unwrap_or(u64::MAX);
        let is_of_it = (environment.started_at..=end).contains(&run.started_at);
        (!is_of_it).then_some(run.started_at)
    }

    /// All rows of the page, in its order.
    pub fn rows(&self) -> impl Iterator<Item = &Row> {
        let variants = self.workloads.iter().flat_map(|w| &w.variants);
        variants.flat_map(|variant| &variant.rows)
    }
}

impl Variant {
    /// Compares the measurements of one variant; `group` is sorted and not empty.
    fn new(group: &[Measurement], started_at: u64) -> Self {
        let earlier = |m: &Measurement| m.measured_at.is_some_and(|time| time < started_at);
        let time = |m: &Measurement| m.median.point_ns;
        let best = (0..group.len())
            .min_by(|&a, &b| time(&group[a]).total_cmp(&time(&group[b])))
            .unwrap_or(0);
        let sequential = group.iter().position(Measurement::is_sequential);
        let compare = |own: usize, reference: usize| {
            let (own, reference) = (&group[own], &group[reference]);
            Comparison::new(own, reference, earlier(own) == earlier(reference))
        };
        let rows = (0..group.len()).map(|index| Row {
            measurement: group[index].clone(),
            earlier: earlier(&group[index]),
            to_sequential: sequential
                .filter(|&reference| reference != index)
                .map(|reference| compare(index, reference)),
            to_best: (best != index).then(|| compare(index, best)),
        });
        Self {
            name: group[0].variant.clone(),
            rows: rows.collect(),
            best,
        }
    }

    /// The row with the shortest median.
    #[must_use]
    pub fn best(&self) -> &Row {
        &self.rows[self.best]
    }

    /// The row the others are compared with, if there is one.
    #[must_use]
    pub fn sequential(&self) -> Option<&Row> {
        self.rows.iter().find(|row| row.measurement.is_sequential())
    }

    /// The best row and those that cannot be told from it, in the variant's order.
    pub fn front(&self) -> impl Iterator<Item = &Row> {
        self.rows.iter().filter(|row| match row.to_best {
            None => true,
            Some(comparison) => comparison.verdict == RowVerdict::Level,
        })
    }
}

/// The number of a backend that has the same on every page; `None` for the others.
fn listed_slot(backend: &str) -> Option<usize> {
    BACKENDS.iter().position(|listed| *listed == backend)
}

/// The numbers of backends that are shown together, outside of the tables of criterion's rows: those that are not listed
/// have the next ones, in their order.
pub(crate) fn slots<'a>(names: impl Iterator<Item = &'a str>) -> Vec<usize> {
    let mut next = BACKENDS.len();
    let slot = |name| {
        listed_slot(name).unwrap_or_else(|| {
            next += 1;
            next - 1
        })
    };
    names.map(slot).collect()
}

fn page_order(a: &Measurement, b: &Measurement) -> Ordering {
    let variant = |m: &Measurement| m.variant.clone().unwrap_or_default();
    listed_first(&WORKLOADS, &a.workload, &b.workload)
        .then_with(|| natural(&variant(a), &variant(b)))
        .then_with(|| listed_first(&BACKENDS, &a.backend, &b.backend))
        .then_with(|| a.parameter.cmp(&b.parameter))
        .then_with(|| a.measured_at.cmp(&b.measured_at))
        .then_with(|| a.median.point_ns.total_cmp(&b.median.point_ns))
}

fn listed_first(list: &[&str], a: &str, b: &str) -> Ordering {
    let place = |name: &str| {
        list.iter()
            .position(|listed| *listed == name)
            .unwrap_or(list.len())
    };
    place(a).cmp(&place(b)).then_with(|| natural(a, b))
}

/// The alphabet, except that runs of digits compare by value: `4 parts` before `64 parts` before `100 parts`.
fn natural(a: &str, b: &str) -> Ordering {
    let (mut left, mut right) = (a, b);
    while let (Some(x), Some(y)) = (left.chars().next(), right.chars().next()) {
        let order = if x.is_ascii_digit() && y.is_ascii_digit() {
            let (m, n) = (take_digits(&mut left), take_digits(&mut right));
            m.len().cmp(&n.len()).then_with(|| m.cmp(n))
        } else {
            left = &left[x.len_utf8()..];
            right = &right[y.len_utf8()..];
            x.cmp(&y)
        };
        if order != Ordering::Equal {
            return order;
        }
    }
    left.len().cmp(&right.len()).then_with(|| a.cmp(b))
}

/// Takes the leading digits off, and returns them without leading zeros.
fn take_digits<'a>(text: &mut &'a str) -> &'a str {
    let end = text
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(text.len());
    let (digits, rest) = text.split_at(end);
    *text = rest;
    digits.trim_start_matches('0')
}

/// Whether the variant shows how backends scale: some backend at several worker counts, and nothing without one
/// but the reference.
pub(crate) fn is_scaling(variant: &Variant) -> bool {
    let others = || {
        variant
            .rows
            .iter()
            .map(|row| &row.measurement)
            .filter(|m| !m.is_sequential())
    };
    // The axis is logarithmic, and has no place for a row of no workers.
    let counted = others().all(|m| matches!(m.parameter, Parameter::Workers(1..)));
    let repeated =
        others().any(|a| others().any(|b| a.backend == b.backend && a.parameter != b.parameter));
    counted && repeated
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_in_names_sort_by_value() {
        let mut names = ["64 parts", "100 parts", "4 parts", "one part", "04 parts"];
        names.sort_by(|a, b| natural(a, b));
        assert_eq!(
            names,
            ["04 parts", "4 parts", "64 parts", "100 parts", "one part"]
        );
    }

    #[test]
    fn listed_names_come_first_in_the_list_s_order() {
        let mut names = ["aaa", "overhead", "pi", "counter"];
        names.sort_by(|a, b| listed_first(&WORKLOADS, a, b));
        assert_eq!(names, ["pi", "counter", "overhead", "aaa"]);
    }
}
