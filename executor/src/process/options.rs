//! The options of a process pool.

use std::ffi::OsString;
use std::os::unix::ffi::OsStrExt;
use std::time::Duration;

use super::invocation;
use super::memory::Loan;
use super::page::CLAIMS;
use super::pool::ProcessPoolExecutor;
use super::wire::{Kind, Parcel};
use crate::base::room::check_limit;
use crate::base::{BuildError, SubmitError};
use crate::sync::{self, Arc};
use crate::task::{Payload, Task, must_capture_nothing};

/// Bytes that a payload may have if nobody says otherwise.
const FRAME_LIMIT: usize = 256 << 20;

/// Bytes that a payload must be allowed to have: errors travel as payloads too.
const LEAST_FRAME_LIMIT: usize = 64 << 10;

/// Tasks that are sent ahead to a worker if nobody says otherwise.
const PREFETCH: usize = 16;

/// The most tasks that can be sent ahead to a worker.
const MOST_PREFETCH: usize = CLAIMS - 1;

/// What a [`ProcessPoolExecutor`](crate::ProcessPoolExecutor) does when a worker dies.
///
/// ```
/// use executor::{OnWorkerDeath, ProcessPoolExecutor, TaskError};
///
/// let die = || -> u32 { std::process::exit(3) };
/// let pool = ProcessPoolExecutor::new(1)?;
/// assert!(matches!(pool.submit(die, ())?.result(), Err(TaskError::WorkerDied(_))));
/// assert_eq!(*pool.submit(|| 42, ())?.result()?, 42);
///
/// let strict = ProcessPoolExecutor::builder().on_worker_death(OnWorkerDeath::Break).build()?;
/// assert!(strict.submit(die, ())?.result().is_err());
/// assert!(strict.submit(|| 42, ()).is_err());
/// # Ok::<(), executor::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum OnWorkerDeath {
    /// The task that it ran is lost; another worker takes its place, and the rest goes on.
    #[default]
    Replace,
    /// The pool is broken, as Python's: every task that has not finished fails, the other workers
    /// are killed, and nothing more is accepted.
    Break,
}

/// The options of a [`ProcessPoolExecutor`].
///
/// ```
/// use std::time::Duration;
///
/// use executor::ProcessPoolExecutor;
///
/// let pool = ProcessPoolExecutor::builder()
///     .max_workers(2)
///     .prefetch(4)
///     .frame_limit(1 << 20)
///     .idle_timeout(Duration::from_secs(60))
///     .build()?;
/// assert_eq!(pool.max_workers(), 2);
/// # Ok::<(), executor::Error>(())
/// ```
#[derive(Debug)]
#[must_use = "a builder does nothing until `build`"]
pub struct ProcessPoolBuilder {
    max_workers: Option<usize>,
    initializer: Option<Result<Arc<Parcel>, BuildError>>,
    max_tasks_per_child: Option<usize>,
    on_worker_death: OnWorkerDeath,
    idle_timeout: Option<Duration>,
    queue_limit: Option<usize>,
    prefetch: usize,
    frame_limit: usize,
    environment: Vec<(OsString, OsString)>,
}

/// What is fixed when a pool is built.
#[derive(Debug)]
pub(super) struct Options {
    pub(super) max_workers: usize,
    /// The frame that has a worker run the initializer.
    pub(super) initializer: Option<Arc<Parcel>>,
    pub(super) max_tasks_per_child: Option<usize>,
    pub(super) on_worker_death: OnWorkerDeath,
    pub(super) idle_timeout: Option<Duration>,
    pub(super) queue_limit: Option<usize>,
    pub(super) prefetch: usize,
    pub(super) frame_limit: usize,
    pub(super) environment: Vec<(OsString, OsString)>,
}

impl ProcessPoolBuilder {
    pub(super) fn new() -> ProcessPoolBuilder {
        ProcessPoolBuilder {
            max_workers: None,
            initializer: None,
            max_tasks_per_child: None,
            on_worker_death: OnWorkerDeath::default(),
            idle_timeout: None,
            queue_limit: None,
            prefetch: PREFETCH,
            frame_limit: FRAME_LIMIT,
            environment: Vec::new(),
        }
    }

    /// How many processes at most. By default, the processors available.
    ///
    /// ```
    /// let pool = executor::ProcessPoolExecutor::builder().max_workers(3).build()?;
    /// assert_eq!(pool.max_workers(), 3);
    /// # Ok::<(), executor::Error>(())
    /// ```
    pub fn max_workers(mut self, max_workers: usize) -> Self {
        self.max_workers = Some(max_workers);
        self
    }

