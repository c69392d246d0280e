//! The stacks of workers: how large they are, and how much of one is left.

use super::error::BuildError;
use crate::sync;

/// More than any system gives, and what may be rounded up without harm.
const MOST: usize = usize::MAX / 4;

/// As much as any system needs for a thread, so that none gives more than is asked for.
const LEAST: usize = 64 << 10;

/// How many bytes of stack a worker has, of whom so many were asked for.
pub(crate) fn checked_size(asked: Option<usize>) -> Result<usize, BuildError> {
    let Some(size) = asked else {
        return Ok(sync::default_stack_size().clamp(LEAST, MOST));
    };
    if (1..=MOST).contains(&size) {
        return Ok(size.max(LEAST));
    }
    Err(BuildError::InvalidOption {
        option: "stack_size",
        problem: format!("it is {size}; it must be from 1 to {MOST} bytes"),
    })
}

/// The stack of a thread.
pub(super) struct Stack {
    /// An address near its begin.
    begin: usize,
    size: usize,
}

impl Stack {
    /// That of the calling thread, which has just begun, with so many bytes.
    pub(super) fn begins_here(size: usize) -> Stack {
        let begin = sync::stack_address();
        Stack { begin, size }
    }

    /// Whether no more than half of it is in use, by the thread whose it is.
    pub(super) fn has_half_left(&self) -> bool {
        let used = self.begin.abs_diff(sync::stack_address());
        // A checker of memory may have put locals elsewhere; then nothing is known.
        used <= self.size / 2 || used > self.size
    }
}
