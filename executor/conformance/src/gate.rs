//! Holds tasks until it is opened, and says when they have arrived.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

#[derive(Clone, Default)]
pub(crate) struct Gate(Arc<(Mutex<State>, Condvar)>);

#[derive(Default)]
struct State {
    arrived: usize,
    is_open: bool,
}

impl Gate {
    /// To be called by a task: waits until the gate is open.
    pub(crate) fn pass(&self) {
        self.lock().arrived += 1;
        self.0.1.notify_all();
        self.wait_until(|state| state.is_open);
    }

    /// Waits until so many tasks have come.
    pub(crate) fn await_arrivals(&self, count: usize) {
        self.wait_until(|state| state.arrived >= count);
    }

    /// How many tasks have come.
    pub(crate) fn arrived(&self) -> usize {
        self.lock().arrived
    }

    pub(crate) fn open(&self) {
        self.lock().is_open = true;
        self.0.1.notify_all();
    }

    fn wait_until(&self, condition: impl Fn(&State) -> bool) {
        let mut state = self.lock();
        while !condition(&state) {
            state = self.0.1.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
