//! The writing end of a task that runs in another process.

use std::any::type_name;
use std::mem::needs_drop;

use super::bulk;
use super::codec;
use super::content::Content;
use super::kept::KeptByPool;
use crate::base::aftermath::Aftermath;
use crate::base::callback_thread::OnCallbackThread;
use crate::base::cell::Body;
use crate::base::observers::Callbacks;
use crate::base::promise::Writer;
use crate::base::{Future, TaskError};
use crate::sync;
use crate::task::Payload;
use crate::trace::TaskSpan;

/// The body of a process task's cell: it only knows where callbacks run.
impl<T: Send + 'static> Body<T> for OnCallbackThread {
    type Keeper = KeptByPool;

    fn release(self, callbacks: Callbacks<T>, _aftermath: &mut Aftermath) {
        self.run_callbacks(callbacks);
    }

    fn name() -> &'static str {
        "of a process pool"
    }
}

/// The writing end of a task that runs in another process, its type forgotten.
pub(super) trait Remote: Send {
    /// Whether its result is decoded without any code of the user's.
    fn is_plain(&self) -> bool;

    /// Marks it as cancelled. Whoever waits is told when this is finished or dropped.
    fn mark_cancelled(&mut self);

    /// Finishes it with what the worker replied, unless it was cancelled. Runs the user's code: the
    /// decoding.
    fn finish(self: Box<Self>, reply: Result<Content, TaskError>);
}

/// The writing end of a task whose result is a `T`.
pub(super) struct RemoteTask<T: Payload> {
    writer: Writer<T, OnCallbackThread>,
    callback_thread: OnCallbackThread,
    span: TaskSpan,
}

impl<T: Payload> RemoteTask<T> {
    pub(super) fn new(
        callback_thread: OnCallbackThread,
        keeper: KeptByPool,
        span: TaskSpan,
    ) -> (RemoteTask<T>, Future<T>) {
        let (writer, future) = Writer::new(callback_thread.clone(), keeper);
        let task = RemoteTask {
            writer,
            callback_thread,
            span,
        };
        (task, future)
    }
}

impl<T: Payload> Remote for RemoteTask<T> {
    fn is_plain(&self) -> bool {
        bulk::is_plain::<T>()
    }

    fn mark_cancelled(&mut self) {
        self.writer.mark_cancelled();
    }

    fn finish(mut self: Box<Self>, reply: Result<Content, TaskError>) {
        self.writer.tell_cancelled();
        let outcome = reply.and_then(|content| {
            codec::decode(&content, 0, codec::value_of::<T, TaskError>)
                .map_err(|error| error.of("a result of type", type_name::<T>()))?
        });
        self.span.finished(outcome.as_ref().err());
        self.writer.finish(outcome);
        if let Some(Ok(unwanted)) = self.writer.into_unwanted()
            && needs_drop::<T>()
        {
            // Its destructor is the user's, and may take long.
            self.callback_thread.run(|| {
                drop(sync::catch_unwind(move || drop(unwanted)));
            });
        }
    }
}
