//! The closable first-in-first-out queue of a pool, and the sleep protocol of its workers.
//!
//! # Two locks
//!
//! Tasks are pushed into the *inbox*. Workers pop from the *outbox*; the one who finds it empty
//! swaps the two. So the submitter and the workers meet once per batch and not once per task. Lock
//! order: outbox, then inbox.
//!
//! Each of the two has cache lines of its own: what the workers look at between two tasks is on one, and
//! what a push touches is on another, with its lock. Where a line had some of both, a burst of tasks
//! took up to three times as long: submitter and workers took it from each other with each task.
//!
//! # Who sleeps, and who wakes them
//!
//! A worker is *starting* (it runs the initializer), *busy* (it runs a task), *searching* (it has
//! none, and looks before it does anything else) or *sleeping*. All but the busy are counted under
//! the inbox's lock and nowhere else, and the counts are changed by the waker: one who wakes a
//! sleeper counts it as searching at once, so that two pushes don't wake the same worker twice.
//!
//! The invariant that rules out a lost task, after each critical section:
//!
//! > if tasks are queued and a worker sleeps, some worker searches.
//!
//! * A push finds no searcher: it wakes a sleeper; if there is none, it has a worker started for
//!   each task that no other starting worker is for.
//! * A searcher becomes busy (it has found a task, or is about to run callbacks): if tasks are
//!   left, it wakes the next searcher, or has one started.
//! * A searcher goes to sleep: only when it has seen both boxes empty, under both locks.
//! * A sleeper whose time is up leaves: only if nobody has woken it, under the inbox's lock, in which
//!   wakers count. A push that comes before finds it and wakes it, and one that comes after does not
//!   count on it. If another sleeper takes the wake-up that was meant for it, it leaves in its stead.

use std::collections::VecDeque;
use std::time::Duration;

use crossbeam_utils::CachePadded;

use crate::sync::{self, AtomicBool, Condvar, Deadline, Mutex, MutexGuard, Ordering, bug};

mod end;
mod inbox;

pub(crate) use end::Drained;
use inbox::Inbox;
pub(crate) use inbox::{Role, Start};

/// What a queue holds.
pub(crate) trait Queued {
    /// Whether there is anything to do for it.
    fn is_pending(&self) -> bool;

    /// Drops what is left of one that is not pending. May run code of the user's, but does not panic.
    fn let_go(self);
}

/// A queue of tasks and the workers that take them.
pub(crate) struct Queue<T> {
    workers_side: CachePadded<WorkersSide<T>>,
    inbox: CachePadded<Mutex<Inbox<T>>>,
}

/// What workers look at between two tasks, on one cache line.
struct WorkersSide<T> {
    outbox: Mutex<VecDeque<T>>,
    /// May be true although both boxes are empty, is never false while a task is queued and a
    /// worker spins: what a spinning worker looks at instead of taking locks.
    maybe_tasks: AtomicBool,
    /// Whether all the workers have been started; spares busy workers a lock per task.
    all_started: AtomicBool,
    /// Sleeping workers wait here, with the inbox's lock.
    wakeup: Condvar,
    /// Those who wait for the last worker to leave wait here, with the inbox's lock.
    last_left: Condvar,
}

impl<T: Queued> Queue<T> {
    pub(crate) fn new(max_workers: usize, idle_timeout: Option<Duration>) -> Queue<T> {
        Queue {
            workers_side: CachePadded::new(WorkersSide {
                outbox: Mutex::new(VecDeque::new()),
                maybe_tasks: AtomicBool::new(false),
                all_started: AtomicBool::new(false),
                wakeup: Condvar::new(),
                last_left: Condvar::new(),
            }),
            inbox: CachePadded::new(Mutex::new(Inbox::new(max_workers, idle_timeout))),
        }
    }

    /// Queues a task; gives it back if the queue is closed.
    pub(crate) fn push(&self, task: T) -> Result<Start, T> {
        match self.open_inbox() {
            Some(inbox) => Ok(self.push_into(inbox, task)),
            None => Err(task),
        }
    }

    /// Queues what `make` makes under the inbox's lock; it is not called if the queue is closed.
    pub(crate) fn push_made(&self, make: impl FnOnce() -> T) -> Option<Start> {
        let inbox = self.open_inbox()?;
        Some(self.push_into(inbox, make()))
    }

