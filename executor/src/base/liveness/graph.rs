//! The list of those who sleep, and the fixpoint over it.

use std::collections::VecDeque;

use super::here::{Task, pending_in};
use super::{Asleep, DEEPEST, Pool, Verdict, Wait, Watched, WhenStarved};
use crate::base::deadlock::{Deadlock, DeadlockedWait};
use crate::base::state::State;
use crate::base::waiter::Waiter;
use crate::sync::{self, Arc, Mutex};

/// Those who sleep. There is one for a process: futures and tasks of all pools wait for each other.
#[derive(Default)]
pub(crate) struct Graph(Mutex<Entries>);

#[derive(Default)]
struct Entries {
    asleep: VecDeque<(u64, Blocked)>,
    last: u64,
}

impl Entries {
    /// The one who asks is as good as on the list.
    fn add(&mut self, blocked: Blocked) -> u64 {
        self.last += 1;
        self.asleep.push_back((self.last, blocked));
        self.last
    }

    fn place(&self, id: u64) -> usize {
        let mut ids = self.asleep.iter().map(|(its, _)| *its);
        ids.position(|its| its == id)
            .expect("nobody else takes it off the list")
    }

    /// Who is live, by place: the least fixpoint of the rules.
    fn live(&self) -> Vec<bool> {
        let mut live: Vec<bool> = self.asleep.iter().map(|(_, it)| it.is_called).collect();
        loop {
            let mut changed = false;
            for (place, (_, blocked)) in self.asleep.iter().enumerate() {
                if !live[place] && self.can_end(&blocked.wait, &live) {
                    live[place] = true;
                    changed = true;
                }
            }
            if !changed {
                return live;
            }
        }
    }

    fn can_end(&self, wait: &Wait, live: &[bool]) -> bool {
        match wait {
            Wait::All(targets) => targets.iter().all(|target| self.is_live(&**target, live)),
            Wait::Any(targets) => {
                targets.is_empty() || targets.iter().any(|target| self.is_live(&**target, live))
            }
            Wait::End(pool) => self.dead_workers(pool.number(), live).next().is_none(),
        }
    }

    fn is_live(&self, target: &dyn Watched, live: &[bool]) -> bool {
        let word = target.word();
        match word.state() {
            State::Finished | State::Cancelled => true,
            State::Running => self.runner(target).is_none_or(|place| live[place]),
            State::Pending => {
                let mut dead = self.dead_workers(word.pool(), live);
                // They know their pool.
                let pool = dead
                    .next()
                    .and_then(|place| self.asleep[place].1.pool.as_ref());
                pool.is_none_or(|pool| pool.workers() > 1 + dead.count())
            }
        }
    }

    /// Who sleeps in a task, or in another one on top of it.
    fn runner(&self, target: &dyn Watched) -> Option<usize> {
        let runs = |blocked: &Blocked| {
            blocked
                .tasks
                .iter()
                .any(|it| it.address == target.address())
        };
        self.asleep.iter().position(|(_, blocked)| runs(blocked))
    }

    fn dead_workers<'e>(&'e self, pool: u32, live: &'e [bool]) -> impl Iterator<Item = usize> + 'e {
        let places = 0..self.asleep.len();
        places.filter(move |place| !live[*place] && self.asleep[*place].1.is_worker_of(pool))
    }

    /// Who waits for whom, beginning with one who asks in vain.
    fn story(&self, own: usize, live: &[bool]) -> Deadlock {
        let mut told = vec![own];
        let mut waits = Vec::new();
        let mut next = 0;
        while let Some(place) = told.get(next).copied() {
            next += 1;
            let (_, blocked) = &self.asleep[place];
            let mut waits_for = Vec::new();
            let mut involve = |places: &mut dyn Iterator<Item = usize>| {
                for place in places {
                    if !told.contains(&place) {
                        told.push(place);
                    }
                }
            };
            for target in blocked.wait.targets() {
                if self.is_live(&**target, live) {
                    continue;
                }
                let word = target.word();
                let task = describe(target.name(), target.address());
                if word.state() == State::Running {
                    waits_for.push(task);
                    involve(&mut self.runner(&**target).into_iter());
                } else {
                    let pool = self.dead_workers(word.pool(), live).next();
                    let pool = pool.and_then(|place| self.asleep[place].1.pool.as_ref());
                    let pool = pool.map_or_else(String::new, |pool| pool.name());
                    waits_for.push(format!("{task}, for which {pool} has no free worker"));
                    involve(&mut self.dead_workers(word.pool(), live));
                }
            }
            if let Wait::End(pool) = &blocked.wait {
                waits_for.push(format!("the end of {}", pool.name()));
                involve(&mut self.dead_workers(pool.number(), live));
            }
            waits.push(DeadlockedWait {
                task: blocked.describe(),
                waits_for: waits_for.join(" and "),
            });
        }
        Deadlock { waits }
    }
}

fn describe(name: &str, address: usize) -> String {
    format!("task {name} (future at {address:#x})")
}

