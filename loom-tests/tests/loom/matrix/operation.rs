//! The operations, on the code that ships, and what can be seen of them.

use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::base::any_future::sealed::Sealed;
use crate::base::{Future, ReturnWhen, State, TaskError, ThreadPoolExecutor, wait};
use crate::harness::{Payload, callback, join, thread};
use crate::sync::{self, Arc};

/// What a thread does to the future, or to its pool.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Operation {
    /// Submits another task.
    Submit,
    /// Runs the future's task, as one does who can't wait for the worker.
    Complete,
    Cancel,
    Result,
    AddCallback,
    WaitFirst,
    /// Cancels what is pending, and waits for the worker to leave.
    ShutDown,
    /// Drops the thread's future.
    Drop,
}

impl Operation {
    pub(crate) const ALL: [Operation; 8] = [
        Operation::Submit,
        Operation::Complete,
        Operation::Cancel,
        Operation::Result,
        Operation::AddCallback,
        Operation::WaitFirst,
        Operation::ShutDown,
        Operation::Drop,
    ];

    /// As the tables of tests write it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Operation::Submit => "submit",
            Operation::Complete => "complete",
            Operation::Cancel => "cancel",
            Operation::Result => "result",
            Operation::AddCallback => "add_callback",
            Operation::WaitFirst => "wait_first",
            Operation::ShutDown => "shut_down",
            Operation::Drop => "drop",
        }
    }

    pub(crate) fn named(name: &str) -> Operation {
        let mut all = Operation::ALL.into_iter();
        all.find(|operation| operation.name() == name)
            .expect("the tables name operations that there are")
    }
}

/// A thread: one with an operation, by the operation's place, or the pool's worker.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Actor {
    Thread(usize),
    Worker,
}

/// Whether the worker takes part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Hold {
    /// It does what it does, from the start and at any moment.
    Free,
    /// It takes no task until all operations are over, and no shutdown waits for it.
    Held,
}

/// A task: the future's, or the one that the operation at this place has submitted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Task {
    Given,
    Submitted(usize),
}

/// What an operation gives back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Answer {
    Nothing,
    Accepted,
    Refused,
    /// What `cancel` says.
    IsCancelled(bool),
    /// The state of the future, as its result, its wait or the end of its pool tells it.
    Is(&'static str),
}

/// All that can be seen of one run.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Observation {
    /// By operation.
    pub(crate) answers: Vec<Answer>,
    /// The tasks that ran, in the order of their starts, and who ran them.
    pub(crate) ran: Vec<(Task, Actor)>,
    /// Whose callback was called, and by whom.
    pub(crate) called: Vec<(usize, Actor)>,
    /// How the tasks ended whose futures are still there.
    pub(crate) ended: Vec<(Task, &'static str)>,
}

impl Observation {
    /// Of as many operations, none of which has given anything back.
    pub(crate) fn of(operations: usize) -> Observation {
        Observation {
            answers: vec![Answer::Nothing; operations],
            ..Observation::default()
        }
    }
}

/// A state as a word, since it has no order.
pub(crate) fn word(state: State) -> &'static str {
    match state {
        State::Pending => "pending",
        State::Running => "running",
        State::Finished => "finished",
        State::Cancelled => "cancelled",
    }
}

/// One pool, and the notes of its threads. Taking notes is no step of the schedule.
struct World {
    pool: ThreadPoolExecutor,
    hold: Hold,
    threads: Mutex<Vec<Option<sync::thread::ThreadId>>>,
    notes: Mutex<Observation>,
    /// The futures that are still there when their threads have ended.
    kept: Mutex<Vec<(Task, Future<Payload>)>>,
}

impl World {
    fn note(&self, note: impl FnOnce(&mut Observation, Actor)) {
        let me = Some(sync::thread::current_id());
        let place = lock(&self.threads).iter().position(|thread| *thread == me);
        note(
            &mut lock(&self.notes),
            place.map_or(Actor::Worker, Actor::Thread),
        );
    }

    /// The calling thread is the one with the operation at this place.
    fn enter(&self, place: usize) {
        let me = sync::thread::current_id();
        lock(&self.threads)[place] = Some(me);
    }

    /// Submits a task that notes who runs it.
    fn submit(self: &Arc<Self>, task: Task) -> Option<Future<Payload>> {
        let (captured, world) = (Payload::new(1), Arc::clone(self));
        let call = move || {
            world.note(|notes, me| notes.ran.push((task, me)));
            Ok(Payload::new(captured.value() + 1))
        };
        self.pool.spawn(call).ok()
    }

