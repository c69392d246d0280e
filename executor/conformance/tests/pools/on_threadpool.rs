//! The `threadpool` crate behind the adapter: it runs closures, and a channel carries the result.

use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::Duration;

use conformance::{Failure, Handle, Pool, Refused, Within};

pub(crate) struct Threadpool(threadpool::ThreadPool);

/// The end of a channel that the result comes through.
pub(crate) struct Answer<T>(pub(crate) Receiver<T>);

impl Pool for Threadpool {
    type Handle<T: Send + 'static> = Answer<T>;

    fn start(workers: usize) -> Self {
        Self(threadpool::ThreadPool::new(workers))
    }

    fn submit<T, F>(&self, task: F) -> Result<Answer<T>, Refused>
    where
        T: Send + 'static,
        F: FnOnce() -> T + Send + 'static,
    {
        let (send, receive) = channel();
        // Nobody may listen any more.
        self.0.execute(move || drop(send.send(task())));
        Ok(Answer(receive))
    }
}

impl<T: Send + 'static> Handle<T> for Answer<T> {
    fn join(self) -> Result<T, Failure> {
        self.0.recv().map_err(|_| Failure::Lost)
    }

    fn join_within(self, limit: Duration) -> Within<T, Self> {
        match self.0.recv_timeout(limit) {
            Ok(value) => Within::Ended(Ok(value)),
            Err(RecvTimeoutError::Timeout) => Within::NotYet(self),
            Err(RecvTimeoutError::Disconnected) => Within::Ended(Err(Failure::Lost)),
        }
    }
}
