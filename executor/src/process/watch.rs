//! What the supervisor waits for.

use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::time::Duration;

pub(super) use rustix::event::epoll::EventFlags;
use rustix::event::epoll::{self, EventData};

/// The descriptors that the supervisor watches.
#[derive(Debug)]
pub(super) struct Watch(OwnedFd);

/// What an event of the watch is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Token {
    /// Somebody wants the supervisor to look at the state.
    Wake,
    /// The channel of the worker with this number.
    Channel(u64),
    /// The process of the worker with this number.
    Process(u64),
}

impl Token {
    fn data(self) -> EventData {
        EventData::new_u64(match self {
            Token::Wake => 0,
            Token::Channel(number) => number << 2 | 1,
            Token::Process(number) => number << 2 | 2,
        })
    }

    fn from_data(data: EventData) -> Token {
        match (data.u64() >> 2, data.u64() & 3) {
            (number, 1) => Token::Channel(number),
            (number, 2) => Token::Process(number),
            _ => Token::Wake,
        }
    }
}

impl Watch {
    pub(super) fn new() -> io::Result<Watch> {
        Ok(Watch(epoll::create(epoll::CreateFlags::CLOEXEC)?))
    }

    /// Watches a descriptor until it is closed.
    pub(super) fn add(&self, descriptor: impl AsFd, token: Token) -> io::Result<()> {
        epoll::add(&self.0, descriptor, token.data(), EventFlags::IN)?;
        Ok(())
    }

    /// Changes what is told of a descriptor.
    pub(super) fn change(&self, descriptor: impl AsFd, token: Token, flags: EventFlags) {
        let changed = epoll::modify(&self.0, descriptor, token.data(), flags);
        debug_assert!(
            changed.is_ok(),
            "what is watched can be changed: {changed:?}"
        );
    }

    /// Watches a descriptor no more.
    pub(super) fn remove(&self, descriptor: impl AsFd) {
        // It fails if it was not watched, which is what was wanted.
        let _ = epoll::delete(&self.0, descriptor);
    }

    /// Waits for events, and calls `see` with each.
    pub(super) fn wait(
        &self,
        timeout: Option<Duration>,
        mut see: impl FnMut(Token, EventFlags),
    ) -> io::Result<()> {
        // Rounded up, so as not to wake a moment too early and turn in a circle.
        let timeout = timeout.map(|timeout| timeout + Duration::from_millis(1));
        let timeout = timeout.and_then(|timeout| timeout.try_into().ok());
        let mut events = Vec::with_capacity(64);
        let room = rustix::buffer::spare_capacity(&mut events);
        match epoll::wait(&self.0, room, timeout.as_ref()) {
            Ok(_) | Err(rustix::io::Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
        for event in events {
            see(Token::from_data(event.data), event.flags);
        }
        Ok(())
    }
}
