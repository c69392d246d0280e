//! `ProcessPoolExecutor`: worker processes, each with a channel of its own.
//!
//! ```text
//!   submit ──encode──┐                          ┌────────────────┐
//!                    ▼                          │ worker process │
//!              ┌───────────┐   task frames      │                │
//!              │   state   │ ─────────────────▶ │  claim, decode,│
//!              │ queue     │   a page of claims │  run, encode   │
//!              │ workers   │ ◀───────────────▶  │                │
//!              └───────────┘   outcome frames   │                │
//!                    ▲        ┌──────────────── └────────────────┘
//!                    │        ▼                       one each,
//!              ┌────────────────────┐                as many as
//!              │ whoever reads:     │                are needed
//!              │ a waiter, for a    │
//!              │ moment, or the     │
//!              │ supervisor thread, │
//!              │ which also starts  │
//!              │ and reaps          │──▶ waiters of the futures
//!              └────────────────────┘
//!                    │ callbacks
//!                    ▼
//!              ┌────────────────────┐
//!              │ callback thread    │
//!              └────────────────────┘
//! ```
//!
//! * A *submitter* has a place kept, encodes the arguments, queues the task, and gives to the workers
//!   what they have room for. If all are busy that is a few tasks ahead of time.
//! * A *worker* claims a task before it runs it, by one operation on a word that it shares with the
//!   pool. What it has not claimed the pool can take back: to cancel it, to give it to a worker with
//!   nothing to do, or because the worker has died. So a death costs exactly what was running.
//! * A thread that *waits* for a task reads its worker's channel itself for a moment: most short
//!   tasks are done by then, and nobody need be woken.
//! * The *supervisor* reads when nobody else does, starts workers, and buries the dead.
//! * Workers share nothing with each other.

use std::fmt;
use std::thread::{self, JoinHandle, ThreadId};

use super::child::ServingProcess;
use super::entry;
use super::options::{Options, ProcessPoolBuilder};
use super::roster::Worker;
use super::shared::Shared;
use crate::base::callback_thread::CallbackThread;
use crate::base::{BuildError, Counters, Deadlock};
use crate::executor::Executor;
use crate::shutdown::Shutdown;
use crate::sync::{self, Arc, Deadline, Mutex};

mod accepted;
mod start;

