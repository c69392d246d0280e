//! Catching a panic together with its message, its place and its backtrace.
//!
//! The place is known only to the panic hook. So the first pool installs one that notes it for the
//! thread, if that thread is inside [`catch_unwind`], and then calls the hook that was there. A
//! program that sets its own hook later replaces ours: then places are unknown, and all else works.

use std::any::Any;
use std::backtrace::{Backtrace, BacktraceStatus};
use std::cell::{Cell, RefCell};
use std::panic::{self, AssertUnwindSafe, PanicHookInfo};
use std::sync::{Arc, Once};

use crate::base::Panic;

thread_local! {
    static DEPTH: Cell<usize> = const { Cell::new(0) };
    // Boxed, so that what happens at every call is to swap a pointer.
    static NOTED: RefCell<Option<Box<Noted>>> = const { RefCell::new(None) };
}

struct Noted {
    message: String,
    place: Option<String>,
    backtrace: Option<String>,
}

/// Runs `f`; a panic is given back as a value.
pub(crate) fn catch_unwind<R>(f: impl FnOnce() -> R) -> Result<R, Arc<Panic>> {
    DEPTH.set(DEPTH.get() + 1);
    // Set aside and put back: this may run in a destructor while an outer panic unwinds, and a note
    // of a panic that the task itself has caught must not pass for one of the panic caught here.
    let outer = swap_noted(None);
    // A task that breaks its own invariants by panicking breaks them for those who share them with
    // it, as a thread does; `Mutex` poisons for that.
    let result = panic::catch_unwind(AssertUnwindSafe(f));
    DEPTH.set(DEPTH.get() - 1);
    let noted = swap_noted(outer);
    result.map_err(|payload| caught(payload, noted))
}

/// Puts a note in the place of the last one. A thread whose thread-local values are being dropped
/// has none, and may still come here: from the destructor of another such value.
fn swap_noted(noted: Option<Box<Noted>>) -> Option<Box<Noted>> {
    NOTED.try_with(|place| place.replace(noted)).ok().flatten()
}

fn caught(payload: Box<dyn Any + Send>, noted: Option<Box<Noted>>) -> Arc<Panic> {
    let message = message(&*payload);
    // A panic that was resumed has not gone through the hook: what was noted is another one's.
    let noted = noted.filter(|noted| noted.message == message);
    // The payload's destructor is the user's, and may panic in its turn; what that leaves is
    // leaked, since there is nothing better to do with it.
    if let Err(second) = panic::catch_unwind(AssertUnwindSafe(|| drop(payload))) {
        std::mem::forget(second);
    }
    let (place, backtrace) = match noted {
        Some(noted) => (noted.place, noted.backtrace),
        None => (None, None),
    };
    Arc::new(Panic {
        message,
        place,
        backtrace,
    })
}

fn message(payload: &(dyn Any + Send)) -> String {
    if let Some(text) = payload.downcast_ref::<&str>() {
        (*text).to_owned()
    } else if let Some(text) = payload.downcast_ref::<String>() {
        text.clone()
    } else {
        "the payload is not a string".to_owned()
    }
}

/// Installs the hook that notes where panics happen, once.
pub(crate) fn note_places() {
    static INSTALLED: Once = Once::new();
    if std::thread::panicking() {
        // The hook can't be changed now; the next pool does it.
        return;
    }
    INSTALLED.call_once(|| {
        let before = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            if DEPTH.try_with(Cell::get).unwrap_or(0) > 0 {
                note(info);
            }
            before(info);
        }));
    });
}

fn note(info: &PanicHookInfo<'_>) {
    let backtrace = Backtrace::capture();
    let noted = Noted {
        message: message(info.payload()),
        place: info.location().map(ToString::to_string),
        backtrace: match backtrace.status() {
            BacktraceStatus::Captured => Some(backtrace.to_string()),
            _ => None,
        },
    };
    swap_noted(Some(Box::new(noted)));
}
