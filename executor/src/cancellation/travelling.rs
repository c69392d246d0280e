//! A token that travels: its flag in shared memory, made when it is first sent.

use std::sync::OnceLock;
use std::sync::atomic::{Ordering, fence};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de, ser};

use super::{CancellationToken, Flag};
use crate::shared::Atomic;

/// How many ancestors a token that travels may have. Each has a descriptor of its own.
const MOST_ANCESTORS: usize = 64;

/// The flag in shared memory, if there is one yet.
#[derive(Default)]
pub(super) struct Everywhere(OnceLock<Atomic<u32>>);

impl Everywhere {
    pub(super) fn set(&self) {
        if let Some(flag) = self.0.get() {
            // ORDERING: Release, pairs with the load in `is_set`, in whatever process.
            flag.store(1, Ordering::Release);
        }
    }

    pub(super) fn is_set(&self) -> bool {
        let flag = self.0.get();
        // ORDERING: Acquire, pairs with the stores in `set` and `Flag::shared`, in whatever process.
        flag.is_some_and(|flag| flag.load(Ordering::Acquire) != 0)
    }
}

impl Flag {
    /// The flag in shared memory; makes it if there is none.
    fn shared<E: ser::Error>(&self) -> Result<&Atomic<u32>, E> {
        let place = &self.everywhere.0;
        if place.get().is_none() {
            let made = Atomic::new(0_u32).map_err(E::custom)?;
            // If another thread was first, it is that one's, and this one goes.
            drop(place.set(made));
        }
        let flag = place.get().ok_or_else(|| E::custom("it was just made"))?;
        // ORDERING: a SeqCst fence between what we have made and our look; see `Flag::set`. Acquire and
        // Release hand on what came before the cancellation.
        fence(Ordering::SeqCst);
        if self.here.load(Ordering::Acquire) {
            flag.store(1, Ordering::Release);
        }
        Ok(flag)
    }

    fn arrived(flag: Atomic<u32>) -> Flag {
        let this = Flag::default();
        drop(this.everywhere.0.set(flag));
        this
    }
}

/// For a task's arguments and results only.
impl Serialize for CancellationToken {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let line: Vec<_> = self.line().collect();
        if line.len() > MOST_ANCESTORS + 1 {
            return Err(ser::Error::custom(format!(
                "a token that is a child of {} others can't be sent; at most {MOST_ANCESTORS}",
                line.len() - 1
            )));
        }
        let flags: Result<Vec<_>, S::Error> = line.iter().map(|it| it.0.flag.shared()).collect();
        flags?.serialize(serializer)
    }
}

/// For a task's arguments and results only.
impl<'de> Deserialize<'de> for CancellationToken {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let flags = Vec::<Atomic<u32>>::deserialize(deserializer)?;
        if flags.len() > MOST_ANCESTORS + 1 {
            return Err(de::Error::custom("a token with too many ancestors"));
        }
        let oldest_first = flags.into_iter().rev();
        let token = oldest_first.fold(None, |parent, flag| {
            Some(CancellationToken::with(Flag::arrived(flag), parent))
        });
        token.ok_or_else(|| de::Error::custom("a token without a flag"))
    }
}
