//! The files of `executor/src/base`, the claims of `executor/src/process` and the protocols of
//! `executor/src/shared`, compiled against loom, and models of what they promise.
//!
//! A model's claim is the second argument of [`harness::model`]. What a model can't be is a proof
//! for more threads, futures or tasks than it has; what it can't see is listed in the README.
#![cfg(loom)]

#[path = "../../../executor/src/base/mod.rs"]
#[expect(
    dead_code,
    unreachable_pub,
    unused_imports,
    reason = "these files are a library's; the models call what they need of it"
)]
mod base;
#[path = "../../../executor/src/process/claim.rs"]
mod claim;
#[path = "../../../executor/src/shared/protocol/mod.rs"]
#[expect(
    dead_code,
    reason = "how many units there can be is the library's concern"
)]
mod protocol;
mod sync;
mod word;

mod as_completed;
mod awaiting;
mod callback_thread;
mod canaries;
mod claims;
mod counter;
mod counts;
mod deadlock;
mod deriving;
mod future;
mod harness;
mod idle;
mod liveness;
mod locks;
mod loom_defects;
mod matrix;
mod ownership;
mod pool;
mod reentry;
mod room;
mod scoped;
#[cfg(seeded_bugs)]
mod seeded;
mod starting;
mod waiting;
mod words;

/// What runs in a child process because it is meant to fail; see [`harness::must_fail`].
///
/// Does nothing unless the parent says which one.
#[test]
fn child() {
    let Some(name) = harness::child_name() else {
        return;
    };
    let tables = [
        canaries::CHILDREN,
        claims::CHILDREN,
        counter::CHILDREN,
        deadlock::CHILDREN,
        liveness::CHILDREN,
        locks::CHILDREN,
        loom_defects::CHILDREN,
        scoped::CHILDREN,
        words::CHILDREN,
    ];
    let (_, body) = tables
        .into_iter()
        .flatten()
        .find(|(child, _)| *child == name)
        .expect("the parent names a child that there is");
    body();
}
