//! `ThreadPoolExecutor`: worker threads over one queue.

use std::cell::Cell;
use std::fmt;
use std::time::Duration;

use super::admitted::{admit, give_back};
use super::counters::{Counters, Tallies, Tally};
use super::deadlock::Deadlock;
use super::error::{BuildError, SubmitError, TaskError};
use super::future::Future;
use super::liveness::{self, Wait, WhenStarved};
use super::queue::{Queue, Role, Start};
use super::queued_task::{Callable, Host, QueuedTask};
use super::refused::Refused;
use super::room::{IfFull, NoPlace, Place, Room};
use crate::sync::{self, Arc, Deadline, Mutex, thread};

/// An executor whose workers are threads of this process.
///
/// A thread is started when a task is submitted and no other is free, up to `max_workers`; if the
/// system refuses one, those that there are do the work. Tasks start in the order of submission. A task that panics fails its future and nothing else.
///
/// Dropping the executor is [`shutdown`](crate::Executor::shutdown) and wait, as the end of
/// Python's `with` block. A shutdown or drop from one of the pool's own tasks or callbacks does
/// not wait, for it would wait for itself.
///
/// # When the process ends
///
/// When `main` returns, or `exit` is called, nothing waits for a pool that is still there, because it
/// is in a static, was leaked, or is in the scope of a caller: tasks that run are cut off wherever they
/// are, and what is queued never runs. (Python waits for both.) Shut it down, or drop it, before.
///
/// # Forked copies
///
/// A copy of the process has none of the threads. There [`submit`](Self::submit) is an error
/// ([`SubmitError::Forked`]), and shutdown and drop do nothing, at once. A future that had not ended
/// when the process was forked never ends in the copy.
///
/// # Example
///
/// ```
/// # fn main() -> Result<(), executor::Error> {
/// let words = vec!["one", "two"];
/// let pool = executor::ThreadPoolExecutor::new(2)?;
/// let future = pool.submit(move || words.len(), ())?;
/// assert_eq!(*future.result()?, 2);
/// # Ok(())
/// # }
/// ```
#[doc(alias = "thread pool")]
pub struct ThreadPoolExecutor {
    shared: Arc<Shared>,
}

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
}

/// How many workers a pool may have besides, for tasks that are stacked too deep.
const SPARES: usize = 64;

type Initializer = Box<dyn Fn() + Send + Sync>;

impl ThreadPoolBuilder {
    /// How many threads at most. By default, the processors available. (Python's default is four more,
    /// for tasks that wait; how many should wait at a time only the program knows.)
    pub fn max_workers(mut self, max_workers: usize) -> Self {
        self.max_workers = Some(max_workers);
        self
    }

    /// What the threads' names begin with; a number follows. By default
    /// `ThreadPoolExecutor-<n>`, with an `n` that no other pool has.
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
    pub fn when_starved(mut self, when_starved: WhenStarved) -> Self {
        self.when_starved = when_starved;
        self
    }

    /// How many tasks may wait for a worker at most. By default, any number.
    ///
    /// While so many do, [`submit`](ThreadPoolExecutor::submit) waits for room and
    /// [`try_submit`](ThreadPoolExecutor::try_submit) is refused. A task that runs, or was cancelled,
    /// does not wait any more. (Python has no such limit.)
    pub fn queue_limit(mut self, tasks: usize) -> Self {
        self.queue_limit = Some(tasks);
        self
    }

    /// How long a thread with nothing to do stays, at least. By default it stays until the pool is shut
    /// down, as Python's do. The next task after that has a new one started, which runs the
    /// initializer.
    pub fn idle_timeout(mut self, timeout: Duration) -> Self {
        self.idle_timeout = Some(timeout);
        self
    }

    /// The pool. No thread is started yet.
    ///
    /// # Errors
    ///
    /// [`BuildError::NoWorkers`] if `max_workers` is zero; [`BuildError::ThreadName`] if the prefix
    /// holds a zero byte; [`BuildError::InvalidOption`] if `queue_limit` is zero.
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
            .finish()
    }
}

