//! The manager's process: it holds the objects and serves the clients.
//!
//! ```text
//! main thread   who may connect; until the owner leaves
//! connection    a thread for each: reads requests, carries them out ▸ objects ▸ object
//! sweeper       drops objects that nobody has any more
//! departures    a thread that gives back what clients had that have left amid a call
//! nesting       calls within calls, and the circles they might make
//! ```

mod connection;
mod departures;
#[cfg(any(test, fuzzing))]
mod inspection;
mod listening;
pub(super) mod nesting;
mod object;
mod objects;
mod recent;

use std::collections::BTreeMap;
use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::net::{UnixListener, UnixStream};
use std::process::exit;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, poll};
use rustix::net::SendFlags;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use self::connection::encoded;
use self::departures::Departures;
use self::listening::{SocketFile, listen};
use self::nesting::Nesting;
use self::objects::Objects;
use super::address::{Address, AuthKey, image};
use super::error::ManagerError;
#[cfg(test)]
use super::faults::unruly;
use super::message::{
    Answer, Command, Configuration, GREETING, GREETING_LIMIT, Lifeline, Made, Published, Started,
};
use super::new_object::Create;
use super::operation::failure;
use crate::panics;
use crate::process::assembler::Assembler;
use crate::process::codec;
use crate::process::content::Content;
use crate::process::descriptor::{self, Name};
use crate::process::leave;
use crate::process::socket::{Received, receive_some, send_all};
use crate::process::wire::{Frame, Kind, Parcel};
use crate::process::worker::STACK;
use crate::random;

/// The exit code of a manager that could not be set up, or whose owner broke the protocol.
const EXIT_CHANNEL: i32 = 72;

/// Bytes of stack of the threads that run code of the user's, or decode, encode or drop what is theirs: a
/// value that is nested too deeply for that ends the manager, and takes everybody's objects along. It is
/// address space, of which only what is used becomes memory.
const DEEP_STACK: usize = 256 << 20;

/// Their stacks, the first for which the system has room.
const STACKS: [usize; 2] = [DEEP_STACK, STACK];

/// How long the manager waits until it tries again to let somebody in for whom it has no descriptor,
/// not even to say so.
const SHORT_OF_NUMBERS: Duration = Duration::from_millis(20);

/// What all threads of the manager know.
pub(super) struct Server {
    instance: u64,
    key: AuthKey,
    image: u64,
    frame_limit: usize,
    objects: Objects,
    departures: Departures,
    names: Mutex<BTreeMap<String, Published>>,
    connections: AtomicU64,
}

impl Server {
    /// One without objects, to which nobody is connected.
    pub(super) fn new(key: AuthKey, frame_limit: usize) -> Result<Server, ManagerError> {
        let refused = |what| move |error: io::Error| system(what, &error);
        let instance = random::bytes().map_err(refused("random numbers"))?;
        let instance = u64::from_le_bytes(instance);
        Ok(Server {
            instance,
            key,
            image: image().map_err(refused("a look at the executable"))?,
            frame_limit,
            objects: Objects::new(instance).map_err(refused("an epoll descriptor"))?,
            departures: Departures::new().map_err(refused("an epoll descriptor"))?,
            names: Mutex::new(BTreeMap::new()),
            connections: AtomicU64::new(1),
        })
    }

    fn next_connection(&self) -> u64 {
        // ORDERING: Relaxed, they are only different.
        self.connections.fetch_add(1, Ordering::Relaxed)
    }

    /// Makes an object. Runs user code: its constructor.
    fn create(&self, content: &Content) -> Result<Made, ManagerError> {
        let descriptor = Name::read_from(content, 0)
            .and_then(|name| Ok(descriptor::find::<Create>(name)?))
            .map_err(|why| {
                ManagerError::Decode(format!("the manager can't tell what to make: {why}"))
            })?;
        let made = descriptor.entry.make(content)?;
        let (object, lifeline) = self
            .objects
            .add(made.type_name, made.value)
            .map_err(|error| system("a pipe to keep an object alive by", &error))?;
        Ok(Made {
            object,
            lifeline: Lifeline(Arc::new(lifeline)),
        })
    }

