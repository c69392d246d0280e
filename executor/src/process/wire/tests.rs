//! Frames in pieces, larger than the room, malformed, and in memory.

use super::super::assembler::{Assembler, ROOM};
use super::super::content::Bytes;
use super::*;

const LIMIT: usize = 1 << 20;

fn frame(kind: Kind, id: u64, payload: &[u8]) -> Vec<u8> {
    let mut draft = Draft::new();
    draft.push(payload);
    Parcel::new(kind, id, draft, || None).bytes
}

fn feed(assembler: &mut Assembler, mut bytes: &[u8], mut seen: impl FnMut(Frame)) {
    while !bytes.is_empty() {
        let room = assembler.room();
        let count = room.len().min(bytes.len());
        room[..count].copy_from_slice(&bytes[..count]);
        assembler.filled(count);
        bytes = &bytes[count..];
        while let Some(frame) = assembler.next().unwrap() {
            seen(frame);
        }
    }
}

#[test]
fn frames_come_out_of_any_pieces() {
    let mut stream = frame(Kind::Task, 7, b"seven");
    stream.extend(frame(Kind::Ready, 0, b""));
    stream.extend(frame(Kind::Outcome, u64::MAX, &[9; 100]));
    for piece in 1..stream.len() {
        let mut assembler = Assembler::new(LIMIT);
        let mut frames = Vec::new();
        for bytes in stream.chunks(piece) {
            feed(&mut assembler, bytes, |frame| {
                frames.push((frame.kind, frame.id, frame.content.len()));
            });
        }
        let expected = [
            (Kind::Task, 7, 5),
            (Kind::Ready, 0, 0),
            (Kind::Outcome, u64::MAX, 100),
        ];
        assert_eq!(frames, expected, "in pieces of {piece}");
        assert!(!assembler.is_amid_a_frame());
    }
}

#[test]
fn a_frame_larger_than_the_room_comes_out_whole() {
    let payload: Vec<u8> = (0..3 * ROOM).map(|byte| byte as u8).collect();
    let mut assembler = Assembler::new(LIMIT);
    let mut arrived = Vec::new();
    let bytes = frame(Kind::Task, 1, &payload);
    feed(&mut assembler, &bytes, |frame| arrived.push(frame));
    let [Frame { content, .. }] = &arrived[..] else {
        panic!("{} frames", arrived.len())
    };
    assert!(matches!(&content.bytes, Bytes::Inline(bytes) if *bytes == payload));
}

#[test]
fn a_malformed_header_is_an_error() {
    let good = frame(Kind::Task, 1, b"x");
    // The kind, the magic, a length beyond all, a length beyond the limit, a missing descriptor.
    for (offset, value) in [(0, 0xff), (4, 0), (23, 0xff), (18, 0x11), (3, 0x80)] {
        let mut bad = good.clone();
        bad[offset] = value;
        let mut assembler = Assembler::new(LIMIT);
        assembler.room()[..bad.len()].copy_from_slice(&bad);
        assembler.filled(bad.len());
        let error = assembler.next().unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::InvalidData, "byte {offset}");
    }
}

#[test]
fn a_large_payload_is_in_memory() {
    let mut draft = Draft::new();
    draft.push(&[5; MEMORY_FROM]);
    let parcel = Parcel::new(Kind::Task, 1, draft, || Some(Loan::unlimited()));
    assert_eq!(parcel.bytes.len(), HEADER);
    let mut assembler = Assembler::new(LIMIT);
    assembler.take_descriptors(vec![parcel.memory.unwrap()], true);
    feed(&mut assembler, &parcel.bytes, |frame| {
        let mut last = [0];
        frame.content.read_at(MEMORY_FROM - 1, &mut last).unwrap();
        assert_eq!((frame.content.len(), last), (MEMORY_FROM, [5]));
    });
    assert!(!assembler.is_amid_a_frame());
}

