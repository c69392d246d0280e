//! The tasks that wait, and the errands that rayon was given to run them.

use std::collections::VecDeque;
use std::mem;

use crate::base::counters::Tally;
use crate::base::liveness;
use crate::base::queue::Queued;
use crate::base::queued_task::QueuedTask;
use crate::base::room::Room;
use crate::base::{Deadlock, WhenStarved};
use crate::sync::{self, Arc, Condvar, Deadline, Mutex, MutexGuard};

pub(super) struct Shared {
    pub(super) tasks: Mutex<Tasks>,
    /// If there is a limit to how many tasks wait.
    pub(super) room: Option<Arc<Room>>,
    /// Those who wait for the last errand to end wait here.
    pub(super) last_ended: Condvar,
    pub(super) number: u32,
    pub(super) name: String,
    pub(super) max_workers: usize,
    pub(super) when_starved: WhenStarved,
    /// The process that has the threads; see [`sync::process_generation`].
    pub(super) generation: u32,
    /// One for each thread.
    pub(super) tallies: Vec<Arc<Tally>>,
}

pub(super) struct Tasks {
    pub(super) queued: VecDeque<QueuedTask>,
    pub(super) closed: bool,
    /// How many take what was queued out of it, and end that.
    pub(super) drains: usize,
    /// Errands that rayon was given and that have not ended.
    pub(super) errands: usize,
    /// Of those, how many have begun. (Some perhaps on top of another, on the same thread.)
    pub(super) begun: usize,
    /// How often those who wait for the last errand to end were to look whether they should.
    pub(super) looks: u64,
}

impl Tasks {
    /// Queues a task, for which rayon is given an errand next, in the place of what is not pending any more: that is
    /// to be let go of with no lock held. Its errands find nothing.
    pub(super) fn push(&mut self, task: QueuedTask) -> Vec<QueuedTask> {
        let mut ended = Vec::new();
        while self.queued.back().is_some_and(|task| !task.is_pending()) {
            ended.extend(self.queued.pop_back());
        }
        self.queued.push_back(task);
        self.errands += 1;
        ended
    }

    /// Whether all that was queued has ended, if nothing is queued any more.
    fn has_ended(&self) -> bool {
        self.errands == 0 && self.drains == 0
    }
}

impl Shared {
    /// Whether this process is a copy, forked since the executor was built. Asked before any lock is taken.
    pub(super) fn is_elsewhere(&self) -> bool {
        sync::process_generation() != self.generation
    }

    /// The tasks, unless the executor was shut down.
    pub(super) fn open_tasks(&self) -> Option<MutexGuard<'_, Tasks>> {
        let tasks = self.tasks.lock();
        (!tasks.closed).then_some(tasks)
    }

    /// Accepts nothing any more; gives what is to be cancelled, if that is asked for.
    pub(super) fn close(&self, cancel_pending: bool) -> Option<Drained<'_>> {
        let mut tasks = self.tasks.lock();
        tasks.closed = true;
        if !cancel_pending {
            return None;
        }
        tasks.drains += 1;
        let drained = mem::take(&mut tasks.queued);
        drop(tasks);
        let shared = self;
        Some(Drained { shared, drained })
    }

    /// Waits until the last errand has ended; false if the deadline passed first.
    ///
    /// # Errors
    ///
    /// It would wait for ever; then it does not.
    pub(super) fn has_ended_by(
        self: &Arc<Self>,
        deadline: Option<Deadline>,
    ) -> Result<bool, Arc<Deadlock>> {
        let ended = &self.last_ended;
        liveness::sleep_until_end(
            self,
            deadline,
            &self.tasks,
            ended,
            Tasks::has_ended,
            |tasks| tasks.looks,
        )
    }

    /// The errand: runs the task that has waited longest, if it was not cancelled by a shutdown.
    pub(super) fn run_next(&self) {
        let mut tasks = self.tasks.lock();
        tasks.begun += 1;
        let task = tasks.queued.pop_front();
        drop(tasks);
        if let Some(task) = task {
            let thread = rayon::current_thread_index();
            task.run(&*self.tallies[thread.expect("errands run on the pool's threads")]);
        }
        let mut tasks = self.tasks.lock();
        tasks.begun -= 1;
        tasks.errands -= 1;
        if tasks.has_ended() {
            drop(tasks);
            self.last_ended.notify_all();
        }
    }
}

/// Tasks that were taken out of a closed queue, to be ended. Nobody takes the executor for ended before they are,
/// and this is dropped.
pub(super) struct Drained<'s> {
    shared: &'s Shared,
    drained: VecDeque<QueuedTask>,
}

impl Drained<'_> {
    /// Has `end` end each of them. It runs no code of the user's, which might wait for the executor's end.
    pub(super) fn end_each(mut self, end: impl FnMut(QueuedTask)) {
        self.drained.drain(..).for_each(end);
    }
}

impl Drop for Drained<'_> {
    fn drop(&mut self) {
        self.shared.tasks.lock().drains -= 1;
        self.shared.last_ended.notify_all();
    }
}

impl liveness::Pool for Shared {
    fn number(&self) -> u32 {
        self.number
    }

    fn name(&self) -> String {
        self.name.clone()
    }

    fn workers(&self) -> usize {
        if self.is_elsewhere() {
            return 0;
        }
        self.max_workers
    }

    fn has_free_worker(&self) -> bool {
        !self.is_elsewhere() && self.tasks.lock().begun < self.max_workers
    }

    fn has_room(&self) -> bool {
        !self.is_elsewhere() && self.room.as_ref().is_none_or(|room| room.has_room())
    }

    fn when_starved(&self) -> WhenStarved {
        self.when_starved
    }

    fn start_spare(self: Arc<Self>) -> bool {
        // rayon's pools don't grow.
        false
    }

    fn look_again(&self) {
        self.tasks.lock().looks += 1;
        self.last_ended.notify_all();
        if let Some(room) = &self.room {
            room.look_again();
        }
    }
}
