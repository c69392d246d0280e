//! Frames: what parent and worker say to each other.
//!
//! ```text
//! offset  size  field
//!      0     4  kind
//!      4     4  magic, the same in every frame
//!      8     8  id of the task
//!     16     8  length of the payload in bytes
//!     24        payload
//! ```
//!
//! All numbers are little-endian. Both ends are the same executable, so there is no version.

use std::io::{self, Read};

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::base::TaskError;
use crate::sync;

/// Bytes of a header.
pub(crate) const HEADER: usize = 24;

/// Bytes of payload that a frame may have at most.
pub(crate) const LIMIT: usize = 256 << 20;

/// Bytes of room that an empty [`Assembler`] keeps.
const KEPT: usize = 1 << 20;

const MAGIC: u32 = u32::from_le_bytes(*b"exec");

impl TaskError {
    /// The same error of encoding or decoding, with the name of what was encoded or decoded.
    pub(super) fn of(self, what: &str, name: &str) -> TaskError {
        match self {
            TaskError::Encode(why) => TaskError::Encode(format!("{what} {name}: {why}").into()),
            TaskError::Decode(why) => TaskError::Decode(format!("{what} {name}: {why}").into()),
            other => other,
        }
    }
}

/// What a frame says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Parent to worker, first of all: serve.
    Hello,
    /// Worker to parent, once: the constructors have run, tasks are welcome.
    Ready,
    /// Parent to worker: run this.
    Task,
    /// Worker to parent: this is what the task left.
    Outcome,
}

impl Kind {
    fn code(self) -> u32 {
        match self {
            Kind::Hello => 1,
            Kind::Ready => 2,
            Kind::Task => 3,
            Kind::Outcome => 4,
        }
    }

    fn from_code(code: u32) -> Option<Kind> {
        [Kind::Hello, Kind::Ready, Kind::Task, Kind::Outcome]
            .into_iter()
            .find(|kind| kind.code() == code)
    }
}

/// A frame that has arrived.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Frame {
    pub(crate) kind: Kind,
    pub(crate) id: u64,
    pub(crate) payload: Vec<u8>,
}

struct Header {
    kind: Kind,
    id: u64,
    length: usize,
}

/// A frame to be sent: room for the header, which is filled in when the payload is complete.
pub(crate) struct Draft(Vec<u8>);

impl Draft {
    pub(crate) fn new() -> Draft {
        Draft(vec![0; HEADER])
    }

    pub(crate) fn push(&mut self, bytes: &[u8]) {
        self.0.extend_from_slice(bytes);
    }

    /// Appends a value in serde's postcard form. Runs the value's own code; a panic of it is an
    /// error.
    pub(crate) fn encode(mut self, value: &impl Serialize) -> Result<Draft, TaskError> {
        let bytes = std::mem::take(&mut self.0);
        let encoded = sync::catch_unwind(move || postcard::to_extend(value, bytes))
            .map_err(|panic| TaskError::Encode(panic.to_string().into()))?
            .map_err(|error| TaskError::Encode(error.to_string().into()))?;
        let length = encoded.len() - HEADER;
        if length > LIMIT {
            return Err(TaskError::Encode(
                format!("{length} bytes are more than the {LIMIT} that a frame may have").into(),
            ));
        }
        Ok(Draft(encoded))
    }

    /// The bytes of the frame.
    pub(crate) fn finish(mut self, kind: Kind, id: u64) -> Vec<u8> {
        let length = (self.0.len() - HEADER) as u64;
        self.0[0..4].copy_from_slice(&kind.code().to_le_bytes());
        self.0[4..8].copy_from_slice(&MAGIC.to_le_bytes());
        self.0[8..16].copy_from_slice(&id.to_le_bytes());
        self.0[16..24].copy_from_slice(&length.to_le_bytes());
        self.0
    }
}

/// Reads a value that [`Draft::encode`] wrote. Runs the value's own code; a panic of it is an
/// error.
pub(crate) fn decode<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, TaskError> {
    // A value that is refused after all is dropped in here too.
    let decoded = sync::catch_unwind(|| match postcard::take_from_bytes(bytes) {
        Ok((value, [])) => Ok(value),
        Ok((_, rest)) => Err(format!("{} bytes are left over", rest.len())),
        Err(error) => Err(error.to_string()),
    });
    decoded
        .unwrap_or_else(|panic| Err(panic.to_string()))
        .map_err(|why| TaskError::Decode(why.into()))
}

fn parse_header(bytes: &[u8; HEADER]) -> io::Result<Header> {
    let (kind, rest) = bytes.split_first_chunk().expect("a header is 24 bytes");
    let (magic, rest) = rest.split_first_chunk().expect("a header is 24 bytes");
    let (id, rest) = rest.split_first_chunk().expect("a header is 24 bytes");
    let (length, _) = rest.split_first_chunk().expect("a header is 24 bytes");
    let magic = u32::from_le_bytes(*magic);
    if magic != MAGIC {
        return Err(malformed(format!("a frame begins with {magic:#x}")));
    }
    let code = u32::from_le_bytes(*kind);
    let kind =
        Kind::from_code(code).ok_or_else(|| malformed(format!("a frame is of kind {code}")))?;
    let length = u64::from_le_bytes(*length);
    let length = usize::try_from(length)
        .ok()
        .filter(|length| *length <= LIMIT)
        .ok_or_else(|| malformed(format!("a frame of {length} bytes; the limit is {LIMIT}")))?;
    Ok(Header {
        kind,
        id: u64::from_le_bytes(*id),
        length,
    })
}

