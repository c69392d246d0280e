//! The server's side: a lock and a number, and a thread for each connection.

use std::io::{self, Read, Write};
use std::os::unix::net::{UnixListener, UnixStream};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread;

use rustix::event::{PollFd, PollFlags, poll};

use crate::peer::far_end;

/// A request: a byte that says what is asked, and a number.
pub(super) const REQUEST: usize = 1 + ANSWER;

/// An answer: a number.
pub(super) const ANSWER: usize = size_of::<u64>();

/// What may be asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Ask {
    /// To have the lock, and to wait for it if need be.
    Acquire,
    /// To give it back.
    Release,
    /// The number.
    Get,
    /// To change it.
    Set,
    /// To add one to it, in one step.
    Increment,
}

impl Ask {
    fn from_byte(byte: u8) -> Option<Ask> {
        use Ask::{Acquire, Get, Increment, Release, Set};
        [Acquire, Release, Get, Set, Increment]
            .into_iter()
            .find(|ask| *ask as u8 == byte)
    }
}

/// What clients share.
#[derive(Debug, Default)]
struct Shared {
    is_locked: Mutex<bool>,
    released: Condvar,
    number: Mutex<u64>,
}

/// The far end: listens at `address` until the near end is gone.
pub(super) fn serve(near: String, address: String) {
    let near = far_end::connect(&near).expect("the near end listens");
    let name = far_end::socket_address(&address).expect("the name is short enough");
    let listener = UnixListener::bind_addr(&name).expect("the name is the near end's alone");
    (&near).write_all(&[0]).expect("the near end is there");
    let shared = Arc::new(Shared::default());
    loop {
        let mut comes = [
            PollFd::new(&listener, PollFlags::IN),
            PollFd::new(&near, PollFlags::IN),
        ];
        poll(&mut comes, None).expect("sockets can be waited for");
        let [client, end] = comes.map(|come| !come.revents().is_empty());
        if client {
            let (socket, _) = listener.accept().expect("a client connects");
            let shared = Arc::clone(&shared);
            // It ends with its client, and need not be waited for.
            thread::spawn(move || answer(socket, &shared));
        } else if end {
            break;
        }
    }
}

/// Answers a client until it is gone, which is no error.
fn answer(mut socket: UnixStream, shared: &Shared) -> io::Result<()> {
    let mut request = [0; REQUEST];
    loop {
        socket.read_exact(&mut request)?;
        let [what, number @ ..] = request;
        let ask = Ask::from_byte(what).ok_or(io::ErrorKind::InvalidData)?;
        let answer = shared.answer(ask, u64::from_le_bytes(number));
        socket.write_all(&answer.to_le_bytes())?;
    }
}

impl Shared {
    fn answer(&self, ask: Ask, number: u64) -> u64 {
        match ask {
            Ask::Acquire => self.acquire(),
            Ask::Release => self.release(),
            Ask::Get => self.change(|_| ()),
            Ask::Set => self.change(|own| *own = number),
            Ask::Increment => self.change(|own| *own += 1),
        }
    }

    fn acquire(&self) -> u64 {
        let is_locked = self
            .is_locked
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let free = self.released.wait_while(is_locked, |is_locked| *is_locked);
        *free.unwrap_or_else(PoisonError::into_inner) = true;
        0
    }

    fn release(&self) -> u64 {
        *self
            .is_locked
            .lock()
            .unwrap_or_else(PoisonError::into_inner) = false;
        self.released.notify_one();
        0
    }

    fn change(&self, change: impl FnOnce(&mut u64)) -> u64 {
        let mut number = self.number.lock().unwrap_or_else(PoisonError::into_inner);
        change(&mut number);
        *number
    }
}
