//! The cell of a task: state, body, outcome and observers, in one allocation.
//!
//! Two kinds of pointers lead to a cell. The *writing* one is held by a worker or a promise: it
//! claims the task and leaves the outcome. The *reading* ones are the [`Handle`]s that futures
//! are made of, in `cell/handle.rs`. Nobody holds a lock while the task, its callbacks or a destructor runs.
//!
//! # Who may touch the stage
//!
//! ```text
//! Pending    nobody
//! Running    the one who moved the state from Pending to Running
//! Cancelled  the one who moved the state from Pending to Cancelled
//! Finished   every handle may read; the only handle, found to be the only one, may take, and drops what
//!            it does not take
//! ```
//!
//! Each move is one atomic operation on the word, so each right has one owner. The rule for
//! `Finished` holds because a handle is cloned only by a handle: whoever counts one handle and
//! owns it knows that no other can come.

#![expect(
    unsafe_code,
    reason = "the stage is guarded by the state, not by a lock"
)]

use super::aftermath::Aftermath;
use super::core::Core;
use super::error::TaskError;
use super::keeper::Keeper;
use super::liveness::Watched;
use super::observers::Callbacks;
use super::source::Source;
use super::state::{State, Word};
use crate::sync::{Arc, Deadline, Tracked, UnsafeCell, bug};

mod handle;

pub(crate) use handle::Handle;

/// What waits in a cell until the task is claimed or cancelled.
pub(crate) trait Body<T>: Send + 'static {
    /// Whoever knows whether the task has begun, besides the cell.
    type Keeper: Keeper;

    /// The body is not needed any more: drops it, and sees that the callbacks run.
    fn release(self, callbacks: Callbacks<T>, aftermath: &mut Aftermath);

    /// What the task is called.
    fn name() -> &'static str;

    /// Runs the task in this thread, if nobody has claimed it and it is one that can run here.
    fn run_here(_cell: Arc<Cell<T, Self>>)
    where
        Self: Sized,
    {
    }
}

/// What a cell holds besides its core.
enum Stage<T, B> {
    Body(B),
    Outcome(Result<T, TaskError>),
    Empty,
}

/// The cell itself.
pub(crate) struct Cell<T, B: Body<T>> {
    core: Core<T>,
    stage: UnsafeCell<Stage<T, B>>,
    keeper: B::Keeper,
    /// Nothing here; in a model, what makes a leaked cell an error.
    _tracked: Tracked,
}

// SAFETY: the stage is reached only by the rules at the head of this file, under which one thread
// owns it or all only read it; whether several may read a `T` is asked where handles are cloned.
unsafe impl<T: Send, B: Body<T>> Sync for Cell<T, B> {}

impl<T: Send + 'static, B: Body<T>> Cell<T, B> {
    /// A cell that is pending in a pool of this process, or in none if that is zero.
    pub(crate) fn new(body: B, keeper: B::Keeper, pool: u32) -> Arc<Cell<T, B>> {
        Arc::new(Cell {
            core: Core::new(pool),
            stage: UnsafeCell::new(Stage::Body(body)),
            keeper,
            _tracked: Tracked::new(),
        })
    }

    /// The first handle. To be called once for each cell.
    pub(crate) fn first_handle(this: &Arc<Cell<T, B>>) -> Handle<T> {
        let shared: Arc<Self> = Arc::clone(this);
        Handle::new(shared)
    }

    pub(crate) fn state(&self) -> State {
        self.core.state()
    }

    /// Where the cell is, as its handles say.
    pub(crate) fn address(&self) -> *const () {
        std::ptr::from_ref(&self.core).cast()
    }

    /// Claims the task; `None` if it was cancelled or claimed before.
    pub(crate) fn claim(&self) -> Option<B> {
        self.core.leave_pending(State::Running).ok()?;
        match self.replace_stage(Stage::Empty) {
            Stage::Body(body) => Some(body),
            Stage::Outcome(_) | Stage::Empty => None,
        }
    }

    /// Leaves the outcome of a claimed task, wakes the waiters and hands out the callbacks.
    ///
    /// Only the one whose `claim` succeeded may call it, once.
    pub(crate) fn publish(&self, outcome: Result<T, TaskError>) -> Callbacks<T> {
        drop(self.replace_stage(Stage::Outcome(outcome)));
        if bug!(TellsBeforeTheEnd) {
            drop(self.core.tell(self.core.word()));
        }
        let last_word = self.core.finish();
        self.core.tell(last_word)
    }

    /// Cancels a pending task that its keeper has given up; true if it is cancelled now.
    pub(crate) fn cancel(&self, aftermath: &mut Aftermath) -> bool {
        self.cancel_by(self.leave_pending(), aftermath)
    }

    /// The first half of a cancel: marks the task as cancelled and tells nobody.
    pub(crate) fn leave_pending(&self) -> Result<Word, State> {
        self.core.leave_pending(State::Cancelled)
    }

    /// The second half of a cancel: tells those who wait; true if it is cancelled now.
    pub(crate) fn cancel_by(&self, moved: Result<Word, State>, aftermath: &mut Aftermath) -> bool {
        match moved {
            Err(state) => state == State::Cancelled,
            Ok(word) => {
                let stage = self.replace_stage(Stage::Empty);
                let callbacks = self.core.tell(word);
                if let Stage::Body(body) = stage {
                    body.release(callbacks, aftermath);
                }
                true
            }
        }
    }

    /// What the cell was left with, if it was finished and nobody took it.
    pub(crate) fn into_outcome(self) -> Option<Result<T, TaskError>> {
        match self.stage.into_inner() {
            Stage::Outcome(outcome) => Some(outcome),
            Stage::Body(_) | Stage::Empty => None,
        }
    }

    /// The owner of the stage puts something else there.
    fn replace_stage(&self, stage: Stage<T, B>) -> Stage<T, B> {
        self.stage.with_mut(|place| {
            // SAFETY: every caller owns the stage, by a move of the state that it alone has made or
            // as the only handle of a finished cell; see the head of this file.
            unsafe { std::mem::replace(&mut *place, stage) }
        })
    }
}