    /// Does the operation, and keeps the futures that its thread still has then.
    fn perform(self: &Arc<Self>, operation: Operation, place: usize, future: Future<Payload>) {
        self.enter(place);
        let answer = match operation {
            Operation::Submit => match self.submit(Task::Submitted(place)) {
                Some(submitted) => {
                    lock(&self.kept).push((Task::Submitted(place), submitted));
                    Answer::Accepted
                }
                None => Answer::Refused,
            },
            Operation::Complete => {
                future.look().0.watched().run_here();
                Answer::Nothing
            }
            Operation::Cancel => Answer::IsCancelled(future.cancel()),
            Operation::Result => match future.result() {
                Ok(payload) => {
                    assert_eq!(payload.value(), 2);
                    Answer::Is("finished")
                }
                Err(error) => {
                    assert!(matches!(error, TaskError::Cancelled), "{error}");
                    Answer::Is("cancelled")
                }
            },
            Operation::AddCallback => {
                let world = Arc::clone(self);
                future.add_done_callback(callback(move |future| {
                    assert!(future.done(), "a callback is called before the end");
                    world.note(|notes, me| notes.called.push((place, me)));
                }));
                Answer::Nothing
            }
            Operation::WaitFirst => {
                let told = wait([&future], ReturnWhen::FirstCompleted);
                assert_eq!((told.done.len(), told.not_done.len()), (1, 0));
                Answer::Is(word(future.state()))
            }
            Operation::ShutDown => {
                self.pool.shut_down(self.hold == Hold::Free, true);
                Answer::Is(word(future.state()))
            }
            Operation::Drop => Answer::Nothing,
        };
        if operation == Operation::Drop {
            drop(future);
        } else {
            lock(&self.kept).push((Task::Given, future));
        }
        lock(&self.notes).answers[place] = answer;
    }
}

/// Does the operations on a thread each, the last of them on this one.
///
/// What comes before the operations is explored in one order only, and so is what comes after them if the
/// worker was held: its own races with the end of the pool are those of the free form.
pub(crate) fn run(operations: &[Operation], hold: Hold) -> Observation {
    loom::stop_exploring();
    let count = operations.len();
    let gate = Arc::new(Gate::new(hold == Hold::Free));
    let world = Arc::new(World {
        pool: gate.pool(),
        hold,
        threads: Mutex::new(vec![None; count]),
        notes: Mutex::new(Observation::of(count)),
        kept: Mutex::default(),
    });
    let last = world.submit(Task::Given).expect("the pool is open");
    let futures: Vec<_> = operations[1..].iter().map(|_| last.clone()).collect();
    loom::explore();
    let others = start(&world, 0, &operations[..count - 1], futures);
    world.perform(operations[count - 1], count - 1, last);
    join(others);
    if hold == Hold::Held {
        loom::stop_exploring();
        gate.open();
    }
    world.pool.shut_down(true, false);
    let kept = std::mem::take(&mut *lock(&world.kept));
    let mut observation = std::mem::take(&mut *lock(&world.notes));
    // Whoever ends the future calls the callbacks later, and in between others call theirs.
    observation.called.sort();
    observation.ended = ends(kept);
    observation
}

/// Starts a thread for each operation, from this place on.
///
/// Threads with the same operation could change places and nobody would see it. So the first of them starts
/// the second, which spares the schedules in which the second comes first.
fn start(
    world: &Arc<World>,
    place: usize,
    operations: &[Operation],
    mut futures: Vec<Future<Payload>>,
) -> Vec<sync::thread::JoinHandle<()>> {
    let Some((&operation, others)) = operations.split_first() else {
        return Vec::new();
    };
    let future = futures.pop().expect("a future for each operation");
    let alike = others.iter().take_while(|other| **other == operation);
    let (mine, others) = others.split_at(alike.count());
    let (mine, my_futures) = (mine.to_vec(), futures.split_off(futures.len() - mine.len()));
    let next = place + 1 + mine.len();
    let first = thread({
        let world = Arc::clone(world);
        move || {
            let alike = start(&world, place + 1, &mine, my_futures);
            world.perform(operation, place, future);
            join(alike);
        }
    });
    let mut threads = start(world, next, others, futures);
    threads.push(first);
    threads
}

/// What a worker that is held waits for.
struct Gate {
    is_open: sync::Mutex<bool>,
    opened: sync::Condvar,
}

impl Gate {
    fn new(is_open: bool) -> Gate {
        Gate {
            is_open: sync::Mutex::new(is_open),
            opened: sync::Condvar::new(),
        }
    }

    /// A pool whose worker goes through this gate before it takes a task.
    fn pool(self: &Arc<Self>) -> ThreadPoolExecutor {
        let gate = Arc::clone(self);
        let pool = ThreadPoolExecutor::builder().max_workers(1);
        let pool = pool.initializer(move || gate.pass());
        pool.build().expect("a pool of one worker can be built")
    }

    fn pass(&self) {
        let mut is_open = self.is_open.lock();
        while !*is_open {
            is_open = self.opened.wait(is_open);
        }
    }

    fn open(&self) {
        *self.is_open.lock() = true;
        self.opened.notify_all();
    }
}

/// How the tasks have ended. The last future of each finds that it is the last, and takes the value.
fn ends(mut kept: Vec<(Task, Future<Payload>)>) -> Vec<(Task, &'static str)> {
    kept.sort_by_key(|&(task, _)| task);
    let mut ended = Vec::new();
    while let Some((task, future)) = kept.pop() {
        if kept.last().is_some_and(|&(next, _)| next == task) {
            continue;
        }
        ended.push((task, word(future.state())));
        assert!(
            future.try_into_result().is_ok(),
            "somebody else counts as having the future"
        );
    }
    ended.sort();
    ended
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
