//! Frames: what parent and worker say to each other.
//!
//! ```text
//! offset  size  field
//!      0     4  kind; the highest bit says that the payload is in memory, passed as a descriptor
//!      4     4  magic, the same in every frame
//!      8     8  id of the task
//!     16     8  length of the payload in bytes
//!     24        payload, if it is not in memory
//! ```
//!
//! All numbers are little-endian. Both ends are the same executable, so there is no version.

use std::borrow::Cow;
use std::collections::VecDeque;
use std::io;
use std::os::fd::OwnedFd;

use super::codec::Draft;
use super::memory::{self, Loan, Memory};

/// Bytes of a header.
pub(crate) const HEADER: usize = 24;

const MAGIC: u32 = u32::from_le_bytes(*b"exec");
const IN_MEMORY: u32 = 1 << 31;

/// Bytes of payload from which on it travels in memory: about where passing a descriptor costs less
/// than copying through the socket, and what a socket holds at once.
const MEMORY_FROM: usize = 64 << 10;

/// Bytes that are read at a time.
pub(super) const ROOM: usize = 64 << 10;

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
}

const KINDS: [(u32, Kind); 7] = [
    (1, Kind::Hello),
    (2, Kind::Initialize),
    (3, Kind::Ready),
    (4, Kind::Task),
    (5, Kind::Begun),
    (6, Kind::Outcome),
    (7, Kind::Skipped),
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

/// A payload that has arrived.
#[derive(Debug)]
pub(crate) enum Content {
    /// With the frame.
    Inline(Vec<u8>),
    /// In memory of its own.
    Memory(Memory),
    /// In memory that is not a value's: the page of a greeting.
    Page(OwnedFd),
    /// In memory that this process had no descriptor left for.
    Missing,
}

impl Content {
    pub(crate) fn len(&self) -> usize {
        match self {
            Content::Inline(bytes) => bytes.len(),
            Content::Memory(memory) => memory.len(),
            Content::Page(_) | Content::Missing => 0,
        }
    }

    /// Some bytes of it.
    pub(crate) fn part(&self, offset: usize, length: usize) -> Result<Cow<'_, [u8]>, String> {
        let end = offset.checked_add(length).filter(|end| *end <= self.len());
        let end = end.ok_or(match self {
            Content::Missing => "this process has no descriptor left for its memory",
            _ => "the payload is too short",
        })?;
        match self {
            Content::Inline(bytes) => Ok(Cow::Borrowed(&bytes[offset..end])),
            Content::Memory(_) | Content::Page(_) | Content::Missing => {
                let mut bytes = vec![0; length];
                self.read_at(offset, &mut bytes)?;
                Ok(Cow::Owned(bytes))
            }
        }
    }

    /// Copies some bytes of it to where they belong.
    pub(crate) fn read_at(&self, offset: usize, place: &mut [u8]) -> Result<(), String> {
        match self {
            Content::Inline(_) => place.copy_from_slice(&self.part(offset, place.len())?),
            Content::Memory(memory) => memory
                .read_at(offset, place)
                .map_err(|error| format!("the payload can't be read: {error}"))?,
            Content::Page(_) | Content::Missing if place.is_empty() => {}
            Content::Page(_) | Content::Missing => return Err("there is no payload".to_owned()),
        }
        Ok(())
    }
}

/// A frame to be sent: its bytes, and the memory that is passed along.
#[derive(Debug)]
pub(crate) struct Parcel {
    pub(super) bytes: Vec<u8>,
    pub(super) memory: Option<OwnedFd>,
    /// What the memory counts against.
    _loan: Option<Loan>,
}

impl Parcel {
    /// A frame without a payload.
    pub(crate) fn empty(kind: Kind, id: u64) -> Parcel {
        Parcel {
            bytes: header(kind.code(), id, 0).to_vec(),
            memory: None,
            _loan: None,
        }
    }

