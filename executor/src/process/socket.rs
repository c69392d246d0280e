//! Frames over a stream socket, with the descriptors that come along.

#![expect(
    unsafe_code,
    reason = "receives by the C library, and takes descriptors over"
)]

use std::io::{self, IoSlice};
use std::mem::MaybeUninit;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd, RawFd};
use std::os::unix::net::UnixStream;
use std::thread;
use std::time::Duration;

use rustix::io::Errno;
use rustix::net::{RecvFlags, SendAncillaryBuffer, SendAncillaryMessage, SendFlags, sendmsg};

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
    if count == 1 && descriptors.is_empty() {
        return send_bytes(socket, &slices[0], flags);
    }
    let mut space = [MaybeUninit::uninit(); ANCILLARY];
    uninterrupted(|| {
        let mut ancillary = SendAncillaryBuffer::new(&mut space);
        if !descriptors.is_empty() {
            ancillary.push(SendAncillaryMessage::ScmRights(&descriptors));
        }
        let flags = flags | SendFlags::NOSIGNAL;
        sendmsg(socket, &slices[..count], &mut ancillary, flags)
    })
}

/// Sends bytes and nothing else, by the call for which the system has least to read.
fn send_bytes(socket: &UnixStream, bytes: &[u8], flags: SendFlags) -> rustix::io::Result<usize> {
    uninterrupted(|| rustix::net::send(socket, bytes, flags | SendFlags::NOSIGNAL))
}

fn uninterrupted<T>(mut call: impl FnMut() -> rustix::io::Result<T>) -> rustix::io::Result<T> {
    loop {
        match call() {
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
    let Arrival {
        count,
        descriptors: arrived,
        are_all,
    } = uninterrupted(|| arrival(socket, assembler.room(), flags))?;
    if !arrived.is_empty() || !are_all {
        assembler.take_descriptors(arrived, are_all);
    }
    assembler.filled(count);
    Ok(count)
}

/// What one look at a socket has brought.
struct Arrival {
    count: usize,
    descriptors: Vec<OwnedFd>,
    /// Whether this process had a number left for each.
    are_all: bool,
}

/// Room for descriptors, aligned as the system wants it.
#[repr(C, align(8))]
struct Ancillary([MaybeUninit<u8>; ANCILLARY]);

/// Reads what there is. By the C library, because rustix asks for the sender's address as well, and this is
/// what a round trip consists of.
fn arrival(socket: &UnixStream, room: &mut [u8], flags: RecvFlags) -> rustix::io::Result<Arrival> {
    let mut space = Ancillary([MaybeUninit::uninit(); ANCILLARY]);
    let mut slice = libc::iovec {
        iov_base: room.as_mut_ptr().cast(),
        iov_len: room.len(),
    };
    let mut header = libc::msghdr {
        msg_name: std::ptr::null_mut(),
        msg_namelen: 0,
        msg_iov: &raw mut slice,
        msg_iovlen: 1,
        msg_control: space.0.as_mut_ptr().cast(),
        msg_controllen: ANCILLARY,
        msg_flags: 0,
    };
    let flags = flags | RecvFlags::CMSG_CLOEXEC;
    // SAFETY: the header leads to room that is ours and as large as it says.
    let count = unsafe {
        libc::recvmsg(
            socket.as_raw_fd(),
            &raw mut header,
            flags.bits() as libc::c_int,
        )
    };
    let Ok(count) = usize::try_from(count) else {
        return Err(Errno::from_io_error(&io::Error::last_os_error()).unwrap_or(Errno::IO));
    };
    Ok(Arrival {
        count,
        descriptors: descriptors(&header),
        are_all: header.msg_flags & libc::MSG_CTRUNC == 0,
    })
}

/// The descriptors that the system has put into the control part of a header.
fn descriptors(header: &libc::msghdr) -> Vec<OwnedFd> {
    let mut descriptors = Vec::new();
    // SAFETY: the system has filled the control part, as far as the header says.
    let mut message = unsafe { libc::CMSG_FIRSTHDR(header) };
    while !message.is_null() {
        // SAFETY: it lies in the control part, where the system has written it, and is aligned.
        let libc::cmsghdr {
            cmsg_len,
            cmsg_level,
            cmsg_type,
        } = unsafe { *message };
        if (cmsg_level, cmsg_type) == (libc::SOL_SOCKET, libc::SCM_RIGHTS) {
            // SAFETY: it is arithmetic.
            let header_length = unsafe { libc::CMSG_LEN(0) } as usize;
            let count = (cmsg_len - header_length) / size_of::<RawFd>();
            // SAFETY: its data come right behind its header.
            let data = unsafe { libc::CMSG_DATA(message) }.cast::<RawFd>();
            for place in 0..count {
                // SAFETY: there are that many.
                let at = unsafe { data.add(place) };
                // SAFETY: it is one of them; nothing is said of their alignment.
                let descriptor = unsafe { at.read_unaligned() };
                // SAFETY: the system has just given this process this descriptor, and nobody else has it.
                descriptors.push(unsafe { OwnedFd::from_raw_fd(descriptor) });
            }
        }
        // SAFETY: as for the first one.
        message = unsafe { libc::CMSG_NXTHDR(header, message) };
    }
    descriptors
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
        let outcome = if parcel.is_bare() {
            // The usual case.
            send_bytes(socket, &parcel.bytes[sent..], flags)
        } else {
            send(socket, [parcel].into_iter(), sent, flags)
        };
        match outcome {
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
