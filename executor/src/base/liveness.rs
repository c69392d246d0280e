//! Whether a wait can still end, and what is done if it can't.
//!
//! A task that waits for another one takes its worker away from all others, so tasks can come to wait in a
//! circle, or for workers that all wait. A thread that is about to sleep in a wait, inside a task, on a worker
//! or in a callback behind which futures are derived, asks here first; nobody else ever does. So waits outside cost
//! nothing, and tasks that never wait cost a note of which task the thread runs.
//!
//! # Who is blocked, and who is live
//!
//! Those who sleep are on one list, the [`Graph`]: each with the pool whose worker it is, the tasks that
//! its thread has begun, one on top of the other, the derived futures that it is to end when its callback has
//! returned, and what it waits for. All who are not on the list are
//! *live*: they run, or they sleep for a time that passes. From there it is the least fixpoint of these rules:
//!
//! ```text
//! one who waits is live      if all that it waits for are, or one of them where one is enough
//! a future that has ended    is live
//! one that is running        is as live as the thread that runs it
//! one that is pending        is live if its pool has a worker that is live; and if it has no pool:
//!                            somebody holds its promise, and may be anybody
//! one that is derived        is live if one that it is made from is, and was not before: that may fail; if one
//!                            who has a step to make for it is; or if somebody has who does not sleep
//! the end of a pool          is live if each of its workers is
//! room in a pool's queue     is live if one of its workers is
//! ```
//!
//! A task that ends, a promise that is finished and a cancel can only make others live. What can make
//! them dead is that somebody goes to sleep; and whoever does asks first, under the list's lock, as if it
//! were on the list already. So it is always the last one of a circle that finds out, and nobody who
//! sleeps has to be told. There are four exceptions, in which those who sleep [look
//! again](Graph::look_again): a worker that could not be started after all, a derived future that depends on
//! others now, one whose callback comes to stand in line for a [thread](super::callback_thread) that sleeps, and the
//! end of a scope, which can't be left out.
//!
//! # What is done for a dead wait
//!
//! 1. If what the thread waits for is pending in its own pool, it runs exactly that itself, on top of its own
//!    task: it could not go on before that has ended anyway. (It does so without asking, where the pool
//!    has no free worker; but not if that has callbacks, which another thread would run beside the waiting task,
//!    and which may wait for it.) Never another task: one that needs what the waiter holds would hang both.
//! 2. If another one who sleeps could do that, it is woken to do it.
//! 3. If either could but for how deep its tasks are stacked already, the pool starts a spare worker.
//! 4. Otherwise the wait fails, and its error says who waits for whom. Its task can go on, so the
//!    others of the circle are live again.
//!
//! No wait fails that could have ended by itself, but for four exceptions that are listed below. That somebody
//! outside may come and cancel a task of the circle is not waited for.
//!
//! # What is not seen
//!
//! * Waits for anything else: locks, channels, promises, rayon's own. Whoever is in one is live.
//! * The code of arguments that are being encoded for a process pool, and of results that are decoded: the end of
//!   the pool waits for them, and whoever waits for that is live.
//! * Destructors of thread-local values, for which the end of a pool waits, too.
//! * Destructors of what a task has captured or left: what they wait for may be what they keep from being made.
//! * A promise that only the task below could finish, where one of several was waited for and run on top of it.
//!
//! Told although it could have ended: a task of a scope on a pool that does not help, which waits for another
//! one of the scope that the scope's own thread would have come to; one who waits for room, where that thread
//! would have made it by running a task of its own; a callback that waits for the task below it, if it was added when
//! what ends there was being run on top of that already; and one who asks in the moment in which
//! [`flatten`](crate::Future::flatten) finds its cycle (it is told of a deadlock instead of the cycle).

use super::deadlock::Deadlock;
use super::source::Source;
use super::state::Word;
use super::waiter::{Token, Waiter};
use crate::sync::{self, Arc, Condvar, Deadline, Mutex};

mod blocked;
mod fixpoint;
mod graph;
mod held;
mod here;

pub(crate) use blocked::Blocked;
pub(crate) use fixpoint::Fixpoint;
pub(crate) use graph::Graph;
pub(crate) use held::Held;
#[cfg(test)]
pub(crate) use here::Task;
pub(crate) use here::{Running, enter_pool, going_through, helping, running, tally_here};

/// How many tasks a thread may have begun, one on top of the other, to begin one more; and how many of those
/// may be in their callbacks.
const DEEPEST: usize = 64;

/// A pool, as far as others depend on its workers. In a forked copy of the process it has none, and takes no
/// lock to say so.
pub(crate) trait Pool: Send + Sync {
    /// What its tasks' words say; not zero.
    fn number(&self) -> u32;

    /// What it is called.
    fn name(&self) -> String;

    /// How many workers it has, counting those that are being started, and one that can be: whoever has taken a
    /// place in its queue may not have queued its task yet, with which that one is started.
    fn workers(&self) -> usize;

