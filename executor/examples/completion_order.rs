//! Five tasks that take as long as chance will have it; their results in the order in which they end.
//!
//! `cargo run --release --example completion_order`

use std::hash::{BuildHasher, RandomState};
use std::thread;
use std::time::Duration;

use executor::{ThreadPoolExecutor, as_completed};

/// Sleeps for less than a second, and says for how long.
fn task(n: u32) -> (u32, Duration) {
    // The standard library's one source of chance: each of these hashes differently.
    let time = Duration::from_millis(RandomState::new().hash_one(n) % 1000);
    thread::sleep(time);
    (n, time)
}

fn main() -> Result<(), executor::Error> {
    let pool = ThreadPoolExecutor::new(5)?;
    println!("main: starting");
    let futures: Result<Vec<_>, _> = (1..=5).rev().map(|n| pool.submit(task, (n,))).collect();
    for future in as_completed(futures?) {
        let (n, time) = future.result()?;
        println!("main: task {n} slept for {} ms", time.as_millis());
    }
    Ok(())
}
