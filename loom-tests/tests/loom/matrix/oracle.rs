//! What may come out: a model of the future and the pool that knows no threads.
//!
//! Its steps are what counts as one thing that happens. Most operations are one step; the worker takes a
//! task, starts it and ends it; who completes starts and ends; a shutdown closes and takes what is
//! queued, cancels that, one task after the other, and then waits for the worker, and for other shutdowns to
//! cancel theirs. Whoever waits has no step until what it waits for is so. All orders of all steps are gone through.
//!
//! It shares with `base/` nothing but the names in `operation.rs`.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use super::operation::{Actor, Answer, Hold, Observation, Operation, Task};

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Stage {
    Pending,
    Running,
    Finished,
    Cancelled,
}

impl Stage {
    fn is_final(self) -> bool {
        matches!(self, Stage::Finished | Stage::Cancelled)
    }

    fn word(self) -> &'static str {
        match self {
            Stage::Pending => "pending",
            Stage::Running => "running",
            Stage::Finished => "finished",
            Stage::Cancelled => "cancelled",
        }
    }
}

/// Where the worker stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Worker {
    Searching,
    /// Has taken a task out of the queue, and not started it.
    Holding(Task),
    Running(Task),
    Left,
}

/// Where an operation stands.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Progress {
    NotBegun,
    /// The task of a `Complete` runs.
    Running,
    /// The shutdown has still to cancel these, and then to wait.
    ShuttingDown(VecDeque<Task>),
    Over,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct World {
    is_held: bool,
    stages: BTreeMap<Task, Stage>,
    queue: VecDeque<Task>,
    closed: bool,
    worker: Worker,
    progress: Vec<Progress>,
    /// Whose callbacks wait for the end of the given task.
    callbacks: Vec<usize>,
    seen: Observation,
}

/// All that may be observed of these operations, unless there is an order in which one of them waits for ever.
pub(crate) fn allowed(operations: &[Operation], hold: Hold) -> Option<BTreeSet<Observation>> {
    let start = World {
        is_held: hold == Hold::Held,
        stages: BTreeMap::from([(Task::Given, Stage::Pending)]),
        queue: VecDeque::from([Task::Given]),
        closed: false,
        worker: Worker::Searching,
        progress: vec![Progress::NotBegun; operations.len()],
        callbacks: Vec::new(),
        seen: Observation::of(operations.len()),
    };
    let mut allowed = BTreeSet::new();
    let mut known = BTreeSet::from([start.clone()]);
    let mut left = vec![start];
    while let Some(world) = left.pop() {
        let places = 0..operations.len();
        let by_operations = places.filter_map(|place| world.advance(operations[place], place));
        let next: Vec<World> = by_operations.chain(world.work()).collect();
        if next.is_empty() {
            if !world.is_over() {
                return None;
            }
            allowed.insert(world.observation(operations));
        }
        left.extend(next.into_iter().filter(|world| known.insert(world.clone())));
    }
    Some(allowed)
}

impl World {
    fn stage(&self, task: Task) -> Stage {
        self.stages[&task]
    }

    fn start(&mut self, task: Task, actor: Actor) {
        self.stages.insert(task, Stage::Running);
        self.seen.ran.push((task, actor));
    }

    /// The task ends, and who ends it calls the callbacks.
    fn end(&mut self, task: Task, stage: Stage, actor: Actor) {
        self.stages.insert(task, stage);
        if task == Task::Given {
            let called = std::mem::take(&mut self.callbacks);
            let called = called.into_iter().map(|place| (place, actor));
            self.seen.called.extend(called);
        }
    }

    fn cancel(&mut self, task: Task, actor: Actor) -> bool {
        if self.stage(task) == Stage::Pending {
            self.end(task, Stage::Cancelled, actor);
        }
        self.stage(task) == Stage::Cancelled
    }

