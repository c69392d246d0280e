//! What may arrive though no pool has sent it: any bytes, in any pieces, with any descriptors.
//!
//! [`Stream::check`] takes them through the assembler and the decoder and asserts what must hold
//! whatever they are. The streams are made up by the properties beside this file, on every run of
//! the tests, and by the targets of `fuzz/`.

use std::any::Any;
use std::collections::BTreeMap;
use std::fs::File;
use std::os::fd::OwnedFd;
use std::sync::Arc;

use rustix::fs::MemfdFlags;
use serde::de::{DeserializeOwned, Error as _};
use serde::ser::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::assembler::{Assembler, ROOM};
use super::codec::{self, Draft, EachPart};
use super::content::{Bytes, Content};
use super::memory;
use super::page::{Page, Settings};
use super::passing;
use super::wire::{Frame, HEADER, Kind};
use crate::base::TaskError;

#[cfg(test)]
mod tests;

/// What arrives on a channel.
#[derive(Clone, Debug)]
pub(crate) struct Stream {
    /// Bytes that a payload may have.
    limit: usize,
    /// They are there before the bytes: no frame comes without its own for being early.
    descriptors: Vec<Batch>,
    /// How many bytes arrive at a time, over and over; all of them at once if it is empty.
    pieces: Vec<usize>,
    bytes: Vec<u8>,
}

/// Descriptors that arrive together.
#[derive(Clone, Debug)]
struct Batch {
    descriptors: Vec<Descriptor>,
    /// Whether this process had a number left for each.
    are_all: bool,
}

/// A descriptor that comes along.
#[derive(Clone, Debug)]
enum Descriptor {
    /// Of memory as a payload should be in.
    Sealed(Vec<u8>),
    /// Of memory that can still change.
    Open(u8),
    /// Of a page, as a greeting brings it.
    Page,
    /// Of no memory at all.
    Null,
}

/// What a stream came to; a property that never comes to anything says nothing.
#[cfg_attr(not(test), expect(dead_code, reason = "the properties read it"))]
#[derive(Debug)]
pub(crate) struct Seen {
    frames: usize,
    in_memory: usize,
    /// How many frames brought descriptors for values.
    passing: usize,
    /// How many lost what they brought.
    missing: usize,
    /// How often a payload was a value of some type.
    values: usize,
    is_refused: bool,
    ends_amid_a_frame: bool,
}

/// What is left of a stream when all has arrived.
#[derive(Debug, PartialEq, Eq)]
enum End {
    BetweenFrames,
    AmidAFrame,
    Refused(String),
}

impl Stream {
    /// The stream that these bytes describe, as any bytes do: the limit as a power of two; the number
    /// of batches of descriptors, of each the number of them and whether some are missing, and of each
    /// of them its kind, its length and what it holds; the number of pieces, and their lengths; the
    /// stream.
    pub(crate) fn described_by(mut bytes: &[u8]) -> Stream {
        let rest = &mut bytes;
        let limit = 1 << (take_byte(rest) % 21);
        let descriptors = (0..take_byte(rest) % 8)
            .map(|_| Batch::described_by(rest))
            .collect();
        let pieces = (0..take_byte(rest) % 8)
            .map(|_| usize::from(take_byte(rest)) + 1)
            .collect();
        Stream {
            limit,
            descriptors,
            pieces,
            bytes: rest.to_vec(),
        }
    }