fn malformed(what: String) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, what)
}

/// Waits for a frame; `None` where the stream ends between two frames.
pub(crate) fn read_frame(stream: &mut impl Read) -> io::Result<Option<Frame>> {
    let mut bytes = [0; HEADER];
    let mut filled = 0;
    while filled < HEADER {
        match stream.read(&mut bytes[filled..]) {
            Ok(0) if filled == 0 => return Ok(None),
            Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
            Ok(count) => filled += count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    let Header { kind, id, length } = parse_header(&bytes)?;
    // The buffer grows with what arrives, not with what the header claims.
    let mut payload = Vec::new();
    stream.take(length as u64).read_to_end(&mut payload)?;
    if payload.len() < length {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    Ok(Some(Frame { kind, id, payload }))
}

/// Puts frames together from bytes that arrive in any pieces.
#[derive(Debug, Default)]
pub(crate) struct Assembler {
    bytes: Vec<u8>,
    /// How much of `bytes` has been given out.
    taken: usize,
}

impl Assembler {
    /// Takes in what has arrived.
    pub(crate) fn feed(&mut self, bytes: &[u8]) {
        if self.taken > 0 {
            self.bytes.drain(..self.taken);
            self.taken = 0;
        }
        self.bytes.extend_from_slice(bytes);
    }

    /// The next frame, if all of it is there.
    pub(crate) fn next(&mut self) -> io::Result<Option<Frame>> {
        let waiting = &self.bytes[self.taken..];
        let Some((header, rest)) = waiting.split_first_chunk() else {
            return Ok(None);
        };
        let Header { kind, id, length } = parse_header(header)?;
        let Some(payload) = rest.get(..length) else {
            return Ok(None);
        };
        let payload = payload.to_vec();
        self.taken += HEADER + length;
        if self.taken == self.bytes.len() {
            self.taken = 0;
            self.bytes.clear();
            // A big frame's room is not kept.
            self.bytes.shrink_to(KEPT);
        }
        Ok(Some(Frame { kind, id, payload }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(kind: Kind, id: u64, payload: &[u8]) -> Vec<u8> {
        let mut draft = Draft::new();
        draft.push(payload);
        draft.finish(kind, id)
    }

    #[test]
    fn frames_come_out_of_any_pieces() {
        let mut stream = frame(Kind::Task, 7, b"seven");
        stream.extend(frame(Kind::Ready, 0, b""));
        stream.extend(frame(Kind::Outcome, u64::MAX, &[9; 100]));
        for piece in 1..stream.len() {
            let mut assembler = Assembler::default();
            let mut frames = Vec::new();
            for bytes in stream.chunks(piece) {
                assembler.feed(bytes);
                while let Some(frame) = assembler.next().unwrap() {
                    frames.push((frame.kind, frame.id, frame.payload.len()));
                }
            }
            let expected = [
                (Kind::Task, 7, 5),
                (Kind::Ready, 0, 0),
                (Kind::Outcome, u64::MAX, 100),
            ];
            assert_eq!(frames, expected, "in pieces of {piece}");
        }
    }

    #[test]
    fn both_readers_agree() {
        let mut bytes = frame(Kind::Outcome, 3, b"payload");
        let from_stream = read_frame(&mut &bytes[..]).unwrap().unwrap();
        let mut assembler = Assembler::default();
        assembler.feed(&bytes);
        assert_eq!(assembler.next().unwrap().unwrap(), from_stream);
        bytes.pop();
        assert_eq!(
            read_frame(&mut &bytes[..]).unwrap_err().kind(),
            io::ErrorKind::UnexpectedEof
        );
        assert!(read_frame(&mut &b""[..]).unwrap().is_none());
    }

    #[test]
    fn a_malformed_header_is_an_error() {
        let good = frame(Kind::Task, 1, b"x");
        for (offset, value) in [(0, 0xff), (4, 0), (23, 0xff), (20, 1)] {
            let mut bad = good.clone();
            bad[offset] = value;
            let error = read_frame(&mut &bad[..]).unwrap_err();
            assert_eq!(error.kind(), io::ErrorKind::InvalidData, "byte {offset}");
            let mut assembler = Assembler::default();
            assembler.feed(&bad);
            assert!(assembler.next().is_err(), "byte {offset}");
        }
    }

    #[test]
    fn left_over_bytes_are_an_error() {
        let bytes = Draft::new().encode(&5_u8).unwrap().finish(Kind::Task, 0);
        assert_eq!(decode::<u8>(&bytes[HEADER..]).unwrap(), 5);
        assert!(matches!(
            decode::<()>(&bytes[HEADER..]),
            Err(TaskError::Decode(_))
        ));
    }
}
