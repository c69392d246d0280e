//! A worker as its pool knows it: what it does, and which tasks are on their way to it.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use super::child::ServingProcess;
use super::codec;
use super::content::Content;
use super::inbox::Inbox;
use super::page::Page;
use super::remote::Remote;
use super::transport::Sender;
use super::wire::{Frame, Kind, Parcel};
use crate::base::{TaskError, WorkerExit};
use crate::sync::Arc;

/// How long a worker may take until it is ready or has begun its initializer.
const STARTING: Duration = Duration::from_secs(30);

/// How long a worker may take to end after it was told to leave, or its channel has ended. Less where
/// tests wait for it; but a crowded machine has let all workers of a pool wait for one second.
const LEAVING: Duration = Duration::from_secs(if cfg!(test) { 3 } else { 5 });

/// A task that waits for a worker.
pub(super) struct Queued {
    pub(super) id: u64,
    pub(super) parcel: Arc<Parcel>,
    pub(super) task: Box<dyn Remote>,
}

/// A task that was sent to a worker and not replied to.
struct OnItsWay {
    /// Its number among those that were sent to this worker.
    number: u32,
    id: u64,
    /// Kept as long as the task may come back; `None` when the worker has said that it has it.
    parcel: Option<Arc<Parcel>>,
    /// Who waits for it; `None` when it was revoked.
    task: Option<Box<dyn Remote>>,
}

/// What a worker does.
///
/// ```text
/// Starting -> Ready
/// Starting, Ready -> Leaving
/// Starting, Ready -> Gone
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Activity {
    /// It has not said that it is ready.
    Starting,
    /// It has tasks, or waits for some.
    Ready,
    /// It was told to leave.
    Leaving,
    /// Its channel is broken, or it has broken the protocol; it will be found dead.
    Gone,
}

/// How far a worker has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Progress {
    /// Its process was started.
    Started,
    /// It has said that it is ready.
    Ready,
    /// It has left an outcome.
    Worked,
}

/// What a worker is killed for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    /// It did not do in time what was due.
    Late,
    /// It broke the protocol.
    Protocol,
}

/// A worker.
pub(super) struct Worker {
    /// Which of this pool's workers it is.
    pub(super) number: u64,
    pub(super) process: ServingProcess,
    pub(super) inbox: Arc<Inbox>,
    pub(super) activity: Activity,
    pub(super) progress: Progress,
    /// When it is to be killed, if it has not done what is due.
    pub(super) deadline: Option<Instant>,
    /// Since when it has nothing to do.
    pub(super) idle_since: Option<Instant>,
    /// Why the pool has killed it, if it has.
    pub(super) fault: Option<Fault>,
    sender: Sender,
    page: Arc<Page>,
    on_the_way: VecDeque<OnItsWay>,
    next_number: u32,
    has_offered: bool,
    /// How many more tasks it may be given.
    tasks_left: Option<usize>,
}

/// What a frame of a worker comes to.
pub(super) enum News {
    /// Nothing that anybody waits for.
    Nothing,
    /// It is ready, or its initializer has failed.
    Ready(Result<(), TaskError>),
    /// The outcome of the task with this id.
    Outcome(u64, Box<dyn Remote>, Content),
}

impl Worker {
    pub(super) fn new(
        number: u64,
        process: ServingProcess,
        inbox: Arc<Inbox>,
        sender: Sender,
        page: Arc<Page>,
        max_tasks: Option<usize>,
    ) -> Worker {
        Worker {
            number,
            process,
            inbox,
            activity: Activity::Starting,
            progress: Progress::Started,
            deadline: Some(Instant::now() + STARTING),
            idle_since: None,
            fault: None,
            sender,
            page,
            on_the_way: VecDeque::new(),
            next_number: 0,
            has_offered: false,
            tasks_left: max_tasks,
        }
    }

    /// Whether it can be given a task when `others` are on their way to it.
    pub(super) fn has_room(&self, others: usize) -> bool {
        self.activity == Activity::Ready
            && self.on_the_way.len() <= others
            && self.tasks_left != Some(0)
    }

    /// Whether it counts among those that take tasks.
    pub(super) fn takes_tasks(&self) -> bool {
        self.activity == Activity::Ready && self.tasks_left != Some(0)
    }

