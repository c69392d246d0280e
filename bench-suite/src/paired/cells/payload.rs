//! Bytes to a worker process and back, from one to what no cache holds: where copying them outweighs the round trip.

use std::sync::Arc;

use super::{on_backend, warm};
use crate::backend::Backend;
use crate::paired::family::{Family, Started};
use crate::workload::payload;

pub(super) const NAME: &str = "bytes there and back";

/// The sizes, about a factor of sixteen apart; those of the benchmarks of criterion among them.
pub(super) const SIZES: [(&str, usize); 7] = [
    ("1 B", 1),
    ("1 KiB", 1 << 10),
    ("16 KiB", 16 << 10),
    ("64 KiB", 64 << 10),
    ("1 MiB", 1 << 20),
    ("16 MiB", 16 << 20),
    ("64 MiB", payload::LARGEST),
];

/// The places of those two sizes among them.
pub(super) const BYTE: usize = 0;
pub(super) const MEBIBYTE: usize = 4;

/// A worker alone: there is one payload at a time.
pub(super) const WORKERS: u32 = 1;

/// The sizes are not compared with each other: each takes what it takes.
pub(super) fn declare(family: &mut Family) {
    let cells = SIZES.map(|(name, size)| {
        let backend = Backend::Processes;
        let cell = on_backend(NAME, backend, Some(name), WORKERS, size as u64);
        family.add(cell, move || {
            let (pool, processes) = warm(backend, WORKERS)?;
            let bytes = Arc::new(payload::bytes(size));
            let input = Arc::clone(&bytes);
            let check = move |answer: &Vec<u8>| match *answer == *bytes {
                true => Ok(()),
                false => Err("other bytes came back".to_owned()),
            };
            let run = move |bytes| Ok(payload::there_and_back(&pool, bytes)?);
            let started = Started::with_input(move || Vec::clone(&input), run, check);
            Ok(started.in_processes(processes))
        })
    });
    let claim = "Arguments of processes are sent through a channel, which costs: a mebibyte takes longer \
                 than a byte";
    family.state(claim, cells[MEBIBYTE], cells[BYTE], 1.0);
}
