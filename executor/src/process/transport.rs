//! The seam: a channel to one worker.
//!
//! A stream socket for now, which carries bytes and descriptors. What replaces it must be able to
//! be polled and to be waited on.

use std::collections::VecDeque;
use std::io::{self, IoSlice, IoSliceMut};
use std::mem::MaybeUninit;
use std::net::Shutdown;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use rustix::io::Errno;
use rustix::net::{
    RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, ReturnFlags, SendAncillaryBuffer,
    SendAncillaryMessage, SendFlags, recvmsg, sendmsg,
};

use super::assembler::Assembler;
use super::page::Page;
use super::wire::{Frame, MOST_PASSED, Parcel};
use crate::spin::spin_until;

/// Frames that are sent by one call.
const GATHERED: usize = 32;

/// Bytes for as many descriptors as may come with one frame.
const ANCILLARY: usize = rustix::cmsg_space!(ScmRights(MOST_PASSED + 1));

/// How long a worker waits until it tries again to send what the system had no memory for.
const SHORT_OF_MEMORY: Duration = Duration::from_millis(10);

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
            let count = match send(&self.socket, parcels(), self.sent) {
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

/// Sends some frames, the first from byte `sent` on, by one call; how many bytes were sent.
///
/// A frame with descriptors goes alone, so that they arrive with its first byte and no other's.
fn send<'p>(
    socket: &UnixStream,
    parcels: impl Iterator<Item = &'p Parcel>,
    sent: usize,
) -> rustix::io::Result<usize> {
    let mut slices = [IoSlice::new(&[]); GATHERED];
    let mut count = 0;
    let mut descriptors = Vec::new();
    for parcel in parcels.take(GATHERED) {
        if count > 0 && !parcel.is_bare() {
            break;
        }
        slices[count] = IoSlice::new(if count == 0 {
            &parcel.bytes[sent..]
        } else {
            &parcel.bytes
        });
        count += 1;
        if !parcel.is_bare() {
            if sent == 0 {
                descriptors.extend(parcel.descriptors());
            }
            break;
        }
    }
    let mut space = [MaybeUninit::uninit(); ANCILLARY];
    let mut ancillary = SendAncillaryBuffer::new(&mut space);
    if !descriptors.is_empty() {
        ancillary.push(SendAncillaryMessage::ScmRights(&descriptors));
    }
    loop {
        match sendmsg(
            socket,
            &slices[..count],
            &mut ancillary,
            SendFlags::NOSIGNAL,
        ) {
            Err(Errno::INTR) => {}
            outcome => return outcome,
        }
    }
}

/// Reads what there is into the assembler; how many bytes.
fn receive(
    socket: &UnixStream,
    assembler: &mut Assembler,
    flags: RecvFlags,
) -> rustix::io::Result<usize> {
    if assembler.has_stray_descriptors() {
        // Whoever sends them would take all that this process may have.
        return Err(Errno::PROTO);
    }
    let mut space = [MaybeUninit::uninit(); ANCILLARY];
    let mut ancillary = RecvAncillaryBuffer::new(&mut space);
    let received = loop {
        let mut slices = [IoSliceMut::new(assembler.room())];
        match recvmsg(
            socket,
            &mut slices,
            &mut ancillary,
            flags | RecvFlags::CMSG_CLOEXEC,
        ) {
            Err(Errno::INTR) => {}
            outcome => break outcome?,
        }
    };
    let count = received.bytes;
    let mut arrived = Vec::new();
    for message in ancillary.drain() {
        if let RecvAncillaryMessage::ScmRights(descriptors) = message {
            arrived.extend(descriptors);
        }
    }
    let are_all = !received.flags.contains(ReturnFlags::CTRUNC);
    if !arrived.is_empty() || !are_all {
        assembler.take_descriptors(arrived, are_all);
    }
    assembler.filled(count);
    Ok(count)
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
        loop {
            if let Some(frame) = self.assembler.next()? {
                return Ok(Some(frame));
            }
            if let Some(page) = &self.page {
                // Whoever waits for the last outcome often has the next task ready.
                spin_until(|| page.sent() != self.seen);
                self.seen = page.sent();
                #[cfg(test)]
                super::faults::read_half(&self.socket, &mut self.assembler);
            }
            let flags = RecvFlags::empty();
            if receive(&self.socket, &mut self.assembler, flags)? == 0 {
                return if self.assembler.is_amid_a_frame() {
                    Err(io::ErrorKind::UnexpectedEof.into())
                } else {
                    Ok(None)
                };
            }
        }
    }

    pub(crate) fn send(&mut self, parcel: &Parcel) -> io::Result<()> {
        let mut sent = 0;
        #[cfg(test)]
        {
            sent += super::faults::send_half(&self.socket, parcel);
        }
        while sent < parcel.bytes.len() {
            match send(&self.socket, [parcel].into_iter(), sent) {
                Ok(count) => sent += count,
                Err(Errno::TOOMANYREFS) if parcel.memory.is_some() => {
                    return self.send(&parcel.inline()?);
                }
                Err(Errno::NOBUFS | Errno::NOMEM | Errno::TOOMANYREFS) => {
                    thread::sleep(SHORT_OF_MEMORY);
                }
                Err(error) => return Err(error.into()),
            }
        }
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
