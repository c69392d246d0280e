//! What a pool knows: the queue, the workers and what they do.

use std::collections::VecDeque;
use std::os::fd::OwnedFd;

use super::remote::{CallBack, OnCallbackThread, Remote};
use super::transport::Sender;
use super::wire::{Draft, Kind};
use crate::base::SubmitError;
use crate::sync::{Arc, Condvar, Mutex};

/// What the pool and its supervisor share.
pub(super) struct Shared {
    pub(super) state: Mutex<State>,
    /// Wakes the supervisor.
    pub(super) wake: OwnedFd,
    /// Those who wait for the supervisor's end wait here.
    pub(super) ended: Condvar,
}

impl Shared {
    pub(super) fn new(
        max_workers: usize,
        wake: OwnedFd,
        callbacks: crossbeam_channel::Sender<CallBack>,
    ) -> Shared {
        Shared {
            state: Mutex::new(State {
                queued: VecDeque::new(),
                workers: Vec::new(),
                max_workers,
                closed: false,
                broken: None,
                next_id: 0,
                callbacks: Some(callbacks),
                supervisor_ended: false,
            }),
            wake,
            ended: Condvar::new(),
        }
    }

    /// Tells the supervisor to look at the state.
    fn wake_supervisor(&self) {
        // It fails only when the count is full, and then the supervisor is awake.
        let _ = rustix::io::write(&self.wake, &1_u64.to_ne_bytes());
    }

    pub(super) fn enqueue(&self, draft: Draft, task: Box<dyn Remote>) -> Result<(), SubmitError> {
        let mut state = self.state.lock();
        // It may have been closed since `accept`.
        state.check_open()?;
        let id = state.next_id;
        state.next_id += 1;
        state.queued.push_back(Assignment {
            id,
            frame: draft.finish(Kind::Task, id),
            claimed: false,
            task,
        });
        let cancelled = state.dispatch();
        let needs_supervisor = state.wants_worker() || state.has_unsent();
        drop(state);
        drop(cancelled);
        if needs_supervisor {
            self.wake_supervisor();
        }
        Ok(())
    }

    pub(super) fn close(&self, cancel_pending: bool) {
        let mut state = self.state.lock();
        state.closed = true;
        let mut pending = VecDeque::new();
        if cancel_pending {
            // A task that came back from a worker that was gone already is claimed, and can't be
            // cancelled any more: it stays, and runs.
            (state.queued, pending) = std::mem::take(&mut state.queued)
                .into_iter()
                .partition(|assignment| assignment.claimed);
        }
        drop(state);
        for assignment in pending {
            assignment.task.cancel();
        }
        self.wake_supervisor();
    }

    pub(super) fn wait_until_ended(&self) {
        let mut state = self.state.lock();
        while !state.supervisor_ended {
            state = self.ended.wait(state);
        }
    }
}

/// The pool's state. No code of the user's runs under its lock.
pub(super) struct State {
    /// Tasks that no worker has been given.
    pub(super) queued: VecDeque<Assignment>,
    pub(super) workers: Vec<Worker>,
    max_workers: usize,
    pub(super) closed: bool,
    /// Why the pool is broken, if it is.
    pub(super) broken: Option<Arc<str>>,
    next_id: u64,
    /// Where callbacks are sent to be run; `None` when the supervisor has ended.
    pub(super) callbacks: Option<crossbeam_channel::Sender<CallBack>>,
    pub(super) supervisor_ended: bool,
}

/// A worker, as the state knows it.
pub(super) struct Worker {
    pub(super) pid: u32,
    pub(super) sender: Sender,
    pub(super) activity: Activity,
}

/// What a worker does.
///
/// ```text
/// Starting -> Idle <-> Running
/// any -> Gone
/// ```
pub(super) enum Activity {
    /// It has not said that it is ready.
    Starting,
    /// It waits for a task.
    Idle,
    /// It has a task.
    Running {
        /// The id of the task.
        id: u64,
        /// Who waits for it.
        task: Box<dyn Remote>,
    },
    /// Its channel is broken; the supervisor will find it dead.
    Gone,
}

/// A task that waits for a worker.
pub(super) struct Assignment {
    id: u64,
    frame: Vec<u8>,
    /// Whether the task has been given to a worker, who was gone.
    claimed: bool,
    pub(super) task: Box<dyn Remote>,
}

impl State {
    fn check_open(&self) -> Result<(), SubmitError> {
        match &self.broken {
            Some(cause) => Err(SubmitError::Broken(Arc::clone(cause))),
            None if self.closed => Err(SubmitError::ShutDown),
            None => Ok(()),
        }
    }

    pub(super) fn accept(&self) -> Result<OnCallbackThread, SubmitError> {
        self.check_open()?;
        let sender = self.callbacks.clone().ok_or(SubmitError::ShutDown)?;
        Ok(OnCallbackThread::new(sender))
    }

    /// Gives queued tasks to idle workers, and gives back those that were cancelled meanwhile, to
    /// be dropped when the lock is not held.
    #[must_use = "to be dropped when the lock is not held"]
    pub(super) fn dispatch(&mut self) -> Vec<Assignment> {
        let mut cancelled = Vec::new();
        for worker in &mut self.workers {
            while matches!(worker.activity, Activity::Idle) {
                let Some(mut assignment) = self.queued.pop_front() else {
                    return cancelled;
                };
                if !assignment.task.claim() {
                    cancelled.push(assignment);
                    continue;
                }
                assignment.claimed = true;
                match worker.sender.send(&assignment.frame) {
                    Ok(()) => {
                        worker.activity = Activity::Running {
                            id: assignment.id,
                            task: assignment.task,
                        };
                    }
                    Err(_) => {
                        // It died while it was idle. Nothing has reached it, so the task can go to
                        // another.
                        worker.activity = Activity::Gone;
                        self.queued.push_front(assignment);
                    }
                }
            }
        }
        cancelled
    }

    /// Whether another worker is to be started for what is queued.
    pub(super) fn wants_worker(&self) -> bool {
        let starting = self
            .workers
            .iter()
            .filter(|worker| matches!(worker.activity, Activity::Starting))
            .count();
        self.queued.len() > starting && self.workers.len() < self.max_workers
    }

    fn has_unsent(&self) -> bool {
        self.workers.iter().any(|worker| worker.sender.has_unsent())
    }

    /// The worker with this process id.
    pub(super) fn worker(&mut self, pid: u32) -> Option<&mut Worker> {
        self.workers.iter_mut().find(|worker| worker.pid == pid)
    }

    /// Whether all that was accepted has ended, and nothing more is accepted.
    pub(super) fn is_done(&self) -> bool {
        self.closed
            && self.queued.is_empty()
            && !self
                .workers
                .iter()
                .any(|worker| matches!(worker.activity, Activity::Running { .. }))
    }
}
