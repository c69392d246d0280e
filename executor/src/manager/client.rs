//! Talking to a manager: each thread has a connection of its own to each manager that it asks.
//!
//! A thread asks one thing at a time and waits for the reply, which carries the number of the request;
//! a reply to something that nobody waits for any more is passed over, so a connection can't get out of
//! step. The connection ends with the thread, and the manager gives back what it had.

use std::cell::RefCell;
use std::io;
use std::os::unix::net::UnixStream;
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, poll};
use rustix::net::SendFlags;
use rustix::process::geteuid;

use serde::{Deserialize, Serialize};

use super::address::{Address, AuthKey, image};
use super::error::ManagerError;
use super::message::{
    Answer, Command, Destination, GREETING, GREETING_LIMIT, Greeting, Made, NO_REPLY, Welcome,
};
use super::operation::{self, Operation, unreadable};
use super::server::nesting;
use crate::forked;
use crate::process::assembler::Assembler;
use crate::process::codec::{self, Draft};
use crate::process::content::Content;
use crate::process::descriptor::Name;
use crate::process::memory::Loan;
use crate::process::socket::{Received, receive_some, send_all};
use crate::process::wire::{Frame, Kind, Parcel};
use crate::task::Payload;

/// How long a manager may take to answer who comes.
const PATIENCE: Duration = Duration::from_secs(10);

/// What it takes to reach a manager; it travels with proxies.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Endpoint {
    pub(super) address: Address,
    pub(super) key: AuthKey,
    /// Which manager at that address is meant.
    pub(super) instance: u64,
    /// Bytes that a request or a reply may have.
    pub(super) frame_limit: usize,
}

/// A thread's connection to a manager.
#[derive(Debug)]
struct Connection {
    instance: u64,
    /// The process that opened it, as copies go. A forked copy must not talk on the same connection.
    generation: u32,
    socket: UnixStream,
    assembler: Assembler,
    /// The number of the last request.
    last: u64,
}

thread_local! {
    static CONNECTIONS: RefCell<Vec<Connection>> = const { RefCell::new(Vec::new()) };
}

/// Finds out which manager is at an address.
pub(super) fn meet(address: Address, key: AuthKey) -> Result<Endpoint, ManagerError> {
    let connection = Connection::open(&address, &key, None)?;
    let endpoint = Endpoint {
        address,
        key,
        instance: connection.instance,
        frame_limit: connection.assembler.limit(),
    };
    // A thread has one connection to each manager: what it has acquired belongs to that.
    let known = endpoint.take_connection();
    // If there is no place to keep it, there will be another.
    let _ = CONNECTIONS.try_with(|connections| {
        connections.borrow_mut().push(known.unwrap_or(connection));
    });
    Ok(endpoint)
}

/// Closes this thread's connection to a manager that has ended.
pub(super) fn forget(instance: u64) {
    let _ = CONNECTIONS.try_with(|connections| {
        let mut connections = connections.borrow_mut();
        connections.retain(|connection| connection.instance != instance);
    });
}

/// Closes this thread's connections to managers that have ended: there is one to each that it has ever
/// asked, and nobody else sees to them.
fn forget_the_ended() {
    let _ = CONNECTIONS.try_with(|connections| {
        let mut connections = connections.borrow_mut();
        connections.retain(|connection| {
            let mut watched = [PollFd::new(&connection.socket, PollFlags::empty())];
            let at_once = rustix::event::Timespec {
                tv_sec: 0,
                tv_nsec: 0,
            };
            // Nothing is asked for: what is told in any case is that the other end is closed.
            poll(&mut watched, Some(&at_once)) == Ok(0)
        });
    });
}

impl Endpoint {
    /// Asks an object for something, and waits for what that leaves; if the time is over before, it is
    /// withdrawn.
    pub(super) fn ask<O: Operation>(
        &self,
        object: u64,
        operation: O,
        deadline: Option<Instant>,
    ) -> Result<O::Output, ManagerError> {
        let draft = draft(object, operation, self.frame_limit)?;
        self.with_connection(|connection| {
            let number = connection.send(Kind::Ask, draft)?;
            connection.reply_to(number, deadline, object)
        })
        .and_then(decoded)
    }

    /// Asks an object for something, and does not wait for it. What this thread asks next comes after
    /// it.
    pub(super) fn tell<O: Operation>(&self, object: u64, operation: O) -> Result<(), ManagerError> {
        let draft = draft(object, operation, self.frame_limit)?;
        self.with_connection(|connection| connection.send_numbered(Kind::Ask, NO_REPLY, draft))
    }

