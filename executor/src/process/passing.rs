//! How descriptors travel with the values that need them.
//!
//! Serde knows bytes only. So while a frame is encoded or decoded, and only then, the thread that does
//! it has a list: a value that is more than its bytes puts its descriptor on it and writes the place
//! down, and on the other side takes the descriptor from that place. The list travels beside the
//! frame, and what is on it stays open until the frame has arrived or is dropped: a value on its way
//! is alive though neither end has it.

use std::cell::RefCell;
use std::os::fd::OwnedFd;
use std::sync::Arc;

use super::wire::MOST_PASSED;

/// What this thread encodes or decodes just now.
#[derive(Debug)]
struct Passage {
    direction: Direction,
    descriptors: Vec<Arc<OwnedFd>>,
    /// Why a value could not pass. It has to be kept here, because postcard drops the text of errors
    /// that are not its own.
    refusal: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Direction {
    Encoding,
    Decoding,
}

thread_local! {
    static PASSAGE: RefCell<Option<Passage>> = const { RefCell::new(None) };
}

/// What came of an encoding or a decoding.
#[derive(Debug)]
pub(crate) struct Passed<R> {
    pub(crate) outcome: R,
    /// The descriptors that values have put on the list.
    pub(crate) descriptors: Vec<Arc<OwnedFd>>,
    /// Why a value could not pass, if it has said so.
    pub(crate) refusal: Option<String>,
}

/// Encodes something, with a list to put descriptors on.
pub(crate) fn encoding<R>(encode: impl FnOnce() -> R) -> Passed<R> {
    passage(Direction::Encoding, Vec::new(), encode)
}

/// Decodes something, with these descriptors to take from.
pub(crate) fn decoding<R>(descriptors: Vec<Arc<OwnedFd>>, decode: impl FnOnce() -> R) -> Passed<R> {
    passage(Direction::Decoding, descriptors, decode)
}

fn passage<R>(
    direction: Direction,
    descriptors: Vec<Arc<OwnedFd>>,
    run: impl FnOnce() -> R,
) -> Passed<R> {
    let own = Passage {
        direction,
        descriptors,
        refusal: None,
    };
    // A value's own code may encode another frame: it submits a task, perhaps. So there may be a
    // passage already, which goes on after this one.
    let outer = Restored(swap(Some(own)));
    let outcome = run();
    let own = swap(None);
    drop(outer);
    let (descriptors, refusal) =
        own.map_or_else(Default::default, |own| (own.descriptors, own.refusal));
    Passed {
        outcome,
        descriptors,
        refusal,
    }
}

/// The passage to go on with, also if this one panics.
struct Restored(Option<Passage>);

impl Drop for Restored {
    fn drop(&mut self) {
        swap(self.0.take());
    }
}

/// Puts a passage in the place of the last one. A thread whose thread-local values are being dropped
/// has none, and may still come here: from the destructor of another such value.
fn swap(passage: Option<Passage>) -> Option<Passage> {
    PASSAGE
        .try_with(|place| place.replace(passage))
        .ok()
        .flatten()
}

/// Puts a descriptor on the list of what is being encoded, once, and says at which place it is.
///
/// # Errors
///
/// Nothing is being encoded for another process here, or the list is full; the text says what to do.
pub(crate) fn put(descriptor: &Arc<OwnedFd>) -> Result<u32, String> {
    with(Direction::Encoding, |descriptors| {
        let known = descriptors
            .iter()
            .position(|known| Arc::ptr_eq(known, descriptor));
        let place = match known {
            Some(place) => place,
            None if descriptors.len() == MOST_PASSED => {
                return Err(format!(
                    "at most {MOST_PASSED} shared objects and proxies fit in one task; use an array, \
                     or several tasks"
                ));
            }
            None => {
                descriptors.push(Arc::clone(descriptor));
                descriptors.len() - 1
            }
        };
        Ok(place as u32)
    })
}

/// The descriptor at this place of the list that came with what is being decoded.
///
/// # Errors
///
/// Nothing that came from another process is being decoded here, or there is no such place.
pub(crate) fn take(place: u32) -> Result<Arc<OwnedFd>, String> {
    with(Direction::Decoding, |descriptors| {
        let found = descriptors.get(place as usize);
        found
            .map(Arc::clone)
            .ok_or_else(|| format!("descriptor {place} did not come along"))
    })
}

/// Notes why a value can't pass, for whoever encodes or decodes, and gives it back for serde.
pub(crate) fn refuse(why: String) -> String {
    // Nothing to note it in is nobody to read it.
    let _ = PASSAGE.try_with(|passage| {
        if let Some(passage) = &mut *passage.borrow_mut() {
            passage.refusal.get_or_insert_with(|| why.clone());
        }
    });
    why
}

fn with<R>(
    direction: Direction,
    act: impl FnOnce(&mut Vec<Arc<OwnedFd>>) -> Result<R, String>,
) -> Result<R, String> {
    let found = PASSAGE.try_with(|passage| match &mut *passage.borrow_mut() {
        Some(passage) if passage.direction == direction => Some(act(&mut passage.descriptors)),
        _ => None,
    });
    found.ok().flatten().unwrap_or_else(|| {
        Err(
            "it is more than its bytes: it can travel only as part of a task's arguments or \
             result, or of a call to a manager"
                .to_owned(),
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn descriptor() -> Arc<OwnedFd> {
        Arc::new(std::fs::File::open("/dev/null").unwrap().into())
    }

    #[test]
    fn a_descriptor_is_listed_once_and_found_where_it_was_put() {
        let (one, two) = (descriptor(), descriptor());
        let sent = encoding(|| [&one, &two, &one].map(|it| put(it).unwrap()));
        assert_eq!(sent.outcome, [0, 1, 0]);
        let taken = decoding(sent.descriptors, || [take(1), take(0), take(2)]).outcome;
        assert!(Arc::ptr_eq(taken[0].as_ref().unwrap(), &two));
        assert!(Arc::ptr_eq(taken[1].as_ref().unwrap(), &one));
        assert!(taken[2].is_err());
    }

    #[test]
    fn outside_of_a_frame_nothing_passes() {
        assert!(put(&descriptor()).is_err());
        assert!(take(0).is_err());
        let wrong_way = decoding(Vec::new(), || put(&descriptor()));
        assert!(wrong_way.outcome.is_err());
    }

    #[test]
    fn a_full_list_is_an_error_that_says_so() {
        let put_all = || (0..=MOST_PASSED).map(|_| put(&descriptor())).collect();
        let outcome: Vec<Result<u32, String>> = encoding(put_all).outcome;
        let (last, first) = outcome.split_last().unwrap();
        assert!(first.iter().all(Result::is_ok));
        assert!(last.clone().unwrap_err().contains("252"));
    }

    #[test]
    fn a_frame_within_a_frame_has_its_own_list() {
        let (outer, inner) = (descriptor(), descriptor());
        let passed = encoding(|| {
            put(&outer).unwrap();
            let within = encoding(|| put(&inner).unwrap());
            assert!(Arc::ptr_eq(&within.descriptors[0], &inner));
            refuse("too large".to_owned());
        });
        assert_eq!(passed.descriptors.len(), 1);
        assert!(Arc::ptr_eq(&passed.descriptors[0], &outer));
        assert_eq!(passed.refusal.as_deref(), Some("too large"));
        assert!(PASSAGE.with_borrow(Option::is_none));
    }
}
