//! The machine's mood: how long a fixed loop took, block by block, while a paired run lasted.

use std::collections::BTreeMap;

use crate::paired::{Observation, PairedRun, disturbances};
use crate::statistics::median;

/// The calibrator's times in the order of the run.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Mood {
    /// The blocks; never none.
    pub(crate) blocks: Vec<BlockMood>,
}

/// What the machine was like during a block.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct BlockMood {
    pub(crate) launch: u32,
    pub(crate) block: u32,
    /// What the calibrator took: the median of what the block's visits note.
    pub(crate) calibrator_ns: f64,
    /// Whether anything disturbed one of its visits.
    pub(crate) is_disturbed: bool,
}

impl Mood {
    /// A figure has so many marks at most.
    pub(crate) const MOST: usize = 300;

    /// The mood of a run; `None` if no calibrator was measured.
    pub(crate) fn of(run: &PairedRun) -> Option<Self> {
        let mut visits: BTreeMap<(u32, u32), (Vec<f64>, bool)> = BTreeMap::new();
        let rows: Vec<Observation> = run.observations.rows().collect();
        for (row, disturbance) in rows.iter().zip(disturbances(&rows)) {
            let (times, is_disturbed) = visits.entry((row.launch, row.block)).or_default();
            times.extend((row.calibrator_ns > 0).then_some(row.calibrator_ns as f64));
            *is_disturbed |= disturbance.is_any();
        }
        let blocks =
            visits
                .into_iter()
                .filter_map(|((launch, block), (mut times, is_disturbed))| {
                    Some(BlockMood {
                        launch,
                        block,
                        calibrator_ns: median(&mut times)?,
                        is_disturbed,
                    })
                });
        let blocks: Vec<BlockMood> = blocks.collect();
        (!blocks.is_empty()).then_some(Self { blocks })
    }

    /// The blocks that a figure shows: all, or every so-manieth if they are more than `most`.
    pub(crate) fn shown(&self, most: usize) -> Vec<BlockMood> {
        let step = self.blocks.len().div_ceil(most).max(1);
        self.blocks.iter().copied().step_by(step).collect()
    }

    /// The shortest, the median and the longest time.
    pub(crate) fn range_ns(&self) -> [f64; 3] {
        let mut times: Vec<f64> = self.blocks.iter().map(|it| it.calibrator_ns).collect();
        let middle = median(&mut times).unwrap_or(1.0);
        let end = |value: Option<&f64>| value.copied().unwrap_or(middle);
        [end(times.first()), middle, end(times.last())]
    }

    /// How many blocks were disturbed.
    pub(crate) fn disturbed(&self) -> usize {
        self.blocks.iter().filter(|it| it.is_disturbed).count()
    }
}
