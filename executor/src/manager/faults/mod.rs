//! Faults on purpose: clients that misbehave. In no build but that of the tests.

pub(super) mod peer;
