//! Loom's atomics, with a step added where loom would miss an interleaving.

use std::sync::PoisonError;

use loom::sync::atomic::Ordering;

use super::thread;

/// An atomic that touches an object before each load, save one right after a load of the same thread.
///
/// Of the accesses to an atomic that an operation may race with, loom remembers the last. So a load
/// hides from its own thread's next operation that another thread has loaded before, and the order
/// in which that other load comes later is never explored (loom#166, loom#392; `loom_defects` has
/// it). The object is a condition variable that nobody waits for: notifying it is a step that
/// depends on others of its kind and orders no memory.
#[derive(Debug)]
struct Touched<A> {
    atomic: A,
    touch: loom::sync::Condvar,
    /// Who loaded last, if nobody has stored since.
    last_reader: std::sync::Mutex<Option<thread::ThreadId>>,
}

impl<A> Touched<A> {
    fn new(atomic: A) -> Touched<A> {
        Touched {
            atomic,
            touch: loom::sync::Condvar::new(),
            last_reader: std::sync::Mutex::new(None),
        }
    }

    fn read(&self) -> &A {
        let me = Some(thread::current_id());
        if self.replace_last_reader(me) != me {
            self.touch.notify_all();
        }
        &self.atomic
    }

    fn write(&self) -> &A {
        self.replace_last_reader(None);
        &self.atomic
    }

    fn replace_last_reader(&self, reader: Option<thread::ThreadId>) -> Option<thread::ThreadId> {
        let mut last_reader = self
            .last_reader
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        std::mem::replace(&mut *last_reader, reader)
    }
}

/// An atomic flag.
#[derive(Debug)]
pub(crate) struct AtomicBool(Touched<loom::sync::atomic::AtomicBool>);

impl AtomicBool {
    pub(crate) fn new(value: bool) -> AtomicBool {
        AtomicBool(Touched::new(loom::sync::atomic::AtomicBool::new(value)))
    }

    pub(crate) fn load(&self, order: Ordering) -> bool {
        self.0.read().load(order)
    }

    pub(crate) fn store(&self, value: bool, order: Ordering) {
        self.0.write().store(value, order);
    }
}

/// An atomic number.
#[derive(Debug)]
pub(crate) struct AtomicU32(Touched<loom::sync::atomic::AtomicU32>);

impl AtomicU32 {
    pub(crate) fn new(value: u32) -> AtomicU32 {
        AtomicU32(Touched::new(loom::sync::atomic::AtomicU32::new(value)))
    }

    pub(crate) fn load(&self, order: Ordering) -> u32 {
        self.0.read().load(order)
    }

    pub(crate) fn store(&self, value: u32, order: Ordering) {
        self.0.write().store(value, order);
    }

    pub(crate) fn swap(&self, value: u32, order: Ordering) -> u32 {
        self.0.write().swap(value, order)
    }

    pub(crate) fn fetch_add(&self, value: u32, order: Ordering) -> u32 {
        self.0.write().fetch_add(value, order)
    }

    pub(crate) fn fetch_sub(&self, value: u32, order: Ordering) -> u32 {
        self.0.write().fetch_sub(value, order)
    }

    pub(crate) fn fetch_or(&self, bits: u32, order: Ordering) -> u32 {
        self.0.write().fetch_or(bits, order)
    }

    pub(crate) fn compare_exchange(
        &self,
        current: u32,
        new: u32,
        success: Ordering,
        failure: Ordering,
    ) -> Result<u32, u32> {
        let atomic = self.0.write();
        atomic.compare_exchange(current, new, success, failure)
    }

    /// Never fails without a reason, unlike the real one.
    pub(crate) fn compare_exchange_weak(
        &self,
        current: u32,
        new: u32,
        success: Ordering,
        failure: Ordering,
    ) -> Result<u32, u32> {
        let atomic = self.0.write();
        atomic.compare_exchange_weak(current, new, success, failure)
    }
}
