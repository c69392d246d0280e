//! The core of a cell: the state word, the count of handles, and who is to be told of the end.

use std::task::Waker;

use super::observers::{Callbacks, Forgotten, Observers};
use super::state::{State, Word};
use super::waiter::Waiter;
use crate::sync::{Arc, AtomicU32, Mutex, Ordering, bug};

/// The part of a cell that does not depend on the body's type.
pub(crate) struct Core<T> {
    word: AtomicU32,
    /// How many handles there are. The allocation's own count also counts the writing end, which
    /// must not keep the last handle from taking the value.
    handles: AtomicU32,
    observers: Mutex<Option<Box<Observers<T>>>>,
}

impl<T> Core<T> {
    /// Pending in a pool, or in none if that is zero; with one handle.
    pub(super) fn new(pool: u32) -> Core<T> {
        Core {
            word: AtomicU32::new(Word::pending_in(pool).bits()),
            handles: AtomicU32::new(1),
            observers: Mutex::new(None),
        }
    }

    pub(super) fn state(&self) -> State {
        self.word().state()
    }

    pub(super) fn word(&self) -> Word {
        // ORDERING: Acquire, pairs with the Release in `finish`: whoever sees Finished sees
        // the outcome.
        let order = if bug!(LooksRelaxed) {
            Ordering::Relaxed
        } else {
            Ordering::Acquire
        };
        Word::from_bits(self.word.load(order))
    }

    /// The one way out of Pending; false if somebody else has taken it.
    pub(super) fn leave_pending(&self, to: State) -> Result<Word, State> {
        let mut word = self.word();
        loop {
            if word.state() != State::Pending
                && !(bug!(CancelsWhatRuns) && word.state() == State::Running)
            {
                return Err(word.state());
            }
            let moved = word.moved_to(to).bits();
            if bug!(LooksAndThenMoves) {
                self.word.store(moved, Ordering::Release);
                return Ok(word);
            }
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

    /// Moves from Running to Finished; the word as it was.
    pub(super) fn finish(&self) -> Word {
        let finished = Word::new(State::Finished).bits();
        // ORDERING: Release, pairs with the Acquire loads of the word: whoever sees Finished sees
        // the outcome. The list of observers is handed over by its lock.
        Word::from_bits(self.word.swap(finished, Ordering::Release))
    }

    /// Tells the waiters of the end, and hands out the wakers and callbacks.
    pub(super) fn tell(&self, last_word: Word) -> Callbacks<T> {
        if !last_word.is_observed() {
            return Callbacks::of(None);
        }
        // An observer that comes later finds a final state and is not put on the list; see
        // `register`.
        let observers = self.observers.lock().take();
        for (waiter, token) in observers.iter().flat_map(|observers| &observers.waiters) {
            waiter.notify(if bug!(TellsAnotherToken) { 0 } else { *token });
        }
        Callbacks::of(observers)
    }

    /// Puts an observer on the list; gives it back if the future has ended.
    ///
    /// The race with the end: it is decided by one operation on the word. If ours comes first, the
    /// one who ends the task sees the mark and then waits for the lock that we hold. If the end
    /// comes first, we see it and take our entry back before anybody can look.
    pub(super) fn register<K, R>(
        &self,
        add: impl FnOnce(&mut Observers<T>) -> K,
        take_back: impl FnOnce(&mut Observers<T>, K) -> R,
    ) -> Result<K, R> {
        // ORDERING: Acquire, pairs with the Release in `finish`, as in `word`. What we put
        // on the list is handed over by the lock.
        let mark = || self.word.fetch_or(Word::OBSERVED_BITS, Ordering::Acquire);
        if bug!(MarksOutsideTheLock) && !Word::from_bits(mark()).state().is_final() {
            let mut guard = self.observers.lock();
            return Ok(add(guard.get_or_insert_with(|| Box::new(Observers::new()))));
        }
        let mut guard = self.observers.lock();
        let observers = guard.get_or_insert_with(|| Box::new(Observers::new()));
        let entry = add(observers);
        if Word::from_bits(mark()).state().is_final() && !bug!(RegistersAfterTheLook) {
            return Err(take_back(observers, entry));
        }
        Ok(entry)
    }

    /// Takes `waiter` off the list, if it is still on it.
    pub(super) fn unregister(&self, waiter: &Arc<Waiter>) {
        if bug!(StaysOnTheList) {
            return;
        }
        if let Some(observers) = self.observers.lock().as_mut() {
            observers
                .waiters
                .retain(|(registered, _)| !Arc::ptr_eq(registered, waiter));
        }
    }

    /// Whether callbacks are on the list.
    pub(super) fn has_callbacks(&self) -> bool {
        self.word().is_observed()
            && (self.observers.lock().as_ref())
                .is_some_and(|observers| !observers.callbacks.is_empty())
    }

    /// The derived future at this address, whose callback may be on the list, was cancelled.
    pub(super) fn forget(&self, derived: usize) {
        let mut guard = self.observers.lock();
        let forgotten = guard.as_mut().map(|observers| observers.forget(derived));
        drop(guard);
        drop::<Option<Forgotten<T>>>(forgotten);
    }

    /// Puts a waker on the list, in the place of the one that was there under this number; false if
    /// the future has ended.
    ///
    /// One that is not needed, or not any more, is dropped under no lock: its destructor is the
    /// user's.
    pub(super) fn register_waker(&self, number: &mut Option<u64>, waker: Waker) -> bool {
        let mut replaced = None;
        let registered = self.register(
            |observers| {
                let own = number.unwrap_or(observers.next_number);
                let mut wakers = observers.wakers.iter_mut();
                match wakers.find(|(other, _)| *other == own) {
                    Some((_, place)) => replaced = Some(std::mem::replace(place, waker)),
                    None => {
                        observers.next_number = own + 1;
                        observers.wakers.push((own, waker));
                    }
                }
                own
            },
            take_waker,
        );
        drop(replaced);
        *number = registered.as_ref().ok().copied();
        registered.is_ok()
    }

    /// Takes a waker off the list, if it is still on it.
    pub(super) fn unregister_waker(&self, number: u64) {
        if bug!(StaysOnTheList) {
            return;
        }
        let mut guard = self.observers.lock();
        let waker = guard
            .as_mut()
            .and_then(|observers| take_waker(observers, number));
        drop(guard);
        drop(waker);
    }

    pub(super) fn add_handle(&self) {
        // ORDERING: Relaxed, as for any count that only grows from an owned one.
        let before = self.handles.fetch_add(1, Ordering::Relaxed);
        if before > u32::MAX / 2 {
            // So many handles can only have been forgotten, and a count that wraps is unsound.
            std::process::abort();
        }
    }

    /// Whether it was the last one; then whatever others did with theirs has happened before.
    pub(super) fn remove_handle(&self) -> bool {
        // The last one has nobody to tell, and spares an operation that locks the line.
        if self.has_one_handle() {
            return true;
        }
        // ORDERING: Release, pairs with the Acquire here and in `has_one_handle`: our reads of the value
        // happen before it is taken or dropped.
        self.handles.fetch_sub(1, Ordering::AcqRel) == 1
    }

    pub(super) fn has_one_handle(&self) -> bool {
        // ORDERING: Acquire, pairs with the Release in `remove_handle`.
        self.handles.load(Ordering::Acquire) == 1
    }
}

fn take_waker<T>(observers: &mut Observers<T>, number: u64) -> Option<Waker> {
    let mut wakers = observers.wakers.iter();
    let index = wakers.position(|(other, _)| *other == number)?;
    Some(observers.wakers.remove(index).1)
}
