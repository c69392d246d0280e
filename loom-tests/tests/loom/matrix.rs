//! The matrix of operations: every pair, and every triple of some, on one future of a pool of one worker.
//!
//! A model chosen by hand asks what its author thought of. These ask for all there is: each operation against
//! each, without a claim of its own. What has to come out is worked out by the [`oracle`], a model of the
//! future and the pool in which an operation is one step, or a few, and nothing happens meanwhile.

mod exploring;
mod operation;
mod oracle;
mod pairs;
mod triples;

/// The models' names, which the tables' macros put together.
pub(crate) fn names() -> impl Iterator<Item = &'static str> {
    [pairs::NAMES, triples::NAMES]
        .into_iter()
        .flatten()
        .copied()
}