    /// Has the manager make an object.
    pub(super) fn create<Args: Payload>(
        &self,
        name: Name,
        args: &mut Args,
        each_part: codec::EachPart<Args>,
    ) -> Result<Made, ManagerError> {
        let mut draft = Draft::new();
        draft.push(&name.to_bytes());
        let draft = draft
            .encode(args, each_part, self.frame_limit)
            .map_err(|error| unreadable(error, "the arguments of", "a constructor"))?;
        self.with_connection(|connection| connection.request(Kind::Create, draft))
            .and_then(decoded)
    }

    /// Asks the manager itself.
    pub(super) fn command(&self, mut command: Command) -> Result<Answer, ManagerError> {
        let draft = Draft::new()
            .encode(&mut command, |_, _| {}, self.frame_limit)
            .map_err(|error| unreadable(error, "a command", ""))?;
        self.with_connection(|connection| connection.request(Kind::Command, draft))
            .and_then(decoded)
    }

    /// Does something with this thread's connection, which is opened if there is none. No code of the
    /// user's runs meanwhile, which might ask the same manager: a thread has one connection.
    fn with_connection<R>(
        &self,
        exchange: impl FnOnce(&mut Connection) -> Result<R, ManagerError>,
    ) -> Result<R, ManagerError> {
        let mut connection = match self.take_connection() {
            Some(connection) => connection,
            None => {
                forget_the_ended();
                Connection::open(&self.address, &self.key, Some(self.instance))?
            }
        };
        let outcome = exchange(&mut connection);
        // What is broken is not kept. (At the end of a thread there may be no place to keep it: then
        // what it had is given back at once.)
        if !matches!(outcome, Err(ManagerError::Gone(_))) {
            let _ = CONNECTIONS.try_with(|connections| connections.borrow_mut().push(connection));
        }
        outcome
    }

    /// Takes the connection out.
    fn take_connection(&self) -> Option<Connection> {
        let generation = forked::generation();
        let taken = CONNECTIONS.try_with(|connections| {
            let mut connections = connections.borrow_mut();
            connections.retain(|connection| connection.generation == generation);
            let is_ours = |connection: &Connection| connection.instance == self.instance;
            let place = connections.iter().position(is_ours)?;
            Some(connections.swap_remove(place))
        });
        taken.ok().flatten()
    }
}

fn draft<O: Operation>(object: u64, mut operation: O, limit: usize) -> Result<Draft, ManagerError> {
    let destination = Destination {
        object,
        locked: nesting::locked(),
    };
    let mut draft = destination.draft()?;
    draft.push(&operation::name::<O>()?.to_bytes());
    draft
        .encode(&mut operation, O::each_part, limit)
        .map_err(|error| unreadable(error, "the arguments of", std::any::type_name::<O>()))
}

fn decoded<T: Payload>(reply: Content) -> Result<T, ManagerError> {
    codec::decode(&reply, 0, codec::value_of::<T, ManagerError>).unwrap_or_else(|error| {
        Err(unreadable(
            error,
            "the reply, a",
            std::any::type_name::<T>(),
        ))
    })
}

impl Connection {
    fn open(
        address: &Address,
        key: &AuthKey,
        instance: Option<u64>,
    ) -> Result<Connection, ManagerError> {
        let socket = address
            .socket_address()
            .and_then(|address| UnixStream::connect_addr(&address))
            .map_err(|error| unreachable(address, &error))?;
        // Whoever has taken over the address must not learn the key.
        let peer = rustix::net::sockopt::socket_peercred(&socket)
            .map_err(|error| gone(&io::Error::from(error)))?;
        if peer.uid != geteuid() {
            return Err(ManagerError::Refused(format!(
                "{address} is user {}'s",
                peer.uid
            )));
        }
        let mut connection = Connection {
            instance: 0,
            generation: forked::generation(),
            socket,
            assembler: Assembler::new(GREETING_LIMIT),
            last: 0,
        };
        let mut greeting = Greeting {
            key: key.clone(),
            image: this_image()?,
            instance,
        };
        let draft = Draft::new()
            .encode(&mut greeting, |_, _| {}, GREETING_LIMIT)
            .map_err(|error| unreadable(error, "the greeting", ""))?;
        // A refusal may come before the manager has read it.
        let sent = connection.send_numbered(Kind::Connect, GREETING, draft);
        if !connection.has_news_before(Instant::now() + PATIENCE)? {
            return Err(ManagerError::System(format!(
                "who listens at {address} does not answer: a manager that has no descriptor left, \
                 perhaps, or something else"
            )));
        }
        let reply = connection.reply_to(GREETING, None, 0);
        let welcome: Welcome = match (sent, reply) {
            (_, Ok(reply)) => decoded(reply)?,
            (Err(error), Err(_)) | (Ok(()), Err(error)) => return Err(error),
        };
        connection.instance = welcome.instance;
        connection.assembler.set_limit(welcome.frame_limit);
        Ok(connection)
    }

