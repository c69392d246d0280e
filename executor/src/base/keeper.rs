//! Whoever keeps a task until a worker begins it.

use super::source::Source;
use super::state::{State, Word};
use crate::sync::{self, Deadline};

/// Whoever keeps a task until a worker begins it.
///
/// On threads the state in the cell is the whole truth, and `()` keeps the task. A worker process
/// begins a task without this process having a hand in it; there the pool is the keeper, and is
/// asked wherever it matters whether the task has begun.
pub(crate) trait Keeper: Send + Sync + 'static {
    /// Calls `leave_pending`, which marks the task as cancelled, and gives what it gives; `None` if
    /// a worker has begun the task or it has ended. Nobody begins it after that.
    fn withdraw(
        &self,
        leave_pending: &dyn Fn() -> Result<Word, State>,
    ) -> Option<Result<Word, State>>;

    /// The future at this address was cancelled by `withdraw`, and those who wait for it have been told.
    fn called_off(&self, _address: usize) {}

    /// Whether a worker has begun the task, or it has ended. Asked while the cell says pending.
    fn has_begun(&self) -> bool;

    /// Watches for the end for a moment, before the caller sleeps and not beyond the deadline;
    /// whether it has come.
    fn watch(&self, is_done: &dyn Fn() -> bool, deadline: Option<Deadline>) -> bool;

    /// The futures that must end before this one can. Asked while it has not ended.
    fn sources(&self) -> Vec<Source> {
        Vec::new()
    }

    /// How many steps are still to be made before it ends: by each of those who end its sources, or the last one
    /// of whoever has what they left. Asked while it has not ended.
    fn steps_left(&self) -> usize {
        1
    }
}

impl Keeper for () {
    fn withdraw(
        &self,
        leave_pending: &dyn Fn() -> Result<Word, State>,
    ) -> Option<Result<Word, State>> {
        Some(leave_pending())
    }

    fn has_begun(&self) -> bool {
        false
    }

    fn watch(&self, is_done: &dyn Fn() -> bool, _deadline: Option<Deadline>) -> bool {
        sync::spin_giving_way_until(is_done)
    }
}
