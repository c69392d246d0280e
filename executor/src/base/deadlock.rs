//! A deadlock, as an error with names in it.

use std::error::Error as StdError;
use std::fmt;

/// A wait that could never have ended, and the waits that it would have waited for.
///
/// Found out by the one of them that was about to sleep last. The others go on waiting for it, and its task
/// may end well or badly now.
///
/// ```
/// use std::sync::Arc;
///
/// use executor::{TaskError, ThreadPoolExecutor, WhenStarved};
///
/// let pool = ThreadPoolExecutor::builder().max_workers(1).when_starved(WhenStarved::Fail).build()?;
/// let pool = Arc::new(pool);
/// let parent = |pool: Arc<ThreadPoolExecutor>| {
///     let child = pool.submit(|| 42, ()).expect("the pool is open");
///     child.into_result() // which only this very worker could run
/// };
/// let outcome = pool.submit(parent, (Arc::clone(&pool),))?.into_result()?;
/// if let Err(TaskError::Deadlock(deadlock)) = outcome {
///     println!("{} waits for {}", deadlock.waits[0].task, deadlock.waits[0].waits_for);
/// }
/// # Ok::<(), executor::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deadlock {
    /// Who waits for whom, beginning with the wait that failed. Each of the others is one that an earlier
    /// one depends on.
    pub waits: Vec<DeadlockedWait>,
}

/// One of the waits of a [`Deadlock`].
///
/// ```
/// let wait = executor::DeadlockedWait { task: "task a".to_owned(), waits_for: "task b".to_owned() };
/// let deadlock = executor::Deadlock { waits: vec![wait] };
/// assert_eq!(deadlock.to_string(), "task a waits for task b");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeadlockedWait {
    /// The task that waits, by the name of its function and the address that its future shows.
    pub task: String,
    /// The tasks, or the pool, that it waits for.
    pub waits_for: String,
}

/// How many waits are told.
const TOLD: usize = 8;

impl fmt::Display for Deadlock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, DeadlockedWait { task, waits_for }) in self.waits.iter().take(TOLD).enumerate()
        {
            let then = if place == 0 { "" } else { "; " };
            write!(f, "{then}{task} waits for {waits_for}")?;
        }
        match self.waits.len().saturating_sub(TOLD) {
            0 => Ok(()),
            more => write!(f, "; and {more} more wait in the same way"),
        }
    }
}

impl StdError for Deadlock {}
