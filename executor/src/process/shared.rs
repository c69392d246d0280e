//! What a pool, its supervisor and its futures share.

use std::io;
use std::os::fd::OwnedFd;
use std::sync::atomic::{AtomicU64, Ordering};

use rustix::event::{EventfdFlags, eventfd};

use super::child::ServingProcess;
use super::inbox::Found;
use super::memory::Lender;
use super::options::Options;
use super::state::{Ended, State};
use super::watch::{Token, Watch};
use crate::base::callback_thread::OnCallbackThread;
use crate::sync::{self, Arc, Condvar, Deadline, Mutex};

/// What the pool, its supervisor and its futures share.
///
/// Locks are taken in this order: an inbox, the state, what an inbox wants.
pub(super) struct Shared {
    pub(super) state: Mutex<State>,
    pub(super) options: Options,
    pub(super) watch: Arc<Watch>,
    pub(super) lender: Lender,
    /// Wakes the supervisor.
    wake: OwnedFd,
    /// Those who wait for the supervisor's end wait here.
    ended: Condvar,
    next_id: AtomicU64,
    /// The process that has the pool's threads and workers; see [`sync::process_generation`].
    generation: u32,
}

impl Shared {
    pub(super) fn new(options: Options, callback_thread: OnCallbackThread) -> io::Result<Shared> {
        let wake = eventfd(0, EventfdFlags::CLOEXEC | EventfdFlags::NONBLOCK)?;
        let watch = Watch::new()?;
        watch.add(&wake, Token::Wake)?;
        Ok(Shared {
            state: Mutex::new(State::new(&options, callback_thread)),
            options,
            watch: Arc::new(watch),
            lender: Lender::default(),
            wake,
            ended: Condvar::new(),
            next_id: AtomicU64::new(0),
            generation: sync::process_generation(),
        })
    }

    /// Whether this process is a copy, forked since the pool was built, whose supervisor and workers it
    /// does not have. Asked before any lock is taken, which may be held for good, and before anything
    /// is read or sent, which is the original's.
    pub(super) fn is_elsewhere(&self) -> bool {
        sync::process_generation() != self.generation
    }

    /// Tells the supervisor to look at the state.
    pub(super) fn wake_supervisor(&self) {
        // It fails only when the count is full, and then the supervisor is awake.
        let _ = rustix::io::write(&self.wake, &1_u64.to_ne_bytes());
    }

    /// Takes note of what woke the supervisor.
    pub(super) fn awake(&self) {
        let _ = rustix::io::read(&self.wake, &mut [0_u8; 8]);
    }

    /// An id that no other task of this pool has; later ones are greater.
    pub(super) fn next_id(&self) -> u64 {
        // ORDERING: Relaxed, all that matters is that the numbers differ.
        self.next_id.fetch_add(1, Ordering::Relaxed)
    }

    /// Closes the pool. What was accepted still runs, but for what no worker has begun if
    /// `cancel_pending`.
    pub(super) fn close(&self, cancel_pending: bool) {
        if self.is_elsewhere() {
            return;
        }
        let mut state = self.state.lock();
        state.closed = true;
        state.cancels |= cancel_pending;
        state.tell_submitters();
        let pending = if cancel_pending {
            state.cancel_pending()
        } else {
            Vec::new()
        };
        drop(state);
        self.finish(pending);
        self.wake_supervisor();
    }

    /// Closes the pool, cancels what no worker has begun, and has `end` end the workers.
    pub(super) fn end_by_force(&self, end: fn(&ServingProcess)) {
        if self.is_elsewhere() {
            return;
        }
        self.close(true);
        let mut state = self.state.lock();
        state.forced = true;
        state.workers.iter().for_each(|worker| end(&worker.process));
    }

    /// Finishes tasks. Runs the user's code.
    pub(super) fn finish(&self, ended: Vec<Ended>) {
        if ended.is_empty() {
            return;
        }
        let count = ended.len();
        for Ended { task, reply, .. } in ended {
            task.finish(reply);
        }
        let mut state = self.state.lock();
        state.finishing -= count;
        let is_over = state.closed;
        drop(state);
        if is_over {
            self.wake_supervisor();
        }
    }

    /// Finishes what a thread that waits for the task `own` may finish, and leaves the rest to the
    /// supervisor.
    pub(super) fn finish_for_waiter(&self, own: u64, ended: Vec<Ended>) {
        let (mut here, there): (Vec<_>, Vec<_>) =
            ended.into_iter().partition(|it| it.suits_waiter(own));
        if !there.is_empty() {
            let lost = self.state.lock().hand_over(there);
            here.extend(lost);
            self.wake_supervisor();
        }
        self.finish(here);
    }

    /// Takes in what came from a worker, and gives out what is to be finished.
    pub(super) fn take_in(&self, number: u64, found: Found) -> Vec<Ended> {
        let mut state = self.state.lock();
        let ended = state.take_in(number, found);
        let needs_supervisor = state.closed || state.wants_worker() || state.has_deadline();
        drop(state);
        if needs_supervisor {
            self.wake_supervisor();
        }
        ended
    }

    pub(super) fn supervisor_has_ended(&self) {
        self.state.lock().supervisor_ended = true;
        self.ended.notify_all();
    }

    /// Waits until the supervisor has ended; false if the deadline passed first.
    pub(super) fn has_ended_by(&self, deadline: Option<Deadline>) -> bool {
        let mut state = self.state.lock();
        while !state.supervisor_ended {
            state = match deadline {
                None => self.ended.wait(state),
                Some(deadline) => {
                    let (state, is_late) = self.ended.wait_until(state, deadline);
                    if is_late {
                        return state.supervisor_ended;
                    }
                    state
                }
            };
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::{Sender, channel};

    use super::*;
    use crate::base::TaskError;
    use crate::base::callback_thread::CallbackThread;
    use crate::process::ProcessPoolExecutor;
    use crate::process::content::Content;
    use crate::process::remote::Remote;

    /// A task whose result only the supervisor may decode.
    struct Told(Sender<Result<(), TaskError>>);

    impl Remote for Told {
        fn is_plain(&self) -> bool {
            false
        }

        fn mark_cancelled(&mut self) {}

        fn finish(self: Box<Self>, reply: Result<Content, TaskError>) {
            self.0.send(reply.map(drop)).expect("it is awaited");
        }
    }

    #[test]
    fn what_a_waiter_leaves_to_a_supervisor_that_has_ended_is_lost_and_not_forgotten() {
        let options = ProcessPoolExecutor::builder()
            .check()
            .expect("the defaults");
        let (_thread, way, caller) =
            CallbackThread::start("shared".to_owned(), 1 << 20).expect("a thread");
        let shared = Shared::new(options, way).expect("an eventfd");
        let (tell, told) = channel();
        let ended = Ended {
            task: Box::new(Told(tell)),
            reply: Ok(Content::inline(vec![0; 8])),
            id: Some(7),
        };
        let mut state = shared.state.lock();
        state.finishing = 1;
        // As the supervisor leaves it, when it could not go on.
        state.callback_thread = None;
        drop(state);
        shared.finish_for_waiter(8, vec![ended]);
        assert!(matches!(told.try_recv(), Ok(Err(TaskError::PoolBroken(_)))));
        assert_eq!(shared.state.lock().finishing, 0);
        caller.join().expect("it leaves when nobody can send to it");
    }
}
