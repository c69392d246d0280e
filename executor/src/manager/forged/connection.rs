//! A connection to a server in this process, and what comes back by it.

use std::collections::BTreeMap;
use std::os::unix::net::UnixStream;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, sync_channel};
use std::thread;
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, poll};
use rustix::net::SendFlags;
use rustix::net::sockopt::set_socket_send_buffer_size;

use super::form::{Form, Outgoing};
use super::{KEY, LIMIT};
use crate::manager::ManagerError;
use crate::manager::address::image;
use crate::manager::message::{Command, GREETING, Greeting, Made, NO_REPLY};
use crate::manager::server::Server;
use crate::process::assembler::Assembler;
use crate::process::codec::{self, Draft};
use crate::process::content::Content;
use crate::process::socket::{Received, receive_some, send};
use crate::process::wire::{Frame, Kind, Parcel};

/// How long the server may take for anything.
const PATIENCE: Duration = Duration::from_secs(9);

/// Bytes that a narrow connection holds.
const NARROW: usize = 1 << 11;

/// The numbers of the connection's own requests begin here.
const OWN: u64 = 1 << 40;

/// What was replied.
#[derive(Debug, Default)]
pub(super) struct Replies {
    /// How often `Ok`, and each error.
    pub(super) outcomes: BTreeMap<&'static str, usize>,
    /// The objects that were made, and the kinds of them.
    pub(super) made: Vec<(Made, usize)>,
}

/// The client's end.
pub(super) struct Connection {
    socket: UnixStream,
    assembler: Assembler,
    /// What has come and was not looked at.
    arrived: Vec<Frame>,
    /// The number of the last request.
    last: u64,
    /// How many of its own it has sent.
    own: u64,
    /// How many replies may still come to each number.
    open: BTreeMap<u64, usize>,
    /// Of which object something was asked by the request of a number.
    asked: BTreeMap<u64, u64>,
    /// Which kind of object is to be made by the request of a number.
    making: BTreeMap<u64, usize>,
    /// Whether the server knows where the next frame begins, and reads it.
    is_in_order: bool,
    has_ended: bool,
    /// How the thread that serves it has ended.
    end: Receiver<thread::Result<()>>,
    thread: thread::JoinHandle<()>,
}

impl Connection {
    pub(super) fn open(server: &Arc<Server>, is_narrow: bool, form: &Form) -> Connection {
        let (ours, theirs) = UnixStream::pair().expect("a pair of sockets");
        if is_narrow {
            for end in [&ours, &theirs] {
                set_socket_send_buffer_size(end, NARROW).expect("a smaller buffer");
            }
        }
        let (ended, end) = sync_channel(1);
        let server = Arc::clone(server);
        let thread = thread::spawn(move || {
            let outcome = catch_unwind(AssertUnwindSafe(|| server.attend(theirs)));
            drop(server);
            drop(ended.send(outcome));
        });
        let mut connection = Connection {
            socket: ours,
            assembler: Assembler::new(LIMIT),
            arrived: Vec::new(),
            last: 0,
            own: OWN,
            open: BTreeMap::new(),
            asked: BTreeMap::new(),
            making: BTreeMap::new(),
            is_in_order: true,
            has_ended: false,
            end,
            thread,
        };
        let mut greeting = Greeting {
            key: KEY.into(),
            image: image().expect("this executable"),
            instance: None,
        };
        let draft = Draft::new().encode(&mut greeting, |_, _| {}, LIMIT);
        let greeting = Outgoing::new(Kind::Connect, draft.expect("a greeting"), Vec::new(), form);
        connection.send(greeting.numbered(GREETING));
        connection
    }

    /// The number that a description means: none, one that was used, the greeting's, or the next.
    pub(super) fn number(&mut self, described: u8) -> u64 {
        match described {
            0..=7 => NO_REPLY,
            8..=15 => self.last.saturating_sub(u64::from(described - 8)),
            0xff => GREETING,
            _ => {
                self.last += 1;
                self.last
            }
        }
    }

    pub(super) fn last_number(&self) -> u64 {
        self.last
    }

    /// Notes that the request of this number asks this object.
    pub(super) fn note_asking(&mut self, number: u64, object: u64) {
        self.asked.insert(number, object);
    }

    /// What the request of a number has asked.
    pub(super) fn asked(&self, number: u64) -> Option<u64> {
        self.asked.get(&number).copied()
    }

    /// Notes that the request of this number makes an object of this kind.
    pub(super) fn note_making(&mut self, number: u64, kind: usize) {
        self.making.insert(number, kind);
    }

    pub(super) fn send(&mut self, outgoing: Outgoing<'_>) {
        if outgoing.kind() != Kind::Withdraw && outgoing.number() != NO_REPLY {
            *self.open.entry(outgoing.number()).or_default() += 1;
        }
        let is_in_order = outgoing.is_in_order();
        self.send_parcel(&outgoing.parcel());
        self.is_in_order &= is_in_order;
    }

    pub(super) fn send_bytes(&mut self, bytes: &[u8]) {
        let mut parcel = Parcel::empty(Kind::Reply, 0);
        parcel.bytes = bytes.to_vec();
        self.send_parcel(&parcel);
        self.is_in_order &= bytes.is_empty();
    }

