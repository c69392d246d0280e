//! The cell of a task: state, body, outcome and observers, in one allocation.
//!
//! Two kinds of pointers lead to a cell. The *writing* one is held by a worker or a promise: it
//! claims the task and leaves the outcome. The *reading* ones are the [`Handle`]s that futures
//! are made of. Nobody holds a lock while the task, its callbacks or a destructor runs.
//!
//! # Who may touch the stage
//!
//! ```text
//! Pending    nobody
//! Running    the one who moved the state from Pending to Running
//! Cancelled  the one who moved the state from Pending to Cancelled
//! Finished   every handle may read; the only handle, found to be the only one, may take
//! ```
//!
//! Each move is one atomic operation on the word, so each right has one owner. The rule for
//! `Finished` holds because a handle is cloned only by a handle: whoever counts one handle and
//! owns it knows that no other can come.

#![expect(
    unsafe_code,
    reason = "the stage is guarded by the state, not by a lock"
)]

use std::marker::PhantomData;

use super::error::TaskError;
use super::future::Future;
use super::state::{State, Word};
use super::waiter::Waiter;
use crate::sync::{self, Arc, AtomicU32, Mutex, Ordering, Tracked, UnsafeCell};

/// What waits in a cell until the task is claimed or cancelled.
pub(crate) trait Body<T>: Send + 'static {
    /// The body is not needed any more: drops it, and sees that the callbacks run.
    fn release(self, callbacks: Callbacks<T>);
}

/// A callback that was added to a future.
pub(crate) type Callback<T> = Box<dyn FnOnce(&Future<T>) + Send>;

/// The callbacks of a future that has ended, to be run by whoever holds this.
#[must_use]
pub(crate) struct Callbacks<T> {
    /// A handle of the callbacks' own; there are none without it.
    future: Option<Future<T>>,
    list: Vec<Callback<T>>,
}

