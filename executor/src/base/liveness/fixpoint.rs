//! Who of those that sleep is live: the least fixpoint of the rules.

use std::collections::HashSet;

use super::blocked::describe;
use super::{Blocked, Held, Pool, Wait, Watched};
use crate::base::deadlock::{Deadlock, DeadlockedWait};
use crate::base::state::State;
use crate::sync::Arc;

/// How many futures are told of one wait, if those that it waits for are derived from many.
const TOLD: usize = 8;

/// Those who sleep, and who of them is live.
pub(crate) struct Fixpoint<'b> {
    asleep: &'b [Blocked],
    live: Vec<bool>,
    /// The tasks that they have begun, by their addresses, and the places of those who have.
    begun: Vec<(usize, usize)>,
    /// The places of those who have steps to make for derived futures.
    with_steps: Vec<usize>,
    /// The pools whose workers are among them.
    pools: Vec<Workers<'b>>,
    /// What others are derived from, as far as it was looked at.
    held: &'b Held,
}

/// The workers of a pool that sleep.
struct Workers<'b> {
    pool: &'b Arc<dyn Pool>,
    number: u32,
    /// The place of one of them.
    place: usize,
    /// How many of them are not live.
    dead: usize,
}

impl<'b> Fixpoint<'b> {
    pub(crate) fn of(asleep: &'b [Blocked], held: &'b Held) -> Fixpoint<'b> {
        let mut fixpoint = Fixpoint {
            asleep,
            live: vec![false; asleep.len()],
            begun: Vec::new(),
            with_steps: Vec::new(),
            pools: Vec::new(),
            held,
        };
        for (place, blocked) in asleep.iter().enumerate() {
            let begun = blocked.tasks.iter().map(|task| (task.address, place));
            fixpoint.begun.extend(begun);
            if !blocked.derives.is_empty() {
                fixpoint.with_steps.push(place);
            }
            if let Some(pool) = &blocked.pool {
                fixpoint.count_dead(pool, place);
            }
        }
        fixpoint.begun.sort_unstable();
        for place in (0..asleep.len()).filter(|place| asleep[*place].is_called) {
            fixpoint.mark_live(place);
        }
        // To and fro: in a chain of waits each is live because of the next or of the one before, and it takes one
        // pass or two instead of one for each.
        while fixpoint.grows(0..asleep.len()) && fixpoint.grows((0..asleep.len()).rev()) {}
        fixpoint
    }

    fn count_dead(&mut self, pool: &'b Arc<dyn Pool>, place: usize) {
        let number = pool.number();
        match self.pools.iter_mut().find(|its| its.number == number) {
            Some(workers) => workers.dead += 1,
            None => self.pools.push(Workers {
                pool,
                number,
                place,
                dead: 1,
            }),
        }
    }

    fn mark_live(&mut self, place: usize) {
        self.live[place] = true;
        let asleep = &self.asleep[place];
        let mut pools = self.pools.iter_mut();
        if let Some(workers) = pools.find(|its| asleep.is_worker_of(its.number)) {
            workers.dead -= 1;
        }
    }

    /// Goes over all of them once; whether there are more live ones now.
    fn grows(&mut self, places: impl Iterator<Item = usize>) -> bool {
        let mut grows = false;
        for place in places {
            if !self.live[place] && self.can_end(&self.asleep[place].wait) {
                self.mark_live(place);
                grows = true;
            }
        }
        grows
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
            Wait::End(pool) => self.count_of_dead(pool.number()) == 0,
            // Who was woken for a place is on the list until it has looked for it. Whoever takes it before has
            // all ask again.
            Wait::Room(pool) => {
                pool.has_room() || pool.workers() > self.count_of_dead(pool.number())
            }
        }
    }

    fn can_come(&self, target: &dyn Watched) -> bool {
        let word = target.word();
        match word.state() {
            State::Finished | State::Cancelled => true,
            // A derived future that is being made of what it is derived from says pending, too.
            State::Pending if word.pool() == 0 => self.can_be_derived(target),
            _ if let Some(place) = self.runner(target) => self.live[place],
            State::Running => true,
            State::Pending => {
                let workers = self.with_dead_workers(word.pool());
                workers.is_none_or(|its| its.pool.workers() > its.dead)
            }
        }
    }

    /// Whether a derived future can come, or a promise's.
    fn can_be_derived(&self, target: &dyn Watched) -> bool {
        let (mut seen, mut left) = (HashSet::from([target.address()]), Vec::new());
        if self.can_be_made(target, &mut left) {
            return true;
        }
        while let Some(source) = left.pop() {
            if !seen.insert(source.address()) {
                continue;
            }
            let word = source.word();
            let can_come = match word.state() {
                State::Pending if word.pool() == 0 => self.can_be_made(&*source, &mut left),
                _ => self.can_come(&*source),
            };
            if can_come {
                return true;
            }
        }
        false
    }

    /// Whether somebody who is live has a step to make for it. If not, what it is derived from that has not
    /// ended is added to what is left to look at: one of that is enough, for it may fail, and then the others
    /// are not needed.
    fn can_be_made(&self, target: &dyn Watched, left: &mut Vec<Arc<dyn Watched>>) -> bool {
        // First how many steps, and then who makes them: one that is made meanwhile is taken to be still to come.
        let steps = target.steps_left();
        let before = left.len();
        let sources = target.sources();
        let sources = sources.iter().filter_map(|it| self.held.future(it));
        left.extend(sources.filter(|source| !source.word().state().is_final()));
        let with_unended_sources = left.len() - before;
        let mut with_the_dead = 0;
        for (place, its) in self.makers(target) {
            if self.live[place] {
                return true;
            }
            with_the_dead += its;
        }
        // If there are more, somebody who does not sleep has them. Of a promise there is one.
        steps > with_unended_sources.saturating_add(with_the_dead)
    }

    /// The place of whoever sleeps in it, or in another one on top of it.
    fn runner(&self, target: &dyn Watched) -> Option<usize> {
        let address = target.address();
        let found = self.begun.binary_search_by_key(&address, |begun| begun.0);
        found.ok().map(|index| self.begun[index].1)
    }

    /// The places of those who sleep in it, or have steps to make for it, and how many: their own, or such as stand
    /// in line for them.
    fn makers(&self, target: &dyn Watched) -> impl Iterator<Item = (usize, usize)> {
        let address = target.address();
        let runner = self.runner(target).into_iter().map(|place| (place, 1));
        let own = self.with_steps.iter().map(move |place| {
            let derives = &self.asleep[*place].derives;
            let first = derives.partition_point(|its| *its < address);
            let behind = derives.partition_point(|its| *its <= address);
            (*place, behind - first)
        });
        let pools = self.pools.iter();
        let in_line = pools.map(move |its| (its.place, its.pool.steps_in_line(address)));
        let makers = runner.chain(own).chain(in_line);
        makers.filter(|(_, steps)| *steps > 0)
    }

    fn dead_workers(&self, pool: u32) -> impl Iterator<Item = usize> {
        let of_pool = move |place: &usize| self.asleep[*place].is_worker_of(pool);
        self.dead().filter(of_pool)
    }

    fn count_of_dead(&self, pool: u32) -> usize {
        self.with_dead_workers(pool).map_or(0, |its| its.dead)
    }

    /// The workers of a pool, if there are dead ones among them.
    fn with_dead_workers(&self, pool: u32) -> Option<&Workers<'b>> {
        let mut pools = self.pools.iter();
        pools.find(|its| its.number == pool && its.dead > 0)
    }

    /// Who waits for whom, beginning with the one at this place, who is not live.
    pub(super) fn story(&self, own: usize) -> Deadlock {
        let mut told = vec![own];
        let mut waits = Vec::new();
        while let Some(place) = told.get(waits.len()).copied() {
            let blocked = &self.asleep[place];
            let (mut waits_for, mut next) = (Vec::new(), Vec::new());
            self.tell_of(blocked.wait.targets(), &mut waits_for, &mut next);
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

    /// What one who waits for these waits for, of those that can't come, and who would have to get on for it.
    fn tell_of(
        &self,
        targets: &[Arc<dyn Watched>],
        waits_for: &mut Vec<String>,
        next: &mut Vec<usize>,
    ) {
        let targets = targets.iter().rev().filter(|it| !self.can_come(&***it));
        let mut left: Vec<_> = targets.map(Arc::clone).collect();
        let mut seen = HashSet::new();
        let mut untold = 0;
        while let Some(target) = left.pop() {
            let word = target.word();
            if word.state().is_final() || !seen.insert(target.address()) {
                continue;
            }
            let mut text = describe(target.name(), target.address());
            let mut makers = self.makers(&*target).peekable();
            if makers.peek().is_some() {
                next.extend(makers.map(|(place, _)| place));
            } else if let Some(workers) = self.with_dead_workers(word.pool()) {
                text += &format!(", for which {} has no free worker", workers.pool.name());
                next.extend(self.dead_workers(workers.number));
            }
            if waits_for.len() < TOLD {
                waits_for.push(text);
            } else {
                untold += 1;
            }
            // What can't come is derived from nothing that can.
            let sources = target.sources();
            left.extend(sources.iter().rev().filter_map(|it| self.held.future(it)));
        }
        if untold > 0 {
            waits_for.push(format!("{untold} more"));
        }
    }
}
