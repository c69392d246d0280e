//! One client's connection, and the thread that serves it.
//!
//! The thread reads requests and carries them out. It never waits for anything but its client: an
//! operation that has to wait is parked, and whoever makes it possible replies.

use std::io;
use std::os::unix::net::UnixStream;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{self, ThreadId};
use std::time::Duration;

use rustix::net::SendFlags;
use rustix::process::geteuid;

use super::Server;
use super::departures::Touched;
use super::nesting::Nesting;
use super::object::{Object, Reply};
use super::recent::Recent;
use crate::manager::error::ManagerError;
#[cfg(test)]
use crate::manager::faults::unruly;
use crate::manager::message::{Destination, GREETING, GREETING_LIMIT, Greeting, NO_REPLY, Welcome};
use crate::manager::operation::{Receive, Request, failure, unreadable};
use crate::process::assembler::Assembler;
use crate::process::codec::{self, Draft};
use crate::process::content::Content;
use crate::process::descriptor::{self, Name};
use crate::process::memory::Loan;
use crate::process::socket::{Received, receive_some, send_all};
use crate::process::wire::{Frame, Kind, Parcel};

/// How long a client may take to say who it is.
const GREETING_TIME: Duration = Duration::from_secs(5);

/// A client's connection, for those who reply.
pub(super) struct Connection {
    id: u64,
    socket: Arc<UnixStream>,
    /// The thread that serves it.
    server: ThreadId,
    /// Whether the thread that serves it is sending, and may have to wait for the client. Locked by
    /// others while they send, who do not wait.
    server_sends: Mutex<bool>,
    /// How often the thread that serves it has begun a request whose outcome the client awaits, and has
    /// ended one: odd while it is at one.
    turns: AtomicU64,
    touched: Mutex<Touched>,
}

impl Connection {
    pub(super) fn id(&self) -> u64 {
        self.id
    }

    pub(super) fn socket(&self) -> &UnixStream {
        &self.socket
    }

    /// The objects where it may have something.
    pub(super) fn touched(&self) -> MutexGuard<'_, Touched> {
        self.touched.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether the client, which has left, has sent nothing that is not yet begun, and awaits the outcome
    /// of what is. Not if it awaits nothing: it may be giving back what it had, and then nothing was
    /// abandoned.
    pub(super) fn has_left_amid_a_request(&self) -> bool {
        // ORDERING: SeqCst, and the system's own: who reads what is unread has ended the turn before.
        let turn = self.turns.load(Ordering::SeqCst);
        let is_unread = || rustix::io::ioctl_fionread(&self.socket).is_ok_and(|bytes| bytes > 0);
        !turn.is_multiple_of(2) && !is_unread() && self.turns.load(Ordering::SeqCst) == turn
    }

    /// Sends a reply. A client that does not read has to wait for itself alone: if a reply to it has
    /// no room and comes from a thread that serves another client, it loses its connection. (One that
    /// keeps to the rules has one request on its way, and so room for the reply; except for a large one
    /// that goes inline because the system has no memory or descriptor for it.)
    pub(super) fn reply(&self, number: u64, draft: Draft) {
        if number == NO_REPLY {
            return;
        }
        let parcel = Parcel::new(Kind::Reply, number, draft, || Some(Loan::unlimited()));
        #[cfg(test)]
        let sent = unruly::sends(unruly::Speech::of(number), &self.socket, &parcel);
        #[cfg(not(test))]
        let sent = 0;
        let sent = if thread::current().id() == self.server {
            *self.server_sends() = true;
            let sent = send_all(&self.socket, &parcel, sent, SendFlags::empty());
            *self.server_sends() = false;
            sent
        } else {
            // If somebody else has the lock, that is for a moment: it has perhaps sent the reply to the
            // client's last request, which has had it and asked again, and not yet let go.
            let server_sends = self.server_sends();
            match *server_sends {
                true => Err(io::ErrorKind::WouldBlock.into()),
                false => send_all(&self.socket, &parcel, sent, SendFlags::DONTWAIT),
            }
        };
        if sent.is_err() {
            self.end();
        }
    }

    /// Its thread finds the end, and leaves; nobody who sends waits any more.
    fn end(&self) {
        drop(self.socket.shutdown(std::net::Shutdown::Both));
    }

    fn server_sends(&self) -> MutexGuard<'_, bool> {
        let sends = self.server_sends.lock();
        sends.unwrap_or_else(PoisonError::into_inner)
    }
}

