//! Which process runs which task: workers are used again and again.
//!
//! `cargo run --release --example worker_pids`

use executor::{Executor, ProcessPoolExecutor};

fn main() -> Result<(), executor::Error> {
    let pool = ProcessPoolExecutor::new(2)?;
    let tasks = (1..=10).rev();
    for task in pool.map(|number: u32| (number, std::process::id()), tasks)? {
        let (number, pid) = task?;
        println!("task {number} ran in process {pid}");
    }
    Ok(())
}
