//! What is seen, compared with what the oracle allows.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};

use super::operation::{self, Hold, Observation, Operation};
use super::oracle;
use crate::harness::{self, Bound};

/// Explores these operations, and says what is allowed and never came up. No order of their steps may leave one of them waiting for ever.
pub(crate) fn explore<const N: usize>(
    name: &'static str,
    claim: &'static str,
    operations: [Operation; N],
    hold: Hold,
    bound: Bound,
) -> Vec<Observation> {
    let allowed = oracle::allowed(&operations, hold).expect("no order of the steps hangs");
    let seen: Arc<Mutex<BTreeSet<Observation>>> = Arc::default();
    harness::model(name, claim, bound, &[], {
        let (allowed, seen) = (allowed.clone(), Arc::clone(&seen));
        move || {
            let observation = operation::run(&operations, hold);
            assert!(
                allowed.contains(&observation),
                "no order of the steps comes to {observation:?}"
            );
            let mut seen = seen.lock().unwrap_or_else(PoisonError::into_inner);
            seen.insert(observation);
        }
    });
    let seen = seen.lock().unwrap_or_else(PoisonError::into_inner);
    allowed.difference(&seen).cloned().collect()
}
