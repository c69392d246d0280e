//! What clients have, and how it is given back when they are gone.
//!
//! The thread that serves a client sees its end when it reads on, and gives everything back. But it may
//! be in a call of the client's, which may take long, or wait for the very thing that the client has. So
//! one more thread watches the ends of all clients, and gives back what one has that has left amid a
//! request. What that request still brings the client is given back at its end, by the thread that carries
//! it out.

use std::collections::BTreeMap;
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::thread;
use std::time::Duration;

use rustix::event::Timespec;
use rustix::event::epoll::{self, EventData, EventFlags};

use super::connection::{Connection, send};
use super::object::Object;

/// Objects that are remembered before those that are gone are looked for.
const MANY: usize = 64;

/// Ends that are looked at together.
const AT_ONCE: usize = 64;

/// How long a thread waits until it looks again at an object where a client has something and that
/// somebody has locked: at first, and after a while.
const BUSY: Duration = Duration::from_millis(1);
const LONG_BUSY: Duration = Duration::from_millis(100);

/// The objects where something may wait for a client or be noted as its own.
#[derive(Clone, Default)]
pub(super) struct Touched(BTreeMap<u64, Weak<Object>>);

impl Touched {
    pub(super) fn note(&mut self, object: &Arc<Object>) {
        if self.0.contains_key(&object.id) {
            return;
        }
        if self.0.len() >= MANY && self.0.len().is_power_of_two() {
            self.0.retain(|_, object| object.strong_count() > 0);
        }
        self.0.insert(object.id, Arc::downgrade(object));
    }

    /// Gives back what a client has that has left, and waits until that can be done.
    pub(super) fn give_back(mut self, client: &Connection, limit: usize) {
        let mut pause = BUSY;
        while !self.has_given_back(client, limit) {
            thread::sleep(pause);
            pause = LONG_BUSY.min(2 * pause);
        }
    }

    /// Gives back what a client has of objects that nobody has locked; whether those are all. Not one
    /// after the other: a call on an object may go on until what the client has elsewhere is given back.
    fn has_given_back(&mut self, client: &Connection, limit: usize) -> bool {
        self.0.retain(|_, object| {
            let Some(object) = object.upgrade() else {
                return false;
            };
            let replies = object.try_abandon(client);
            let is_busy = replies.is_none();
            send(replies.unwrap_or_default(), client, limit);
            is_busy
        });
        self.0.is_empty()
    }
}

/// The clients whose ends are watched.
pub(super) struct Departures {
    clients: Mutex<BTreeMap<u64, Arc<Connection>>>,
    ends: OwnedFd,
}

/// A client that has left and is still served.
struct Leaving {
    client: u64,
    /// What is yet to be given back; nothing is known of that before it has left amid a request.
    touched: Option<Touched>,
}

impl Departures {
    pub(super) fn new() -> io::Result<Departures> {
        Ok(Departures {
            clients: Mutex::default(),
            ends: epoll::create(epoll::CreateFlags::CLOEXEC)?,
        })
    }

    pub(super) fn watch(&self, client: &Arc<Connection>) {
        self.clients().insert(client.id(), Arc::clone(client));
        let end = EventFlags::RDHUP | EventFlags::ONESHOT;
        let data = EventData::new_u64(client.id());
        // If the system has no memory for that, only the thread that serves it sees the end.
        let _ = epoll::add(&self.ends, client.socket(), data, end);
    }

    pub(super) fn watch_no_more(&self, client: &Connection) {
        // It is not enough to close the socket: a copy of this process may have it open.
        let _ = epoll::delete(&self.ends, client.socket());
        self.clients().remove(&client.id());
    }

    fn clients(&self) -> MutexGuard<'_, BTreeMap<u64, Arc<Connection>>> {
        self.clients.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Gives back what clients have that leave amid a request, for ever.
    pub(super) fn keep_watching(&self, limit: usize) -> ! {
        let mut leaving = Vec::new();
        let mut pause = BUSY;
        let mut events = Vec::with_capacity(AT_ONCE);
        loop {
            let timeout = (!leaving.is_empty()).then(|| Timespec::try_from(pause).ok());
            pause = LONG_BUSY.min(2 * pause);
            events.clear();
            let room = rustix::buffer::spare_capacity(&mut events);
            match epoll::wait(self.ends.as_fd(), room, timeout.flatten().as_ref()) {
                Ok(_) | Err(rustix::io::Errno::INTR) => {}
                Err(_) => thread::sleep(LONG_BUSY),
            }
            for event in &events {
                leaving.push(Leaving {
                    client: event.data.u64(),
                    touched: None,
                });
                pause = BUSY;
            }
            leaving.retain_mut(|it| !self.is_seen_off(it, limit));
        }
    }

    /// Whether there is nothing left to do for a client that has left.
    fn is_seen_off(&self, leaving: &mut Leaving, limit: usize) -> bool {
        let client = self.clients().get(&leaving.client).map(Arc::clone);
        let Some(client) = client else {
            // Whoever served it has given back everything, or does.
            return true;
        };
        if leaving.touched.is_none() && client.has_left_amid_a_request() {
            // A copy: what the request brings the client may be at any of these, too.
            leaving.touched = Some(client.touched().clone());
        }
        let touched = leaving.touched.as_mut();
        touched.is_some_and(|touched| touched.has_given_back(&client, limit))
    }
}
