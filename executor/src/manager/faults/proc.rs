//! What `/proc` says of a process, and waiting for it to say something.

use std::fs;
use std::thread;
use std::time::{Duration, Instant};

/// Longer than anything here takes on a crowded machine.
pub(super) const PATIENCE: Duration = Duration::from_secs(20);

/// What a manager has, besides memory.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Belongings {
    descriptors: usize,
    pub(super) threads: usize,
}

impl Belongings {
    pub(super) fn of(pid: u32) -> Belongings {
        let count =
            |folder| fs::read_dir(format!("/proc/{pid}/{folder}")).map_or(0, Iterator::count);
        Belongings {
            descriptors: count("fd"),
            threads: count("task"),
        }
    }
}

/// How a process is doing: R, S, T, Z; `None` if it is gone.
pub(super) fn condition(pid: u32) -> Option<char> {
    let text = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    text.rsplit_once(") ")?.1.chars().next()
}

/// Waits until it is so; fails if it never is.
pub(super) fn until(what: impl Fn() -> String, mut is_so: impl FnMut() -> bool) {
    let deadline = Instant::now() + PATIENCE;
    while !is_so() {
        assert!(
            Instant::now() < deadline,
            "it never came to that: {}",
            what()
        );
        thread::sleep(Duration::from_micros(200));
    }
}
