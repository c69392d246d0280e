//! What a future waits for: the futures that it is derived from.
//!
//! [`Watched::sources`] is the one place where that can be asked. A future that a task or a promise ends
//! has no sources; one that [`then`], [`flatten`] or [`collect`] has made has those that must end
//! before it can, until it has what it needs of them.
//!
//! [`then`]: crate::Future::then
//! [`flatten`]: crate::Future::flatten
//! [`collect`]: crate::collect

use std::collections::HashSet;

use super::liveness::{Held, Watched};
use crate::sync::{Arc, Weak};

/// A future as another one depends on it: its type forgotten, its value not kept.
#[derive(Clone)]
pub(crate) struct Source(Weak<dyn Watched>);

impl Source {
    pub(crate) fn of(future: &Arc<dyn Watched>) -> Source {
        Source(Arc::downgrade(future))
    }

    /// The future, if anybody still has it or is to end it.
    pub(crate) fn future(&self) -> Option<Arc<dyn Watched>> {
        self.0.upgrade()
    }

    /// Whether it is `other`, or depends on it in any number of steps.
    pub(crate) fn reaches(&self, other: &Source) -> bool {
        let held = Held::default();
        let (mut seen, mut left) = (HashSet::new(), vec![self.clone()]);
        while let Some(source) = left.pop() {
            if source.address() == other.address() {
                return true;
            }
            // What was seen is held, so that nothing new comes to lie at its address.
            if let Some(future) = held.future(&source)
                && seen.insert(future.address())
            {
                left.extend(future.sources());
            }
        }
        false
    }

    /// Where its allocation is; that of no other while this lives.
    fn address(&self) -> *const () {
        self.0.as_ptr().cast()
    }
}