    /// How many tasks are on their way to it.
    pub(super) fn on_the_way(&self) -> usize {
        self.on_the_way.len()
    }

    pub(super) fn is_idle(&self) -> bool {
        self.activity == Activity::Ready && self.on_the_way.is_empty()
    }

    /// Whether somebody waits for what it does.
    pub(super) fn has_tasks(&self) -> bool {
        self.on_the_way.iter().any(|sent| sent.task.is_some())
    }

    /// How many of its tasks it has begun.
    pub(super) fn running(&self) -> usize {
        let theirs = |sent: &&OnItsWay| sent.task.is_some() && self.page.is_claimed(sent.number);
        self.on_the_way.iter().filter(theirs).count()
    }

    /// How many tasks wait behind others there.
    pub(super) fn waiting(&self) -> usize {
        let waits = |sent: &&OnItsWay| sent.task.is_some() && !self.page.is_claimed(sent.number);
        self.on_the_way.iter().filter(waits).count()
    }

    /// Gives it a task, to be sent by [`Worker::send_offered`].
    pub(super) fn offer(&mut self, Queued { id, parcel, task }: Queued) {
        let number = self.next_number;
        self.next_number = number.wrapping_add(1);
        self.has_offered = true;
        self.idle_since = None;
        self.page.offer(number);
        self.sender.push(Arc::clone(&parcel));
        self.on_the_way.push_back(OnItsWay {
            number,
            id,
            parcel: Some(parcel),
            task: Some(task),
        });
        if let Some(left) = &mut self.tasks_left {
            *left = left.saturating_sub(1);
        }
    }

    /// Sends the tasks that it was given since the last time, all together.
    pub(super) fn send_offered(&mut self) {
        if std::mem::take(&mut self.has_offered) {
            self.flush();
        }
    }

    /// Sends what there is to be sent, now or as the channel gets room.
    pub(super) fn flush(&mut self) {
        if self.sender.flush().is_err() {
            self.lose();
        } else {
            self.inbox.want_room(self.sender.has_unsent());
        }
    }

    /// Sends what comes before any task.
    pub(super) fn greet(&mut self, hello: Parcel, initializer: Option<Arc<Parcel>>) {
        self.sender.push(Arc::new(hello));
        if let Some(initializer) = initializer {
            self.sender.push(initializer);
        }
        self.flush();
    }

    /// How many tasks wait behind another one there. The first is begun, or will be without the pool
    /// having a hand in it.
    pub(super) fn behind(&self) -> usize {
        let tasks = self.on_the_way.iter().filter(|sent| sent.task.is_some());
        tasks.count().saturating_sub(1)
    }

    /// The oldest task that waits behind another one there.
    pub(super) fn oldest_waiting(&self) -> Option<u64> {
        let mut behind = self.on_the_way.iter().skip(1);
        behind.find(|sent| sent.task.is_some()).map(|sent| sent.id)
    }

    /// Whether the task is on its way there, and not revoked.
    pub(super) fn has(&self, id: u64) -> bool {
        let mut all = self.on_the_way.iter();
        all.any(|sent| sent.id == id && sent.task.is_some())
    }

    /// Whether the task with this id was begun there.
    pub(super) fn has_begun(&self, id: u64) -> bool {
        let mut all = self.on_the_way.iter();
        all.any(|sent| sent.id == id && sent.task.is_some() && self.page.is_claimed(sent.number))
    }

    /// Takes a task back, unless the worker has begun it.
    pub(super) fn take_back(&mut self, id: u64) -> Option<Queued> {
        let page = &self.page;
        let sent = self
            .on_the_way
            .iter_mut()
            .find(|sent| sent.id == id && sent.task.is_some())?;
        if sent.parcel.is_none() || !page.revoke(sent.number) {
            return None;
        }
        if let Some(left) = &mut self.tasks_left {
            *left += 1;
        }
        Some(Queued {
            id,
            parcel: sent.parcel.take()?,
            task: sent.task.take()?,
        })
    }

    /// Takes back all that it has not begun.
    pub(super) fn take_all_back(&mut self) -> Vec<Queued> {
        let ids: Vec<u64> = self.on_the_way.iter().map(|sent| sent.id).collect();
        ids.into_iter()
            .filter_map(|id| self.take_back(id))
            .collect()
    }

