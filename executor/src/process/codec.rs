//! From values to payloads and back.
//!
//! ```text
//! size  content
//!    1  how many pieces there are
//!  9 ×  of each piece: its place among the parts of the value, its length in bytes (8, little-endian)
//!       the value in serde's postcard form, the pieces taken out
//!       the pieces, one after another
//! ```
//!
//! A piece is a large vector of plain numbers; see [`bulk`](super::bulk).

use std::any::Any;
use std::ops::Range;
use std::os::fd::OwnedFd;
use std::sync::Arc;

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::bulk::{self, Piece};
use super::content::Content;
use super::passing::{self, Passed};
use super::wire::HEADER;
use crate::base::TaskError;
use crate::sync;

/// Bytes that describe a piece.
const PIECE: usize = 9;

/// Calls a function with each part of a value that may be a piece.
pub(crate) type EachPart<T> = fn(&mut T, &mut dyn FnMut(&mut dyn Any));

/// The parts of an outcome: its value.
pub(crate) fn value_of<T: 'static, E>(
    outcome: &mut Result<T, E>,
    visit: &mut dyn FnMut(&mut dyn Any),
) {
    if let Ok(value) = outcome {
        visit(value);
    }
}

impl TaskError {
    /// The same error of encoding or decoding, with the name of what was encoded or decoded.
    pub(crate) fn of(self, what: &str, name: &str) -> TaskError {
        match self {
            TaskError::Encode(why) => TaskError::Encode(format!("{what} {name}: {why}").into()),
            TaskError::Decode(why) => TaskError::Decode(format!("{what} {name}: {why}").into()),
            other => other,
        }
    }
}

/// Bytes that a frame to be has room for at first: those of most.
const ROOM: usize = 256;

/// A frame to be: room for the header, and the payload as far as it is known.
pub(crate) struct Draft {
    pub(crate) bytes: Vec<u8>,
    pub(crate) pieces: Vec<Box<dyn Piece>>,
    /// What values in it refer to.
    pub(crate) passed: Vec<Arc<OwnedFd>>,
}

impl Draft {
    pub(crate) fn new() -> Draft {
        let mut bytes = Vec::with_capacity(ROOM);
        bytes.resize(HEADER, 0);
        Draft {
            bytes,
            pieces: Vec::new(),
            passed: Vec::new(),
        }
    }

    pub(crate) fn push(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
    }

    /// Bytes of the payload.
    pub(crate) fn len(&self) -> usize {
        let pieces: usize = self.pieces.iter().map(|piece| piece.bytes().len()).sum();
        self.bytes.len() - HEADER + pieces
    }

    /// Appends a value, and may leave its large vectors empty. Runs the value's own code; a panic of
    /// it is an error.
    ///
    /// # Errors
    ///
    /// The value can't be encoded, or the payload is longer than `limit`.
    pub(crate) fn encode<T: Serialize>(
        mut self,
        value: &mut T,
        each_part: EachPart<T>,
        limit: usize,
    ) -> Result<Draft, TaskError> {
        let start = self.bytes.len();
        self.bytes.push(0);
        let mut place = 0;
        each_part(value, &mut |part| {
            if let Some(piece) = bulk::take_out(part) {
                self.bytes.push(place);
                let length = piece.bytes().len() as u64;
                self.bytes.extend_from_slice(&length.to_le_bytes());
                self.pieces.push(piece);
                self.bytes[start] += 1;
            }
            place += 1;
        });
        let Draft { bytes, pieces, .. } = self;
        let encode = || sync::catch_unwind(|| postcard::to_extend(&*value, bytes));
        let Passed {
            outcome,
            descriptors,
            refusal,
        } = passing::encoding(encode);
        let bytes = outcome
            .map_err(|panic| TaskError::Encode(panic.to_string().into()))?
            .map_err(|error| TaskError::Encode(refusal.unwrap_or_else(|| misfit(&error)).into()))?;
        let draft = Draft {
            bytes,
            pieces,
            passed: descriptors,
        };
        let length = draft.len();
        if length > limit {
            return Err(TaskError::Encode(
                format!(
                    "{length} bytes are more than the {limit} that a frame may have (see \
                     `frame_limit` of the builder)"
                )
                .into(),
            ));
        }
        Ok(draft)
    }
}

/// Characters of an error's text that always find room in a frame.
const TEXT: usize = 4_000;

/// The text of an error, cut if it is long, as that of a panic in a user's `Serialize` may be.
pub(crate) fn short(why: &str) -> String {
    match why.char_indices().nth(TEXT) {
        None => why.to_owned(),
        Some((end, _)) => format!("{} …", &why[..end]),
    }
}

/// A payload that says what has gone wrong; the texts in it are [`short`], so it can always be encoded.
pub(crate) fn failure<E: Serialize>(error: E) -> Draft {
    Draft::new()
        .encode(&mut Err::<(), _>(error), |_, _| {}, usize::MAX)
        .unwrap_or_else(|_| Draft::new())
}

/// Bytes that a value may have, its pieces aside, to be called shallow. A value can't be nested deeper
/// than it is long, so this bounds the stack that its decoding takes.
const SHALLOW: usize = 1 << 10;

