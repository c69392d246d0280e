//! The tasks of a scope: which have not begun, what is left of them, and the wait for the last.
//!
//! A scope lends its tasks what lies on its caller's stack, and so may return only when nothing of
//! them is left, on any thread. What is left is counted by [`Token`]s: whatever may touch what was lent
//! comes with one, which is dropped after it.
//!
//! The tasks wait here, and the pool is given an errand for each: to run the next of them. So the
//! thread of the scope can run those that no worker has begun, and no others, while it waits: if all
//! workers are busy, or are waiting themselves, nothing is stuck. Three can move a task on:
//!
//! * a worker with an errand, or the scope's own thread, takes the task from the list and runs it;
//!   an errand that finds the list empty does nothing;
//! * a shutdown cancels an errand, and with it the next task on the list;
//! * whoever waits for the task runs it in place, and whoever cancels it drops it; it is found ended
//!   by the one who comes across it on the list.
//!
//! Of those who meet at one task, its cell lets one have it.

use std::any::Any;
use std::collections::VecDeque;

use super::aftermath::Aftermath;
use super::error::TaskError;
use super::liveness::{self, Wait, Watched};
use super::queued_task::{Host, QueuedTask, Runnable};
use super::room::Place;
use crate::sync::{Arc, Condvar, Mutex, Weak, bug};

/// The tasks of one scope.
pub(crate) struct ScopedTasks {
    state: Mutex<State>,
    /// The scope's own thread waits here.
    changed: Condvar,
}

struct State {
    /// Tasks that have been taken neither by an errand nor by the scope's thread.
    listed: VecDeque<QueuedTask>,
    tokens: usize,
    /// All that were listed and may not have ended, and their callbacks, if the scope's thread runs a task
    /// itself: others may wait for that one.
    followed: Option<Vec<Weak<dyn Watched>>>,
}

impl State {
    fn follow(&mut self, watched: &Arc<dyn Watched>) {
        if let Some(followed) = &mut self.followed {
            if followed.len() == followed.capacity() {
                followed.retain(|task| task.strong_count() > 0);
            }
            followed.push(Arc::downgrade(watched));
        }
    }
}

/// Something of a task is left. To be dropped after it.
pub(crate) struct Token(Arc<ScopedTasks>);

impl ScopedTasks {
    pub(crate) fn new() -> Arc<ScopedTasks> {
        Arc::new(ScopedTasks {
            state: Mutex::new(State {
                listed: VecDeque::new(),
                tokens: 0,
                followed: liveness::concerns_this_thread().then(Vec::new),
            }),
            changed: Condvar::new(),
        })
    }

    pub(crate) fn token(self: &Arc<Self>) -> Token {
        self.state.lock().tokens += 1;
        Token(Arc::clone(self))
    }

    /// Has the task run by the next errand, or by the scope's own thread.
    pub(crate) fn list(&self, task: QueuedTask, watched: &Arc<dyn Watched>) {
        let mut state = self.state.lock();
        state.listed.push_back(task);
        state.follow(watched);
        drop(state);
        self.changed.notify_one();
    }

    /// Something else has a token until this has ended.
    pub(crate) fn follow(&self, watched: &Arc<dyn Watched>) {
        let mut state = self.state.lock();
        state.follow(watched);
        drop(state);
        // The scope's thread may sleep without knowing of it.
        self.changed.notify_one();
    }

    /// An errand for a pool: to run the next task. Its place in the pool's queue goes with it.
    pub(crate) fn errand(self: &Arc<Self>, place: Option<Place>) -> QueuedTask {
        let tasks = Arc::clone(self);
        QueuedTask::from_runnable(Arc::new(Errand { place, tasks }))
    }

    /// Waits until nothing is left of any task; runs what no worker has begun.
    pub(crate) fn wait(&self) {
        let mut state = self.state.lock();
        while state.tokens > 0 {
            match state.listed.pop_front() {
                Some(task) => {
                    if bug!(RunsUnderTheLock) {
                        task.run(&());
                        continue;
                    }
                    drop(state);
                    task.run(&());
                    state = self.state.lock();
                }
                None => {
                    let followed = state.followed.iter().flatten().filter_map(Weak::upgrade);
                    let tasks = followed.collect();
                    let wait = || Wait::All(tasks);
                    // The lock is let go of first: who was the last to have one of those tasks drops its
                    // error, which may be the user's.
                    liveness::sleep_in_any_case(wait, || drop(self.changed.wait(state)));
                    state = self.state.lock();
                }
            }
        }
    }

    fn next(&self) -> Option<QueuedTask> {
        self.state.lock().listed.pop_front()
    }
}

impl Drop for Token {
    fn drop(&mut self) {
        let mut state = self.0.state.lock();
        state.tokens -= 1;
        if bug!(CountsDownTwice) {
            state.tokens = state.tokens.saturating_sub(1);
        }
        let is_last = state.tokens == 0;
        drop(state);
        if is_last {
            self.0.changed.notify_one();
        }
    }
}

/// What becomes of an errand becomes of the next task.
struct Errand {
    place: Option<Place>,
    tasks: Arc<ScopedTasks>,
}

impl Runnable for Errand {
    fn run(self: Arc<Self>, host: &dyn Host) {
        // Nobody else has an errand. Its place is given up before the task runs.
        if let Some(Errand { place, tasks }) = Arc::into_inner(self) {
            drop(place);
            if let Some(task) = tasks.next() {
                task.run(host);
            }
        }
    }

    fn fail(&self, error: TaskError, aftermath: &mut Aftermath) {
        if let Some(task) = self.tasks.next() {
            task.fail_into(error, aftermath);
        }
    }

    fn cancel(&self, aftermath: &mut Aftermath) {
        if let Some(task) = self.tasks.next() {
            task.cancel_into(aftermath);
        }
    }

    /// There is nothing to give back: the task is the scope's.
    fn give_back(&self, _place: &mut dyn Any) {}
}
