//! The worlds as the rules see them: what the verdict on each of their workers is.

use super::{By, Sleep, Stand, World};
use crate::base::liveness::{Blocked, Fixpoint, Held, Pool, Wait, Watched};
use crate::base::source::Source;
use crate::base::state::{State, Word};
use crate::base::{WhenStarved, liveness};
use crate::sync::Arc;

impl World {
    /// What the verdict says of each worker.
    pub(super) fn judge(&self) -> Vec<bool> {
        let pools: Vec<Arc<dyn Pool>> = (0..=self.workers.iter().copied().max().unwrap_or(0))
            .map(|pool| {
                let workers = (0..self.workers.len()).filter(|it| self.workers[*it] == pool);
                let in_line = |task: &Stand| match task {
                    Stand::Derived(steps) => {
                        let its = |by: &&By| workers.clone().any(|it| **by == By::InLine(it));
                        steps.iter().filter(its).count()
                    }
                    _ => 0,
                };
                Arc::new(Toy {
                    pool,
                    has_room: self.has_room(pool, &self.tasks),
                    workers: workers.clone().count(),
                    in_line: self.tasks.iter().map(in_line).collect(),
                }) as Arc<dyn Pool>
            })
            .collect();
        let mut figures: Vec<Arc<dyn Watched>> = Vec::new();
        for (task, stand) in self.tasks.iter().enumerate() {
            let steps: &[By] = match stand {
                Stand::Derived(steps) => steps,
                _ => &[],
            };
            let sources = steps.iter().filter_map(|by| match by {
                By::Source(source) => Some(Source::of(&figures[*source])),
                By::Behind(_) | By::InLine(_) | By::Other => None,
            });
            figures.push(Arc::new(Figure {
                task,
                stand: stand.clone(),
                sources: sources.collect(),
            }));
        }
        let target = |task: &usize| Arc::clone(&figures[*task]);
        let sleepers: Vec<usize> = (0..self.workers.len())
            .filter(|worker| self.sleeps[*worker].is_some())
            .collect();
        let blocked: Vec<Blocked> = sleepers
            .iter()
            .map(|worker| {
                let all = 0..self.tasks.len();
                let begun = |task: &usize| self.tasks[*task] == Stand::Begun(*worker);
                let tasks = all.clone().filter(begun);
                let behind = |task: usize| match &self.tasks[task] {
                    Stand::Derived(steps) => {
                        let its = steps.iter().filter(|by| **by == By::Behind(*worker));
                        vec![task; its.count()]
                    }
                    _ => Vec::new(),
                };
                Blocked {
                    pool: Some(Arc::clone(&pools[self.workers[*worker]])),
                    tasks: tasks
                        .map(|task| liveness::Task {
                            address: task,
                            name: "toy",
                        })
                        .collect(),
                    derives: all.flat_map(behind).collect(),
                    can_begin: true,
                    wait: match self.sleeps[*worker].as_ref() {
                        Some(Sleep::All(targets)) => {
                            Wait::All(targets.iter().map(target).collect())
                        }
                        Some(Sleep::Any(targets)) => {
                            Wait::Any(targets.iter().map(target).collect())
                        }
                        Some(Sleep::End(pool)) => Wait::End(Arc::clone(&pools[*pool])),
                        Some(Sleep::Room(pool)) => Wait::Room(Arc::clone(&pools[*pool])),
                        None => unreachable!("it sleeps"),
                    },
                    waiter: None,
                    is_called: false,
                }
            })
            .collect();
        let held = Held::default();
        let fixpoint = Fixpoint::of(&blocked, &held);
        let mut live = vec![true; self.workers.len()];
        for (place, worker) in sleepers.iter().enumerate() {
            live[*worker] = fixpoint.is_live(place);
        }
        live
    }
}

struct Toy {
    pool: usize,
    workers: usize,
    has_room: bool,
    /// Of each task, how many steps stand in line for the only worker.
    in_line: Vec<usize>,
}

impl Pool for Toy {
    fn number(&self) -> u32 {
        self.pool as u32 + 1
    }

    fn name(&self) -> String {
        format!("pool {}", self.pool)
    }

    fn workers(&self) -> usize {
        self.workers
    }

    fn has_free_worker(&self) -> bool {
        false
    }

    fn has_room(&self) -> bool {
        self.has_room
    }

    fn when_starved(&self) -> WhenStarved {
        WhenStarved::Fail
    }

    fn start_spare(self: Arc<Self>) -> bool {
        false
    }

    fn look_again(&self) {}

    fn steps_in_line(&self, address: usize) -> usize {
        self.in_line[address]
    }
}

struct Figure {
    task: usize,
    stand: Stand,
    sources: Vec<Source>,
}

impl Watched for Figure {
    fn address(&self) -> usize {
        self.task
    }

    fn word(&self) -> Word {
        match &self.stand {
            Stand::Queued(pool) => Word::pending_in(*pool as u32 + 1),
            Stand::Begun(_) => Word::new(State::Running),
            Stand::Derived(_) | Stand::Promised => Word::pending_in(0),
            Stand::Ended => Word::new(State::Finished),
        }
    }

    fn name(&self) -> &'static str {
        "toy"
    }

    fn run_here(self: Arc<Self>) {}

    fn sources(&self) -> Vec<Source> {
        self.sources.clone()
    }

    fn steps_left(&self) -> usize {
        match &self.stand {
            Stand::Derived(steps) => steps.len(),
            _ => 1,
        }
    }

    fn has_callbacks(&self) -> bool {
        false
    }

    fn forget(&self, _derived: usize) {}
}
