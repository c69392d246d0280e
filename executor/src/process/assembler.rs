//! From bytes and descriptors that arrive in any pieces back to frames.

use std::collections::VecDeque;
use std::io;
use std::os::fd::OwnedFd;
use std::sync::Arc;

use super::content::{Bytes, Content};
use super::memory::Memory;
use super::wire::{Frame, HEADER, Header, Kind, malformed, parse_header};

/// Bytes that are read at a time.
pub(crate) const ROOM: usize = 64 << 10;

/// A frame whose payload is on its way.
#[derive(Debug)]
struct Partial {
    header: Header,
    payload: Vec<u8>,
    passed: Passed,
}

/// What came for the values of a frame; `None` if this process had no number left for some of it.
type Passed = Option<Vec<Arc<OwnedFd>>>;

/// Descriptors that arrived together.
#[derive(Debug)]
struct Arrived {
    descriptors: Vec<OwnedFd>,
    /// Whether this process had a number left for each.
    are_all: bool,
}

/// Puts frames together from bytes that arrive in any pieces.
#[derive(Debug)]
pub(crate) struct Assembler {
    /// What has arrived and is in no frame yet: `room[start..end]`.
    room: Box<[u8]>,
    start: usize,
    end: usize,
    /// A frame whose payload is on its way, as far as it has come.
    partial: Option<Partial>,
    /// The descriptors of the frames to come: a frame with any is sent alone, so what arrives
    /// together is one frame's.
    descriptors: VecDeque<Arrived>,
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

    /// Bytes that a payload may have.
    #[cfg(feature = "manager")]
    pub(crate) fn limit(&self) -> usize {
        self.limit
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

    /// Takes in descriptors that arrived together; whether they are all that were sent.
    pub(crate) fn take_descriptors(&mut self, descriptors: Vec<OwnedFd>, are_all: bool) {
        self.descriptors.push_back(Arrived {
            descriptors,
            are_all,
        });
    }

    /// Whether descriptors have come that belong to no frame, when [`Assembler::next`] has given all
    /// that it can: more than a header that is on its way can have.
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
            let (memory, passed) = self.descriptors_of(&header)?;
            let end = self.start.saturating_add(header.length);
            if !header.in_memory && end <= self.end {
                // The usual case: all of it has come.
                let bytes = Bytes::Inline(self.room[self.start..end].to_vec());
                self.start = end;
                return Ok(Some(frame(&header, bytes, passed)));
            }
            if header.in_memory {
                return Ok(Some(in_memory(&header, memory, passed)?));
            }
            self.partial = Some(Partial {
                // Grows with what arrives, not with what the header claims.
                payload: Vec::with_capacity(header.length.min(ROOM)),
                header,
                passed,
            });
        }
        let Some(mut partial) = self.partial.take() else {
            return Ok(None);
        };
        let Partial {
            header, payload, ..
        } = &mut partial;
        let missing = header.length - payload.len();
        let count = missing.min(self.end - self.start);
        if payload.capacity() - payload.len() < count {
            // Twice what has arrived, and never more than is to come.
            payload.reserve_exact(payload.len().max(count).min(missing));
        }
        payload.extend_from_slice(&self.room[self.start..self.start + count]);
        self.start += count;
        if payload.len() < header.length {
            self.partial = Some(partial);
            return Ok(None);
        }
        let bytes = Bytes::Inline(partial.payload);
        Ok(Some(frame(&partial.header, bytes, partial.passed)))
    }

    /// The descriptors that a header announces: of its payload's memory, and of the values in it.
    fn descriptors_of(&mut self, header: &Header) -> io::Result<(Option<OwnedFd>, Passed)> {
        let expected = header.passed + usize::from(header.in_memory);
        if expected == 0 {
            return Ok((None, Some(Vec::new())));
        }
        let arrived = self.descriptors.pop_front().ok_or_else(|| {
            malformed(format!(
                "a frame that needs descriptors ({expected}) came without a descriptor"
            ))
        })?;
        if !arrived.are_all {
            return Ok((None, None));
        }
        let count = arrived.descriptors.len();
        if count != expected {
            return Err(malformed(format!(
                "a frame with {expected} descriptors came with {count}"
            )));
        }
        let mut descriptors = arrived.descriptors.into_iter();
        let memory = header.in_memory.then(|| descriptors.next()).flatten();
        Ok((memory, Some(descriptors.map(Arc::new).collect())))
    }

    /// Bytes that are reserved for a payload on its way.
    #[cfg(any(test, fuzzing))]
    pub(crate) fn reserved(&self) -> usize {
        let partial = self.partial.as_ref();
        partial.map_or(0, |partial| partial.payload.capacity())
    }

    /// Whether something of a frame has arrived and not all of it.
    pub(crate) fn is_amid_a_frame(&self) -> bool {
        self.partial.is_some() || self.start < self.end
    }
}

/// A frame whose payload is in memory.
fn in_memory(header: &Header, memory: Option<OwnedFd>, passed: Passed) -> io::Result<Frame> {
    let bytes = match (memory, header.kind) {
        (None, _) => Bytes::Missing,
        (Some(page), Kind::Hello) => Bytes::Page(page),
        (Some(memory), _) => Bytes::Memory(Memory::accept(memory, header.length)?),
    };
    Ok(frame(header, bytes, passed))
}

fn frame(header: &Header, bytes: Bytes, passed: Passed) -> Frame {
    let content = match passed {
        Some(passed) => Content { bytes, passed },
        None => Content {
            bytes: Bytes::Missing,
            passed: Vec::new(),
        },
    };
    Frame {
        kind: header.kind,
        id: header.id,
        content,
    }
}
