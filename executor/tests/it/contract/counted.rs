//! A value that is counted while it is alive.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde::{Deserialize, Deserializer, Serialize};

static ALIVE: AtomicU32 = AtomicU32::new(0);

static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());

/// How many are alive in this process.
pub(super) fn alive() -> u32 {
    // ORDERING: Relaxed, here and below: what a task did happens before its result is had.
    ALIVE.load(Ordering::Relaxed)
}

/// To be held by a scenario that counts: those of the executors run side by side and share the count.
pub(super) fn alone() -> MutexGuard<'static, ()> {
    ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Counts itself, where it is decoded too.
#[derive(Serialize)]
pub(super) struct Counted(u32);

impl Counted {
    pub(super) fn new(number: u32) -> Counted {
        ALIVE.fetch_add(1, Ordering::Relaxed);
        Counted(number)
    }

    pub(super) fn number(&self) -> u32 {
        self.0
    }
}

impl<'de> Deserialize<'de> for Counted {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Counted, D::Error> {
        u32::deserialize(deserializer).map(Counted::new)
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        ALIVE.fetch_sub(1, Ordering::Relaxed);
    }
}
