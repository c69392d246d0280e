//! An object of the manager, and the operations that wait for it to change.

use std::any::Any;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::connection::Connection;
use super::nesting::{Entered, Nesting};
use crate::manager::error::ManagerError;
use crate::manager::operation::{Attempt, Caller, Request, Withdrawal, failure};
use crate::panics;

/// An object.
pub(super) struct Object {
    pub(super) id: u64,
    pub(super) type_name: &'static str,
    state: Mutex<State>,
    given_up: Arc<GivenUp>,
}

/// The operations, by connection and number, that wait and are not to be tried any more, though who gave
/// them up could not get at the object.
#[derive(Default)]
struct GivenUp {
    /// Whether there may be any: so most need not look.
    are_some: AtomicBool,
    operations: Mutex<Vec<(u64, u64)>>,
}

impl GivenUp {
    fn add(&self, connection: u64, number: u64) {
        self.operations().push((connection, number));
        // ORDERING: Relaxed. Who misses it tries what was given up once more, as if that had come later.
        self.are_some.store(true, Ordering::Relaxed);
    }

    /// Whether an operation is among them; then it is forgotten.
    fn take(&self, connection: u64, number: u64) -> bool {
        // ORDERING: see `add`.
        if !self.are_some.load(Ordering::Relaxed) {
            return false;
        }
        let mut operations = self.operations();
        let found = operations.iter().position(|it| *it == (connection, number));
        found.is_some_and(|found| {
            operations.swap_remove(found);
            true
        })
    }

    fn operations(&self) -> MutexGuard<'_, Vec<(u64, u64)>> {
        self.operations
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

pub(super) struct State {
    type_name: &'static str,
    value: Box<dyn Any + Send>,
    /// The operations that wait, in the order in which they came.
    parked: Vec<Parked>,
    /// What takes from the value what it has noted as a connection's own, if it notes such things.
    leave: Option<Leave>,
    /// The panic that may have left the value half changed.
    poison: Option<String>,
    given_up: Arc<GivenUp>,
}

/// Takes from a value what it has noted as a connection's own.
type Leave = fn(&mut dyn Any, u64);

/// An operation that waits.
struct Parked {
    connection: Arc<Connection>,
    number: u64,
    request: Box<dyn Request>,
}

/// What is to be replied to whom, once the object's lock is let go.
pub(super) struct Reply {
    connection: Arc<Connection>,
    number: u64,
    /// Gone if it could not even be read.
    request: Option<Box<dyn Request>>,
    /// What to reply, if not what the request has left.
    error: Option<ManagerError>,
}

impl Reply {
    pub(super) fn error(connection: &Arc<Connection>, number: u64, error: ManagerError) -> Reply {
        Reply {
            connection: Arc::clone(connection),
            number,
            request: None,
            error: Some(error),
        }
    }

    /// That of a request of which nothing has come.
    pub(super) fn refusal(
        connection: &Arc<Connection>,
        number: u64,
        request: Box<dyn Request>,
        error: ManagerError,
    ) -> Reply {
        Reply {
            request: Some(request),
            ..Reply::error(connection, number, error)
        }
    }

    pub(super) fn is_to(&self, connection: &Connection) -> bool {
        self.connection.id() == connection.id()
    }

    /// Encodes and sends it. Runs user code: the encoding, and what drops the request.
    pub(super) fn send(self, limit: usize) {
        let draft = match (self.request, self.error) {
            (Some(request), None) => request.reply(limit),
            (request, error) => {
                drop(panics::catch_unwind(move || drop(request)));
                failure(error.unwrap_or(ManagerError::UnknownObject))
            }
        };
        self.connection.reply(self.number, draft);
    }
}

impl Object {
    pub(super) fn new(id: u64, type_name: &'static str, value: Box<dyn Any + Send>) -> Object {
        let given_up = Arc::new(GivenUp::default());
        Object {
            id,
            type_name,
            given_up: Arc::clone(&given_up),
            state: Mutex::new(State {
                given_up,
                type_name,
                value,
                parked: Vec::new(),
                leave: None,
                poison: None,
            }),
        }
    }

    /// Carries out an operation, or parks it; and then whatever else that has made possible.
    ///
    /// # Errors
    ///
    /// To wait for the object would close a circle; the request is given back.
    pub(super) fn ask(
        &self,
        connection: &Arc<Connection>,
        number: u64,
        request: Box<dyn Request>,
        nesting: &Nesting,
    ) -> Result<Vec<Reply>, (Box<dyn Request>, ManagerError)> {
        let mut state = match self.enter(nesting) {
            Ok(state) => state,
            Err(error) => return Err((request, error)),
        };
        // Behind those that wait: it is tried at once, but after them when there is a next time.
        state.parked.push(Parked {
            connection: Arc::clone(connection),
            number,
            request,
        });
        let mut replies = Vec::new();
        let last = state.parked.len() - 1;
        state.try_parked(last, &mut replies);
        // Also if it waits: it may have let go of something before.
        state.try_all(&mut replies);
        Ok(replies)
    }

