//! The pools of threads that Rust programmers have, all asked for the same: take closures, and give back what they leave.

use futures::executor::{ThreadPool as FuturesThreadPool, block_on};
use futures::task::SpawnExt;
#[cfg(not(loom))]
use tokio::runtime::Runtime;

use super::channel_pool::{CHANNEL_POOL, ChannelPool};

/// A pool that runs tasks, each of which gives back its number.
pub trait ThreadPool: Sized + 'static {
    /// Its name in the report.
    const NAME: &'static str;

    /// A pool of `workers` threads.
    ///
    /// # Panics
    ///
    /// If the system refuses threads.
    fn start(workers: usize) -> Self;

    /// Submits a task for each number from one to `tasks`, then waits for each; the sum of what they give back.
    ///
    /// # Panics
    ///
    /// If one is lost.
    fn sum(&self, tasks: u64) -> u64;
}

/// Waits for the answers that come through a oneshot channel each.
fn received(answers: Vec<oneshot::Receiver<u64>>) -> u64 {
    let answers = answers.into_iter();
    answers
        .map(|answer| answer.recv().expect("it is answered"))
        .sum()
}

impl ThreadPool for ChannelPool {
    const NAME: &'static str = CHANNEL_POOL;

    fn start(workers: usize) -> ChannelPool {
        ChannelPool::new(workers)
    }

    fn sum(&self, tasks: u64) -> u64 {
        received(
            (1..=tasks)
                .map(|number| self.submit(move || number))
                .collect(),
        )
    }
}

impl ThreadPool for threadpool::ThreadPool {
    const NAME: &'static str = "threadpool";

    fn start(workers: usize) -> threadpool::ThreadPool {
        threadpool::ThreadPool::new(workers)
    }

    fn sum(&self, tasks: u64) -> u64 {
        let submit = |number| {
            let (answer, receiver) = oneshot::channel();
            self.execute(move || answer.send(number).expect("it is waited for"));
            receiver
        };
        received((1..=tasks).map(submit).collect())
    }
}

impl ThreadPool for rayon::ThreadPool {
    const NAME: &'static str = "rayon spawn";

    fn start(workers: usize) -> rayon::ThreadPool {
        let builder = rayon::ThreadPoolBuilder::new().num_threads(workers);
        builder.build().expect("a pool can be built")
    }

    fn sum(&self, tasks: u64) -> u64 {
        let submit = |number| {
            let (answer, receiver) = oneshot::channel();
            self.spawn(move || answer.send(number).expect("it is waited for"));
            receiver
        };
        received((1..=tasks).map(submit).collect())
    }
}

#[cfg(not(loom))]
impl ThreadPool for Runtime {
    const NAME: &'static str = "tokio spawn_blocking";

    fn start(workers: usize) -> Runtime {
        // Its blocking threads are what is measured; who waits does so on the caller's thread.
        let mut builder = tokio::runtime::Builder::new_current_thread();
        let runtime = builder.max_blocking_threads(workers).build();
        runtime.expect("a runtime can be built")
    }

    fn sum(&self, tasks: u64) -> u64 {
        let tasks: Vec<_> = (1..=tasks)
            .map(|number| self.spawn_blocking(move || number))
            .collect();
        self.block_on(async {
            let mut sum = 0;
            for task in tasks {
                sum += task.await.expect("it is answered");
            }
            sum
        })
    }
}

impl ThreadPool for FuturesThreadPool {
    const NAME: &'static str = "futures ThreadPool";

    fn start(workers: usize) -> FuturesThreadPool {
        let mut builder = FuturesThreadPool::builder();
        builder
            .pool_size(workers)
            .create()
            .expect("a pool can be built")
    }

    fn sum(&self, tasks: u64) -> u64 {
        let submit = |number| self.spawn_with_handle(async move { number });
        let tasks: Vec<_> = (1..=tasks)
            .map(|number| submit(number).expect("it is running"))
            .collect();
        block_on(async {
            let mut sum = 0;
            for task in tasks {
                sum += task.await;
            }
            sum
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answers<P: ThreadPool>() {
        let pool = P::start(2);
        // Again, when all threads have worked.
        for tasks in [1_000, 0, 1, 1_000] {
            assert_eq!(pool.sum(tasks), (1..=tasks).sum::<u64>(), "{}", P::NAME);
        }
    }

    #[test]
    fn every_pool_gives_back_every_number() {
        answers::<ChannelPool>();
        answers::<threadpool::ThreadPool>();
        answers::<rayon::ThreadPool>();
        #[cfg(not(loom))]
        answers::<Runtime>();
        answers::<FuturesThreadPool>();
    }
}
