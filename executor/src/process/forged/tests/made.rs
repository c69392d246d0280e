//! Values, frames and streams, made up.

use proptest::collection::vec;
use proptest::prelude::{Just, Strategy, any, prop_oneof};
use proptest::sample::Index;

use super::super::*;
use crate::base::TaskError;
use crate::process::wire::Parcel;

pub(super) fn shape() -> impl Strategy<Value = Shape> {
    prop_oneof![
        Just(Shape::Nothing),
        any::<i64>().prop_map(Shape::Number),
        (vec(any::<Option<String>>(), 0..4), any::<char>())
            .prop_map(|(words, letter)| Shape::Several(words, letter)),
        (any::<f64>(), any::<Option<u16>>()).prop_map(|(real, inner)| Shape::Named {
            real,
            inner: Box::new(inner)
        }),
    ]
}

/// Small, around what makes a piece, and around what goes into memory.
fn length() -> impl Strategy<Value = usize> {
    prop_oneof![6 => 0..20_usize, 4 => 500..600_usize, 3 => 60_000..140_000_usize]
}

pub(super) fn row() -> impl Strategy<Value = Row> {
    (length(), length(), any::<u8>()).prop_map(|(bytes, letters, number)| {
        let bytes = (0..bytes).map(|at| (at as u8).wrapping_mul(number));
        (bytes.collect(), "y".repeat(letters), number)
    })
}

fn kind() -> impl Strategy<Value = Kind> {
    let kinds = [
        Kind::Initialize,
        Kind::Ready,
        Kind::Task,
        Kind::Begun,
        Kind::Outcome,
        Kind::Skipped,
    ];
    any::<Index>().prop_map(move |index| *index.get(&kinds))
}

fn frame(kind: Kind, id: u64, draft: Draft) -> Vec<u8> {
    Parcel::new(kind, id, draft, || None).bytes
}

/// A frame that a pool or a worker could have sent.
pub(super) fn good_frame() -> impl Strategy<Value = Vec<u8>> {
    let small_row = (vec(any::<u8>(), 0..40), any::<String>(), any::<u8>());
    let payload = prop_oneof![
        Just(Vec::new()),
        small_row.prop_map(|row| written(row, each_of_row)),
        vec(any::<Option<String>>(), 0..5).prop_map(|names| {
            let named = |name: Option<String>| name.map(|name| (name, Shape::Nothing));
            written(names.into_iter().map(named).collect::<Vec<_>>(), |_, _| {})
        }),
        shape().prop_map(|shape| written(Ok::<_, TaskError>(shape), codec::value_of)),
    ];
    (kind(), any::<u64>(), payload).prop_map(|(kind, id, payload)| {
        let mut draft = Draft::new();
        draft.push(&payload);
        frame(kind, id, draft)
    })
}

fn written<T: Serialize>(mut value: T, each_part: EachPart<T>) -> Vec<u8> {
    payload(encoded(&mut value, each_part))
}

/// A header of which some is right.
fn odd_header() -> impl Strategy<Value = Vec<u8>> {
    let length = prop_oneof![0..300_u64, any::<u64>(), Just(1 << 20), Just(1_u64 << 63)];
    (0..9_u32, any::<bool>(), any::<bool>(), any::<u64>(), length).prop_map(
        |(code, in_memory, has_magic, id, length)| {
            let mut bytes = frame(Kind::Ready, id, Draft::new());
            bytes[..4].copy_from_slice(&(code | u32::from(in_memory) << 31).to_le_bytes());
            if !has_magic {
                bytes[4..8].copy_from_slice(&(length as u32).to_le_bytes());
            }
            bytes[16..24].copy_from_slice(&length.to_le_bytes());
            bytes
        },
    )
}

/// A frame that brings descriptors for its values, perhaps others than it says, and perhaps it lies in
/// memory itself.
fn with_passed() -> impl Strategy<Value = (Vec<u8>, Vec<Batch>)> {
    let wrong = prop_oneof![6 => Just(0), 1 => 1..4_usize];
    let is_lost = prop_oneof![3 => Just(false), 2 => Just(true)];
    let places = vec(any::<Index>(), 0..4);
    (1..5_usize, wrong, is_lost, any::<bool>(), places).prop_map(
        |(count, wrong, is_lost, in_memory, places)| {
            let place = |index: Index| index.index(count) as u8;
            // A value of it: no pieces, one, and a list of others.
            let mut payload = vec![0, 0, places.len() as u8];
            payload.extend(places.into_iter().flat_map(|index| [1, place(index)]));
            let mut draft = Draft::new();
            let memory = in_memory.then(|| Descriptor::Sealed(payload.clone()));
            if !in_memory {
                draft.push(&payload);
            }
            let mut bytes = frame(Kind::Ask, 1, draft);
            bytes[1] = count as u8;
            if in_memory {
                bytes[3] = 0x80;
                bytes[16..24].copy_from_slice(&(payload.len() as u64).to_le_bytes());
            }
            let rest = (0..count + wrong).map(|_| Descriptor::Null);
            let batch = Batch {
                descriptors: memory.into_iter().chain(rest).collect(),
                are_all: !is_lost,
            };
            (bytes, vec![batch])
        },
    )
}

/// A frame whose payload comes in memory, with the descriptor that it needs or another.
fn with_descriptor() -> impl Strategy<Value = (Vec<u8>, Vec<Batch>)> {
    let held = vec(any::<u8>(), 0..60);
    let other = prop_oneof![
        Just(Descriptor::Page),
        Just(Descriptor::Null),
        any::<u8>().prop_map(Descriptor::Open)
    ];
    let descriptor = prop_oneof![
        4 => held.prop_map(Descriptor::Sealed),
        1 => other,
    ];
    (any::<bool>(), 0..200_u64, descriptor).prop_map(|(is_greeting, odd, descriptor)| {
        let kind = if is_greeting { Kind::Hello } else { Kind::Task };
        let mut bytes = frame(kind, 1, Draft::new());
        bytes[3] = 0x80;
        let length = match &descriptor {
            Descriptor::Sealed(held) => held.len() as u64,
            Descriptor::Open(length) => u64::from(*length),
            Descriptor::Page | Descriptor::Null => odd,
        };
        bytes[16..24].copy_from_slice(&length.to_le_bytes());
        (bytes, vec![Batch::one(descriptor)])
    })
}

pub(super) fn stream() -> impl Strategy<Value = Stream> {
    let alone = |bytes| (bytes, Vec::new());
    let part = prop_oneof![
        8 => good_frame().prop_map(alone),
        1 => odd_header().prop_map(alone),
        3 => with_descriptor(),
        4 => with_passed(),
        1 => vec(any::<u8>(), 0..60).prop_map(alone),
    ];
    let limit = prop_oneof![1 => 0..300_usize, 4 => Just(1 << 20)];
    let pieces = vec(1..100_usize, 0..5);
    let is_whole = prop_oneof![2 => Just(true), 1 => Just(false)];
    (limit, vec(part, 0..8), pieces, is_whole).prop_map(|(limit, parts, pieces, is_whole)| {
        let descriptors = parts.iter().flat_map(|(_, all)| all.clone()).collect();
        let mut bytes: Vec<u8> = parts.into_iter().flat_map(|(bytes, _)| bytes).collect();
        if !is_whole {
            bytes.truncate(bytes.len().saturating_sub(10));
        }
        Stream {
            limit,
            descriptors,
            pieces,
            bytes,
        }
    })
}