    /// What each worker runs once, before its first task, with these arguments.
    ///
    /// A task as any other, which returns nothing, or as a [`fallible`](crate::fallible) one
    /// `Result<(), _>`. Statics that it sets are there for the worker's tasks. If it panics or fails
    /// the pool breaks: the tasks that no worker has begun, and later submits, fail with its error.
    ///
    /// ```
    /// use std::sync::OnceLock;
    ///
    /// use executor::ProcessPoolExecutor;
    ///
    /// static GREETING: OnceLock<String> = OnceLock::new();
    ///
    /// # fn main() -> Result<(), executor::Error> {
    /// let pool = ProcessPoolExecutor::builder()
    ///     .initializer(|text: String| GREETING.set(text).unwrap(), ("hello".to_owned(),))
    ///     .build()?;
    /// let length = pool.submit(|| GREETING.get().map(String::len), ())?;
    /// assert_eq!(*length.result()?, Some(5));
    /// # Ok(())
    /// # }
    /// ```
    pub fn initializer<F, Args>(mut self, initializer: F, mut args: Args) -> Self
    where
        F: Task<Args, Output = ()>,
        Args: Payload,
    {
        must_capture_nothing!(F);
        // The type says it all; a worker makes a value of it anew.
        let _ = initializer;
        let problem = |problem: String| BuildError::InvalidOption {
            option: "initializer",
            problem,
        };
        // Its length is checked against the limit in `build`, when that is known.
        let parcel = match invocation::name::<F, Args>() {
            None => Err(problem(
                SubmitError::NotInExecutable(std::any::type_name::<F>()).to_string(),
            )),
            Some(name) => invocation::draft::<F, Args>(name, &mut args, usize::MAX)
                .map_err(|error| problem(error.to_string())),
        };
        self.initializer = Some(parcel.map(|draft| {
            let loan = || Some(Loan::unlimited());
            Arc::new(Parcel::new(Kind::Initialize, 0, draft, loan))
        }));
        self
    }

    /// After how many tasks a worker is replaced by a new one. By default it never is. A chunk of
    /// [`map_with`](crate::Executor::map_with) is one task.
    ///
    /// For tasks that leak, or that leave behind what the next ones should not find.
    ///
    /// ```
    /// # use executor::ProcessPoolExecutor;
    /// let pool = ProcessPoolExecutor::builder().max_workers(1).max_tasks_per_child(1).build()?;
    /// let first = pool.submit(std::process::id, ())?.into_result()?;
    /// let second = pool.submit(std::process::id, ())?.into_result()?;
    /// assert_ne!(first, second);
    /// # Ok::<(), executor::Error>(())
    /// ```
    pub fn max_tasks_per_child(mut self, max_tasks: usize) -> Self {
        self.max_tasks_per_child = Some(max_tasks);
        self
    }

    /// What the death of a worker comes to. By default, [`OnWorkerDeath::Replace`].
    ///
    /// ```
    /// use executor::{OnWorkerDeath, ProcessPoolExecutor, TaskError};
    ///
    /// let builder = ProcessPoolExecutor::builder().max_workers(1);
    /// let pool = builder.on_worker_death(OnWorkerDeath::Break).build()?;
    /// assert!(pool.submit(|| -> () { std::process::abort() }, ())?.result().is_err());
    /// let next = pool.submit(|| 42, ()).map(|future| future.into_result());
    /// assert!(matches!(next, Err(_) | Ok(Err(TaskError::PoolBroken(_)))));
    /// # Ok::<(), executor::Error>(())
    /// ```
    pub fn on_worker_death(mut self, what: OnWorkerDeath) -> Self {
        self.on_worker_death = what;
        self
    }

    /// How long a worker with nothing to do stays, at least. By default it stays until the pool is
    /// shut down. The next task after that has a new worker started.
    ///
    /// ```
    /// # use executor::ProcessPoolExecutor;
    /// use std::time::Duration;
    ///
    /// let pool = ProcessPoolExecutor::builder().idle_timeout(Duration::from_secs(60)).build()?;
    /// assert_eq!(*pool.submit(|| 42, ())?.result()?, 42);
    /// # Ok::<(), executor::Error>(())
    /// ```
    pub fn idle_timeout(mut self, timeout: Duration) -> Self {
        self.idle_timeout = Some(timeout);
        self
    }

    /// How many tasks may wait for a worker at most. By default, any number.
    ///
    /// While so many do, [`submit`](ProcessPoolExecutor::submit) waits for room and
    /// [`try_submit`](ProcessPoolExecutor::try_submit) is refused. Those that were sent ahead to a
    /// worker and wait behind another there count, and so do those that are being encoded. A task that
    /// was cancelled does not wait any more.
    ///
    /// ```
    /// let pool = executor::ProcessPoolExecutor::builder().max_workers(1).queue_limit(10).build()?;
    /// for n in 0..100u32 {
    ///     pool.submit(|n: u32| n * n, (n,))?; // waits while ten of them wait
    /// }
    /// # Ok::<(), executor::Error>(())
    /// ```
    pub fn queue_limit(mut self, tasks: usize) -> Self {
        self.queue_limit = Some(tasks);
        self
    }

