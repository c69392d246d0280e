//! A history: what happened, and between which moments.

use std::fmt::Write;
use std::sync::{Arc, Mutex, PoisonError};

use crate::base::State;

/// The number of a future.
pub(super) type Number = usize;

/// The future of the promise, which is there from the start.
pub(super) const PROMISED: Number = 0;

/// One step of the history, with what it gave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// A task is accepted, or refused.
    Submit(Number, bool),
    /// A future goes from pending to running: by a worker, or by a claim that says yes.
    Start(Number),
    /// A future goes from running to finished.
    Publish(Number),
    /// A promise is not kept any more: its future was cancelled.
    TooLate(Number),
    /// A cancel says whether the future is cancelled.
    Cancel(Number, bool),
    /// A shutdown may have cancelled this one.
    ShutdownMayCancel(Number),
    /// The pool accepts nothing any more.
    Close,
    /// A look at a future sees this state.
    See(Number, State),
    /// A look at a future sees that it is not done, or how it has ended.
    SeeEnd(Number, Option<State>),
    /// A callback is added.
    AddCallback(Number, usize),
    /// A callback is called, and sees this state.
    Call(Number, usize, State),
}

impl Step {
    /// The future that it is about.
    pub(super) fn future(self) -> Option<Number> {
        match self {
            Step::Close => None,
            Step::Submit(number, _)
            | Step::Start(number)
            | Step::Publish(number)
            | Step::TooLate(number)
            | Step::Cancel(number, _)
            | Step::ShutdownMayCancel(number)
            | Step::See(number, _)
            | Step::SeeEnd(number, _)
            | Step::AddCallback(number, _)
            | Step::Call(number, _, _) => Some(number),
        }
    }

    pub(super) fn is_refusal(self) -> bool {
        matches!(self, Step::Submit(_, false))
    }

    /// Whether it is about a callback, which no other step but its call depends on.
    pub(super) fn is_of_callback(self) -> bool {
        matches!(self, Step::AddCallback(..) | Step::Call(..))
    }

    /// Whether it changes what is queued, or shows whether the queue is closed. The only worker of a pool takes the next
    /// task when the one before is published.
    pub(super) fn concerns_queue(self, workers: usize) -> bool {
        match self {
            Step::Submit(..) | Step::Close | Step::ShutdownMayCancel(_) => true,
            Step::Start(number) | Step::Cancel(number, true) => number != PROMISED,
            Step::Publish(number) => number != PROMISED && workers == 1,
            _ => false,
        }
    }
}

/// A step and the moments between which it took place.
#[derive(Clone, Copy, Debug)]
pub(super) struct Entry {
    pub(super) invoked: usize,
    pub(super) responded: usize,
    /// The thread of the program; nobody of the program does what is left open.
    pub(super) thread: Option<usize>,
    pub(super) step: Step,
}

/// What an execution writes down as it goes. Its lock is the standard library's, and no step of the schedule.
#[derive(Clone, Default)]
pub(super) struct Record(Arc<Mutex<Written>>);

#[derive(Default)]
struct Written {
    now: usize,
    entries: Vec<Entry>,
}

impl Record {
    fn with<R>(&self, write: impl FnOnce(&mut Written) -> R) -> R {
        write(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// A moment that is later than all before.
    pub(super) fn moment(&self) -> usize {
        self.with(|written| {
            written.now += 1;
            written.now
        })
    }

    /// A step that took place since `invoked`, and before now.
    pub(super) fn note(&self, thread: Option<usize>, invoked: usize, step: Step) {
        let responded = self.moment();
        self.note_between(thread, invoked, responded, step);
    }

    pub(super) fn note_between(
        &self,
        thread: Option<usize>,
        invoked: usize,
        responded: usize,
        step: Step,
    ) {
        let entry = Entry {
            invoked,
            responded,
            thread,
            step,
        };
        self.with(|written| written.entries.push(entry));
    }

    pub(super) fn into_history(self) -> Vec<Entry> {
        self.with(|written| std::mem::take(&mut written.entries))
    }
}

/// Whether two operations of different threads of the program took place at the same time.
pub(super) fn overlaps(history: &[Entry]) -> bool {
    history.iter().any(|one| {
        history.iter().any(|other| {
            one.thread.is_some()
                && other.thread.is_some()
                && one.thread != other.thread
                && one.invoked < other.responded
                && other.invoked < one.responded
        })
    })
}

/// The history, to be read.
pub(super) fn story(history: &[Entry]) -> String {
    let mut entries = history.to_vec();
    entries.sort_by_key(|entry| entry.invoked);
    let mut text = String::new();
    for entry in entries {
        let Entry {
            invoked,
            responded,
            thread,
            step,
        } = entry;
        let who = thread.map_or_else(|| "-".to_owned(), |thread| thread.to_string());
        writeln!(text, "{invoked:>4}..{responded:<4} {who} {step:?}").expect("a string takes all");
    }
    text
}