/// Whether an ordinary thread's stack is enough to decode what is there.
pub(crate) fn is_shallow(content: &Content) -> bool {
    Layout::of(content, 0).is_ok_and(|layout| layout.head.len() <= SHALLOW)
}

/// Where in a payload the parts of a value are.
struct Layout {
    /// The value without its pieces.
    head: Range<usize>,
    /// The pieces, the first one last: their places among the value's parts, and where they lie.
    pieces: Vec<(u8, Range<usize>)>,
}

impl Layout {
    /// Reads the list at the start of a payload, or `offset` into it.
    fn of(content: &Content, offset: usize) -> Result<Layout, String> {
        let count = content.part(offset, 1)?[0];
        let list_at = offset + 1;
        let list = content.part(list_at, usize::from(count) * PIECE)?;
        let head_at = list_at + list.len();
        let mut pieces = Vec::with_capacity(usize::from(count));
        // From the end, where the last piece ends.
        let mut end = content.len();
        for described in list.chunks_exact(PIECE).rev() {
            let (place, length) = described
                .split_first_chunk::<1>()
                .ok_or("a piece is not described")?;
            let length: [u8; 8] = length.try_into().map_err(|_| "a piece has no length")?;
            let length = usize::try_from(u64::from_le_bytes(length))
                .ok()
                .filter(|length| *length <= end - head_at)
                .ok_or("a piece is longer than the payload")?;
            pieces.push((place[0], end - length..end));
            end -= length;
        }
        let head = head_at..end;
        Ok(Layout { head, pieces })
    }
}

/// What the form has against a value, and where to read what fits it.
fn misfit(error: &postcard::Error) -> String {
    format!("{error} (not every type can travel: see the documentation of `Payload`)")
}

/// Reads a value that [`Draft::encode`] wrote, from `offset` on. Runs the value's own code; a panic
/// of it is an error.
pub(crate) fn decode<T: DeserializeOwned>(
    content: &Content,
    offset: usize,
    each_part: EachPart<T>,
) -> Result<T, TaskError> {
    // A value that is refused after all is dropped in here too.
    sync::catch_unwind(|| try_decode(content, offset, each_part))
        .unwrap_or_else(|panic| Err(panic.to_string()))
        .map_err(|why| TaskError::Decode(why.into()))
}

/// As [`decode`], with panics: of the value's own code, for this has none of its own.
pub(crate) fn try_decode<T: DeserializeOwned>(
    content: &Content,
    offset: usize,
    each_part: EachPart<T>,
) -> Result<T, String> {
    let Layout { head, mut pieces } = Layout::of(content, offset)?;
    let head = content.part(head.start, head.len())?;
    let Passed {
        outcome, refusal, ..
    } = passing::decoding(content.passed.clone(), || postcard::take_from_bytes(&head));
    let mut value: T = match outcome {
        Ok((value, [])) => value,
        Ok((_, rest)) => return Err(format!("{} bytes are left over", rest.len())),
        Err(error) => return Err(refusal.unwrap_or_else(|| misfit(&error))),
    };
    let mut place = 0;
    let mut outcome = Ok(());
    each_part(&mut value, &mut |part| {
        if outcome.is_ok()
            && let Some((_, piece)) = pieces.pop_if(|(piece, _)| *piece == place)
        {
            let read = |bytes: &mut [u8]| content.read_at(piece.start, bytes);
            outcome = bulk::put_in(part, piece.len(), read);
        }
        place += 1;
    });
    outcome?;
    match pieces.len() {
        0 => Ok(value),
        left => Err(format!("{left} pieces have no place")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMIT: usize = 1 << 20;

    fn parts(pair: &mut (Vec<u8>, String, u8), visit: &mut dyn FnMut(&mut dyn Any)) {
        visit(&mut pair.0);
        visit(&mut pair.1);
        visit(&mut pair.2);
    }

    fn payload(mut draft: Draft) -> Content {
        let mut bytes = draft.bytes.split_off(HEADER);
        for piece in draft.pieces {
            bytes.extend_from_slice(piece.bytes());
        }
        Content::inline(bytes)
    }

    #[test]
    fn values_come_back_with_and_without_pieces() {
        for (bytes, letters) in [(0, 0), (10, 2000), (3000, 5), (1000, 1000)] {
            let mut value = (vec![7; bytes], "x".repeat(letters), 9);
            let before = value.clone();
            let draft = Draft::new().encode(&mut value, parts, LIMIT).unwrap();
            let content = payload(draft);
            assert_eq!(decode(&content, 0, parts).unwrap(), before);
        }
    }

    #[test]
    fn more_than_the_limit_is_an_error_that_names_both_sizes() {
        let mut value = (vec![0; LIMIT], String::new(), 0);
        let Err(error) = Draft::new().encode(&mut value, parts, LIMIT) else {
            panic!("it was encoded")
        };
        let text = error.to_string();
        assert!(text.contains("1048576") && text.contains("10485"), "{text}");
    }

    #[test]
    fn left_over_bytes_are_an_error() {
        let draft = Draft::new().encode(&mut 5_u8, |_, _| {}, LIMIT).unwrap();
        let content = payload(draft);
        assert_eq!(decode::<u8>(&content, 0, |_, _| {}).unwrap(), 5);
        assert!(decode::<()>(&content, 0, |_, _| {}).is_err());
    }
}
