//! One task, and its future before and after.
//!
//! `cargo run --release --example submit`

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
    let future = pool.submit(task, (5,))?;
    println!("main: future: {future:?}");
    println!("main: waiting for results");
    let result = future.result()?;
    println!("main: result: {result}");
    println!("main: future after result: {future:?}");
    Ok(())
}
