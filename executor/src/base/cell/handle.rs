//! The reading end of a cell, whose body it does not know: what futures are made of.
//!
//! Who may read and take the outcome, and why, is said at the head of `cell.rs`.

#![expect(unsafe_code, reason = "reads and takes the outcome of a finished cell")]

use std::marker::PhantomData;
use std::task::Waker;

use super::Shared;
use crate::base::aftermath::Aftermath;
use crate::base::core::Core;
use crate::base::error::TaskError;
use crate::base::future::Future;
use crate::base::liveness::Watched;
use crate::base::observers::Callback;
use crate::base::state::State;
use crate::base::waiter::{Token, Waiter};
use crate::sync::{Arc, Deadline, bug};

/// A reading end.
pub(crate) struct Handle<T> {
    shared: Arc<dyn Shared<T>>,
    /// Takes away the automatic `Send` and `Sync`; the two lines below say when they hold.
    not_shared_without_sync: PhantomData<*const T>,
}

// SAFETY: a handle that moves to another thread takes along the right to read, take and drop the
// `T`; a second handle, which would let two threads read it, exists only if `T: Sync`.
unsafe impl<T: Send> Send for Handle<T> {}
// SAFETY: threads that share a handle read the `T` together, and may clone the handle and so come
// to drop the `T`.
unsafe impl<T: Send + Sync> Sync for Handle<T> {}

impl<T: Sync> Clone for Handle<T> {
    fn clone(&self) -> Self {
        self.core().add_handle();
        Handle {
            shared: Arc::clone(&self.shared),
            not_shared_without_sync: PhantomData,
        }
    }
}

impl<T> Drop for Handle<T> {
    fn drop(&mut self) {
        if self.core().remove_handle() && self.core().state() == State::Finished {
            // A queue may have the cell for much longer, of a task that whoever waited for it has run. (What a
            // cancelled one holds is its canceller's.)
            // SAFETY: the state was seen, and this was the last handle.
            unsafe { self.shared.drop_outcome() };
        }
    }
}

impl<T> Handle<T> {
    /// The first handle of a cell, which is counted already.
    pub(super) fn new(shared: Arc<dyn Shared<T>>) -> Handle<T> {
        Handle {
            shared,
            not_shared_without_sync: PhantomData,
        }
    }

    fn core(&self) -> &Core<T> {
        self.shared.core()
    }

    pub(crate) fn state(&self) -> State {
        self.shared.state()
    }

    /// Whether the future has ended; cheaper than the state.
    pub(crate) fn done(&self) -> bool {
        self.core().state().is_final()
    }

    /// Watches for the end for a moment, before the caller sleeps; whether it has come.
    pub(crate) fn watch(&self, deadline: Option<Deadline>) -> bool {
        self.shared.watch(deadline)
    }

    pub(crate) fn watched(&self) -> Arc<dyn Watched> {
        Arc::clone(&self.shared).watched()
    }

    /// Where the cell is; two handles of one cell give the same.
    pub(crate) fn address(&self) -> *const () {
        std::ptr::from_ref(self.core()).cast()
    }

    pub(crate) fn cancel(&self) -> bool {
        let mut aftermath = Aftermath::new();
        let cancelled = self.cancel_into(&mut aftermath);
        aftermath.run();
        cancelled
    }

    /// As `cancel`, for a caller that runs the callbacks when their turn comes.
    pub(crate) fn cancel_into(&self, aftermath: &mut Aftermath) -> bool {
        self.shared.cancel(aftermath)
    }

    /// The outcome, if there is one.
    pub(crate) fn outcome(&self) -> Option<Result<&T, TaskError>> {
        match self.core().state() {
            State::Pending | State::Running => None,
            State::Cancelled => Some(Err(TaskError::Cancelled)),
            State::Finished => {
                // SAFETY: the state was seen, and the reference borrows from this handle.
                let outcome = unsafe { self.shared.outcome() };
                Some(outcome.as_ref().map_err(Clone::clone))
            }
        }
    }

    /// Moves the outcome out, if the future has ended and this is the only handle.
    pub(crate) fn try_take(self) -> Result<Result<T, TaskError>, Self> {
        match self.core().state() {
            State::Cancelled => Ok(Err(TaskError::Cancelled)),
            State::Finished if self.core().has_one_handle() => {
                // SAFETY: the state was seen, `self` is the only handle and ends here.
                Ok(unsafe { self.shared.take_outcome() })
            }
            State::Pending | State::Running | State::Finished => Err(self),
        }
    }

    /// Has `waiter` told `token` at the end; false if the future has ended.
    pub(crate) fn register_waiter(&self, waiter: &Arc<Waiter>, token: Token) -> bool {
        let registered = self.core().register(
            |observers| {
                if bug!(HasRoomForOneWaiter) {
                    observers.waiters.clear();
                }
                observers.waiters.push((Arc::clone(waiter), token));
            },
            |observers, ()| observers.waiters.pop(),
        );
        registered.is_ok()
    }

    /// Takes `waiter` off the list, if it is still on it.
    pub(crate) fn unregister_waiter(&self, waiter: &Arc<Waiter>) {
        self.core().unregister(waiter);
    }

    /// Has `waker` woken at the end, in the place of the one that this number stands for; false if
    /// the future has ended.
    pub(crate) fn register_waker(&self, number: &mut Option<u64>, waker: Waker) -> bool {
        self.core().register_waker(number, waker)
    }

    /// Takes a waker off the list, if it is still on it.
    pub(crate) fn unregister_waker(&self, number: u64) {
        self.core().unregister_waker(number);
    }

    /// Has `callback` run at the end; gives it back if the future has ended.
    pub(crate) fn register_callback(&self, callback: Callback<T>) -> Result<(), Callback<T>>
    where
        T: Send + Sync,
    {
        // The callbacks hold a handle of their own, made before the end can be seen, so that the
        // value can't be taken from under them. That is a circle of references for as long as the
        // task is unfinished; each writing end finishes what it drops, which breaks it. Making and
        // dropping that handle under the lock runs no code of the user's: ours is another one.
        let registered = self.core().register(
            |observers| {
                let future = &mut observers.future;
                future.get_or_insert_with(|| Future::from_handle(self.clone()));
                observers.callbacks.push(callback);
            },
            |observers, ()| {
                let callback = observers.callbacks.pop();
                if observers.callbacks.is_empty() && !bug!(KeepsItsHandle) {
                    observers.future = None;
                }
                callback
            },
        );
        match registered {
            Err(Some(callback)) => Err(callback),
            Err(None) | Ok(()) => Ok(()),
        }
    }
}
