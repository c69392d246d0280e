//! The pool as the keeper of its tasks.

use std::sync::Weak;
use std::time::Duration;

use super::inbox::Moment;
use super::shared::Shared;
use crate::base::keeper::Keeper;
use crate::base::state::{State, Word};
use crate::spin::spin_until;
use crate::sync::{Arc, Deadline};

/// How long a thread that waits for a task reads its worker's channel itself. Longer, and a task that
/// somebody cancels meanwhile would be waited for noticeably longer; and a task that takes longer does
/// not notice two wake-ups more.
const MOMENT: Duration = Duration::from_millis(1);

/// The pool as the keeper of one of its tasks.
pub(crate) struct KeptByPool {
    /// Weak, so that a future that outlives the pool keeps no descriptors.
    shared: Weak<Shared>,
    id: u64,
}

impl KeptByPool {
    pub(super) fn new(shared: &Arc<Shared>, id: u64) -> KeptByPool {
        let shared = Arc::downgrade(shared);
        KeptByPool { shared, id }
    }
}

impl Keeper for KeptByPool {
    fn withdraw(
        &self,
        leave_pending: &dyn Fn() -> Result<Word, State>,
    ) -> Option<Result<Word, State>> {
        let Some(shared) = self.shared.upgrade() else {
            // A pool that is gone has ended all its tasks.
            return Some(leave_pending());
        };
        if shared.is_elsewhere() {
            return None;
        }
        let mut state = shared.state.lock();
        let withdrawn = state.withdraw(self.id);
        let moved = withdrawn.is_some().then(leave_pending);
        let is_closed = state.closed;
        drop(state);
        // It holds the task's writing end.
        drop(withdrawn);
        if is_closed {
            // It may have been the last that the supervisor waited for.
            shared.wake_supervisor();
        }
        moved
    }

    fn has_begun(&self) -> bool {
        self.shared
            .upgrade()
            .is_none_or(|shared| shared.is_elsewhere() || shared.state.lock().has_begun(self.id))
    }

    fn watch(&self, is_done: &dyn Fn() -> bool, deadline: Option<Deadline>) -> bool {
        let Some(shared) = self.shared.upgrade() else {
            return is_done();
        };
        if shared.is_elsewhere() {
            return is_done();
        }
        loop {
            let state = shared.state.lock();
            let worker = state.workers.iter().find(|worker| worker.has(self.id));
            let inbox = worker.map(|worker| (worker.number, Arc::clone(&worker.inbox)));
            drop(state);
            let Some((number, inbox)) = inbox else {
                return spin_until(is_done);
            };
            let moment = deadline.map_or(MOMENT, |deadline| MOMENT.min(deadline.left()));
            match inbox.read_for_a_moment(is_done, moment, |found| shared.take_in(number, found)) {
                Moment::Found(ended) => shared.finish_for_waiter(self.id, ended),
                Moment::Last(ended) => {
                    shared.finish_for_waiter(self.id, ended);
                    return is_done();
                }
                Moment::Over => return is_done(),
                Moment::Taken => return spin_until(is_done),
            }
            if is_done() {
                return true;
            }
            if deadline.is_some_and(Deadline::has_passed) {
                return false;
            }
        }
    }
}