impl<T> Callbacks<T> {
    fn none() -> Callbacks<T> {
        Callbacks {
            future: None,
            list: Vec::new(),
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// Runs them in the order of adding. One that panics is reported by the panic hook, and the
    /// rest still run.
    pub(crate) fn run(self) {
        let Some(future) = self.future else { return };
        for callback in self.list {
            drop(sync::catch_unwind(|| callback(&future)));
        }
    }
}

/// Whoever wants to be told of the end.
struct Observers<T> {
    waiters: Vec<(Arc<Waiter>, usize)>,
    callbacks: Callbacks<T>,
}

/// The part of a cell that does not depend on the body's type.
pub(crate) struct Core<T> {
    word: AtomicU32,
    /// How many handles there are. The allocation's own count also counts the writing end, which
    /// must not keep the last handle from taking the value.
    handles: AtomicU32,
    observers: Mutex<Option<Box<Observers<T>>>>,
}

impl<T> Core<T> {
    fn word(&self) -> Word {
        // ORDERING: Acquire, pairs with the Release in `Cell::publish`: whoever sees Finished sees
        // the outcome.
        Word::from_bits(self.word.load(Ordering::Acquire))
    }

    /// The one way out of Pending; false if somebody else has taken it.
    fn leave_pending(&self, to: State) -> Result<Word, State> {
        let mut word = self.word();
        loop {
            if word.state() != State::Pending {
                return Err(word.state());
            }
            let moved = word.moved_to(to).bits();
            // ORDERING: Release, so that what a canceller did before is seen by those whom it
            // wakes. The body needs no Acquire: it was written before the cell was shared.
            match self.word.compare_exchange_weak(
                word.bits(),
                moved,
                Ordering::Release,
                Ordering::Relaxed,
            ) {
                Ok(_) => return Ok(word),
                Err(now) => word = Word::from_bits(now),
            }
        }
    }

    /// Tells the waiters of the end, and hands out the callbacks.
    fn tell(&self, last_word: Word) -> Callbacks<T> {
        if !last_word.is_observed() {
            return Callbacks::none();
        }
        // An observer that comes later finds a final state and is not put on the list; see
        // `register`.
        let observers = self.observers.lock().take();
        match observers {
            None => Callbacks::none(),
            Some(observers) => {
                for (waiter, token) in &observers.waiters {
                    waiter.notify(*token);
                }
                observers.callbacks
            }
        }
    }

    /// Puts an observer on the list; gives it back if the future has ended.
    ///
    /// The race with the end: it is decided by one operation on the word. If ours comes first, the
    /// one who ends the task sees the mark and then waits for the lock that we hold. If the end
    /// comes first, we see it and take our entry back before anybody can look.
    fn register<R>(
        &self,
        add: impl FnOnce(&mut Observers<T>),
        take_back: impl FnOnce(&mut Observers<T>) -> R,
    ) -> Result<(), R> {
        let mut guard = self.observers.lock();
        let observers = guard.get_or_insert_with(|| {
            Box::new(Observers {
                waiters: Vec::new(),
                callbacks: Callbacks::none(),
            })
        });
        add(observers);
        // ORDERING: Acquire, pairs with the Release in `Cell::publish`, as in `word`. What we put
        // on the list is handed over by the lock.
        let before = self.word.fetch_or(Word::OBSERVED_BITS, Ordering::Acquire);
        if Word::from_bits(before).state().is_final() {
            return Err(take_back(observers));
        }
        Ok(())
    }
}

/// What a cell holds besides its core.
enum Stage<T, B> {
    Body(B),
    Outcome(Result<T, TaskError>),
    Empty,
}

/// The cell itself.
pub(crate) struct Cell<T, B> {
    core: Core<T>,
    stage: UnsafeCell<Stage<T, B>>,
    /// Nothing here; in a model, what makes a leaked cell an error.
    _tracked: Tracked,
}

// SAFETY: the stage is reached only by the rules at the head of this file, under which one thread
// owns it or all only read it; whether several may read a `T` is asked where handles are cloned.
unsafe impl<T: Send, B: Send> Sync for Cell<T, B> {}

impl<T: Send + 'static, B: Body<T>> Cell<T, B> {
    /// A pending cell and its first handle.
    pub(crate) fn new(body: B) -> Arc<Cell<T, B>> {
        Arc::new(Cell {
            core: Core {
                word: AtomicU32::new(Word::new(State::Pending).bits()),
                handles: AtomicU32::new(1),
                observers: Mutex::new(None),
            },
            stage: UnsafeCell::new(Stage::Body(body)),
            _tracked: Tracked::new(),
        })
    }

    /// The first handle. To be called once for each cell.
    pub(crate) fn first_handle(this: &Arc<Cell<T, B>>) -> Handle<T> {
        let shared: Arc<Self> = Arc::clone(this);
        Handle {
            shared,
            not_shared_without_sync: PhantomData,
        }
    }

    pub(crate) fn state(&self) -> State {
        self.core.word().state()
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
        let finished = Word::new(State::Finished).bits();
        // ORDERING: Release, pairs with the Acquire loads of the word: whoever sees Finished sees
        // the outcome. The list of observers is handed over by its lock.
        let before = self.core.word.swap(finished, Ordering::Release);
        self.core.tell(Word::from_bits(before))
    }

    /// Cancels a pending task; true if it is cancelled now.
    pub(crate) fn cancel(&self) -> bool {
        match self.core.leave_pending(State::Cancelled) {
            Err(state) => state == State::Cancelled,
            Ok(word) => {
                let stage = self.replace_stage(Stage::Empty);
                let callbacks = self.core.tell(word);
                if let Stage::Body(body) = stage {
                    body.release(callbacks);
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
            // SAFETY: every caller owns the stage, by a move of the state that it alone has made, or
            // with the whole cell; see the head of this file.
            unsafe { std::mem::replace(&mut *place, stage) }
        })
    }
}

/// What a handle can do with a cell whose body it does not know.
pub(crate) trait Shared<T> {
    fn core(&self) -> &Core<T>;

    /// See [`Cell::cancel`].
    fn cancel(&self) -> bool;

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
}

impl<T: Send + 'static, B: Body<T>> Shared<T> for Cell<T, B> {
    fn core(&self) -> &Core<T> {
        &self.core
    }

    fn cancel(&self) -> bool {
        Cell::cancel(self)
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
}

/// A reading end.
pub(crate) struct Handle<T> {
    shared: Arc<dyn Shared<T>>,
    /// Takes away the automatic `Send` and `Sync`; the two lines below say when they hold.
    not_shared_without_sync: PhantomData<*const T>,
}

// SAFETY: a handle that moves to another thread takes along the right to read, take and drop the
// `T`; a second handle, which would let two threads read it, exists only if `T: Sync`.
unsafe impl<T: Send> Send for Handle<T> {}
// SAFETY: threads that share a handle read the `T` together, and may clone the handle and so come
// to drop the `T`.
unsafe impl<T: Send + Sync> Sync for Handle<T> {}

impl<T: Sync> Clone for Handle<T> {
    fn clone(&self) -> Self {
        // ORDERING: Relaxed, as for any count that only grows from an owned one.
        let before = self.core().handles.fetch_add(1, Ordering::Relaxed);
        if before > u32::MAX / 2 {
            // So many handles can only have been forgotten, and a count that wraps is unsound.
            std::process::abort();
        }
        Handle {
            shared: Arc::clone(&self.shared),
            not_shared_without_sync: PhantomData,
        }
    }
}

impl<T> Drop for Handle<T> {
    fn drop(&mut self) {
        let handles = &self.core().handles;
        // The last handle has nobody to tell. ORDERING: Relaxed, it decides nothing but whether
        // to count.
        if handles.load(Ordering::Relaxed) != 1 {
            // ORDERING: Release, pairs with the Acquire in `is_only`: our reads of the value
            // happen before it is taken.
            handles.fetch_sub(1, Ordering::Release);
        }
    }
}

impl<T> Handle<T> {
    fn core(&self) -> &Core<T> {
        self.shared.core()
    }

    pub(crate) fn state(&self) -> State {
        self.core().word().state()
    }

    /// Where the cell is; two handles of one cell give the same.
    pub(crate) fn address(&self) -> *const () {
        std::ptr::from_ref(self.core()).cast()
    }

    pub(crate) fn cancel(&self) -> bool {
        self.shared.cancel()
    }

    fn is_only(&self) -> bool {
        // ORDERING: Acquire, pairs with the Release in `drop`.
        self.core().handles.load(Ordering::Acquire) == 1
    }

    /// The outcome, if there is one.
    pub(crate) fn outcome(&self) -> Option<Result<&T, TaskError>> {
        match self.state() {
            State::Pending | State::Running => None,
            State::Cancelled => Some(Err(TaskError::Cancelled)),
            State::Finished => {
                // SAFETY: the state was seen, and the reference borrows from this handle.
                let outcome = unsafe { self.shared.outcome() };
                Some(outcome.as_ref().map_err(Clone::clone))
            }
        }
    }

    /// Moves the outcome out, if the future has ended and this is the only handle.
    pub(crate) fn try_take(self) -> Result<Result<T, TaskError>, Self> {
        match self.state() {
            State::Cancelled => Ok(Err(TaskError::Cancelled)),
            State::Finished if self.is_only() => {
                // SAFETY: the state was seen, `self` is the only handle and ends here.
                Ok(unsafe { self.shared.take_outcome() })
            }
            State::Pending | State::Running | State::Finished => Err(self),
        }
    }

    /// Has `waiter` told `token` at the end; false if the future has ended.
    pub(crate) fn register_waiter(&self, waiter: &Arc<Waiter>, token: usize) -> bool {
        let registered = self.core().register(
            |observers| observers.waiters.push((Arc::clone(waiter), token)),
            |observers| observers.waiters.pop(),
        );
        registered.is_ok()
    }

    /// Takes `waiter` off the list, if it is still on it.
    pub(crate) fn unregister_waiter(&self, waiter: &Arc<Waiter>) {
        if let Some(observers) = self.core().observers.lock().as_mut() {
            observers
                .waiters
                .retain(|(registered, _)| !Arc::ptr_eq(registered, waiter));
        }
    }

    /// Has `callback` run at the end; gives it back if the future has ended.
    pub(crate) fn register_callback(&self, callback: Callback<T>) -> Result<(), Callback<T>>
    where
        T: Send + Sync,
    {
        // The callbacks hold a handle of their own, made before the end can be seen, so that the
        // value can't be taken from under them. That is a circle of references for as long as the
        // task is unfinished; each writing end finishes what it drops, which breaks it. Making and
        // dropping that handle under the lock runs no code of the user's: ours is another one.
        let registered = self.core().register(
            |observers| {
                let future = &mut observers.callbacks.future;
                future.get_or_insert_with(|| Future::from_handle(self.clone()));
                observers.callbacks.list.push(callback);
            },
            |observers| {
                let callback = observers.callbacks.list.pop();
                if observers.callbacks.is_empty() {
                    observers.callbacks.future = None;
                }
                callback
            },
        );
        match registered {
            Err(Some(callback)) => Err(callback),
            Err(None) | Ok(()) => Ok(()),
        }
    }
}
