//! A thread that sleeps, and what could get it on.

use super::here::{Task, pending_in};
use super::{Held, Pool, Wait, Watched, WhenStarved};
use crate::base::waiter::Waiter;
use crate::sync::Arc;

/// A thread that sleeps, or is about to.
pub(crate) struct Blocked {
    /// The pool whose worker it is.
    pub(crate) pool: Option<Arc<dyn Pool>>,
    /// The tasks that it has begun; the last one is the one that waits.
    pub(crate) tasks: Vec<Task>,
    /// Where the cells are of the derived futures that it has still steps to make for, in order, and once for each.
    pub(crate) derives: Vec<usize>,
    /// Whether there is room on its stack for another one.
    pub(crate) can_begin: bool,
    pub(crate) wait: Wait,
    /// How it can be woken to look again, if what it waits for can be run by itself.
    pub(crate) waiter: Option<Arc<Waiter>>,
    /// Whether it was woken to look again, so that it is as good as awake.
    pub(crate) is_called: bool,
}

impl Blocked {
    /// Wakes it to look again, if it can be woken. If it sleeps where a pool can wake it, which needs locks that
    /// such a one holds when it asks, gives that pool: the caller has it do so when it holds no lock.
    pub(super) fn call(&mut self) -> Option<Arc<dyn Pool>> {
        if let Some(waiter) = &self.waiter {
            self.is_called = true;
            waiter.look_again();
        }
        match &self.wait {
            Wait::End(pool) | Wait::Room(pool) => {
                self.is_called = true;
                Some(Arc::clone(pool))
            }
            Wait::All(_) | Wait::Any(_) => None,
        }
    }

    /// What it could run itself to get on.
    pub(super) fn can_help(&self, held: &Held) -> Option<Arc<dyn Watched>> {
        let target = self.starved(held)?;
        self.can_begin.then_some(target)
    }

    /// The pool that could start another worker for it to get on.
    pub(super) fn needs_spare(&self, held: &Held) -> Option<&Arc<dyn Pool>> {
        self.starved(held)?;
        self.pool.as_ref()
    }

    /// What it waits for that its own pool has no worker for.
    fn starved(&self, held: &Held) -> Option<Arc<dyn Watched>> {
        let pool = self.pool.as_ref()?;
        let helps = self.waiter.is_some() && pool.when_starved() == WhenStarved::Help;
        pending_in(&**pool, self.wait.targets(), held).filter(|_| helps)
    }

    pub(super) fn waits_for_derived(&self) -> bool {
        let mut targets = self.wait.targets().iter();
        targets.any(|target| !target.sources().is_empty())
    }

    pub(super) fn is_worker_of(&self, pool: u32) -> bool {
        self.pool.as_ref().is_some_and(|its| its.number() == pool)
    }

    /// What it is called: its last task, and those below.
    pub(super) fn describe(&self) -> String {
        let mut tasks = self.tasks.iter().rev();
        let Some(last) = tasks.next() else {
            return match &self.pool {
                Some(pool) => format!(
                    "a callback, destructor or initializer on a thread of {}",
                    pool.name()
                ),
                None => "a callback on a thread of no pool".to_owned(),
            };
        };
        let mut text = describe(last.name, last.address);
        for task in tasks {
            text += &format!(", on top of {}", describe(task.name, task.address));
        }
        text
    }
}

/// What a task is called, and what its future shows.
pub(super) fn describe(name: &str, address: usize) -> String {
    format!("task {name} (future at {address:#x})")
}
