//! Futures that somebody looks at while it holds a lock.

use std::cell::RefCell;
use std::collections::HashMap;

use super::Watched;
use crate::base::source::Source;
use crate::sync::{self, Arc};

/// The futures that others are derived from, as far as somebody has looked at them, by their addresses.
///
/// Whoever looks at one may be the last to let go of it, and so drop its value, which is the user's code: so
/// they are kept here, and this is dropped when no lock is held. Until then no other future comes to lie at
/// one of their addresses.
#[derive(Default)]
pub(crate) struct Held(RefCell<HashMap<usize, Arc<dyn Watched>>>);

impl Held {
    /// As `future`, if it was not looked at before.
    pub(crate) fn first(&self, source: &Source) -> Option<Arc<dyn Watched>> {
        let future = source.future()?;
        let before = self
            .0
            .borrow_mut()
            .insert(future.address(), Arc::clone(&future));
        before.is_none().then_some(future)
    }

    /// The future, if anybody still has it or is to end it.
    pub(crate) fn future(&self, source: &Source) -> Option<Arc<dyn Watched>> {
        let future = source.future()?;
        let mut held = self.0.borrow_mut();
        let first = held.entry(future.address());
        Some(Arc::clone(first.or_insert(future)))
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        for (_, future) in self.0.take() {
            // A value whose destructor panics shall not end somebody else's wait; the panic hook has reported it.
            drop(sync::catch_unwind(|| drop(future)));
        }
    }
}
