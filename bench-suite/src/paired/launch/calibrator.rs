//! A fixed loop, whose time is the plain measure of how loud the machine is.

use std::hint::black_box;
use std::time::Instant;

use crate::workload::pi;

/// About a third of a millisecond.
const TERMS: u64 = 250_000;

/// How long the loop takes now.
pub(super) fn now_ns() -> u64 {
    let start = Instant::now();
    black_box(pi::partial(1, black_box(TERMS)));
    start.elapsed().as_nanos() as u64
}