    /// After the next step of the worker, if it has one.
    fn work(&self) -> Option<World> {
        if self.is_held && !self.is_over() {
            return None;
        }
        let mut world = self.clone();
        world.worker = match self.worker {
            Worker::Searching => match world.queue.pop_front() {
                Some(task) => Worker::Holding(task),
                // When all operations are over the pool is shut down.
                None if self.closed || self.is_over() => Worker::Left,
                None => return None,
            },
            Worker::Holding(task) if self.stage(task) == Stage::Pending => {
                world.start(task, Actor::Worker);
                Worker::Running(task)
            }
            Worker::Holding(_) => Worker::Searching,
            Worker::Running(task) => {
                world.end(task, Stage::Finished, Actor::Worker);
                Worker::Searching
            }
            Worker::Left => return None,
        };
        Some(world)
    }

    fn is_over(&self) -> bool {
        self.progress
            .iter()
            .all(|progress| *progress == Progress::Over)
    }

    /// Whether nothing of what was queued is left, neither to the worker nor to a shutdown.
    fn has_ended(&self) -> bool {
        let cancels =
            |progress: &_| matches!(progress, Progress::ShuttingDown(left) if !left.is_empty());
        self.worker == Worker::Left && !self.progress.iter().any(cancels)
    }

    /// After the next step of an operation, if it has one.
    fn advance(&self, operation: Operation, place: usize) -> Option<World> {
        let mut world = self.clone();
        let me = Actor::Thread(place);
        let given = self.stage(Task::Given);
        let mut answer = Answer::Nothing;
        let progress = match (operation, self.progress[place].clone()) {
            (_, Progress::Over) => return None,
            (Operation::Submit, _) if self.closed => {
                answer = Answer::Refused;
                Progress::Over
            }
            (Operation::Submit, _) => {
                let task = Task::Submitted(place);
                world.stages.insert(task, Stage::Pending);
                world.queue.push_back(task);
                answer = Answer::Accepted;
                Progress::Over
            }
            (Operation::Complete, Progress::Running) => {
                world.end(Task::Given, Stage::Finished, me);
                Progress::Over
            }
            (Operation::Complete, _) if given == Stage::Pending => {
                world.start(Task::Given, me);
                Progress::Running
            }
            (Operation::Complete, _) => Progress::Over,
            (Operation::Cancel, _) => {
                answer = Answer::IsCancelled(world.cancel(Task::Given, me));
                Progress::Over
            }
            (Operation::Result | Operation::WaitFirst, _) if given.is_final() => {
                answer = Answer::Is(given.word());
                Progress::Over
            }
            (Operation::Result | Operation::WaitFirst, _) => return None,
            (Operation::AddCallback, _) => {
                if given.is_final() {
                    world.seen.called.push((place, me));
                } else {
                    world.callbacks.push(place);
                }
                Progress::Over
            }
            (Operation::ShutDown, Progress::ShuttingDown(mut drained)) => {
                if let Some(task) = drained.pop_front() {
                    world.cancel(task, me);
                    Progress::ShuttingDown(drained)
                } else if self.is_held || self.has_ended() {
                    answer = Answer::Is(given.word());
                    Progress::Over
                } else {
                    return None;
                }
            }
            (Operation::ShutDown, _) => {
                world.closed = true;
                Progress::ShuttingDown(std::mem::take(&mut world.queue))
            }
            (Operation::Drop, _) => Progress::Over,
        };
        world.seen.answers[place] = answer;
        world.progress[place] = progress;
        Some(world)
    }

    /// At the end: whoever has dropped its future does not see how the task ended.
    fn observation(mut self, operations: &[Operation]) -> Observation {
        if operations
            .iter()
            .all(|&operation| operation == Operation::Drop)
        {
            self.stages.remove(&Task::Given);
        }
        self.seen.called.sort();
        let ended = self.stages.iter();
        self.seen.ended = ended.map(|(&task, stage)| (task, stage.word())).collect();
        self.seen
    }
}
