//! A counter in shared memory, given to the workers by the initializer: two processes, ten thousand
//! increments each.
//!
//! `cargo run --release --example counter_shared`

use std::sync::OnceLock;
use std::time::Instant;

use executor::ProcessPoolExecutor;
use executor::shared::Value;

/// What each worker has been given.
static COUNTER: OnceLock<Value<u64>> = OnceLock::new();

fn keep(counter: Value<u64>) {
    COUNTER.set(counter).expect("the initializer runs once");
}

fn count() {
    let counter = COUNTER.get().expect("the initializer has run");
    for _ in 0..10_000 {
        // The guard is dropped at the end of the line, and that is the unlocking.
        *counter.lock().expect("nobody dies with the lock") += 1;
    }
}

fn main() -> Result<(), executor::Error> {
    let counter = Value::new(0)?;
    let pool = ProcessPoolExecutor::builder()
        .max_workers(2)
        .initializer(keep, (counter.clone(),))
        .build()?;
    let start = Instant::now();
    let tasks = [pool.submit(count, ())?, pool.submit(count, ())?];
    for task in tasks {
        task.result()?;
    }
    println!("{} after {:?}", counter.get()?, start.elapsed());
    Ok(())
}
