//! Properties of the decoder, and the kept streams of the fuzz targets.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use proptest::collection::vec;
use proptest::prelude::{Strategy, any, prop_oneof};
use proptest::sample::Index;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, FileFailurePersistence, TestCaseResult, TestRunner};
use proptest::{prop_assert, prop_assert_eq};

use super::*;
use crate::process::memory::Loan;
use crate::process::wire::Parcel;

mod made;
use made::{good_frame, row, stream};

/// One in how many cases must reach each interesting branch.
const ONE_IN: usize = 10;

type Branches = BTreeMap<&'static str, bool>;

/// Runs the cases of a property, each of which says which branches it came to; panics with the
/// smallest that fails, or if a branch was reached too seldom.
fn check<S: Strategy>(strategy: S, test: impl Fn(&mut Branches, S::Value) -> TestCaseResult) {
    let seeds = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/tests/it/proptest-regressions/forged.txt"
    );
    let config = Config {
        failure_persistence: Some(Box::new(FileFailurePersistence::Direct(seeds))),
        ..Config::default()
    };
    let reached = RefCell::new(BTreeMap::<&str, usize>::new());
    let cases = RefCell::new(0);
    let outcome = TestRunner::new(config).run(&strategy, |value| {
        *cases.borrow_mut() += 1;
        let mut branches = Branches::new();
        test(&mut branches, value)?;
        for (branch, is_reached) in branches {
            *reached.borrow_mut().entry(branch).or_default() += usize::from(is_reached);
        }
        Ok(())
    });
    if let Err(failure) = outcome {
        panic!("{failure}");
    }
    let cases = cases.into_inner();
    for (branch, count) in reached.into_inner() {
        println!("{count} of {cases} cases reached: {branch}");
        assert!(
            count * ONE_IN >= cases,
            "only {count} of {cases} cases reached: {branch}"
        );
    }
}

#[test]
fn a_stream_is_taken_or_refused_and_pieces_make_no_difference() {
    check(stream(), |branches, stream| {
        let seen = stream.check();
        branches.insert("several frames", seen.frames > 1);
        branches.insert("a payload in memory", seen.in_memory > 0);
        branches.insert("descriptors of values", seen.passing > 0);
        branches.insert("lost descriptors", seen.missing > 0);
        branches.insert("a value", seen.values > 0);
        branches.insert("refused", seen.is_refused);
        branches.insert("refused after a frame", seen.is_refused && seen.frames > 0);
        branches.insert("ends amid a frame", seen.ends_amid_a_frame);
        Ok(())
    });
}

#[test]
fn any_bytes_describe_a_stream() {
    check(vec(any::<u8>(), 0..400), |branches, bytes| {
        let seen = Stream::described_by(&bytes).check();
        branches.insert("refused", seen.is_refused);
        Ok(())
    });
}

#[test]
fn any_bytes_are_a_payload_of_some_type_or_none() {
    // Mostly without pieces, and small: what is left over at the end makes it no value.
    let byte = || prop_oneof![9 => 0..2_u8, 1 => any::<u8>()];
    let bytes = (byte(), vec(byte(), 0..4));
    check(bytes, |branches, (first, mut bytes)| {
        bytes.insert(0, first.saturating_sub(2));
        let values = check_values(&Content::inline(bytes));
        branches.insert("a value", values > 0);
        branches.insert("no value", values == 0);
        Ok(())
    });
}

