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
use std::io;
use std::sync::Weak;
use std::thread::{self, JoinHandle, ThreadId};

use super::child::ServingProcess;
use super::entry;
use super::invocation;
use super::kept::KeptByPool;
use super::options::{Options, ProcessPoolBuilder};
use super::place::Place;
use super::remote::{CallBack, Remote, RemoteTask};
use super::roster::{Queued, Worker};
use super::shared::Shared;
use super::supervisor;
use super::wire::{Kind, Parcel};
use super::worker;
use crate::base::room::IfFull;
use crate::base::{BuildError, Counters, Future, Refused, SubmitError};
use crate::executor::Executor;
use crate::shutdown::{Shutdown, ShutdownOutcome};
use crate::sync::{self, Arc, Deadline, Mutex};
use crate::task::{Payload, Task, must_capture_nothing};
use crate::trace::TaskSpan;

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
/// [`submit`](Self::submit) is an error ([`SubmitError::Forked`]), there are no
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
/// Done-callbacks run on a thread of the pool that does nothing else, and so do the destructors of
/// results that nobody waits for. A result is decoded by the thread that waits for it, if it is
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
    threads: Mutex<Vec<JoinHandle<()>>>,
    /// The pool's own threads, which must not wait for themselves.
    thread_ids: [ThreadId; 2],
    max_workers: usize,
}