impl ThreadPoolExecutor {
    /// A pool of at most `max_workers` threads, the rest as the builder has it.
    ///
    /// # Errors
    ///
    /// [`BuildError::NoWorkers`] if `max_workers` is zero.
    ///
    /// # Example
    ///
    /// ```
    /// assert_eq!(executor::ThreadPoolExecutor::new(3)?.max_workers(), 3);
    /// assert!(executor::ThreadPoolExecutor::new(0).is_err());
    /// # Ok::<(), executor::Error>(())
    /// ```
    pub fn new(max_workers: usize) -> Result<ThreadPoolExecutor, BuildError> {
        Self::builder().max_workers(max_workers).build()
    }

    /// A builder with the default options.
    pub fn builder() -> ThreadPoolBuilder {
        ThreadPoolBuilder {
            max_workers: None,
            thread_name_prefix: None,
            initializer: None,
            when_starved: WhenStarved::default(),
            queue_limit: None,
            idle_timeout: None,
        }
    }

    /// How many threads there are at most.
    pub fn max_workers(&self) -> usize {
        self.shared.max_workers
    }

    /// How much there is to do, and what was done, at this moment.
    pub fn counters(&self) -> Counters {
        if self.is_elsewhere() {
            return Counters::default();
        }
        let (queued, workers, replaced) = self.shared.queue.counts();
        let (running, finished) = self.shared.tallies.sum();
        Counters {
            queued,
            running,
            finished,
            workers,
            replaced,
        }
    }

    /// Submits what is to be called, whatever it captures; gives it back if it is not accepted.
    pub(crate) fn spawn<C: Callable>(&self, call: C) -> Result<Future<C::Output>, Refused<C, ()>> {
        self.spawn_or(IfFull::Wait, call)
    }

    /// As [`spawn`](Self::spawn), with what to do if there is no room.
    pub(crate) fn spawn_or<C: Callable>(
        &self,
        if_full: IfFull,
        call: C,
    ) -> Result<Future<C::Output>, Refused<C, ()>> {
        if self.is_elsewhere() {
            return Err(Refused::new(SubmitError::Forked, call, ()));
        }
        let place = match self.shared.take_place(if_full) {
            Ok(place) => place,
            Err(error) => return Err(Refused::new(error, call, ())),
        };
        let has_place = place.is_some();
        let (task, future) = admit(self.shared.number, place, call);
        match self.shared.queue.push(task) {
            Ok(start) => {
                self.shared.follow(start);
                Ok(future)
            }
            Err(refused) => {
                drop(future);
                let call = give_back(has_place, refused);
                Err(Refused::new(self.shared.refusal(), call, ()))
            }
        }
    }

    /// What its tasks' words say.
    pub(crate) fn number(&self) -> u32 {
        self.shared.number
    }

    /// A place for an errand, if tasks need one; an error if the pool is closed.
    pub(crate) fn admit_errand(&self) -> Result<Option<Place>, SubmitError> {
        if self.shared.queue.is_closed() {
            return Err(self.shared.refusal());
        }
        self.shared.take_place(IfFull::Wait)
    }

    /// Queues an errand; gives it back if the pool is closed.
    pub(crate) fn push_errand(&self, errand: QueuedTask) -> Result<(), QueuedTask> {
        let start = self.shared.queue.push(errand)?;
        self.shared.follow(start);
        Ok(())
    }

    /// Accepts nothing any more, and cancels what has not started if `cancel_pending`.
    pub(crate) fn close(&self, cancel_pending: bool) {
        if self.is_elsewhere() {
            return;
        }
        let queue = &self.shared.queue;
        if cancel_pending {
            for task in queue.close_and_drain() {
                task.cancel();
            }
        } else {
            queue.close();
        }
        self.shared.close_room();
    }

    /// Waits until the workers of a closed pool have left; false if the deadline passed first. Joins
    /// their threads if there is none: their thread-local destructors may take any time.
    ///
    /// # Errors
    ///
    /// It would wait for ever; then it does not.
    pub(crate) fn has_ended_by(&self, deadline: Option<Deadline>) -> Result<bool, Arc<Deadlock>> {
        let pool = Arc::clone(&self.shared);
        let has_ended = liveness::sleep_for(deadline, Wait::End(pool), || {
            self.shared.queue.has_been_left_by(deadline)
        })?;
        if has_ended && deadline.is_none() {
            self.shared.join();
        }
        Ok(has_ended)
    }

    /// Whether this thread must not wait for the pool's: it is one of them, or they are in the process
    /// that this one was forked from.
    pub(crate) fn must_not_wait(&self) -> bool {
        self.is_elsewhere() || self.shared.runs_this_thread()
    }

