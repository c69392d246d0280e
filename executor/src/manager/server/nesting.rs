//! Calls within calls: code that runs in a call on an object may ask other objects of its manager.
//!
//! It does so as a client, over a connection of its thread's own, and sends along which objects are
//! locked for it. So a circle can be told when it closes: an object is asked that is locked for the
//! asker itself, or two calls wait for each other's objects. The one who closes it gets an error.

use std::cell::RefCell;
use std::ops::{Deref, DerefMut};
use std::sync::{Mutex, MutexGuard, PoisonError, TryLockError};

use crate::manager::error::ManagerError;

thread_local! {
    /// The objects that are locked for what this thread runs.
    static LOCKED: RefCell<Vec<u64>> = const { RefCell::new(Vec::new()) };
}

/// Those who wait for an object while others are locked for them. Nobody else can close a circle.
static WAITS: Mutex<Vec<Wait>> = Mutex::new(Vec::new());

struct Wait {
    locked: Vec<u64>,
    wanted: u64,
}

/// The objects that are locked for what this thread runs.
pub(in crate::manager) fn locked() -> Vec<u64> {
    LOCKED
        .try_with(|locked| locked.borrow().clone())
        .unwrap_or_default()
}

/// The objects that are locked for somebody who asks.
#[derive(Debug)]
pub(super) struct Nesting {
    locked: Vec<u64>,
}

impl Nesting {
    pub(super) fn none() -> Nesting {
        Nesting { locked: Vec::new() }
    }

    pub(super) fn of(locked: Vec<u64>) -> Nesting {
        Nesting { locked }
    }

    /// Locks an object if nobody has it just now.
    pub(super) fn try_enter<'a, T>(&self, id: u64, state: &'a Mutex<T>) -> Option<Entered<'a, T>> {
        match state.try_lock() {
            Ok(state) => Some(self.entered(id, state)),
            // No code of the user's panics under it uncaught.
            Err(TryLockError::Poisoned(state)) => Some(self.entered(id, state.into_inner())),
            Err(TryLockError::WouldBlock) => None,
        }
    }

    /// Locks an object.
    ///
    /// # Errors
    ///
    /// To wait for it would close a circle.
    pub(super) fn enter<'a, T>(
        &self,
        id: u64,
        state: &'a Mutex<T>,
    ) -> Result<Entered<'a, T>, ManagerError> {
        if let Some(entered) = self.try_enter(id, state) {
            return Ok(entered);
        }
        let _wait = self.announce(id)?;
        let state = state.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(self.entered(id, state))
    }

    fn entered<'a, T>(&self, id: u64, state: MutexGuard<'a, T>) -> Entered<'a, T> {
        let before = LOCKED.with_borrow_mut(|locked| {
            let before = locked.len();
            locked.extend_from_slice(&self.locked);
            locked.push(id);
            before
        });
        Entered { state, before }
    }

    fn announce(&self, wanted: u64) -> Result<Option<Announced>, ManagerError> {
        if self.locked.is_empty() {
            return Ok(None);
        }
        let mut waits = WAITS.lock().unwrap_or_else(PoisonError::into_inner);
        if self.closes_a_circle(wanted, &waits) {
            return Err(ManagerError::Deadlock(
                "a call on an object waits for an object that is locked for the call itself, or for \
                 another call that waits for this one"
                    .to_owned(),
            ));
        }
        waits.push(Wait {
            locked: self.locked.clone(),
            wanted,
        });
        Ok(Some(Announced {
            locked: self.locked.clone(),
        }))
    }

    fn closes_a_circle(&self, wanted: u64, waits: &[Wait]) -> bool {
        let mut seen = vec![wanted];
        let mut next = 0;
        while let Some(object) = seen.get(next).copied() {
            if self.locked.contains(&object) {
                return true;
            }
            for wait in waits.iter().filter(|wait| wait.locked.contains(&object)) {
                if !seen.contains(&wait.wanted) {
                    seen.push(wait.wanted);
                }
            }
            next += 1;
        }
        false
    }
}

/// A wait that the others know of. What is locked for one call is locked for no other, so it says
/// whose wait it is.
struct Announced {
    locked: Vec<u64>,
}

impl Drop for Announced {
    fn drop(&mut self) {
        let mut waits = WAITS.lock().unwrap_or_else(PoisonError::into_inner);
        waits.retain(|wait| wait.locked != self.locked);
    }
}

/// An object that is locked for what this thread runs.
pub(super) struct Entered<'a, T> {
    state: MutexGuard<'a, T>,
    /// How many objects were locked for this thread before.
    before: usize,
}

impl<T> Deref for Entered<'_, T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.state
    }
}

impl<T> DerefMut for Entered<'_, T> {
    fn deref_mut(&mut self) -> &mut T {
        &mut self.state
    }
}

impl<T> Drop for Entered<'_, T> {
    fn drop(&mut self) {
        LOCKED.with_borrow_mut(|locked| locked.truncate(self.before));
    }
}