    fn request(&mut self, kind: Kind, draft: Draft) -> Result<Content, ManagerError> {
        let number = self.send(kind, draft)?;
        self.reply_to(number, None, 0)
    }

    fn send(&mut self, kind: Kind, draft: Draft) -> Result<u64, ManagerError> {
        self.last += 1;
        self.send_numbered(kind, self.last, draft)?;
        Ok(self.last)
    }

    fn send_numbered(&self, kind: Kind, number: u64, draft: Draft) -> Result<(), ManagerError> {
        let parcel = Parcel::new(kind, number, draft, || Some(Loan::unlimited()));
        send_all(&self.socket, &parcel, 0, SendFlags::empty()).map_err(|error| gone(&error))
    }

    /// Waits for a reply. When the deadline has passed it asks for the operation to be withdrawn, and
    /// waits for what comes of that: either it was done just before, or it is over.
    fn reply_to(
        &mut self,
        number: u64,
        mut deadline: Option<Instant>,
        object: u64,
    ) -> Result<Content, ManagerError> {
        let closed = || ManagerError::Gone("it has closed the connection".to_owned());
        loop {
            // All that has come, or it waits in vain for what is there.
            while let Some(frame) = self.assembler.next().map_err(|error| gone(&error))? {
                if is_reply(&frame, number) {
                    return Ok(frame.content);
                }
            }
            if let Some(end) = deadline
                && !self.has_news_before(end)?
            {
                self.withdraw(number, object)?;
                deadline = None;
            }
            let received = receive_some(&self.socket, &mut self.assembler);
            match received.map_err(|error| gone(&error))? {
                Some(Received::Frame(frame)) if is_reply(&frame, number) => {
                    return Ok(frame.content);
                }
                Some(_) => {}
                None => return Err(closed()),
            }
        }
    }

    fn has_news_before(&self, deadline: Instant) -> Result<bool, ManagerError> {
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            let left = left.try_into().ok();
            let mut watched = [PollFd::new(&self.socket, PollFlags::IN)];
            match poll(&mut watched, left.as_ref()) {
                Ok(count) => return Ok(count > 0),
                Err(rustix::io::Errno::INTR) => {}
                Err(error) => return Err(gone(&error.into())),
            }
        }
    }

    fn withdraw(&self, number: u64, object: u64) -> Result<(), ManagerError> {
        let destination = Destination {
            object,
            locked: nesting::locked(),
        };
        self.send_numbered(Kind::Withdraw, number, destination.draft()?)
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        if self.generation == forked::generation() {
            // Not only closed: a forked copy of this process may have it, too, and what the thread has
            // acquired would stay its own as long as that lives.
            drop(self.socket.shutdown(std::net::Shutdown::Both));
        }
    }
}

fn is_reply(frame: &Frame, number: u64) -> bool {
    frame.kind == Kind::Reply && frame.id == number
}

fn this_image() -> Result<u64, ManagerError> {
    static IMAGE: OnceLock<u64> = OnceLock::new();
    if let Some(image) = IMAGE.get() {
        return Ok(*image);
    }
    let found = image().map_err(|error| {
        ManagerError::System(format!("the executable can't be looked at: {error}"))
    })?;
    Ok(*IMAGE.get_or_init(|| found))
}

fn gone(error: &io::Error) -> ManagerError {
    ManagerError::Gone(error.to_string())
}

fn unreachable(address: &Address, error: &io::Error) -> ManagerError {
    match error.kind() {
        io::ErrorKind::NotFound | io::ErrorKind::ConnectionRefused => {
            ManagerError::Gone(format!("nobody listens at {address} ({error})"))
        }
        io::ErrorKind::PermissionDenied => ManagerError::Refused(format!("{address}: {error}")),
        io::ErrorKind::InvalidInput => {
            ManagerError::InvalidArgument(format!("{address} is no address: {error}"))
        }
        _ => ManagerError::System(format!(
            "the system refused a connection to {address}: {error}"
        )),
    }
}
