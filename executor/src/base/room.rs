//! Room for a limited number of tasks that wait for a worker.
//!
//! A [`Place`] is taken before a task is queued and travels with it. It is given up when the task is
//! claimed or cancelled, so a cancelled task takes no room although it is still in the queue.
//!
//! # Who sleeps, and who wakes them
//!
//! A submitter that finds no place sleeps, after another look under the lock under which it sleeps.
//! Whoever gives up a place wakes one; the one that wakes looks again, because another may have come
//! first, who then gives up that place in its turn and wakes the next. Whoever closes wakes them all.
//! A wake-up can't be wasted: a submitter that leaves without a place has found none left, or the room
//! closed; also one whose time is up, for it looks once more.
//!
//! A worker that sleeps here says so where others ask for it; if all who could make room sleep, the last of
//! them is told instead. It asks with no lock held, for what it looks at there may be the last of a value of
//! the user's, and what it has done for it may come back to this room. Whatever happens meanwhile it sees in
//! that other look: a place, the end, or that it is to [ask again](Room::look_again). One that a place was
//! given up for is not taken for stuck before it has woken: there is [room](Room::has_room). But one who comes
//! from outside may take that place, and has asked nobody; so whoever takes the last place that was counted on has
//! all ask again.

use std::time::Duration;

use super::deadlock::Deadlock;
use super::error::BuildError;
use super::liveness::{self, Pool, Wait};
use crate::sync::{self, Arc, Condvar, Deadline, Mutex, bug};

/// Room for a limited number of tasks.
#[derive(Debug)]
pub(crate) struct Room {
    limit: usize,
    /// The process in which it is; see [`sync::process_generation`].
    generation: u32,
    taken: Mutex<Taken>,
    /// Submitters sleep here, with the lock of what is taken.
    freed: Condvar,
}

#[derive(Debug, Default)]
struct Taken {
    places: usize,
    closed: bool,
    /// How often those who sleep were told to ask again.
    looks: u64,
    /// Somebody sleeps because there was room, which those who wait here were to have.
    is_counted_on: bool,
}

impl Taken {
    /// Whether there is no place left that somebody counts on for those who sleep here.
    fn fails_who_count_on_it(&mut self, limit: usize) -> bool {
        self.places == limit && std::mem::take(&mut self.is_counted_on)
    }
}

/// What a submitter does if there is no room.
#[derive(Clone, Copy, Debug)]
pub(crate) enum IfFull {
    /// It waits; until then at most, if that is said, and is refused.
    Wait(Option<Deadline>),
    /// It is refused.
    Refuse,
}

impl IfFull {
    /// It waits for at most so long.
    pub(crate) fn wait_for(timeout: Duration) -> IfFull {
        IfFull::Wait(Deadline::after(timeout))
    }
}

/// Why there is no place.
#[derive(Debug)]
pub(crate) enum NoPlace {
    /// All are taken.
    Full,
    /// All are taken, and nobody could ever give one up.
    Deadlock(Arc<Deadlock>),
    /// Nothing is accepted any more.
    Closed,
}

/// A place for one task; given up when it is dropped.
#[derive(Debug)]
pub(crate) struct Place {
    room: Arc<Room>,
}

impl Room {
    pub(crate) fn new(limit: usize) -> Room {
        Room {
            limit,
            generation: sync::process_generation(),
            taken: Mutex::new(Taken::default()),
            freed: Condvar::new(),
        }
    }

    /// Room for as many tasks as a `queue_limit` says.
    pub(crate) fn checked(limit: usize) -> Result<Arc<Room>, BuildError> {
        check_limit(limit).map(|limit| Arc::new(Room::new(limit)))
    }

    /// Takes a place in the queue of `pool`.
    pub(crate) fn take(
        self: &Arc<Self>,
        if_full: IfFull,
        pool: &Arc<dyn Pool>,
    ) -> Result<Place, NoPlace> {
        if bug!(AsksOutsideTheLock) && self.taken.lock().closed {
            return Err(NoPlace::Closed);
        }
        let mut is_late = false;
        loop {
            let mut taken = self.taken.lock();
            if taken.closed && !bug!(AsksOutsideTheLock) {
                return Err(NoPlace::Closed);
            }
            if taken.places < self.limit {
                taken.places += 1;
                let wakes_all = taken.fails_who_count_on_it(self.limit);
                drop(taken);
                if wakes_all {
                    self.look_again();
                }
                let room = Arc::clone(self);
                return Ok(Place { room });
            }
            let looks = taken.looks;
            drop(taken);
            let deadline = match if_full {
                IfFull::Wait(deadline) if !is_late => deadline,
                IfFull::Wait(_) | IfFull::Refuse => return Err(NoPlace::Full),
            };
            let wait = Wait::Room(Arc::clone(pool));
            is_late = liveness::sleep_for(deadline, wait, || self.sleep(looks, deadline))
                .map_err(NoPlace::Deadlock)?;
        }
    }

    /// Sleeps, unless something has happened since so many looks; whether the time was up.
    fn sleep(&self, looks: u64, deadline: Option<Deadline>) -> bool {
        let taken = self.taken.lock();
        let is_closed = taken.closed && !bug!(AsksOutsideTheLock);
        if taken.places == self.limit && !is_closed && taken.looks == looks {
            match deadline {
                None => drop(self.freed.wait(taken)),
                Some(deadline) => return self.freed.wait_until(taken, deadline).1,
            }
        }
        false
    }

    /// Whether those who sleep here have something to wake for. The caller counts on it.
    pub(crate) fn has_room(&self) -> bool {
        let mut taken = self.taken.lock();
        let has_room = taken.places < self.limit;
        taken.is_counted_on |= has_room;
        has_room || taken.closed
    }

    /// Sends away those who wait, and those who come.
    pub(crate) fn close(&self) {
        self.taken.lock().closed = true;
        self.freed.notify_all();
    }

    /// Has all who wait look again: what they counted on may be gone.
    pub(crate) fn look_again(&self) {
        self.taken.lock().looks += 1;
        self.freed.notify_all();
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        // In a forked copy the lock may be held for good, and nobody waits.
        if sync::process_generation() != self.room.generation {
            return;
        }
        self.room.taken.lock().places -= 1;
        self.room.freed.notify_one();
    }
}

/// The limit, if it can be one.
pub(crate) fn check_limit(limit: usize) -> Result<usize, BuildError> {
    if limit > 0 {
        return Ok(limit);
    }
    Err(BuildError::InvalidOption {
        option: "queue_limit",
        problem: "it is 0; it must be at least 1".to_owned(),
    })
}
