//! What is to be done when a future has ended: wakers, callbacks, and what they bring about in turn.
//!
//! A callback of ours may end another future, whose callbacks may end a third: [`then`] makes such
//! chains, and they may be long. So a callback does not run what it brings about. It puts it on a
//! list, and whoever ended the first future goes through the list, on a stack that stays flat.
//!
//! [`then`]: crate::Future::then

use std::collections::VecDeque;
use std::task::Waker;

use super::future::Future;
use super::waiter::{Token, Waiter};
use crate::sync::{self, Arc, bug};

/// A callback that was added to a future. What it brings about it puts on the list.
pub(crate) type Callback<T> = Box<dyn FnOnce(&Future<T>, &mut Aftermath) + Send>;

/// Something that is to be done because a future has ended.
pub(crate) trait Consequence {
    /// Does it. No lock is held, and it does not panic.
    fn happen(self: Box<Self>, aftermath: &mut Aftermath);
}

/// What is still to be done, in its order; but first of all what was held is let go of. A scope waits for that, and
/// a callback may wait for what lies behind the scope.
#[must_use = "somebody has to run it"]
pub(crate) struct Aftermath {
    releases: VecDeque<Box<dyn Consequence>>,
    others: VecDeque<Box<dyn Consequence>>,
}

impl Aftermath {
    pub(crate) fn new() -> Aftermath {
        Aftermath {
            releases: VecDeque::new(),
            others: VecDeque::new(),
        }
    }

    pub(crate) fn push(&mut self, consequence: Box<dyn Consequence>) {
        self.others.push_back(consequence);
    }

    /// Has something be let go of, before anything else is done.
    pub(crate) fn push_release(&mut self, release: Box<dyn Consequence>) {
        self.releases.push_back(release);
    }

    fn next(&mut self) -> Option<Box<dyn Consequence>> {
        let release = self.releases.pop_front();
        release.or_else(|| self.others.pop_front())
    }

    /// Has the callbacks of a future that has ended run when their turn comes.
    pub(crate) fn push_callbacks<T: 'static>(&mut self, callbacks: Callbacks<T>) {
        if let Some(observers) = callbacks.0 {
            self.push(observers);
        }
    }

    /// Goes through the list, to which each step may add.
    pub(crate) fn run(mut self) {
        while let Some(consequence) = self.next() {
            consequence.happen(&mut self);
            if bug!(LeavesTheListEarly) {
                break;
            }
        }
    }
}

/// Whoever wants to be told of the end of a future.
pub(super) struct Observers<T> {
    /// Threads that wait. They are told by whoever ends the future, under no lock of the user's.
    pub(super) waiters: Vec<(Arc<Waiter>, Token)>,
    /// Of those who `.await` it, the newest waker of each, by the number that they were given.
    pub(super) wakers: Vec<(u64, Waker)>,
    pub(super) next_number: u64,
    /// A handle of the callbacks' own; there are none without it.
    pub(super) future: Option<Future<T>>,
    pub(super) callbacks: Vec<Callback<T>>,
}

impl<T> Observers<T> {
    pub(super) fn new() -> Observers<T> {
        Observers {
            waiters: Vec::new(),
            wakers: Vec::new(),
            next_number: 0,
            future: None,
            callbacks: Vec::new(),
        }
    }
}

impl<T> Consequence for Observers<T> {
    /// Wakes the wakers and runs the callbacks, each in the order of adding. One that panics is
    /// reported by the panic hook, and the rest still run.
    fn happen(self: Box<Self>, aftermath: &mut Aftermath) {
        for (_, waker) in self.wakers {
            if bug!(WakesTwice) {
                waker.wake_by_ref();
            }
            drop(sync::catch_unwind(|| waker.wake()));
        }
        let Some(future) = self.future else { return };
        for callback in self.callbacks {
            drop(sync::catch_unwind(|| callback(&future, aftermath)));
        }
        // If nobody else has the future any more, the value's destructor runs here.
        drop(sync::catch_unwind(|| drop(future)));
    }
}

/// The wakers and callbacks of a future that has ended, to be run by whoever holds this.
#[must_use = "somebody has to run them"]
pub(crate) struct Callbacks<T>(Option<Box<Observers<T>>>);

impl<T> Callbacks<T> {
    pub(super) fn of(observers: Option<Box<Observers<T>>>) -> Callbacks<T> {
        Callbacks(observers)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0
            .as_ref()
            .is_none_or(|observers| observers.wakers.is_empty() && observers.callbacks.is_empty())
    }

    /// Wakes those who `.await` the future, before anything else is done.
    pub(crate) fn wake(&mut self) {
        let wakers = self
            .0
            .as_mut()
            .map(|observers| std::mem::take(&mut observers.wakers));
        for (_, waker) in wakers.into_iter().flatten() {
            drop(sync::catch_unwind(|| waker.wake()));
        }
    }

    /// Runs them, and all that they bring about.
    pub(crate) fn run(self) {
        if let Some(observers) = self.0 {
            let mut aftermath = Aftermath::new();
            observers.happen(&mut aftermath);
            aftermath.run();
        }
    }
}
