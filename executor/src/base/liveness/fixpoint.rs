//! Who of those that sleep is live: the least fixpoint of the rules.

use super::blocked::describe;
use super::{Blocked, Pool, Wait, Watched};
use crate::base::deadlock::{Deadlock, DeadlockedWait};
use crate::base::source::Source;
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
            Wait::Room(pool) => pool.workers() > self.dead_workers(pool.number()).count(),
        }
    }

    fn can_come(&self, target: &dyn Watched) -> bool {
        let word = target.word();
        match word.state() {
            State::Finished | State::Cancelled => true,
            // A derived future that is being made of what it is derived from says pending, too.
            _ if let Some(place) = self.runner(target) => self.live[place],
            State::Running => true,
            State::Pending if word.pool() == 0 => self.can_be_derived(target),
            State::Pending => {
                let dead = self.dead_workers(word.pool()).count();
                let pool = self.pool(word.pool());
                pool.is_none_or(|pool| pool.workers() > dead)
            }
        }
    }

    /// Whether one of the futures that this one is derived from can come, of those that have not. One is
    /// enough: it may fail, and then the others are not needed.
    fn can_be_derived(&self, target: &dyn Watched) -> bool {
        let (mut seen, mut left) = (vec![target.address()], target.sources());
        let mut is_waited_for = false;
        while let Some(source) = left.pop() {
            let Some(source) = source.future() else {
                continue;
            };
            let word = source.word();
            if word.state().is_final() || seen.contains(&source.address()) {
                continue;
            }
            is_waited_for = true;
            seen.push(source.address());
            let further = source.sources();
            match further.is_empty() || self.runner(&*source).is_some() {
                true if self.can_come(&*source) => return true,
                true => {}
                false => left.extend(further),
            }
        }
        // With nothing left to come it is being made, or is a promise's.
        !is_waited_for
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
            for target in blocked.wait.targets() {
                self.tell_of(&**target, &mut waits_for, &mut next);
            }
            if let Wait::End(pool) | Wait::Room(pool) = &blocked.wait {
                waits_for.push(match blocked.wait {
                    Wait::Room(_) => format!("room in the queue of {}", pool.name()),
                    _ => format!("the end of {}", pool.name()),
                });
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

    /// What one who waits for this waits for, if that can't come, and who would have to get on for it.
    fn tell_of(&self, target: &dyn Watched, waits_for: &mut Vec<String>, next: &mut Vec<usize>) {
        if self.can_come(target) {
            return;
        }
        let mut text = describe(target.name(), target.address());
        if let Some(place) = self.runner(target) {
            next.push(place);
        } else if let Some(pool) = self.pool(target.word().pool()) {
            text += &format!(", for which {} has no free worker", pool.name());
            next.extend(self.dead_workers(pool.number()));
        }
        waits_for.push(text);
        let sources = target.sources();
        for source in sources.iter().filter_map(Source::future) {
            self.tell_of(&*source, waits_for, next);
        }
    }
}
