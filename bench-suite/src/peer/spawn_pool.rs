//! The process pool that Rust programmers have: procspawn's.

use procspawn::Pool;

/// Its name in the report.
pub const SPAWN_POOL: &str = "procspawn";

/// How many of its tasks wait at once. Each holds several descriptors until it is joined, so with
/// the usual limit of 1 024 it can't take a burst of thousands.
const AT_ONCE: usize = 100;

/// To be called first thing in `main`: a process that procspawn has started goes no further.
pub fn serve_if_started_to() {
    procspawn::init();
}

/// A pool of processes of procspawn.
#[derive(Debug)]
pub struct SpawnPool(Pool);

impl SpawnPool {
    /// A pool of `workers` processes.
    ///
    /// # Panics
    ///
    /// If [`serve_if_started_to`] was not called, or the system refuses a process.
    pub fn new(workers: usize) -> SpawnPool {
        SpawnPool(Pool::new(workers).expect("a pool can be built"))
    }

    /// Has a task that does nothing done, and waits for it.
    ///
    /// # Panics
    ///
    /// If it failed.
    pub fn one(&self) {
        self.0.spawn((), |()| ()).join().expect("the task runs");
    }

    /// Submits `tasks` tasks that do nothing and waits for each, a hundred at a time; how many have
    /// run.
    ///
    /// # Panics
    ///
    /// If one failed.
    pub fn burst(&self, tasks: usize) -> usize {
        let mut run = 0;
        while run < tasks {
            let submitted: Vec<_> = (run..tasks.min(run + AT_ONCE))
                .map(|_| self.0.spawn((), |()| ()))
                .collect();
            run += submitted.len();
            for task in submitted {
                task.join().expect("the task runs");
            }
        }
        run
    }
}

impl Drop for SpawnPool {
    fn drop(&mut self) {
        // Its own drop kills what still runs.
        self.0.shutdown();
    }
}
