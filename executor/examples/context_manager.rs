//! A pool in a block of its own, as in Python's `with`: at its end everything has run.
//!
//! `cargo run --release --example context_manager`

use executor::ThreadPoolExecutor;

fn task(n: u32) {
    println!("{n}");
}

fn main() -> Result<(), executor::Error> {
    {
        let pool = ThreadPoolExecutor::new(2)?;
        println!("main: starting");
        for n in 1..=4 {
            pool.submit(task, (n,))?;
        }
    } // The pool is dropped, which waits for all four.
    println!("main: done");
    Ok(())
}