/// What a handle can do with a cell whose body it does not know.
pub(crate) trait Shared<T> {
    fn core(&self) -> &Core<T>;

    /// The cell, as one who waits for it is judged by.
    fn watched(self: Arc<Self>) -> Arc<dyn Watched>;

    /// Where the task stands.
    fn state(&self) -> State;

    /// Cancels the task if nobody has begun it; true if it is cancelled now.
    fn cancel(&self, aftermath: &mut Aftermath) -> bool;

    /// Watches for the end for a moment; whether it has come.
    fn watch(&self, deadline: Option<Deadline>) -> bool;

    /// The outcome.
    ///
    /// # Safety
    ///
    /// The caller has seen the state Finished and holds a handle that outlives the reference.
    unsafe fn outcome(&self) -> &Result<T, TaskError>;

    /// Moves the outcome out.
    ///
    /// # Safety
    ///
    /// The caller has seen the state Finished and owns the only handle, and gives it up.
    unsafe fn take_outcome(&self) -> Result<T, TaskError>;

    /// Drops the outcome, if it was not taken.
    ///
    /// # Safety
    ///
    /// The caller has seen the state Finished and gives up the last handle.
    unsafe fn drop_outcome(&self);
}

impl<T: Send + 'static, B: Body<T>> Shared<T> for Cell<T, B> {
    fn core(&self) -> &Core<T> {
        &self.core
    }

    fn watched(self: Arc<Self>) -> Arc<dyn Watched> {
        self
    }

    fn state(&self) -> State {
        match self.core.state() {
            State::Pending if self.keeper.has_begun() => match self.core.state() {
                State::Pending => State::Running,
                // It was cancelled or finished between the two looks.
                state => state,
            },
            state => state,
        }
    }

    fn cancel(&self, aftermath: &mut Aftermath) -> bool {
        let moved = self.keeper.withdraw(&|| self.leave_pending());
        let moved = moved.unwrap_or_else(|| Err(self.core.state()));
        let is_first = moved.is_ok();
        let is_cancelled = self.cancel_by(moved, aftermath);
        if is_first {
            self.keeper.called_off(self.address().addr());
        }
        is_cancelled
    }

    fn watch(&self, deadline: Option<Deadline>) -> bool {
        self.keeper
            .watch(&|| self.core.state().is_final(), deadline)
    }

    unsafe fn outcome(&self) -> &Result<T, TaskError> {
        // SAFETY: nobody writes to the stage of a finished cell while a handle lives.
        let stage = self.stage.with(|place| unsafe { &*place });
        match stage {
            Stage::Outcome(outcome) => outcome,
            Stage::Body(_) | Stage::Empty => unreachable!("a finished cell holds its outcome"),
        }
    }

    unsafe fn take_outcome(&self) -> Result<T, TaskError> {
        match self.replace_stage(Stage::Empty) {
            Stage::Outcome(outcome) => outcome,
            Stage::Body(_) | Stage::Empty => unreachable!("a finished cell holds its outcome"),
        }
    }

    unsafe fn drop_outcome(&self) {
        drop(self.replace_stage(Stage::Empty));
    }
}

impl<T: Send + 'static, B: Body<T>> Watched for Cell<T, B> {
    fn address(&self) -> usize {
        self.address().addr()
    }

    fn word(&self) -> Word {
        self.core.word()
    }

    fn name(&self) -> &'static str {
        B::name()
    }

    fn run_here(self: Arc<Self>) {
        B::run_here(self);
    }

    fn sources(&self) -> Vec<Source> {
        if self.core.state().is_final() {
            return Vec::new();
        }
        self.keeper.sources()
    }

    fn steps_left(&self) -> usize {
        self.keeper.steps_left()
    }

    fn has_callbacks(&self) -> bool {
        self.core.has_callbacks()
    }

    fn forget(&self, derived: usize) {
        self.core.forget(derived);
    }
}
