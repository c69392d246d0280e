//! The model without threads: what a future and a pool do, one step after the other.

use std::collections::BTreeSet;

use super::record::{Number, PROMISED, Step};
use crate::base::State;

/// Futures, and a pool.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Reference {
    /// Whether the pool has one worker, which runs tasks in the order of their submission.
    in_order: bool,
    closed: bool,
    /// Each future that there is, in the order of submission, and how it stands.
    futures: Vec<(Number, Standing)>,
    /// Callbacks that have been added and not called.
    callbacks: BTreeSet<(Number, usize)>,
}

/// [`State`], with an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Standing {
    Pending,
    Running,
    Finished,
    Cancelled,
}

impl Standing {
    fn state(self) -> State {
        match self {
            Standing::Pending => State::Pending,
            Standing::Running => State::Running,
            Standing::Finished => State::Finished,
            Standing::Cancelled => State::Cancelled,
        }
    }

    fn is_final(self) -> bool {
        self == Standing::Finished || self == Standing::Cancelled
    }
}

impl Reference {
    pub(super) fn new(workers: usize) -> Reference {
        Reference {
            in_order: workers == 1,
            closed: false,
            futures: vec![(PROMISED, Standing::Pending)],
            callbacks: BTreeSet::new(),
        }
    }

    fn of(&self, number: Number) -> Option<Standing> {
        let mut futures = self.futures.iter();
        let (_, standing) = futures.find(|(other, _)| *other == number)?;
        Some(*standing)
    }

    fn with(mut self, number: Number, new: Standing) -> Reference {
        for (other, standing) in &mut self.futures {
            if *other == number {
                *standing = new;
            }
        }
        self
    }

    /// Moves a future on, if it stands so.
    fn moved(&self, number: Number, from: Standing, to: Standing) -> Vec<Reference> {
        if self.of(number) == Some(from) {
            vec![self.clone().with(number, to)]
        } else {
            Vec::new()
        }
    }

    /// The same, if that is so.
    fn same_if(&self, is_so: bool) -> Vec<Reference> {
        is_so.then(|| self.clone()).into_iter().collect()
    }

    /// Whether a worker may begin with this one: a single worker takes the oldest, when it runs no other.
    fn is_next(&self, number: Number) -> bool {
        let mut before = self
            .futures
            .iter()
            .take_while(|(other, _)| *other != number);
        let is_oldest = !before.any(|(other, it)| *other != PROMISED && *it == Standing::Pending);
        let mut tasks = self.futures.iter().filter(|(other, _)| *other != PROMISED);
        let is_free = tasks.all(|(_, it)| *it != Standing::Running);
        number == PROMISED || !self.in_order || (is_oldest && is_free)
    }

    /// What may be after the step, if it can be the next and gives what it gave.
    pub(super) fn after(&self, step: Step) -> Vec<Reference> {
        match step {
            Step::Submit(number, true) => {
                let mut next = self.clone();
                next.futures.push((number, Standing::Pending));
                if self.closed { Vec::new() } else { vec![next] }
            }
            Step::Submit(_, false) => self.same_if(self.closed),
            Step::Start(number) if !self.is_next(number) => Vec::new(),
            Step::Start(number) => self.moved(number, Standing::Pending, Standing::Running),
            Step::Publish(number) => self.moved(number, Standing::Running, Standing::Finished),
            Step::TooLate(number) | Step::Cancel(number, true)
                if self.of(number) == Some(Standing::Cancelled) =>
            {
                self.same_if(true)
            }
            Step::TooLate(_) => Vec::new(),
            Step::Cancel(number, true) => {
                self.moved(number, Standing::Pending, Standing::Cancelled)
            }
            Step::Cancel(number, false) => self.same_if(matches!(
                self.of(number),
                Some(Standing::Running | Standing::Finished)
            )),
            // It follows the submission, so what does nothing here never will.
            Step::ShutdownMayCancel(number) if self.of(number).is_none() => Vec::new(),
            Step::ShutdownMayCancel(number) => {
                let mut next = self.moved(number, Standing::Pending, Standing::Cancelled);
                next.push(self.clone());
                next
            }
            Step::Close => {
                let mut next = self.clone();
                next.closed = true;
                vec![next]
            }
            Step::See(number, state) => {
                self.same_if(self.of(number).map(Standing::state) == Some(state))
            }
            Step::SeeEnd(number, end) => {
                let standing = self.of(number);
                let now = standing.filter(|it| it.is_final()).map(Standing::state);
                self.same_if(standing.is_some() && now == end)
            }
            Step::AddCallback(number, callback) => {
                let mut next = self.clone();
                next.callbacks.insert((number, callback));
                vec![next]
            }
            Step::Call(number, callback, state) => {
                let mut next = self.clone();
                let was_added = next.callbacks.remove(&(number, callback));
                let ended = self.of(number).filter(|it| it.is_final());
                let is_so = was_added && ended.map(Standing::state) == Some(state);
                if is_so { vec![next] } else { Vec::new() }
            }
        }
    }
}
