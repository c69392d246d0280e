//! A task that fails: its error is the future's, as often as it is asked for.
//!
//! `cargo run --release --example failing_task`

use executor::{TaskError, ThreadPoolExecutor, fallible};

fn task(n: u32) -> Result<f64, String> {
    println!("{n}: starting");
    Err(format!("the value {n} is no good"))
}

fn main() -> Result<(), executor::Error> {
    let pool = ThreadPoolExecutor::new(2)?;
    println!("main: starting");
    let future = pool.submit(fallible(task), (5,))?;
    if let Some(error) = future.error() {
        println!("main: error: {error}");
    }
    match future.result() {
        Err(TaskError::Failed(failure)) => {
            println!(
                "main: saw error {:?} when asking for the result",
                failure.message
            );
        }
        other => println!("main: not expected: {other:?}"),
    }
    Ok(())
}
