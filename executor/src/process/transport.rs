//! The seam: a channel to one worker.
//!
//! A stream socket for now. What replaces it must be able to be polled, to be waited on and, later,
//! to carry descriptors.

use std::io::{self, Read, Write};
use std::net::Shutdown;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::sync::Arc;

use super::wire::{self, Assembler, Frame};

/// A channel to a worker: what the parent sends by, what it receives by, and the end that the worker
/// is to find as its standard input. The parent's ends never block.
pub(crate) fn channel() -> io::Result<(Sender, Receiver, OwnedFd)> {
    let (ours, theirs) = UnixStream::pair()?;
    ours.set_nonblocking(true)?;
    let ours = Arc::new(ours);
    let sender = Sender {
        socket: Arc::clone(&ours),
        unsent: Vec::new(),
        sent: 0,
    };
    let receiver = Receiver {
        socket: ours,
        assembler: Assembler::default(),
    };
    Ok((sender, receiver, theirs.into()))
}

/// What the parent sends by.
#[derive(Debug)]
pub(crate) struct Sender {
    socket: Arc<UnixStream>,
    /// Bytes that the socket had no room for yet, from `sent` on.
    unsent: Vec<u8>,
    sent: usize,
}

impl Sender {
    /// Sends a frame, now or as the socket gets room; see [`Sender::flush`].
    ///
    /// # Errors
    ///
    /// The worker is gone; nothing of the frame has reached it, unless something was unsent.
    pub(crate) fn send(&mut self, frame: &[u8]) -> io::Result<()> {
        let sent = if self.unsent.is_empty() {
            write_some(&self.socket, frame)?
        } else {
            0
        };
        self.unsent.extend_from_slice(&frame[sent..]);
        Ok(())
    }

    /// Sends what was left.
    pub(crate) fn flush(&mut self) -> io::Result<()> {
        self.sent += write_some(&self.socket, &self.unsent[self.sent..])?;
        if self.sent == self.unsent.len() {
            // A big frame's room is not kept.
            self.unsent = Vec::new();
            self.sent = 0;
        }
        Ok(())
    }

    /// Whether something waits for room in the socket.
    pub(crate) fn has_unsent(&self) -> bool {
        !self.unsent.is_empty()
    }

    /// Tells the worker to leave when it has done what it has.
    pub(crate) fn end(&self) {
        // It fails if the worker is gone, which is what was wanted.
        drop(self.socket.shutdown(Shutdown::Write));
    }
}

/// Writes as much as there is room for.
fn write_some(mut socket: &UnixStream, bytes: &[u8]) -> io::Result<usize> {
    let mut sent = 0;
    while sent < bytes.len() {
        match socket.write(&bytes[sent..]) {
            Ok(count) => sent += count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => break,
            Err(error) => return Err(error),
        }
    }
    Ok(sent)
}

/// What the parent receives by.
#[derive(Debug)]
pub(crate) struct Receiver {
    socket: Arc<UnixStream>,
    assembler: Assembler,
}

/// What has arrived.
#[derive(Debug)]
pub(crate) enum Arrival {
    /// A frame.
    Frame(Frame),
    /// Nothing for now.
    Nothing,
    /// The end: the worker has closed the channel.
    End,
}

impl Receiver {
    /// The next frame that has arrived.
    ///
    /// # Errors
    ///
    /// What arrived is no frame.
    pub(crate) fn receive(&mut self) -> io::Result<Arrival> {
        let mut buffer = [0; 64 << 10];
        loop {
            if let Some(frame) = self.assembler.next()? {
                return Ok(Arrival::Frame(frame));
            }
            match (&*self.socket).read(&mut buffer) {
                Ok(0) => return Ok(Arrival::End),
                Ok(count) => self.assembler.feed(&buffer[..count]),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    return Ok(Arrival::Nothing);
                }
                // The worker ended with something unread.
                Err(error) if error.kind() == io::ErrorKind::ConnectionReset => {
                    return Ok(Arrival::End);
                }
                Err(error) => return Err(error),
            }
        }
    }
}

impl AsFd for Receiver {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.socket.as_fd()
    }
}

/// The worker's end: blocks.
#[derive(Debug)]
pub(crate) struct WorkerChannel {
    socket: UnixStream,
}

impl WorkerChannel {
    pub(crate) fn new(socket: OwnedFd) -> WorkerChannel {
        WorkerChannel {
            socket: socket.into(),
        }
    }

    /// Waits for a frame; `None` when the parent has ended the channel.
    pub(crate) fn receive(&mut self) -> io::Result<Option<Frame>> {
        wire::read_frame(&mut self.socket)
    }

    pub(crate) fn send(&mut self, frame: &[u8]) -> io::Result<()> {
        self.socket.write_all(frame)
    }
}
