//! Faults on purpose: clients that misbehave. In no build but that of the tests.

mod endings;
pub(super) mod peer;
