//! Whether a cell's times depend on when they were measured: a mark beside those of disturbed visits, for what no single
//! visit shows, such as a machine that grows warm or a pool that grows slow.

use std::collections::BTreeMap;

use super::Observation;
use crate::statistics::{Order, mean};

/// Of a hundred cells whose times do not depend on it one is marked by chance.
pub(crate) const MARKED: f64 = 0.01;

/// What the order of a cell's visits shows, in the logarithms of its times.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CellOrder {
    /// From launch to launch, in the means of their blocks; `None` of fewer than three.
    pub launches: Option<Order>,
    /// From block to block within launches, each about its launch; `None` if none has three.
    pub blocks: Option<Order>,
}

impl CellOrder {
    /// The order of the visits to a cell; `None` if there are too few to tell, or if an answer was wrong.
    pub(super) fn of(rows: &[&Observation], seed: u64) -> Option<Self> {
        if rows.iter().any(|row| !row.ok) {
            return None;
        }
        let mut launches: BTreeMap<u32, BTreeMap<u32, f64>> = BTreeMap::new();
        for row in rows {
            let time = row.wall_ns as f64 / row.runs as f64;
            let blocks = launches.entry(row.launch).or_default();
            blocks.insert(row.block, time.ln());
        }
        let launches = launches.into_values();
        let launches: Vec<Vec<f64>> = launches
            .map(|blocks| blocks.into_values().collect())
            .collect();
        let means: Vec<f64> = launches.iter().filter_map(|it| mean(it)).collect();
        let order = Self {
            launches: Order::of(&[means], seed),
            blocks: Order::of(&launches, seed),
        };
        order.p().map(|_| order)
    }

    /// The p of both: the smaller, twice if there are two. `None` without any.
    #[must_use]
    pub fn p(&self) -> Option<f64> {
        match (self.launches, self.blocks) {
            (Some(launches), Some(blocks)) => Some((2.0 * launches.p.min(blocks.p)).min(1.0)),
            (Some(one), None) | (None, Some(one)) => Some(one.p),
            (None, None) => None,
        }
    }

    /// Whether the times depend on when they were measured by more than chance would have it.
    #[must_use]
    pub fn is_marked(&self) -> bool {
        self.p().is_some_and(|p| p <= MARKED)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::statistics::Generator;

    const LAUNCHES: u32 = 10;
    const BLOCKS: u32 = 12;

    /// A cell whose times vary by launch and by block, and as `more` says.
    fn cell(seed: u64, more: fn(launch: u32, block: u32) -> f64) -> Vec<Observation> {
        let mut generator = Generator::new(seed);
        let mut rows = Vec::new();
        for launch in 0..LAUNCHES {
            let of_launch = 0.05 * generator.normal();
            for block in 0..BLOCKS {
                let log = of_launch + 0.03 * generator.normal() + more(launch, block);
                rows.push(Observation {
                    launch,
                    block,
                    runs: 1,
                    wall_ns: (1e6 * log.exp()) as u64,
                    ok: true,
                    ..Observation::default()
                });
            }
        }
        rows
    }

    fn order(rows: &[Observation]) -> CellOrder {
        CellOrder::of(&rows.iter().collect::<Vec<_>>(), 1).expect("it varies")
    }

    #[test]
    fn launches_that_differ_are_no_mark_and_one_cell_in_a_hundred_has_one() {
        const CELLS: u64 = 400;
        let marked = (0..CELLS).filter(|seed| order(&cell(*seed, |_, _| 0.0)).is_marked());
        let marked = marked.count();
        assert!(marked <= 8, "{marked} of {CELLS}");
        println!("{marked} of {CELLS}");
    }

    #[test]
    fn a_machine_that_grows_slower_and_a_launch_that_warms_up_are_marked() {
        let slower = order(&cell(1, |launch, _| 0.1 * f64::from(launch)));
        assert!(slower.is_marked() && slower.launches.is_some_and(|it| it.autocorrelation > 0.4));
        let warm = order(&cell(2, |_, block| -0.02 * f64::from(block)));
        assert!(warm.is_marked() && warm.blocks.is_some_and(|it| it.autocorrelation > 0.4));
    }

    #[test]
    fn the_order_in_the_record_does_not_matter_and_a_wrong_answer_leaves_nothing_to_say() {
        let mut rows = cell(3, |launch, _| 0.05 * f64::from(launch));
        let before = order(&rows);
        rows.reverse();
        assert_eq!(order(&rows), before);
        rows[0].ok = false;
        assert_eq!(CellOrder::of(&rows.iter().collect::<Vec<_>>(), 1), None);
        assert_eq!(CellOrder::of(&[], 1), None);
    }
}
