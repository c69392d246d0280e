//! The seam: a channel to one worker.
//!
//! A stream socket for now, which carries bytes and descriptors. What replaces it must be able to
//! be polled and to be waited on.

use std::collections::VecDeque;
use std::io;
use std::net::Shutdown;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::sync::Arc;

use rustix::io::Errno;
use rustix::net::{RecvFlags, SendFlags};

use super::assembler::Assembler;
use super::page::Page;
use super::socket::{Received, receive, receive_some, send, send_all};
use super::wire::{Frame, Parcel};
use crate::spin::spin_until;

/// A channel to a worker: what the parent sends by, what it receives by, and the end that the worker
/// is to find as its standard input. The parent's ends never block.
pub(crate) fn channel(page: Arc<Page>, limit: usize) -> io::Result<(Sender, Receiver, OwnedFd)> {
    let (ours, theirs) = UnixStream::pair()?;
    ours.set_nonblocking(true)?;
    let ours = Arc::new(ours);
    let sender = Sender {
        socket: Arc::clone(&ours),
        page: Arc::clone(&page),
        unsent: VecDeque::new(),
        sent: 0,
    };
    let receiver = Receiver {
        socket: ours,
        seen: page.replied(),
        page,
        assembler: Assembler::new(limit),
    };
    Ok((sender, receiver, theirs.into()))
}

/// What the parent sends by.
#[derive(Debug)]
pub(crate) struct Sender {
    socket: Arc<UnixStream>,
    page: Arc<Page>,
    /// What is to be sent, from byte `sent` of the first on.
    unsent: VecDeque<Arc<Parcel>>,
    sent: usize,
}

impl Sender {
    /// Puts a frame among those to be sent; see [`Sender::flush`].
    pub(crate) fn push(&mut self, parcel: Arc<Parcel>) {
        self.unsent.push_back(parcel);
    }

    /// Sends as much as the socket has room for.
    ///
    /// # Errors
    ///
    /// The worker is gone.
    pub(crate) fn flush(&mut self) -> io::Result<()> {
        while let Some(first) = self.unsent.front_mut() {
            let first_in_line = Arc::clone(first);
            let parcels = || self.unsent.iter().map(Arc::as_ref);
            let count = match send(&self.socket, parcels(), self.sent, SendFlags::empty()) {
                Ok(count) => count,
                // More descriptors are on their way than this user may have.
                Err(Errno::TOOMANYREFS) if first_in_line.memory.is_some() => {
                    self.unsent[0] = Arc::new(first_in_line.inline()?);
                    continue;
                }
                // The system is short of memory, or of descriptors on their way; it has been so for
                // others before.
                Err(Errno::AGAIN | Errno::NOBUFS | Errno::NOMEM | Errno::TOOMANYREFS) => break,
                Err(error) => return Err(error.into()),
            };
            self.page.count_sent();
            self.sent += count;
            while let Some(first) = self.unsent.front()
                && self.sent >= first.bytes.len()
            {
                self.sent -= first.bytes.len();
                self.unsent.pop_front();
            }
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

/// What the parent receives by.
#[derive(Debug)]
pub(crate) struct Receiver {
    socket: Arc<UnixStream>,
    page: Arc<Page>,
    assembler: Assembler,
    /// The worker's count of replies before the last look at the socket.
    seen: u32,
}

/// How it stands after a look at a channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Arrival {
    /// So many bytes have arrived.
    Some(usize),
    /// Nothing for now.
    Nothing,
    /// The end: the worker has closed the channel.
    End,
}

impl Receiver {
    /// Takes one look, and adds the frames that are complete to `frames`.
    ///
    /// # Errors
    ///
    /// What arrived after those is no frame.
    pub(crate) fn receive(&mut self, frames: &mut Vec<Frame>) -> io::Result<Arrival> {
        self.seen = self.page.replied();
        match receive(&self.socket, &mut self.assembler, RecvFlags::empty()) {
            // Or the worker ended with something unread.
            Ok(0) | Err(Errno::CONNRESET) => Ok(Arrival::End),
            Ok(count) => {
                while let Some(frame) = self.assembler.next()? {
                    frames.push(frame);
                }
                Ok(Arrival::Some(count))
            }
            Err(Errno::AGAIN) => Ok(Arrival::Nothing),
            Err(error) => Err(error.into()),
        }
    }

    /// Takes what is there now, and adds the frames that are complete to `frames`. Not what comes
    /// meanwhile: a copy that a dead worker has forked may go on writing.
    ///
    /// # Errors
    ///
    /// As [`Receiver::receive`].
    pub(crate) fn receive_all(&mut self, frames: &mut Vec<Frame>) -> io::Result<Arrival> {
        let mut left = rustix::io::ioctl_fionread(&*self.socket)?;
        loop {
            match self.receive(frames)? {
                Arrival::Some(count) if (count as u64) < left => left -= count as u64,
                arrival => return Ok(arrival),
            }
        }
    }

    /// What is to be watched.
    pub(crate) fn socket(&self) -> Arc<UnixStream> {
        Arc::clone(&self.socket)
    }

    /// Whether the worker says that it has sent something since the last look.
    pub(crate) fn has_news(&self) -> bool {
        self.page.replied() != self.seen
    }
}

/// The worker's end: blocks.
#[derive(Debug)]
pub(crate) struct WorkerChannel {
    socket: UnixStream,
    assembler: Assembler,
    page: Option<Arc<Page>>,
    /// The parent's count of sends before the last look at the socket.
    seen: u32,
}

impl WorkerChannel {
    /// The worker's end of a channel. Without a page it knows no limit but a header's.
    pub(crate) fn new(socket: OwnedFd) -> WorkerChannel {
        WorkerChannel {
            socket: socket.into(),
            assembler: Assembler::new(0),
            page: None,
            seen: 0,
        }
    }

    /// Takes in what the greeting brought.
    pub(crate) fn set_page(&mut self, page: Arc<Page>) {
        self.assembler.set_limit(page.settings().frame_limit);
        self.page = Some(page);
    }

    /// Waits for a frame; `None` when the parent has ended the channel.
    pub(crate) fn receive(&mut self) -> io::Result<Option<Frame>> {
        if let Some(frame) = self.assembler.next()? {
            return Ok(Some(frame));
        }
        loop {
            if let Some(page) = &self.page {
                // Whoever waits for the last outcome often has the next task ready.
                spin_until(|| page.sent() != self.seen);
                self.seen = page.sent();
                #[cfg(test)]
                super::faults::read_half(&self.socket, &mut self.assembler);
            }
            match receive_some(&self.socket, &mut self.assembler)? {
                Some(Received::Frame(frame)) => return Ok(Some(frame)),
                Some(Received::Part) => {}
                None => return Ok(None),
            }
        }
    }

    pub(crate) fn send(&mut self, parcel: &Parcel) -> io::Result<()> {
        #[cfg(not(test))]
        let sent = 0;
        #[cfg(test)]
        let sent = super::faults::send_half(&self.socket, parcel);
        send_all(&self.socket, parcel, sent, SendFlags::empty())?;
        if let Some(page) = &self.page {
            page.count_reply();
        }
        Ok(())
    }
}

impl AsFd for WorkerChannel {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.socket.as_fd()
    }
}