    /// Whether a worker is free to take a task, or is being started or can be.
    fn has_free_worker(&self) -> bool;

    /// Whether there is room in its queue, if that has a limit, or nothing is accepted any more.
    fn has_room(&self) -> bool;

    /// What it does for a task that waits for another one, which no worker is left to run.
    fn when_starved(&self) -> WhenStarved;

    /// Starts one worker more than it should have; false if it can't.
    fn start_spare(self: Arc<Self>) -> bool;

    /// Has all ask again who sleep for its end or for room in its queue. The list's lock is not held.
    fn look_again(&self);

    /// How many steps for the derived future at this address stand in line for its only worker, if it is one for
    /// which callbacks do.
    fn steps_in_line(&self, _address: usize) -> usize {
        0
    }
}

/// What a pool does for a task that waits for another one of the same pool when all its workers are busy.
///
/// # Example
///
/// ```
/// use executor::{TaskError, ThreadPoolExecutor, WhenStarved};
/// use std::sync::Arc;
///
/// # fn main() -> Result<(), executor::Error> {
/// let parent = |pool: Arc<ThreadPoolExecutor>| {
///     let child = pool.submit(|| 42, ()).expect("the pool is open");
///     child.into_result()
/// };
/// let helping = Arc::new(ThreadPoolExecutor::new(1)?);
/// let outcome = helping.submit(parent, (Arc::clone(&helping),))?.into_result()?;
/// assert_eq!(outcome?, 42);
///
/// let strict = ThreadPoolExecutor::builder().max_workers(1).when_starved(WhenStarved::Fail);
/// let strict = Arc::new(strict.build()?);
/// let outcome = strict.submit(parent, (Arc::clone(&strict),))?.into_result()?;
/// assert!(matches!(outcome, Err(TaskError::Deadlock(_))));
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum WhenStarved {
    /// The thread that waits runs what it waits for itself, on top of its own task: exactly that, and
    /// nothing else that is queued. The two share what belongs to the thread, such as thread-locals, and a
    /// lock that the waiting task holds is not free for the other one, nor is a promise finished that the
    /// waiting one would finish later. A wait that is limited in time does not do so.
    ///
    /// Nor does a thread on which 64 tasks are stacked, or that has used half of its
    /// [stack](crate::ThreadPoolBuilder::stack_size). A pool of threads then starts a spare worker, up to 64 of
    /// them, which are workers like the others from then on; where there are no more, and on rayon, the wait fails
    /// with [`TaskError::Deadlock`](crate::TaskError::Deadlock).
    #[default]
    Help,
    /// Nothing: if no other worker can come free, the wait fails with
    /// [`TaskError::Deadlock`](crate::TaskError::Deadlock).
    Fail,
}

/// What somebody waits for, as far as it matters whether it can come.
pub(crate) trait Watched: Send + Sync {
    /// Where its cell is; two of one cell give the same.
    fn address(&self) -> usize;

    /// Its state, and the pool that it is pending in.
    fn word(&self) -> Word;

    /// What its task is called.
    fn name(&self) -> &'static str;

    /// Runs its task in this thread, if that is still pending and is one of this process.
    fn run_here(self: Arc<Self>);

    /// The futures that must end before it can, if it is one that others bring about.
    fn sources(&self) -> Vec<Source>;

    /// How many steps are still to be made before it ends, if it is such a one: by each of those who end its
    /// sources, or by whoever has what they left.
    fn steps_left(&self) -> usize;

    /// Whether callbacks are to run when it ends.
    fn has_callbacks(&self) -> bool;

    /// Lets go, sooner or later, of what it keeps for the derived future at this address, which was cancelled.
    fn forget(&self, derived: usize);
}

/// What a thread is about to sleep for.
pub(crate) enum Wait {
    /// All of these.
    All(Vec<Arc<dyn Watched>>),
    /// One of these.
    Any(Vec<Arc<dyn Watched>>),
    /// That all workers of a pool have left, which has been closed.
    End(Arc<dyn Pool>),
    /// That a worker of a pool takes a task out of its queue.
    Room(Arc<dyn Pool>),
}

impl Wait {
    fn targets(&self) -> &[Arc<dyn Watched>] {
        match self {
            Wait::All(targets) | Wait::Any(targets) => targets,
            Wait::End(_) | Wait::Room(_) => &[],
        }
    }
}

/// What is to be done instead of sleeping at once.
pub(crate) enum Verdict {
    /// Sleep, and drop this when awake.
    Sleep(Asleep),
    /// Run this first.
    Help(Arc<dyn Watched>),
    /// Give up.
    Dead(Arc<Deadlock>),
}

/// A number that no other pool has, for [`Pool::number`].
pub(crate) fn new_pool_number() -> u32 {
    // Two of more pools than there are numbers are taken for one, which then seems to have more workers.
    1 + (sync::next_number() % Word::LAST_POOL as usize) as u32
}

