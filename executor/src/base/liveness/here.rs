//! What a thread is doing: whose worker it is, and which tasks it has begun.

use std::cell::RefCell;
use std::collections::{HashSet, VecDeque};
use std::rc::Rc;

use super::{Blocked, DEEPEST, Held, Pool, Wait, Watched, WhenStarved};
use crate::base::aftermath::ToDo;
use crate::base::counters::Tally;
use crate::base::stack::Stack;
use crate::base::state::State;
use crate::base::waiter::Waiter;
use crate::sync::{self, Arc, thread_local};

thread_local! {
    static HERE: RefCell<Here> = RefCell::new(Here::nowhere());
}

struct Here {
    /// If this thread is a worker.
    member: Option<Membership>,
    /// The tasks that it has begun, each but the first on top of another.
    tasks: Vec<Task>,
    /// How many it runs for who waits for them, one on top of the other: such tasks, and their callbacks.
    helps: usize,
    /// What it has still to do for futures that have ended, each list but the first inside a step of another.
    to_do: Vec<Rc<ToDo>>,
}

struct Membership {
    pool: Arc<dyn Pool>,
    /// Where the thread counts what it runs.
    tally: Arc<Tally>,
    stack: Stack,
    /// The process in which it is one; see [`sync::process_generation`].
    generation: u32,
}

impl Here {
    /// No worker, and none of its tasks.
    fn nowhere() -> Here {
        Here {
            member: None,
            tasks: Vec::new(),
            helps: 0,
            to_do: Vec::new(),
        }
    }

    /// Where the cells are of the derived futures that it has still to end, in order.
    fn derives(&self) -> Vec<usize> {
        let lists = self.to_do.iter();
        let mut derives: Vec<usize> = lists.flat_map(|list| list.derives()).collect();
        derives.sort_unstable();
        derives
    }

    fn pool(&self) -> Option<&Arc<dyn Pool>> {
        self.member.as_ref().map(|member| &member.pool)
    }

    /// Whether there is room on its stack for one more task. In a forked copy of the process there is none: the
    /// original runs it.
    fn can_begin(&self) -> bool {
        let mut members = self.member.iter();
        self.tasks.len() < DEEPEST
            && self.helps < DEEPEST
            && members.all(|member| {
                member.stack.has_half_left() && member.generation == sync::process_generation()
            })
    }
}

/// A task that a thread has begun.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Task {
    /// Where its cell is.
    pub(crate) address: usize,
    pub(crate) name: &'static str,
}

/// Looks at what this thread is doing. One whose thread-local values are being dropped may have no note of that any
/// more: then nothing, for it does nothing that others could wait for.
fn here<R>(look: impl FnOnce(&RefCell<Here>) -> R) -> Option<R> {
    HERE.try_with(look).ok()
}

/// This thread is a worker of a pool from now on, until this is dropped. It has just been started, with a stack
/// of so many bytes.
pub(crate) fn enter_pool(pool: Arc<dyn Pool>, tally: Arc<Tally>, stack_size: usize) -> Member {
    let member = Membership {
        pool,
        tally,
        stack: Stack::begins_here(stack_size),
        generation: sync::process_generation(),
    };
    let before = HERE.with(|here| here.borrow_mut().member.replace(member));
    Member { before }
}

/// That a thread is a pool's worker.
#[must_use]
pub(crate) struct Member {
    before: Option<Membership>,
}

impl Drop for Member {
    fn drop(&mut self) {
        let before = self.before.take();
        let member = HERE.with(|here| std::mem::replace(&mut here.borrow_mut().member, before));
        drop(member);
    }
}

/// Where this thread counts what it runs, if it is a worker.
pub(crate) fn tally_here() -> Option<Arc<Tally>> {
    here(|here| {
        let here = here.borrow();
        let member = here.member.as_ref();
        member.map(|member| Arc::clone(&member.tally))
    })?
}

/// This thread has begun a task, which ends when this is dropped.
pub(crate) fn running(address: usize, name: &'static str) -> Running {
    here(|here| here.borrow_mut().tasks.push(Task { address, name }));
    Running
}

/// That a thread runs a task.
#[must_use]
pub(crate) struct Running;

impl Drop for Running {
    fn drop(&mut self) {
        here(|here| here.borrow_mut().tasks.pop());
    }
}

/// This thread runs what somebody waits for, on top of whatever it does, until this is dropped.
pub(crate) fn helping() -> Helping {
    here(|here| here.borrow_mut().helps += 1);
    Helping
}

/// That a thread runs what somebody waits for.
#[must_use]
pub(crate) struct Helping;

impl Drop for Helping {
    fn drop(&mut self) {
        here(|here| here.borrow_mut().helps -= 1);
    }
}

/// This thread goes through what is to be done for futures that have ended, until this is dropped.
pub(crate) fn going_through(list: &Rc<ToDo>) -> GoingThrough {
    here(|here| here.borrow_mut().to_do.push(Rc::clone(list)));
    GoingThrough
}

/// That a thread goes through such a list.
#[must_use]
pub(crate) struct GoingThrough;

impl Drop for GoingThrough {
    fn drop(&mut self) {
        // The one who goes through the list has it, too, so nothing of the user's is dropped here.
        here(|here| drop(here.borrow_mut().to_do.pop()));
    }
}

/// Whether this thread is a worker, runs a task, or goes through a list.
pub(super) fn is_somewhere() -> bool {
    let is_somewhere = here(|here| {
        let here = here.borrow();
        here.member.is_some() || !here.tasks.is_empty() || !here.to_do.is_empty()
    });
    is_somewhere.unwrap_or(false)
}

/// This thread, as one that is about to sleep.
pub(super) fn blocked(wait: Wait, waiter: Option<&Arc<Waiter>>) -> Blocked {
    HERE.with(|here| {
        let here = here.borrow();
        Blocked {
            pool: here.pool().cloned(),
            tasks: here.tasks.clone(),
            derives: here.derives(),
            wait,
            can_begin: here.can_begin(),
            waiter: waiter.cloned(),
            is_called: false,
        }
    })
}

/// What this thread had better run itself: it waits for just that, or for that among others all of which it
/// needs, and its pool has no worker free for it. Nothing that has callbacks: they would run on top of the task that
/// waits, and to wait for that is no circle where another worker runs them.
pub(super) fn pending_without_worker(wait: &Wait) -> Option<Arc<dyn Watched>> {
    let Wait::All(targets) = wait else {
        return None;
    };
    // Dropped when the note is not looked at any more.
    let held = Held::default();
    HERE.with(|here| {
        let here = here.borrow();
        let pool = here.pool()?;
        let target = pending_in(&**pool, targets, &held)?;
        let helps = pool.when_starved() == WhenStarved::Help && here.can_begin();
        (helps && !pool.has_free_worker() && !target.has_callbacks()).then_some(target)
    })
}

/// The first of these that is pending in a pool, or of those that they are derived from.
pub(super) fn pending_in(
    pool: &dyn Pool,
    targets: &[Arc<dyn Watched>],
    held: &Held,
) -> Option<Arc<dyn Watched>> {
    let mut left: VecDeque<_> = targets.iter().map(Arc::clone).collect();
    let mut seen = HashSet::new();
    while let Some(target) = left.pop_front() {
        let word = target.word();
        if word.state() != State::Pending || !seen.insert(target.address()) {
            continue;
        }
        if word.pool() == pool.number() {
            return Some(target);
        }
        let sources = target.sources();
        left.extend(sources.iter().filter_map(|source| held.future(source)));
    }
    None
}
