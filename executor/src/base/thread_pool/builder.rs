//! The options of a thread pool.

use std::fmt;
use std::time::Duration;

use super::ThreadPoolExecutor;
use super::workers::{Initializer, Shared, Threads};
use crate::base::counters::Tallies;
use crate::base::error::BuildError;
use crate::base::liveness::{self, WhenStarved};
use crate::base::queue::Queue;
use crate::base::room::Room;
use crate::base::stack;
use crate::sync::{self, Arc, Mutex};

/// The options of a [`ThreadPoolExecutor`].
///
/// ```
/// use executor::{Executor, ThreadPoolExecutor};
///
/// let pool = ThreadPoolExecutor::builder()
///     .max_workers(4)
///     .thread_name_prefix("resize")
///     .initializer(|| println!("a worker starts"))
///     .build()?;
/// assert_eq!(pool.max_workers(), 4);
/// let name = pool.submit(|| std::thread::current().name().map(str::to_owned), ())?;
/// assert_eq!(name.into_result()?.as_deref(), Some("resize_0"));
/// # Ok::<(), executor::Error>(())
/// ```
#[must_use = "a builder does nothing until `build`"]
pub struct ThreadPoolBuilder {
    max_workers: Option<usize>,
    thread_name_prefix: Option<String>,
    initializer: Option<Initializer>,
    when_starved: WhenStarved,
    queue_limit: Option<usize>,
    idle_timeout: Option<Duration>,
    stack_size: Option<usize>,
}

impl ThreadPoolBuilder {
    pub(super) fn new() -> ThreadPoolBuilder {
        ThreadPoolBuilder {
            max_workers: None,
            thread_name_prefix: None,
            initializer: None,
            when_starved: WhenStarved::default(),
            queue_limit: None,
            idle_timeout: None,
            stack_size: None,
        }
    }

    /// How many threads at most. By default, the processors available. (Python's default is four more,
    /// for tasks that wait; how many should wait at a time only the program knows.)
    ///
    /// ```
    /// let pool = executor::ThreadPoolExecutor::builder().max_workers(3).build()?;
    /// assert_eq!(pool.max_workers(), 3);
    /// # Ok::<(), executor::Error>(())
    /// ```
    pub fn max_workers(mut self, max_workers: usize) -> Self {
        self.max_workers = Some(max_workers);
        self
    }

    /// What the threads' names begin with; a number follows. By default
    /// `ThreadPoolExecutor-<n>`, with an `n` that no other pool has.
    ///
    /// ```
    /// let pool = executor::ThreadPoolExecutor::builder().thread_name_prefix("resize").build()?;
    /// let name = pool.submit(|| std::thread::current().name().map(str::to_owned), ())?;
    /// assert!(name.into_result()?.is_some_and(|name| name.starts_with("resize")));
    /// # Ok::<(), executor::Error>(())
    /// ```
    pub fn thread_name_prefix(mut self, prefix: impl Into<String>) -> Self {
        self.thread_name_prefix = Some(prefix.into());
        self
    }

    /// What each thread runs once, before its first task.
    ///
    /// If it panics the pool breaks: the tasks that have not started, and later submits, fail with
    /// its message.
    ///
    /// ```
    /// use std::cell::Cell;
    ///
    /// thread_local!(static SEED: Cell<u32> = const { Cell::new(0) });
    ///
    /// let pool = executor::ThreadPoolExecutor::builder().initializer(|| SEED.set(7)).build()?;
    /// assert_eq!(*pool.submit(|| SEED.get(), ())?.result()?, 7);
    /// # Ok::<(), executor::Error>(())
    /// ```
    pub fn initializer(mut self, initializer: impl Fn() + Send + Sync + 'static) -> Self {
        self.initializer = Some(Box::new(initializer));
        self
    }

    /// What is done for a task that waits for another task of this pool when no worker is left to run that.
    /// By default, the waiting thread runs it; see [`WhenStarved`].
    ///
    /// ```
    /// use executor::{ThreadPoolExecutor, WhenStarved};
    ///
    /// let pool = ThreadPoolExecutor::builder().max_workers(1).when_starved(WhenStarved::Fail).build()?;
    /// # drop(pool);
    /// # Ok::<(), executor::Error>(())
    /// ```
    pub fn when_starved(mut self, when_starved: WhenStarved) -> Self {
        self.when_starved = when_starved;
        self
    }

