//! Faults on purpose: [clients] that misbehave, and [managers] that do. In no build but that of the tests.
//!
//! Each table has points, to which one comes, and actions, by which it is struck there. After each of its
//! cases somebody else must be served as if nothing had been, what the bad one had must be given back,
//! and neither process may have anything left of it.

mod clients;
mod endings;
mod managers;
mod misdeeds;
pub(super) mod peer;
mod proc;
pub(super) mod unruly;
