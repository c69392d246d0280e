//! What comes from one worker, and who reads it.
//!
//! The supervisor reads, when the kernel says that there is something. But a thread that waits for a
//! task of this worker may read in its place for a moment: it finds the outcome without anybody
//! having been woken, which is most of the time that a short task takes. Whoever holds the receiver
//! reads; a waiter has the supervisor look away meanwhile, and look again before it lets go.

use std::io;
use std::os::unix::net::UnixStream;
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, poll};

use super::transport::{Arrival, Receiver};
use super::watch::{EventFlags, Token, Watch};
use super::wire::Frame;
use crate::spin::spin_until;
use crate::sync::{Arc, Mutex};

/// What comes from one worker.
#[derive(Debug)]
pub(super) struct Inbox {
    receiver: Mutex<Receiver>,
    /// What the supervisor wants to be told about the channel; `None` when it has ended.
    wanted: Mutex<Option<EventFlags>>,
    socket: Arc<UnixStream>,
    watch: Arc<Watch>,
    token: Token,
}

/// What was found in an inbox.
#[derive(Debug)]
pub(super) struct Found {
    pub(super) frames: Vec<Frame>,
    /// Whether the channel has ended, or what came is no frame.
    pub(super) arrival: io::Result<Arrival>,
}

/// What came of reading for a moment.
#[derive(Debug)]
pub(super) enum Moment<R> {
    /// Something has come, and was taken in.
    Found(R),
    /// Something was taken in, and a further look is of no use.
    Last(R),
    /// Nothing has come in time.
    Over,
    /// Somebody else reads.
    Taken,
}

impl Drop for Inbox {
    fn drop(&mut self) {
        self.unwatch();
    }
}

impl Inbox {
    pub(super) fn new(receiver: Receiver, watch: Arc<Watch>, number: u64) -> io::Result<Inbox> {
        let token = Token::Channel(number);
        let socket = receiver.socket();
        watch.add(&*socket, token)?;
        Ok(Inbox {
            socket,
            receiver: Mutex::new(receiver),
            wanted: Mutex::new(Some(EventFlags::IN)),
            watch,
            token,
        })
    }

    /// Takes a look, unless somebody else does, and has `take_in` called with what was found.
    ///
    /// Here and below that happens before another can look, for frames are taken in in their order.
    pub(super) fn look<R>(&self, take_in: impl FnOnce(Found) -> R) -> Option<R> {
        let mut receiver = self.receiver.try_lock()?;
        Some(take_in(self.receive(&mut receiver)))
    }

    /// Takes all that has come, of a worker that is dead.
    pub(super) fn empty<R>(&self, take_in: impl FnOnce(Found) -> R) -> R {
        // A waiter that holds it lets go within a moment.
        let mut receiver = self.receiver.lock();
        let mut frames = Vec::new();
        let arrival = receiver.receive_all(&mut frames);
        take_in(Found { frames, arrival })
    }

    /// Reads in the supervisor's place until something has come, `is_done`, or the moment is over.
    pub(super) fn read_for_a_moment<R>(
        &self,
        is_done: &dyn Fn() -> bool,
        moment: Duration,
        take_in: impl FnOnce(Found) -> R,
    ) -> Moment<R> {
        let Some(mut receiver) = self.receiver.try_lock() else {
            return Moment::Taken;
        };
        self.want(EventFlags::IN, false);
        let has_news =
            spin_until(|| receiver.has_news() || is_done()) || self.sleep(moment) && !is_done();
        let found = has_news.then(|| self.receive(&mut receiver));
        // An end, or a false alarm: nothing that a further look would be worth.
        let is_over = found.as_ref().is_none_or(|found| found.frames.is_empty());
        let taken_in = found.map(take_in);
        // Before the receiver is let go: nobody else may look away from it.
        self.want(EventFlags::IN, true);
        match taken_in {
            Some(taken_in) if is_over => Moment::Last(taken_in),
            Some(taken_in) => Moment::Found(taken_in),
            None => Moment::Over,
        }
    }

    /// Sleeps until something has come; false if nothing has in time.
    fn sleep(&self, moment: Duration) -> bool {
        let mut channel = [PollFd::new(&*self.socket, PollFlags::IN)];
        let moment = moment.try_into().ok();
        moment.is_some_and(|moment| poll(&mut channel, Some(&moment)).is_ok_and(|count| count > 0))
    }

    fn receive(&self, receiver: &mut Receiver) -> Found {
        let mut frames = Vec::new();
        let arrival = receiver.receive(&mut frames);
        if matches!(arrival, Ok(Arrival::End) | Err(_)) {
            self.unwatch();
        }
        Found { frames, arrival }
    }

    /// Nothing more comes. An end is reported for as long as anybody listens.
    pub(super) fn unwatch(&self) {
        if self.wanted.lock().take().is_some() {
            self.watch.remove(&*self.socket);
        }
    }

    /// Has the supervisor told when the channel has room, or not any more.
    pub(super) fn want_room(&self, wanted: bool) {
        self.want(EventFlags::OUT, wanted);
    }

    fn want(&self, flags: EventFlags, wanted: bool) {
        let mut all = self.wanted.lock();
        if let Some(all) = &mut *all
            && all.contains(flags) != wanted
        {
            all.set(flags, wanted);
            self.watch.change(&*self.socket, self.token, *all);
        }
    }
}