/// Serves a client until it leaves.
pub(super) fn serve(server: &Server, socket: Arc<UnixStream>) {
    let connection = Arc::new(Connection {
        id: server.next_connection(),
        socket: Arc::clone(&socket),
        server: thread::current().id(),
        server_sends: Mutex::new(false),
        turns: AtomicU64::new(0),
        touched: Mutex::default(),
    });
    let mut assembler = Assembler::new(GREETING_LIMIT);
    match welcome(server, &socket, &mut assembler) {
        Ok(Ok(())) => {}
        Ok(Err(refusal)) => {
            connection.reply(GREETING, failure(refusal));
            return;
        }
        // It left, or speaks another language.
        Err(_) => return,
    }
    // Dropped, it gives back what the client had, whatever has gone wrong.
    server.departures.watch(&connection);
    let attendant = Attendant {
        server,
        connection,
        recent: Recent::default(),
    };
    let welcome = Welcome {
        instance: server.instance,
        frame_limit: server.frame_limit,
    };
    let draft = encoded(Ok(welcome), server.frame_limit);
    attendant.connection.reply(GREETING, draft);
    assembler.set_limit(server.frame_limit);
    while let Ok(Some(frame)) = next_frame(&socket, &mut assembler) {
        if attendant.take_in(frame).is_err() {
            break;
        }
    }
}

fn next_frame(socket: &UnixStream, assembler: &mut Assembler) -> io::Result<Option<Frame>> {
    if let Some(frame) = assembler.next()? {
        return Ok(Some(frame));
    }
    loop {
        match receive_some(socket, assembler)? {
            Some(Received::Frame(frame)) => return Ok(Some(frame)),
            Some(Received::Part) => {}
            None => return Ok(None),
        }
    }
}

/// Finds out whether to serve a client.
///
/// # Errors
///
/// It is not worth an answer.
fn welcome(
    server: &Server,
    socket: &UnixStream,
    assembler: &mut Assembler,
) -> io::Result<Result<(), ManagerError>> {
    let refusal = |why: String| Ok(Err(ManagerError::Refused(why)));
    let peer = rustix::net::sockopt::socket_peercred(socket)?;
    if peer.uid != geteuid() {
        return refusal(format!(
            "it is of user {}, and you are user {}",
            geteuid(),
            peer.uid
        ));
    }
    socket.set_read_timeout(Some(GREETING_TIME))?;
    socket.set_write_timeout(Some(GREETING_TIME))?;
    let Some(Frame {
        kind: Kind::Connect,
        content,
        ..
    }) = next_frame(socket, assembler)?
    else {
        return Err(io::ErrorKind::InvalidData.into());
    };
    let greeting: Greeting = codec::decode(&content, 0, |_, _| {})
        .map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))?;
    if !greeting.key.is(&server.key) {
        return refusal("the key is wrong".to_owned());
    }
    if greeting.image != server.image {
        return refusal(
            "it is of another executable; objects and functions have the same names only in one and \
             the same file"
                .to_owned(),
        );
    }
    if greeting.instance.is_some_and(|it| it != server.instance) {
        return Ok(Err(ManagerError::Gone(
            "there is another one at its address".to_owned(),
        )));
    }
    socket.set_read_timeout(None)?;
    socket.set_write_timeout(None)?;
    Ok(Ok(()))
}

/// The reply to something that is asked of the manager itself.
pub(super) fn encoded<T: serde::Serialize + 'static>(
    mut outcome: Result<T, ManagerError>,
    limit: usize,
) -> Draft {
    Draft::new()
        .encode(&mut outcome, |_, _| {}, limit)
        .unwrap_or_else(|error| failure(unreadable(error, "the reply", "")))
}

/// What is asked, and of what.
struct Asked {
    object: Arc<Object>,
    request: Box<dyn Request>,
    nesting: Nesting,
}

/// Who serves a client.
struct Attendant<'s> {
    server: &'s Server,
    connection: Arc<Connection>,
    recent: Recent,
}