#[test]
fn each_frame_has_its_own_memory() {
    let mut assembler = Assembler::new(LIMIT);
    let mut stream = Vec::new();
    for number in 0..20_u8 {
        let memory = memory::seal([&[number][..]]).unwrap();
        assembler.take_descriptors(vec![memory], true);
        stream.extend(header(Kind::Task.code() | IN_MEMORY, number.into(), 1));
    }
    let mut seen = Vec::new();
    feed(&mut assembler, &stream, |frame| {
        assert_eq!(frame.content.part(0, 1).unwrap()[0], frame.id as u8);
        seen.push(frame.id);
    });
    assert!(seen.into_iter().eq(0..20));
}

fn null() -> OwnedFd {
    std::fs::File::open("/dev/null").unwrap().into()
}

/// A frame whose value brings so many descriptors, in memory or not.
fn bringing(descriptors: usize, payload: &[u8]) -> Parcel {
    let mut draft = Draft::new();
    draft.push(payload);
    draft.passed = (0..descriptors).map(|_| Arc::new(null())).collect();
    Parcel::new(Kind::Task, 1, draft, || Some(Loan::unlimited()))
}

/// The frame that comes of a parcel if these descriptors come with it.
fn arrived(parcel: &Parcel, descriptors: Vec<OwnedFd>, are_all: bool) -> io::Result<Frame> {
    let mut assembler = Assembler::new(LIMIT);
    if !descriptors.is_empty() || !are_all {
        assembler.take_descriptors(descriptors, are_all);
    }
    assembler.room()[..parcel.bytes.len()].copy_from_slice(&parcel.bytes);
    assembler.filled(parcel.bytes.len());
    assembler.next().map(|frame| frame.expect("all of it"))
}

fn all_of(parcel: &Parcel) -> Vec<OwnedFd> {
    let copies = parcel.descriptors().map(|it| it.try_clone_to_owned());
    copies.map(Result::unwrap).collect()
}

#[test]
fn what_values_bring_arrives_with_them() {
    for (count, payload) in [(1, &b"x"[..]), (MOST_PASSED, b""), (2, &[7; MEMORY_FROM])] {
        let parcel = bringing(count, payload);
        let frame = arrived(&parcel, all_of(&parcel), true).unwrap();
        assert_eq!(frame.content.passed.len(), count);
        assert_eq!(frame.content.part(0, payload.len()).unwrap(), payload);
        if parcel.memory.is_some() {
            let inline = parcel.inline().unwrap();
            let frame = arrived_in_pieces(&inline, all_of(&inline));
            assert_eq!(frame.content.passed.len(), count);
            assert_eq!(frame.content.part(0, payload.len()).unwrap(), payload);
        }
    }
}

fn arrived_in_pieces(parcel: &Parcel, descriptors: Vec<OwnedFd>) -> Frame {
    let mut assembler = Assembler::new(LIMIT);
    assembler.take_descriptors(descriptors, true);
    let mut frames = Vec::new();
    feed(&mut assembler, &parcel.bytes, |frame| frames.push(frame));
    frames.pop().expect("a frame")
}

#[test]
fn too_few_or_too_many_descriptors_are_an_error() {
    let parcel = bringing(2, b"x");
    for count in [0, 1, 3] {
        let descriptors = (0..count).map(|_| null()).collect();
        let error = arrived(&parcel, descriptors, true).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::InvalidData, "{count}");
    }
}

#[test]
fn what_a_process_has_no_numbers_for_costs_that_frame_alone() {
    for parcel in [bringing(2, b"x"), bringing(1, &[7; MEMORY_FROM])] {
        let frame = arrived(&parcel, vec![null()], false).unwrap();
        assert!(matches!(frame.content.bytes, Bytes::Missing));
        assert!(
            frame
                .content
                .part(0, 1)
                .unwrap_err()
                .contains("no descriptor")
        );
    }
}
