//! How often each task of a scenario has run.

use std::sync::atomic::{AtomicUsize, Ordering};

use crate::base::{Future, Refused, State, TaskError, ThreadPoolExecutor};
use crate::payload::Payload;
use crate::sync::Arc;

/// A count per task. Its atomics are the standard library's, so counting is no step of the schedule.
#[derive(Clone)]
pub(crate) struct Runs(Arc<[AtomicUsize]>);

impl Runs {
    pub(crate) fn of(tasks: usize) -> Runs {
        Runs((0..tasks).map(|_| AtomicUsize::new(0)).collect())
    }

    /// Task number `n` runs.
    pub(crate) fn run(&self, n: usize) {
        let before = self.0[n].fetch_add(1, Ordering::SeqCst);
        assert_eq!(before, 0, "task {n} runs a second time");
    }

    pub(crate) fn has_run(&self, n: usize) -> bool {
        self.0[n].load(Ordering::SeqCst) > 0
    }

    pub(crate) fn sum(&self) -> usize {
        (0..self.0.len()).filter(|&n| self.has_run(n)).count()
    }

    /// Submits task number `n`, whose value is that number. What it captures and leaves is counted.
    pub(crate) fn try_submit(
        &self,
        pool: &ThreadPoolExecutor,
        n: usize,
    ) -> Option<Future<Payload>> {
        let (runs, held) = (self.clone(), Payload::new(number(n)));
        let task = move || {
            runs.run(n);
            Ok(Payload::new(held.value()))
        };
        pool.spawn(task)
            .map_err(|refused: Refused<_, ()>| drop(refused))
            .ok()
    }

    pub(crate) fn submit(&self, pool: &ThreadPoolExecutor, n: usize) -> Future<Payload> {
        self.try_submit(pool, n).expect("the pool is open")
    }

    /// Task number `n` has ended, and is exactly one of run and cancelled. Whether it ran.
    pub(crate) fn check(&self, n: usize, future: &Future<Payload>) -> bool {
        match future.result() {
            Ok(payload) => assert_eq!(payload.value(), number(n), "another task's value"),
            Err(error) => assert!(matches!(error, TaskError::Cancelled), "task {n}: {error}"),
        }
        let ran = future.state() == State::Finished;
        assert_eq!(ran, self.has_run(n), "task {n} is {}", future.state());
        ran
    }
}

pub(crate) fn number(n: usize) -> i32 {
    i32::try_from(n).expect("a scenario has few tasks")
}
