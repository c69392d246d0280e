//! The writing end of a task that runs in another process.

use std::any::type_name;
use std::mem::needs_drop;

use super::wire;
use crate::base::cell::Body;
use crate::base::core::Callbacks;
use crate::base::promise::Writer;
use crate::base::{Future, TaskError};
use crate::sync;
use crate::task::Payload;

/// Callbacks of a future, ready to be run.
pub(super) type CallBack = Box<dyn FnOnce() + Send>;

/// The way to the pool's callback thread, for what is the user's and may take long.
#[derive(Clone)]
pub(super) struct OnCallbackThread(crossbeam_channel::Sender<CallBack>);

impl OnCallbackThread {
    pub(super) fn new(sender: crossbeam_channel::Sender<CallBack>) -> OnCallbackThread {
        OnCallbackThread(sender)
    }

    fn run(&self, call_back: CallBack) {
        if let Err(refused) = self.0.send(call_back) {
            // The thread is gone, with the pool; better here than never.
            (refused.into_inner())();
        }
    }
}

/// The body of a process task's cell: it only knows where callbacks run.
impl<T: Send + 'static> Body<T> for OnCallbackThread {
    fn release(self, callbacks: Callbacks<T>) {
        if !callbacks.is_empty() {
            self.run(Box::new(|| callbacks.run()));
        }
    }
}

/// The writing end of a task that runs in another process, its type forgotten.
pub(super) trait Remote: Send {
    /// Moves it from pending to running; false if it was cancelled.
    fn claim(&mut self) -> bool;

    /// Cancels it, if it is pending.
    fn cancel(&self) -> bool;

    /// Finishes it with what the worker replied. Runs the user's code: the decoding.
    fn finish(self: Box<Self>, reply: Result<Vec<u8>, TaskError>);
}

/// The writing end of a task whose result is a `T`.
pub(super) struct RemoteTask<T: Payload> {
    writer: Writer<T, OnCallbackThread>,
    callback_thread: OnCallbackThread,
}

impl<T: Payload> RemoteTask<T> {
    pub(super) fn new(callback_thread: OnCallbackThread) -> (RemoteTask<T>, Future<T>) {
        let (writer, future) = Writer::new(callback_thread.clone());
        let task = RemoteTask {
            writer,
            callback_thread,
        };
        (task, future)
    }
}

impl<T: Payload> Remote for RemoteTask<T> {
    fn claim(&mut self) -> bool {
        self.writer.claim()
    }

    fn cancel(&self) -> bool {
        self.writer.cancel()
    }

    fn finish(mut self: Box<Self>, reply: Result<Vec<u8>, TaskError>) {
        let outcome = reply.and_then(|bytes| {
            wire::decode::<Result<T, TaskError>>(&bytes)
                .map_err(|error| error.of("a result of type", type_name::<T>()))?
        });
        self.writer.finish(outcome);
        if let Some(Ok(unwanted)) = self.writer.into_unwanted()
            && needs_drop::<T>()
        {
            // Its destructor is the user's, and may take long.
            self.callback_thread.run(Box::new(|| {
                drop(sync::catch_unwind(move || drop(unwanted)));
            }));
        }
    }
}
