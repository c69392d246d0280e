//! Every bug: what goes wrong, the edit, its family, who is to find it and how, and a model that must not notice.
//!
//! They are the 36 of a list that was made before the code, each put where this code has the duty that it
//! is about. Where that is not the nearest reading, or the code rules the bug out, a comment says why.

use super::Bug;
use super::kind::Kind;

mod future;
mod pool;
mod waiting;

/// A bug and what is to come of it.
pub(super) struct Seeded {
    pub(super) bug: Bug,
    /// What goes wrong.
    pub(super) sentence: &'static str,
    /// Where, and what is edited.
    pub(super) edit: &'static str,
    /// The family of edits, as mutation operators for concurrent programs are told apart.
    pub(super) family: &'static str,
    /// The tests that must fail, and how.
    pub(super) killers: &'static [(&'static str, Kind)],
    /// A test that must pass in spite of it: the bug is where it is said to be, and does not break all.
    pub(super) unaware: &'static str,
}

/// All of them, in the order of their numbers.
pub(super) fn all() -> impl Iterator<Item = &'static Seeded> {
    [future::SEEDED, waiting::SEEDED, pool::SEEDED]
        .into_iter()
        .flatten()
}
