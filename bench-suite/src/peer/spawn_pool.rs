//! The process pool that Rust programmers have: procspawn's.

use procspawn::{JoinHandle, Pool};
use serde::Serialize;
use serde::de::DeserializeOwned;

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
        self.answers(tasks as u64, |_| self.0.spawn((), |()| ()))
            .count()
    }

    /// Submits a task for each number from one to `tasks` and waits for each, a hundred at a time; the sum of what they
    /// give back.
    ///
    /// # Panics
    ///
    /// If one failed.
    pub fn sum(&self, tasks: u64) -> u64 {
        self.answers(tasks, |number| self.0.spawn(number, |number| number))
            .sum()
    }

    /// What the tasks of the numbers from one to `tasks` give back.
    fn answers<T: Serialize + DeserializeOwned>(
        &self,
        tasks: u64,
        submit: impl Fn(u64) -> JoinHandle<T>,
    ) -> impl Iterator<Item = T> {
        (0..tasks).step_by(AT_ONCE).flat_map(move |done| {
            let next = done + 1..=tasks.min(done + AT_ONCE as u64);
            let submitted: Vec<_> = next.map(&submit).collect();
            let answers = submitted.into_iter();
            answers.map(|task| task.join().expect("the task runs"))
        })
    }
}

impl Drop for SpawnPool {
    fn drop(&mut self) {
        // Its own drop kills what still runs.
        self.0.shutdown();
    }
}