    fn command(&self, content: &Content) -> Result<Answer, ManagerError> {
        let command = codec::decode(content, 0, |_, _| {})
            .map_err(|error| ManagerError::Decode(error.to_string()))?;
        match command {
            Command::Count => return Ok(Answer::Count(self.objects.count())),
            Command::ClearPoison(object, locked) => {
                let object = self.objects.get(object);
                let object = object.ok_or(ManagerError::UnknownObject)?;
                object.clear_poison(&Nesting::of(locked))?;
            }
            Command::Publish(name, mut published) => {
                let object = self.objects.get(published.object);
                let object = object.ok_or(ManagerError::UnknownObject)?;
                published.type_name = object.type_name.to_owned();
                self.names().insert(name, published);
            }
            Command::Unpublish(name) => {
                let published = self.names().remove(&name);
                published.ok_or(ManagerError::UnknownName(name))?;
            }
            Command::Find(name) => {
                let published = self.names().get(&name).cloned();
                return Ok(Answer::Found(
                    published.ok_or(ManagerError::UnknownName(name))?,
                ));
            }
        }
        Ok(Answer::Done)
    }

    fn names(&self) -> MutexGuard<'_, BTreeMap<String, Published>> {
        self.names.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

pub(super) fn system(what: &str, error: &io::Error) -> ManagerError {
    ManagerError::System(format!("the system refused {what}: {error}"))
}

/// Serves until the owner leaves; `control` is the channel to it, and `owner` tells of its end.
pub(crate) fn serve(control: OwnedFd, owner: OwnedFd) -> ! {
    panics::note_places();
    let control = UnixStream::from(control);
    let (server, listener, file) = match start(&control) {
        Ok(started) => started,
        Err(error) => {
            eprintln!("executor-manager: it could not be set up: {error}");
            exit(EXIT_CHANNEL)
        }
    };
    serve_until_the_end(&server, &listener, &control, &owner);
    if let Some(file) = file {
        file.remove();
    }
    // Nothing is run at this exit: a call may be going on that never ends.
    leave::at_once(0)
}

/// Takes the owner's settings, listens, and tells it where.
fn start(control: &UnixStream) -> Result<Listening, String> {
    let configuration = configuration(control).map_err(|error| error.to_string())?;
    let frame_limit = configuration.frame_limit;
    let started = set_up(configuration);
    let (reply, kept) = match started {
        Ok((listening, address)) => {
            let instance = listening.0.instance;
            (Ok(Started { address, instance }), Ok(listening))
        }
        Err(error) => (Err(error.clone()), Err(error.to_string())),
    };
    let draft = encoded(reply, frame_limit);
    let parcel = Parcel::new(Kind::Reply, GREETING, draft, || None);
    #[cfg(test)]
    let sent = unruly::sends(unruly::Speech::Started, control, &parcel);
    #[cfg(not(test))]
    let sent = 0;
    let sent = send_all(control, &parcel, sent, SendFlags::empty());
    match (sent, kept) {
        (Ok(()), Ok(kept)) => Ok(kept),
        // The owner says it.
        (Ok(()), Err(_)) => exit(EXIT_CHANNEL),
        (Err(error), _) => Err(error.to_string()),
    }
}

fn configuration(control: &UnixStream) -> io::Result<Configuration> {
    let mut assembler = Assembler::new(GREETING_LIMIT);
    loop {
        match receive_some(control, &mut assembler)? {
            Some(Received::Frame(Frame {
                kind: Kind::Configure,
                content,
                ..
            })) => {
                return codec::decode(&content, 0, |_, _| {}).map_err(io::Error::other);
            }
            Some(Received::Part) => {}
            Some(Received::Frame(_)) | None => return Err(io::ErrorKind::InvalidData.into()),
        }
    }
}

type Listening = (Arc<Server>, UnixListener, Option<SocketFile>);

fn set_up(configuration: Configuration) -> Result<(Listening, Address), ManagerError> {
    let Configuration {
        address,
        key,
        frame_limit,
    } = configuration;
    allow_many_descriptors();
    let refused = |what| move |error: io::Error| system(what, &error);
    let address = match address {
        Some(address) => address,
        None => Address::random().map_err(refused("random numbers"))?,
    };
    let listener = listen(&address)
        .and_then(|listener| listener.set_nonblocking(true).map(|()| listener))
        .map_err(|error| system(&format!("to listen at {address}"), &error))?;
    let file = SocketFile::at(&address);
    let server = Arc::new(Server::new(key, frame_limit)?);
    let start = |name, work: fn(&Server)| {
        let server = Arc::clone(&server);
        start_thread(name, move || work(&server)).map_err(refused("a thread"))
    };
    start("manager_sweeper", |it| it.objects.keep_sweeping())?;
    start("manager_watcher", |it| {
        it.departures.keep_watching(it.frame_limit)
    })?;
    Ok(((server, listener, file), address))
}

/// Each object and each connection is a descriptor, and this process is for nothing else.
fn allow_many_descriptors() {
    let Rlimit { maximum, .. } = getrlimit(Resource::Nofile);
    let most = Rlimit {
        current: maximum,
        maximum,
    };
    // With fewer it works as well, only not for as many.
    let _ = setrlimit(Resource::Nofile, most);
}

fn serve_until_the_end(
    server: &Arc<Server>,
    listener: &UnixListener,
    control: &UnixStream,
    owner: &OwnedFd,
) {
    let mut is_short = false;
    let mut spare = spare_descriptor();
    loop {
        let mut watched = [
            PollFd::new(owner, PollFlags::IN),
            PollFd::new(control, PollFlags::IN | PollFlags::RDHUP),
            PollFd::new(listener, PollFlags::IN),
        ];
        let pause = SHORT_OF_NUMBERS.try_into().ok();
        let (watched, timeout) = match is_short {
            true => (&mut watched[..2], pause.as_ref()),
            false => (&mut watched[..], None),
        };
        match poll(watched, timeout) {
            Ok(_) | Err(rustix::io::Errno::INTR) => {}
            Err(_) => return,
        }
        if watched[..2].iter().any(|it| !it.revents().is_empty()) {
            return;
        }
        let comes = |it: &PollFd<'_>| it.revents().contains(PollFlags::IN);
        is_short = watched.get(2).is_some_and(comes) && !let_in(server, listener, &mut spare);
    }
}

/// Lets a client in, or tells it why not; whether there was a descriptor for that.
fn let_in(server: &Arc<Server>, listener: &UnixListener, spare: &mut Option<OwnedFd>) -> bool {
    let accepted = listener.accept();
    let (socket, is_refused) = match accepted {
        Ok((socket, _)) => (socket, false),
        Err(error) => {
            use io::ErrorKind::{ConnectionAborted, Interrupted, WouldBlock};
            if matches!(error.kind(), ConnectionAborted | Interrupted | WouldBlock) {
                // It has left again.
                return true;
            }
            // There is no descriptor for it but the one that is kept for this.
            drop(spare.take());
            let Ok((socket, _)) = listener.accept() else {
                *spare = spare_descriptor();
                return false;
            };
            (socket, true)
        }
    };
    let socket = Arc::new(socket);
    let is_served = !is_refused && {
        let (server, socket) = (Arc::clone(server), Arc::clone(&socket));
        let serve = move || connection::serve(&server, Arc::clone(&socket));
        start_thread("manager_client", serve).is_ok()
    };
    if !is_served {
        let why = "the manager has no descriptor or thread left for one more client";
        let draft = failure(ManagerError::System(why.to_owned()));
        let parcel = Parcel::new(Kind::Reply, GREETING, draft, || None);
        // There is room for the first that is ever sent to it, or it is gone.
        drop(send_all(&socket, &parcel, 0, SendFlags::DONTWAIT));
    }
    drop(socket);
    if spare.is_none() {
        *spare = spare_descriptor();
    }
    true
}

/// A descriptor that is only kept to be closed when there is no other, for a client to be told so.
fn spare_descriptor() -> Option<OwnedFd> {
    std::fs::File::open("/dev/null").ok().map(OwnedFd::from)
}

/// Starts a thread that has as much stack as the system gives it.
fn start_thread(name: &str, work: impl Fn() + Clone + Send + 'static) -> io::Result<()> {
    let start = |size| {
        let thread = thread::Builder::new().name(name.to_owned());
        thread.stack_size(size).spawn(work.clone()).map(drop)
    };
    let [size, smaller] = STACKS;
    start(size).or_else(|_| start(smaller))
}

#[cfg(test)]
mod tests;
