//! Programs that hang in CPython or in rayon: here each ends, with a value or with an error that has a name.
//!
//! Each runs on the executors whose tasks can wait for each other's futures: threads and rayon.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::yield_now;
use std::time::{Duration, Instant};

use executor::{Executor, Future, Scope, SubmitError, TaskError, ThreadPoolExecutor, WhenStarved};

mod callbacks;
mod derived;
mod ends;
mod live;
#[cfg(all(feature = "process", target_os = "linux", target_env = "gnu"))]
mod processes;
mod rings;
mod rooms;
mod scopes;
mod starved;
mod two_pools;
mod waits;

/// An executor that takes what a scenario captures.
pub(crate) trait Local: Executor + Send + Sync + 'static {
    fn build(workers: usize, when_starved: WhenStarved) -> Arc<Self>;

    fn go<T: Send + 'static>(&self, call: impl FnOnce() -> T + Send + 'static) -> Future<T>;

    /// One whose queue is no longer than this.
    fn bounded(workers: usize, limit: usize) -> Arc<Self>;

    fn try_go(&self, call: impl FnOnce() + Send + 'static) -> Result<Future<()>, SubmitError>;

    fn go_fallible<A: Send + 'static>(
        &self,
        task: impl FnOnce(A) -> Outcome + Send + 'static,
        arg: A,
    ) -> Future<u32>;

    /// Tasks that borrow.
    fn within<'env, R>(&self, body: impl for<'scope> FnOnce(&'scope Scope<'scope, 'env>) -> R)
    -> R;

    /// One that helps, as by default.
    fn pool(workers: usize) -> Arc<Self> {
        Self::build(workers, WhenStarved::Help)
    }

    /// One that does not.
    fn strict(workers: usize) -> Arc<Self> {
        Self::build(workers, WhenStarved::Fail)
    }
}

macro_rules! takes_what_captures {
    ($Pool:ty) => {
        impl Local for $Pool {
            fn build(workers: usize, when_starved: WhenStarved) -> Arc<Self> {
                let builder = <$Pool>::builder().max_workers(workers);
                let pool = builder.when_starved(when_starved).build();
                Arc::new(pool.expect("a pool can be built"))
            }

            fn go<T: Send + 'static>(
                &self,
                call: impl FnOnce() -> T + Send + 'static,
            ) -> Future<T> {
                self.submit(call, ()).expect("the pool is open")
            }

            fn bounded(workers: usize, limit: usize) -> Arc<Self> {
                let builder = <$Pool>::builder().max_workers(workers);
                Arc::new(
                    builder
                        .queue_limit(limit)
                        .build()
                        .expect("a pool can be built"),
                )
            }

            fn try_go(
                &self,
                call: impl FnOnce() + Send + 'static,
            ) -> Result<Future<()>, SubmitError> {
                Ok(self.submit(call, ())?)
            }

            fn go_fallible<A: Send + 'static>(
                &self,
                task: impl FnOnce(A) -> Outcome + Send + 'static,
                arg: A,
            ) -> Future<u32> {
                self.submit(executor::fallible(task), (arg,))
                    .expect("the pool is open")
            }

            fn within<'env, R>(
                &self,
                body: impl for<'scope> FnOnce(&'scope Scope<'scope, 'env>) -> R,
            ) -> R {
                self.scope(body)
            }
        }
    };
}

takes_what_captures!(ThreadPoolExecutor);
#[cfg(feature = "rayon")]
takes_what_captures!(executor::RayonExecutor);

/// What a task of a scenario leaves: a number, or why it could not wait.
pub(crate) type Outcome = Result<u32, TaskError>;

/// A task that is sent the future to wait for, and the way to send it.
pub(crate) fn waiter<P: Local>(pool: &P) -> (Future<Outcome>, Sender<Future<Outcome>>) {
    let (tell, told) = channel();
    (pool.go(move || wait_for_the_one(&told)), tell)
}

fn wait_for_the_one(told: &Receiver<Future<Outcome>>) -> Outcome {
    let other: Future<Outcome> = told.recv().expect("the scenario sends it");
    follow(&other)
}

/// Waits for a task, and leaves one more than that; zero if that was told of a deadlock.
pub(crate) fn follow(other: &Future<Outcome>) -> Outcome {
    match other.result()? {
        Ok(number) => Ok(number + 1),
        Err(_) => Ok(0),
    }
}

/// The text of the deadlock that an outcome is.
pub(crate) fn deadlock<T: std::fmt::Debug>(outcome: &Result<T, TaskError>) -> String {
    match outcome {
        Err(error @ TaskError::Deadlock(_)) => {
            let text = error.to_string();
            assert!(!text.contains(" 0 more"), "{text}");
            text
        }
        other => panic!("no deadlock but {other:?}"),
    }
}

/// Makes a test of each scenario, a `fn scenario<P: Local>()`, on threads and on rayon.
macro_rules! on_threads_and_rayon {
    ($($scenario:ident),+ $(,)?) => {
        mod threads {
            $(
                #[test]
                fn $scenario() {
                    $crate::watchdog::watch(super::$scenario::<executor::ThreadPoolExecutor>);
                }
            )+
        }
        #[cfg(feature = "rayon")]
        mod rayon {
            $(
                #[test]
                fn $scenario() {
                    $crate::watchdog::watch(super::$scenario::<executor::RayonExecutor>);
                }
            )+
        }
    };
}
pub(crate) use on_threads_and_rayon;

/// Most likely long enough for another thread to go to sleep; each scenario ends the same way if it is not.
///
/// Beside a busy process a single turn can take some milliseconds, and is long enough.
fn linger() {
    let end = Instant::now() + Duration::from_millis(1);
    (0..200)
        .take_while(|_| Instant::now() < end)
        .for_each(|_| yield_now());
}
