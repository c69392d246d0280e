//! `RayonExecutor`: the same futures over a rayon pool.
//!
//! rayon runs what it is given in no promised order and can't take it back. So the tasks wait in a
//! queue of ours, and what rayon is given, once per task, is the errand to run the next of them.

use std::collections::VecDeque;
use std::fmt;
use std::thread::JoinHandle;

use crate::base::admitted::{admit, give_back};
use crate::base::counters::{self, Tally};
use crate::base::liveness::{self, Wait};
use crate::base::queued_task::{Callable, QueuedTask};
use crate::base::room::{IfFull, NoPlace, Place, Room};
use crate::base::{BuildError, Counters, Deadlock, Future, Refused, SubmitError, WhenStarved};
use crate::executor::Executor;
use crate::shutdown::{Shutdown, ShutdownOutcome};
use crate::sync::{self, Arc, Condvar, Deadline, Mutex};
use crate::task::{Payload, Submission, Task, TaskOnce, must_capture_nothing};

/// An executor whose workers are the threads of a rayon pool of its own.
///
/// For programs that use rayon inside their tasks: a task's `par_iter` and `join` run on the same
/// threads. Tasks start in the order of submission. Dropping the executor is shutdown and wait.
///
/// While a task waits inside rayon, in `join` say, rayon may run another task of this executor on
/// the same thread, on top of the first. A task that holds a lock across such a call can so come to
/// wait for itself; let go of it before.
///
/// At the end of the process, and in copies of it that are forked, it fares as a
/// [`ThreadPoolExecutor`](crate::ThreadPoolExecutor#when-the-process-ends).
///
/// # Example
///
/// ```
/// # fn main() -> Result<(), executor::Error> {
/// let pool = executor::RayonExecutor::new(2)?;
/// let future = pool.submit(|n: u64| n * n, (12,))?;
/// assert_eq!(*future.result()?, 144);
/// # Ok(())
/// # }
/// ```
pub struct RayonExecutor {
    /// Taken out by `drop` alone.
    pool: Option<rayon::ThreadPool>,
    threads: Vec<JoinHandle<()>>,
    shared: Arc<Shared>,
    max_workers: usize,
    /// The process that has the threads; see [`sync::process_generation`].
    generation: u32,
}

struct Shared {
    tasks: Mutex<Tasks>,
    /// If there is a limit to how many tasks wait.
    room: Option<Arc<Room>>,
    /// Those who wait for the last errand to end wait here.
    last_ended: Condvar,
    number: u32,
    name: String,
    max_workers: usize,
    when_starved: WhenStarved,
    /// One for each thread.
    tallies: Vec<Arc<Tally>>,
}

struct Tasks {
    queued: VecDeque<QueuedTask>,
    closed: bool,
    /// Errands that rayon was given and that have not ended.
    errands: usize,
    /// Of those, how many have begun. (Some perhaps on top of another, on the same thread.)
    begun: usize,
}

impl Shared {
    /// Waits until the last errand has ended; false if the deadline passed first.
    ///
    /// # Errors
    ///
    /// It would wait for ever; then it does not.
    fn has_ended_by(self: &Arc<Self>, deadline: Option<Deadline>) -> Result<bool, Arc<Deadlock>> {
        let pool = Arc::clone(self);
        liveness::sleep_for(deadline, Wait::End(pool), || {
            self.sleep_until_ended(deadline)
        })
    }

    fn sleep_until_ended(&self, deadline: Option<Deadline>) -> bool {
        let mut tasks = self.tasks.lock();
        while tasks.errands > 0 {
            tasks = match deadline {
                None => self.last_ended.wait(tasks),
                Some(deadline) => {
                    let (tasks, is_late) = self.last_ended.wait_until(tasks, deadline);
                    if is_late {
                        return tasks.errands == 0;
                    }
                    tasks
                }
            };
        }
        true
    }

