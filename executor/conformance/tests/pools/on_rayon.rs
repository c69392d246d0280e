//! Rayon itself behind the adapter, by its `spawn`; a channel carries the result.

use std::mem::ManuallyDrop;
use std::sync::mpsc::channel;

use conformance::{Pool, Refused};

use crate::on_threadpool::Answer;

pub(crate) struct Rayon(rayon::ThreadPool);

impl Pool for Rayon {
    type Handle<T: Send + 'static> = Answer<T>;

    fn start(workers: usize) -> Self {
        let builder = rayon::ThreadPoolBuilder::new().num_threads(workers);
        Self(builder.build().expect("a pool can be built"))
    }

    fn submit<T, F>(&self, task: F) -> Result<Answer<T>, Refused>
    where
        T: Send + 'static,
        F: FnOnce() -> T + Send + 'static,
    {
        let (send, receive) = channel();
        self.0.spawn(move || {
            // Rayon ends the process after a panic, but not before it has unwound: the end of the channel would
            // sometimes be seen before that of the process.
            let send = ManuallyDrop::new(send);
            let result = task();
            // Nobody may listen any more.
            drop(ManuallyDrop::into_inner(send).send(result));
        });
        Ok(Answer(receive))
    }
}
