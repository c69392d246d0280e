//! A client that can break every rule: it sends what it is told to, and reads when it is told to.

use std::io::Write;
use std::os::unix::net::UnixStream;
use std::time::Duration;

use rustix::net::SendFlags;

use crate::manager::address::{Address, AuthKey, image};
use crate::manager::message::{Command, Destination, GREETING, Greeting, Made, Welcome};
use crate::manager::operation::{self, Operation};
use crate::manager::{ManagerError, new_object};
use crate::process::assembler::Assembler;
use crate::process::codec::{self, Draft};
use crate::process::content::Content;
use crate::process::socket::{Received, receive_some, send_all};
use crate::process::wire::{Frame, Kind, Parcel};
use crate::task::{Payload, Task};

/// Longer than a manager takes for anything.
const PATIENCE: Duration = Duration::from_secs(20);

const LIMIT: usize = 1 << 20;

pub(in crate::manager) struct Peer {
    pub(in crate::manager) socket: UnixStream,
    assembler: Assembler,
}

impl Peer {
    pub(in crate::manager) fn connect(address: &Address) -> Peer {
        let address = address.socket_address().expect("an address");
        Peer::over(UnixStream::connect_addr(&address).expect("a manager that listens"))
    }

    pub(in crate::manager) fn over(socket: UnixStream) -> Peer {
        socket.set_read_timeout(Some(PATIENCE)).expect("a limit");
        Peer {
            socket,
            assembler: Assembler::new(LIMIT),
        }
    }

    /// Says who it is, and reads that it is welcome.
    pub(in crate::manager) fn greet(&mut self, key: &AuthKey) {
        self.send(&greeting(key));
        let welcome: Result<Welcome, ManagerError> = read(&self.receive(GREETING));
        welcome.expect("it is welcome");
    }

    pub(in crate::manager) fn send(&self, parcel: &Parcel) {
        send_all(&self.socket, parcel, 0, SendFlags::empty()).expect("a manager that reads");
    }

    /// Sends a part of a frame, with what comes along.
    pub(in crate::manager) fn send_half(&self, mut parcel: Parcel) {
        parcel.bytes.truncate(parcel.bytes.len() / 2);
        self.send(&parcel);
    }

    pub(in crate::manager) fn send_bytes(&self, bytes: &[u8]) {
        // The manager may be quicker to close it.
        drop((&self.socket).write_all(bytes));
    }

    /// Asks for something, and reads what that leaves.
    pub(in crate::manager) fn ask<O: Operation>(
        &mut self,
        number: u64,
        object: u64,
        operation: O,
    ) -> Result<O::Output, ManagerError> {
        self.send(&asking(number, object, operation));
        read(&self.receive(number))
    }

    /// Reads replies until one has this number.
    pub(in crate::manager) fn receive(&mut self, number: u64) -> Content {
        loop {
            let frame = self.next().expect("a manager that replies");
            if frame.id == number {
                return frame.content;
            }
        }
    }

    /// The next frame; `None` if the manager has closed the connection.
    pub(in crate::manager) fn next(&mut self) -> Option<Frame> {
        loop {
            if let Some(frame) = self.assembler.next().expect("true frames") {
                return Some(frame);
            }
            match receive_some(&self.socket, &mut self.assembler) {
                Ok(Some(Received::Frame(frame))) => return Some(frame),
                Ok(Some(Received::Part)) => {}
                Ok(None) => return None,
                Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => {
                    panic!("the manager says nothing for {PATIENCE:?}")
                }
                Err(_) => return None,
            }
        }
    }

    /// Waits until all that it has sent is done, or parked.
    pub(in crate::manager) fn settle(&mut self) {
        const COUNT: u64 = 1 << 40;
        self.send(&commanding(COUNT, Command::Count));
        self.receive(COUNT);
    }

    /// Has an object made, which lives as long as what is given back.
    pub(in crate::manager) fn make<F: Task<()>>(&mut self, number: u64, _: F) -> Made
    where
        F::Output: Send + 'static,
    {
        let mut draft = Draft::new();
        draft.push(&new_object::name::<F, ()>().expect("a name").to_bytes());
        let draft = draft.encode(&mut (), |_, _| {}, LIMIT);
        self.send(&parcel(Kind::Create, number, draft.expect("no arguments")));
        let made: Result<Made, ManagerError> = read(&self.receive(number));
        made.expect("an object")
    }
}

/// What is in a reply.
pub(in crate::manager) fn read<T: Payload>(reply: &Content) -> Result<T, ManagerError> {
    codec::decode(reply, 0, codec::value_of).expect("a reply that can be decoded")
}

fn parcel(kind: Kind, number: u64, draft: Draft) -> Parcel {
    Parcel::new(kind, number, draft, || None)
}

pub(in crate::manager) fn greeting(key: &AuthKey) -> Parcel {
    let mut greeting = Greeting {
        key: key.clone(),
        image: image().expect("this executable"),
        instance: None,
    };
    let draft = Draft::new().encode(&mut greeting, |_, _| {}, LIMIT);
    parcel(Kind::Connect, GREETING, draft.expect("a greeting"))
}

pub(in crate::manager) fn asking<O: Operation>(
    number: u64,
    object: u64,
    mut operation: O,
) -> Parcel {
    let mut draft = destination(object);
    draft.push(&operation::name::<O>().expect("a name").to_bytes());
    let draft = draft.encode(&mut operation, O::each_part, LIMIT);
    parcel(Kind::Ask, number, draft.expect("an operation"))
}

pub(in crate::manager) fn commanding(number: u64, mut command: Command) -> Parcel {
    let draft = Draft::new().encode(&mut command, |_, _| {}, LIMIT);
    parcel(Kind::Command, number, draft.expect("a command"))
}

pub(in crate::manager) fn withdrawing(number: u64, object: u64) -> Parcel {
    parcel(Kind::Withdraw, number, destination(object))
}

fn destination(object: u64) -> Draft {
    let destination = Destination {
        object,
        locked: Vec::new(),
    };
    destination.draft().expect("nothing is locked")
}