    /// The errand: runs the task that has waited longest, if it was not cancelled by a shutdown.
    fn run_next(&self) {
        let mut tasks = self.tasks.lock();
        tasks.begun += 1;
        let task = tasks.queued.pop_front();
        drop(tasks);
        if let Some(task) = task {
            let thread = rayon::current_thread_index();
            task.run(&*self.tallies[thread.expect("errands run on the pool's threads")]);
        }
        let mut tasks = self.tasks.lock();
        tasks.begun -= 1;
        tasks.errands -= 1;
        if tasks.errands == 0 {
            drop(tasks);
            self.last_ended.notify_all();
        }
    }
}

impl liveness::Pool for Shared {
    fn number(&self) -> u32 {
        self.number
    }

    fn name(&self) -> String {
        self.name.clone()
    }

    fn workers(&self) -> usize {
        self.max_workers
    }

    fn has_free_worker(&self) -> bool {
        self.tasks.lock().begun < self.max_workers
    }

    fn when_starved(&self) -> WhenStarved {
        self.when_starved
    }

    fn start_spare(self: Arc<Self>) -> bool {
        // rayon's pools don't grow.
        false
    }
}

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
}

impl RayonBuilder {
    /// How many threads. By default, the processors available.
    pub fn max_workers(mut self, max_workers: usize) -> Self {
        self.max_workers = Some(max_workers);
        self
    }

    /// What is done for a task that waits for another task of this pool when no worker is left to run that.
    /// By default, the waiting thread runs it; see [`WhenStarved`].
    pub fn when_starved(mut self, when_starved: WhenStarved) -> Self {
        self.when_starved = when_starved;
        self
    }

    /// How many tasks may wait for a worker at most. By default, any number.
    ///
    /// While so many do, [`submit`](RayonExecutor::submit) waits for room and
    /// [`try_submit`](RayonExecutor::try_submit) is refused. A task that runs, or was cancelled, does
    /// not wait any more.
    pub fn queue_limit(mut self, tasks: usize) -> Self {
        self.queue_limit = Some(tasks);
        self
    }

