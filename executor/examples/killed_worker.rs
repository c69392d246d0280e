//! A worker process is killed: the task that it ran is lost, and the pool goes on; or, where it is
//! told to be as strict as Python's, breaks.
//!
//! `cargo run --release --example killed_worker`

use std::error::Error;
use std::process::Command;
use std::thread;

use executor::{OnWorkerDeath, ProcessPoolExecutor, SubmitError};

fn wait_for_ever() {
    loop {
        thread::park();
    }
}

/// Kills the pool's worker while it runs a task and another waits, and says what becomes of both.
fn kill_worker(pool: &ProcessPoolExecutor) -> Result<(), Box<dyn Error>> {
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
    match waiting.result() {
        Ok(pid) => println!("the task that waited ran in process {pid}"),
        Err(error) => println!("the task that waited: {error}"),
    }
    Ok(())
}

fn main() -> Result<(), Box<dyn Error>> {
    let pool = ProcessPoolExecutor::new(1)?;
    kill_worker(&pool)?;
    let next = pool.submit(std::process::id, ())?;
    println!("the next one ran in process {}", next.result()?);

    let strict = ProcessPoolExecutor::builder()
        .max_workers(1)
        .on_worker_death(OnWorkerDeath::Break)
        .build()?;
    kill_worker(&strict)?;
    match strict
        .submit(std::process::id, ())
        .map_err(SubmitError::from)
    {
        Err(error @ SubmitError::Broken(_)) => println!("the next one: {error}"),
        _ => return Err("a strict pool went on".into()),
    }
    Ok(())
}
