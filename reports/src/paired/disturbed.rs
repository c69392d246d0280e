//! Which visits something disturbed. They stay in the data, because to drop what looks bad is to choose the result; but a
//! verdict that rests on them is to be known as one.

use std::collections::BTreeMap;

use super::Observation;
use crate::statistics::median;

/// So many median deviations above the median a number of switches, or a difference of calibrators, stands out.
const DEVIATIONS: f64 = 5.0;

/// Calibrators on either side of a visit that differ by no more than this share show no change of the machine.
const UNEVEN: f64 = 0.05;

/// The median deviation that differences of calibrators have at least. Where most of them are the same, the least more
/// would stand out; five of these are a hundredth.
const LEAST_DEVIATION: f64 = 0.002;

/// What disturbed a visit; nothing, if nothing did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Disturbance {
    /// The machine below took time, or the control group was throttled.
    pub(crate) taken: bool,
    /// Threads were taken off their processors far oftener than on the cell's other visits.
    pub(crate) switched: bool,
    /// The calibrators before and after the visit's block differ, and by more than is usual in the run.
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
    /// On how many the calibrators before and after the block differed by more than 5 %, and by more than is usual in the
    /// run: the median of such differences and five median deviations.
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
    let most_uneven = most_uneven(rows);
    let of_one = |row: &Observation| Disturbance {
        taken: row.steal_ticks + row.throttled_ns > 0,
        switched: most
            .get(&row.cell)
            .is_some_and(|most| row.involuntary_switches as f64 > *most),
        uneven: difference(row).is_some_and(|it| it > most_uneven),
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
        // Switches come whole: where most visits have none, one is not a disturbance.
        Some((cell, usual_at_most(&mut switches, 1.0)?))
    };
    cells.into_iter().filter_map(most).collect()
}

/// How far the calibrators on either side of a visit may be apart in this run, as a share.
///
/// A machine whose calibrator always moves by 8 % is loud as a whole, and to mark each visit of it would tell nothing: the
/// grade of the run and the figure of its calibrator say so. The mark is for the visits that stand out from the others.
fn most_uneven(rows: &[Observation]) -> f64 {
    // The visits of a block lie between the same two, which count once however many visits there were.
    let blocks: BTreeMap<(u32, u32), f64> = rows
        .iter()
        .filter_map(|row| Some(((row.launch, row.block), difference(row)?)))
        .collect();
    let mut differences: Vec<f64> = blocks.into_values().collect();
    usual_at_most(&mut differences, LEAST_DEVIATION).map_or(UNEVEN, |usual| usual.max(UNEVEN))
}

/// By which share of the shorter one the calibrators on either side of a visit differ. Not told of a record that has none.
fn difference(row: &Observation) -> Option<f64> {
    let (before, after) = row.calibrator_before_ns.zip(row.calibrator_after_ns)?;
    let shorter = before.min(after);
    (shorter > 0).then(|| before.abs_diff(after) as f64 / shorter as f64)
}

/// What values that are as the others are do not exceed: five median deviations above their median. `None` of nothing.
fn usual_at_most(values: &mut [f64], least_deviation: f64) -> Option<f64> {
    let middle = median(values)?;
    let mut deviations: Vec<f64> = values.iter().map(|it| (it - middle).abs()).collect();
    let deviation = median(&mut deviations)?.max(least_deviation);
    Some(middle + DEVIATIONS * deviation)
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

    /// Visits between such calibrators, a block each.
    fn between(calibrators: &[(Option<u64>, Option<u64>)]) -> Vec<Observation> {
        let visits = (0..)
            .zip(calibrators)
            .map(|(block, &(before, after))| Observation {
                block,
                calibrator_before_ns: before,
                calibrator_after_ns: after,
                ..visit(0, 0)
            });
        visits.collect()
    }

    fn uneven(rows: &[Observation]) -> Vec<bool> {
        disturbances(rows).iter().map(|it| it.uneven).collect()
    }

    #[test]
    fn calibrators_of_a_quiet_run_disturb_if_they_differ_by_more_than_a_twentieth() {
        let quiet = (Some(1_000), Some(1_001));
        let rows = between(&[
            (Some(1_000), Some(1_050)),
            (Some(1_000), Some(1_051)),
            (Some(1_051), Some(1_000)),
            (None, Some(9)),
            (None, None),
            quiet,
            quiet,
            quiet,
            quiet,
        ]);
        let expected = [false, true, true, false, false, false, false, false, false];
        assert_eq!(uneven(&rows), expected);
    }

    #[test]
    fn calibrators_that_always_differ_disturb_only_where_they_differ_by_far_more() {
        // The median is 80, and the median deviation 10 of a thousand: beyond 130 it stands out.
        let after = [1_060, 1_070, 1_080, 1_090, 1_090, 1_129, 1_131];
        let mut pairs = after.map(|after| (Some(1_000), Some(after)));
        pairs[4].1 = Some(1_070);
        let expected = [false, false, false, false, false, false, true];
        assert_eq!(uneven(&between(&pairs)), expected);
    }

    #[test]
    fn where_most_calibrators_differ_alike_a_hundredth_more_stands_out() {
        let pairs = [1_080, 1_080, 1_080, 1_089, 1_091].map(|after| (Some(1_000), Some(after)));
        assert_eq!(uneven(&between(&pairs)), [false, false, false, false, true]);
        // With no difference at all the twentieth holds.
        let still = [1_000, 1_000, 1_000, 1_049, 1_051].map(|after| (Some(1_000), Some(after)));
        assert_eq!(uneven(&between(&still)), [false, false, false, false, true]);
    }

    #[test]
    fn a_block_counts_once_however_many_visits_it_had() {
        // Three quiet blocks of one visit, and a loud one of many, which would be the usual if visits were counted.
        let mut rows = between(&[(Some(1_000), Some(1_000)); 3]);
        let loud = Observation {
            block: 3,
            calibrator_before_ns: Some(1_000),
            calibrator_after_ns: Some(1_200),
            ..visit(0, 0)
        };
        rows.extend([loud; 9]);
        assert_eq!(uneven(&rows).iter().filter(|it| **it).count(), 9);
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
