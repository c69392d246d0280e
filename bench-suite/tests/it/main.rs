//! Tests of the crate from outside that may share a process.

mod properties;
