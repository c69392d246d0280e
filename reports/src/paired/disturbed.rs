//! Which visits something disturbed. They stay in the data, because to drop what looks bad is to choose the result; but a
//! verdict that rests on them is to be known as one.

use std::collections::BTreeMap;

use super::Observation;
use crate::statistics::median;

/// So many median deviations above its cell's median a number of switches is too many.
const DEVIATIONS: f64 = 5.0;

/// Calibrators on either side of a visit that differ by more than this factor show that the machine has changed.
const UNEVEN: f64 = 1.05;

/// What disturbed a visit; nothing, if nothing did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Disturbance {
    /// The machine below took time, or the control group was throttled.
    pub(crate) taken: bool,
    /// Threads were taken off their processors far oftener than on the cell's other visits.
    pub(crate) switched: bool,
    /// The calibrators before and after the visit's block differ.
    pub(crate) uneven: bool,
}

impl Disturbance {
    pub(crate) fn is_any(self) -> bool {
        self.taken || self.switched || self.uneven
    }
}

/// How many visits were disturbed, and by what; a visit can be by several things.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Disturbed {
    /// How many visits there were.
    pub visits: usize,
    /// How many of them were disturbed.
    pub any: usize,
    /// During how many the machine below took time, or the control group was throttled.
    pub taken: usize,
    /// During how many threads were taken off their processors far oftener than on the cell's other visits.
    pub switched: usize,
    /// On how many the calibrators before and after the block differed.
    pub uneven: usize,
}

impl Disturbed {
    pub(super) fn count(disturbances: &[Disturbance]) -> Self {
        let count = |is: fn(&&Disturbance) -> bool| disturbances.iter().filter(is).count();
        Self {
            visits: disturbances.len(),
            any: count(|it| it.is_any()),
            taken: count(|it| it.taken),
            switched: count(|it| it.switched),
            uneven: count(|it| it.uneven),
        }
    }
}

/// What disturbed each visit, in their order.
pub(crate) fn disturbances(rows: &[Observation]) -> Vec<Disturbance> {
    let most = most_switches(rows);
    let of_one = |row: &Observation| Disturbance {
        taken: row.steal_ticks + row.throttled_ns > 0,
        switched: most
            .get(&row.cell)
            .is_some_and(|most| row.involuntary_switches as f64 > *most),
        uneven: is_uneven(row),
    };
    rows.iter().map(of_one).collect()
}

/// By cell, how many involuntary switches a visit may have.
fn most_switches(rows: &[Observation]) -> BTreeMap<usize, f64> {
    let mut cells: BTreeMap<usize, Vec<f64>> = BTreeMap::new();
    for row in rows {
        let switches = row.involuntary_switches as f64;
        cells.entry(row.cell).or_default().push(switches);
    }
    let most = |(cell, mut switches): (usize, Vec<f64>)| {
        let middle = median(&mut switches)?;
        let mut deviations: Vec<f64> = switches.iter().map(|it| (it - middle).abs()).collect();
        // Switches come whole: where most visits have none, one is not a disturbance.
        let deviation = median(&mut deviations)?.max(1.0);
        Some((cell, middle + DEVIATIONS * deviation))
    };
    cells.into_iter().filter_map(most).collect()
}

/// Not told of a record that has no calibrators on either side.
fn is_uneven(row: &Observation) -> bool {
    let both = row.calibrator_before_ns.zip(row.calibrator_after_ns);
    both.is_some_and(|(before, after)| before.max(after) as f64 > UNEVEN * before.min(after) as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn visit(cell: usize, involuntary_switches: u64) -> Observation {
        Observation {
            cell,
            involuntary_switches,
            ..Observation::default()
        }
    }

    #[test]
    fn steal_and_throttling_disturb_however_little() {
        let stolen = Observation {
            steal_ticks: 1,
            ..visit(0, 0)
        };
        let throttled = Observation {
            throttled_ns: 1,
            ..visit(0, 0)
        };
        let seen = disturbances(&[stolen, throttled, visit(0, 0)]);
        assert_eq!(
            seen.iter().map(|it| it.taken).collect::<Vec<_>>(),
            [true, true, false]
        );
        assert!(seen.iter().all(|it| !it.switched && !it.uneven));
    }

    #[test]
    fn switches_disturb_beyond_five_deviations_of_their_own_cell() {
        // The median is 20, and the median deviation 2: beyond 30 it is too many.
        let switches = [18, 19, 20, 22, 22, 30, 31];
        let mut rows: Vec<Observation> = switches.map(|it| visit(0, it)).to_vec();
        rows[3].involuntary_switches = 18;
        // Another cell has a hundred times as many, and that is no matter.
        rows.extend([2_000, 2_001, 2_002].map(|it| visit(1, it)));
        let seen = disturbances(&rows);
        let switched: Vec<usize> = (0..rows.len()).filter(|it| seen[*it].switched).collect();
        assert_eq!(switched, [6]);
    }

    #[test]
    fn a_switch_where_there_are_none_is_no_disturbance_and_six_are() {
        let rows = [0, 0, 0, 0, 5, 6].map(|it| visit(0, it));
        let switched = disturbances(&rows)
            .iter()
            .map(|it| it.switched)
            .collect::<Vec<_>>();
        assert_eq!(switched, [false, false, false, false, false, true]);
    }

    #[test]
    fn calibrators_disturb_if_they_differ_by_more_than_a_twentieth() {
        let between = |before, after| Observation {
            calibrator_before_ns: before,
            calibrator_after_ns: after,
            ..visit(0, 0)
        };
        let rows = [
            between(Some(1_000), Some(1_050)),
            between(Some(1_000), Some(1_051)),
            between(Some(1_051), Some(1_000)),
            between(None, Some(9)),
            between(None, None),
        ];
        let uneven = disturbances(&rows)
            .iter()
            .map(|it| it.uneven)
            .collect::<Vec<_>>();
        assert_eq!(uneven, [false, true, true, false, false]);
    }

    #[test]
    fn a_visit_that_two_things_disturb_counts_once() {
        let both = Disturbance {
            taken: true,
            uneven: true,
            switched: false,
        };
        let counted = Disturbed::count(&[both, Disturbance::default()]);
        let expected = Disturbed {
            visits: 2,
            any: 1,
            taken: 1,
            switched: 0,
            uneven: 1,
        };
        assert_eq!(counted, expected);
    }
}
