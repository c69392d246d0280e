//! What a pool knows: the queue, the workers, and how it stands with the pool itself.

use std::collections::BTreeMap;
use std::thread::ThreadId;
use std::time::{Duration, Instant};

use super::codec;
use super::content::Content;
use super::inbox::Found;
use super::options::Options;
use super::remote::Remote;
use super::roster::{Fault, News, Queued, Worker};
use super::transport::Arrival;
use crate::base::callback_thread::OnCallbackThread;
use crate::base::{SubmitError, TaskError};
use crate::sync::{Arc, Condvar};

/// How often the supervisor looks for idle workers at most.
const IDLE_LOOK: Duration = Duration::from_millis(20);

/// A task that has ended, and how; to be finished when no lock is held.
pub(super) struct Ended {
    pub(super) task: Box<dyn Remote>,
    pub(super) reply: Result<Content, TaskError>,
    /// Its id, if it was a worker that ended it.
    pub(super) id: Option<u64>,
}

impl Ended {
    fn with(task: Box<dyn Remote>, error: TaskError) -> Ended {
        Ended {
            task,
            reply: Err(error),
            id: None,
        }
    }

    /// Whether a thread that waits for the task `own` may finish this one: it must not come to run
    /// code that another task's result brings, and has a stack of unknown size.
    pub(super) fn suits_waiter(&self, own: u64) -> bool {
        match &self.reply {
            Err(_) => true,
            Ok(_) if self.task.is_plain() => true,
            Ok(content) => self.id == Some(own) && codec::is_shallow(content),
        }
    }
}

/// The pool's state. No code of the user's runs under its lock.
pub(super) struct State {
    /// Tasks that no worker has been given, by id, which is the order of their submission.
    pub(super) queued: BTreeMap<u64, Queued>,
    /// Who encodes a task that was accepted, once for each.
    pub(super) encoding: Vec<ThreadId>,
    /// How many tasks may wait at most.
    queue_limit: Option<usize>,
    /// How many submitters sleep for room, and where.
    pub(super) submitters: usize,
    pub(super) room: Arc<Condvar>,
    pub(super) workers: Vec<Worker>,
    max_workers: usize,
    /// How many tasks may wait at a worker behind the one that it runs.
    prefetch: usize,
    notes_idleness: bool,
    pub(super) closed: bool,
    /// Whether what no worker has begun was cancelled when it was closed.
    pub(super) cancels: bool,
    /// Whether the workers were asked to end, or killed, by the user.
    pub(super) forced: bool,
    /// Why the pool is broken, if it is.
    pub(super) broken: Option<Arc<str>>,
    /// How many workers in a row have ended before they had done anything.
    pub(super) failed_starts: u32,
    /// How many tasks have been taken out to be finished, and are not yet.
    pub(super) finishing: usize,
    /// Those of them that a waiter has left to the supervisor.
    pub(super) handed_over: Vec<Ended>,
    /// How many tasks have been finished.
    pub(super) finished: u64,
    /// How many workers were started in the place of others that had ended.
    pub(super) replaced: u64,
    /// How many workers have ended whose place is to be filled.
    pub(super) vacancies: u64,
    /// Where callbacks are sent to be run; `None` when the supervisor has ended.
    pub(super) callback_thread: Option<OnCallbackThread>,
    pub(super) supervisor_ended: bool,
}

impl State {
    pub(super) fn new(options: &Options, callback_thread: OnCallbackThread) -> State {
        State {
            queued: BTreeMap::new(),
            encoding: Vec::new(),
            queue_limit: options.queue_limit,
            submitters: 0,
            room: Arc::new(Condvar::new()),
            workers: Vec::new(),
            max_workers: options.max_workers,
            prefetch: options.prefetch,
            notes_idleness: options.idle_timeout.is_some(),
            closed: false,
            cancels: false,
            forced: false,
            broken: None,
            failed_starts: 0,
            finishing: 0,
            handed_over: Vec::new(),
            finished: 0,
            replaced: 0,
            vacancies: 0,
            callback_thread: Some(callback_thread),
            supervisor_ended: false,
        }
    }