/// An executor whose workers are processes. Linux with glibc.
///
/// Each worker is this same executable, which recognises before `main` that it is to be a worker;
/// so nothing needs to be called or registered, and it works in `main`, tests, doctests, examples
/// and benchmarks alike.
///
/// A worker is started when a task is submitted and no other is free, up to `max_workers`. Tasks
/// are given out in the order of submission, some ahead of time
/// ([`prefetch`](ProcessPoolBuilder::prefetch)). Dropping the executor is
/// [`shutdown`](Executor::shutdown) and wait, and leaves no process behind.
///
/// A task may have a pool of its own, also of processes, and so may that one's tasks. No depth is refused, as
/// none comes about by mistake: a worker never runs `main`.
///
/// # Failures
///
/// A panic comes back as an error (in a program that aborts on panic, as the death of the worker).
/// A worker that dies, however it does (`exit(0)` in a task is a death too), costs the task that it
/// ran, which ends with [`TaskError::WorkerDied`](crate::TaskError::WorkerDied); what it had not
/// begun runs elsewhere, nothing runs twice, and another worker is started in its place when there
/// is work for it (see [`on_worker_death`](ProcessPoolBuilder::on_worker_death) for Python's way).
/// Workers that can't be started, or die again and again before they have done anything, break the
/// pool. A stopped worker (`SIGSTOP`) is waited for until it goes on or is killed. A worker that
/// does not answer within 30 seconds of its start (its initializer may take longer), or does not
/// end within 5 of being told to, is killed.
///
/// Workers end when their parent does, however it ends, and when it becomes another program
/// (stopped ones when they are continued). On Ctrl-C, which the terminal sends to all of them,
/// workers do nothing: the parent decides.
///
/// When `main` returns, or `exit` is called, nothing waits for a pool that is still there, because it
/// is in a static, was leaked, or is in the scope of a caller: its workers end with the tasks that they
/// run, and what is queued never runs. (Python waits for both.) Shut it down, or drop it, before.
///
/// A copy of the process that is forked has neither the pool's threads nor its workers. There
/// [`submit`](Self::submit) is an error ([`SubmitError::Forked`](crate::SubmitError::Forked)), there are no
/// [`worker_pids`](Self::worker_pids), and shutdown (also by force) and drop do nothing, at once. A
/// future that had not ended when the process was forked never ends in the copy.
///
/// # What a worker lacks
///
/// It never comes to `main`. So it does not have what `main` and what it calls have set up:
///
/// | | in a worker |
/// |---|---|
/// | a logger, a tracing subscriber | none is installed: set it up in the [`initializer`](ProcessPoolBuilder::initializer) |
/// | a panic hook of yours | the standard one, which prints |
/// | statics assigned at run time, `OnceLock`s, thread-locals | as at the start of a program |
/// | arguments of the command line | none; argument 0 is `executor-worker` |
/// | other threads, signal handlers | none |
/// | open files and sockets | standard output and error, which are the parent's; not what Rust has opened, but what C libraries have opened to be inherited |
/// | a pool in a static | a pool of the worker's own, with workers of its own, if a task uses it |
/// | standard input | empty |
/// | environment variables, working directory | the parent's when the worker is started, and [`env`](ProcessPoolBuilder::env) |
///
/// What runs before `main` (constructors) has run. `SIGPIPE` is ignored, as in every Rust program,
/// and `SIGINT` does nothing. A task runs on a thread with a stack of 8 MiB; if that overflows, the
/// worker dies by signal 11. What a task prints is not captured by a test harness, and what it has
/// printed without an end of line is lost if the worker is killed. Processes that a task starts are
/// ordinary ones; a copy that a task *forks* must not return from the task: it is ended if it does.
///
/// # Arguments and results
///
/// They are encoded and copied. Large vectors of plain numbers, and large strings, that are
/// themselves an argument or the result go as the bytes they are; inside other values (an `Option`,
/// a struct) they are encoded number by number, which takes two to three times as long. For bytes
/// inside other values the crate `serde_bytes` helps. What a task's arguments or its result may
/// have in bytes is limited by [`frame_limit`](ProcessPoolBuilder::frame_limit).
///
/// # Where code of yours runs in the parent
///
/// Done-callbacks run on a thread of the pool that does nothing else, one after the other, and so do the
/// destructors of results that nobody waits for. One that waits for what can only come behind it is told of a
/// [deadlock](crate::TaskError::Deadlock). A result is decoded by the thread that waits for it, if it is
/// small, or by the pool's supervisor; so a `Deserialize` of yours must not wait for the pool.
///
/// # Example
///
/// ```
/// use executor::ProcessPoolExecutor;
///
/// # fn main() -> Result<(), executor::Error> {
/// let pool = ProcessPoolExecutor::new(2)?;
/// let pid = pool.submit(std::process::id, ())?;
/// assert_ne!(*pid.result()?, std::process::id());
/// # Ok(())
/// # }
/// ```
#[doc(alias = "process pool")]
pub struct ProcessPoolExecutor {
    shared: Arc<Shared>,
    callback_thread: Arc<CallbackThread>,
    threads: Mutex<Vec<JoinHandle<()>>>,
    /// The pool's own threads, which must not wait for themselves.
    thread_ids: [ThreadId; 2],
    max_workers: usize,
}

impl ProcessPoolExecutor {
    /// A pool of at most `max_workers` processes.
    ///
    /// # Errors
    ///
    /// As [`ProcessPoolBuilder::build`].
    ///
    /// # Example
    ///
    /// ```
    /// let pool = executor::ProcessPoolExecutor::new(2)?;
    /// assert_eq!(*pool.submit(|n: u32| n + 1, (41,))?.result()?, 42);
    /// # Ok::<(), executor::Error>(())
    /// ```
    pub fn new(max_workers: usize) -> Result<ProcessPoolExecutor, BuildError> {
        Self::builder().max_workers(max_workers).build()
    }

    /// A builder with the default options.
    ///
    /// ```
    /// let pool = executor::ProcessPoolExecutor::builder().max_workers(2).queue_limit(100).build()?;
    /// # drop(pool);
    /// # Ok::<(), executor::Error>(())
    /// ```
    pub fn builder() -> ProcessPoolBuilder {
        ProcessPoolBuilder::new()
    }

    pub(super) fn with_options(options: Options) -> Result<ProcessPoolExecutor, BuildError> {
        sync::note_places();
        entry::has_run().map_err(|source| BuildError::System {
            wanted: "a constructor that runs before `main`",
            source,
        })?;
        start::start(options).map_err(|source| BuildError::System {
            wanted: "the threads of a process pool",
            source,
        })
    }

    /// How many processes there are at most.
    ///
    /// ```
    /// assert_eq!(executor::ProcessPoolExecutor::new(2)?.max_workers(), 2);
    /// # Ok::<(), executor::Error>(())
    /// ```
    pub fn max_workers(&self) -> usize {
        self.max_workers
    }

