//! Frames: what parent and worker say to each other.
//!
//! ```text
//! offset  size  field
//!      0     1  kind
//!      1     1  how many descriptors come along for the values in the payload
//!      2     1  zero
//!      3     1  128 if the payload is in memory, whose descriptor comes before those; else zero
//!      4     4  magic, the same in every frame
//!      8     8  id of the task
//!     16     8  length of the payload in bytes
//!     24        payload, if it is not in memory
//! ```
//!
//! All numbers are little-endian. Both ends are the same executable, so there is no version.

use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::sync::Arc;

use super::codec::Draft;
use super::content::Content;
use super::memory::{self, Loan};

/// Bytes of a header.
pub(crate) const HEADER: usize = 24;

const MAGIC: u32 = u32::from_le_bytes(*b"exec");
const IN_MEMORY: u32 = 1 << 31;
/// By how many bits the number of passed descriptors is shifted.
const PASSED: u32 = 8;

/// Descriptors that the values of a payload may bring: what the system passes with one message, less
/// the one that the payload itself may lie behind.
pub(crate) const MOST_PASSED: usize = 252;

/// Bytes of payload from which on it travels in memory: about where passing a descriptor costs less
/// than copying through the socket, and what a socket holds at once.
const MEMORY_FROM: usize = 64 << 10;

/// What a frame says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Parent to worker, first of all: serve. The payload is the page that the two share.
    Hello,
    /// Parent to worker, before any task, if the page says so: run this once.
    Initialize,
    /// Worker to parent, once: tasks are welcome, or the initializer's error.
    Ready,
    /// Parent to worker: run this.
    Task,
    /// Worker to parent: the task is claimed, and its payload is not needed any more (only for
    /// payloads in memory), or the initializer has begun.
    Begun,
    /// Worker to parent: this is what the task left.
    Outcome,
    /// Worker to parent: the task had been revoked.
    Skipped,
    /// Owner to manager, first of all: serve, with these settings.
    Configure,
    /// Client to manager, first of all: this is who I am.
    Connect,
    /// Client to manager: carry this out on an object.
    Ask,
    /// Client to manager: the operation of this number has waited for too long.
    Withdraw,
    /// Client to manager: make an object.
    Create,
    /// Client to manager: something about the manager itself.
    Command,
    /// Manager to client or owner: this is what came of it.
    Reply,
}

const KINDS: [(u32, Kind); 14] = [
    (1, Kind::Hello),
    (2, Kind::Initialize),
    (3, Kind::Ready),
    (4, Kind::Task),
    (5, Kind::Begun),
    (6, Kind::Outcome),
    (7, Kind::Skipped),
    (8, Kind::Configure),
    (9, Kind::Connect),
    (10, Kind::Ask),
    (11, Kind::Withdraw),
    (12, Kind::Create),
    (13, Kind::Command),
    (14, Kind::Reply),
];

impl Kind {
    fn code(self) -> u32 {
        let found = KINDS.iter().find(|(_, kind)| *kind == self);
        found.map_or(0, |(code, _)| *code)
    }

    fn from_code(code: u32) -> Option<Kind> {
        let found = KINDS.iter().find(|(known, _)| *known == code);
        found.map(|(_, kind)| *kind)
    }
}

/// A frame that has arrived.
#[derive(Debug)]
pub(crate) struct Frame {
    pub(crate) kind: Kind,
    pub(crate) id: u64,
    pub(crate) content: Content,
}

/// A frame to be sent: its bytes, and the descriptors that are passed along.
#[derive(Debug)]
pub(crate) struct Parcel {
    pub(crate) bytes: Vec<u8>,
    pub(crate) memory: Option<OwnedFd>,
    /// What the values in it refer to. It keeps that open until the frame has arrived or is dropped.
    passed: Vec<Arc<OwnedFd>>,
    /// What the memory counts against.
    _loan: Option<Loan>,
}

impl Parcel {
    /// A frame without a payload.
    pub(crate) fn empty(kind: Kind, id: u64) -> Parcel {
        Parcel::of_bytes(header(kind.code(), id, 0).to_vec(), Vec::new())
    }

    fn of_bytes(bytes: Vec<u8>, passed: Vec<Arc<OwnedFd>>) -> Parcel {
        Parcel {
            bytes,
            memory: None,
            passed,
            _loan: None,
        }
    }

    /// A greeting.
    pub(crate) fn hello(page: OwnedFd) -> Parcel {
        let bytes = header(Kind::Hello.code() | IN_MEMORY, 0, 0).to_vec();
        Parcel {
            memory: Some(page),
            ..Parcel::of_bytes(bytes, Vec::new())
        }
    }