    /// The pool. Its threads are started here and end when the executor is dropped.
    ///
    /// # Errors
    ///
    /// [`BuildError::NoWorkers`] if `max_workers` is zero; [`BuildError::InvalidOption`] if
    /// `queue_limit` is; [`BuildError::System`] if the threads can't be started.
    pub fn build(self) -> Result<RayonExecutor, BuildError> {
        let max_workers = self.max_workers.unwrap_or_else(sync::available_workers);
        if max_workers == 0 {
            return Err(BuildError::NoWorkers);
        }
        let room = self.queue_limit.map(Room::checked).transpose()?;
        sync::note_places();
        let name = format!("RayonExecutor-{}", sync::next_number());
        let shared = Arc::new(Shared {
            tasks: Mutex::new(Tasks {
                queued: VecDeque::new(),
                closed: false,
                errands: 0,
                begun: 0,
            }),
            room,
            last_ended: Condvar::new(),
            number: liveness::new_pool_number(),
            name: name.clone(),
            max_workers,
            when_starved: self.when_starved,
            tallies: (0..max_workers).map(|_| Arc::default()).collect(),
        });
        let mut threads = Vec::new();
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(max_workers)
            .thread_name(move |index| format!("{name}_{index}"))
            .spawn_handler(|thread| {
                let mut builder = std::thread::Builder::new();
                if let Some(name) = thread.name() {
                    builder = builder.name(name.to_owned());
                }
                let pool = Arc::clone(&shared);
                let tally = Arc::clone(&shared.tallies[thread.index()]);
                threads.push(builder.spawn(|| {
                    let _member = liveness::enter_pool(pool, tally);
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
            generation: sync::process_generation(),
        })
    }
}

impl RayonExecutor {
    /// A rayon pool of `max_workers` threads.
    ///
    /// # Errors
    ///
    /// As [`RayonBuilder::build`].
    pub fn new(max_workers: usize) -> Result<RayonExecutor, BuildError> {
        Self::builder().max_workers(max_workers).build()
    }

    /// A builder with the default options.
    pub fn builder() -> RayonBuilder {
        RayonBuilder {
            max_workers: None,
            when_starved: WhenStarved::default(),
            queue_limit: None,
        }
    }

    /// How many threads there are.
    pub fn max_workers(&self) -> usize {
        self.max_workers
    }

    /// How much there is to do, and what was done, at this moment.
    pub fn counters(&self) -> Counters {
        if self.is_elsewhere() {
            return Counters::default();
        }
        let (running, finished) = counters::sum(self.shared.tallies.iter().map(|tally| &**tally));
        Counters {
            queued: self.shared.tasks.lock().queued.len(),
            running,
            finished,
            workers: self.max_workers,
            replaced: 0,
        }
    }

    /// Submits a task, also one that captures, with arguments and results that need not be
    /// serialisable.
    ///
    /// # Errors
    ///
    /// [`Refused`] if the executor was shut down: the task never runs, and is given back with its
    /// arguments.
    ///
    /// # Example
    ///
    /// ```
    /// let pool = executor::RayonExecutor::new(2)?;
    /// let halves = pool.submit(|| rayon::join(|| 1, || 2), ())?; // both on this executor's threads
    /// assert_eq!(*halves.result()?, (1, 2));
    /// # Ok::<(), executor::Error>(())
    /// ```
    pub fn submit<F, Args>(
        &self,
        task: F,
        args: Args,
    ) -> Result<Future<F::Output>, Refused<F, Args>>
    where
        F: TaskOnce<Args> + Send + 'static,
        Args: Send + 'static,
        F::Output: Send + 'static,
    {
        self.spawn_or(IfFull::Wait, Submission::new(task, args))
            .map_err(Submission::refused)
    }

    /// As [`submit`](Self::submit), but does not wait for room in a queue that is limited.
    ///
    /// # Errors
    ///
    /// As [`submit`](Self::submit), and [`SubmitError::Full`] if as many tasks wait as
    /// [`queue_limit`](RayonBuilder::queue_limit) lets.
    pub fn try_submit<F, Args>(
        &self,
        task: F,
        args: Args,
    ) -> Result<Future<F::Output>, Refused<F, Args>>
    where
        F: TaskOnce<Args> + Send + 'static,
        Args: Send + 'static,
        F::Output: Send + 'static,
    {
        self.spawn_or(IfFull::Refuse, Submission::new(task, args))
            .map_err(Submission::refused)
    }

    /// Submits what is to be called; gives it back if it is not accepted.
    fn spawn_or<C: Callable>(
        &self,
        if_full: IfFull,
        call: C,
    ) -> Result<Future<C::Output>, Refused<C, ()>> {
        if self.is_elsewhere() {
            return Err(Refused::new(SubmitError::Forked, call, ()));
        }
        let Some(pool) = &self.pool else {
            return Err(Refused::new(SubmitError::ShutDown, call, ()));
        };
        let place = match self.take_place(if_full) {
            Ok(place) => place,
            Err(error) => return Err(Refused::new(error, call, ())),
        };
        let has_place = place.is_some();
        let (queued, future) = admit(self.shared.number, place, call);
        match self.push(pool, queued) {
            Ok(()) => Ok(future),
            Err(refused) => {
                drop(future);
                let call = give_back(has_place, refused);
                Err(Refused::new(SubmitError::ShutDown, call, ()))
            }
        }
    }

    /// Queues a task; gives it back if the executor was shut down.
    fn push(&self, pool: &rayon::ThreadPool, task: QueuedTask) -> Result<(), QueuedTask> {
        let mut tasks = self.shared.tasks.lock();
        if tasks.closed {
            drop(tasks);
            return Err(task);
        }
        tasks.queued.push_back(task);
        tasks.errands += 1;
        drop(tasks);
        let shared = Arc::clone(&self.shared);
        pool.spawn(move || shared.run_next());
        Ok(())
    }

    /// What its tasks' words say.
    pub(crate) fn number(&self) -> u32 {
        self.shared.number
    }

    /// A place for an errand of a scope, if tasks need one; an error if the executor was shut down.
    pub(crate) fn admit_errand(&self) -> Result<Option<Place>, SubmitError> {
        if self.shared.tasks.lock().closed {
            return Err(SubmitError::ShutDown);
        }
        self.take_place(IfFull::Wait)
    }

    /// Queues an errand; gives it back if the executor was shut down.
    pub(crate) fn push_errand(&self, errand: QueuedTask) -> Result<(), QueuedTask> {
        match &self.pool {
            Some(pool) => self.push(pool, errand),
            None => Err(errand),
        }
    }

    /// A place for a task, if tasks need one.
    fn take_place(&self, if_full: IfFull) -> Result<Option<Place>, SubmitError> {
        let Some(room) = &self.shared.room else {
            return Ok(None);
        };
        let pool: Arc<dyn liveness::Pool> = self.shared.clone();
        let place = room.take(if_full, &pool);
        place.map(Some).map_err(|why| match why {
            NoPlace::Full => SubmitError::Full,
            NoPlace::Deadlock(deadlock) => SubmitError::Deadlock(deadlock),
            NoPlace::Closed => SubmitError::ShutDown,
        })
    }

    /// Whether this process is a copy, forked since the pool was built. Asked before any lock is taken.
    fn is_elsewhere(&self) -> bool {
        sync::process_generation() != self.generation
    }

    fn runs_this_thread(&self) -> bool {
        let pool = self.pool.as_ref();
        pool.is_some_and(|pool| pool.current_thread_index().is_some())
    }
}

impl Executor for RayonExecutor {
    fn submit<F, Args>(&self, task: F, args: Args) -> Result<Future<F::Output>, Refused<F, Args>>
    where
        F: Task<Args>,
        Args: Payload,
        F::Output: Payload,
    {
        must_capture_nothing!(F);
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
        must_capture_nothing!(F);
        Self::try_submit(self, task, args)
    }

    fn shutdown(&self, how: Shutdown) -> ShutdownOutcome {
        how.run(
            || self.close(how.cancel_pending),
            || self.is_elsewhere() || self.runs_this_thread(),
            |deadline| self.shared.has_ended_by(deadline),
        )
    }

    fn counters(&self) -> Counters {
        Self::counters(self)
    }

    fn max_workers(&self) -> usize {
        Self::max_workers(self)
    }
}

impl RayonExecutor {
    /// Accepts nothing any more, and cancels what has not started if `cancel_pending`.
    fn close(&self, cancel_pending: bool) {
        if self.is_elsewhere() {
            return;
        }
        let mut tasks = self.shared.tasks.lock();
        tasks.closed = true;
        let pending = if cancel_pending {
            std::mem::take(&mut tasks.queued)
        } else {
            VecDeque::new()
        };
        drop(tasks);
        if let Some(room) = &self.shared.room {
            room.close();
        }
        for task in pending {
            task.cancel();
        }
    }
}

impl Drop for RayonExecutor {
    fn drop(&mut self) {
        if self.is_elsewhere() {
            // Their ends would touch what the threads share, which is held for good if it was held
            // when the process was forked.
            std::mem::forget((self.pool.take(), std::mem::take(&mut self.threads)));
            return;
        }
        self.shutdown(Shutdown::wait());
        let from_within = self.runs_this_thread();
        drop(self.pool.take());
        if !from_within {
            for thread in self.threads.drain(..) {
                // rayon's threads pass no panic on: our errands catch what tasks throw.
                drop(thread.join());
            }
        }
    }
}

impl fmt::Debug for RayonExecutor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RayonExecutor")
            .field("max_workers", &self.max_workers)
            .finish_non_exhaustive()
    }
}
