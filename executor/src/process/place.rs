//! A place in a pool that is kept for a task while its arguments are encoded.
//!
//! Encoding takes large vectors out of the arguments, and so can't be undone; what is refused is to
//! be given back as it came. So the pool is asked first, and what it has accepted stays accepted: a
//! pool with places that are kept has not come to its end, whoever shuts it down meanwhile.
//!
//! ```text
//! Kept -> Filled     the task is queued; or ended at once, if the pool broke or cancelled meanwhile
//! Kept -> given up   the arguments could not be encoded
//! ```

use std::thread;

use super::roster::Queued;
use super::shared::Shared;
use crate::base::SubmitError;
use crate::base::callback_thread::OnCallbackThread;
use crate::base::room::IfFull;
use crate::sync::Arc;

/// A place that is kept; given up when it is dropped.
pub(super) struct Place<'s> {
    shared: &'s Arc<Shared>,
}

impl<'s> Place<'s> {
    /// Keeps a place for the task that the calling thread is about to encode.
    ///
    /// If there is no room, a thread that is in the middle of another submit does not wait for any,
    /// whatever `if_full`: its own task may be what there is no room besides.
    pub(super) fn keep(
        shared: &'s Arc<Shared>,
        if_full: IfFull,
    ) -> Result<(Place<'s>, OnCallbackThread), SubmitError> {
        let me = thread::current().id();
        let mut state = shared.state.lock();
        let room = Arc::clone(&state.room);
        let mut is_late = false;
        loop {
            let callback_thread = state.accept()?;
            if state.has_room() {
                state.encoding.push(me);
                return Ok((Place { shared }, callback_thread));
            }
            let deadline = match if_full {
                IfFull::Wait(deadline) if !is_late && !state.encoding.contains(&me) => deadline,
                IfFull::Wait(_) | IfFull::Refuse => return Err(SubmitError::Full),
            };
            state.submitters += 1;
            // Its workers are processes, which wait for nobody here.
            (state, is_late) = match deadline {
                None => (room.wait(state), false),
                Some(deadline) => room.wait_until(state, deadline),
            };
            state.submitters -= 1;
        }
    }

    /// Puts the task there.
    pub(super) fn fill(self, queued: Queued) {
        let mut state = self.shared.state.lock();
        let ended = state.put(queued);
        let needs_supervisor = state.wants_worker();
        drop(state);
        if needs_supervisor {
            self.shared.wake_supervisor();
        }
        self.shared.finish(ended);
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        let me = thread::current().id();
        let mut state = self.shared.state.lock();
        if let Some(index) = state.encoding.iter().position(|thread| *thread == me) {
            state.encoding.swap_remove(index);
        }
        state.tell_submitters();
        let may_be_over = state.closed;
        drop(state);
        if may_be_over {
            self.shared.wake_supervisor();
        }
    }
}
