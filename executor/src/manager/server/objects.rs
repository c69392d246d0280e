//! All objects of the manager, and what keeps them alive.
//!
//! An object lives as long as somebody has its *lifeline*: the writing end of a pipe, of which the
//! manager keeps the other end. A proxy is a copy of the lifeline, in whatever process it is; passed on
//! to another process it travels as a descriptor with the frame, and is alive on the way. The kernel
//! counts, and goes on counting when processes are killed. When the last copy is closed the manager's
//! end says so, and the object is dropped.

use std::any::Any;
use std::collections::BTreeMap;
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rustix::event::epoll::{self, EventData, EventFlags};
use rustix::pipe::{PipeFlags, fcntl_setpipe_size, pipe_with};

use super::object::Object;

/// Events that are looked at together.
const AT_ONCE: usize = 64;

/// How long who counts objects waits for those that are being dropped.
const SWEEPING: Duration = Duration::from_secs(1);

/// Bytes of the smallest pipe there is; where pages are larger, one of those is taken.
const PAGE: usize = 4096;

/// The objects.
pub(super) struct Objects {
    entries: Mutex<Entries>,
    lifelines: OwnedFd,
    /// Whether a thread removes objects that nobody has any more.
    sweeping: Mutex<bool>,
    /// That it does no longer.
    swept: Condvar,
}

struct Entries {
    of: BTreeMap<u64, Entry>,
    /// The number of the last one made. None is used twice, nor by two managers, as far as their first
    /// ones are random: a call that goes on in another manager brings the numbers of what is locked for
    /// it in this one.
    last: u64,
}

struct Entry {
    object: Arc<Object>,
    /// The manager's end.
    lifeline: OwnedFd,
}

impl Objects {
    /// None yet; the first one will have the number after this one.
    pub(super) fn new(last: u64) -> io::Result<Objects> {
        Ok(Objects {
            entries: Mutex::new(Entries {
                of: BTreeMap::new(),
                last,
            }),
            lifelines: epoll::create(epoll::CreateFlags::CLOEXEC)?,
            sweeping: Mutex::new(false),
            swept: Condvar::new(),
        })
    }

    /// Takes in an object; its number, and its lifeline.
    pub(super) fn add(
        &self,
        type_name: &'static str,
        value: Box<dyn Any + Send>,
    ) -> io::Result<(u64, OwnedFd)> {
        let (ours, theirs) = pipe_with(PipeFlags::CLOEXEC)?;
        // Nothing is ever written to it, and all pipes of a user share what memory they may have: with
        // their usual size, a thousand of them. If it stays larger, that only leaves less to others.
        let _ = fcntl_setpipe_size(&theirs, PAGE);
        let mut entries = self.entries();
        entries.last = entries.last.wrapping_add(1);
        let id = entries.last;
        // Nothing is asked for: what is told in any case is that nobody has the other end.
        let data = EventData::new_u64(id);
        epoll::add(&self.lifelines, &ours, data, EventFlags::empty())?;
        let entry = Entry {
            object: Arc::new(Object::new(id, type_name, value)),
            lifeline: ours,
        };
        entries.of.insert(id, entry);
        Ok((id, theirs))
    }

    pub(super) fn get(&self, id: u64) -> Option<Arc<Object>> {
        let entries = self.entries();
        entries.of.get(&id).map(|entry| Arc::clone(&entry.object))
    }

    /// How many objects there are that somebody has.
    pub(super) fn count(&self) -> usize {
        self.sweep();
        self.entries().of.len()
    }

    fn entries(&self) -> MutexGuard<'_, Entries> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Removes objects as nobody has them any more, for ever.
    pub(super) fn keep_sweeping(&self) -> ! {
        loop {
            let mut watched = [rustix::event::PollFd::new(
                &self.lifelines,
                rustix::event::PollFlags::IN,
            )];
            let _ = rustix::event::poll(&mut watched, None);
            self.sweep();
        }
    }

    /// Drops the objects that nobody has, and then those that only they had. Waits for another thread that
    /// does, but not for ever: it may be in a destructor of the user's that takes long, or that has had this
    /// asked.
    fn sweep(&self) {
        let sweeping = self.sweeping.lock().unwrap_or_else(PoisonError::into_inner);
        let waited = self
            .swept
            .wait_timeout_while(sweeping, SWEEPING, |is_busy| *is_busy);
        let (mut sweeping, _) = waited.unwrap_or_else(PoisonError::into_inner);
        if std::mem::replace(&mut *sweeping, true) {
            return;
        }
        drop(sweeping);
        self.drop_all_unreferenced();
        *self.sweeping.lock().unwrap_or_else(PoisonError::into_inner) = false;
        self.swept.notify_all();
    }

    fn drop_all_unreferenced(&self) {
        let mut events = Vec::with_capacity(AT_ONCE);
        let zero = rustix::event::Timespec {
            tv_sec: 0,
            tv_nsec: 0,
        };
        loop {
            events.clear();
            let room = rustix::buffer::spare_capacity(&mut events);
            match epoll::wait(self.lifelines.as_fd(), room, Some(&zero)) {
                Ok(0) => return,
                Ok(_) | Err(rustix::io::Errno::INTR) => {}
                Err(_) => return,
            }
            for event in &events {
                let entry = self.entries().of.remove(&event.data.u64());
                if let Some(entry) = &entry {
                    // It is not enough to close it: if code in a call has forked, the copy has it open.
                    let _ = epoll::delete(&self.lifelines, &entry.lifeline);
                }
                // What an operation still uses is dropped after that.
                drop(entry);
            }
        }
    }
}