    /// Asserts that no piece, frame or payload of it makes the worker or the pool panic or reserve
    /// more than has arrived, that the pieces make no difference, and that what is decoded can be
    /// encoded.
    pub(crate) fn check(&self) -> Seen {
        let (frames, end) = self.arrive(&self.pieces);
        let (frames_at_once, end_at_once) = self.arrive(&[]);
        let read = |frames: &[Frame]| frames.iter().map(plain).collect::<Vec<_>>();
        assert_eq!(read(&frames), read(&frames_at_once), "pieces make frames");
        assert_eq!(end, end_at_once, "pieces make an end");
        let in_memory = |frame: &&Frame| !matches!(frame.content.bytes, Bytes::Inline(_));
        Seen {
            frames: frames.len(),
            in_memory: frames.iter().filter(in_memory).count(),
            passing: frames
                .iter()
                .filter(|it| !it.content.passed.is_empty())
                .count(),
            missing: frames
                .iter()
                .filter(|it| matches!(it.content.bytes, Bytes::Missing))
                .count(),
            values: frames.iter().map(check_payload).sum(),
            is_refused: matches!(end, End::Refused(_)),
            ends_amid_a_frame: end == End::AmidAFrame,
        }
    }

    fn arrive(&self, pieces: &[usize]) -> (Vec<Frame>, End) {
        let mut assembler = Assembler::new(self.limit);
        for batch in &self.descriptors {
            let descriptors = batch.descriptors.iter().map(Descriptor::open).collect();
            assembler.take_descriptors(descriptors, batch.are_all);
        }
        let mut frames = Vec::new();
        let mut arrived = 0;
        let mut pieces = pieces.iter().cycle();
        while arrived < self.bytes.len() {
            let room = assembler.room();
            assert!(!room.is_empty(), "there is no room for what arrives");
            let piece = pieces.next().copied().unwrap_or(usize::MAX);
            let count = piece.min(room.len()).min(self.bytes.len() - arrived);
            room[..count].copy_from_slice(&self.bytes[arrived..arrived + count]);
            assembler.filled(count);
            arrived += count;
            loop {
                match assembler.next() {
                    Ok(Some(frame)) => frames.push(frame),
                    Ok(None) => break,
                    Err(error) => return (frames, End::Refused(error.to_string())),
                }
            }
            let most = self.limit.min(ROOM.max(2 * arrived));
            let reserved = assembler.reserved();
            assert!(reserved <= most, "{reserved} bytes are reserved");
        }
        let end = if assembler.is_amid_a_frame() {
            End::AmidAFrame
        } else {
            End::BetweenFrames
        };
        (frames, end)
    }
}

impl Batch {
    fn described_by(rest: &mut &[u8]) -> Batch {
        let count = take_byte(rest);
        Batch {
            descriptors: (0..count % 8)
                .map(|_| Descriptor::described_by(rest))
                .collect(),
            are_all: count < 0xe0,
        }
    }
}

impl Descriptor {
    fn described_by(rest: &mut &[u8]) -> Descriptor {
        match take_byte(rest) % 4 {
            0 => {
                let length = usize::from(take_byte(rest));
                Descriptor::Sealed(take(rest, length).to_vec())
            }
            1 => Descriptor::Open(take_byte(rest)),
            2 => Descriptor::Page,
            _ => Descriptor::Null,
        }
    }

    fn open(&self) -> OwnedFd {
        match self {
            Descriptor::Sealed(bytes) => memory::seal([&bytes[..]]).expect("memory"),
            Descriptor::Open(length) => {
                let flags = MemfdFlags::CLOEXEC | MemfdFlags::ALLOW_SEALING;
                let memory = rustix::fs::memfd_create(c"open", flags).expect("memory");
                rustix::fs::ftruncate(&memory, u64::from(*length)).expect("memory grows");
                memory
            }
            Descriptor::Page => {
                let settings = Settings {
                    frame_limit: 0,
                    initializes: false,
                };
                Page::new(settings).expect("a page").1
            }
            Descriptor::Null => File::open("/dev/null").expect("/dev/null").into(),
        }
    }
}

pub(crate) fn take<'b>(rest: &mut &'b [u8], count: usize) -> &'b [u8] {
    let (taken, left) = rest.split_at(count.min(rest.len()));
    *rest = left;
    taken
}

/// Zero when there is none left.
pub(crate) fn take_byte(rest: &mut &[u8]) -> u8 {
    take(rest, 1).first().copied().unwrap_or(0)
}

