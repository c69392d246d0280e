//! What can go wrong, as values: a task's error, a refused submit, a pool that can't be built.

// These are plain data that several handles read; they take part in no protocol, so the standard
// library's `Arc` serves in every build of these files.
use std::error::Error as StdError;
use std::fmt;
use std::sync::Arc;

use super::deadlock::Deadlock;
use super::refused::Refused;

mod failure;

pub use failure::{Failure, Panic, WorkerDeath, WorkerExit};

/// Why a future holds no value.
///
/// Cheap to clone: every handle of the future gives the same error. A wait that ran out of time
/// is not among these; it is a [`TimedOut`], so it can't be taken for a task's own error.
///
/// ```
/// use executor::{TaskError, ThreadPoolExecutor, fallible};
///
/// fn say(outcome: Result<&u32, TaskError>) -> String {
///     match outcome {
///         Ok(number) => format!("{number}"),
///         Err(TaskError::Failed(failure)) => format!("failed: {}", failure.message),
///         Err(TaskError::Panicked(panic)) => format!("panicked: {}", panic.message),
///         Err(other) => other.to_string(), // which says what to do next
///     }
/// }
///
/// let pool = ThreadPoolExecutor::new(1)?;
/// let parse = |text: &str| text.parse::<u32>();
/// assert_eq!(say(pool.submit(fallible(parse), ("42",))?.result()), "42");
/// let wrong = pool.submit(fallible(parse), ("six",))?;
/// assert_eq!(say(wrong.result()), "failed: invalid digit found in string");
/// let panicking = pool.submit(|| -> u32 { panic!("no number") }, ())?;
/// assert_eq!(say(panicking.result()), "panicked: no number");
/// # Ok::<(), executor::Error>(())
/// ```
#[derive(Clone)]
#[non_exhaustive]
pub enum TaskError {
    /// It was cancelled before it started, and never ran.
    Cancelled,
    /// It panicked.
    Panicked(Arc<Panic>),
    /// It returned an error of its own, by way of [`fallible`](crate::fallible).
    Failed(Arc<Failure>),
    /// Whoever was to finish it went away without an outcome.
    Lost,
    /// It was to have the outcome of a future that itself waits for it; see
    /// [`flatten`](crate::Future::flatten).
    Cycle,
    /// The process that ran it died.
    WorkerDied(Arc<WorkerDeath>),
    /// Its pool broke before it had ended; the text is the cause. It has not run, unless the cause is
    /// the death of a worker in a process pool that is to break on one: then it may have run in part.
    PoolBroken(Arc<str>),
    /// Its arguments or its result could not be encoded; it may not have run.
    Encode(Arc<str>),
    /// Its arguments or its result could not be decoded.
    Decode(Arc<str>),
    /// It may still be on its way, but whoever asked could have waited for ever: its task or its thread is one
    /// that this one waits for. Asked from elsewhere, or later, the future may have something else to say.
    ///
    /// Seen are circles of futures, workers, full queues and ends of pools, in tasks on threads and rayon, in
    /// callbacks, also of a process pool, that hold up what is derived behind them, and across executors. Not seen,
    /// and so a hang as before, are
    ///
    /// * waits for anything else, such as locks, channels and promises; also a promise that only a task below could
    ///   finish, which waits for several, and of these runs one on top of itself;
    /// * waits in destructors of thread-local values, or of what a task captured or left; and while arguments are
    ///   encoded for a process pool or results decoded;
    /// * an `.await` inside a task, which may poll anything besides, and waits by means of its runtime.
    ///
    /// Told, though it might have ended, is who waits in a circle that somebody outside could have broken by a cancel.
    /// Besides there are four rare cases:
    ///
    /// * a task of a scope, on a pool that [fails](crate::WhenStarved::Fail) what starves, which waits for another one
    ///   of the scope that the scope's own thread would have come to;
    /// * a `submit` that waits for room, which that thread would have made by running a task of its scope;
    /// * a callback that waits for the task below it on its thread, if it was added to a future while that was being run
    ///   on top of that task;
    /// * who asks in the moment in which [`flatten`](crate::Future::flatten) finds a cycle: a deadlock instead of
    ///   [`Cycle`](TaskError::Cycle).
    Deadlock(Arc<Deadlock>),
}

impl fmt::Display for TaskError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            TaskError::Cancelled => f.write_str("the task was cancelled before it started"),
            TaskError::Panicked(panic) => write!(f, "the task {panic}"),
            TaskError::Failed(failure) => write!(f, "the task failed: {failure}"),
            TaskError::Lost => f.write_str(
                "the task was lost: its promise was dropped without having been finished",
            ),
            TaskError::Cycle => f.write_str(
                "the future was to have the outcome of a future that itself waits for it; leave a \
                 value, or a future that does not",
            ),
            TaskError::WorkerDied(death) => write!(f, "{death}"),
            TaskError::PoolBroken(cause) => write!(
                f,
                "the pool broke before the task had ended: {cause}; mend the cause and build a new pool"
            ),
            TaskError::Encode(cause) => write!(f, "could not encode: {cause}"),
            TaskError::Decode(cause) => write!(f, "could not decode: {cause}"),
            TaskError::Deadlock(deadlock) => write!(
                f,
                "deadlock, this wait could never have ended: {deadlock}; don't wait in a circle, or give the \
                 pool more workers"
            ),
        }
    }
}