/// Bytes of stack of the pool's threads, which decode and drop what workers have made. Decoding
/// takes more than encoding did in the worker, for the same nesting.
const STACK: usize = 4 * worker::STACK;

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
        start(options).map_err(|source| BuildError::System {
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

    /// Submits a task.
    ///
    /// The arguments are encoded in this call. If that fails the future is finished with
    /// [`TaskError::Encode`](crate::TaskError::Encode), and the pool goes on.
    ///
    /// # Errors
    ///
    /// [`Refused`] if the pool was shut down or is broken, or if the task's code is not part of the
    /// main executable: the task never runs, and is given back with its arguments, of which nothing
    /// has been encoded.
    ///
    /// # Example
    ///
    /// ```
    /// let pool = executor::ProcessPoolExecutor::new(1)?;
    /// let pid = pool.submit(std::process::id, ())?;
    /// assert_ne!(*pid.result()?, std::process::id());
    /// # Ok::<(), executor::Error>(())
    /// ```
    pub fn submit<F, Args>(
        &self,
        task: F,
        args: Args,
    ) -> Result<Future<F::Output>, Refused<F, Args>>
    where
        F: Task<Args>,
        Args: Payload,
        F::Output: Payload,
    {
        must_capture_nothing!(F);
        self.submit_or(IfFull::Wait, task, args)
    }

    /// As [`submit`](Self::submit), but does not wait for room in a queue that is limited.
    ///
    /// # Errors
    ///
    /// As [`submit`](Self::submit), and [`SubmitError::Full`] if as many tasks wait as
    /// [`queue_limit`](ProcessPoolBuilder::queue_limit) lets.
    ///
    /// # Example
    ///
    /// ```
    /// use executor::{ProcessPoolExecutor, SubmitError};
    ///
    /// let pool = ProcessPoolExecutor::builder().max_workers(1).queue_limit(1).build()?;
    /// let refused = (0..).find_map(|_| {
    ///     pool.try_submit(|| std::thread::sleep(std::time::Duration::from_millis(10)), ()).err()
    /// });
    /// assert!(matches!(refused.expect("it is full").error(), SubmitError::Full));
    /// # Ok::<(), executor::Error>(())
    /// ```
    pub fn try_submit<F, Args>(
        &self,
        task: F,
        args: Args,
    ) -> Result<Future<F::Output>, Refused<F, Args>>
    where
        F: Task<Args>,
        Args: Payload,
        F::Output: Payload,
    {
        must_capture_nothing!(F);
        self.submit_or(IfFull::Refuse, task, args)
    }

    fn submit_or<F, Args>(
        &self,
        if_full: IfFull,
        task: F,
        mut args: Args,
    ) -> Result<Future<F::Output>, Refused<F, Args>>
    where
        F: Task<Args>,
        Args: Payload,
        F::Output: Payload,
    {
        let Some(name) = invocation::name::<F, Args>() else {
            let error = SubmitError::NotInExecutable(std::any::type_name::<F>());
            return Err(Refused::new(error, task, args));
        };
        if self.shared.is_elsewhere() {
            return Err(Refused::new(SubmitError::Forked, task, args));
        }
        // The supervisor makes room, and so does not wait for any.
        let if_full = match thread::current().id() {
            me if me == self.thread_ids[1] => IfFull::Refuse,
            _ => if_full,
        };
        let (place, callback_thread) = match Place::keep(&self.shared, if_full) {
            Ok(kept) => kept,
            Err(error) => return Err(Refused::new(error, task, args)),
        };
        // The type of the task says it all; a worker makes a value of it anew.
        let draft = invocation::draft::<F, Args>(name, &mut args, self.shared.options.frame_limit);
        let id = self.shared.next_id();
        let keeper = KeptByPool::new(&self.shared, id);
        let span = TaskSpan::new::<F>();
        span.submitted();
        let (task, future) = RemoteTask::new(callback_thread, keeper, span);
        let task = Box::new(task);
        match draft {
            Err(error) => {
                task.finish(Err(error));
                self.shared.state.lock().finished += 1;
            }
            Ok(draft) => {
                let parcel = Parcel::new(Kind::Task, id, draft, || self.shared.lender.lend());
                let parcel = Arc::new(parcel);
                place.fill(Queued { id, parcel, task });
            }
        }
        Ok(future)
    }

    /// Waits until the workers and the pool's threads have left; false if the deadline passed first.
    fn has_ended_by(&self, deadline: Option<Deadline>) -> bool {
        let has_ended = self.shared.has_ended_by(deadline);
        if has_ended && deadline.is_none() {
            let threads = std::mem::take(&mut *self.threads.lock());
            for thread in threads {
                // Neither passes a panic on: what users' code throws is caught where it runs.
                drop(thread.join());
            }
        }
        has_ended
    }

    /// Whether the pool can't come to its end before this thread has gone on: it is one of the pool's
    /// own, or in the middle of a submit and in code of the user's, which encodes.
    fn runs_this_thread(&self) -> bool {
        let me = thread::current().id();
        self.thread_ids.contains(&me) || self.shared.state.lock().encoding.contains(&me)
    }
}

/// Says that the callback thread has ended when it is dropped.
struct CallbacksEnd(Weak<Shared>);

impl Drop for CallbacksEnd {
    fn drop(&mut self) {
        if let Some(shared) = self.0.upgrade() {
            shared.callbacks_have_ended();
        }
    }
}

fn start(options: Options) -> io::Result<ProcessPoolExecutor> {
    let max_workers = options.max_workers;
    let (callbacks, to_run) = crossbeam_channel::unbounded::<CallBack>();
    let shared = Arc::new(Shared::new(options, callbacks)?);
    let number = sync::next_number();
    // Weak: the sender of what is to be run goes with `shared`, if the supervisor can't be started.
    let end = CallbacksEnd(Arc::downgrade(&shared));
    let caller = thread::Builder::new()
        .name(format!("ProcessPoolExecutor-{number}_callbacks"))
        .stack_size(STACK)
        .spawn(move || {
            let _end = end;
            for call_back in to_run {
                call_back();
            }
        })?;
    let supervised = Arc::clone(&shared);
    // If this fails the callback thread ends too: `shared` has its only sender.
    let supervisor = thread::Builder::new()
        .name(format!("ProcessPoolExecutor-{number}_supervisor"))
        .stack_size(STACK)
        .spawn(move || supervisor::supervise(&supervised))?;
    Ok(ProcessPoolExecutor {
        shared,
        thread_ids: [caller.thread().id(), supervisor.thread().id()],
        threads: Mutex::new(vec![supervisor, caller]),
        max_workers,
    })
}

impl Executor for ProcessPoolExecutor {
    fn submit<F, Args>(&self, task: F, args: Args) -> Result<Future<F::Output>, Refused<F, Args>>
    where
        F: Task<Args>,
        Args: Payload,
        F::Output: Payload,
    {
        Self::submit(self, task, args)
    }

    fn try_submit<F, Args>(
        &self,
        task: F,
        args: Args,
    ) -> Result<Future<F::Output>, Refused<F, Args>>
    where
        F: Task<Args>,
        Args: Payload,
        F::Output: Payload,
    {
        Self::try_submit(self, task, args)
    }

    fn shutdown(&self, how: Shutdown) -> ShutdownOutcome {
        how.run(
            || self.shared.close(how.cancel_pending),
            || self.shared.is_elsewhere() || self.runs_this_thread(),
            |deadline| Ok(self.has_ended_by(deadline)),
        )
    }

    fn counters(&self) -> Counters {
        Self::counters(self)
    }

    fn max_workers(&self) -> usize {
        Self::max_workers(self)
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
