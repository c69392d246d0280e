//! Who of those that sleep is live: the least fixpoint of the rules.

use super::blocked::describe;
use super::{Blocked, Pool, Wait, Watched};
use crate::base::deadlock::{Deadlock, DeadlockedWait};
use crate::base::state::State;
use crate::sync::Arc;

/// Those who sleep, and who of them is live.
pub(crate) struct Fixpoint<'b> {
    asleep: &'b [Blocked],
    live: Vec<bool>,
}

impl<'b> Fixpoint<'b> {
    pub(crate) fn of(asleep: &'b [Blocked]) -> Fixpoint<'b> {
        let live = asleep.iter().map(|it| it.is_called).collect();
        let mut fixpoint = Fixpoint { asleep, live };
        while fixpoint.grows() {}
        fixpoint
    }

    /// Goes over all of them once; whether there are more live ones now.
    fn grows(&mut self) -> bool {
        let before = self.live.iter().filter(|live| **live).count();
        for (place, blocked) in self.asleep.iter().enumerate() {
            self.live[place] = self.live[place] || self.can_end(&blocked.wait);
        }
        self.live.iter().filter(|live| **live).count() > before
    }

    /// Whether the one at this place is live.
    pub(crate) fn is_live(&self, place: usize) -> bool {
        self.live[place]
    }

    /// The places of those who are not.
    pub(super) fn dead(&self) -> impl Iterator<Item = usize> {
        (0..self.live.len()).filter(|place| !self.live[*place])
    }

    fn can_end(&self, wait: &Wait) -> bool {
        match wait {
            Wait::All(targets) => targets.iter().all(|target| self.can_come(&**target)),
            Wait::Any(targets) => {
                targets.is_empty() || targets.iter().any(|target| self.can_come(&**target))
            }
            Wait::End(pool) => self.dead_workers(pool.number()).next().is_none(),
        }
    }

    fn can_come(&self, target: &dyn Watched) -> bool {
        let word = target.word();
        match word.state() {
            State::Finished | State::Cancelled => true,
            State::Running => self.runner(target).is_none_or(|place| self.live[place]),
            State::Pending => {
                let dead = self.dead_workers(word.pool()).count();
                let pool = self.pool(word.pool());
                pool.is_none_or(|pool| pool.workers() > dead)
            }
        }
    }

    /// The place of whoever sleeps in a task, or in another one on top of it.
    fn runner(&self, target: &dyn Watched) -> Option<usize> {
        self.asleep.iter().position(|it| it.has_begun(target))
    }

    fn dead_workers(&self, pool: u32) -> impl Iterator<Item = usize> {
        let of_pool = move |place: &usize| self.asleep[*place].is_worker_of(pool);
        self.dead().filter(of_pool)
    }

    /// A pool with a dead worker, which knows it.
    fn pool(&self, number: u32) -> Option<&Arc<dyn Pool>> {
        let place = self.dead_workers(number).next()?;
        self.asleep[place].pool.as_ref()
    }

    /// Who waits for whom, beginning with the one at this place, who is not live.
    pub(super) fn story(&self, own: usize) -> Deadlock {
        let mut told = vec![own];
        let mut waits = Vec::new();
        while let Some(place) = told.get(waits.len()).copied() {
            let blocked = &self.asleep[place];
            let (mut waits_for, mut next) = (Vec::new(), Vec::new());
            let targets = blocked.wait.targets().iter();
            for target in targets.filter(|target| !self.can_come(&***target)) {
                let task = describe(target.name(), target.address());
                if target.word().state() == State::Running {
                    waits_for.push(task);
                    next.extend(self.runner(&**target));
                } else {
                    let number = target.word().pool();
                    let pool = self
                        .pool(number)
                        .map_or_else(String::new, |pool| pool.name());
                    waits_for.push(format!("{task}, for which {pool} has no free worker"));
                    next.extend(self.dead_workers(number));
                }
            }
            if let Wait::End(pool) = &blocked.wait {
                waits_for.push(format!("the end of {}", pool.name()));
                next.extend(self.dead_workers(pool.number()));
            }
            for place in next {
                if !told.contains(&place) {
                    told.push(place);
                }
            }
            waits.push(DeadlockedWait {
                task: blocked.describe(),
                waits_for: waits_for.join(" and "),
            });
        }
        Deadlock { waits }
    }
}
