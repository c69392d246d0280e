//! The verdict on who is live, against an explorer that knows none of its rules: it only plays on.
//!
//! A random world of pools, tasks and threads that sleep is played on in every order, until no state is
//! new. Who is awake in any of those was live; and nobody else. In the worlds nobody helps: what a
//! thread could run itself is another matter, which the scenarios of `tests/it/deadlock` are about.

use std::collections::HashSet;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::Index;
use proptest::test_runner::FileFailurePersistence;

mod judged;

/// How a task stands when the play begins.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Stand {
    /// In this pool's queue.
    Queued(usize),
    /// Begun by this worker: awake or asleep, as that is.
    Begun(usize),
    /// Derived: each of these has a step to make, and any may end it, for what it tells may be a failure.
    Derived(Vec<By>),
    /// Nobody's but a promise's, which may be finished.
    Promised,
    Ended,
}

/// Who has a step to make for a derived future.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum By {
    /// This worker, when its callback has returned.
    Behind(usize),
    /// This worker, the only one of its pool, when it has run what stands in line before it.
    InLine(usize),
    /// Whoever ends this task.
    Source(usize),
    /// Somebody who is awake.
    Other,
}

/// What a worker waits for.
#[derive(Clone, Debug)]
enum Sleep {
    All(Vec<usize>),
    Any(Vec<usize>),
    End(usize),
    Room(usize),
}

#[derive(Clone, Debug)]
struct World {
    /// Of each worker, its pool.
    workers: Vec<usize>,
    /// Of each worker, what it sleeps for, if it does.
    sleeps: Vec<Option<Sleep>>,
    tasks: Vec<Stand>,
    /// Of each pool, how many tasks its queue has room for.
    limits: Vec<usize>,
}

/// A state of the play: how the tasks stand, and who sleeps.
type Moment = (Vec<Stand>, Vec<bool>);

impl By {
    fn can_act(self, tasks: &[Stand], asleep: &[bool]) -> bool {
        match self {
            By::Behind(worker) | By::InLine(worker) => !asleep[worker],
            By::Source(task) => tasks[task] == Stand::Ended,
            By::Other => true,
        }
    }
}

impl World {
    /// Of each worker, whether it is awake at some moment of the play.
    fn explore(&self) -> Vec<bool> {
        let asleep: Vec<bool> = self.sleeps.iter().map(Option::is_some).collect();
        let mut awake: Vec<bool> = asleep.iter().map(|asleep| !asleep).collect();
        let mut seen = HashSet::new();
        let mut next: Vec<Moment> = vec![(self.tasks.clone(), asleep)];
        while let Some(moment) = next.pop() {
            if !seen.insert(moment.clone()) {
                continue;
            }
            for (worker, asleep) in moment.1.iter().enumerate() {
                awake[worker] |= !asleep;
            }
            next.extend(self.moves(&moment));
        }
        awake
    }

    /// What may happen next.
    fn moves(&self, (tasks, asleep): &Moment) -> Vec<Moment> {
        let mut moves = Vec::new();
        let mut put = |task: usize, stand: Stand| {
            let mut tasks = tasks.clone();
            tasks[task] = stand;
            moves.push((tasks, asleep.clone()));
        };
        for (task, stand) in tasks.iter().enumerate() {
            match stand {
                Stand::Promised => put(task, Stand::Ended),
                Stand::Begun(worker) if !asleep[*worker] => put(task, Stand::Ended),
                Stand::Derived(steps) if steps.iter().any(|by| by.can_act(tasks, asleep)) => {
                    put(task, Stand::Ended);
                }
                Stand::Queued(pool) => {
                    for worker in
                        (0..self.workers.len()).filter(|it| self.is_free(*it, tasks, asleep))
                    {
                        if self.workers[worker] == *pool {
                            put(task, Stand::Begun(worker));
                        }
                    }
                }
                Stand::Begun(_) | Stand::Derived(_) | Stand::Ended => {}
            }
        }
        for worker in 0..self.workers.len() {
            if asleep[worker] && self.is_over(worker, tasks, asleep) {
                let mut asleep = asleep.clone();
                asleep[worker] = false;
                moves.push((tasks.clone(), asleep));
            }
        }
        moves
    }

    fn is_free(&self, worker: usize, tasks: &[Stand], asleep: &[bool]) -> bool {
        let is_busy = |stand: &Stand| match stand {
            Stand::Begun(its) => *its == worker,
            Stand::Derived(steps) => {
                steps.contains(&By::Behind(worker)) || steps.contains(&By::InLine(worker))
            }
            _ => false,
        };
        !asleep[worker] && !tasks.iter().any(is_busy)
    }

