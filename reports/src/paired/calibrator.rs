//! How loud the machine was, by a fixed loop that opens and closes each block.

use std::collections::BTreeMap;

use super::Observation;
use crate::number::{factor, time};
use crate::statistics::median;

/// What the loop took, in a sentence; `None` without blocks. No figure is divided by it.
pub(super) fn mood(rows: &[Observation]) -> Option<String> {
    let blocks: BTreeMap<(u32, u32), u64> = rows
        .iter()
        // A record without it is no fault.
        .filter(|row| row.calibrator_ns > 0)
        .map(|row| ((row.launch, row.block), row.calibrator_ns))
        .collect();
    let mut times: Vec<f64> = blocks.into_values().map(|time| time as f64).collect();
    let middle = median(&mut times)?;
    let (fastest, slowest) = (times.first()?, times.last()?);
    Some(format!(
        "A fixed loop at both ends of each block took {} in the median of {} blocks, {} in the slowest and {} in the \
         fastest, which is {} apart: so loud was the machine.",
        time(middle),
        times.len(),
        time(*slowest),
        time(*fastest),
        factor(slowest / fastest),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_block_counts_once() {
        let row = |launch, block, calibrator_ns| Observation {
            launch,
            block,
            calibrator_ns,
            ..Observation::default()
        };
        assert_eq!(mood(&[]), None);
        // Two visits of one block, and one each of two others.
        let rows = [
            row(0, 0, 900),
            row(0, 0, 900),
            row(0, 1, 300),
            row(1, 0, 400),
        ];
        let said = mood(&rows).unwrap_or_default();
        let says = "took 400\u{a0}ns in the median of 3 blocks, 900\u{a0}ns in the slowest and 300\u{a0}ns in the fastest, \
                    which is 3.00× apart";
        assert!(said.contains(says), "{said}");
    }
}