    /// Ends the operation of a connection that has been waiting for too long, if it still waits.
    pub(super) fn time_out(
        &self,
        connection: &Arc<Connection>,
        number: u64,
        nesting: &Nesting,
    ) -> Vec<Reply> {
        let mut replies = Vec::new();
        let mut state = match self.enter(nesting) {
            Ok(state) => state,
            Err(error) => {
                // Whoever has the object waits for this caller. So the caller is told, and the object
                // is, for later.
                self.given_up.add(connection.id(), number);
                return vec![Reply::error(connection, number, error)];
            }
        };
        let is_it =
            |parked: &Parked| parked.connection.id() == connection.id() && parked.number == number;
        if let Some(place) = state.parked.iter().position(is_it) {
            state.withdraw(place, Withdrawal::TimedOut, &mut replies);
            state.try_all(&mut replies);
        }
        replies
    }

    /// Takes from a connection that has ended what it has here: operations that wait, and what the
    /// object has noted as its own. Nothing, if the object is locked just now.
    pub(super) fn try_abandon(&self, connection: &Connection) -> Option<Vec<Reply>> {
        let mut replies = Vec::new();
        let mut state = Nesting::none().try_enter(self.id, &self.state)?;
        let is_its = |parked: &Parked| parked.connection.id() == connection.id();
        while let Some(place) = state.parked.iter().position(is_its) {
            // The reply goes nowhere.
            state.withdraw(place, Withdrawal::CallerGone, &mut replies);
        }
        if let Some(leave) = state.leave {
            leave(&mut *state.value, connection.id());
        }
        state.try_all(&mut replies);
        Some(replies)
    }

    /// Looks at the value, and at how many operations wait.
    #[cfg(any(test, fuzzing))]
    pub(super) fn look<R>(&self, look: impl FnOnce(&dyn Any, usize) -> R) -> R {
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        look(&*state.value, state.parked.len())
    }

    /// Forgets that a call has panicked.
    pub(super) fn clear_poison(&self, nesting: &Nesting) -> Result<(), ManagerError> {
        self.enter(nesting)?.poison = None;
        Ok(())
    }

    fn enter(&self, nesting: &Nesting) -> Result<Entered<'_, State>, ManagerError> {
        nesting.enter(self.id, &self.state)
    }
}

/// Whoever is the last to have an object drops it: perhaps one who leaves, and has locks to give back.
impl Drop for State {
    fn drop(&mut self) {
        // The destructors are the user's.
        let value = std::mem::replace(&mut self.value, Box::new(()));
        drop(panics::catch_unwind(move || drop(value)));
        for parked in self.parked.drain(..) {
            drop(panics::catch_unwind(move || drop(parked)));
        }
    }
}

impl State {
    /// Tries one of the operations that wait; whether it is over.
    fn try_parked(&mut self, place: usize, replies: &mut Vec<Reply>) -> bool {
        let Parked {
            connection, number, ..
        } = &self.parked[place];
        if self.given_up.take(connection.id(), *number) {
            // The reply goes nowhere: the caller has had one.
            self.withdraw(place, Withdrawal::CallerGone, replies);
            return true;
        }
        let parked = &mut self.parked[place];
        let caller = Caller {
            connection: parked.connection.id(),
        };
        let attempt = match &self.poison {
            Some(panic) if !parked.request.goes_on_when_poisoned() => {
                // The value must not go on counting who waits no more.
                let (request, value) = (&mut parked.request, &mut *self.value);
                let withdraw = || request.withdraw(value, Withdrawal::CallerGone);
                drop(panics::catch_unwind(withdraw));
                Err(ManagerError::Poisoned(panic.clone()))
            }
            _ => Ok(parked.request.attempt(&mut *self.value, caller)),
        };
        if !matches!(attempt, Err(_) | Ok(Attempt::WrongType { .. })) {
            self.leave = self.leave.or_else(|| parked.request.leave());
        }
        let error = match attempt {
            Ok(Attempt::NotYet) => return false,
            Ok(Attempt::Done) => None,
            Ok(Attempt::Panicked(panic)) => {
                self.poison = Some(panic.to_string());
                None
            }
            Ok(Attempt::WrongType { expected }) => Some(ManagerError::WrongType {
                expected: expected.to_owned(),
                found: self.type_name.to_owned(),
            }),
            Err(error) => Some(error),
        };
        self.end(place, error, replies);
        true
    }

    /// Tries all that wait, in their order, until none of them can be done.
    fn try_all(&mut self, replies: &mut Vec<Reply>) {
        let mut place = 0;
        while place < self.parked.len() {
            // One that is done may have made an earlier one possible.
            place = match self.try_parked(place, replies) {
                true => 0,
                false => place + 1,
            };
        }
    }

    fn withdraw(&mut self, place: usize, why: Withdrawal, replies: &mut Vec<Reply>) {
        let request = &mut self.parked[place].request;
        let value = &mut *self.value;
        let is_over = panics::catch_unwind(|| request.withdraw(value, why));
        if is_over.unwrap_or(true) || why == Withdrawal::CallerGone {
            self.end(place, None, replies);
        }
    }

    fn end(&mut self, place: usize, error: Option<ManagerError>, replies: &mut Vec<Reply>) {
        let Parked {
            connection,
            number,
            request,
        } = self.parked.remove(place);
        replies.push(Reply {
            connection,
            number,
            request: Some(request),
            error,
        });
    }
}
