//! A pool that is wrong on purpose: what it does wrong, some scenario has to find.

use conformance::{Failure, Handle, Pool, Refused};
use executor::{Future, TaskError, ThreadPoolExecutor};

/// Has one worker, whatever it is asked for; and takes tasks after its shutdown.
pub(crate) struct Faulty(ThreadPoolExecutor);

/// Its cancel says yes and does nothing; and it knows nothing of a panic but that there is no result.
pub(crate) struct Answer<T>(Future<T>);

impl Pool for Faulty {
    type Handle<T: Send + 'static> = Answer<T>;

    fn start(_workers: usize) -> Self {
        Self(ThreadPoolExecutor::new(1).expect("a pool can be built"))
    }

    fn submit<T, F>(&self, task: F) -> Result<Answer<T>, Refused>
    where
        T: Send + 'static,
        F: FnOnce() -> T + Send + 'static,
    {
        self.0.submit(task, ()).map(Answer).map_err(|_| Refused)
    }

    /// Waits for what came before, since there is one worker; and closes nothing.
    fn shut_down(&self) -> Option<()> {
        let last = self.submit(|| ()).ok()?;
        last.join().ok()
    }
}

impl<T: Send + 'static> Handle<T> for Answer<T> {
    fn join(self) -> Result<T, Failure> {
        let result = self.0.try_into_result().ok().ok_or(Failure::Lost)?;
        result.map_err(|error| match error {
            TaskError::Deadlock(_) => Failure::Deadlock(error.to_string()),
            _ => Failure::Lost,
        })
    }

    fn cancel(&self) -> Option<bool> {
        Some(true)
    }
}
