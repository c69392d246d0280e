//! A counter in a manager's process, with the manager's lock: two processes, ten thousand increments
//! each. Without the lock updates are lost.
//!
//! `cargo run --release --example counter_manager [locked|unlocked]`

use std::time::Instant;

use executor::manager::{LockProxy, ValueProxy};
use executor::{Error, Manager, ProcessPoolExecutor, fallible};

const INCREMENTS: u64 = 10_000;

fn count(lock: Option<LockProxy>, counter: ValueProxy<u64>) -> Result<(), Error> {
    for _ in 0..INCREMENTS {
        // Held until the end of the round, if there is one.
        let _held = lock.as_ref().map(LockProxy::acquire).transpose()?;
        let value = counter.value()?;
        counter.set_value(value + 1)?;
    }
    Ok(())
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let manager = Manager::start()?;
    let lock = match std::env::args().nth(1).as_deref() {
        None | Some("locked") => Some(manager.lock()?),
        Some("unlocked") => None,
        Some(other) => return Err(format!("nothing is called {other:?}").into()),
    };
    let counter = manager.value(0)?;
    let pool = ProcessPoolExecutor::new(2)?;
    let start = Instant::now();
    let tasks = [(); 2].map(|()| pool.submit(fallible(count), (lock.clone(), counter.clone())));
    for task in tasks {
        task?.result()?;
    }
    let (value, time) = (counter.value()?, start.elapsed());
    match 2 * INCREMENTS - value {
        0 => println!("{value} after {time:?}"),
        lost => println!("{value} after {time:?}: {lost} updates were lost"),
    }
    Ok(())
}