#[test]
fn any_list_of_pieces_is_taken_or_refused() {
    let place = prop_oneof![4 => 0..2_u8, 1 => any::<u8>()];
    let length = prop_oneof![4 => 0..4_u64, 1 => any::<u64>()];
    let pieces = vec((place, length), 1..3);
    check(
        (pieces, 0..5_usize, any::<bool>()),
        |branches, (pieces, rest, fits)| {
            let total: u128 = pieces.iter().map(|(_, length)| u128::from(*length)).sum();
            let rest = if fits && total < 20 {
                total as usize
            } else {
                rest
            };
            let mut bytes = vec![pieces.len() as u8];
            for (place, length) in &pieces {
                bytes.push(*place);
                bytes.extend_from_slice(&length.to_le_bytes());
            }
            // A row without bytes and letters, and what may be pieces.
            bytes.extend([0, 0, 7]);
            bytes.extend(vec![b'z'; rest]);
            let content = Content::inline(bytes);
            let is_row = is_value::<Row>(&content, each_of_row);
            let is_ordered = pieces.is_sorted_by(|one, next| one.0 < next.0);
            let has_places = pieces.iter().all(|(place, _)| *place < 2);
            prop_assert_eq!(is_row, total == rest as u128 && is_ordered && has_places);
            branches.insert("a row with pieces", is_row);
            branches.insert("longer than the payload", total > rest as u128);
            Ok(())
        },
    );
}

#[test]
fn a_value_comes_back_in_any_pieces_and_in_memory() {
    let pieces = vec(1..100_000_usize, 0..4);
    let case = (row(), any::<u64>(), any::<bool>(), pieces);
    check(case, |branches, (row, id, has_loan, pieces)| {
        let draft = encoded(&mut row.clone(), each_of_row);
        branches.insert("with pieces", !draft.pieces.is_empty());
        branches.insert("without pieces", draft.pieces.is_empty());
        // Not a byte more than there has to be.
        let limit = draft.len();
        let loan = || has_loan.then(Loan::unlimited);
        let Parcel { bytes, memory, .. } = Parcel::new(Kind::Task, id, draft, loan);
        branches.insert("in memory", memory.is_some());
        branches.insert("larger than the room", bytes.len() > ROOM);
        let sent = Stream {
            limit,
            descriptors: Vec::new(),
            pieces: pieces.clone(),
            bytes,
        };
        let (frames, end) = sent.arrive_with(memory, &pieces);
        prop_assert_eq!(end, End::BetweenFrames);
        prop_assert_eq!(frames.len(), 1);
        prop_assert_eq!((frames[0].kind, frames[0].id), (Kind::Task, id));
        let arrived: Row = codec::decode(&frames[0].content, 0, each_of_row).expect("a row");
        prop_assert!(arrived == row);
        Ok(())
    });
}

#[test]
fn no_changed_byte_leaves_the_frames_as_they_were() {
    let frames = vec(good_frame(), 1..4);
    let case = (frames, any::<Index>(), 1..=255_u8, any::<bool>());
    check(case, |branches, (frames, place, change, in_header)| {
        let good = Stream {
            limit: 1 << 20,
            descriptors: Vec::new(),
            pieces: Vec::new(),
            bytes: frames.concat(),
        };
        let mut bad = good.clone();
        let place = place.index(if in_header { HEADER } else { bad.bytes.len() });
        bad.bytes[place] ^= change;
        bad.check();
        let read =
            |(frames, end): (Vec<Frame>, End)| (frames.iter().map(plain).collect::<Vec<_>>(), end);
        let (before, after) = (read(good.arrive(&[])), read(bad.arrive(&[])));
        prop_assert!(before != after);
        branches.insert("refused", matches!(after.1, End::Refused(_)));
        branches.insert("other frames", after.1 == End::BetweenFrames);
        Ok(())
    });
}

fn corpus(target: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("fuzz/corpus")
        .join(target)
}

fn kept(target: &str) -> Vec<Vec<u8>> {
    let files = fs::read_dir(corpus(target)).expect("the folder of kept inputs");
    files
        .map(|file| fs::read(file.expect("a file").path()).expect("a kept input"))
        .collect()
}

#[test]
fn kept_streams_hold() {
    let all = kept("stream");
    let seen: Vec<_> = all
        .iter()
        .map(|bytes| Stream::described_by(bytes).check())
        .collect();
    assert!(seen.iter().any(|seen| seen.frames > 1));
    assert!(
        seen.iter()
            .any(|seen| seen.in_memory > 0 && seen.values > 0)
    );
    assert!(seen.iter().any(|seen| seen.passing > 0));
    assert!(seen.iter().any(|seen| seen.is_refused));
    assert!(seen.iter().any(|seen| seen.ends_amid_a_frame));
}