    /// A greeting.
    pub(crate) fn hello(page: OwnedFd) -> Parcel {
        Parcel {
            bytes: header(Kind::Hello.code() | IN_MEMORY, 0, 0).to_vec(),
            memory: Some(page),
            _loan: None,
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
        let Draft { mut bytes, pieces } = draft;
        if length >= MEMORY_FROM
            && let Some(loan) = loan()
        {
            let pieces = pieces.iter().map(|piece| piece.bytes());
            let parts = std::iter::once(&bytes[HEADER..]).chain(pieces);
            // If the system has no memory or descriptor for it, the socket does.
            if let Ok(memory) = memory::seal(parts) {
                return Parcel {
                    bytes: header(kind.code() | IN_MEMORY, id, length).to_vec(),
                    memory: Some(memory),
                    _loan: Some(loan),
                };
            }
        }
        bytes.reserve_exact(HEADER + length - bytes.len());
        for piece in pieces {
            bytes.extend_from_slice(piece.bytes());
        }
        bytes[..HEADER].copy_from_slice(&header(kind.code(), id, length));
        Parcel {
            bytes,
            memory: None,
            _loan: None,
        }
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
        Ok(Parcel {
            bytes,
            memory: None,
            _loan: None,
        })
    }

    /// Bytes of its payload.
    pub(crate) fn payload_len(&self) -> usize {
        let length = self.bytes[16..HEADER].first_chunk().copied();
        length.map_or(0, |length| u64::from_le_bytes(length) as usize)
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

#[derive(Debug)]
struct Header {
    kind: Kind,
    in_memory: bool,
    id: u64,
    length: usize,
}

fn parse_header(bytes: &[u8; HEADER], limit: usize) -> io::Result<Header> {
    let number = |at: usize| u64::from_le_bytes(std::array::from_fn(|byte| bytes[at + byte]));
    let start = number(0);
    let magic = (start >> 32) as u32;
    if magic != MAGIC {
        return Err(malformed(format!("a frame begins with {magic:#x}")));
    }
    let code = start as u32 & !IN_MEMORY;
    let kind =
        Kind::from_code(code).ok_or_else(|| malformed(format!("a frame is of kind {code}")))?;
    let length = number(16);
    let length = usize::try_from(length)
        .ok()
        .filter(|length| *length <= limit)
        .ok_or_else(|| malformed(format!("a frame of {length} bytes; the limit is {limit}")))?;
    Ok(Header {
        kind,
        in_memory: start as u32 & IN_MEMORY != 0,
        id: number(8),
        length,
    })
}

fn malformed(what: String) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, what)
}

/// Puts frames together from bytes that arrive in any pieces.
#[derive(Debug)]
pub(crate) struct Assembler {
    /// What has arrived and is in no frame yet: `room[start..end]`.
    room: Box<[u8]>,
    start: usize,
    end: usize,
    /// A frame whose payload is on its way, as far as it has come.
    partial: Option<(Header, Vec<u8>)>,
    /// The descriptors of the frames to come; `None` for one that this process had no number for.
    descriptors: VecDeque<Option<OwnedFd>>,
    /// Bytes that a payload may have.
    limit: usize,
}

impl Assembler {
    pub(crate) fn new(limit: usize) -> Assembler {
        Assembler {
            room: vec![0; ROOM].into(),
            start: 0,
            end: 0,
            partial: None,
            descriptors: VecDeque::new(),
            limit,
        }
    }

    pub(crate) fn set_limit(&mut self, limit: usize) {
        self.limit = limit;
    }

    /// Where the next bytes go; never empty when [`Assembler::next`] has given all that it can.
    pub(crate) fn room(&mut self) -> &mut [u8] {
        if self.start == self.end {
            (self.start, self.end) = (0, 0);
        } else if self.room.len() - self.end < HEADER {
            self.room.copy_within(self.start..self.end, 0);
            (self.start, self.end) = (0, self.end - self.start);
        }
        &mut self.room[self.end..]
    }

    /// Takes in `count` bytes that were put in the room.
    pub(crate) fn filled(&mut self, count: usize) {
        self.end = (self.end + count).min(self.room.len());
    }

    /// Takes in a descriptor.
    pub(crate) fn take_descriptor(&mut self, descriptor: OwnedFd) {
        self.descriptors.push_back(Some(descriptor));
    }

    /// Takes note of a descriptor that could not be had.
    pub(crate) fn miss_descriptor(&mut self) {
        self.descriptors.push_back(None);
    }

    /// Whether descriptors have come that belong to no frame, when [`Assembler::next`] has given all
    /// that it can: one more than a header that is on its way can have.
    pub(crate) fn has_stray_descriptors(&self) -> bool {
        self.descriptors.len() > 1
    }

    /// The next frame, if all of it is there.
    pub(crate) fn next(&mut self) -> io::Result<Option<Frame>> {
        if self.partial.is_none() {
            let Some(bytes) = self.room[self.start..self.end].first_chunk() else {
                return Ok(None);
            };
            let header = parse_header(bytes, self.limit)?;
            self.start += HEADER;
            if header.in_memory {
                return self.in_memory(&header).map(Some);
            }
            // Grows with what arrives, not with what the header claims.
            let payload = Vec::with_capacity(header.length.min(ROOM));
            self.partial = Some((header, payload));
        }
        let Some((header, mut payload)) = self.partial.take() else {
            return Ok(None);
        };
        let missing = header.length - payload.len();
        let count = missing.min(self.end - self.start);
        if payload.capacity() - payload.len() < count {
            // Twice what has arrived, and never more than is to come.
            payload.reserve_exact(payload.len().max(count).min(missing));
        }
        payload.extend_from_slice(&self.room[self.start..self.start + count]);
        self.start += count;
        if payload.len() < header.length {
            self.partial = Some((header, payload));
            return Ok(None);
        }
        Ok(Some(Frame {
            kind: header.kind,
            id: header.id,
            content: Content::Inline(payload),
        }))
    }

    fn in_memory(&mut self, header: &Header) -> io::Result<Frame> {
        let descriptor = self
            .descriptors
            .pop_front()
            .ok_or_else(|| malformed("a payload in memory came without a descriptor".to_owned()))?;
        let content = match (descriptor, header.kind) {
            (None, _) => Content::Missing,
            (Some(descriptor), Kind::Hello) => Content::Page(descriptor),
            (Some(descriptor), _) => Content::Memory(Memory::accept(descriptor, header.length)?),
        };
        Ok(Frame {
            kind: header.kind,
            id: header.id,
            content,
        })
    }

    /// Bytes that are reserved for a payload on its way.
    #[cfg(any(test, fuzzing))]
    pub(super) fn reserved(&self) -> usize {
        let partial = self.partial.as_ref();
        partial.map_or(0, |(_, payload)| payload.capacity())
    }

    /// Whether something of a frame has arrived and not all of it.
    pub(crate) fn is_amid_a_frame(&self) -> bool {
        self.partial.is_some() || self.start < self.end
    }
}

#[cfg(test)]
mod tests;