    /// How many tasks are sent ahead to a worker that has one, if all workers are busy. By default,
    /// 16; at most 255.
    ///
    /// A worker that has the next task at hand need not wait for it, which is much for tasks of
    /// microseconds and nothing for those of seconds. A task that was sent ahead can be cancelled,
    /// goes to another worker that has nothing to do, and survives the death of the one that it was
    /// sent to: it is lost only if that one had begun it. With 0, tasks start strictly in the order
    /// of submission.
    ///
    /// ```
    /// # use executor::ProcessPoolExecutor;
    /// let pool = ProcessPoolExecutor::builder().prefetch(0).build()?; // strictly in order
    /// assert_eq!(*pool.submit(|| 42, ())?.result()?, 42);
    /// # Ok::<(), executor::Error>(())
    /// ```
    pub fn prefetch(mut self, depth: usize) -> Self {
        self.prefetch = depth;
        self
    }

    /// How many bytes the arguments of a task, or its result, may have when encoded. By default,
    /// 256 MiB; at least 64 KiB.
    ///
    /// What is longer is an error on that task's future.
    ///
    /// ```
    /// # use executor::{ProcessPoolExecutor, TaskError};
    /// let pool = ProcessPoolExecutor::builder().max_workers(1).frame_limit(64 << 10).build()?;
    /// let long = pool.submit(|| vec![0_u8; 1 << 20], ())?;
    /// assert!(matches!(long.result(), Err(TaskError::Encode(_))));
    /// # Ok::<(), executor::Error>(())
    /// ```
    pub fn frame_limit(mut self, bytes: usize) -> Self {
        self.frame_limit = bytes;
        self
    }

    /// Sets an environment variable of the workers, besides those of this process.
    ///
    /// ```
    /// # use executor::ProcessPoolExecutor;
    /// let pool = ProcessPoolExecutor::builder().max_workers(1).env("MODE", "quiet").build()?;
    /// let mode = pool.submit(|| std::env::var("MODE").ok(), ())?;
    /// assert_eq!(mode.result()?.as_deref(), Some("quiet"));
    /// # Ok::<(), executor::Error>(())
    /// ```
    pub fn env(mut self, name: impl Into<OsString>, value: impl Into<OsString>) -> Self {
        self.environment.push((name.into(), value.into()));
        self
    }

    /// The pool. Its two threads are started; no process is yet.
    ///
    /// # Errors
    ///
    /// [`BuildError::NoWorkers`] if `max_workers` is zero; [`BuildError::InvalidOption`] if another
    /// option can't be; [`BuildError::System`] if the threads or what wakes them can't be had, or if the program was
    /// linked without the constructor that runs before `main`, by which a worker knows that it is one.
    ///
    /// # Example
    ///
    /// ```
    /// use executor::{BuildError, ProcessPoolExecutor};
    ///
    /// let none = ProcessPoolExecutor::builder().max_workers(0).build();
    /// assert!(matches!(none, Err(BuildError::NoWorkers)));
    /// ```
    pub fn build(self) -> Result<ProcessPoolExecutor, BuildError> {
        ProcessPoolExecutor::with_options(self.check()?)
    }

    pub(super) fn check(self) -> Result<Options, BuildError> {
        let max_workers = self.max_workers.unwrap_or_else(sync::available_workers);
        if max_workers == 0 {
            return Err(BuildError::NoWorkers);
        }
        let invalid = |option, problem: String| Err(BuildError::InvalidOption { option, problem });
        if self.max_tasks_per_child == Some(0) {
            return invalid(
                "max_tasks_per_child",
                "it is 0; it must be at least 1".to_owned(),
            );
        }
        if self.prefetch > MOST_PREFETCH {
            let problem = format!("it is {}; it can be at most {MOST_PREFETCH}", self.prefetch);
            return invalid("prefetch", problem);
        }
        if self.frame_limit < LEAST_FRAME_LIMIT {
            let problem = format!(
                "it is {}; it must be at least {LEAST_FRAME_LIMIT}",
                self.frame_limit
            );
            return invalid("frame_limit", problem);
        }
        for (name, value) in &self.environment {
            let (name, value) = (name.as_bytes(), value.as_bytes());
            let problem = match () {
                () if name.is_empty() => "is empty",
                () if name.contains(&b'=') => "holds a '='",
                () if name.contains(&0) => "holds a zero byte",
                () if value.contains(&0) => "is to have a value with a zero byte",
                () => continue,
            };
            let name = String::from_utf8_lossy(name);
            return invalid("env", format!("the name {name:?} {problem}"));
        }
        let initializer = self.initializer.transpose()?;
        if let Some(parcel) = &initializer
            && parcel.payload_len() > self.frame_limit
        {
            let (length, limit) = (parcel.payload_len(), self.frame_limit);
            let problem = format!("its arguments have {length} bytes, frame_limit is {limit}");
            return invalid("initializer", problem);
        }
        Ok(Options {
            max_workers,
            initializer,
            max_tasks_per_child: self.max_tasks_per_child,
            on_worker_death: self.on_worker_death,
            idle_timeout: self.idle_timeout,
            queue_limit: self.queue_limit.map(check_limit).transpose()?,
            prefetch: self.prefetch,
            frame_limit: self.frame_limit,
            environment: self.environment,
        })
    }
}
