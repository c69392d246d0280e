//! Several items as one task, and what they leave.

use std::any::Any;
use std::iter::repeat_n;
use std::vec;

use serde::{Deserialize, Serialize};

use crate::base::TaskError;
use crate::panics::catch_unwind;
use crate::task::TaskOnce;

/// The task that runs another one for each item of a chunk; an item is what that takes as its
/// arguments.
#[derive(Clone, Copy)]
pub(crate) struct Chunk<F>(F);

impl<F> Chunk<F> {
    pub(super) fn new(task: F) -> Chunk<F> {
        Chunk(task)
    }
}

impl<F, Args> TaskOnce<(Vec<Args>,)> for Chunk<F>
where
    F: TaskOnce<Args> + Clone,
{
    type Output = Outcomes<F::Output>;

    fn name() -> &'static str {
        F::name()
    }

    fn run(self, (items,): (Vec<Args>,)) -> Result<Outcomes<F::Output>, TaskError> {
        let mut outcomes = Outcomes::with_capacity(items.len());
        let mut items = items.into_iter();
        // An item that panics must not take its neighbours along. It has left the items when it
        // does, so the rest go on behind it; and to those that do not panic this costs nothing.
        while let Err(panic) = catch_unwind(|| {
            outcomes.extend(items.by_ref().map(|item| self.0.clone().run(item)));
        }) {
            outcomes.push(Err(TaskError::Panicked(panic)));
        }
        Ok(outcomes)
    }

    fn each_argument((items,): &mut (Vec<Args>,), visit: &mut dyn FnMut(&mut dyn Any))
    where
        Args: 'static,
    {
        visit(items);
    }
}

/// What a chunk leaves: an outcome for each of its items.
#[derive(Serialize, Deserialize)]
pub(crate) enum Outcomes<R> {
    /// All have left a value, as nearly always; so nothing else is kept beside each.
    Values(Vec<R>),
    /// At least one has failed.
    Mixed(Vec<Result<R, TaskError>>),
}

impl<R> Outcomes<R> {
    fn with_capacity(items: usize) -> Outcomes<R> {
        Outcomes::Values(Vec::with_capacity(items))
    }

    fn push(&mut self, outcome: Result<R, TaskError>) {
        self.extend([outcome].into_iter());
    }

    /// Adds outcomes, also if the iterator panics: those before the panic.
    fn extend(&mut self, mut more: impl Iterator<Item = Result<R, TaskError>>) {
        if let Outcomes::Values(values) = self {
            let first_error = loop {
                match more.next() {
                    Some(Ok(value)) => values.push(value),
                    Some(Err(error)) => break error,
                    None => return,
                }
            };
            // From now on each item needs room for an error.
            let mut mixed = Vec::with_capacity(values.capacity());
            mixed.extend(values.drain(..).map(Ok));
            mixed.push(Err(first_error));
            *self = Outcomes::Mixed(mixed);
        }
        if let Outcomes::Mixed(mixed) = self {
            mixed.extend(more);
        }
    }
}

/// The rest of a chunk that is being yielded.
pub(super) enum Ready<R> {
    Values(vec::IntoIter<R>),
    Mixed(vec::IntoIter<Result<R, TaskError>>),
}

impl<R> Ready<R> {
    pub(super) fn none() -> Ready<R> {
        Ready::Values(Vec::new().into_iter())
    }

    /// What a chunk of so many items has left; if it failed as a whole, so did each of them.
    pub(super) fn of(outcome: Result<Outcomes<R>, TaskError>, items: usize) -> Ready<R> {
        match outcome {
            Ok(Outcomes::Values(values)) => Ready::Values(values.into_iter()),
            Ok(Outcomes::Mixed(outcomes)) => Ready::Mixed(outcomes.into_iter()),
            Err(error) => {
                let each: Vec<_> = repeat_n(error, items).map(Err).collect();
                Ready::Mixed(each.into_iter())
            }
        }
    }

    /// The next, if it is a value and nothing beside it need be looked at.
    #[inline]
    pub(super) fn next_value(&mut self) -> Option<R> {
        match self {
            Ready::Values(values) => values.next(),
            Ready::Mixed(_) => None,
        }
    }

    /// Moves the rest to the end of `all`, if they are values alone.
    pub(super) fn append_values(&mut self, all: &mut Vec<R>) {
        if let Ready::Values(values) = self {
            all.extend(values);
        }
    }

    pub(super) fn len(&self) -> usize {
        match self {
            Ready::Values(values) => values.len(),
            Ready::Mixed(outcomes) => outcomes.len(),
        }
    }
}

impl<R> Iterator for Ready<R> {
    type Item = Result<R, TaskError>;

    fn next(&mut self) -> Option<Result<R, TaskError>> {
        match self {
            Ready::Values(values) => values.next().map(Ok),
            Ready::Mixed(outcomes) => outcomes.next(),
        }
    }
}
