//! What a Rust programmer writes without an executor: threads that take closures from a channel,
//! and a oneshot channel for each answer.

use std::thread::{self, JoinHandle};

use crossbeam_channel::{Sender, unbounded};

/// Its name in the report.
pub const CHANNEL_POOL: &str = "crossbeam-channel pool";

/// A pool of threads over a crossbeam channel.
#[derive(Debug)]
pub struct ChannelPool {
    tasks: Option<Sender<Box<dyn FnOnce() + Send>>>,
    threads: Vec<JoinHandle<()>>,
}

impl ChannelPool {
    /// A pool of `workers` threads.
    pub fn new(workers: usize) -> ChannelPool {
        let (tasks, to_run) = unbounded::<Box<dyn FnOnce() + Send>>();
        let threads = (0..workers)
            .map(|_| {
                let to_run = to_run.clone();
                thread::spawn(move || {
                    for task in to_run {
                        task();
                    }
                })
            })
            .collect();
        ChannelPool {
            tasks: Some(tasks),
            threads,
        }
    }

    /// Sends a task, whose answer the receiver gives.
    ///
    /// # Panics
    ///
    /// If a task has panicked on every thread.
    pub fn submit<T: Send + 'static>(
        &self,
        task: impl FnOnce() -> T + Send + 'static,
    ) -> oneshot::Receiver<T> {
        let (answer, receiver) = oneshot::channel();
        let task = Box::new(move || {
            // It fails if nobody waits for the answer, which is no error.
            drop(answer.send(task()));
        });
        let tasks = self.tasks.as_ref().expect("taken by drop alone");
        tasks.send(task).expect("a thread is there to take it");
        receiver
    }
}

impl Drop for ChannelPool {
    fn drop(&mut self) {
        self.tasks = None;
        for thread in self.threads.drain(..) {
            drop(thread.join());
        }
    }
}