    pub(super) fn check_open(&self) -> Result<(), SubmitError> {
        match &self.broken {
            Some(cause) => Err(SubmitError::Broken(Arc::clone(cause))),
            None if self.closed => Err(SubmitError::ShutDown),
            None => Ok(()),
        }
    }

    pub(super) fn accept(&self) -> Result<OnCallbackThread, SubmitError> {
        self.check_open()?;
        let callback_thread = self.callback_thread.clone();
        callback_thread.ok_or(SubmitError::ShutDown)
    }

    /// Whether one more task may wait.
    pub(super) fn has_room(&self) -> bool {
        let Some(limit) = self.queue_limit else {
            return true;
        };
        let behind: usize = self.workers.iter().map(Worker::behind).sum();
        self.encoding.len() + self.queued.len() + behind < limit
    }

    /// There may be room, or the pool is closed: has those look who sleep for it. To be called
    /// wherever fewer tasks may wait than before.
    pub(super) fn tell_submitters(&self) {
        if self.submitters > 0 {
            self.room.notify_all();
        }
    }

    /// Queues a task that was accepted before. If the pool has broken or cancelled what was pending
    /// since, it is given back as ended.
    #[must_use = "to be finished when the lock is not held"]
    pub(super) fn put(&mut self, queued: Queued) -> Vec<Ended> {
        if let Some(cause) = self.cause_of_end() {
            self.note_ended(1);
            return vec![Ended::with(queued.task, TaskError::PoolBroken(cause))];
        }
        self.queued.insert(queued.id, queued);
        if self.cancels {
            return self.cancel_pending();
        }
        self.dispatch();
        Vec::new()
    }

    /// Why nothing comes of a task any more, if nothing does.
    fn cause_of_end(&self) -> Option<Arc<str>> {
        let has_ended = || self.callback_thread.is_none();
        let broken = self.broken.clone();
        broken.or_else(|| has_ended().then(|| "its supervisor has ended".into()))
    }

    /// Leaves it to the supervisor to finish these, or gives them back as lost if that has ended, by an error.
    #[must_use = "to be finished when the lock is not held"]
    pub(super) fn hand_over(&mut self, ended: Vec<Ended>) -> Vec<Ended> {
        if self.callback_thread.is_some() {
            self.handed_over.extend(ended);
            return Vec::new();
        }
        let cause = self.cause_of_end().unwrap_or_default();
        let lost = ended.into_iter().map(|it| it.task);
        lost.map(|task| Ended::with(task, TaskError::PoolBroken(Arc::clone(&cause))))
            .collect()
    }

    /// Gives tasks to the workers that have room.
    ///
    /// A worker with nothing to do gets the oldest task that none has begun, be it from the queue
    /// or one that waits at another worker. What would otherwise wait in the queue, because all
    /// workers that may be are there and have work, is sent ahead to them.
    pub(super) fn dispatch(&mut self) {
        for index in 0..self.workers.len() {
            if self.workers[index].has_room(0)
                && let Some(queued) = self.oldest(index)
            {
                self.workers[index].offer(queued);
            }
        }
        self.send_ahead();
        for worker in &mut self.workers {
            worker.send_offered();
        }
        self.tell_submitters();
    }

    fn send_ahead(&mut self) {
        let ready = self.workers.iter().filter(|worker| worker.takes_tasks());
        let to_come = self.max_workers.saturating_sub(ready.count());
        let with_room = self.workers.iter().filter(|it| it.has_room(self.prefetch));
        let Some(fewest) = with_room.map(Worker::on_the_way).min() else {
            return;
        };
        for others in fewest.max(1)..=self.prefetch {
            for worker in &mut self.workers {
                if self.queued.len() <= to_come {
                    return;
                }
                if worker.has_room(others)
                    && let Some((_, queued)) = self.queued.pop_first()
                {
                    worker.offer(queued);
                }
            }
        }
    }