    /// A frame with this payload, in memory if that is worth it and there is a loan for it.
    pub(crate) fn new(
        kind: Kind,
        id: u64,
        draft: Draft,
        loan: impl FnOnce() -> Option<Loan>,
    ) -> Parcel {
        let length = draft.len();
        let Draft {
            mut bytes,
            pieces,
            passed,
        } = draft;
        let code = kind.code() | (passed.len() as u32) << PASSED;
        if length >= MEMORY_FROM
            && let Some(loan) = loan()
        {
            let pieces = pieces.iter().map(|piece| piece.bytes());
            let parts = std::iter::once(&bytes[HEADER..]).chain(pieces);
            // If the system has no memory or descriptor for it, the socket does.
            if let Ok(memory) = memory::seal(parts) {
                return Parcel {
                    bytes: header(code | IN_MEMORY, id, length).to_vec(),
                    memory: Some(memory),
                    passed,
                    _loan: Some(loan),
                };
            }
        }
        bytes.reserve_exact(HEADER + length - bytes.len());
        for piece in pieces {
            bytes.extend_from_slice(piece.bytes());
        }
        bytes[..HEADER].copy_from_slice(&header(code, id, length));
        Parcel::of_bytes(bytes, passed)
    }

    /// The same frame with its payload in it.
    pub(crate) fn inline(&self) -> io::Result<Parcel> {
        let Some(memory) = &self.memory else {
            return Err(io::ErrorKind::InvalidInput.into());
        };
        let length = self.payload_len();
        let mut bytes = vec![0; HEADER + length];
        bytes[..HEADER].copy_from_slice(&self.bytes);
        bytes[3] &= (!IN_MEMORY).to_le_bytes()[3];
        memory::read_at(memory, 0, &mut bytes[HEADER..])?;
        Ok(Parcel::of_bytes(bytes, self.passed.clone()))
    }

    /// Bytes of its payload.
    pub(crate) fn payload_len(&self) -> usize {
        let length = self.bytes[16..HEADER].first_chunk().copied();
        length.map_or(0, |length| u64::from_le_bytes(length) as usize)
    }

    /// What is to arrive with its first byte.
    pub(crate) fn descriptors(&self) -> impl Iterator<Item = BorrowedFd<'_>> {
        let memory = self.memory.iter().map(AsFd::as_fd);
        memory.chain(self.passed.iter().map(AsFd::as_fd))
    }

    /// Whether it goes without descriptors.
    pub(crate) fn is_bare(&self) -> bool {
        self.memory.is_none() && self.passed.is_empty()
    }
}

fn header(code: u32, id: u64, length: usize) -> [u8; HEADER] {
    let mut bytes = [0; HEADER];
    bytes[0..4].copy_from_slice(&code.to_le_bytes());
    bytes[4..8].copy_from_slice(&MAGIC.to_le_bytes());
    bytes[8..16].copy_from_slice(&id.to_le_bytes());
    bytes[16..24].copy_from_slice(&(length as u64).to_le_bytes());
    bytes
}

/// What the first bytes of a frame say.
#[derive(Debug)]
pub(crate) struct Header {
    pub(crate) kind: Kind,
    pub(crate) in_memory: bool,
    /// How many descriptors come along for the values.
    pub(crate) passed: usize,
    pub(crate) id: u64,
    pub(crate) length: usize,
}

pub(crate) fn parse_header(bytes: &[u8; HEADER], limit: usize) -> io::Result<Header> {
    let number = |at: usize| u64::from_le_bytes(std::array::from_fn(|byte| bytes[at + byte]));
    let start = number(0);
    let magic = (start >> 32) as u32;
    if magic != MAGIC {
        return Err(malformed(format!("a frame begins with {magic:#x}")));
    }
    let start = start as u32;
    let passed = usize::from((start >> PASSED) as u8);
    let code = start & !IN_MEMORY & !(0xff << PASSED);
    let kind =
        Kind::from_code(code).ok_or_else(|| malformed(format!("a frame is of kind {code}")))?;
    let length = number(16);
    let length = usize::try_from(length)
        .ok()
        .filter(|length| *length <= limit)
        .ok_or_else(|| malformed(format!("a frame of {length} bytes; the limit is {limit}")))?;
    Ok(Header {
        kind,
        in_memory: start & IN_MEMORY != 0,
        passed,
        id: number(8),
        length,
    })
}

pub(crate) fn malformed(what: String) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, what)
}

#[cfg(test)]
mod tests;