    /// The inbox, unless the queue is closed.
    fn open_inbox(&self) -> Option<MutexGuard<'_, Inbox<T>>> {
        let mut inbox = self.inbox.lock();
        if bug!(CountsOutsideTheLock) {
            let workers = inbox.workers;
            drop(inbox);
            inbox = self.inbox.lock();
            inbox.workers = workers;
        }
        (!inbox.closed).then_some(inbox)
    }

    /// Takes the place of what is not pending any more, so that one who submits and cancels, or runs what it
    /// waits for, in turns does not fill the queue.
    fn push_into(&self, mut inbox: MutexGuard<'_, Inbox<T>>, task: T) -> Start {
        let mut ended = Vec::new();
        while inbox.tasks.back().is_some_and(|task| !task.is_pending()) {
            ended.extend(inbox.tasks.pop_back());
        }
        inbox.tasks.push_back(task);
        self.hint_tasks();
        // Those in the outbox are not counted; whoever takes one of them counts them all.
        let queued = inbox.tasks.len();
        let start = self.call_searcher(inbox, queued);
        ended.into_iter().for_each(T::let_go);
        start
    }

    /// The next task for a worker; waits for one. `None` when the queue is closed and empty, or the
    /// worker has been idle for too long: then it is to leave.
    ///
    /// The worker's role says how it is counted, and is kept true.
    pub(crate) fn pop(&self, role: &mut Role) -> Option<(T, Start)> {
        let mut may_spin = true;
        loop {
            let mut outbox = self.workers_side.outbox.lock();
            if *role == Role::Busy
                && let Some(task) = outbox.pop_front()
            {
                return Some((task, Start::Nothing));
            }
            let mut inbox = self.inbox.lock();
            if outbox.is_empty() {
                std::mem::swap(&mut *outbox, &mut inbox.tasks);
            }
            if let Some(task) = outbox.pop_front() {
                let left = outbox.len() + inbox.tasks.len();
                drop(outbox);
                let start = self.become_busy(inbox, role, left);
                return Some((task, start));
            }
            if inbox.closed {
                if bug!(OneWorkerTakesTheEnd) {
                    inbox.closed = false;
                }
                return None;
            }
            self.hint_empty();
            drop(outbox);
            if bug!(LooksAndThenSleeps) {
                drop(inbox);
                inbox = self.inbox.lock();
            }
            inbox.enter(role, Role::Searching);
            if may_spin && sync::may_spin() {
                drop(inbox);
                sync::spin_giving_way_until(|| self.hints_tasks());
                may_spin = false;
            } else {
                if !self.sleep(inbox, role) {
                    return None;
                }
                may_spin = true;
            }
        }
    }

    /// A worker is about to show that it has finished its task: whoever sees that and submits
    /// another must not start one more worker for it.
    pub(crate) fn finishing(&self, role: &mut Role) {
        // ORDERING: Relaxed. Only a worker that sees "not all started" too late takes a lock too
        // many.
        if !self.workers_side.all_started.load(Ordering::Relaxed) {
            self.inbox.lock().enter(role, Role::Searching);
        }
    }

    /// A worker that may be counted as searching will do something else first.
    pub(crate) fn become_busy_again(&self, role: &mut Role) -> Start {
        if *role == Role::Busy {
            return Start::Nothing;
        }
        let (outbox, inbox) = self.boxes();
        let left = outbox.len() + inbox.tasks.len();
        drop(outbox);
        self.become_busy(inbox, role, left)
    }

    /// Workers that were started, or are being started, and have not left; and one more if the next push may
    /// have it started. In one look: between two of them it could be.
    pub(crate) fn workers(&self) -> usize {
        let inbox = self.inbox.lock();
        let can_start = inbox.workers < inbox.max_workers && !inbox.start_failed && !inbox.closed;
        inbox.workers as usize + usize::from(can_start)
    }

    /// Whether a worker is free to take a task, or is being started or could be.
    pub(crate) fn has_free_worker(&self) -> bool {
        let inbox = self.inbox.lock();
        let coming = inbox.searching + inbox.sleeping + inbox.starting;
        coming > 0 || inbox.workers < inbox.max_workers
    }

    /// Counts one worker more than there should be, as starting: it is to be started.
    pub(crate) fn add_worker(&self) {
        let mut inbox = self.inbox.lock();
        inbox.max_workers = inbox.max_workers.saturating_add(1);
        inbox.workers += 1;
        inbox.starting += 1;
    }

    /// How much is queued, how many workers there are, and how many have replaced others.
    pub(crate) fn counts(&self) -> (usize, usize, u64) {
        let (outbox, inbox) = self.boxes();
        let queued = outbox.len() + inbox.tasks.len();
        (queued, inbox.workers as usize, inbox.replaced)
    }

    /// Both, locked in their order.
    fn boxes(&self) -> (MutexGuard<'_, VecDeque<T>>, MutexGuard<'_, Inbox<T>>) {
        if bug!(LocksTheOtherWayRound) {
            let inbox = self.inbox.lock();
            return (self.workers_side.outbox.lock(), inbox);
        }
        let outbox = self.workers_side.outbox.lock();
        (outbox, self.inbox.lock())
    }

    fn become_busy(
        &self,
        mut inbox: MutexGuard<'_, Inbox<T>>,
        role: &mut Role,
        queued: usize,
    ) -> Start {
        inbox.enter(role, Role::Busy);
        self.call_searcher(inbox, queued)
    }

    /// Sees that somebody searches if at least so many tasks are queued, as far as there is anybody.
    fn call_searcher(&self, mut inbox: MutexGuard<'_, Inbox<T>>, queued: usize) -> Start {
        if queued == 0 || inbox.searching > 0 {
            return Start::Nothing;
        }
        if inbox.sleeping > 0 {
            self.wake_sleeper(inbox);
            return Start::Nothing;
        }
        if inbox.workers < inbox.max_workers && (inbox.starting as usize) < queued {
            inbox.workers += 1;
            inbox.starting += 1;
            inbox.start_failed = false;
            if inbox.vacancies > 0 {
                inbox.vacancies -= 1;
                inbox.replaced += 1;
            }
            if inbox.workers == inbox.max_workers {
                // ORDERING: Relaxed; see `finishing`.
                self.workers_side.all_started.store(true, Ordering::Relaxed);
            }
            return Start::Worker;
        }
        Start::Nothing
    }

    fn wake_sleeper(&self, mut inbox: MutexGuard<'_, Inbox<T>>) {
        inbox.sleeping -= 1;
        inbox.woken += 1;
        inbox.searching += 1;
        drop(inbox);
        self.workers_side.wakeup.notify_one();
    }

    /// A searcher sleeps until it is woken, as a searcher, or the queue is closed. False if its time
    /// was up before: it is no worker any more.
    fn sleep(&self, mut inbox: MutexGuard<'_, Inbox<T>>, role: &mut Role) -> bool {
        inbox.searching -= 1;
        inbox.sleeping += 1;
        let deadline = inbox.idle_timeout.and_then(Deadline::after);
        let mut is_late = false;
        while inbox.woken == 0 || bug!(LeavesThoughWoken) && is_late {
            if inbox.closed && !bug!(SleepsThroughTheEnd) {
                inbox.sleeping -= 1;
                inbox.searching += 1;
                return true;
            }
            if is_late {
                inbox.sleeping -= 1;
                inbox.workers -= 1;
                inbox.vacancies += 1;
                // ORDERING: Relaxed; see `finishing`.
                self.workers_side
                    .all_started
                    .store(false, Ordering::Relaxed);
                *role = Role::Left;
                return false;
            }
            (inbox, is_late) = match deadline {
                None => (self.workers_side.wakeup.wait(inbox), false),
                Some(deadline) => self.workers_side.wakeup.wait_until(inbox, deadline),
            };
        }
        inbox.woken -= 1;
        true
    }

    fn hint_tasks(&self) {
        // ORDERING: Relaxed, here and below: it is a hint. A spinner that misses it looks into the
        // boxes before it sleeps. It is written under the inbox's lock only.
        if !self.workers_side.maybe_tasks.load(Ordering::Relaxed) {
            self.workers_side.maybe_tasks.store(true, Ordering::Relaxed);
        }
    }

    fn hint_empty(&self) {
        self.workers_side
            .maybe_tasks
            .store(false, Ordering::Relaxed);
    }

    fn hints_tasks(&self) -> bool {
        self.workers_side.maybe_tasks.load(Ordering::Relaxed)
    }
}