    /// The tasks that are lost with it.
    pub(super) fn take_lost(&mut self) -> Vec<Box<dyn Remote>> {
        let lost = self.on_the_way.drain(..);
        lost.filter_map(|sent| sent.task).collect()
    }

    /// Takes in a frame; `None` if the worker had no right to send it.
    pub(super) fn take_in(&mut self, frame: Frame) -> Option<News> {
        if frame.kind == Kind::Ready {
            return match self.activity {
                Activity::Starting => self.take_in_ready(&frame.content),
                Activity::Leaving => Some(News::Nothing),
                Activity::Ready | Activity::Gone => None,
            };
        }
        if frame.kind == Kind::Begun && self.progress == Progress::Started {
            match self.activity {
                // The initializer runs, and may take what time it needs.
                Activity::Starting => self.deadline = None,
                // It was told to leave before it had begun, and may take as long as any that leaves.
                Activity::Leaving => {}
                Activity::Ready | Activity::Gone => return None,
            }
            return Some(News::Nothing);
        }
        let first = self.on_the_way.front_mut();
        let first = first.filter(|sent| sent.id == frame.id)?;
        match frame.kind {
            // A worker that replies to what it has not claimed would lie about what it runs.
            Kind::Begun | Kind::Outcome if !self.page.is_claimed(first.number) => None,
            Kind::Begun => {
                first.parcel = None;
                Some(News::Nothing)
            }
            Kind::Outcome => {
                let task = first.task.take()?;
                self.on_the_way.pop_front();
                self.progress = Progress::Worked;
                Some(News::Outcome(frame.id, task, frame.content))
            }
            Kind::Skipped if first.task.is_none() => {
                self.on_the_way.pop_front();
                Some(News::Nothing)
            }
            _ => None,
        }
    }

    fn take_in_ready(&mut self, content: &Content) -> Option<News> {
        let outcome = match content.len() {
            0 => Ok(()),
            _ => codec::decode::<Result<(), TaskError>>(content, 0, codec::value_of).ok()?,
        };
        self.activity = Activity::Ready;
        self.progress = Progress::Ready;
        self.deadline = None;
        Some(News::Ready(outcome))
    }

    /// Notes whether it has something to do; one that has had all its tasks leaves.
    pub(super) fn settle(&mut self, notes_idleness: bool) {
        if !self.is_idle() {
            self.idle_since = None;
        } else if self.tasks_left == Some(0) {
            self.leave();
        } else if notes_idleness {
            self.idle_since.get_or_insert_with(Instant::now);
        }
    }

    /// Tells it to leave when it has done what it has.
    pub(super) fn leave(&mut self) {
        if matches!(self.activity, Activity::Starting | Activity::Ready) {
            self.activity = Activity::Leaving;
            self.sender.end();
            self.deadline = Some(Instant::now() + LEAVING);
        }
    }

    /// Whether something for it waits for room in its channel.
    pub(super) fn has_unsent(&self) -> bool {
        self.sender.has_unsent()
    }

    /// Its channel has ended, by itself.
    pub(super) fn due_to_end(&mut self) {
        if self.activity != Activity::Leaving {
            self.activity = Activity::Gone;
        }
        self.deadline
            .get_or_insert_with(|| Instant::now() + LEAVING);
    }

    /// Its channel is broken. It may not know.
    pub(super) fn lose(&mut self) {
        if self.activity != Activity::Leaving {
            self.activity = Activity::Gone;
        }
        self.process.kill();
    }

    /// It broke the protocol.
    pub(super) fn disown(&mut self) {
        self.fault = Some(Fault::Protocol);
        self.lose();
    }

    /// It did not do in time what was due.
    pub(super) fn give_up(&mut self) {
        self.fault.get_or_insert(Fault::Late);
        self.deadline = None;
        self.lose();
    }

    /// Reaps it, when it has died.
    pub(super) fn reap(&mut self) -> WorkerExit {
        match (self.process.reap(), self.fault) {
            (WorkerExit::Signal(_), Some(Fault::Protocol)) => WorkerExit::Protocol,
            (exit, _) => exit,
        }
    }
}
