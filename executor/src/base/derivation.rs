//! A future that others bring about: what it waits for, and who may still call it off.
//!
//! ```text
//! Waiting -> Taken        its sources have ended, and what it is to leave is being made of them; or, early, one of
//!                         several has failed
//! Waiting -> CalledOff    it was cancelled, and the plan is still to be dropped, and the sources to be told
//! CalledOff -> Taken      both were done, in this order
//! ```
//!
//! Of the source that ends and the one who cancels, the first to move this on has the plan. The cell
//! says pending all the while, and is moved by the canceller under the same lock: so the future can
//! still end as cancelled when that is what the plan comes to, because a source was.

use std::num::NonZero;

use super::aftermath::Aftermath;
use super::cell::Body;
use super::error::TaskError;
use super::future::Future;
use super::keeper::Keeper;
use super::liveness::{self, Held, Running};
use super::observers::{Callback, Callbacks};
use super::promise::Writer;
use super::source::Source;
use super::state::{State, Word};
use crate::sync::{self, Arc, Deadline, Mutex};

/// What a derived future does with its sources.
pub(super) trait Plan: Send + 'static {
    /// The future was cancelled: drops the plan. No lock is held.
    fn call_off(self, aftermath: &mut Aftermath);

    /// How many of the sources' callbacks are still to come before the future can be made.
    fn steps_left(&self) -> usize {
        1
    }
}

/// The keeper of a derived future, and its body.
pub(super) struct Derivation<P>(Mutex<Stand<P>>);

enum Stand<P> {
    Waiting {
        plan: P,
        sources: Vec<Source>,
    },
    CalledOff {
        plan: Option<P>,
        sources: Vec<Source>,
    },
    Taken {
        /// Whether callbacks of sources may still come, which do nothing for the future any more.
        early: bool,
    },
}

impl<P> Stand<P> {
    const TAKEN: Stand<P> = Stand::Taken { early: false };
}

/// The writing end of a derived future. The callbacks of its sources hold it; they all run, since
/// each future ends.
pub(super) struct Derived<T: Send + 'static, P: Plan> {
    writer: Writer<T, Arc<Derivation<P>>>,
    derivation: Arc<Derivation<P>>,
}

impl<T: Send + 'static, P: Plan> Derived<T, P> {
    pub(super) fn new(plan: P, sources: Vec<Source>) -> (Derived<T, P>, Future<T>) {
        let derivation = Arc::new(Derivation(Mutex::new(Stand::Waiting { plan, sources })));
        let (writer, future) = Writer::new(Arc::clone(&derivation), Arc::clone(&derivation));
        (Derived { writer, derivation }, future)
    }

    /// This thread calls the function that makes the future's outcome, until this is dropped.
    pub(super) fn running(&self, name: &'static str) -> Running {
        liveness::running(self.writer.address(), name)
    }

    /// Where its cell is.
    pub(super) fn address(&self) -> Option<NonZero<usize>> {
        NonZero::new(self.writer.address())
    }

    /// A callback of a source that is given this.
    pub(super) fn callback<S>(
        self,
        function: impl FnOnce(Self, &Future<S>, &mut Aftermath) + Send + 'static,
    ) -> Callback<S> {
        let address = self.address();
        Callback::new(address, move |source, aftermath| {
            function(self, source, aftermath);
        })
    }

    pub(super) fn derivation(&self) -> &Arc<Derivation<P>> {
        &self.derivation
    }

    /// Leaves the outcome that the plan has come to. Of a future that was cancelled, nothing.
    pub(super) fn end(mut self, outcome: Result<T, TaskError>, aftermath: &mut Aftermath) {
        match outcome {
            Err(TaskError::Cancelled) => {
                self.writer.mark_cancelled();
                self.writer.tell_cancelled_into(aftermath);
            }
            outcome => {
                self.writer.finish_into(outcome, aftermath);
            }
        }
    }
}

