//! Frames over a stream socket, with the descriptors that come along.

use std::io::{self, IoSlice, IoSliceMut};
use std::mem::MaybeUninit;
use std::os::unix::net::UnixStream;
use std::thread;
use std::time::Duration;

use rustix::io::Errno;
use rustix::net::{
    RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, ReturnFlags, SendAncillaryBuffer,
    SendAncillaryMessage, SendFlags, recvmsg, sendmsg,
};

use super::assembler::Assembler;
use super::wire::{Frame, MOST_PASSED, Parcel};

/// Frames that are sent by one call.
const GATHERED: usize = 32;

/// Bytes for as many descriptors as may come with one frame.
const ANCILLARY: usize = rustix::cmsg_space!(ScmRights(MOST_PASSED + 1));

/// How long a thread waits until it tries again to send what the system had no memory for.
const SHORT_OF_MEMORY: Duration = Duration::from_millis(10);

/// Sends some frames, the first from byte `sent` on, by one call; how many bytes were sent.
///
/// A frame with descriptors goes alone, so that they arrive with its first byte and no other's.
pub(crate) fn send<'p>(
    socket: &UnixStream,
    parcels: impl Iterator<Item = &'p Parcel>,
    sent: usize,
    flags: SendFlags,
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
    let flags = flags | SendFlags::NOSIGNAL;
    let mut space = [MaybeUninit::uninit(); ANCILLARY];
    loop {
        let outcome = if count == 1 && descriptors.is_empty() {
            // The usual case: the system has less to read.
            rustix::net::send(socket, &slices[0], flags)
        } else {
            let mut ancillary = SendAncillaryBuffer::new(&mut space);
            if !descriptors.is_empty() {
                ancillary.push(SendAncillaryMessage::ScmRights(&descriptors));
            }
            sendmsg(socket, &slices[..count], &mut ancillary, flags)
        };
        match outcome {
            Err(Errno::INTR) => {}
            outcome => return outcome,
        }
    }
}

/// Reads what there is into the assembler; how many bytes.
pub(crate) fn receive(
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

/// Sends a frame, from byte `sent` on, and waits as long as that takes.
///
/// # Errors
///
/// The other end is gone; or with [`SendFlags::DONTWAIT`] it, or the system, has no room.
pub(crate) fn send_all(
    socket: &UnixStream,
    parcel: &Parcel,
    mut sent: usize,
    flags: SendFlags,
) -> io::Result<()> {
    while sent < parcel.bytes.len() {
        match send(socket, [parcel].into_iter(), sent, flags) {
            Ok(count) => sent += count,
            // More descriptors are on their way than this user may have.
            Err(Errno::TOOMANYREFS) if parcel.memory.is_some() => {
                return send_all(socket, &parcel.inline()?, 0, flags);
            }
            Err(Errno::NOBUFS | Errno::NOMEM | Errno::TOOMANYREFS)
                if !flags.contains(SendFlags::DONTWAIT) =>
            {
                thread::sleep(SHORT_OF_MEMORY);
            }
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}

/// Waits for bytes, takes them in, and gives the next frame, if that is complete; `None` at the end
/// of the channel.
///
/// # Errors
///
/// What has arrived is no frame, or the end came in the midst of one.
pub(crate) fn receive_some(
    socket: &UnixStream,
    assembler: &mut Assembler,
) -> io::Result<Option<Received>> {
    if receive(socket, assembler, RecvFlags::empty())? > 0 {
        return Ok(Some(
            assembler.next()?.map_or(Received::Part, Received::Frame),
        ));
    }
    if assembler.is_amid_a_frame() {
        Err(io::ErrorKind::UnexpectedEof.into())
    } else {
        Ok(None)
    }
}

/// What has come.
#[derive(Debug)]
pub(crate) enum Received {
    Frame(Frame),
    /// Less than a frame.
    Part,
}