/// What a frame is, to be compared.
fn plain(frame: &Frame) -> (Kind, u64, usize, Vec<u8>) {
    let content = &frame.content;
    let bytes = content.part(0, content.len()).expect("all of it");
    (
        frame.kind,
        frame.id,
        content.passed.len(),
        bytes.into_owned(),
    )
}

fn check_payload(frame: &Frame) -> usize {
    if let Bytes::Page(page) = &frame.content.bytes {
        drop(Page::map(page));
        return 0;
    }
    check_values(&frame.content)
}

/// Checks these bytes as a payload.
#[cfg(fuzzing)]
pub(crate) fn check_value(bytes: &[u8]) {
    check_values(&Content::inline(bytes.to_vec()));
}

/// Decodes a payload as values of several types; how many it is.
///
/// None of them has elements without bytes: of those a few bytes make any number, and to count to
/// it takes for ever.
fn check_values(content: &Content) -> usize {
    let is_value = [
        is_value::<Row>(content, each_of_row),
        is_value::<(Vec<u16>, Vec<Vec<u32>>)>(content, |pair, visit| visit(&mut pair.0)),
        is_value::<Result<Vec<f64>, TaskError>>(content, codec::value_of),
        is_value::<Result<String, TaskError>>(content, codec::value_of),
        is_value::<Result<Shape, TaskError>>(content, codec::value_of),
        is_value::<Vec<Option<(String, Shape)>>>(content, |_, _| {}),
        is_value::<BTreeMap<String, Vec<Shape>>>(content, |_, _| {}),
        is_value::<(char, bool, f32, Option<u128>, i8)>(content, |_, _| {}),
        is_value::<(Passing, Vec<Option<Passing>>)>(content, |_, _| {}),
    ];
    is_value.into_iter().filter(|is_value| *is_value).count()
}

/// Arguments of which two may be pieces.
type Row = (Vec<u8>, String, u8);

fn each_of_row(row: &mut Row, visit: &mut dyn FnMut(&mut dyn Any)) {
    visit(&mut row.0);
    visit(&mut row.1);
    visit(&mut row.2);
}

/// One of each kind that serde knows of.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
enum Shape {
    Nothing,
    Number(i64),
    Several(Vec<Option<String>>, char),
    Named { real: f64, inner: Box<Option<u16>> },
}

/// What is more than its bytes.
struct Passing(Arc<OwnedFd>);

impl Serialize for Passing {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let place = passing::put(&self.0).map_err(S::Error::custom)?;
        place.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Passing {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Passing, D::Error> {
        let place = u32::deserialize(deserializer)?;
        passing::take(place).map(Passing).map_err(D::Error::custom)
    }
}

/// Whether the payload is such a value; asserts that it is the same when encoded and decoded again.
fn is_value<T: Serialize + DeserializeOwned>(content: &Content, each_part: EachPart<T>) -> bool {
    // A panic would pass for an error of `decode`.
    let Ok(mut value) = codec::try_decode(content, 0, each_part) else {
        return false;
    };
    let draft = encoded(&mut value, each_part);
    let passed = draft.passed.clone();
    let once = payload(draft);
    let bytes = Bytes::Inline(once.clone());
    let again = codec::decode(&Content { bytes, passed }, 0, each_part);
    let mut again: T = again.expect("what was encoded can be decoded");
    assert_eq!(payload(encoded(&mut again, each_part)), once);
    true
}

fn encoded<T: Serialize>(value: &mut T, each_part: EachPart<T>) -> Draft {
    Draft::new()
        .encode(value, each_part, usize::MAX)
        .expect("a value that is there can be encoded")
}

fn payload(draft: Draft) -> Vec<u8> {
    let mut bytes = draft.bytes[HEADER..].to_vec();
    for piece in draft.pieces {
        bytes.extend_from_slice(piece.bytes());
    }
    bytes
}
