//! `map` on two threads: the work is done side by side, and the results come in the order of the
//! items.
//!
//! `cargo run --release --example map_in_order`

use std::thread;
use std::time::Duration;

use executor::ThreadPoolExecutor;

fn task(n: u32) -> f64 {
    let thread = thread::current();
    let name = thread.name().unwrap_or_default();
    println!("{name}: sleeping {n}");
    thread::sleep(Duration::from_millis(100) * n);
    println!("{name}: done with {n}");
    f64::from(n) / 10.0
}

fn main() -> Result<(), executor::Error> {
    let pool = ThreadPoolExecutor::new(2)?;
    println!("main: starting");
    let results = pool.map(task, (1..=5).rev())?;
    println!("main: unprocessed results {results:?}");
    println!("main: waiting for real results");
    let results: Vec<f64> = results.collect::<Result<_, _>>()?;
    println!("main: results: {results:?}");
    Ok(())
}
