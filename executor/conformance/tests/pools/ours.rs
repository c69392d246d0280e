//! The two executors of this process behind the adapter.

use std::time::Duration;

use conformance::{Failure, Handle, Pool, Refused, Within};
use executor::{Executor, Future, RayonExecutor, Shutdown, TaskError, ThreadPoolExecutor};

pub(crate) struct Threads(ThreadPoolExecutor);

pub(crate) struct OnRayon(RayonExecutor);

pub(crate) struct Answer<T>(Future<T>);

impl<T: Send + 'static> Handle<T> for Answer<T> {
    fn join(self) -> Result<T, Failure> {
        match self.0.try_into_result() {
            Ok(result) => result.map_err(failure),
            Err(_) => unreachable!("the future is not cloned"),
        }
    }

    fn join_within(self, limit: Duration) -> Within<T, Self> {
        match self.0.result_timeout(limit) {
            Ok(_) => Within::Ended(self.join()),
            Err(_) => Within::NotYet(self),
        }
    }

    fn cancel(&self) -> Option<bool> {
        Some(self.0.cancel())
    }
}

fn failure(error: TaskError) -> Failure {
    match error {
        TaskError::Cancelled => Failure::Cancelled,
        TaskError::Panicked(panic) => Failure::Panicked(panic.message.clone()),
        TaskError::Deadlock(_) => Failure::Deadlock(error.to_string()),
        _ => Failure::Lost,
    }
}

macro_rules! adapt {
    ($($pool:ident is $executor:ident),+) => {
        $(impl Pool for $pool {
            type Handle<T: Send + 'static> = Answer<T>;

            fn start(workers: usize) -> Self {
                Self($executor::new(workers).expect("a pool can be built"))
            }

            fn submit<T, F>(&self, task: F) -> Result<Answer<T>, Refused>
            where
                T: Send + 'static,
                F: FnOnce() -> T + Send + 'static,
            {
                self.0.submit(task, ()).map(Answer).map_err(|_| Refused)
            }

            fn shut_down(&self) -> Option<()> {
                self.0.shutdown(Shutdown::wait());
                Some(())
            }
        })+
    };
}

adapt!(Threads is ThreadPoolExecutor, OnRayon is RayonExecutor);
