//! What a done-callback is told: a value, an error, or that its task was cancelled.
//!
//! `cargo run --release --example callback`

use std::thread;
use std::time::Duration;

use executor::{Executor, Future, Shutdown, ThreadPoolExecutor, fallible};

fn task(n: u32) -> Result<f64, String> {
    println!("{n}: sleeping");
    thread::sleep(Duration::from_millis(500));
    println!("{n}: done");
    match n {
        0 => Err(format!("the value {n} is no good")),
        n => Ok(f64::from(n) / 10.0),
    }
}

fn done(n: u32, future: &Future<f64>) {
    if future.cancelled() {
        println!("{n}: cancelled");
    } else {
        match future.result() {
            Ok(value) => println!("{n}: value returned: {value}"),
            Err(error) => println!("{n}: error returned: {error}"),
        }
    }
}

fn main() -> Result<(), executor::Error> {
    let pool = ThreadPoolExecutor::new(1)?;
    println!("main: starting");
    for n in [5, 0, 4] {
        let future = pool.submit(fallible(task), (n,))?;
        future.add_done_callback(move |future| done(n, future));
        if n == 4 {
            // The only worker has others to run first.
            future.cancel();
        }
    }
    pool.shutdown(Shutdown::wait());
    Ok(())
}
