//! The end of a queue: it is closed, its workers leave, and others wait until the last one has.
//!
//! What is queued may be taken out to be ended by whoever closes it. Those who wait for the end count on
//! finding all tasks ended, so one who does that holds a [`Drained`], and the end has not come before it is
//! dropped.

use std::collections::VecDeque;

use super::{Inbox, Queue, Queued, Role};
use crate::base::deadlock::Deadlock;
use crate::base::liveness::{self, Pool};
use crate::sync::{Arc, Deadline, Ordering, bug};

impl<T: Queued> Queue<T> {
    /// Closes the queue: nothing is pushed any more, what is queued is still popped.
    pub(crate) fn close(&self) {
        let mut inbox = self.inbox.lock();
        inbox.closed = true;
        drop(inbox);
        if bug!(ClosesForOne) {
            self.workers_side.wakeup.notify_one();
        } else {
            self.workers_side.wakeup.notify_all();
        }
    }

    /// Closes the queue and gives back what is queued.
    pub(crate) fn close_and_drain(&self) -> Drained<'_, T> {
        let (mut outbox, mut inbox) = self.boxes();
        let drained = self.drain(&mut outbox, &mut inbox);
        drop(inbox);
        drop(outbox);
        self.workers_side.wakeup.notify_all();
        drained
    }

    fn drain(&self, outbox: &mut VecDeque<T>, inbox: &mut Inbox<T>) -> Drained<'_, T> {
        inbox.closed = true;
        inbox.drains += 1;
        let tasks = outbox.drain(..).chain(inbox.tasks.drain(..)).collect();
        Drained { queue: self, tasks }
    }

    /// A worker leaves, after `pop` gave it nothing.
    pub(crate) fn leave(&self, mut role: Role) {
        let mut inbox = self.inbox.lock();
        if role == Role::Left {
            // It was counted out while it slept.
            return;
        }
        inbox.enter(&mut role, Role::Busy);
        inbox.workers -= 1;
        if inbox.workers == 0 {
            drop(inbox);
            self.workers_side.last_left.notify_all();
        }
    }

    /// A worker that was to be started could not be. If nobody else is left to run what is queued,
    /// closes the queue and gives that back.
    pub(crate) fn start_failed(&self) -> Option<Drained<'_, T>> {
        let (mut outbox, mut inbox) = self.boxes();
        inbox.workers -= 1;
        inbox.starting -= 1;
        inbox.start_failed = true;
        // ORDERING: Relaxed; see `finishing`.
        self.workers_side
            .all_started
            .store(false, Ordering::Relaxed);
        // If there are others they take what is queued: they are busy or starting, or the push woke them.
        let is_last = inbox.workers == 0;
        is_last.then(|| self.drain(&mut outbox, &mut inbox))
    }

    /// Has those who wait for the last worker to leave look whether they should.
    pub(crate) fn look_again(&self) {
        self.inbox.lock().looks += 1;
        self.workers_side.last_left.notify_all();
    }

    /// Waits until no worker of this pool is left, whose queue it is; false if the deadline passed first. The queue must
    /// be closed.
    ///
    /// # Errors
    ///
    /// It would wait for ever; then it does not.
    pub(crate) fn has_been_left_by<P: Pool + 'static>(
        &self,
        pool: &Arc<P>,
        deadline: Option<Deadline>,
    ) -> Result<bool, Arc<Deadlock>> {
        let left = &self.workers_side.last_left;
        liveness::sleep_until_end(
            pool,
            deadline,
            &self.inbox,
            left,
            Inbox::has_ended,
            |inbox| inbox.looks,
        )
    }
}

/// Tasks that were taken out of a closed queue, to be ended.
pub(crate) struct Drained<'q, T> {
    queue: &'q Queue<T>,
    tasks: Vec<T>,
}

impl<T> Drained<'_, T> {
    /// Has `end` end each of them. It runs no code of the user's, which might wait for the end of the queue.
    pub(crate) fn end_each(mut self, end: impl FnMut(T)) {
        self.tasks.drain(..).for_each(end);
    }
}

impl<T> Drop for Drained<'_, T> {
    fn drop(&mut self) {
        self.queue.inbox.lock().drains -= 1;
        self.queue.workers_side.last_left.notify_all();
    }
}