impl<P> Derivation<P> {
    /// Takes the plan to carry it out, if it `is_time`; `None` too if somebody has taken it.
    pub(super) fn take_when(&self, is_time: impl FnOnce(&mut P) -> bool) -> Option<P> {
        self.take_and_leave(Stand::TAKEN, is_time)
    }

    pub(super) fn take(&self) -> Option<P> {
        self.take_when(|_| true)
    }

    /// Takes the plan though other sources have not ended, or their callbacks were not called.
    pub(super) fn take_early(&self) -> Option<P> {
        self.take_and_leave(Stand::Taken { early: true }, |_| true)
    }

    fn take_and_leave(&self, taken: Stand<P>, is_time: impl FnOnce(&mut P) -> bool) -> Option<P> {
        let mut stand = self.0.lock();
        match std::mem::replace(&mut *stand, taken) {
            Stand::Waiting { mut plan, sources } => {
                if is_time(&mut plan) {
                    return Some(plan);
                }
                *stand = Stand::Waiting { plan, sources };
            }
            other => *stand = other,
        }
        None
    }

    /// Its sources are others now.
    pub(super) fn depend_on(&self, others: Vec<Source>) {
        if let Stand::Waiting { sources, .. } = &mut *self.0.lock() {
            *sources = others;
        }
    }
}

impl<P: Plan> Keeper for Arc<Derivation<P>> {
    fn withdraw(
        &self,
        leave_pending: &dyn Fn() -> Result<Word, State>,
    ) -> Option<Result<Word, State>> {
        let mut stand = self.0.lock();
        match std::mem::replace(&mut *stand, Stand::TAKEN) {
            Stand::Waiting { plan, sources } => {
                let plan = Some(plan);
                *stand = Stand::CalledOff { plan, sources };
                Some(leave_pending())
            }
            other => {
                *stand = other;
                None
            }
        }
    }

    fn called_off(&self, address: usize) {
        let stand = std::mem::replace(&mut *self.0.lock(), Stand::TAKEN);
        let Stand::CalledOff { sources, .. } = stand else {
            unreachable!("it was cancelled, and nobody else moves that on");
        };
        // Nobody needs the callbacks that it has left there, and a source may take long to end.
        let held = Held::default();
        for source in sources {
            if let Some(source) = held.first(&source) {
                source.forget(address);
            }
        }
    }

    fn has_begun(&self) -> bool {
        matches!(&*self.0.lock(), Stand::Taken { .. })
    }

    fn watch(&self, is_done: &dyn Fn() -> bool, _deadline: Option<Deadline>) -> bool {
        sync::spin_giving_way_until(is_done)
    }

    fn sources(&self) -> Vec<Source> {
        match &*self.0.lock() {
            Stand::Waiting { sources, .. } => sources.clone(),
            Stand::CalledOff { .. } | Stand::Taken { .. } => Vec::new(),
        }
    }

    fn steps_left(&self) -> usize {
        match &*self.0.lock() {
            Stand::Waiting { plan, .. } => plan.steps_left(),
            // Who has such a callback to call does not keep the future from ending.
            Stand::Taken { early: true } => usize::MAX,
            Stand::CalledOff { .. } | Stand::Taken { early: false } => 1,
        }
    }
}

impl<T: Send + 'static, P: Plan> Body<T> for Arc<Derivation<P>> {
    type Keeper = Arc<Derivation<P>>;

    fn name() -> &'static str {
        "of other futures"
    }

    fn release(self, callbacks: Callbacks<T>, aftermath: &mut Aftermath) {
        let called_off = match &mut *self.0.lock() {
            Stand::CalledOff { plan, .. } => plan.take(),
            Stand::Waiting { .. } | Stand::Taken { .. } => None,
        };
        if let Some(plan) = called_off {
            plan.call_off(aftermath);
        }
        callbacks.put_on(aftermath);
    }
}
