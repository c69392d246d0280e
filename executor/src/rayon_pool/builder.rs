//! The options of a rayon executor.

use std::collections::VecDeque;

use super::RayonExecutor;
use super::errands::{Shared, Tasks};
use crate::base::liveness;
use crate::base::room::Room;
use crate::base::stack;
use crate::base::{BuildError, WhenStarved};
use crate::sync::{self, Arc, Condvar, Mutex};

/// The options of a [`RayonExecutor`].
///
/// ```
/// let pool = executor::RayonExecutor::builder().max_workers(2).build()?;
/// assert_eq!(pool.max_workers(), 2);
/// # Ok::<(), executor::Error>(())
/// ```
#[derive(Debug)]
#[must_use = "a builder does nothing until `build`"]
pub struct RayonBuilder {
    max_workers: Option<usize>,
    when_starved: WhenStarved,
    queue_limit: Option<usize>,
    stack_size: Option<usize>,
}

impl RayonBuilder {
    pub(super) fn new() -> RayonBuilder {
        RayonBuilder {
            max_workers: None,
            when_starved: WhenStarved::default(),
            queue_limit: None,
            stack_size: None,
        }
    }

    /// How many threads. By default, the processors available.
    ///
    /// ```
    /// let pool = executor::RayonExecutor::builder().max_workers(3).build()?;
    /// assert_eq!(pool.max_workers(), 3);
    /// # Ok::<(), executor::Error>(())
    /// ```
    pub fn max_workers(mut self, max_workers: usize) -> Self {
        self.max_workers = Some(max_workers);
        self
    }

    /// What is done for a task that waits for another task of this pool when no worker is left to run that.
    /// By default, the waiting thread runs it; see [`WhenStarved`].
    ///
    /// ```
    /// use executor::{RayonExecutor, WhenStarved};
    ///
    /// let pool = RayonExecutor::builder().max_workers(1).when_starved(WhenStarved::Fail).build()?;
    /// # drop(pool);
    /// # Ok::<(), executor::Error>(())
    /// ```
    pub fn when_starved(mut self, when_starved: WhenStarved) -> Self {
        self.when_starved = when_starved;
        self
    }

    /// How many tasks may wait for a worker at most. By default, any number.
    ///
    /// While so many do, [`submit`](RayonExecutor::submit) waits for room and
    /// [`try_submit`](RayonExecutor::try_submit) is refused. A task that runs, or was cancelled, does
    /// not wait any more.
    ///
    /// ```
    /// let pool = executor::RayonExecutor::builder().max_workers(1).queue_limit(10).build()?;
    /// for n in 0..100u32 {
    ///     pool.submit(|n: u32| n * n, (n,))?; // waits while ten of them wait
    /// }
    /// # Ok::<(), executor::Error>(())
    /// ```
    pub fn queue_limit(mut self, tasks: usize) -> Self {
        self.queue_limit = Some(tasks);
        self
    }

    /// How many bytes of stack each thread has; at least 64 KiB, also if less is asked for. By default 8 MiB, as a
    /// worker process has for a task, or what the environment variable `RUST_MIN_STACK` says. Of it only what
    /// has been used takes memory.
    ///
    /// A thread that [runs what it waits for](crate::WhenStarved::Help) does so while less than half of its stack is
    /// in use. So for tasks that recurse deeply, or wait for each other in long chains, more of it.
    ///
    /// ```
    /// let pool = executor::RayonExecutor::builder().stack_size(64 << 20).build()?;
    /// let large = pool.submit(|| std::hint::black_box([1_u8; 10 << 20]).len(), ())?;
    /// assert_eq!(large.into_result()?, 10 << 20);
    /// # Ok::<(), executor::Error>(())
    /// ```
    pub fn stack_size(mut self, bytes: usize) -> Self {
        self.stack_size = Some(bytes);
        self
    }

    /// The pool. Its threads are started here and end when the executor is dropped.
    ///
    /// # Errors
    ///
    /// [`BuildError::NoWorkers`] if `max_workers` is zero; [`BuildError::InvalidOption`] if
    /// `queue_limit` or `stack_size` is, the latter is more than any system gives, or `max_workers` is more than rayon
    /// can have; [`BuildError::System`] if the threads can't be started.
    ///
    /// # Example
    ///
    /// ```
    /// use executor::{BuildError, RayonExecutor};
    ///
    /// let none = RayonExecutor::builder().max_workers(0).build();
    /// assert!(matches!(none, Err(BuildError::NoWorkers)));
    /// ```
    pub fn build(self) -> Result<RayonExecutor, BuildError> {
        let max_workers = self.max_workers.unwrap_or_else(sync::available_workers);
        if max_workers == 0 {
            return Err(BuildError::NoWorkers);
        }
        let most = rayon::max_num_threads();
        if max_workers > most {
            return Err(BuildError::InvalidOption {
                option: "max_workers",
                problem: format!("it is {max_workers}; rayon has {most} threads at most"),
            });
        }
        let room = self.queue_limit.map(Room::checked).transpose()?;
        let stack_size = stack::checked_size(self.stack_size)?;
        sync::note_places();
        let name = format!("RayonExecutor-{}", sync::next_number());
        let shared = Arc::new(Shared {
            tasks: Mutex::new(Tasks {
                queued: VecDeque::new(),
                closed: false,
                drains: 0,
                errands: 0,
                begun: 0,
                looks: 0,
            }),
            room,
            last_ended: Condvar::new(),
            number: liveness::new_pool_number(),
            name: name.clone(),
            max_workers,
            when_starved: self.when_starved,
            generation: sync::process_generation(),
            tallies: (0..max_workers).map(|_| Arc::default()).collect(),
        });
        let mut threads = Vec::new();
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(max_workers)
            .thread_name(move |index| format!("{name}_{index}"))
            .spawn_handler(|thread| {
                let mut builder = std::thread::Builder::new().stack_size(stack_size);
                if let Some(name) = thread.name() {
                    builder = builder.name(name.to_owned());
                }
                let pool = Arc::clone(&shared);
                let tally = Arc::clone(&shared.tallies[thread.index()]);
                threads.push(builder.spawn(move || {
                    let _member = liveness::enter_pool(pool, tally, stack_size);
                    thread.run();
                })?);
                Ok(())
            })
            .build()
            .map_err(|error| BuildError::System {
                wanted: "the threads of a rayon pool",
                source: std::io::Error::other(error),
            })?;
        Ok(RayonExecutor {
            pool: Some(pool),
            threads,
            shared,
            max_workers,
        })
    }
}
