//! A worker process is killed: the task that it ran is lost, and the pool goes on.
//!
//! `cargo run --release --example killed_worker`

use std::error::Error;
use std::process::Command;
use std::thread;

use executor::ProcessPoolExecutor;

fn wait_for_ever() {
    loop {
        thread::park();
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let pool = ProcessPoolExecutor::new(1)?;
    println!("asking a worker for its pid");
    let pid = *pool.submit(std::process::id, ())?.result()?;

    let running = pool.submit(wait_for_ever, ())?;
    let waiting = pool.submit(std::process::id, ())?;
    while !running.running() {
        thread::yield_now();
    }
    println!("killing process {pid}");
    Command::new("kill")
        .args(["-KILL", &pid.to_string()])
        .status()?;

    if let Err(error) = running.result() {
        println!("the task that ran: {error}");
    }
    println!("the task that waited ran in process {}", waiting.result()?);
    println!(
        "the next one ran in process {}",
        pool.submit(std::process::id, ())?.result()?
    );
    Ok(())
}
