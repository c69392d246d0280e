//! What a generated program is, and how it is generated.

use proptest::collection::vec;
use proptest::prelude::{Just, Strategy, any, prop_oneof};

/// What a thread does to one future.
#[derive(Clone, Copy, Debug)]
pub(super) enum Act {
    Cancel,
    /// Asks whether it is done and, if so, for its result.
    Look,
    State,
    AddCallback,
    /// Waits for its result. Only tasks are waited for: a promise may never be kept.
    Await,
}

/// Which future.
#[derive(Clone, Copy, Debug)]
pub(super) enum Target {
    Promised,
    /// The task that was submitted before the threads started.
    First,
    /// The task that this thread has submitted last, if any.
    Own,
}

#[derive(Clone, Copy, Debug)]
pub(super) enum Operation {
    Claim,
    Finish,
    Submit,
    Shutdown { cancel_pending: bool },
    On(Target, Act),
}

/// Threads, each with its operations, and how many workers the pool has.
#[derive(Clone, Debug)]
pub(super) struct Program {
    pub(super) workers: usize,
    pub(super) threads: Vec<Vec<Operation>>,
}

pub(super) fn programs() -> impl Strategy<Value = Program> {
    let threads = vec(vec(operations(), 1..=4), 2..=3);
    (1..=2_usize, threads).prop_map(|(workers, threads)| Program { workers, threads })
}

fn operations() -> impl Strategy<Value = Operation> {
    let target = prop_oneof![
        Just(Target::Promised),
        Just(Target::First),
        Just(Target::Own)
    ];
    let act = prop_oneof![
        2 => Just(Act::Cancel),
        1 => Just(Act::Look),
        1 => Just(Act::State),
        1 => Just(Act::AddCallback),
        1 => Just(Act::Await),
    ];
    prop_oneof![
        1 => Just(Operation::Claim),
        1 => Just(Operation::Finish),
        2 => Just(Operation::Submit),
        1 => any::<bool>().prop_map(|cancel_pending| Operation::Shutdown { cancel_pending }),
        8 => (target, act).prop_map(|(target, act)| Operation::On(target, act)),
    ]
}
