//! What an executor has to do and has done, counted by its workers.

// The counts take part in no protocol, so these are the standard library's in every build of these
// files: in a model they would only be further steps.
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::sync::Arc;

/// How much an executor has to do, and what it has done: a look at one moment, which may have passed
/// when it is read.
///
/// When a future has ended, its task is counted as finished and not as running.
///
/// # Example
///
/// ```
/// use executor::{Executor, ThreadPoolExecutor};
///
/// # fn main() -> Result<(), executor::Error> {
/// let pool = ThreadPoolExecutor::new(2)?;
/// pool.submit(|n: u64| n + 1, (1,))?.result()?;
/// let counters = pool.counters();
/// assert_eq!((counters.queued, counters.running, counters.finished), (0, 0, 1));
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Counters {
    /// Tasks that no worker has begun. On threads and rayon one that was cancelled, or that who waits for
    /// it has run, may count until a worker comes across it.
    pub queued: usize,
    /// Tasks that a worker has begun.
    pub running: usize,
    /// Tasks that have left an outcome, be it a value or an error. Cancelled ones are not counted, nor are
    /// those of a scope that its own thread has run, unless that is a worker: they count in its pool.
    pub finished: u64,
    /// Workers that there are, those that are starting included.
    pub workers: usize,
    /// Workers that were started in the place of others that had ended: that had left because they
    /// were idle, and on processes also that had died, or had run `max_tasks_per_child`.
    pub replaced: u64,
}

/// What one thread has run. Only that thread writes to it, so a count costs no more than an ordinary
/// addition; on a cache line of its own (two, as they are fetched), so nor do its neighbours.
#[derive(Debug, Default)]
#[repr(align(128))]
pub(crate) struct Tally {
    begun: AtomicU64,
    finished: AtomicU64,
}

impl Tally {
    /// The thread has begun a task.
    pub(crate) fn begin(&self) {
        add_one(&self.begun);
    }

    /// The thread is about to show that a task has finished.
    pub(crate) fn finish(&self) {
        add_one(&self.finished);
    }
}

/// To be called by one thread alone.
fn add_one(count: &AtomicU64) {
    // ORDERING: Relaxed, nobody else writes to it. Release, pairs with the Acquire in `sum`; and who has
    // seen a task's end sees the count that came before it anyway.
    count.store(count.load(Ordering::Relaxed) + 1, Ordering::Release);
}

/// How many tasks run, and how many have finished.
pub(crate) fn sum<'t>(tallies: impl IntoIterator<Item = &'t Tally>) -> (usize, u64) {
    let (mut begun, mut finished) = (0, 0);
    for tally in tallies {
        // In this order, so that what has finished has begun, too. ORDERING: Acquire, pairs with the
        // Release in `add_one`: who sees a task as finished sees it as begun.
        finished += tally.finished.load(Ordering::Acquire);
        begun += tally.begun.load(Ordering::Relaxed);
    }
    let running = usize::try_from(begun.saturating_sub(finished));
    (running.unwrap_or(usize::MAX), finished)
}

/// The tallies of threads that come and go: each has one while it is there.
#[derive(Debug, Default)]
pub(crate) struct Tallies(Mutex<Lists>);

#[derive(Debug, Default)]
struct Lists {
    all: Vec<Arc<Tally>>,
    /// Those of them that no thread has.
    free: Vec<Arc<Tally>>,
}

impl Tallies {
    /// A tally for a thread that comes: one that another has left behind, if there is any.
    pub(crate) fn take(&self) -> Arc<Tally> {
        let mut lists = self.lists();
        if let Some(tally) = lists.free.pop() {
            return tally;
        }
        let tally = Arc::<Tally>::default();
        lists.all.push(Arc::clone(&tally));
        tally
    }

    /// The thread leaves.
    pub(crate) fn give_back(&self, tally: Arc<Tally>) {
        self.lists().free.push(tally);
    }

    /// As [`sum`], of all.
    pub(crate) fn sum(&self) -> (usize, u64) {
        sum(self.lists().all.iter().map(|tally| &**tally))
    }

    fn lists(&self) -> MutexGuard<'_, Lists> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
