//! The list of those who sleep, and what is decided for one who is about to.

use super::{Asleep, Blocked, Fixpoint, Held, Pool, Verdict, Watched};
use crate::base::deadlock::Deadlock;
use crate::sync::{self, Arc, Mutex};

/// Those who sleep. There is one for a process: futures and tasks of all pools wait for each other.
#[derive(Default)]
pub(crate) struct Graph(Mutex<Entries>);

#[derive(Default)]
struct Entries {
    asleep: Vec<Blocked>,
    /// What they are known by, at the same places.
    ids: Vec<u64>,
    last: u64,
}

impl Entries {
    fn add(&mut self, blocked: Blocked) -> u64 {
        self.last += 1;
        self.asleep.push(blocked);
        self.ids.push(self.last);
        self.last
    }

    /// Calls all who sleep; what it gives is to be told to call those whom it can.
    fn call_all(&mut self) -> Vec<Arc<dyn Pool>> {
        self.asleep.iter_mut().filter_map(Blocked::call).collect()
    }

    /// Calls those who sleep for a derived future. They wait for futures, and so by no means of a pool's.
    fn call_for_derived(&mut self) {
        let all = self.asleep.iter_mut();
        let uncalled = all.filter(|it| !it.is_called);
        uncalled.filter(|it| it.waits_for_derived()).for_each(|it| {
            it.call();
        });
    }

    fn place(&self, id: u64) -> usize {
        let place = self.ids.iter().position(|its| *its == id);
        place.expect("nobody else takes it off the list")
    }

    fn remove(&mut self, id: u64) -> Blocked {
        let place = self.place(id);
        self.ids.swap_remove(place);
        self.asleep.swap_remove(place)
    }
}

impl Graph {
    /// Takes one off the list.
    pub(super) fn remove(&self, id: u64) -> Blocked {
        self.0.lock().remove(id)
    }

    /// Puts one on the list who must sleep, whatever comes of it. If that makes others wait in vain, they are
    /// woken to be told.
    pub(super) fn add(&self, blocked: Blocked) -> Asleep {
        let held = Held::default();
        let mut entries = self.0.lock();
        let id = entries.add(blocked);
        let place = entries.place(id);
        let is_live = Fixpoint::of(&entries.asleep, &held).is_live(place);
        let pools = if is_live {
            Vec::new()
        } else {
            entries.call_all()
        };
        drop(entries);
        pools.iter().for_each(|pool| pool.look_again());
        Asleep(id)
    }

    /// Has all who sleep ask again: something has come to its end that they may have counted on.
    pub(crate) fn look_again(&self) {
        let pools = self.0.lock().call_all();
        pools.iter().for_each(|pool| pool.look_again());
    }

    /// Has those ask again who sleep for a derived future: one of them depends on others now.
    pub(crate) fn look_again_at_derived(&self) {
        self.0.lock().call_for_derived();
    }

    /// As `look_again_at_derived`, if a worker of this pool sleeps: a step for one of them stands in line for it now.
    pub(crate) fn look_again_behind(&self, pool: u32) {
        let mut entries = self.0.lock();
        if entries.asleep.iter().any(|it| it.is_worker_of(pool)) {
            entries.call_for_derived();
        }
    }
}

/// What comes next for one who asks.
enum Step {
    Sleep,
    /// Run this first.
    Help(Arc<dyn Watched>),
    /// Wake the one at this place to help.
    Call(usize),
    /// Have this pool start a spare worker.
    Spare(Arc<dyn Pool>),
    GiveUp(Deadlock),
}

impl Entries {
    /// What comes next for the one who is known by `id`; the pools that have no spare worker left are
    /// `exhausted`.
    fn next_step(&self, id: u64, exhausted: &[u32], held: &Held) -> Step {
        let own = self.place(id);
        let fixpoint = Fixpoint::of(&self.asleep, held);
        if fixpoint.is_live(own) {
            return Step::Sleep;
        }
        if let Some(target) = self.asleep[own].can_help(held) {
            return Step::Help(target);
        }
        let can_help = |place: &usize| self.asleep[*place].can_help(held).is_some();
        if let Some(place) = fixpoint.dead().find(can_help) {
            return Step::Call(place);
        }
        let mut starved = fixpoint
            .dead()
            .filter_map(|place| self.asleep[place].needs_spare(held));
        match starved.find(|pool| !exhausted.contains(&pool.number())) {
            Some(pool) => Step::Spare(Arc::clone(pool)),
            None => Step::GiveUp(fixpoint.story(own)),
        }
    }
}

impl Blocked {
    /// Decides whether to sleep, and if so puts it on the list.
    pub(super) fn ask(self) -> Verdict {
        let graph = sync::graph();
        // Before the lock, so that it is dropped after it.
        let held = Held::default();
        let mut entries = graph.0.lock();
        // The one who asks is as good as on the list.
        let mut id = entries.add(self);
        let mut exhausted = Vec::new();
        // One who won't sleep must be off the list before anybody else asks, and what it waits for is let go
        // of with no lock held.
        let (verdict, gone) = loop {
            match entries.next_step(id, &exhausted, &held) {
                Step::Sleep => return Verdict::Sleep(Asleep(id)),
                Step::Help(target) => break (Verdict::Help(target), entries.remove(id)),
                Step::GiveUp(deadlock) => {
                    break (Verdict::Dead(Arc::new(deadlock)), entries.remove(id));
                }
                Step::Call(place) => {
                    // It waits for a task, and so by no means of a pool's.
                    entries.asleep[place].call();
                }
                Step::Spare(pool) => {
                    // Starting a thread takes long, so not under the lock; and if none can be started callbacks
                    // run in this one. So it is off the list meanwhile: nobody may take it for dead.
                    let awake = entries.remove(id);
                    drop(entries);
                    let number = pool.number();
                    if !pool.start_spare() {
                        exhausted.push(number);
                    }
                    entries = graph.0.lock();
                    id = entries.add(awake);
                }
            }
        };
        drop(entries);
        drop(gone);
        verdict
    }
}
