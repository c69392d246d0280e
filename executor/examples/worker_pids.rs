//! Which process runs which task: workers are used again and again, and at most two are there.
//!
//! `cargo run --release --example worker_pids`

use std::thread;
use std::time::Duration;

use executor::ProcessPoolExecutor;

fn main() -> Result<(), executor::Error> {
    let pool = ProcessPoolExecutor::new(2)?;
    let tasks = (1..=10).rev();
    let task = |number: u32| {
        // As if it had something to do: else one worker may be done with all before the other is up.
        thread::sleep(Duration::from_millis(10));
        (number, std::process::id())
    };
    for task in pool.map(task, tasks)? {
        let (number, pid) = task?;
        println!("task {number} ran in process {pid}");
    }
    Ok(())
}