    fn send_parcel(&mut self, parcel: &Parcel) {
        let mut sent = 0;
        while sent < parcel.bytes.len() && !self.has_ended {
            match send(
                &self.socket,
                [parcel].into_iter(),
                sent,
                SendFlags::DONTWAIT,
            ) {
                Ok(count) => sent += count,
                // It waits for its client to read before it reads what that sends.
                Err(rustix::io::Errno::AGAIN) => self.wait_until(PollFlags::IN | PollFlags::OUT),
                Err(_) => self.has_ended = true,
            }
        }
    }

    /// Waits for room to send, or for what comes.
    fn wait_until(&mut self, flags: PollFlags) {
        let mut watched = [PollFd::new(&self.socket, flags)];
        let patience = PATIENCE.try_into().ok();
        loop {
            match poll(&mut watched, patience.as_ref()) {
                Ok(count) => break assert!(count > 0, "the server waits for somebody else"),
                // A fuzzer has a clock that signals.
                Err(rustix::io::Errno::INTR) => {}
                Err(error) => panic!("a connection can be waited for: {error}"),
            }
        }
        if watched[0].revents().contains(PollFlags::IN) {
            self.receive();
        }
    }

    fn receive(&mut self) {
        let Ok(Some(received)) = receive_some(&self.socket, &mut self.assembler) else {
            self.has_ended = true;
            return;
        };
        if let Received::Frame(frame) = received {
            self.arrived.push(frame);
        }
        while let Some(frame) = self.assembler.next().expect("the server sends true frames") {
            self.arrived.push(frame);
        }
    }

    /// Waits until the server has done what it was asked.
    pub(super) fn wait_for_all(&mut self, replies: &mut Replies) {
        if self.is_in_order && !self.has_ended {
            self.own += 1;
            let draft = Draft::new().encode(&mut Command::Count, |_, _| {}, LIMIT);
            let count = Outgoing::new(
                Kind::Command,
                draft.expect("a command"),
                Vec::new(),
                &Form::True,
            );
            self.send(count.numbered(self.own));
            let own = self.own;
            let is_it = |frame: &Frame| frame.id == own;
            while !self.has_ended && !self.arrived.iter().any(is_it) {
                self.wait_until(PollFlags::IN);
            }
        }
        for frame in std::mem::take(&mut self.arrived) {
            self.take_in(&frame, replies);
        }
    }

    fn take_in(&mut self, frame: &Frame, replies: &mut Replies) {
        assert_eq!(frame.kind, Kind::Reply);
        let number = frame.id;
        let open = self.open.get_mut(&number).filter(|open| **open > 0);
        *open.unwrap_or_else(|| panic!("nobody has asked {number}, or it was replied to")) -= 1;
        if number > OWN && number != GREETING {
            return;
        }
        let outcome = outcome(&frame.content);
        let name = outcome.as_ref().map_or_else(name, |()| "Ok");
        *replies.outcomes.entry(name).or_default() += 1;
        if let (Ok(()), Some(kind)) = (outcome, self.making.get(&number)) {
            let made = codec::try_decode(&frame.content, 0, |_, _| {});
            if let Ok(Ok::<Made, ManagerError>(made)) = made {
                replies.made.push((made, *kind));
            }
        }
    }

    /// Sends no more; the server leaves, too.
    pub(super) fn close_output(&mut self) {
        drop(self.socket.shutdown(std::net::Shutdown::Write));
        self.is_in_order = false;
        while !self.has_ended {
            self.wait_until(PollFlags::IN);
        }
    }

    /// Leaves, and waits for the server to have noticed; whether it had left before.
    pub(super) fn leave(mut self, replies: &mut Replies) -> bool {
        for frame in std::mem::take(&mut self.arrived) {
            self.take_in(&frame, replies);
        }
        drop(self.socket);
        match self.end.recv_timeout(PATIENCE) {
            Ok(Ok(())) => {
                self.thread.join().expect("its panic was caught");
                self.has_ended
            }
            Ok(Err(panic)) => resume_unwind(panic),
            Err(_) => panic!("the server waits for somebody who has left"),
        }
    }
}

/// What is in a reply.
fn outcome(content: &Content) -> Result<(), ManagerError> {
    let part = |at| content.part(at, 1).expect("a byte")[0];
    // Behind the list of pieces comes the outcome, which begins with which it is.
    match part(1 + 9 * usize::from(part(0))) {
        0 => Ok(()),
        _ => codec::try_decode::<Result<(), ManagerError>>(content, 0, |_, _| {})
            .expect("an error that can be decoded"),
    }
}

fn name(error: &ManagerError) -> &'static str {
    use ManagerError as E;
    match error {
        E::Refused(_) => "Refused",
        E::UnknownObject => "UnknownObject",
        E::WrongType { .. } => "WrongType",
        E::Panicked(_) => "Panicked",
        E::Poisoned(_) => "Poisoned",
        E::Deadlock(_) => "Deadlock",
        E::Decode(_) => "Decode",
        E::TimedOut => "TimedOut",
        E::BrokenBarrier => "BrokenBarrier",
        E::NotHeld => "NotHeld",
        E::TooManyReleases => "TooManyReleases",
        _ => "another error",
    }
}
