//! What true clients send, of every kind: recorded once, on the way between them and a server.

use std::os::unix::net::{UnixListener, UnixStream};
use std::sync::{Arc, Mutex, OnceLock};
use std::thread;

use rustix::net::SendFlags;

use super::everything::use_everything;
use super::{KEY, LIMIT};
use crate::manager::address::Address;
use crate::manager::owner::Manager;
use crate::manager::server::Server;
use crate::process::assembler::Assembler;
use crate::process::codec::Draft;
use crate::process::socket::{Received, receive_some, send_all};
use crate::process::wire::{Frame, Kind, Parcel};

/// What was sent to make an object, or to ask something of one.
#[derive(Debug)]
pub(super) struct Request {
    pub(super) payload: Vec<u8>,
    /// How many descriptors came along.
    pub(super) passed: usize,
}

/// All that was sent.
#[derive(Debug, Default)]
pub(super) struct Recording {
    /// One for each kind of object.
    pub(super) creations: Vec<Request>,
    /// What each kind of object was asked, at the same place.
    pub(super) operations: Vec<Vec<Request>>,
}

/// The recording, the same in every run of a build.
pub(super) fn recording() -> &'static Recording {
    static RECORDING: OnceLock<Recording> = OnceLock::new();
    RECORDING.get_or_init(record)
}

fn record() -> Recording {
    let server = Server::new(KEY.into(), LIMIT).expect("a server");
    let address = Address::random().expect("a random address");
    let place = address.socket_address().expect("an address");
    let listener = UnixListener::bind_addr(&place).expect("a listener");
    let recording = Mutex::new(Recording::default());
    let first = server.first_object();
    thread::scope(|scope| {
        let client = scope.spawn(|| {
            let manager = Manager::connect(address.clone(), KEY).expect("a connection");
            use_everything(&manager);
        });
        let (theirs, _) = listener.accept().expect("the client");
        let (ours, end) = UnixStream::pair().expect("a pair of sockets");
        let ends = (Arc::new(ours), Arc::new(theirs));
        let (ours, theirs) = ends.clone();
        scope.spawn(|| server.attend(end));
        scope.spawn(move || relay(&ours, &theirs, |_| {}));
        let (ours, theirs) = ends;
        relay(&theirs, &ours, |frame| {
            recording
                .lock()
                .expect("nobody panics with it")
                .note(frame, first);
        });
        client.join().expect("the client uses everything");
    });
    server.expect_objects(0);
    let recording = recording.into_inner().expect("nobody panics with it");
    assert!(recording.operations.iter().all(|all| !all.is_empty()));
    recording
}

/// Passes frames on, until the one end or the other is closed.
fn relay(from: &UnixStream, to: &UnixStream, mut note: impl FnMut(&Frame)) {
    let mut assembler = Assembler::new(LIMIT);
    loop {
        let frame = match assembler.next().expect("true frames") {
            Some(frame) => frame,
            None => match receive_some(from, &mut assembler) {
                Ok(Some(Received::Frame(frame))) => frame,
                Ok(Some(Received::Part)) => continue,
                Ok(None) | Err(_) => break,
            },
        };
        note(&frame);
        let mut draft = Draft::new();
        draft.push(&bytes_of(&frame));
        draft.passed = frame.content.passed;
        let parcel = Parcel::new(frame.kind, frame.id, draft, || None);
        if send_all(to, &parcel, 0, SendFlags::empty()).is_err() {
            break;
        }
    }
    drop(to.shutdown(std::net::Shutdown::Both));
}

fn bytes_of(frame: &Frame) -> Vec<u8> {
    let content = &frame.content;
    let bytes = content.part(0, content.len()).expect("all of it");
    bytes.into_owned()
}

impl Recording {
    fn note(&mut self, frame: &Frame, first: u64) {
        let request = Request {
            payload: bytes_of(frame),
            passed: frame.content.passed.len(),
        };
        match frame.kind {
            Kind::Create => {
                self.creations.push(request);
                self.operations.push(Vec::new());
            }
            Kind::Ask => {
                // Objects are numbered in the order in which they were made.
                let number = request.payload.first_chunk().expect("a destination");
                let kind = u64::from_le_bytes(*number).wrapping_sub(first) as usize;
                let known = &mut self.operations[kind];
                if known.iter().all(|known| known.payload != request.payload) {
                    known.push(request);
                }
            }
            _ => {}
        }
    }
}