impl Attendant<'_> {
    /// Does what a frame asks for.
    ///
    /// # Errors
    ///
    /// No client of ours sends such a frame.
    fn take_in(&self, frame: Frame) -> Result<(), ()> {
        let Frame { kind, id, content } = frame;
        let _turn = (id != NO_REPLY).then(|| Turn::begin(&self.connection));
        match kind {
            Kind::Ask => self.ask(id, &content),
            Kind::Withdraw => self.time_out(id, &content),
            Kind::Create => {
                let made = self.server.create(&content);
                let draft = encoded(made, self.server.frame_limit);
                self.connection.reply(id, draft);
            }
            Kind::Command => {
                let answer = self.server.command(&content);
                let draft = encoded(answer, self.server.frame_limit);
                self.connection.reply(id, draft);
            }
            _ => return Err(()),
        }
        Ok(())
    }

    fn ask(&self, number: u64, content: &Content) {
        let replies = match self.receive(content) {
            Ok(asked) => self.carry_out(number, asked),
            Err(error) => vec![Reply::error(&self.connection, number, error)],
        };
        self.send(replies);
    }

    /// Carries out what is asked, or parks it. The object is noted only if something of the client can
    /// stay there, which has then to be given back: most requests are done and leave nothing.
    fn carry_out(&self, number: u64, asked: Asked) -> Vec<Reply> {
        let Asked {
            object,
            request,
            nesting,
        } = asked;
        let is_noted = request.leave().is_some();
        if is_noted {
            self.connection.touched().note(&object);
        }
        let replies = match object.ask(&self.connection, number, request, &nesting) {
            Ok(replies) => replies,
            Err((request, _)) if number == NO_REPLY => {
                self.carry_out_later(object, request);
                return Vec::new();
            }
            Err((request, error)) => {
                vec![Reply::refusal(&self.connection, number, request, error)]
            }
        };
        // If one of its earlier requests is done and this one is not, that was parked here before.
        let is_done = replies.iter().any(|it| it.is_to(&self.connection));
        if !is_noted && !is_done {
            self.connection.touched().note(&object);
        }
        replies
    }

    /// Carries out what nobody waits for, though whoever has the object waits for the call that asked: so that goes on,
    /// and another thread waits for the object. Else the guard of a lock that is dropped there would not give it back.
    fn carry_out_later(&self, object: Arc<Object>, request: Box<dyn Request>) {
        let connection = Arc::clone(&self.connection);
        let limit = self.server.frame_limit;
        let later = move || {
            // It closes no circle: nothing is locked for this thread.
            if let Ok(replies) = object.ask(&connection, NO_REPLY, request, &Nesting::none()) {
                send(replies, &connection, limit);
            }
        };
        if thread::Builder::new().spawn(later).is_err() {
            // With the connection goes what it has.
            self.connection.end();
        }
    }

    /// Finds what is asked, and of what. Runs user code: the decoding of arguments.
    fn receive(&self, content: &Content) -> Result<Asked, ManagerError> {
        let (destination, at) = Destination::read_from(content).map_err(ManagerError::Decode)?;
        let request = Name::read_from(content, at)
            .and_then(|name| Ok(descriptor::find::<Receive>(name)?))
            .map_err(|why| {
                ManagerError::Decode(format!("the manager can't tell what is asked: {why}"))
            })?
            .entry
            .request(content, at)?;
        let object = self.find(destination.object);
        let object = object.ok_or(ManagerError::UnknownObject)?;
        Ok(Asked {
            object,
            request,
            nesting: Nesting::of(destination.locked),
        })
    }

    fn find(&self, object: u64) -> Option<Arc<Object>> {
        self.recent.find(object, &self.server.objects)
    }

    fn time_out(&self, number: u64, content: &Content) {
        let Ok((destination, _)) = Destination::read_from(content) else {
            return;
        };
        if let Some(object) = self.find(destination.object) {
            let nesting = Nesting::of(destination.locked);
            self.send(object.time_out(&self.connection, number, &nesting));
        }
    }

    fn send(&self, replies: Vec<Reply>) {
        send(replies, &self.connection, self.server.frame_limit);
    }
}

impl Drop for Attendant<'_> {
    fn drop(&mut self) {
        // It may be there, and not read what is sent to it.
        self.connection.end();
        self.server.departures.watch_no_more(&self.connection);
        let touched = std::mem::take(&mut *self.connection.touched());
        touched.give_back(&self.connection, self.server.frame_limit);
    }
}

/// Sends what an operation has left, which was done for a client.
pub(super) fn send(mut replies: Vec<Reply>, client: &Connection, limit: usize) {
    if replies.len() == 1 {
        // As usual.
        replies.drain(..).for_each(|reply| reply.send(limit));
        return;
    }
    // To the client itself last: that may be slow to read.
    let (own, others): (Vec<_>, Vec<_>) =
        replies.into_iter().partition(|reply| reply.is_to(client));
    for reply in others.into_iter().chain(own) {
        reply.send(limit);
    }
}

/// That a client's thread is at a request whose outcome the client awaits.
struct Turn<'c>(&'c AtomicU64);

impl Turn<'_> {
    fn begin(connection: &Connection) -> Turn<'_> {
        // ORDERING: see `has_left_amid_a_request`, also for the other one.
        connection.turns.fetch_add(1, Ordering::SeqCst);
        Turn(&connection.turns)
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}
