//! Who is to be told of a future's end: threads that wait, wakers, and callbacks.

use std::num::NonZero;
use std::task::Waker;

use super::aftermath::{Aftermath, Consequence};
use super::future::Future;
use super::waiter::{Token, Waiter};
use crate::sync::{self, Arc, bug};

/// A callback that was added to a future. What it brings about it puts on the list.
pub(crate) struct Callback<T> {
    /// Where the cell is of the derived future that it may end.
    derives: Option<NonZero<usize>>,
    function: CallbackFn<T>,
}

type CallbackFn<T> = Box<dyn FnOnce(&Future<T>, &mut Aftermath) + Send>;

impl<T> Callback<T> {
    pub(super) fn new(
        derives: Option<NonZero<usize>>,
        function: impl FnOnce(&Future<T>, &mut Aftermath) + Send + 'static,
    ) -> Callback<T> {
        Callback {
            derives,
            function: Box::new(function),
        }
    }

    /// Calls it. One that panics is reported by the panic hook.
    pub(super) fn call(self, future: &Future<T>, aftermath: &mut Aftermath) {
        drop(sync::catch_unwind(|| (self.function)(future, aftermath)));
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
    /// Where the cells are of derived futures that were cancelled, whose callbacks may be on the list yet. (No other
    /// comes to lie there while they are.)
    called_off: Vec<usize>,
}

impl<T> Observers<T> {
    pub(super) fn new() -> Observers<T> {
        Observers {
            waiters: Vec::new(),
            wakers: Vec::new(),
            next_number: 0,
            future: None,
            callbacks: Vec::new(),
            called_off: Vec::new(),
        }
    }

    /// The derived future at this address, whose callback is on the list, was cancelled. Now and then takes off all
    /// callbacks that have nothing to do any more: when they are the half, so that each costs as much as putting it
    /// there did. They are to be dropped when no lock is held.
    pub(super) fn forget(&mut self, derived: usize) -> Forgotten<T> {
        self.called_off.push(derived);
        if self.called_off.len() * 2 < self.callbacks.len() {
            return Forgotten::default();
        }
        let mut called_off = std::mem::take(&mut self.called_off);
        called_off.sort_unstable();
        let has_use = |callback: &Callback<T>| {
            let derives = callback.derives.map(NonZero::get);
            derives.is_none_or(|address| called_off.binary_search(&address).is_err())
        };
        let callbacks = std::mem::take(&mut self.callbacks).into_iter();
        let (kept, callbacks) = callbacks.partition(has_use);
        self.callbacks = kept;
        let future = if self.callbacks.is_empty() {
            self.future.take()
        } else {
            None
        };
        Forgotten { callbacks, future }
    }
}

/// Callbacks that were taken off a list, and if none is left there the handle that they had together.
pub(super) struct Forgotten<T> {
    callbacks: Vec<Callback<T>>,
    future: Option<Future<T>>,
}

impl<T> Default for Forgotten<T> {
    fn default() -> Self {
        Forgotten {
            callbacks: Vec::new(),
            future: None,
        }
    }
}

impl<T> Drop for Forgotten<T> {
    fn drop(&mut self) {
        self.callbacks.clear();
        let future = self.future.take();
        // If nobody else has the future any more, and it has ended meanwhile, the value's destructor runs here.
        drop(sync::catch_unwind(|| drop(future)));
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
            let derives = callback.derives.is_some();
            callback.call(&future, aftermath);
            if derives {
                aftermath.callback_has_returned();
            }
        }
        // If nobody else has the future any more, the value's destructor runs here.
        drop(sync::catch_unwind(|| drop(future)));
    }

    fn derives(&self) -> Vec<usize> {
        let callbacks = self.callbacks.iter();
        let derives = callbacks.filter_map(|it| it.derives);
        derives.map(NonZero::get).collect()
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

    /// Where the cells are of the derived futures that they may end.
    pub(crate) fn derives(&self) -> Vec<usize> {
        let observers = self.0.as_ref();
        observers.map_or_else(Vec::new, |observers| observers.derives())
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

    /// Has them run when their turn comes.
    pub(crate) fn put_on(self, aftermath: &mut Aftermath)
    where
        T: 'static,
    {
        if let Some(observers) = self.0 {
            aftermath.push(observers);
        }
    }

    /// Runs them, and all that they bring about.
    pub(crate) fn run(self)
    where
        T: 'static,
    {
        self.run_after(|| {});
    }

    /// As `run`, after something else that may be the user's.
    pub(crate) fn run_after(self, first: impl FnOnce())
    where
        T: 'static,
    {
        let Some(observers) = self.0 else {
            return first();
        };
        let mut aftermath = Aftermath::new();
        if observers.derives().is_empty() {
            // Then there is nothing behind any of them: no list need be made for others to look at.
            first();
            observers.happen(&mut aftermath);
            aftermath.run();
        } else {
            aftermath.push(observers);
            aftermath.run_after(first);
        }
    }
}