#[test]
fn kept_values_hold() {
    let all = kept("value").into_iter().map(Content::inline);
    let values: Vec<_> = all.map(|content| check_values(&content)).collect();
    assert!(values.iter().filter(|count| **count > 0).count() >= 8);
}

/// Writes the inputs that the fuzz targets begin with. Those that were found by running them have
/// names that begin otherwise, and stay.
#[test]
#[ignore = "writes to fuzz/corpus"]
fn write_the_kept_inputs() {
    let mut runner = TestRunner::deterministic();
    let write = |target, number: usize, bytes: &[u8]| {
        fs::create_dir_all(corpus(target)).expect("a folder");
        let path = corpus(target).join(format!("made-{number:02}"));
        fs::write(path, bytes).expect("a file");
    };
    let mut draw = || stream().new_tree(&mut runner).expect("a stream").current();
    let mut streams = Vec::new();
    let mut values = Vec::new();
    while streams.len() < 12 || values.len() < 12 {
        let stream = draw();
        let Some(bytes) = stream.description().filter(|bytes| bytes.len() < 400) else {
            continue;
        };
        let seen = Stream::described_by(&bytes).check();
        if seen.frames > 0 && streams.len() < 12 {
            streams.push(bytes);
        }
        let (frames, _) = stream.arrive(&[]);
        let payloads = frames.iter().map(|frame| plain(frame).3);
        let is_value = |bytes: &Vec<u8>| check_values(&Content::inline(bytes.clone())) > 0;
        values.extend(payloads.filter(|bytes| bytes.len() > 3 && is_value(bytes)));
    }
    for (number, bytes) in streams.iter().enumerate() {
        write("stream", number, bytes);
    }
    for (number, bytes) in values.iter().take(12).enumerate() {
        write("value", number, bytes);
    }
}

impl Batch {
    fn one(descriptor: Descriptor) -> Batch {
        Batch {
            descriptors: vec![descriptor],
            are_all: true,
        }
    }
}

impl Stream {
    /// As `arrive`, with one more descriptor, which can't be had twice.
    fn arrive_with(&self, memory: Option<OwnedFd>, pieces: &[usize]) -> (Vec<Frame>, End) {
        let descriptors = memory.map(|memory| {
            let length = rustix::fs::fstat(&memory).expect("memory").st_size;
            let memory = memory::Memory::accept(memory, length as usize).expect("sealed");
            let mut held = vec![0; memory.len()];
            memory.read_at(0, &mut held).expect("all of it");
            Descriptor::Sealed(held)
        });
        let stream = Stream {
            descriptors: descriptors.map(Batch::one).into_iter().collect(),
            ..self.clone()
        };
        stream.arrive(pieces)
    }

    /// What [`Stream::described_by`] makes this stream of, if something does.
    fn description(&self) -> Option<Vec<u8>> {
        let small = |number: usize| u8::try_from(number).ok();
        let mut bytes = vec![small(self.limit.next_power_of_two().ilog2() as usize)?];
        bytes.push(small(self.descriptors.len()).filter(|count| *count < 8)?);
        for batch in &self.descriptors {
            let count = small(batch.descriptors.len()).filter(|count| *count < 8)?;
            bytes.push(if batch.are_all { count } else { 0xe0 + count });
            for descriptor in &batch.descriptors {
                match descriptor {
                    Descriptor::Sealed(held) => {
                        bytes.extend([0, small(held.len())?]);
                        bytes.extend_from_slice(held);
                    }
                    Descriptor::Open(length) => bytes.extend([1, *length]),
                    Descriptor::Page => bytes.push(2),
                    Descriptor::Null => bytes.push(3),
                }
            }
        }
        bytes.push(small(self.pieces.len())?);
        for piece in &self.pieces {
            bytes.push(small(piece - 1)?);
        }
        bytes.extend_from_slice(&self.bytes);
        Some(bytes)
    }
}
