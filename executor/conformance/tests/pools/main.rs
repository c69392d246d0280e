//! Pools under the scenarios, each held to its column of `pools.md`: two of ours, two of others, and one that is wrong.
// The models' flag changes nothing here, and they take long enough without it.
#![cfg(not(loom))]

mod faulty;
mod on_rayon;
mod on_threadpool;
mod ours;

use std::path::Path;

use conformance::{Pool, Row, check};

/// Runs the scenarios on a pool, in a test of the pool's name.
fn held<P: Pool>(pool: &str, test: &str) -> Row {
    let row = check::<P>(test);
    println!("{pool}\n{row}pool | {pool} | {}", row.summary());
    let table = Path::new(env!("CARGO_MANIFEST_DIR")).join("pools.md");
    if let Err(differences) = row.hold_to(&table, pool) {
        panic!("{differences}");
    }
    row
}

#[test]
fn thread_pool_executor() {
    let row = held::<ours::Threads>("ThreadPoolExecutor", "thread_pool_executor");
    assert_eq!(row.not_passed().count(), 0, "{row}");
}

#[test]
fn rayon_executor() {
    let row = held::<ours::OnRayon>("RayonExecutor", "rayon_executor");
    assert_eq!(row.not_passed().count(), 0, "{row}");
}

#[test]
fn threadpool() {
    held::<on_threadpool::Threadpool>("threadpool 1.8", "threadpool");
}

#[test]
fn rayon() {
    held::<on_rayon::Rayon>("rayon 1.12", "rayon");
}

/// The scenarios have to find what is wrong with it; which does is in the table.
#[test]
fn faulty() {
    let row = held::<faulty::Faulty>("wrong on purpose", "faulty");
    assert!(row.not_passed().count() > 5, "{row}");
}
