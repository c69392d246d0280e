//! Rayon itself behind the adapter, by its `spawn`; a channel carries the result.

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
        // Nobody may listen any more.
        self.0.spawn(move || drop(send.send(task())));
        Ok(Answer(receive))
    }
}