/// The same as its `Display`: it is what an `unwrap` in a test prints.
impl fmt::Debug for TaskError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl StdError for TaskError {}

/// As of a [`SubmitError`], without the task and its arguments, which are dropped.
impl<F, Args> From<Refused<F, Args>> for TaskError {
    fn from(refused: Refused<F, Args>) -> TaskError {
        SubmitError::from(refused).into()
    }
}

/// For a task, or a function of [`then`](crate::Future::then), that submits another one with `?`: it
/// has failed with the refusal.
impl From<SubmitError> for TaskError {
    fn from(refused: SubmitError) -> TaskError {
        TaskError::Failed(Arc::new(Failure {
            type_name: std::any::type_name::<SubmitError>().to_owned(),
            message: refused.to_string(),
        }))
    }
}

/// A wait ran out of time. The task goes on, and can be waited for again.
///
/// ```
/// use std::time::Duration;
///
/// let (_promise, future) = executor::promise::<i32>();
/// let timed_out = future.result_timeout(Duration::ZERO).unwrap_err();
/// assert_eq!((timed_out.unfinished, timed_out.total), (1, 1));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TimedOut {
    /// How many of the futures had not finished; of the items of a map, how many were not yielded.
    pub unfinished: usize,
    /// How many futures were waited for.
    pub total: usize,
}

impl fmt::Display for TimedOut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "timed out with {} (of {}) futures unfinished; none of them was cancelled",
            self.unfinished, self.total
        )
    }
}

impl StdError for TimedOut {}

/// Why an executor did not accept a task. The task will never run.
///
/// ```
/// use executor::{Executor, Shutdown, SubmitError, ThreadPoolExecutor};
///
/// let pool = ThreadPoolExecutor::new(1)?;
/// pool.shutdown(Shutdown::wait());
/// let refused = pool.submit(|| 42, ()).unwrap_err();
/// assert!(matches!(refused.error(), SubmitError::ShutDown));
/// # Ok::<(), executor::Error>(())
/// ```
#[derive(Clone)]
#[non_exhaustive]
pub enum SubmitError {
    /// The executor was shut down before.
    ShutDown,
    /// As many tasks wait as its `queue_limit` lets, and the submitter has only tried, has waited for as long as it
    /// was to, or may not wait: it is in the middle of another submit, or on a thread that the pool needs.
    Full,
    /// As many tasks wait as its `queue_limit` lets, and to wait for room would have been for ever: the
    /// submitter is a task, and those who could make room all wait.
    Deadlock(Arc<Deadlock>),
    /// The executor was built before this process was forked from another: its workers are there, and
    /// not here.
    Forked,
    /// The executor is broken: an initializer failed, or no worker could be started.
    Broken(Arc<str>),
    /// The task can't be named to another process: its code is not in the main executable.
    NotInExecutable(&'static str),
}

impl fmt::Display for SubmitError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            SubmitError::ShutDown => {
                f.write_str("the executor was shut down; submit before shutdown, or build another")
            }
            SubmitError::Full => f.write_str(
                "the executor's queue is full; submit again when it has taken up some tasks, or raise its queue_limit",
            ),
            SubmitError::Deadlock(deadlock) => write!(
                f,
                "deadlock, to wait for room would have been for ever: {deadlock}; raise the queue's limit, or \
                 submit from outside of the pool"
            ),
            SubmitError::Forked => f.write_str(
                "this process was forked from the one that built the executor, and has none of its \
                 workers; build another here",
            ),
            SubmitError::Broken(cause) => {
                write!(
                    f,
                    "the pool is broken: {cause}; mend the cause and build a new pool"
                )
            }
            SubmitError::NotInExecutable(task) => write!(
                f,
                "task {task} is not part of the main executable (is it in a shared library?), so a \
                 worker process can't find it; submit it to a thread pool"
            ),
        }
    }
}

/// The same as its `Display`.
impl fmt::Debug for SubmitError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl StdError for SubmitError {}

/// Why a pool could not be built.
///
/// ```
/// use executor::{BuildError, ThreadPoolExecutor};
///
/// assert!(matches!(ThreadPoolExecutor::new(0), Err(BuildError::NoWorkers)));
/// ```
#[non_exhaustive]
pub enum BuildError {
    /// `max_workers` was zero.
    NoWorkers,
    /// The prefix of the threads' names holds a zero byte, which no thread's name can.
    ThreadName,
    /// Another option has a value that can't be.
    InvalidOption {
        /// The name of the option.
        option: &'static str,
        /// What is wrong with it.
        problem: String,
    },
    /// The operating system refused something that the pool needs.
    System {
        /// What was asked for.
        wanted: &'static str,
        /// Its answer.
        source: std::io::Error,
    },
}

impl fmt::Display for BuildError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            BuildError::NoWorkers => f.write_str("max_workers is 0; a pool needs at least 1"),
            BuildError::ThreadName => {
                f.write_str("thread_name_prefix holds a zero byte; a thread's name can't")
            }
            BuildError::InvalidOption { option, problem } => write!(f, "{option}: {problem}"),
            BuildError::System { wanted, source } => {
                write!(f, "the system refused {wanted}: {source}")
            }
        }
    }
}

/// The same as its `Display`.
impl fmt::Debug for BuildError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl StdError for BuildError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        match self {
            BuildError::NoWorkers | BuildError::ThreadName | BuildError::InvalidOption { .. } => {
                None
            }
            BuildError::System { source, .. } => Some(source),
        }
    }
}
