//! The tasks of a scope: which have not begun, what is left of them, and the wait for the last.
//!
//! A scope lends its tasks what lies on its caller's stack, and so may return only when nothing of
//! them is left, on any thread. What is left is counted by [`Token`]s: whatever may touch what was lent
//! comes with one, which is dropped after it.
//!
//! The tasks wait in the pool's queue, as others do, and are listed here besides. So the thread of the scope can
//! run those that no worker has begun, and no others, while it waits: if all workers are busy, or are waiting
//! themselves, nothing is stuck. Any of these can move a task on:
//!
//! * a worker that takes it from the queue, or the scope's own thread, that takes it from the list;
//! * a shutdown that cancels what is in the queue;
//! * whoever waits for the task and runs it in place, and whoever cancels it.
//!
//! Of those who meet at one task, its cell lets one have it; the others find that it is not pending.

use std::collections::VecDeque;

use super::liveness::{self, Wait, Watched};
use super::queue::Queued;
use super::queued_task::QueuedTask;
use crate::sync::{Arc, Condvar, Mutex, Weak, bug};

/// The tasks of one scope.
pub(crate) struct ScopedTasks {
    state: Mutex<State>,
    /// The scope's own thread waits here.
    changed: Condvar,
}

struct State {
    /// Tasks that the scope's thread has not come to. The first and the last are pending whenever one is added, so
    /// that those which are not don't pile up here.
    listed: VecDeque<QueuedTask>,
    tokens: usize,
    /// How often something was added.
    changes: u64,
    /// All that were listed and may not have ended, and their callbacks, if the scope's thread runs a task
    /// itself: others may wait for that one.
    followed: Option<Vec<Weak<dyn Watched>>>,
}

impl State {
    fn follow(&mut self, watched: &Arc<dyn Watched>) {
        self.changes += 1;
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
                changes: 0,
                followed: liveness::concerns_this_thread().then(Vec::new),
            }),
            changed: Condvar::new(),
        })
    }

    pub(crate) fn token(self: &Arc<Self>) -> Token {
        self.state.lock().tokens += 1;
        Token(Arc::clone(self))
    }

    /// Has the task run by the scope's own thread, if nobody else begins it before.
    pub(crate) fn list(&self, task: QueuedTask, watched: &Arc<dyn Watched>) {
        let mut begun = Vec::new();
        let mut state = self.state.lock();
        while state.listed.front().is_some_and(|task| !task.is_pending()) {
            begun.extend(state.listed.pop_front());
        }
        while state.listed.back().is_some_and(|task| !task.is_pending()) {
            begun.extend(state.listed.pop_back());
        }
        state.listed.push_back(task);
        state.follow(watched);
        drop(state);
        self.changed.notify_one();
        begun.into_iter().for_each(QueuedTask::let_go);
    }

    /// Something else has a token until this has ended.
    pub(crate) fn follow(&self, watched: &Arc<dyn Watched>) {
        let mut state = self.state.lock();
        state.follow(watched);
        drop(state);
        // The scope's thread may sleep without knowing of it.
        self.changed.notify_one();
    }

    /// Waits until nothing is left of any task; runs what no worker has begun.
    pub(crate) fn wait(&self) {
        let mut state = self.state.lock();
        while state.tokens > 0 {
            match state.listed.pop_front() {
                Some(task) => {
                    if bug!(RunsUnderTheLock) {
                        task.run_here();
                        continue;
                    }
                    drop(state);
                    task.run_here();
                }
                None => {
                    let followed = state.followed.iter().flatten().filter_map(Weak::upgrade);
                    let (tasks, changes) = (followed.collect(), state.changes);
                    // No lock is held: whoever asks takes the list's, and may be the last to have one of those
                    // tasks.
                    drop(state);
                    liveness::sleep_in_any_case(|| Wait::All(tasks), || self.sleep(changes));
                }
            }
            state = self.state.lock();
        }
    }

    /// Sleeps, unless nothing is left or more has been added than so often.
    fn sleep(&self, changes: u64) {
        let state = self.state.lock();
        if state.tokens > 0 && state.changes == changes {
            drop(self.changed.wait(state));
        }
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
