//! How descriptors travel with the values that need them.
//!
//! Serde knows bytes only. So while a frame is encoded or decoded, and only then, the thread that does
//! it has a list: a value that is more than its bytes puts its descriptor on it and writes the place
//! down, and on the other side takes the descriptor from that place. The list travels beside the
//! frame, and what is on it stays open until the frame has arrived or is dropped: a value on its way
//! is alive though neither end has it.

use std::cell::{Cell, RefCell};
use std::os::fd::OwnedFd;
use std::sync::Arc;

use super::wire::MOST_PASSED;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Direction {
    Encoding,
    Decoding,
}

/// What values have brought, or may take.
#[derive(Debug, Default)]
struct List {
    descriptors: Vec<Arc<OwnedFd>>,
    /// Why a value could not pass. It has to be kept here, because postcard drops the text of errors
    /// that are not its own.
    refusal: Option<String>,
}

// Two, because most frames bring nothing: then the list is not even looked at.
thread_local! {
    /// What this thread does just now, and whether there is something on the list.
    static PASSAGE: Cell<Option<(Direction, bool)>> = const { Cell::new(None) };
    static LIST: RefCell<List> = const {
        RefCell::new(List {
            descriptors: Vec::new(),
            refusal: None,
        })
    };
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
    // A value's own code may encode another frame: it submits a task, perhaps. So there may be a
    // passage already, which goes on after this one.
    let outer = Outer::set_aside(direction);
    if !descriptors.is_empty() {
        let _ = with_list(|list| list.descriptors = descriptors);
    }
    let outcome = run();
    let List {
        descriptors,
        refusal,
    } = take_list();
    drop(outer);
    Passed {
        outcome,
        descriptors,
        refusal,
    }
}

/// The passage to go on with, also if the one within it panics.
struct Outer {
    passage: Option<(Direction, bool)>,
    list: List,
}

impl Outer {
    fn set_aside(direction: Direction) -> Outer {
        let list = take_list();
        Outer {
            passage: PASSAGE.replace(Some((direction, false))),
            list,
        }
    }
}

impl Drop for Outer {
    fn drop(&mut self) {
        PASSAGE.set(self.passage);
        if self.passage.is_some_and(|(_, is_used)| is_used) {
            let list = std::mem::take(&mut self.list);
            let _ = with_list(|place| *place = list);
        }
    }
}

/// Takes what is on the list, if there is something.
fn take_list() -> List {
    match PASSAGE.get() {
        Some((_, true)) => with_list(std::mem::take).unwrap_or_default(),
        _ => List::default(),
    }
}

/// Does something with the list. A thread whose thread-local values are being dropped has none, and may
/// still come here: from the destructor of another such value.
fn with_list<R>(act: impl FnOnce(&mut List) -> R) -> Option<R> {
    if let Some((direction, _)) = PASSAGE.get() {
        PASSAGE.set(Some((direction, true)));
    }
    LIST.try_with(|list| act(&mut list.borrow_mut())).ok()
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
    if PASSAGE.get().is_some() {
        let _ = with_list(|list| {
            list.refusal.get_or_insert_with(|| why.clone());
        });
    }
    why
}

fn with<R>(
    direction: Direction,
    act: impl FnOnce(&mut Vec<Arc<OwnedFd>>) -> Result<R, String>,
) -> Result<R, String> {
    let passes = PASSAGE.get().is_some_and(|(now, _)| now == direction);
    let found = passes.then(|| with_list(|list| act(&mut list.descriptors)));
    found.flatten().unwrap_or_else(|| {
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
        assert_eq!(PASSAGE.get(), None);
    }
}