/// A thread that sleeps, or is about to.
pub(crate) struct Blocked {
    /// The pool whose worker it is.
    pub(super) pool: Option<Arc<dyn Pool>>,
    /// The tasks that it has begun; the last one is the one that waits.
    pub(super) tasks: Vec<Task>,
    pub(super) wait: Wait,
    /// How it can be woken to look again, if what it waits for can be run by itself.
    pub(super) waiter: Option<Arc<Waiter>>,
    /// Whether it was woken to look again, so that it is as good as awake.
    pub(super) is_called: bool,
}

impl Graph {
    /// Takes one off the list.
    pub(super) fn remove(&self, id: u64) -> Option<Blocked> {
        let mut entries = self.0.lock();
        let place = entries.asleep.iter().position(|(its, _)| *its == id)?;
        Some(entries.asleep.remove(place)?.1)
    }

    /// Has all who sleep ask again: something has come to its end that they may have counted on.
    pub(crate) fn look_again(&self) {
        let mut entries = self.0.lock();
        for (_, blocked) in &mut entries.asleep {
            blocked.call();
        }
    }
}

impl Blocked {
    /// Decides whether to sleep, and if so puts it on the list.
    pub(super) fn ask(self) -> Verdict {
        let graph = sync::graph();
        let mut entries = graph.0.lock();
        let id = entries.add(self);
        let mut exhausted = Vec::new();
        loop {
            let live = entries.live();
            let own = entries.place(id);
            if live[own] {
                return Verdict::Sleep(Asleep(id));
            }
            if entries.asleep[own].1.can_help().is_some() {
                let gone = entries.asleep.remove(own);
                drop(entries);
                let target = gone.as_ref().and_then(|(_, blocked)| blocked.can_help());
                return match target {
                    Some(target) => Verdict::Help(Arc::clone(target)),
                    // It was claimed just now, so it runs, and there is something to wait for.
                    None => Blocked::ask_anew(gone),
                };
            }
            let dead = |place: &usize| !live[*place];
            let mut others = (0..live.len()).filter(dead);
            if let Some(place) = others.find(|place| entries.asleep[*place].1.can_help().is_some())
            {
                entries.asleep[place].1.call();
                continue;
            }
            let starved = (0..live.len()).filter(dead);
            let starved = starved.filter_map(|place| entries.asleep[place].1.needs_spare());
            let mut starved = starved.filter(|pool| !exhausted.contains(&pool.number()));
            if let Some(pool) = starved.next().map(Arc::clone) {
                // Starting a thread takes long, so not under the lock. Nobody may take this one for dead
                // meanwhile.
                entries.asleep[own].1.is_called = true;
                drop(entries);
                if !Arc::clone(&pool).start_spare() {
                    exhausted.push(pool.number());
                }
                entries = graph.0.lock();
                let own = entries.place(id);
                entries.asleep[own].1.is_called = false;
                continue;
            }
            let deadlock = entries.story(own, &live);
            let gone = entries.asleep.remove(own);
            drop(entries);
            drop(gone);
            return Verdict::Dead(Arc::new(deadlock));
        }
    }

    fn ask_anew(gone: Option<(u64, Blocked)>) -> Verdict {
        match gone {
            Some((_, blocked)) => blocked.ask(),
            None => unreachable!("it was on the list"),
        }
    }

    /// Wakes it to look again, if it can be woken.
    fn call(&mut self) {
        if let Some(waiter) = &self.waiter {
            self.is_called = true;
            waiter.look_again();
        }
    }

    /// What it could run itself to get on.
    fn can_help(&self) -> Option<&Arc<dyn Watched>> {
        let target = self.starved()?;
        (self.tasks.len() < DEEPEST).then_some(target)
    }

    /// The pool that could start another worker for it to get on.
    fn needs_spare(&self) -> Option<&Arc<dyn Pool>> {
        self.starved()?;
        self.pool.as_ref()
    }

    /// What it waits for that its own pool has no worker for.
    fn starved(&self) -> Option<&Arc<dyn Watched>> {
        let pool = self.pool.as_ref()?;
        let helps = self.waiter.is_some() && pool.when_starved() == WhenStarved::Help;
        pending_in(&**pool, self.wait.targets()).filter(|_| helps)
    }

    fn is_worker_of(&self, pool: u32) -> bool {
        self.pool.as_ref().is_some_and(|its| its.number() == pool)
    }

    /// What it is called: its last task, and those below.
    fn describe(&self) -> String {
        let mut tasks = self.tasks.iter().rev();
        let Some(last) = tasks.next() else {
            let pool = self.pool.as_ref();
            let pool = pool.map_or_else(|| "no pool".to_owned(), |pool| pool.name());
            return format!("a callback or initializer on a worker of {pool}");
        };
        let mut text = describe(last.name, last.address);
        for task in tasks {
            text += &format!(", on top of {}", describe(task.name, task.address));
        }
        text
    }
}