    /// Takes the oldest task that no worker has begun, for the worker at `index`, which has none.
    fn oldest(&mut self, index: usize) -> Option<Queued> {
        let queued = self.queued.first_key_value().map(|(id, _)| *id);
        let waiting = self.workers.iter().enumerate();
        let waiting = waiting
            .filter(|(other, _)| *other != index)
            .filter_map(|(other, worker)| Some((worker.oldest_waiting()?, other)))
            .min();
        if let Some((id, other)) = waiting
            && queued.is_none_or(|queued| id < queued)
            && let Some(queued) = self.workers[other].take_back(id)
        {
            return Some(queued);
        }
        self.queued.pop_first().map(|(_, queued)| queued)
    }

    /// Takes in what came from a worker, gives out tasks, and gives back what has ended.
    pub(super) fn take_in(&mut self, number: u64, found: Found) -> Vec<Ended> {
        let mut ended = Vec::new();
        let mut failure = None;
        let notes_idleness = self.notes_idleness;
        let Some(worker) = self.worker(number) else {
            return ended;
        };
        for frame in found.frames {
            if worker.fault == Some(Fault::Protocol) {
                // It is not believed any more, whatever it sends until it is dead.
                break;
            }
            match worker.take_in(frame) {
                Some(News::Nothing | News::Ready(Ok(()))) => {}
                Some(News::Ready(Err(error))) => failure = Some(error),
                Some(News::Outcome(id, task, content)) => ended.push(Ended {
                    task,
                    reply: Ok(content),
                    id: Some(id),
                }),
                None => worker.disown(),
            }
        }
        match found.arrival {
            Ok(Arrival::Some(_) | Arrival::Nothing) => {}
            Ok(Arrival::End) => worker.due_to_end(),
            Err(_) => worker.disown(),
        }
        worker.settle(notes_idleness);
        if !ended.is_empty() {
            self.failed_starts = 0;
            self.note_ended(ended.len());
        }
        if let Some(error) = failure {
            let cause = format!("the initializer of a worker failed: {error}");
            ended.extend(self.break_with(&cause.into()));
        }
        self.dispatch();
        ended
    }

    pub(super) fn note_ended(&mut self, count: usize) {
        self.finishing += count;
        self.finished += count as u64;
    }

    /// Breaks the pool: what no worker has begun ends with the cause, and nothing more is accepted.
    #[must_use = "to be finished when the lock is not held"]
    pub(super) fn break_with(&mut self, cause: &Arc<str>) -> Vec<Ended> {
        self.broken.get_or_insert_with(|| Arc::clone(cause));
        let broken = || TaskError::PoolBroken(Arc::clone(cause));
        let pending = self.take_pending().into_iter();
        let ended: Vec<Ended> = pending
            .map(|queued| Ended::with(queued.task, broken()))
            .collect();
        self.note_ended(ended.len());
        ended
    }

    /// Ends what is left at the workers with the pool's own end or break, and kills them.
    #[must_use = "to be finished when the lock is not held"]
    pub(super) fn abandon_running(&mut self, cause: &Arc<str>) -> Vec<Ended> {
        let mut ended = Vec::new();
        for worker in &mut self.workers {
            worker.lose();
            let broken = || TaskError::PoolBroken(Arc::clone(cause));
            let lost = worker.take_lost().into_iter();
            ended.extend(lost.map(|task| Ended::with(task, broken())));
        }
        self.note_ended(ended.len());
        ended
    }

