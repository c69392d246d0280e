//! What can be asked of an object: operations, which travel to the manager and are carried out there.
//!
//! All of them are of one kind: they look at the object and are either done or have to wait. One that
//! has to wait is parked with the object, and tried again after every other operation that was done on
//! it, in the order in which they came. So a lock, a queue and a barrier are plain data with a few
//! operations each, no thread of the manager ever sleeps for a client, and whoever makes an operation
//! possible is the one who carries it out and replies.

use std::any::{Any, TypeId, type_name};
use std::mem::needs_drop;
use std::sync::Arc;

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::error::ManagerError;
use crate::base::{Panic, TaskError};
use crate::panics;
use crate::process::codec::{self, Draft, short};
use crate::process::content::Content;
use crate::process::descriptor::{Descriptor, Entry, NAME, Name};
use crate::task::Payload;

/// Who asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Caller {
    /// The connection, of which each thread of a client has its own.
    pub(crate) connection: u64,
}

/// Why an operation that waits is to end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Withdrawal {
    /// Its time is over.
    TimedOut,
    /// Its caller is gone.
    CallerGone,
}

/// What an operation leaves.
pub(crate) type Outcome<T> = Result<T, ManagerError>;

/// One thing that can be asked of an object.
pub(crate) trait Operation: Serialize + DeserializeOwned + Send + 'static {
    /// What it is asked of.
    type Object: Send + 'static;
    /// What it leaves.
    type Output: Payload;

    /// Carries it out, or says with `None` that it has to wait.
    fn attempt(
        &mut self,
        object: &mut Self::Object,
        caller: Caller,
    ) -> Option<Outcome<Self::Output>>;

    /// Takes back what attempts have done so far; whether it is over with that. If not, it goes on
    /// waiting, but not for a caller that is gone.
    fn withdraw(&mut self, object: &mut Self::Object, why: Withdrawal) -> bool {
        let _ = (object, why);
        true
    }

    /// Takes from a connection that has ended what the object has noted as its own. Called for those
    /// that have carried out this operation, if it [`notes`](Operation::NOTES) them.
    fn leave(object: &mut Self::Object, connection: u64) {
        let _ = (object, connection);
    }

    /// Whether the object notes who has carried it out.
    const NOTES: bool = false;

    /// Whether it is carried out though a call on the object has panicked: what gives something back is.
    const EVEN_POISONED: bool = false;

    /// Calls `visit` with each part that may be a large vector; see `process/bulk.rs`.
    fn each_part(&mut self, visit: &mut dyn FnMut(&mut dyn Any)) {
        let _ = visit;
    }
}

/// Makes a request of the payload of a frame, from behind the name on.
#[derive(Clone, Copy)]
pub(crate) struct Receive(fn(&Content, usize) -> Outcome<Box<dyn Request>>);

impl Receive {
    pub(crate) fn request(self, content: &Content, at: usize) -> Outcome<Box<dyn Request>> {
        (self.0)(content, at)
    }
}

impl Entry for Receive {
    const MAGIC: u64 = u64::from_le_bytes(*b"exec ask");
}

struct Of<O>(std::marker::PhantomData<O>);

impl<O: Operation> Of<O> {
    const DESCRIPTOR: &'static Descriptor<Receive> =
        &Descriptor::new(TypeId::of::<O>(), Receive(receive::<O>));
}

/// The name of an operation.
///
/// # Errors
///
/// It is not part of the main executable.
pub(crate) fn name<O: Operation>() -> Outcome<Name> {
    Of::<O>::DESCRIPTOR
        .name()
        .ok_or_else(|| nameless(type_name::<O>()))
}

/// What can't be named to another process.
pub(super) fn nameless(what: &str) -> ManagerError {
    ManagerError::Encode(format!(
        "{what} is not part of the main executable (is it in a shared library?), so the manager's process \
         can't find it"
    ))
}

fn receive<O: Operation>(content: &Content, at: usize) -> Outcome<Box<dyn Request>> {
    let operation: O = codec::decode(content, at + NAME, O::each_part)
        .map_err(|error| unreadable(error, "the arguments of", type_name::<O>()))?;
    Ok(Box::new(Typed {
        operation,
        outcome: None,
    }))
}