    /// Whether this process is a copy, forked since the pool was built. Asked before any lock is taken:
    /// in a copy those that others held at that moment are held for good.
    fn is_elsewhere(&self) -> bool {
        sync::process_generation() != self.shared.generation
    }

    /// Closes the pool; waits for its end, unless that would be a wait for itself.
    pub(crate) fn shut_down(&self, wait: bool, cancel_pending: bool) {
        self.close(cancel_pending);
        if wait && !self.must_not_wait() {
            // One whose end could never come is left to itself.
            let _ = self.has_ended_by(None);
        }
    }
}

impl Drop for ThreadPoolExecutor {
    fn drop(&mut self) {
        if !sync::abandon() {
            self.shut_down(true, false);
        }
    }
}

impl fmt::Debug for ThreadPoolExecutor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ThreadPoolExecutor")
            .field("name", &self.shared.name_prefix)
            .field("max_workers", &self.shared.max_workers)
            .finish_non_exhaustive()
    }
}

/// What the executor and its threads share.
struct Shared {
    queue: Queue<QueuedTask>,
    /// If there is a limit to how many tasks wait.
    room: Option<Arc<Room>>,
    threads: Mutex<Threads>,
    tallies: Tallies,
    /// Why the pool is broken, if it is.
    broken: Mutex<Option<Arc<str>>>,
    max_workers: usize,
    /// The process that has the threads; see [`sync::process_generation`].
    generation: u32,
    name_prefix: String,
    initializer: Option<Initializer>,
    number: u32,
    when_starved: WhenStarved,
    /// How many workers it has besides.
    spares: Mutex<usize>,
}

#[derive(Default)]
struct Threads {
    started: usize,
    handles: Vec<thread::JoinHandle<()>>,
    /// The last thread that has left because it was idle.
    departed: Option<thread::JoinHandle<()>>,
    ids: Vec<thread::ThreadId>,
}

impl Shared {
    /// Why nothing is accepted any more.
    fn refusal(&self) -> SubmitError {
        match &*self.broken.lock() {
            Some(cause) => SubmitError::Broken(Arc::clone(cause)),
            None => SubmitError::ShutDown,
        }
    }

    /// A place for a task, if tasks need one.
    fn take_place(self: &Arc<Self>, if_full: IfFull) -> Result<Option<Place>, SubmitError> {
        let Some(room) = &self.room else {
            return Ok(None);
        };
        let pool: Arc<dyn liveness::Pool> = self.clone();
        let place = room.take(if_full, &pool);
        place.map(Some).map_err(|why| match why {
            NoPlace::Full => SubmitError::Full,
            NoPlace::Deadlock(deadlock) => SubmitError::Deadlock(deadlock),
            NoPlace::Closed => self.refusal(),
        })
    }

    /// Sends away those who wait for room, when the queue is closed and the reason can be seen.
    fn close_room(&self) {
        if let Some(room) = &self.room {
            room.close();
        }
    }

    /// Does what the queue asked for.
    fn follow(self: &Arc<Self>, start: Start) {
        match start {
            Start::Nothing => {}
            Start::Worker => {
                if let Err(error) = self.start_worker() {
                    self.start_failed(&error);
                }
            }
        }
    }

    fn start_worker(self: &Arc<Self>) -> std::io::Result<()> {
        // The lock is held until the handle is on the list: `join` comes after the worker has left
        // and so can't miss it.
        let mut threads = self.threads.lock();
        let name = format!("{}_{}", self.name_prefix, threads.started);
        let shared = Arc::clone(self);
        let handle = thread::spawn(name, move || shared.work())?;
        threads.started += 1;
        threads.ids.push(handle.thread().id());
        threads.handles.push(handle);
        Ok(())
    }

    fn start_failed(&self, error: &std::io::Error) {
        // Held until the cause is there: whoever is refused because the queue is closed now must
        // not find that the pool was shut down.
        let mut broken = self.broken.lock();
        let Some(orphans) = self.queue.start_failed() else {
            drop(broken);
            // Somebody may have counted on that worker.
            sync::graph().look_again();
            if let Some(room) = &self.room {
                room.look_again();
            }
            return;
        };
        let cause = format!("no worker thread could be started: {error}");
        broken.get_or_insert_with(|| cause.as_str().into());
        drop(broken);
        self.fail(orphans, &cause);
    }

