//! The threads of a pool, and what they share with the executor.

use std::cell::Cell;

use crate::base::aftermath::Aftermath;
use crate::base::counters::{Tallies, Tally};
use crate::base::error::{SubmitError, TaskError};
use crate::base::liveness::{self, WhenStarved};
use crate::base::queue::{Drained, Queue, Role, Start};
use crate::base::queued_task::{Host, QueuedTask};
use crate::base::room::{IfFull, NoPlace, Place, Room};
use crate::sync::{self, Arc, Mutex, thread};

/// How many workers a pool may have besides, for tasks that are stacked too deep.
const SPARES: usize = 64;

pub(super) type Initializer = Box<dyn Fn() + Send + Sync>;

/// What the executor and its threads share.
pub(super) struct Shared {
    pub(super) queue: Queue<QueuedTask>,
    /// If there is a limit to how many tasks wait.
    pub(super) room: Option<Arc<Room>>,
    pub(super) threads: Mutex<Threads>,
    pub(super) tallies: Tallies,
    /// Why the pool is broken, if it is.
    pub(super) broken: Mutex<Option<Arc<str>>>,
    pub(super) max_workers: usize,
    /// The process that has the threads; see [`sync::process_generation`].
    pub(super) generation: u32,
    pub(super) name_prefix: String,
    pub(super) initializer: Option<Initializer>,
    pub(super) number: u32,
    pub(super) when_starved: WhenStarved,
    /// Bytes of stack of each thread.
    pub(super) stack_size: usize,
    /// How many workers it has besides.
    pub(super) spares: Mutex<usize>,
}

#[derive(Default)]
pub(super) struct Threads {
    started: usize,
    handles: Vec<thread::JoinHandle<()>>,
    /// The last thread that has left because it was idle.
    departed: Option<thread::JoinHandle<()>>,
    ids: Vec<thread::ThreadId>,
}

impl Shared {
    /// Whether this process is a copy, forked since the pool was built. Asked before any lock is taken:
    /// in a copy those that others held at that moment are held for good.
    pub(super) fn is_elsewhere(&self) -> bool {
        sync::process_generation() != self.generation
    }

    /// Why nothing is accepted any more.
    pub(super) fn refusal(&self) -> SubmitError {
        match &*self.broken.lock() {
            Some(cause) => SubmitError::Broken(Arc::clone(cause)),
            None => SubmitError::ShutDown,
        }
    }

    /// A place for a task, if tasks need one.
    pub(super) fn take_place(
        self: &Arc<Self>,
        if_full: IfFull,
    ) -> Result<Option<Place>, SubmitError> {
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
    pub(super) fn close_room(&self) {
        if let Some(room) = &self.room {
            room.close();
        }
    }

    /// Does what the queue asked for.
    pub(super) fn follow(self: &Arc<Self>, start: Start) {
        match start {
            Start::Nothing => {}
            Start::Worker => {
                if let Err(error) = self.start_worker() {
                    self.start_failed(&error);
                }
            }
        }
    }

    pub(super) fn start_worker(self: &Arc<Self>) -> std::io::Result<()> {
        // The lock is held until the handle is on the list: `join` comes after the worker has left
        // and so can't miss it.
        let mut threads = self.threads.lock();
        let name = format!("{}_{}", self.name_prefix, threads.started);
        let shared = Arc::clone(self);
        let handle = thread::spawn(name, self.stack_size, move || shared.work())?;
        threads.started += 1;
        threads.ids.push(handle.thread().id());
        threads.handles.push(handle);
        Ok(())
    }

    pub(super) fn start_failed(&self, error: &std::io::Error) {
        // Held until the cause is there: whoever is refused because the queue is closed now must
        // not find that the pool was shut down.
        let mut broken = self.broken.lock();
        let Some(orphans) = self.queue.start_failed() else {
            drop(broken);
            // Somebody may have counted on that worker.
            sync::graph().look_again();
            return;
        };
        let cause = format!("no worker thread could be started: {error}");
        broken.get_or_insert_with(|| cause.as_str().into());
        drop(broken);
        self.fail(orphans, &cause);
    }

    /// The main function of a worker.
    pub(super) fn work(self: Arc<Self>) {
        let host = Worker {
            shared: &self,
            role: Cell::new(Role::Starting),
            tally: self.tallies.take(),
        };
        let pool = Arc::clone(&self);
        let member = liveness::enter_pool(pool, Arc::clone(&host.tally), self.stack_size);
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
    pub(super) fn depart(&self) {
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
    pub(super) fn initialize(&self) -> bool {
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

    pub(super) fn fail(&self, tasks: Drained<'_, QueuedTask>, cause: &str) {
        let cause: Arc<str> = cause.into();
        self.broken.lock().get_or_insert_with(|| Arc::clone(&cause));
        self.close_room();
        let mut aftermath = Aftermath::new();
        tasks.end_each(|task| {
            task.fail_into(TaskError::PoolBroken(Arc::clone(&cause)), &mut aftermath);
        });
        aftermath.run();
    }

    pub(super) fn runs_this_thread(&self) -> bool {
        let me = thread::current_id();
        self.threads.lock().ids.contains(&me)
    }

    /// Joins the threads of workers that have all left.
    pub(super) fn join(&self) {
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
        if self.is_elsewhere() {
            return 0;
        }
        self.queue.workers()
    }

    fn has_free_worker(&self) -> bool {
        !self.is_elsewhere() && self.queue.has_free_worker()
    }

    fn has_room(&self) -> bool {
        !self.is_elsewhere() && self.room.as_ref().is_none_or(|room| room.has_room())
    }

    fn when_starved(&self) -> WhenStarved {
        self.when_starved
    }

    fn start_spare(self: Arc<Self>) -> bool {
        if self.is_elsewhere() {
            return false;
        }
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

    fn look_again(&self) {
        self.queue.look_again();
        if let Some(room) = &self.room {
            room.look_again();
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