/// The error of something that was not encoded or decoded, with its name.
pub(super) fn unreadable(error: TaskError, what: &str, name: &str) -> ManagerError {
    match error {
        TaskError::Encode(why) => ManagerError::Encode(format!("{what} {name}: {why}")),
        TaskError::Decode(why) => ManagerError::Decode(format!("{what} {name}: {why}")),
        other => ManagerError::Failed(other.to_string()),
    }
}

/// How far an attempt has come.
#[derive(Debug)]
pub(crate) enum Attempt {
    /// It is done, and there is something to reply.
    Done,
    /// It has to wait.
    NotYet,
    /// The object is not of the type that it is for.
    WrongType { expected: &'static str },
    /// It panicked, and may have left the object half changed.
    Panicked(Arc<Panic>),
}

/// An operation in the manager, its type forgotten.
pub(crate) trait Request: Send {
    /// Tries to carry it out. User code runs, under the object's lock: the one place in this crate.
    fn attempt(&mut self, object: &mut dyn Any, caller: Caller) -> Attempt;

    /// Whether it is over with a withdrawal; then there may be something to reply.
    fn withdraw(&mut self, object: &mut dyn Any, why: Withdrawal) -> bool;

    /// See [`Operation::EVEN_POISONED`].
    fn goes_on_when_poisoned(&self) -> bool;

    /// What to call when a connection ends that has done this, if anything.
    fn leave(&self) -> Option<fn(&mut dyn Any, u64)>;

    /// The reply: what was left, or that the time is over.
    fn reply(self: Box<Self>, limit: usize) -> Draft;
}

struct Typed<O: Operation> {
    operation: O,
    outcome: Option<Outcome<O::Output>>,
}

impl<O: Operation> Request for Typed<O> {
    fn attempt(&mut self, object: &mut dyn Any, caller: Caller) -> Attempt {
        let Some(object) = object.downcast_mut::<O::Object>() else {
            return Attempt::WrongType {
                expected: type_name::<O::Object>(),
            };
        };
        let operation = &mut self.operation;
        match panics::catch_unwind(|| operation.attempt(object, caller)) {
            Ok(None) => Attempt::NotYet,
            Ok(outcome) => {
                self.outcome = outcome;
                Attempt::Done
            }
            Err(panic) => {
                self.outcome = Some(Err(ManagerError::Panicked(panic.to_string())));
                Attempt::Panicked(panic)
            }
        }
    }

    fn withdraw(&mut self, object: &mut dyn Any, why: Withdrawal) -> bool {
        let object = object.downcast_mut::<O::Object>();
        object.is_none_or(|object| self.operation.withdraw(object, why))
    }

    fn goes_on_when_poisoned(&self) -> bool {
        O::EVEN_POISONED
    }

    fn leave(&self) -> Option<fn(&mut dyn Any, u64)> {
        O::NOTES.then_some(|object, connection| {
            if let Some(object) = object.downcast_mut::<O::Object>() {
                O::leave(object, connection);
            }
        })
    }

    fn reply(self: Box<Self>, limit: usize) -> Draft {
        let Typed { operation, outcome } = *self;
        let mut outcome = outcome.unwrap_or(Err(ManagerError::TimedOut));
        let draft = Draft::new().encode(&mut outcome, codec::value_of, limit);
        let draft = draft.unwrap_or_else(|error| {
            let error = unreadable(error, "the result of", type_name::<O>());
            failure(error)
        });
        if needs_drop::<(O, O::Output)>() {
            // What is left of either is the user's, and so are the destructors.
            drop(panics::catch_unwind(move || drop((operation, outcome))));
        }
        draft
    }
}

/// The reply to a request that comes to nothing.
pub(crate) fn failure(error: ManagerError) -> Draft {
    codec::failure(match error {
        ManagerError::Encode(why) => ManagerError::Encode(short(&why)),
        ManagerError::Decode(why) => ManagerError::Decode(short(&why)),
        ManagerError::Panicked(why) => ManagerError::Panicked(short(&why)),
        ManagerError::Poisoned(why) => ManagerError::Poisoned(short(&why)),
        ManagerError::Failed(why) => ManagerError::Failed(short(&why)),
        other => other,
    })
}
