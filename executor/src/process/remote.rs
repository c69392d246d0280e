//! The writing end of a task that runs in another process.

use super::wire;
use crate::base::TaskError;
use crate::base::cell::{Body, Callbacks};
use crate::base::promise::Writer;
use crate::sync;
use crate::task::Payload;

/// Callbacks of a future, ready to be run.
pub(super) type CallBack = Box<dyn FnOnce() + Send>;

/// The body of a process task's cell: sees that callbacks run on the pool's callback thread.
pub(super) struct OnCallbackThread(crossbeam_channel::Sender<CallBack>);

impl OnCallbackThread {
    pub(super) fn new(sender: crossbeam_channel::Sender<CallBack>) -> OnCallbackThread {
        OnCallbackThread(sender)
    }
}

impl<T: Send + 'static> Body<T> for OnCallbackThread {
    fn release(self, callbacks: Callbacks<T>) {
        if callbacks.is_empty() {
            return;
        }
        if let Err(refused) = self.0.send(Box::new(|| callbacks.run())) {
            // The thread is gone, with the pool; better here than never.
            (refused.into_inner())();
        }
    }
}

/// The writing end of a task that runs in another process, its type forgotten.
pub(super) trait Remote: Send {
    /// Moves it from pending to running; false if it was cancelled.
    fn claim(&mut self) -> bool;

    /// Cancels it, if it is pending.
    fn cancel(&self) -> bool;

    /// Finishes it with what the worker replied. Runs the user's code: decoding, and perhaps the
    /// destructor of a result that nobody waits for.
    fn finish(self: Box<Self>, reply: Result<Vec<u8>, TaskError>);
}

impl<T: Payload> Remote for Writer<T, OnCallbackThread> {
    fn claim(&mut self) -> bool {
        Writer::claim(self)
    }

    fn cancel(&self) -> bool {
        Writer::cancel(self)
    }

    fn finish(mut self: Box<Self>, reply: Result<Vec<u8>, TaskError>) {
        let outcome = reply.and_then(|bytes| wire::decode::<Result<T, TaskError>>(&bytes)?);
        drop(sync::catch_unwind(move || {
            Writer::finish(&mut self, outcome);
        }));
    }
}