    /// Notes that a worker is dead, and gives it back; its tasks that it has not begun are queued
    /// again.
    pub(super) fn remove(&mut self, number: u64) -> Option<Worker> {
        let index = self
            .workers
            .iter()
            .position(|worker| worker.number == number)?;
        let mut worker = self.workers.swap_remove(index);
        for queued in worker.take_all_back() {
            self.queued.insert(queued.id, queued);
        }
        Some(worker)
    }

    /// The tasks that died with a worker.
    #[must_use = "to be finished when the lock is not held"]
    pub(super) fn lost(&mut self, tasks: Vec<Box<dyn Remote>>, error: &TaskError) -> Vec<Ended> {
        self.note_ended(tasks.len());
        let tasks = tasks.into_iter();
        tasks.map(|task| Ended::with(task, error.clone())).collect()
    }

    /// All that no worker has begun.
    fn take_pending(&mut self) -> Vec<Queued> {
        let queued = std::mem::take(&mut self.queued).into_values();
        let waiting = self.workers.iter_mut().flat_map(Worker::take_all_back);
        let pending = queued.chain(waiting).collect();
        self.tell_submitters();
        pending
    }

    /// All that no worker has begun, marked as cancelled.
    #[must_use = "to be finished when the lock is not held"]
    pub(super) fn cancel_pending(&mut self) -> Vec<Ended> {
        let pending = self.take_pending();
        self.finishing += pending.len();
        let cancelled = pending.into_iter().map(|Queued { mut task, .. }| {
            task.mark_cancelled();
            Ended::with(task, TaskError::Cancelled)
        });
        cancelled.collect()
    }

    /// Takes out a task that no worker has begun.
    pub(super) fn withdraw(&mut self, id: u64) -> Option<Queued> {
        let mut workers = self.workers.iter_mut();
        let withdrawn = self.queued.remove(&id);
        let withdrawn = withdrawn.or_else(|| workers.find_map(|worker| worker.take_back(id)));
        self.tell_submitters();
        withdrawn
    }

    /// Whether a worker has begun the task, or it has ended.
    pub(super) fn has_begun(&self, id: u64) -> bool {
        if self.queued.contains_key(&id) {
            return false;
        }
        let worker = self.workers.iter().find(|worker| worker.has(id));
        worker.is_none_or(|worker| worker.has_begun(id))
    }

    /// The worker with this number.
    pub(super) fn worker(&mut self, number: u64) -> Option<&mut Worker> {
        let mut workers = self.workers.iter_mut();
        workers.find(|worker| worker.number == number)
    }

    /// Whether another worker is to be started for what is queued.
    pub(super) fn wants_worker(&self) -> bool {
        use super::roster::Activity::Starting;
        let starting = self
            .workers
            .iter()
            .filter(|worker| worker.activity == Starting);
        // What waits at a busy worker goes to one that has nothing to do.
        let waiting = self.workers.iter().filter_map(Worker::oldest_waiting);
        self.workers.len() < self.max_workers
            && self.queued.len() + waiting.count() > starting.count()
    }

    /// Whether all that was accepted has ended, and nothing more is accepted.
    pub(super) fn is_done(&self) -> bool {
        self.closed
            && self.queued.is_empty()
            && self.encoding.is_empty()
            && !self.workers.iter().any(Worker::has_tasks)
    }

    /// Whether some worker is to do something in time.
    pub(super) fn has_deadline(&self) -> bool {
        self.workers.iter().any(|worker| worker.deadline.is_some())
    }

    /// When the supervisor is to look again, if nothing happens before.
    pub(super) fn next_deadline(&self, options: &Options) -> Option<Instant> {
        let deadlines = self.workers.iter().filter_map(|worker| worker.deadline);
        // Idleness may begin while the supervisor sleeps; so it looks in time whatever they do now.
        let idle = options.idle_timeout.filter(|_| !self.workers.is_empty());
        let idle = idle.and_then(|timeout| Instant::now().checked_add(timeout.max(IDLE_LOOK)));
        deadlines.chain(idle).min()
    }
}
