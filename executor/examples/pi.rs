//! Pi by the Leibniz series, in two halves, on any executor.
//!
//! `cargo run --release --example pi [threads|processes|rayon]`

use std::time::Instant;

use executor::{Executor, ProcessPoolExecutor, RayonExecutor, ThreadPoolExecutor};

/// The terms `first..=last` of the series, times four.
fn partial_pi(first: u64, last: u64) -> f64 {
    let sum: f64 = (first..=last)
        .map(|k| {
            let sign = if k % 2 == 1 { 1.0 } else { -1.0 };
            sign / (2 * k - 1) as f64
        })
        .sum();
    4.0 * sum
}

fn pi(executor: &impl Executor, terms: u64) -> Result<f64, executor::Error> {
    let low = executor.submit(partial_pi, (1, terms / 2))?;
    let high = executor.submit(partial_pi, (terms / 2 + 1, terms))?;
    Ok(low.result()? + high.result()?)
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let workers = std::env::args().nth(1).unwrap_or("processes".to_owned());
    let start = Instant::now();
    let value = match workers.as_str() {
        "threads" => pi(&ThreadPoolExecutor::new(2)?, 10_000_000)?,
        "processes" => pi(&ProcessPoolExecutor::new(2)?, 10_000_000)?,
        "rayon" => pi(&RayonExecutor::new(2)?, 10_000_000)?,
        other => return Err(format!("no executor is called {other:?}").into()),
    };
    println!("{value} on two workers ({workers}), {:?}", start.elapsed());
    Ok(())
}
