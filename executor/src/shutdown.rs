//! How an executor is to end, and how far that has come.

use std::time::Duration;

use crate::base::Deadlock;
use crate::sync::{Arc, Deadline};

/// How to [`shutdown`](crate::Executor::shutdown).
///
/// # Example
///
/// ```
/// use executor::{Executor, Shutdown, ThreadPoolExecutor};
///
/// # fn main() -> Result<(), executor::Error> {
/// let pool = ThreadPoolExecutor::new(2)?;
/// pool.shutdown(Shutdown::wait().cancel_pending());
/// assert!(pool.submit(|| 1, ()).is_err());
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Shutdown {
    wait: bool,
    timeout: Option<Duration>,
    pub(crate) cancel_pending: bool,
}

/// How far a [`shutdown`](crate::Executor::shutdown) has come when it returns.
///
/// ```
/// use executor::{Executor, Shutdown, ShutdownOutcome, ThreadPoolExecutor};
/// use std::time::Duration;
///
/// let pool = ThreadPoolExecutor::new(1)?;
/// let (end, ended) = std::sync::mpsc::channel::<()>();
/// pool.submit(move || ended.recv().is_ok(), ())?;
/// assert_eq!(pool.shutdown(Shutdown::wait().within(Duration::ZERO)), ShutdownOutcome::TimedOut);
/// drop(end);
/// assert_eq!(pool.shutdown(Shutdown::wait()), ShutdownOutcome::Complete);
/// # Ok::<(), executor::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ShutdownOutcome {
    /// Everything that was accepted has ended, and the workers have left (rayon's threads leave when the
    /// executor is dropped).
    Complete,
    /// It did not wait: it was not to, or it was called where it would have waited for itself, or for a task
    /// that waits for the one that called it, or in a forked copy of the process, which has none of the workers.
    NotWaited,
    /// The time ran out; what has not ended goes on.
    TimedOut,
}

impl Shutdown {
    /// Return when everything accepted has run and the workers have left. The first such call that
    /// is not limited in time also waits for their threads to end, thread-local destructors included
    /// (those of rayon end when the executor is dropped).
    ///
    /// ```
    /// # use executor::{Executor, Shutdown, ThreadPoolExecutor};
    /// let pool = ThreadPoolExecutor::new(1)?;
    /// let futures = [pool.submit(|| 1, ())?, pool.submit(|| 2, ())?];
    /// pool.shutdown(Shutdown::wait());
    /// assert!(futures.iter().all(|future| future.done()));
    /// # Ok::<(), executor::Error>(())
    /// ```
    pub const fn wait() -> Shutdown {
        Shutdown {
            wait: true,
            timeout: None,
            cancel_pending: false,
        }
    }

    /// Return at once; what was accepted still runs.
    ///
    /// ```
    /// # use executor::{Executor, Shutdown, ThreadPoolExecutor};
    /// let pool = ThreadPoolExecutor::new(1)?;
    /// let future = pool.submit(|| 42, ())?;
    /// pool.shutdown(Shutdown::no_wait());
    /// assert_eq!(*future.result()?, 42); // it runs all the same
    /// # Ok::<(), executor::Error>(())
    /// ```
    pub const fn no_wait() -> Shutdown {
        Shutdown {
            wait: false,
            timeout: None,
            cancel_pending: false,
        }
    }

    /// Cancel what has not started.
    ///
    /// ```
    /// # use executor::{Executor, Shutdown, ThreadPoolExecutor};
    /// # use std::sync::mpsc::channel;
    /// let pool = ThreadPoolExecutor::new(1)?;
    /// let (go, gone) = channel::<()>();
    /// let (here, arrived) = channel::<()>();
    /// let running = pool.submit(move || { drop(here); gone.recv().is_err() }, ())?;
    /// arrived.recv().unwrap_err();
    /// let pending = pool.submit(|| 42, ())?;
    /// pool.shutdown(Shutdown::no_wait().cancel_pending());
    /// assert!(running.running() && pending.cancelled());
    /// # drop(go);
    /// # Ok::<(), executor::Error>(())
    /// ```
    #[must_use]
    pub const fn cancel_pending(self) -> Shutdown {
        Shutdown {
            cancel_pending: true,
            ..self
        }
    }

    /// Wait no longer than this, from the call on. (Python has no such form.)
    ///
    /// What has not ended by then goes on, and can be waited for again; so does drop, without an end
    /// in time. To end worker processes that will not end by themselves, there is
    /// [`kill_workers`](crate::ProcessPoolExecutor::kill_workers); a thread can't be ended, but a task
    /// that looks for it can be asked to end. A shutdown that does not wait is as it was.
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// use executor::{Executor, Shutdown, ShutdownOutcome, ThreadPoolExecutor};
    ///
    /// # fn main() -> Result<(), executor::Error> {
    /// let (promise, go) = executor::promise::<()>();
    /// let pool = ThreadPoolExecutor::new(1)?;
    /// let waits = pool.submit(move || go.result().is_ok(), ())?;
    /// let soon = Shutdown::wait().within(Duration::from_millis(1));
    /// assert_eq!(pool.shutdown(soon), ShutdownOutcome::TimedOut);
    /// promise.finish(Ok(()));
    /// assert_eq!(pool.shutdown(Shutdown::wait()), ShutdownOutcome::Complete);
    /// assert!(*waits.result()?);
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub const fn within(self, timeout: Duration) -> Shutdown {
        Shutdown {
            timeout: Some(timeout),
            ..self
        }
    }

    /// Closes an executor and waits as it was asked to: for no longer than its time from now, and not
    /// at all if that would be a wait `for_itself`.
    pub(crate) fn run(
        self,
        close: impl FnOnce(),
        for_itself: impl FnOnce() -> bool,
        ended_by: impl FnOnce(Option<Deadline>) -> Result<bool, Arc<Deadlock>>,
    ) -> ShutdownOutcome {
        // Before the callbacks of what is cancelled run: theirs is the caller's time, too.
        let deadline = self.timeout.and_then(Deadline::after);
        close();
        if !self.wait || for_itself() {
            return ShutdownOutcome::NotWaited;
        }
        match ended_by(deadline) {
            Ok(true) => ShutdownOutcome::Complete,
            Ok(false) => ShutdownOutcome::TimedOut,
            Err(_) => ShutdownOutcome::NotWaited,
        }
    }
}