    /// The process ids of the workers that are alive as far as the pool knows.
    ///
    /// ```
    /// let pool = executor::ProcessPoolExecutor::new(2)?;
    /// assert!(pool.worker_pids().is_empty()); // none is started before there is a task
    /// let pid = pool.submit(std::process::id, ())?.into_result()?;
    /// assert!(pool.worker_pids().contains(&pid));
    /// # Ok::<(), executor::Error>(())
    /// ```
    pub fn worker_pids(&self) -> Vec<u32> {
        if self.shared.is_elsewhere() {
            return Vec::new();
        }
        let state = self.shared.state.lock();
        state
            .workers
            .iter()
            .map(|worker| worker.process.pid())
            .collect()
    }

    /// How much there is to do, and what was done, at this moment.
    ///
    /// ```
    /// let pool = executor::ProcessPoolExecutor::new(1)?;
    /// pool.submit(|| 42, ())?.result()?;
    /// assert_eq!(pool.counters().queued, 0);
    /// # Ok::<(), executor::Error>(())
    /// ```
    pub fn counters(&self) -> Counters {
        if self.shared.is_elsewhere() {
            return Counters::default();
        }
        let state = self.shared.state.lock();
        let waiting: usize = state.workers.iter().map(Worker::waiting).sum();
        let running: usize = state.workers.iter().map(Worker::running).sum();
        Counters {
            queued: state.queued.len() + waiting,
            running,
            finished: state.finished,
            workers: state.workers.len(),
            replaced: state.replaced,
        }
    }

    /// Shuts the pool down without waiting, cancels what no worker has begun, and asks the workers
    /// to end, by SIGTERM.
    ///
    /// What they run fails with [`TaskError::WorkerDied`](crate::TaskError::WorkerDied). A task that
    /// handles or ignores the signal goes on; see [`kill_workers`](Self::kill_workers). A pool without
    /// workers is only shut down.
    ///
    /// ```
    /// # use executor::{ProcessPoolExecutor, TaskError};
    /// let pool = ProcessPoolExecutor::new(1)?;
    /// let endless = pool.submit(|| -> () { loop { std::thread::park() } }, ())?;
    /// while !endless.running() { std::thread::yield_now() }
    /// pool.terminate_workers();
    /// assert!(matches!(endless.result(), Err(TaskError::WorkerDied(_))));
    /// # Ok::<(), executor::Error>(())
    /// ```
    pub fn terminate_workers(&self) {
        self.shared.end_by_force(ServingProcess::terminate);
    }

    /// Shuts the pool down without waiting, cancels what no worker has begun, and kills the
    /// workers, by SIGKILL.
    ///
    /// What they run fails with [`TaskError::WorkerDied`](crate::TaskError::WorkerDied).
    ///
    /// ```
    /// # use executor::ProcessPoolExecutor;
    /// let pool = ProcessPoolExecutor::new(1)?;
    /// pool.kill_workers();
    /// assert!(pool.submit(|| 42, ()).is_err());
    /// # Ok::<(), executor::Error>(())
    /// ```
    pub fn kill_workers(&self) {
        self.shared.end_by_force(ServingProcess::kill);
    }

    /// Waits until the workers and the pool's threads have left; false if the deadline passed first.
    ///
    /// # Errors
    ///
    /// It would wait for ever; then it does not.
    fn has_ended_by(&self, deadline: Option<Deadline>) -> Result<bool, Arc<Deadlock>> {
        // The supervisor waits for processes, and for arguments that are being encoded; nobody sees for whom they wait.
        let has_ended =
            self.shared.has_ended_by(deadline) && self.callback_thread.has_left_by(deadline)?;
        if has_ended && deadline.is_none() {
            let threads = std::mem::take(&mut *self.threads.lock());
            for thread in threads {
                // Neither passes a panic on: what users' code throws is caught where it runs.
                drop(thread.join());
            }
        }
        Ok(has_ended)
    }

    /// Whether the pool can't come to its end before this thread has gone on: it is one of the pool's
    /// own, or in the middle of a submit and in code of the user's, which encodes.
    fn runs_this_thread(&self) -> bool {
        let me = thread::current().id();
        self.thread_ids.contains(&me) || self.shared.state.lock().encoding.contains(&me)
    }
}

impl Drop for ProcessPoolExecutor {
    fn drop(&mut self) {
        self.shutdown(Shutdown::wait());
    }
}

impl fmt::Debug for ProcessPoolExecutor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ProcessPoolExecutor")
            .field("max_workers", &self.max_workers)
            .field("workers", &self.worker_pids())
            .finish_non_exhaustive()
    }
}