    /// The main function of a worker.
    fn work(self: Arc<Self>) {
        let host = Worker {
            shared: &self,
            role: Cell::new(Role::Starting),
            tally: self.tallies.take(),
        };
        let pool = Arc::clone(&self);
        let member = liveness::enter_pool(pool, Arc::clone(&host.tally));
        if self.initialize() {
            while let Some(task) = host.pop() {
                task.run(&host);
            }
        }
        drop(member);
        let Worker { role, tally, .. } = host;
        self.tallies.give_back(tally);
        self.queue.leave(role.get());
        if role.get() == Role::Left {
            self.depart();
        }
    }

    /// The thread of a worker that has left because it was idle is joined by the next that leaves so,
    /// or by the shutdown: those that have ended are not kept, and none is forgotten. It waits for
    /// the thread-local destructors of one that has left before it, and so nobody in a circle.
    fn depart(&self) {
        let me = thread::current_id();
        let mut threads = self.threads.lock();
        let mut handles = threads.handles.iter();
        let Some(index) = handles.position(|handle| handle.thread().id() == me) else {
            // A shutdown has it.
            return;
        };
        let own = threads.handles.swap_remove(index);
        let earlier = threads.departed.replace(own);
        drop(threads);
        if let Some(earlier) = earlier {
            let id = earlier.thread().id();
            drop(earlier.join());
            self.threads.lock().ids.retain(|other| *other != id);
        }
    }

    /// Runs the initializer; false if the pool is broken now.
    fn initialize(&self) -> bool {
        let Some(initializer) = &self.initializer else {
            return true;
        };
        match sync::catch_unwind(initializer) {
            Ok(()) => true,
            Err(panic) => {
                let cause = format!("the initializer {panic}");
                *self.broken.lock() = Some(cause.as_str().into());
                self.fail(self.queue.close_and_drain(), &cause);
                false
            }
        }
    }

    fn fail(&self, tasks: Vec<QueuedTask>, cause: &str) {
        let cause: Arc<str> = cause.into();
        self.broken.lock().get_or_insert_with(|| Arc::clone(&cause));
        self.close_room();
        for task in tasks {
            task.fail(TaskError::PoolBroken(Arc::clone(&cause)));
        }
    }

    fn runs_this_thread(&self) -> bool {
        let me = thread::current_id();
        self.threads.lock().ids.contains(&me)
    }

    /// Joins the threads of workers that have all left.
    fn join(&self) {
        let mut threads = self.threads.lock();
        let handles = std::mem::take(&mut threads.handles);
        let departed = threads.departed.take();
        drop(threads);
        for handle in handles.into_iter().chain(departed) {
            // A worker catches what its tasks throw, so there is no panic to pass on.
            drop(handle.join());
        }
    }
}

impl liveness::Pool for Shared {
    fn number(&self) -> u32 {
        self.number
    }

    fn name(&self) -> String {
        self.name_prefix.clone()
    }

    fn workers(&self) -> usize {
        self.queue.workers()
    }

    fn has_free_worker(&self) -> bool {
        self.queue.has_free_worker()
    }

    fn when_starved(&self) -> WhenStarved {
        self.when_starved
    }

    fn start_spare(self: Arc<Self>) -> bool {
        let mut spares = self.spares.lock();
        if *spares == SPARES {
            return false;
        }
        *spares += 1;
        drop(spares);
        self.queue.add_worker();
        match self.start_worker() {
            Ok(()) => true,
            Err(error) => {
                self.start_failed(&error);
                false
            }
        }
    }
}

/// A worker and how the queue counts it.
struct Worker<'s> {
    shared: &'s Arc<Shared>,
    role: Cell<Role>,
    tally: Arc<Tally>,
}

impl Worker<'_> {
    fn pop(&self) -> Option<QueuedTask> {
        let mut role = self.role.get();
        let popped = self.shared.queue.pop(&mut role);
        self.role.set(role);
        let (task, start) = popped?;
        self.shared.follow(start);
        Some(task)
    }
}

impl Host for Worker<'_> {
    fn starting(&self) {
        self.tally.begin();
    }

    fn finishing(&self) {
        self.tally.finish();
        let mut role = self.role.get();
        self.shared.queue.finishing(&mut role);
        self.role.set(role);
    }

    fn busy_again(&self) {
        let mut role = self.role.get();
        let start = self.shared.queue.become_busy_again(&mut role);
        self.role.set(role);
        self.shared.follow(start);
    }
}