    /// How many tasks may wait for a worker at most. By default, any number.
    ///
    /// While so many do, [`submit`](ThreadPoolExecutor::submit) waits for room and
    /// [`try_submit`](ThreadPoolExecutor::try_submit) is refused. A task that runs, or was cancelled,
    /// does not wait any more. (Python has no such limit.)
    ///
    /// ```
    /// let pool = executor::ThreadPoolExecutor::builder().max_workers(1).queue_limit(10).build()?;
    /// for n in 0..100u32 {
    ///     pool.submit(|n: u32| n * n, (n,))?; // waits while ten of them wait
    /// }
    /// # Ok::<(), executor::Error>(())
    /// ```
    pub fn queue_limit(mut self, tasks: usize) -> Self {
        self.queue_limit = Some(tasks);
        self
    }

    /// How long a thread with nothing to do stays, at least. By default it stays until the pool is shut
    /// down, as Python's do. The next task after that has a new one started, which runs the
    /// initializer.
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// let builder = executor::ThreadPoolExecutor::builder().idle_timeout(Duration::from_secs(10));
    /// let pool = builder.build()?; // holds no thread that has had nothing to do for so long
    /// assert_eq!(*pool.submit(|| 42, ())?.result()?, 42);
    /// # Ok::<(), executor::Error>(())
    /// ```
    pub fn idle_timeout(mut self, timeout: Duration) -> Self {
        self.idle_timeout = Some(timeout);
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
    /// let pool = executor::ThreadPoolExecutor::builder().stack_size(64 << 20).build()?;
    /// let large = pool.submit(|| std::hint::black_box([1_u8; 10 << 20]).len(), ())?;
    /// assert_eq!(large.into_result()?, 10 << 20);
    /// # Ok::<(), executor::Error>(())
    /// ```
    pub fn stack_size(mut self, bytes: usize) -> Self {
        self.stack_size = Some(bytes);
        self
    }

    /// The pool. No thread is started yet.
    ///
    /// # Errors
    ///
    /// [`BuildError::NoWorkers`] if `max_workers` is zero; [`BuildError::ThreadName`] if the prefix
    /// holds a zero byte; [`BuildError::InvalidOption`] if `queue_limit` or `stack_size` is zero, or the latter
    /// more than any system gives.
    ///
    /// # Example
    ///
    /// ```
    /// use executor::{BuildError, ThreadPoolExecutor};
    ///
    /// let none = ThreadPoolExecutor::builder().max_workers(0).build();
    /// assert!(matches!(none, Err(BuildError::NoWorkers)));
    /// ```
    pub fn build(self) -> Result<ThreadPoolExecutor, BuildError> {
        let max_workers = self.max_workers.unwrap_or_else(sync::available_workers);
        if max_workers == 0 {
            return Err(BuildError::NoWorkers);
        }
        if let Some(prefix) = &self.thread_name_prefix
            && prefix.contains('\0')
        {
            return Err(BuildError::ThreadName);
        }
        let room = self.queue_limit.map(Room::checked).transpose()?;
        let stack_size = stack::checked_size(self.stack_size)?;
        sync::note_places();
        Ok(ThreadPoolExecutor {
            shared: Arc::new(Shared {
                queue: Queue::new(max_workers, self.idle_timeout),
                tallies: Tallies::default(),
                room,
                threads: Mutex::new(Threads::default()),
                broken: Mutex::new(None),
                max_workers,
                generation: sync::process_generation(),
                name_prefix: self
                    .thread_name_prefix
                    .unwrap_or_else(|| format!("ThreadPoolExecutor-{}", sync::next_number())),
                initializer: self.initializer,
                number: liveness::new_pool_number(),
                when_starved: self.when_starved,
                stack_size,
                spares: Mutex::new(0),
            }),
        })
    }
}

impl fmt::Debug for ThreadPoolBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ThreadPoolBuilder")
            .field("max_workers", &self.max_workers)
            .field("thread_name_prefix", &self.thread_name_prefix)
            .field("initializer", &self.initializer.is_some())
            .field("when_starved", &self.when_starved)
            .field("queue_limit", &self.queue_limit)
            .field("idle_timeout", &self.idle_timeout)
            .field("stack_size", &self.stack_size)
            .finish()
    }
}