    fn is_over(&self, worker: usize, tasks: &[Stand], asleep: &[bool]) -> bool {
        let ended = |task: &usize| tasks[*task] == Stand::Ended;
        match self.sleeps[worker].as_ref() {
            None => true,
            Some(Sleep::All(targets)) => targets.iter().all(ended),
            Some(Sleep::Any(targets)) => targets.iter().any(ended),
            Some(Sleep::End(pool)) => {
                let mut workers = (0..self.workers.len()).filter(|it| self.workers[*it] == *pool);
                let idle = workers.all(|it| self.is_free(it, tasks, asleep));
                idle && !tasks.contains(&Stand::Queued(*pool))
            }
            Some(Sleep::Room(pool)) => self.has_room(*pool, tasks),
        }
    }

    fn has_room(&self, pool: usize, tasks: &[Stand]) -> bool {
        let queued = tasks.iter().filter(|it| **it == Stand::Queued(pool));
        queued.count() < self.limits[pool]
    }
}

fn worlds() -> impl Strategy<Value = World> {
    let workers = vec(0..2_usize, 1..5);
    let steps = vec((0..5_u8, any::<Index>()), 1..4);
    let kinds = vec((0..9_u8, any::<Index>(), steps), 1..7);
    let sleeps = vec((0..9_u8, vec(any::<Index>(), 1..4)), 4);
    let limits = vec(1..3_usize, 2);
    (workers, kinds, sleeps, limits).prop_map(|(mut workers, kinds, sleeps, limits)| {
        workers.sort_unstable();
        // Each pool has a worker, or nothing could ever run in it.
        let pools: Vec<usize> = workers.clone();
        let mut busy = HashSet::new();
        let tasks: Vec<Stand> = kinds
            .iter()
            .enumerate()
            .map(|(task, (kind, index, steps))| match kind {
                0..=2 => Stand::Queued(pools[index.index(pools.len())]),
                3..=5 => {
                    let worker = index.index(workers.len());
                    match busy.insert(worker) {
                        true => Stand::Begun(worker),
                        false => Stand::Queued(workers[worker]),
                    }
                }
                6 => {
                    let is_alone = |it: &usize| {
                        let pool = workers[*it];
                        workers.iter().filter(|its| **its == pool).count() == 1
                    };
                    let steps = steps.iter().map(|(kind, index)| {
                        let worker = index.index(workers.len());
                        match kind {
                            0 if is_alone(&worker) => By::InLine(worker),
                            0..=1 => By::Behind(worker),
                            2..=3 if task > 0 => By::Source(index.index(task)),
                            _ => By::Other,
                        }
                    });
                    Stand::Derived(steps.collect())
                }
                7 => Stand::Promised,
                _ => Stand::Ended,
            })
            .collect();
        let sleeps = workers
            .iter()
            .zip(sleeps)
            .map(|(_, (kind, targets))| {
                let tasks = || {
                    targets
                        .iter()
                        .map(|target| target.index(tasks.len()))
                        .collect()
                };
                match kind {
                    0..=2 => Some(Sleep::All(tasks())),
                    3..=4 => Some(Sleep::Any(tasks())),
                    5 => Some(Sleep::End(pools[targets[0].index(pools.len())])),
                    6 => Some(Sleep::Room(pools[targets[0].index(pools.len())])),
                    _ => None,
                }
            })
            .collect();
        World {
            workers,
            sleeps,
            tasks,
            limits,
        }
    })
}

/// Where the seeds of cases that once failed are kept, which come first from then on.
const SEEDS: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/tests/it/proptest-regressions/liveness.txt"
);

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 2_000,
        failure_persistence: Some(Box::new(FileFailurePersistence::Direct(SEEDS))),
        ..ProptestConfig::default()
    })]

    #[test]
    fn who_is_live_is_who_wakes_in_some_play(world in worlds()) {
        prop_assert_eq!(world.judge(), world.explore());
    }
}

#[test]
fn the_worlds_have_both_live_and_dead_sleepers() {
    use proptest::strategy::ValueTree;
    use proptest::test_runner::TestRunner;

    let mut runner = TestRunner::deterministic();
    let (mut live, mut dead) = (0, 0);
    for _ in 0..500 {
        let world = worlds().new_tree(&mut runner).expect("a world").current();
        for (sleep, awake) in world.sleeps.iter().zip(world.explore()) {
            match (sleep, awake) {
                (Some(_), true) => live += 1,
                (Some(_), false) => dead += 1,
                (None, _) => {}
            }
        }
    }
    assert!(live > 100 && dead > 100, "{live} live, {dead} dead");
}
