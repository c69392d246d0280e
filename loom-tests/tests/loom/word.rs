//! A word to sleep on, as `executor/src/shared/word.rs`, made of loom's types.
//!
//! What differs there, and why:
//!
//! * The word and its sleepers are a mutex and a condition variable. So an operation on it synchronises
//!   with every other one, as SeqCst ones of the real word do, and the look and the falling asleep are
//!   one step, as in the kernel.
//! * A timed sleep lets others run and then says that it timed out.

use std::time::Duration;

use crate::sync::{self, Condvar, Mutex};

/// A moment that comes when the search wants it to.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Deadline(sync::Deadline);

impl Deadline {
    pub(crate) fn some() -> Option<Deadline> {
        sync::Deadline::after(Duration::ZERO).map(Deadline)
    }
}

/// A number that threads change and sleep on.
#[derive(Debug)]
pub(crate) struct Word {
    value: Mutex<u32>,
    changed: Condvar,
}

impl Word {
    pub(crate) fn new(value: u32) -> Word {
        Word {
            value: Mutex::new(value),
            changed: Condvar::new(),
        }
    }

    pub(crate) fn load(&self) -> u32 {
        *self.value.lock()
    }

    pub(crate) fn store(&self, value: u32) {
        *self.value.lock() = value;
    }

    pub(crate) fn compare_exchange(&self, current: u32, new: u32) -> bool {
        let mut value = self.value.lock();
        let is_current = *value == current;
        if is_current {
            *value = new;
        }
        is_current
    }

    pub(crate) fn fetch_add(&self, more: u32) -> u32 {
        let mut value = self.value.lock();
        let before = *value;
        *value = before.wrapping_add(more);
        before
    }

    pub(crate) fn fetch_sub(&self, less: u32) -> u32 {
        self.fetch_add(less.wrapping_neg())
    }

    pub(crate) fn wait(&self, expected: u32, deadline: Option<Deadline>) -> bool {
        let value = self.value.lock();
        if *value != expected {
            return true;
        }
        match deadline {
            None => {
                drop(self.changed.wait(value));
                true
            }
            Some(deadline) => !self.changed.wait_until(value, deadline.0).1,
        }
    }

    pub(crate) fn wake(&self, count: u32) {
        if count == u32::MAX {
            return self.wake_all();
        }
        for _ in 0..count {
            self.changed.notify_one();
        }
    }

    pub(crate) fn wake_all(&self) {
        self.changed.notify_all();
    }
}
