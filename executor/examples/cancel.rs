//! Ten tasks on two workers, cancelled from the last to the first: those that run are not.
//!
//! `cargo run --release --example cancel`

use std::thread;
use std::time::Duration;

use executor::{Executor, Future, Shutdown, State, ThreadPoolExecutor};

fn task(n: u32) -> f64 {
    println!("{n}: sleeping");
    thread::sleep(Duration::from_millis(500));
    println!("{n}: done");
    f64::from(n) / 10.0
}

fn done(n: u32, future: &Future<f64>) {
    if future.cancelled() {
        println!("{n}: cancelled");
    } else {
        println!("{n}: not cancelled");
    }
}

fn main() -> Result<(), executor::Error> {
    let pool = ThreadPoolExecutor::new(2)?;
    println!("main: starting");
    let mut tasks = Vec::new();
    for n in (1..=10).rev() {
        println!("main: submitting {n}");
        let future = pool.submit(task, (n,))?;
        future.add_done_callback(move |future| done(n, future));
        tasks.push((n, future));
    }
    // Submitting is so quick that no worker need have begun.
    while tasks[..2]
        .iter()
        .any(|(_, future)| future.state() == State::Pending)
    {
        thread::yield_now();
    }
    for (n, future) in tasks.iter().rev() {
        if !future.cancel() {
            println!("main: did not cancel {n}");
        }
    }
    pool.shutdown(Shutdown::wait());
    Ok(())
}
