//! How threads of several processes wait for each other on a word or two: the rules alone, apart
//! from the objects that have the words.
//!
//! `loom-tests` compiles these files again, by path, with a [`Word`] made of loom's types. So they use
//! nothing that synchronises but that and `crate::sync`.
//!
//! Whoever waits may be killed at any step. So nobody hands anything to a particular sleeper, and
//! what a dead one has written is at worst a reason to wake in vain.

pub(crate) mod condition;
pub(crate) mod event;
pub(crate) mod semaphore;

use super::word::{Deadline, Word};