/// A thread's place on the list of those who sleep.
pub(crate) struct Asleep(u64);

impl Drop for Asleep {
    fn drop(&mut self) {
        let gone = sync::graph().remove(self.0);
        // What it waited for is let go of with no lock held.
        drop(gone);
    }
}

/// Whether the calling thread is a worker, runs a task or has a list to go through, so that others may wait for it.
pub(crate) fn concerns_this_thread() -> bool {
    here::is_somewhere() && sync::asks_for_deadlocks()
}

/// Runs what this thread is about to wait for, if it is pending in the thread's own pool and no worker is
/// free to take it; whether it has.
pub(crate) fn run_if_starved(target: impl FnOnce() -> Arc<dyn Watched>) -> bool {
    if !concerns_this_thread() {
        return false;
    }
    let starved = here::pending_without_worker(&Wait::All(vec![target()]));
    let is_starved = starved.is_some();
    if let Some(target) = starved {
        target.run_here();
    }
    is_starved
}

/// Waits for the waiter's next token, as [`Waiter::next`] does; inside a task that sleeps for as long as it
/// takes, only if the wait can end. `wait` says what is waited for.
///
/// # Errors
///
/// The wait can't end.
pub(crate) fn next(
    waiter: &Arc<Waiter>,
    deadline: Option<Deadline>,
    wait: impl Fn() -> Wait,
) -> Result<Option<Token>, Arc<Deadlock>> {
    if deadline.is_some() || !concerns_this_thread() {
        return Ok(waiter.next(deadline));
    }
    loop {
        if let Some(token) = waiter.take() {
            return Ok(Some(token));
        }
        let wait = wait();
        if let Some(target) = here::pending_without_worker(&wait) {
            target.run_here();
            continue;
        }
        match here::blocked(wait, Some(waiter)).ask() {
            Verdict::Sleep(asleep) => {
                waiter.sleep();
                drop(asleep);
            }
            Verdict::Help(target) => target.run_here(),
            Verdict::Dead(deadlock) => return Err(deadlock),
        }
    }
}

/// Calls `sleep`, which waits for the end of a pool or for room in it, unless that would be for ever. It must
/// return when the pool is to have those [look again](Pool::look_again) who sleep so.
///
/// # Errors
///
/// It would, and was not called.
pub(crate) fn sleep_for<R>(
    deadline: Option<Deadline>,
    wait: Wait,
    sleep: impl FnOnce() -> R,
) -> Result<R, Arc<Deadlock>> {
    if deadline.is_some() || !concerns_this_thread() {
        return Ok(sleep());
    }
    match here::blocked(wait, None).ask() {
        Verdict::Sleep(asleep) => {
            let outcome = sleep();
            drop(asleep);
            Ok(outcome)
        }
        Verdict::Help(_) => unreachable!("a pool is no task that could be run here"),
        Verdict::Dead(deadlock) => Err(deadlock),
    }
}

/// Waits for the end of a pool, unless that would be for ever; false if the deadline passed first. `state` says whether
/// the end has come, and how often those who wait for it were to [look again](Pool::look_again); they sleep at `ended`.
///
/// # Errors
///
/// It would; then it does not.
pub(crate) fn sleep_until_end<P: Pool + 'static, S>(
    pool: &Arc<P>,
    deadline: Option<Deadline>,
    state: &Mutex<S>,
    ended: &Condvar,
    has_ended: impl Fn(&S) -> bool,
    looks: impl Fn(&S) -> u64,
) -> Result<bool, Arc<Deadlock>> {
    // Nothing if it is to look again, more often than it was before it asked.
    let sleep = |before: u64| {
        let mut guard = state.lock();
        while !has_ended(&guard) {
            if looks(&guard) != before {
                return None;
            }
            guard = match deadline {
                None => ended.wait(guard),
                Some(deadline) => {
                    let (guard, is_late) = ended.wait_until(guard, deadline);
                    if is_late {
                        return Some(has_ended(&guard));
                    }
                    guard
                }
            };
        }
        Some(true)
    };
    loop {
        let before = looks(&state.lock());
        let pool: Arc<P> = Arc::clone(pool);
        let outcome = sleep_for(deadline, Wait::End(pool), || sleep(before))?;
        if let Some(has_ended) = outcome {
            return Ok(has_ended);
        }
    }
}

/// Calls `sleep`, which can't be left out. Those who could never end because of that are told, so that it ends.
pub(crate) fn sleep_in_any_case<R>(wait: impl FnOnce() -> Wait, sleep: impl FnOnce() -> R) -> R {
    if !concerns_this_thread() {
        return sleep();
    }
    let asleep = sync::graph().add(here::blocked(wait(), None));
    let outcome = sleep();
    drop(asleep);
    outcome
}
